// SPDX-License-Identifier: EUPL-1.2
//
// build.mjs OUT: checks the types, bundles the viewer, and leaves in OUT exactly the files that
// coffret-server serves under /v (index.html is /v itself), and headers.json beside them.
import { copyFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { begin, browsers, build, copy_pdf_fonts, packages, viewer as here } from './bundling.mjs';

const out = resolve(process.argv[2] ?? join(here, '../../build/viewer'));
begin(here, out);
const shared = {
  bundle: true,
  minify: true,
  outdir: out,
  nodePaths: [packages],
  target: browsers,
  legalComments: 'inline',
  logLevel: 'warning',
};
await build({
  ...shared,
  entryPoints: { viewer: join(here, 'main.ts') },
  format: 'esm',
  splitting: true, // pdf.js is a file of its own, fetched when a PDF is opened
  outExtension: { '.js': '.mjs' },
  chunkNames: 'part-[hash]',
});
await build({ ...shared, entryPoints: { viewer: join(here, 'viewer.css') } });
for (const name of ['index.html', 'mark.svg', 'headers.json'])
  copyFileSync(join(here, name), join(out, name));

const pdfjs = join(packages, 'pdfjs-dist');
copyFileSync(join(pdfjs, 'legacy/build/pdf.worker.min.mjs'), join(out, 'pdf.worker.mjs'));
copy_pdf_fonts(out);
