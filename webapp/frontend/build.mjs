// Bundles the islands with esbuild.
//
//   node build.mjs
//
// webapp/static/dist/    what the server delivers: hashed names, and manifest.json that maps "desk.js" to "desk-4F2A….js"
// tests/browser/dist/    what only the browser tests load into a page: the round trip through the modeler, and axe
//
// Nothing here downloads anything: `npm ci --ignore-scripts` has put the locked packages into node_modules.

import * as esbuild from 'esbuild';
import { copyFile, cp, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const served = join(here, '..', 'static', 'dist');
const tested = join(here, '..', '..', 'tests', 'browser', 'dist');

const common = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  target: ['es2022', 'chrome109', 'firefox115', 'safari16'],
  metafile: true,
  logLevel: 'warning',
  loader: { '.woff': 'file', '.woff2': 'file', '.ttf': 'file', '.eot': 'file', '.svg': 'file' },
};

/** The islands that pages load. Each is an ES module of its own; what they share is split off. */
async function islands() {
  const result = await esbuild.build({
    ...common,
    entryPoints: ['src/desk.js', 'src/diagram.js', 'src/reading.js', 'src/pdfworker.js', 'src/studio/modeler.js',
      'src/studio/decision.js', 'src/studio/formeditor.js', 'src/studio/description.js', 'src/studio/path.js'],
    format: 'esm',
    splitting: true,
    outdir: served,
    entryNames: '[name]-[hash]',
    chunkNames: 'chunk-[hash]',
    assetNames: 'asset-[hash]',
    legalComments: 'linked',
  });
  const manifest = { pdf: `${await pdfData()}/` };
  const made = new Set(['manifest.json', manifest.pdf.slice(0, -1)]);
  for (const [path, output] of Object.entries(result.metafile.outputs)) {
    made.add(basename(path));
    if (!output.entryPoint) continue;
    const name = basename(output.entryPoint, '.js');
    manifest[`${name}.js`] = basename(path);
    if (output.cssBundle) manifest[`${name}.css`] = basename(output.cssBundle);
  }
  // The manifest comes last: whoever reads it finds every file that it names.
  await writeFile(join(served, 'manifest.json'), JSON.stringify(manifest, null, 2) + '\n');
  for (const file of await readdir(served)) {
    if (!made.has(file)) await rm(join(served, file), { recursive: true });
  }
  return manifest;
}

/** What pdf.js fetches while it reads: tables of Chinese codes, fonts for files that bring none, decoders of scans.

    Of the decoders those without WebAssembly: the content policy lets nothing be compiled in a page. */
async function pdfData() {
  const from = join(here, 'node_modules', 'pdfjs-dist');
  const { version } = JSON.parse(await readFile(join(from, 'package.json'), 'utf8'));
  const folder = `pdf_${version.replaceAll('.', '_')}`; // a new version has new addresses; a dot would hide it from the wheel
  await rm(join(served, folder), { recursive: true, force: true });
  await cp(join(from, 'cmaps'), join(served, folder, 'cmaps'), { recursive: true });
  await cp(join(from, 'standard_fonts'), join(served, folder, 'fonts'), { recursive: true });
  await cp(join(from, 'LICENSE'), join(served, folder, 'LICENSE.txt'));
  await cp(join(from, 'wasm'), join(served, folder, 'decoders'), {
    recursive: true, filter: (path) => !path.endsWith('.wasm') && !basename(path).includes('quickjs') && !/QUICKJS|QCMS/.test(path),
  });
  for (const part of ['cmaps', 'fonts', 'decoders']) {
    for (const name of await readdir(join(served, folder, part))) {
      if (!name.startsWith('LICENSE')) continue; // with an ending, so that the wheel carries them too
      await rename(join(served, folder, part, name), join(served, folder, part, `${name}.txt`));
    }
  }
  return folder;
}

/** What the browser tests put into a page themselves: plain scripts, one file each. */
async function forTests() {
  await mkdir(tested, { recursive: true });
  await esbuild.build({
    ...common,
    entryPoints: ['src/roundtrip.js'],
    format: 'iife',
    outdir: tested,
    legalComments: 'none',
  });
  for (const [entry, globalName] of [['src/conditions.js', 'conditions'], ['src/studio/lists.js', 'lists']]) {
    await esbuild.build({  // asked the same as the server
      ...common,
      entryPoints: [entry],
      format: 'iife',
      globalName,
      outdir: tested,
      legalComments: 'none',
    });
  }
  await copyFile(join(here, 'node_modules', 'axe-core', 'axe.min.js'), join(tested, 'axe.min.js'));
}

const started = Date.now();
const [manifest] = await Promise.all([islands(), forTests()]);
console.log(`front end: ${Object.keys(manifest).length} files in ${((Date.now() - started) / 1000).toFixed(1)} s`);
