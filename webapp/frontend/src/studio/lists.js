// What of process.yaml the panel of the diagram offers: lists (`operators: {step: [...]}`, `roles: [...]`), the conditions of
// steps (`gates: [{element: …, gate: …}]`) and the labels of elements in both languages (`labels: {step: {zh: …, en: …}}`).
//
// Only the lines of the one entry are rewritten: comments, order and all else that a person wrote stay as they are.

const WRITTEN = /^(\s*)([\w.-]+)\s*:\s*(.*)$/;

/** Where the value under `keys` stands: { start, end, indent, text }, lines of the file; null when it is not there. */
function find(rows, keys, from = 0, to = rows.length, depth = 0) {
  const [key, ...rest] = keys;
  let indent = null;
  for (let number = from; number < to; number += 1) {
    const read = WRITTEN.exec(rows[number]);
    if (!read) continue;
    indent ??= read[1].length;
    if (read[1].length !== indent || read[2] !== key) continue;
    let end = number + 1;
    while (end < to && (/^\s*(#.*)?$/.test(rows[end]) || /^\s*/.exec(rows[end])[0].length > indent
      || (/^\s*- /.test(rows[end]) && /^\s*/.exec(rows[end])[0].length >= indent))) end += 1;
    while (end > number + 1 && /^\s*(#.*)?$/.test(rows[end - 1])) end -= 1;
    if (rest.length) return find(rows, rest, number + 1, end, depth + 1);
    return { start: number, end, indent, text: read[3] };
  }
  return null;
}

const COMMENT = /\s+#.*$|^#.*$/;
const bare = (text) => text.trim().replace(/^(['"])(.*)\1$/, '$2');

/** The parts of a flow mapping or list, at its commas: those within brackets and quotes are not its own. */
function parts(inner) {
  const found = [''];
  let depth = 0;
  for (const [piece] of inner.matchAll(/"(?:[^"\\]|\\.)*"|'[^']*'|./gs)) {
    if ('[{'.includes(piece)) depth += 1;
    if (']}'.includes(piece)) depth -= 1;
    if (piece === ',' && !depth) found.push('');
    else found[found.length - 1] += piece;
  }
  return found.map((part) => part.trim()).filter(Boolean);
}

/** The rows, with a mapping `top: {…}` of one line written as one row for each of its keys. */
function unfolded(text, [top, inner]) {
  const rows = text.split('\n');
  const place = inner === undefined ? null : find(rows, [top]);
  const [, flow, comment = ''] = /^\{(.*)\}\s*(#.*)?$/s.exec(place ? [place.text, ...rows.slice(place.start + 1, place.end)].join(' ') : '') ?? [];
  if (flow === undefined) return rows;
  const made = parts(flow).map((part) => `${' '.repeat(place.indent + 2)}${part}`);
  rows.splice(place.start, place.end - place.start, `${' '.repeat(place.indent)}${top}:${comment && `  ${comment}`}`, ...made);
  return rows;
}

/** The items of the list under `keys`; an empty list when there is none. */
export function readList(text, ...keys) {
  const rows = unfolded(text, keys);
  const place = find(rows, keys);
  if (!place) return [];
  const own = place.text.replace(COMMENT, '');
  const block = rows.slice(place.start + 1, place.end).map((row) => row.replace(COMMENT, ''));
  if (own.startsWith('[')) {
    return [own, ...block].join(' ').replace(/^\[|\]\s*$/g, '').split(',').map(bare).filter(Boolean);
  }
  return block.map((row) => /^\s*-\s+(.*)$/.exec(row)?.[1]).filter(Boolean).map(bare);
}

/** The text with that list replaced, or added where there was none; an empty list of a step is taken out. */
export function writeList(text, keys, values) {
  const written = keys.length > 1 && !values.length ? null : `[${values.join(', ')}]`;
  return write(text, keys, written);
}

const CONDITION = /\belement:\s*["']?([\w.-]+)["']?\s*[,\n]\s*gate:\s*["']?(\w+)|\bgate:\s*["']?(\w+)["']?\s*[,\n]\s*element:\s*["']?([\w.-]+)/g;

/** All conditions beyond the law: [[step, condition]]. */
function conditions(text) {
  const rows = text.split('\n');
  const place = find(rows, ['gates']);
  if (!place) return [];
  const said = [place.text, ...rows.slice(place.start + 1, place.end)].map((row) => row.replace(COMMENT, '')).join('\n');
  return [...said.matchAll(CONDITION)].map(([, step, gate, gateBefore, stepAfter]) => [step ?? stepAfter, gate ?? gateBefore]);
}

/** The conditions beyond the law at a step. */
export function readGates(text, step) {
  return conditions(text).filter(([of]) => of === step).map(([, gate]) => gate);
}

/** The text with these conditions at a step; those of other steps stay. */
export function writeGates(text, step, gates) {
  const all = [...conditions(text).filter(([of]) => of !== step), ...gates.map((gate) => [step, gate])];
  return write(text, ['gates'], `[${all.map(([of, gate]) => `{element: ${of}, gate: ${gate}}`).join(', ')}]`);
}

const PAIR = /^\{\s*zh:\s*("(?:[^"\\]|\\.)*"|'[^']*'|[^,}]*),\s*en:\s*("(?:[^"\\]|\\.)*"|'[^']*'|[^}]*)\}/;

/** The label of an element: { zh, en }, empty texts where there is none. */
export function readLabel(text, id) {
  const place = find(unfolded(text, ['labels', id]), ['labels', id]);
  const [, zh = '', en = ''] = PAIR.exec(place?.text ?? '') ?? [];
  return { zh: unquoted(zh), en: unquoted(en) };
}

/** The text with that label; without words in both languages it is taken out. */
export function writeLabel(text, id, { zh, en }) {
  const written = zh && en ? `{zh: ${quoted(zh)}, en: ${quoted(en)}}` : null;
  return write(text, ['labels', id], written);
}

function unquoted(text) {
  try {
    return text.trim().startsWith('"') ? JSON.parse(text.trim()) : bare(text);
  } catch { // an escape that YAML knows and JSON does not
    return bare(text);
  }
}

/** Texts that YAML could read as something else are put into quotes. */
const quoted = (text) => (/^[\p{L}\p{N}（《][^:#,[\]{}"'\n?？]*$/u.test(text) && !/^(yes|no|true|false|null|on|off|[\d.]+)$/i.test(text) ? text : JSON.stringify(text));

/** The text with the value under `keys` written anew, added, or taken out (null). Parents that are missing are added. */
function write(text, keys, written) {
  const rows = unfolded(text.replace(/\n*$/, ''), keys);
  const place = find(rows, keys);
  if (!place && written === null) return text;
  if (place) {
    const comment = written === null ? '' : COMMENT.exec(place.text.replace(/"(?:[^"\\]|\\.)*"/g, ''))?.[0] ?? '';
    const row = `${' '.repeat(place.indent)}${keys.at(-1)}: ${written}${comment}`;
    rows.splice(place.start, place.end - place.start, ...(written === null ? [] : [row]));
    if (written === null) emptied(rows, keys.slice(0, -1));
  } else {
    add(rows, keys, written);
  }
  return `${rows.join('\n')}\n`;
}

/** A mapping whose last entry was taken out stays one: nothing after its colon would be no mapping any more. */
function emptied(rows, keys) {
  const place = find(rows, keys);
  if (place?.end === place?.start + 1 && !place.text.replace(COMMENT, '')) rows[place.start] = rows[place.start].replace(':', ': {}');
}

function add(rows, keys, written) {
  const [top, inner] = keys;
  const parent = inner === undefined ? null : find(rows, [top]);
  if (inner === undefined) {
    rows.push(`${top}: ${written}`);
  } else if (!parent) {
    rows.push(`${top}:`, `  ${inner}: ${written}`);
  } else {
    const first = parent.end > parent.start + 1 ? /^\s*/.exec(rows[parent.start + 1])[0] : '';
    rows.splice(parent.end, 0, `${first.length > parent.indent ? first : ' '.repeat(parent.indent + 2)}${inner}: ${written}`);
  }
}
