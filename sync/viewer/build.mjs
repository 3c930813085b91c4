// SPDX-License-Identifier: EUPL-1.2
//
// build.mjs OUT: checks the types, bundles the viewer, and leaves in OUT exactly the files that
// coffret-server serves under /v (index.html is /v itself), and headers.json beside them.
//
// Packages come from the lock file of tools/node, laid in build/deps by tools/setup.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const packages = resolve(here, '../../build/deps/npm/node_modules');
if (!existsSync(packages)) {
  console.error('The npm packages are missing: run tools/setup.');
  process.exit(1);
}
const out = resolve(process.argv[2] ?? join(here, '../../build/viewer'));
const from_packages = createRequire(join(packages, 'anchor.js'));
const { build } = from_packages('esbuild');

const run_tsc = [join(packages, 'typescript/bin/tsc'), '--project', join(here, 'tsconfig.json')];
try {
  execFileSync(process.execPath, run_tsc, { stdio: 'inherit' });
} catch {
  process.exit(1);
}

rmSync(out, { recursive: true, force: true });
mkdirSync(join(out, 'fonts'), { recursive: true });
const shared = {
  bundle: true,
  minify: true,
  outdir: out,
  nodePaths: [packages],
  target: ['chrome109', 'firefox115', 'safari15.4'],
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
// The fonts that every PDF may name without carrying them.
for (const name of readdirSync(join(pdfjs, 'standard_fonts')))
  if (/\.(pfb|ttf)$/.test(name))
    copyFileSync(join(pdfjs, 'standard_fonts', name), join(out, 'fonts', name));
