// SPDX-License-Identifier: EUPL-1.2
//
// The viewer for everybody: two languages, small screens, keyboard and screen reader, paper.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  artifacts,
  assert_no_outside_requests,
  assert_quiet_console,
  launch,
  open_page,
  pass_door,
  screenshot,
  viewer_directory,
} from './support/browser.mjs';
import { faults, overflow } from './support/faults.mjs';
import { protected_link } from './support/parcel.mjs';
import { honest_documents } from './support/samples.mjs';
import { start_server } from './support/server.mjs';

let browser;
let server;
before(async () => {
  server = await start_server(viewer_directory);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function visit(options, act) {
  const { page, watched } = await open_page(browser, options);
  try {
    await page.goto(server.serve_link(protected_link({ documents: honest_documents() })));
    await act(page);
    assert_no_outside_requests(watched, server.origin);
    assert_quiet_console(watched);
  } finally {
    await page.context().close();
  }
}

const settled = (page) => page.locator('.sheet-body:not([aria-busy])').waitFor();
describe('the viewer', () => {
  test('speaks the browser’s language and changes it without losing anything', async () => {
    await visit({ locale: 'en-GB' }, async (page) => {
      await page.getByRole('heading', { name: 'Health documents are shared with you' }).waitFor();
      assert.equal(await page.locator('html').getAttribute('lang'), 'en');
      await screenshot(page, 'door-en');
      await page.locator('#reader').fill('Dr Alice Martin');
      await page.getByRole('button', { name: 'Français' }).click();
      await page.getByRole('heading', { name: 'Des documents de santé' }).waitFor();
      assert.equal(await page.locator('html').getAttribute('lang'), 'fr');
      assert.equal(await page.locator('#reader').inputValue(), 'Dr Alice Martin');
      await page.getByRole('button', { name: 'Ouvrir', exact: true }).click();
      await page.locator('.entry').first().click();
      await page.getByText('Glycémie à jeun').waitFor();
      await page.getByRole('button', { name: 'English' }).click();
      await page.getByText('Shared by', { exact: true }).waitFor();
      await page.getByText('Glycémie à jeun').waitFor();
      await screenshot(page, 'share-en');
    });
  });

  test('another language than ours gets English', async () => {
    await visit({ locale: 'pl-PL' }, async (page) => {
      await page.getByRole('button', { name: 'Open', exact: true }).waitFor();
    });
  });

  for (const [name, viewport] of [
    ['phone', { width: 360, height: 740 }],
    ['zoomed', { width: 640, height: 450 }],
    ['desk', { width: 1280, height: 900 }],
  ])
    test(`${name}: nothing is cut off, named wrongly or too faint`, async () => {
      await visit({ viewport }, async (page) => {
        await page.locator('#reader').waitFor();
        assert.deepEqual([await overflow(page), await faults(page)], [0, []]);
        if (name !== 'desk') await screenshot(page, `door-${name}`);
        await pass_door(page);
        await page.locator('.entry').first().waitFor();
        assert.deepEqual([await overflow(page), await faults(page)], [0, []]);
        if (name !== 'desk') await screenshot(page, `share-${name}`);
        for (let i = 0; i < 5; ++i) {
          await page.locator('.entry').nth(i).click();
          await settled(page);
          assert.deepEqual([await overflow(page), await faults(page)], [0, []], `document ${i}`);
          if (name === 'phone') await screenshot(page, `document-${i}-phone`);
        }
      });
    });

  test('on paper every page says whose document it is and until when', async () => {
    await visit({}, async (page) => {
      await pass_door(page);
      await page.locator('.entry').first().click();
      await page.getByText('Glycémie à jeun').waitFor();
      assert.equal(await page.locator('.print-head').isVisible(), false);
      await page.emulateMedia({ media: 'print' });
      const head = page.locator('.print-head');
      assert.equal(await head.isVisible(), true);
      assert.equal(
        await head.evaluate((element) => getComputedStyle(element).display),
        'table-header-group',
      );
      const text = await head.innerText();
      for (const words of [
        'Jeanne Modèle',
        '12 mars 1954',
        'Compte rendu de biologie',
        '14 septembre 2026',
        'Laboratoire des Tilleuls',
        'Partagé par le patient jusqu’au',
      ])
        assert.ok(text.includes(words), words);
      for (const unseen of ['.top', '.list', '.tools', '.band'])
        assert.equal(await page.locator(unseen).isVisible(), false, unseen);
      await page.pdf({ path: `${artifacts}/print.pdf`, format: 'A4' });
      await screenshot(page, 'print', { fullPage: true });
    });
  });

  test('a document about someone born on another day is pointed out', async () => {
    const { page } = await open_page(browser);
    const patient = { name: 'Jean Modèle', birth_date: '1951-01-30' };
    await page.goto(server.serve_link(protected_link({ documents: honest_documents(), patient })));
    await pass_door(page);
    await page.getByRole('alert').getByText('12 mars 1954').waitFor();
    await screenshot(page, 'other-patient-fr');
    await page.locator('.entry', { hasText: 'Note de la patiente' }).click();
    await page.getByText('Vertiges').waitFor();
    assert.equal(await page.locator('.mismatch').count(), 0);
    await page.context().close();
  });

  test('what it loads before a document is small', async () => {
    const { page } = await open_page(browser);
    const answers = [];
    // Counted as they end: a body cannot be asked for once its page is left.
    page.on('requestfinished', (request) =>
      answers.push(request.sizes().then((sizes) => sizes.responseBodySize)),
    );
    await page.goto(server.serve_link(protected_link({ documents: honest_documents() })));
    await page.locator('#reader').waitFor();
    await page.waitForLoadState('networkidle');
    const bytes = (await Promise.all(answers)).reduce((sum, size) => sum + size, 0);
    assert.ok(bytes > 10_000 && bytes < 250_000, `${bytes} bytes`);
    await page.context().close();
  });
});
