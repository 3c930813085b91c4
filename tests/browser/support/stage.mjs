// SPDX-License-Identifier: EUPL-1.2
//
// stage.mjs: one server and one browser for a file of tests, and a visit to a protected link that
// asserts, whatever the case, that nothing was asked elsewhere, run, or complained of.
import { after, before } from 'node:test';
import {
  assert_inert,
  assert_no_outside_requests,
  assert_quiet_console,
  launch,
  open_page,
  viewer_directory,
} from './browser.mjs';
import { laboratory } from './samples.mjs';
import { start_server } from './server.mjs';

export function set_stage() {
  const stage = { browser: undefined, server: undefined, visit };
  before(async () => {
    stage.server = await start_server(viewer_directory);
    stage.browser = await launch();
  });
  after(async () => {
    await stage.browser?.close();
    await stage.server?.stop();
  });

  // `init` runs in the page before its own script; `noise`: console lines the case provokes.
  async function visit(link, act, { noise = [], init, ...options } = {}) {
    const { page, watched } = await open_page(stage.browser, options);
    if (init) await page.addInitScript(init);
    const address = stage.server.serve_link(link);
    stage.server.state.requests.length = 0;
    try {
      await page.goto(address);
      await act(page, watched);
      assert_no_outside_requests(watched, stage.server.origin);
      assert_quiet_console(watched, noise);
      assert_inert(watched);
    } finally {
      await page.context().close();
    }
  }
  return stage;
}

export const one_document = () => [
  {
    name: 'biologie.xml',
    type: 'text/xml',
    title: 'Biologie',
    date: '2026-09-14',
    author: 'Laboratoire',
    bytes: laboratory(),
  },
];

export const settled = (page) => page.locator('.sheet-body:not([aria-busy])').waitFor();
export const failure = (page) =>
  page.locator('[data-failure]').first().getAttribute('data-failure');
export const chosen = (page, title) => page.locator('.entry', { hasText: title }).click();
