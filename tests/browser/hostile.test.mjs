// SPDX-License-Identifier: EUPL-1.2
//
// Hostile documents inside an honest link: nothing runs, nothing is asked of anybody, and what can be
// read of them is read. A second server stands where they try to call.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import {
  assert_inert,
  assert_no_outside_requests,
  assert_quiet_console,
  launch,
  open_page,
  pass_door,
  viewer_directory,
} from './support/browser.mjs';
import { hostile_documents, ran } from './support/hostile_samples.mjs';
import { protected_link } from './support/parcel.mjs';
import { start_server } from './support/server.mjs';

let browser;
let server;
let trap;
let bait; // where a hostile document calls
const calls = [];

before(async () => {
  server = await start_server(viewer_directory);
  trap = createServer((request, response) => {
    calls.push(request.url);
    response.end();
  });
  await new Promise((done) => trap.listen(0, '127.0.0.1', done));
  bait = `http://127.0.0.1:${trap.address().port}`;
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
  trap?.close();
});

describe('hostile documents', () => {
  test('none runs, calls or opens anything', async (t) => {
    const all = hostile_documents(bait);
    const documents = all.map(([name, { bytes, type }]) => ({
      name,
      title: name,
      type,
      bytes,
      date: '2026-01-01',
      author: `<img src=${bait}/a onerror=${ran}>`,
    }));
    const { page, watched } = await open_page(browser);
    await page.goto(
      server.serve_link(
        protected_link({
          documents,
          owner: `<script>${ran}</script>`,
          purpose: `"><img src=${bait}/p onerror=${ran}>`,
        }),
      ),
    );
    await pass_door(page);
    await page.locator('.entry').first().waitFor();
    for (const [index, [name, expected]] of all.entries())
      await t.test(name, async () => {
        await page.locator('.entry').nth(index).click();
        await page.locator('.sheet-top h2', { hasText: name }).waitFor();
        const body = page.locator('.sheet-body:not([aria-busy])');
        await body.waitFor();
        if (expected.opens) await body.getByText('n’affiche pas ce type').waitFor();
        await expected.act?.(page);
        const text = await body.innerText();
        if (expected.refused)
          assert.equal(
            await body.locator('[data-failure]').getAttribute('data-failure'),
            'unreadable',
          );
        else assert.ok(text.includes(expected.shows), text.slice(0, 300));
        if (expected.refuses_text) assert.doesNotMatch(text, expected.refuses_text);
        assert.equal(
          await body.locator('script, iframe, object, embed, svg, style, link, a, form').count(),
          0,
        );
        const attributes = await body
          .locator('.narrative *')
          .evaluateAll((all) => [...new Set(all.flatMap((e) => e.getAttributeNames()))]);
        assert.deepEqual(
          attributes.filter(
            (n) =>
              !['class', 'tabindex', 'colspan', 'rowspan', 'src', 'alt', 'data-leaf'].includes(n),
          ),
          [],
        );
      });
    assert.equal(await page.evaluate(() => window.__ran), undefined);
    assert.equal(page.url(), `${server.origin}/v`);
    assert_inert(watched);
    assert_no_outside_requests(watched, server.origin);
    // Of XML that is not well formed Chromium makes a <parsererror> with styles of its own, which the
    // policy refuses: these two hashes are theirs.
    assert_quiet_console(watched, [
      /^Applying inline style .*'sha256-(ICa0DhwZQJsOd|ZD0chCyBaNHl)/,
    ]);
    assert.deepEqual(calls, []);
    await page.context().close();
  });

  test('the page’s own policy refuses what an injected script would try', async () => {
    const { page } = await open_page(browser);
    await page.goto(`${server.origin}/v`);
    await page.getByRole('heading').waitFor();
    const tries = await page.evaluate(async (address) => {
      const outcome = async (act) => {
        try {
          await act();
          return 'done';
        } catch {
          return 'refused';
        }
      };
      return {
        markup: await outcome(() => {
          document.body.innerHTML = '<b>x</b>';
        }),
        // Later, outside the test's own call, which is above the policy.
        evaluation: await new Promise((done) =>
          setTimeout(() => {
            try {
              (0, eval)('1');
              done('done');
            } catch {
              done('refused');
            }
          }),
        ),
        policy: await outcome(() =>
          window.trustedTypes.createPolicy('other', { createHTML: (x) => x }),
        ),
        second: await outcome(() =>
          window.trustedTypes.createPolicy('coffret-xml', { createHTML: (x) => x }),
        ),
        worker: await outcome(() => new Worker('/v/pdf.worker.mjs')),
        outside: await outcome(() => fetch(address)),
      };
    }, bait);
    assert.deepEqual(tries, {
      markup: 'refused',
      evaluation: 'refused',
      policy: 'refused',
      second: 'refused',
      worker: 'refused',
      outside: 'refused',
    });
    assert.deepEqual(calls, []);
    await page.context().close();
  });
});
