// Prints how much script and style each bundle makes a page load, for the table of docs/deployment.md (What a browser loads).
//
//   node sizes.mjs        after a build; kB of 1,000 bytes, as they lie there and as gzip sends them

import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const served = join(dirname(fileURLToPath(import.meta.url)), '..', 'static', 'dist');
const manifest = JSON.parse(await readFile(join(served, 'manifest.json'), 'utf8'));

/** A script and all that it imports at once. */
async function loaded(name, seen = new Set()) {
  if (seen.has(name)) return seen;
  seen.add(name);
  const text = await readFile(join(served, name), 'utf8');
  for (const [, other] of text.matchAll(/(?:from|import)\s*"\.\/([\w.-]+\.js)"/g)) await loaded(other, seen);
  return seen;
}

async function weight(names) {
  const files = await Promise.all([...names].map((name) => readFile(join(served, name))));
  const kB = (bytes) => Math.round(bytes / 1000);
  return [kB(files.reduce((sum, file) => sum + file.length, 0)), kB(files.reduce((sum, file) => sum + gzipSync(file).length, 0))];
}

console.log('| bundle | script, kB | gzip | style, kB | gzip |\n|---|--:|--:|--:|--:|');
const BUNDLES = [
  'desk', 'diagram', 'reading', 'pdfpages', 'pdfworker', 'modeler', 'decision', 'formeditor', 'description',
  'path',
];
for (const page of BUNDLES) {
  const script = await weight(await loaded(manifest[`${page}.js`]));
  const style = manifest[`${page}.css`] ? await weight([manifest[`${page}.css`]]) : [0, 0];
  console.log(`| ${page} | ${[...script, ...style].join(' | ')} |`);
}
