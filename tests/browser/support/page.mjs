// SPDX-License-Identifier: EUPL-1.2
//
// page.mjs: the patient's page as a person reaches it: `coffret open` writes a file, the browser
// opens that file. And what every screen has to be: quiet, self-contained, and for everybody.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { artifacts, watch } from './browser.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export async function new_page(browser, { locale = 'fr-FR', ...options } = {}) {
  const context = await browser.newContext({
    locale,
    viewport: { width: 1280, height: 900 },
    timezoneId: 'Europe/Paris',
    reducedMotion: 'reduce',
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  return { page, watched: watch(page) };
}

// By the redirect file, as from the menu of applications. Returns the page's origin.
export async function come_in(page, house) {
  const [way] = await house.vault('open');
  await page.goto(`file://${way.file}`, { waitUntil: 'commit' });
  await page.waitForURL(way.page);
  await page.locator('main h1').waitFor();
  return new URL(way.page).origin;
}

export const heading = (page, name) => page.getByRole('heading', { level: 1, name });
export const to_screen = (page, name) =>
  page.locator('.main-nav').getByRole('button', { name, exact: true }).click();
export const at_rest = (page) => page.locator('main [aria-busy]').waitFor({ state: 'detached' });

export function assert_only_own_requests(watched, origin) {
  const outside = watched.requests.filter(
    ({ url }) => !/^(file:|blob:)/.test(url) && !url.startsWith(`${origin}/`),
  );
  assert.deepEqual(outside, [], 'requests to another origin');
}

// axe-core over the whole page; a document's own frame is the viewer's, and is tested there. It is
// evaluated by the debugger, which the page's policy does not bind.
export async function assert_for_everybody(page, where) {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document, { iframes: false });
    return violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map((n) => n.html.slice(0, 120)).join(' | ')}`,
    );
  });
  assert.deepEqual(found, [], `axe-core: ${where}`);
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  assert.equal(overflow, 0, `nothing is cut off sideways: ${where}`);
}

export const pictures = join(artifacts, 'page');
export async function picture(page, name) {
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
}
