// SPDX-License-Identifier: EUPL-1.2
//
// Rows 82 to 91 of the attack catalogue with a real browser: a hostile page on another port of this
// machine and under a name that is rebound to it. The requests do arrive; nothing comes of them.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { launch } from './support/browser.mjs';
import { open_house } from './support/house.mjs';
import { come_in, heading, new_page } from './support/page.mjs';

let browser;
let house;
let evil; // its server
let evil_url;
let page; // the patient's
let watched;
let origin;

before(async () => {
  browser = await launch({
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--host-resolver-rules=MAP rebind.test 127.0.0.1,MAP evil.test 127.0.0.1',
    ],
  });
  house = await open_house();
  evil = createServer((request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.setHeader('Set-Cookie', 'coffret-token=planted; Path=/');
    response.end('<!doctype html><title>evil</title><body></body>');
  });
  evil.listen(0, '127.0.0.1');
  await once(evil, 'listening');
  evil_url = `http://evil.test:${evil.address().port}/`;
  ({ page, watched } = await new_page(browser));
  origin = await come_in(page, house);
  await heading(page, 'Mon dossier').waitFor();
});
after(async () => {
  await browser?.close();
  evil?.close();
  await house?.close();
});

// A page of the attacker, in the same browser profile as the patient's.
async function attack(act, url = evil_url) {
  const bad = await page.context().newPage();
  try {
    await bad.goto(url);
    return await act(bad);
  } finally {
    await bad.close();
  }
}
const unlocked = async () => (await house.vault('status'))[0].locked === false;

// What a raw client hears: node's fetch sets Host itself, so the head is written by hand.
async function raw(path, fields = {}, { method = 'GET', body } = {}) {
  const { request } = await import('node:http');
  const at = new URL(origin);
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: '127.0.0.1', port: at.port, path, method, headers: { Host: at.host, ...fields } },
      (answer) => {
        let text = '';
        answer.on('data', (part) => (text += part));
        answer.on('end', () =>
          resolve({ status: answer.statusCode, text, headers: answer.headers }),
        );
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}

describe('a hostile page beside the vault', () => {
  test('82: a name that is rebound to this machine gets nothing', async () => {
    const rebound = origin.replace('127.0.0.1', 'rebind.test');
    const seen = await attack(async (bad) => {
      const at = await bad.goto(rebound).then((answer) => answer.status());
      return [at, (await bad.locator('body').innerText()).trim()];
    });
    assert.deepEqual(seen, [403, '403']);
    const inside = await attack(
      (bad) =>
        bad.evaluate(() =>
          fetch('/api/v1/session').then(
            (answer) => answer.status,
            () => 'blocked',
          ),
        ),
      rebound,
    );
    assert.equal(inside, 'blocked', 'what the refusal carries forbids it to ask on');
  });

  test('83: other spellings of this machine are refused, or reach nobody', async () => {
    const { port } = new URL(origin);
    for (const name of ['0.0.0.0', '2130706433', 'localhost.', '127.1', '[::]']) {
      const { status } = await raw('/', { Host: `${name}:${port}` });
      assert.equal(status, 403, name);
    }
  });

  test('84: a form of another site arrives and changes nothing', async () => {
    await attack(async (bad) => {
      const answered = bad.waitForResponse((one) => one.url().startsWith(origin));
      await bad.evaluate((to) => {
        const form = document.createElement('form');
        Object.assign(form, {
          method: 'post',
          action: `${to}/api/v1/commands/lock`,
          enctype: 'text/plain',
        });
        const field = document.createElement('input');
        Object.assign(field, { name: '{"x":"', value: '"}' });
        form.append(field);
        document.body.append(form);
        form.submit();
      }, origin);
      assert.equal((await answered).status(), 403);
    });
    const tried = await attack((bad) =>
      bad.evaluate(
        (to) =>
          fetch(`${to}/api/v1/commands/lock`, {
            method: 'POST',
            headers: { 'Content-Type': 'application/json', Authorization: 'Bearer x' },
            body: '{}',
          }).then(
            () => 'answered',
            () => 'blocked',
          ),
        origin,
      ),
    );
    assert.equal(tried, 'blocked');
    assert.ok(await unlocked());
  });

  test('85: no WebSocket opens', async () => {
    const opened = await attack((bad) =>
      bad.evaluate(
        (to) =>
          new Promise((resolve) => {
            const socket = new WebSocket(to.replace('http', 'ws') + '/api/v1/session');
            socket.onopen = () => resolve('open');
            socket.onerror = () => resolve('refused');
          }),
        origin,
      ),
    );
    assert.equal(opened, 'refused');
  });

  test('86: the null origin of a sandboxed frame is allowed nothing', async () => {
    const told = await attack((bad) =>
      bad.evaluate(
        (to) =>
          new Promise((resolve) => {
            window.addEventListener('message', (event) => resolve(event.data));
            const frame = document.createElement('iframe');
            frame.sandbox = 'allow-scripts';
            frame.srcdoc = `<script>fetch('${to}/api/v1/session').then(() => 'answered', () => 'blocked')
              .then((t) => parent.postMessage(t, '*'))</script>`;
            document.body.append(frame);
          }),
        origin,
      ),
    );
    assert.equal(told, 'blocked');
    const { status, headers } = await raw('/api/v1/session', { Origin: 'null' });
    assert.deepEqual([status, headers['access-control-allow-origin']], [403, undefined]);
  });

  test('87: a cookie that another port plants means nothing, and none is ever set', async () => {
    const answers = [];
    page.on('response', (answer) => answers.push(answer));
    const planted = await raw('/api/v1/session', { Cookie: 'coffret-token=planted' });
    assert.equal(planted.status, 403);
    await page.reload();
    await heading(page, 'Mon dossier').waitFor();
    await page.locator('.entry').first().waitFor();
    assert.ok(answers.length > 4);
    for (const answer of answers)
      assert.equal((await answer.allHeaders())['set-cookie'], undefined, answer.url());
  });

  test('88: no part of the page loads, is framed, or can be held by a window', async () => {
    const seen = await attack((bad) =>
      bad.evaluate(async (to) => {
        const load = (tag, path) =>
          new Promise((resolve) => {
            const made = document.createElement(tag);
            made.onload = () => resolve(`${tag} ${path} loaded`);
            made.onerror = () => resolve('blocked');
            if (tag === 'link') Object.assign(made, { rel: 'stylesheet', href: to + path });
            else made.src = to + path;
            document.body.append(made);
          });
        return Promise.all([
          load('img', '/mark.svg'),
          load('script', '/page.mjs'),
          load('link', '/page.css'),
          load('img', '/api/v1/session'),
          load('script', '/api/v1/openapi.json'),
          load('img', '/'),
        ]);
      }, origin),
    );
    assert.deepEqual([...new Set(seen)], ['blocked']);
    const framed = await attack(async (bad) => {
      const answered = bad.waitForResponse((one) => one.url().startsWith(origin));
      await bad.evaluate((to) => {
        const frame = document.createElement('iframe');
        frame.src = to + '/document.html';
        document.body.append(frame);
      }, origin);
      return (await answered).status();
    });
    assert.equal(framed, 403);
    const held = await attack(async (bad) => {
      const popup = bad.waitForEvent('popup');
      await bad.evaluate((to) => {
        window.taken = window.open(to + '/');
      }, origin);
      const window_of = await popup;
      await window_of.waitForLoadState().catch(() => undefined);
      const opener = await window_of.evaluate(() => window.opener === null).catch(() => true);
      const token = await window_of
        .evaluate(() => Object.keys(sessionStorage).length)
        .catch(() => 0);
      await window_of.close();
      return [opener, token];
    });
    assert.deepEqual(held, [true, 0]);
  });

  test('89: the code is nowhere after it came in, and works once', async () => {
    const [way] = await house.vault('open');
    const text = readFileSync(way.file, 'utf8');
    const code = /#code=([\w-]+)/.exec(text)[1];
    const again = await new_page(browser);
    const tried = [];
    again.page.on('request', (request) =>
      tried.push([request.url(), JSON.stringify(request.headers())]),
    );
    await again.page.goto(`file://${way.file}`, { waitUntil: 'commit' });
    await heading(again.page, 'Mon dossier').waitFor();
    assert.equal(again.page.url(), `${origin}/`);
    assert.ok(
      !tried.some(([url]) => url.includes(code) && !url.startsWith(`${origin}/#`)),
      'in an address',
    );
    assert.ok(!tried.some(([, headers]) => headers.includes(code)), 'in a header');
    const fresh = await new_page(browser);
    await fresh.page.goto(`${origin}/#code=${code}`);
    await fresh.page.getByText('ne sert qu’une fois').waitFor();
    assert.equal(await fresh.page.locator('input').count(), 0);
    await again.page.context().close();
    await fresh.page.context().close();
  });

  test('90: whoever asks without a token hears the same few bytes, and no name', async () => {
    const refused = await raw('/', { Host: 'evil.test' });
    for (const path of [
      '/api/v1/session',
      '/api/v1/openapi.json',
      '/api/v1/commands/list',
      '/api/v1/x',
    ]) {
      const answered = await raw(path);
      assert.deepEqual([answered.status, answered.text], [refused.status, refused.text], path);
      assert.equal(answered.headers.server, undefined);
    }
    const cross = await raw('/', { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors' });
    assert.deepEqual([cross.status, cross.text], [refused.status, refused.text]);
  });

  test('91: an HTML document is never interpreted', async () => {
    const bad = house.file(
      `<!doctype html><title>Résultats</title><script>fetch('${origin}/api/v1/session');alert(1)</script>` +
        `<img src="${evil_url}pixel" onerror="alert(2)"><h1>Résultats piégés</h1>`,
    );
    writeFileSync(`${bad}.html`, readFileSync(bad));
    const [told] = await house.vault('import', `${bad}.html`, '--any-patient');
    assert.equal(told.outcome, 'imported');
    const title = (await house.vault('show', told.id))[0].title;
    const before_it = watched.requests.length;
    await page.reload();
    await page.locator('.entry', { hasText: title }).first().click();
    await page.locator('iframe[data-shown]').waitFor();
    assert.equal(await page.frameLocator('iframe').locator('script[src], img').count(), 0);
    const asked = watched.requests.slice(before_it).filter(({ url }) => url.startsWith(evil_url));
    assert.deepEqual([asked, watched.dialogs], [[], 0]);
  });
});
