// Lists in process.yaml that the panel of the diagram offers: `operators: {step: [...]}`, `gates: [...]`.
//
// Only the lines of the one list are rewritten: comments, order and all else that a person wrote stay as they are.

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

/** The items of the list under `keys`; an empty list when there is none. */
export function readList(text, ...keys) {
  const rows = text.split('\n');
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
  const rows = text.replace(/\n*$/, '').split('\n');
  const written = `[${values.join(', ')}]`;
  const place = find(rows, keys);
  const pad = ' '.repeat(place?.indent ?? 0);
  if (place) {
    const comment = COMMENT.exec(place.text)?.[0] ?? '';
    const empty = keys.length > 1 && !values.length;
    rows.splice(place.start, place.end - place.start, ...(empty ? [] : [`${pad}${keys.at(-1)}: ${written}${comment}`]));
  } else if (keys.length === 1) {
    rows.push(`${keys[0]}: ${written}`);
  } else {
    const parent = find(rows, keys.slice(0, -1));
    if (parent && /^\s*(\{\s*\})?\s*(#.*)?$/.test(parent.text)) {
      const inner = /^\s*/.exec(rows[parent.start + 1] ?? '')[0].length > parent.indent && parent.end > parent.start + 1
        ? /^\s*/.exec(rows[parent.start + 1])[0] : ' '.repeat(parent.indent + 2);
      rows[parent.start] = rows[parent.start].replace(/\{\s*\}/, '').trimEnd();
      rows.splice(parent.end, 0, `${inner}${keys.at(-1)}: ${written}`);
    } else if (!parent) {
      rows.push(`${keys[0]}:`, `  ${keys.at(-1)}: ${written}`);
    }
  }
  return `${rows.join('\n')}\n`;
}
