// SPDX-License-Identifier: EUPL-1.2
//
// Every screen of the patient's page, in both languages, on a telephone, a desk and a wide wall, by
// day and by night: for everybody (axe-core, nothing cut off), and a picture of each to look at.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { assert_quiet_console, launch } from './support/browser.mjs';
import { open_house } from './support/house.mjs';
import {
  assert_for_everybody,
  assert_only_own_requests,
  at_rest,
  come_in,
  new_page,
  picture,
} from './support/page.mjs';

let browser;
let house;
let empty; // a vault with nothing in it

before(async () => {
  browser = await launch();
  house = await open_house();
  for (const [value, date] of [
    ['74,2', '2026-02-11'],
    ['73,6', '2026-05-03'],
    ['72,1', '2026-08-20'],
    ['72,5', '2026-11-02'],
  ])
    await house.vault('measure', 'add', '--what', 'poids', '--value', value, '--date', date);
  await house.vault('allergy', 'add', '--what', 'arachide', '--reaction', 'urticaire');
  await house.vault(
    'treatment',
    'add',
    '--what',
    'Vitamine D',
    '--dose',
    'une ampoule par trimestre',
  );
  await house.vault('vaccine', 'add', '--what', 'Grippe', '--date', '2025-10-14', '--lot', 'X123');
  await house.vault(
    'note',
    'add',
    '--title',
    'Vertiges',
    '--text',
    'Vertiges au lever depuis une semaine.',
  );
  await house.vault(
    'contact',
    'add',
    '--name',
    'Sacha Exemple',
    '--relation',
    'ma sœur',
    '--phone',
    '01 99 00 00 00',
  );
  const ended = await house.grant({
    to: 'Centre de santé des Tilleuls',
    lasts: '7d',
    flags: ['--yes'],
  });
  await house.vault('grant', 'revoke', ended.id);
  await house.grant({
    to: 'Dr Alice Martin',
    lasts: '7d',
    flags: ['--yes', '--role', 'cardiologue', '--passcode'],
  });
  await house.vault('sync');
});
after(async () => {
  await browser?.close();
  await house?.close();
  await empty?.close();
});

const nav = (name) => async (page) => {
  await page.locator(`.nav-${name}`).click();
  await page.locator('main h1').waitFor();
};
const tab = (screen, number) => async (page) => {
  await nav(screen)(page);
  await page.locator('.tab').nth(number).click();
};
const document_with = (title) => async (page) => {
  await nav('record')(page);
  await page.locator('.entry', { hasText: title }).first().click();
  await page.locator('iframe[data-shown]').waitFor();
};
const preview = async (page) => {
  await nav('share')(page);
  await page.locator('#to').fill('Dr Alice Martin');
  await page.locator('input[name=what][value=all]').check();
  await page.locator('.share-form .primary').click();
  await page.locator('.consent').waitFor();
};
const screens = {
  record: nav('record'),
  search: async (page) => {
    await nav('record')(page);
    await page.locator('#search').fill('ampoule');
    await page.locator('.entry-snippet').first().waitFor();
  },
  'document-cda': document_with('examens biologiques'),
  'document-pdf': document_with('Ordonnance'),
  'document-image': document_with('certificat-scanne'),
  summary: tab('health', 0),
  medicines: tab('health', 1),
  results: tab('health', 2),
  vaccines: tab('health', 3),
  own: async (page) => {
    await nav('health')(page);
    await page.locator('.own-buttons button').nth(3).click();
  },
  add: nav('add'),
  share: nav('share'),
  preview,
  grants: nav('grants'),
  log: tab('grants', 1),
  vault: nav('vault'),
};

for (const [locale, scheme, width] of [
  ['fr-FR', 'light', 1280],
  ['en-GB', 'dark', 1280],
  ['fr-FR', 'dark', 360],
  ['en-GB', 'light', 360],
  ['fr-FR', 'dark', 1920],
  ['en-GB', 'light', 1920],
])
  describe(`every screen, ${locale}, ${scheme}, ${width} px`, () => {
    let page;
    let watched;
    let origin;
    before(async () => {
      const viewport = { width, height: width === 360 ? 740 : 900 };
      ({ page, watched } = await new_page(browser, { locale, viewport, colorScheme: scheme }));
      origin = await come_in(page, house);
    });
    after(() => page?.context().close());

    for (const [name, go] of Object.entries(screens))
      test(name, async () => {
        await go(page);
        await at_rest(page);
        await picture(page, `${name}-${locale.slice(0, 2)}-${width}-${scheme}`);
        await assert_for_everybody(page, name);
      });

    test('nothing was asked elsewhere, nothing was complained of', () => {
      assert_only_own_requests(watched, origin);
      assert_quiet_console(watched);
    });
  });

describe('for everybody', () => {
  test('at 400 % nothing is cut off, and large type is one button away', async () => {
    const { page } = await new_page(browser, { viewport: { width: 320, height: 256 } });
    await come_in(page, house);
    for (const name of ['record', 'summary', 'results', 'share', 'grants', 'vault']) {
      await screens[name](page);
      await at_rest(page);
      await assert_for_everybody(page, `${name} at 400 %`);
    }
    const size = () => page.evaluate(() => getComputedStyle(document.documentElement).fontSize);
    const before_it = await size();
    await page.getByRole('button', { name: 'Grands caractères' }).click();
    assert.notEqual(await size(), before_it);
    await page.context().close();
  });

  test('by keyboard alone: into the list, into a document, and back to its heading', async () => {
    const { page } = await new_page(browser);
    await come_in(page, house);
    await page.locator('.entry').first().waitFor();
    await page.locator('main h1').focus();
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'search');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.className), 'entry');
    await page.keyboard.press('Enter');
    await page.locator('.document h1 bdi').waitFor();
    await page.waitForFunction(() => document.activeElement.tagName === 'H1');
    await page.goBack();
    await page.locator('.entry').first().waitFor();
    await page.context().close();
  });

  test('the language changes where one is, and nothing is lost', async () => {
    const { page } = await new_page(browser);
    await come_in(page, house);
    await page.locator('.nav-grants').click();
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('heading', { name: 'My shares', level: 1 }).waitFor();
    assert.equal(await page.locator('html').getAttribute('lang'), 'en');
    await page.context().close();
  });

  test('what it loads before a document is small, and its first paint soon', async () => {
    const { page } = await new_page(browser);
    const sizes = [];
    page.on('requestfinished', (request) =>
      sizes.push(request.sizes().then(({ responseBodySize }) => responseBodySize)),
    );
    await come_in(page, house);
    await page.locator('.entry').first().waitFor();
    const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
    assert.ok(bytes > 20_000 && bytes < 300_000, `${bytes} bytes`);
    await page.context().close();
  });

  test('a person who is there keeps the vault open, and the time left is in sight', async () => {
    const { page } = await new_page(browser);
    await come_in(page, house);
    await page
      .locator('.countdown', { hasText: 'Se ferme dans 14 min' })
      .or(page.locator('.countdown', { hasText: 'Se ferme dans 15 min' }))
      .waitFor();
    await page.context().close();
  });
});
