// SPDX-License-Identifier: EUPL-1.2
//
// The pages that coffret-reader makes of hostile documents, in a real browser: no script runs and
// no request leaves. A server stands where the documents try to call.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, describe, test } from 'node:test';
import { assert_inert, launch, open_page, root } from './support/browser.mjs';
import { hostile_documents } from './support/hostile_samples.mjs';
import { render_document } from './support/reader.mjs';

const foreign = join(root, '../shared/data/documents/hostile');
let browser;
let trap;
let folder;
let bait;
const calls = [];

before(async () => {
  trap = createServer((request, response) => {
    calls.push(request.url);
    response.end();
  });
  await new Promise((done) => trap.listen(0, '127.0.0.1', done));
  bait = `http://127.0.0.1:${trap.address().port}`;
  folder = mkdtempSync(join(tmpdir(), 'coffret-rendered-'));
  browser = await launch();
});
after(async () => {
  await browser?.close();
  trap?.close();
  if (folder) rmSync(folder, { recursive: true });
});

// Loads one page; it must be the only thing that is loaded.
async function load(html, index) {
  const path = join(folder, `${index}.html`);
  writeFileSync(path, html);
  const address = pathToFileURL(path).href;
  const { page, watched } = await open_page(browser);
  await page.goto(address);
  const scripts = await page.evaluate(() => ({
    ran: window.__ran,
    scripts: document.scripts.length,
    links: document.querySelectorAll('[href],[srcset],[action],iframe,object,embed,svg').length,
    handlers: [...document.querySelectorAll('*')].filter((e) =>
      [...e.attributes].some((a) => a.name.startsWith('on') || a.name === 'style'),
    ).length,
  }));
  assert.deepEqual(scripts, { ran: undefined, scripts: 0, links: 0, handlers: 0 });
  const outside = watched.requests.filter(
    ({ url }) => url !== address && !url.startsWith('data:image/'),
  );
  assert.deepEqual(outside, []);
  assert.deepEqual(watched.console, [], 'the policy had something to stop');
  assert_inert(watched);
  const text = await page.locator('body').innerText();
  await page.context().close();
  return text;
}

const name_of = (type) =>
  type.includes('json') ? 'a.json' : type.includes('xml') ? 'a.xml' : 'a.txt';

describe('pages of hostile documents', () => {
  test('those of ours run nothing and call nobody', async () => {
    let pages = 0;
    for (const [index, [name, { bytes, type, shows }]] of hostile_documents(bait).entries()) {
      const html = await render_document(Buffer.from(bytes), name_of(type));
      if (html === undefined) continue;
      ++pages;
      const text = await load(html, `own-${index}`);
      if (shows && type.includes('xml')) assert.ok(text.includes(shows), `${name}: ${text}`);
    }
    assert.ok(pages >= 5, `${pages} pages`);
    assert.deepEqual(calls, []);
  });

  test('foreign ones run nothing and call nobody', { skip: !existsSync(foreign) }, async () => {
    let pages = 0;
    for (const file of readdirSync(foreign)) {
      const html = await render_document(readFileSync(join(foreign, file)), file);
      if (html === undefined) continue;
      ++pages;
      await load(html, file);
    }
    assert.ok(pages >= 4, `${pages} pages`);
  });
});
