// SPDX-License-Identifier: EUPL-1.2
//
// Sending documents into a vault from a browser: sealed by its WebCrypto, for a real vault behind a
// real server, which opens what came.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  assert_inert,
  assert_no_outside_requests,
  assert_quiet_console,
  launch,
  open_page,
  root,
  screenshot,
} from './support/browser.mjs';
import { faults, overflow } from './support/faults.mjs';
import { open_house } from './support/house.mjs';

let house;
let browser;
before(async () => {
  house = await open_house();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await house?.close();
});

const new_link = async (...flags) =>
  (await house.vault('inbox', 'link', '--from', 'Laboratoire', '--for', '1h', ...flags))[0];

async function visit(link, act, { noise = [], ...options } = {}) {
  const { page, watched } = await open_page(browser, { ignore_tls: true, ...options });
  try {
    await page.goto(link);
    await act(page, watched);
    assert_no_outside_requests(watched, house.origin);
    assert_quiet_console(watched, noise);
    assert_inert(watched);
  } finally {
    await page.context().close();
  }
}

const text_file = (name, content) => ({
  name,
  mimeType: 'text/plain',
  buffer: Buffer.from(content),
});
const send = (page) => page.getByRole('button', { name: /^(Envoyer|Send)$/ }).click();
// Sealing megabytes takes its time on a machine that has other things to do.
const sent = (page) => page.locator('[data-deposited]').waitFor({ timeout: 120_000 });

async function waiting() {
  await house.vault('sync');
  return (await house.vault('inbox', 'list')).filter((row) => row.deposit);
}
async function refuse_all() {
  for (const row of await waiting()) await house.vault('inbox', 'refuse', row.id);
}

describe('a deposit link in a browser', () => {
  test('a laboratory sends two documents, and they are taken in', async () => {
    const made = await new_link();
    const pdf = readFileSync(join(root, 'tools/demo/documents/ordonnance.pdf'));
    const large = 'Une ligne de mesures, la même à chaque fois.\n'.repeat(130_000); // over one part
    await visit(made.link, async (page, watched) => {
      await page.getByRole('heading', { name: 'Envoyer des documents de santé' }).waitFor();
      assert.equal(new URL(page.url()).hash, '', 'the fragment has left the address');
      await screenshot(page, 'deposit-fr', { fullPage: true });
      const asked = watched.requests.filter(({ url }) => url.includes('/v1/'));
      assert.deepEqual(
        asked.map(({ method }) => method),
        ['GET'],
        'loading the page sends nothing',
      );
      await page.locator('#name').fill('Dr Alice Martin');
      await page.locator('#organisation').fill('Laboratoire des Tilleuls');
      await page.locator('#note').fill('Vos résultats,\nà bientôt.');
      await page.locator('#files').setInputFiles([
        { name: 'renouvellement.pdf', mimeType: 'application/pdf', buffer: Buffer.concat([pdf, Buffer.from('%')]) },
        text_file('mesures.txt', large),
      ]);
      await page.getByText('renouvellement.pdf').waitFor();
      await screenshot(page, 'deposit-filled-fr', { fullPage: true });
      await send(page);
      await sent(page);
      await screenshot(page, 'deposit-done-fr');
    });
    assert.ok(!house.server_log().includes('Alice'), 'the server was told no name');
    const [row] = await waiting();
    assert.deepEqual(row.from, {
      name: 'Dr Alice Martin',
      organisation: 'Laboratoire des Tilleuls',
    });
    assert.equal(row.note, 'Vos résultats,\nà bientôt.');
    const rows = await house.vault('inbox', 'accept', row.id);
    const told = rows.filter((one) => one.path);
    assert.deepEqual(
      told.map(({ path, outcome }) => [path, outcome]),
      [
        ['renouvellement.pdf', 'imported'],
        ['mesures.txt', 'imported'],
      ],
    );
    const [whole] = await house.vault('show', told[1].id);
    assert.equal(whole.size, Buffer.byteLength(large));
    assert.match(whole.provenance.source, /^deposit: Dr Alice Martin, Laboratoire des Tilleuls$/);
  });

  test('by keyboard alone, in English', async () => {
    const made = await new_link();
    const act = async (page) => {
      await page.getByRole('heading', { name: 'Send health documents' }).waitFor();
      await page.keyboard.press('Tab');
      await page.keyboard.type('Dr Noé Fictif');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Tab');
      assert.equal(await page.evaluate(() => document.activeElement.id), 'files');
      await page.locator('#files').setInputFiles([text_file('one.txt', 'une note\n')]);
      await page.getByRole('button', { name: 'Remove one.txt' }).waitFor();
      await page.keyboard.press('Tab');
      await page.keyboard.press('Tab');
      assert.equal(await page.evaluate(() => document.activeElement.id), 'note');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'It is sent' }).waitFor();
    };
    await visit(made.link, act, { locale: 'en-GB' });
    assert.equal((await waiting())[0].from.name, 'Dr Noé Fictif');
    await refuse_all();
  });

  test('nothing chosen is said; a script’s click sends nothing; a language keeps what was typed', async () => {
    const made = await new_link();
    await visit(made.link, async (page, watched) => {
      await page.locator('#name').fill('Dr Alice Martin');
      await send(page);
      await page.getByText('Choisissez au moins un document.').waitFor();
      assert.equal(await page.locator('#files').getAttribute('aria-invalid'), 'true');
      await page.locator('#files').setInputFiles([text_file('a.txt', 'a')]);
      await page.evaluate(() => document.querySelector('button[type=submit]').click());
      await page.getByRole('button', { name: 'English' }).click();
      await page.getByRole('heading', { name: 'Send health documents' }).waitFor();
      assert.equal(await page.locator('#name').inputValue(), 'Dr Alice Martin');
      await page.getByText('a.txt').waitFor();
      assert.ok(!watched.requests.some(({ method }) => method === 'PATCH'), 'nothing was sent');
    });
    assert.deepEqual(await waiting(), []);
  });

  for (const [name, viewport] of [
    ['phone', { width: 360, height: 740 }],
    ['zoomed', { width: 640, height: 450 }],
    ['desk', { width: 1280, height: 900 }],
  ])
    test(`${name}: nothing is cut off, named wrongly or too faint`, async () => {
      const made = await new_link();
      const act = async (page) => {
        await page.locator('#files').setInputFiles([text_file(`${'long'.repeat(15)}.txt`, 'a')]);
        await page.getByRole('button', { name: /^Retirer/ }).waitFor();
        assert.deepEqual([await overflow(page), await faults(page)], [0, []]);
        await screenshot(page, `deposit-${name}`, { fullPage: true });
      };
      await visit(made.link, act, { viewport });
    });

  test('a key that is not the link’s is refused before anything leaves', async () => {
    const made = await new_link();
    const [base, fragment] = made.link.split('#');
    const fields = fragment.split('.');
    fields[2] = Buffer.alloc(32, 7).toString('base64url');
    await visit(`${base}#${fields.join('.')}`, async (page, watched) => {
      await page.locator('[data-failure="other_key"]').waitFor();
      assert.ok(!watched.requests.some(({ method }) => method === 'PATCH'));
    });
  });

  test('closed, full or cut short it says so', async () => {
    const made = await new_link('--deposits', '1');
    const gone = { noise: [/404/] };
    await visit(
      made.link,
      async (page) => {
        await page.locator('#files').setInputFiles([text_file('a.txt', 'a')]);
        const other = await house.file(made.link);
        await house.vault('deposit', `@${other}`, house.file('une autre'), '--as', 'Autre');
        await send(page);
        await page.locator('[data-failure="link_not_active"]').waitFor();
      },
      gone,
    );
    await refuse_all();
    await visit(
      made.link,
      (page) => page.locator('[data-failure="link_not_active"]').waitFor(),
      gone,
    );
    const second = await new_link();
    await house.vault('inbox', 'close', second.id);
    await visit(
      second.link,
      (page) => page.locator('[data-failure="link_not_active"]').waitFor(),
      gone,
    );
    await visit(
      second.link.slice(0, -6),
      (page) => page.locator('[data-failure="malformed"]').waitFor(),
    );
  });

  test('a line that breaks once is taken up again', async () => {
    const made = await new_link();
    let broken = 0;
    await visit(
      made.link,
      async (page) => {
        await page.route('**/deposits/**', (route) => {
          if (route.request().method() === 'PATCH' && broken === 0) {
            ++broken;
            return route.abort('connectionreset');
          }
          return route.continue();
        });
        await page.locator('#files').setInputFiles([text_file('cut.txt', 'coupé\n')]);
        await send(page);
        await sent(page);
      },
      { noise: [/ERR_CONNECTION_RESET|404/] },
    );
    assert.equal(broken, 1);
    assert.equal((await waiting()).length, 1);
    await refuse_all();
  });

  test('what lies at the server is sealed', () => {
    const folder = house.server_folder();
    const files = readdirSync(folder, { recursive: true, withFileTypes: true });
    for (const entry of files.filter((one) => one.isFile())) {
      const bytes = readFileSync(join(entry.parentPath, entry.name));
      for (const word of ['Laboratoire des Tilleuls', 'à bientôt', 'mesures.txt'])
        assert.ok(!bytes.includes(word), `${entry.name} holds ${word}`);
    }
  });
});
