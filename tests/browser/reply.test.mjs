// SPDX-License-Identifier: EUPL-1.2
//
// Answering inside an opening: a doctor opens what was shared, sends a document back, and it lies in
// the patient's inbox under the grant. A real vault behind a real server.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  assert_inert,
  assert_no_outside_requests,
  assert_quiet_console,
  launch,
  open_page,
  pass_door,
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

const answerable = () => house.grant({ flags: ['--allow', 'deposit'] });
const reply = (page) => page.getByRole('button', { name: 'Répondre par un document' });
const document_of = (content) => ({
  name: 'courrier.txt',
  mimeType: 'text/plain',
  buffer: Buffer.from(content),
});
const opened = (page) => page.locator('.entry').first().waitFor();
async function waiting() {
  await house.vault('sync');
  return (await house.vault('inbox', 'list')).filter((row) => row.deposit);
}

describe('an answer inside an opening', () => {
  test('is sealed in the browser, and lies in the inbox under the grant', async () => {
    const made = await answerable();
    await visit(made.link, async (page, watched) => {
      await pass_door(page);
      await opened(page);
      const patches = () => watched.requests.filter(({ method }) => method === 'PATCH').length;
      await reply(page).click();
      await page.getByRole('heading', { name: 'Répondre par des documents' }).waitFor();
      assert.equal(patches(), 0, 'asking where to send sends nothing');
      const name = page.locator('#name');
      assert.equal(await name.inputValue(), 'Dr Alice Martin, Hôpital des Tilleuls');
      await name.fill('Dr Alice Martin');
      await page.locator('#organisation').fill('Hôpital des Tilleuls');
      await page.locator('#files').setInputFiles([document_of('Cher confrère, merci.\n')]);
      await page.getByText('courrier.txt').waitFor();
      assert.deepEqual([await overflow(page), await faults(page)], [0, []]);
      await screenshot(page, 'reply-fr', { fullPage: true });
      await page.getByRole('button', { name: /^Envoyer$/ }).click();
      await page.locator('[data-deposited]').waitFor({ timeout: 120_000 });
      assert.deepEqual([await overflow(page), await faults(page)], [0, []]);
      await page.getByRole('button', { name: 'Revenir aux documents' }).click();
      await opened(page);
    });
    assert.equal((await house.grant_now(made.id)).opened, 1, 'coming back opens nothing anew');
    const [row, ...more] = await waiting();
    assert.deepEqual(more, []);
    assert.equal(row.grant, made.id);
    assert.equal(row.grant_to, 'Dr Alice Martin');
    assert.deepEqual(row.from, { name: 'Dr Alice Martin', organisation: 'Hôpital des Tilleuls' });
    const told = await house.vault('inbox', 'accept', row.id);
    assert.equal(told[0].outcome, 'imported');
  });

  test('the documents stay behind the form, in either language', async () => {
    const made = await answerable();
    await visit(made.link, async (page) => {
      await pass_door(page);
      await opened(page);
      assert.deepEqual([await overflow(page), await faults(page)], [0, []]);
      await screenshot(page, 'share-answerable-fr');
      await reply(page).click();
      await page.getByRole('button', { name: 'English' }).click();
      await page.getByRole('heading', { name: 'Reply with documents' }).waitFor();
      await page.getByRole('button', { name: 'Back to the documents' }).click();
      await opened(page);
      await page.getByRole('button', { name: 'Reply with a document' }).waitFor();
    });
    assert.deepEqual(await waiting(), []);
  });

  test('once the grant is over nothing can be sent, and it says so beside the documents', async () => {
    const made = await answerable();
    const gone = { noise: [/404/] };
    await visit(
      made.link,
      async (page) => {
        await pass_door(page);
        await opened(page);
        await house.vault('grant', 'revoke', made.id);
        await reply(page).click();
        await page.locator('.reply [data-failure="link_not_active"]').waitFor();
        await opened(page);
      },
      gone,
    );
    assert.deepEqual(await waiting(), []);
  });

  test('where nothing is taken in reply the page does not offer it', async () => {
    const made = await house.grant();
    await visit(made.link, async (page) => {
      await pass_door(page);
      await opened(page);
      assert.equal(await reply(page).count(), 0);
    });
  });
});
