// SPDX-License-Identifier: EUPL-1.2
//
// bundling.mjs: what the builds of both pages begin and end with. Packages come from the lock file of
// tools/node, laid in build/deps by tools/setup.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const viewer = dirname(fileURLToPath(import.meta.url));
export const packages = resolve(viewer, '../../build/deps/npm/node_modules');
if (!existsSync(packages)) {
  console.error('The npm packages are missing: run tools/setup.');
  process.exit(1);
}
const from_packages = createRequire(join(packages, 'anchor.js'));
export const { build } = from_packages('esbuild');
export const browsers = ['chrome109', 'firefox115', 'safari15.4'];

// The types of `folder` are checked; `out` is empty then, but for a folder for fonts. A type that is
// wrong ends the program.
export function begin(folder, out) {
  const run_tsc = [join(packages, 'typescript/bin/tsc'), '--project', join(folder, 'tsconfig.json')];
  try {
    execFileSync(process.execPath, run_tsc, { stdio: 'inherit' });
  } catch {
    process.exit(1);
  }
  rmSync(out, { recursive: true, force: true });
  mkdirSync(join(out, 'fonts'), { recursive: true });
}

// The fonts that every PDF may name without carrying them.
export function copy_pdf_fonts(out) {
  const fonts = join(packages, 'pdfjs-dist/standard_fonts');
  for (const name of readdirSync(fonts))
    if (/\.(pfb|ttf)$/.test(name)) copyFileSync(join(fonts, name), join(out, 'fonts', name));
}
