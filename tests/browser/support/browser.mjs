// SPDX-License-Identifier: EUPL-1.2
//
// browser.mjs: Debian's Chromium by playwright-core, watched: every request, every console line,
// every dialog. For page tests and end-to-end tests alike.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
export const artifacts = join(root, 'build/artifacts/browser');
// What the release build made; COFFRET_VIEWER names another build's folder.
export const viewer_directory = resolve(
  process.env.COFFRET_VIEWER ?? join(root, 'build/release/viewer'),
);

// The flags beyond headless keep the browser itself from calling anywhere.
export const launch = (options = {}) =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
    ...options,
  });

// A page of its own context. `ignore_tls`: accept a self-signed certificate of the test's server.
export async function open_page(
  browser,
  {
    locale = 'fr-FR',
    viewport = { width: 1280, height: 900 },
    ignore_tls = false,
    reduced_motion = true,
  } = {},
) {
  const context = await browser.newContext({
    locale,
    viewport,
    ignoreHTTPSErrors: ignore_tls,
    timezoneId: 'Europe/Paris',
    reducedMotion: reduced_motion ? 'reduce' : 'no-preference',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  return { page, watched: watch(page) };
}

export function watch(page) {
  const watched = { requests: [], console: [], dialogs: 0, popups: 0 };
  page.on('request', (request) =>
    watched.requests.push({ method: request.method(), url: request.url() }),
  );
  page.on('console', (line) => {
    if (line.type() === 'error' || line.type() === 'warning') watched.console.push(line.text());
  });
  page.on('pageerror', (error) => watched.console.push(String(error)));
  page.on('dialog', (dialog) => {
    ++watched.dialogs;
    void dialog.dismiss();
  });
  page.on('popup', () => ++watched.popups);
  return watched;
}

// blob: is memory of the page itself.
export function assert_no_outside_requests(watched, origin) {
  const outside = watched.requests.filter(
    ({ url }) => !url.startsWith(`${origin}/`) && !url.startsWith(`blob:${origin}/`),
  );
  assert.deepEqual(outside, [], 'requests to another origin');
}

// `expected`: patterns of lines that the case itself provokes, such as a 401.
export function assert_quiet_console(watched, expected = []) {
  const rest = watched.console.filter((line) => !expected.some((pattern) => pattern.test(line)));
  assert.deepEqual(rest, [], 'console errors and warnings');
}

export function assert_inert(watched) {
  assert.equal(watched.dialogs, 0, 'dialogs');
  assert.equal(watched.popups, 0, 'popups');
}

export async function screenshot(page, name, options = {}) {
  mkdirSync(artifacts, { recursive: true });
  await page.screenshot({ path: join(artifacts, `${name}.png`), ...options });
}

// The person's side of the door: who they are, the passcode if asked, one click.
export async function pass_door(
  page,
  { reader = 'Dr Alice Martin, Hôpital des Tilleuls', passcode, reason } = {},
) {
  await page.getByRole('button', { name: /^(Ouvrir|Open)$/ }).waitFor();
  await page.locator('#reader').fill(reader);
  if (reason !== undefined) await page.locator('#reason').fill(reason);
  if (passcode !== undefined) await page.locator('#passcode').fill(passcode);
  await page.getByRole('button', { name: /^(Ouvrir|Open)$/ }).click();
}
