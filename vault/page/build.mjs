// SPDX-License-Identifier: EUPL-1.2
//
// build.mjs OUT: checks the types, bundles the patient's page, and leaves in OUT exactly the files
// that coffretd serves, and policies.json beside them.
//
// A document is shown in a frame of its own (document.html; pdf.html where pdf.js is needed): one
// self-contained file, whose only script is named by its hash.
import { createHash } from 'node:crypto';
import { copyFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  begin,
  browsers,
  build,
  copy_pdf_fonts,
  packages,
  viewer,
} from '../../sync/viewer/bundling.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(process.argv[2] ?? join(here, '../../build/page'));
begin(here, out);
const shared = {
  bundle: true,
  minify: true,
  nodePaths: [packages],
  target: browsers,
  logLevel: 'error',
};
await build({
  ...shared,
  entryPoints: { page: join(here, 'main.ts') },
  outdir: out,
  format: 'esm',
  legalComments: 'inline',
  outExtension: { '.js': '.mjs' },
});
await build({ ...shared, entryPoints: { page: join(here, 'page.css') }, outdir: out });
copyFileSync(join(here, 'index.html'), join(out, 'index.html'));
copyFileSync(join(viewer, 'mark.svg'), join(out, 'mark.svg'));

// What the viewer's renderer imports as ./pdf.ts is this frame's own: pdf.js without a worker, or
// none at all.
const pdf_from = (file) => ({
  name: 'pdf',
  setup: (b) => b.onResolve({ filter: /^\.\/pdf\.ts$/ }, () => ({ path: join(here, file) })),
});
const text_of = async (entry, plugins) => {
  const made = await build({
    ...shared,
    entryPoints: [join(here, entry)],
    write: false,
    format: 'iife',
    legalComments: 'none',
    plugins,
    define: { 'import.meta.url': '"about:blank"' },
  });
  return made.outputFiles[0].text;
};
const hash_of = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

const style = await text_of('frame.css', []);
const policies = {};
for (const [name, pdf] of [
  ['document', 'no_pdf.ts'],
  ['pdf', 'frame_pdf.ts'],
]) {
  const script = await text_of('frame.ts', [pdf_from(pdf)]);
  writeFileSync(
    join(out, `${name}.html`),
    `<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Document</title>` +
      `<style>${style}</style></head><body><main></main><script>${script}</script></body></html>\n`,
  );
  policies[`/${name}.html`] =
    `sandbox allow-scripts; default-src 'none'; script-src ${hash_of(script)}; ` +
    `style-src ${hash_of(style)}; img-src blob:; connect-src 'none'; base-uri 'none'; ` +
    `form-action 'none'; frame-ancestors 'self'; require-trusted-types-for 'script'; ` +
    'trusted-types coffret-xml';
}
policies['*'] =
  `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; ` +
  `connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; ` +
  `frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'`;
writeFileSync(join(out, 'policies.json'), JSON.stringify(policies, undefined, 2));

copy_pdf_fonts(out);
