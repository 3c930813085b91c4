// SPDX-License-Identifier: EUPL-1.2
//
// The whole of it, with nothing of ours standing in: a patient's vault, an association's server, and
// the browser that a caregiver happens to have.
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
import { open_house } from './support/house.mjs';
import { chosen, settled } from './support/stage.mjs';

const reader = 'Dr Alice Martin, Hôpital des Tilleuls';
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

// `noise`: console lines that the case provokes.
async function visit(link, act, { noise = [], ...options } = {}) {
  const { page, watched } = await open_page(browser, { ignore_tls: true, ...options });
  try {
    await page.goto(link);
    await act(page);
    assert_no_outside_requests(watched, house.origin);
    assert_quiet_console(watched, noise);
    assert_inert(watched);
  } finally {
    await page.context().close();
  }
}

const wrong = (passcode) => (passcode === '000000' ? '111111' : '000000');

async function choose(page, title) {
  await chosen(page, title);
  await settled(page);
}
const line_of_pdf = (page, text) => page.locator('.textLayer').getByText(text).waitFor();

// Every document of the sample vault, read as a caregiver reads it.
async function read_everything(page, shot) {
  await page.locator('.entry').first().waitFor();
  assert.equal(await page.locator('.entry').count(), 6);
  await screenshot(page, `${shot}-share`);

  await choose(page, 'Compte rendu d');
  await page.getByRole('heading', { name: "Compte rendu d'examens biologiques" }).first().waitFor();
  const result = page.locator('.narrative tr', { hasText: 'Glycémie à jeun' });
  assert.equal(await result.locator('td').nth(1).innerText(), '5,2');
  await page.getByText('Conclusion : bilan sans particularité').waitFor();
  await screenshot(page, `${shot}-cda`, { fullPage: true });
  await page.locator('.inner button').click();
  await line_of_pdf(page, 'Repère de cette copie : copie-canari-02');
  await screenshot(page, `${shot}-cda-attachment`, { fullPage: true });

  await choose(page, 'Ordonnance');
  await line_of_pdf(page, 'Amoxicilline 500 mg : 1 gélule matin, midi et soir pendant 6 jours');
  await screenshot(page, `${shot}-pdf`);

  await choose(page, 'Lettre de liaison');
  await line_of_pdf(page, 'Évolution favorable sous antibiotique. Contrôle dans un mois.');
  await screenshot(page, `${shot}-letter`);

  await choose(page, 'Résumé médical international');
  await page.locator('.narrative').getByText('Hypertension artérielle').waitFor();
  await screenshot(page, `${shot}-summary`);

  await choose(page, 'certificat-scanne.png');
  assert.ok((await page.locator('.picture').evaluate((image) => image.naturalWidth)) > 100);
  await screenshot(page, `${shot}-image`);

  await choose(page, 'notes.txt');
  await page.getByText('12 avril 2026 : tension 13/8 le matin, 12/7 le soir.').waitFor();
  await screenshot(page, `${shot}-text`);
}

describe('a protected link of a real vault, on a real server', () => {
  test('loading burns nothing; a click opens; every document is read; the patient sees it', async () => {
    const made = await house.grant({ flags: ['--purpose', 'Consultation'] });
    await visit(made.link, async (page) => {
      await page.getByRole('button', { name: 'Ouvrir', exact: true }).waitFor();
      await page.reload();
      assert.equal((await house.grant_now(made.id)).opened, 0);
      assert.deepEqual(await house.openings(made.id), []);
    });
    await visit(made.link, async (page) => {
      await page.getByRole('button', { name: 'Ouvrir', exact: true }).waitFor();
      await screenshot(page, 'real-door-fr');
      await pass_door(page, { reader });
      await read_everything(page, 'real-link-fr');
      const band = await page.locator('.band').innerText();
      for (const words of ['Camille EXEMPLE', '14 mai 1960', 'Dr Alice Martin', 'Consultation'])
        assert.ok(band.includes(words), words);
      const signature = page.locator('[data-signature]');
      assert.equal(await signature.getAttribute('data-signature'), 'verified');
    });
    assert.equal((await house.grant_now(made.id)).opened, 1);
    const rows = await house.openings(made.id);
    const read = rows.find((row) => row.outcome === 'read');
    assert.equal(read?.recipient, reader, JSON.stringify(rows));
    assert.ok(!house.server_log().includes('Alice'), 'the server was told no name');
  });

  test('in English, with its passcode wrong, then right', async () => {
    const made = await house.grant({ flags: ['--passcode'] });
    const act = async (page) => {
      await pass_door(page, { reader, passcode: wrong(made.passcode) });
      await page.getByText('4 tries are left.').waitFor();
      await screenshot(page, 'real-wrong-passcode-en');
      assert.equal((await house.grant_now(made.id)).opened, 0);
      await pass_door(page, { reader, passcode: made.passcode });
      await read_everything(page, 'real-link-en');
    };
    await visit(made.link, act, { locale: 'en-GB', noise: [/401/] });
  });

  test('on a telephone', async () => {
    const made = await house.grant();
    const act = async (page) => {
      await pass_door(page, { reader });
      await page.locator('.entry').first().waitFor();
      await screenshot(page, 'real-phone-list');
      await choose(page, 'Compte rendu d');
      await screenshot(page, 'real-phone-cda');
      const hidden = (element) => element.scrollWidth - element.clientWidth;
      assert.equal(await page.locator('html').evaluate(hidden), 0, 'columns beside the screen');
      assert.equal(await page.locator('.scroll').evaluate(hidden), 0, 'columns of the results');
      const [band, pane] = await page.evaluate(() => [
        document.querySelector('.band').getBoundingClientRect().bottom,
        document.querySelector('.pane').getBoundingClientRect().top,
      ]);
      assert.ok(pane >= band && pane - band <= 16, `${pane - band} px below the band`);
    };
    await visit(made.link, act, { viewport: { width: 390, height: 844 } });
  });

  for (const [locale, words] of [
    ['fr-FR', 'Ce lien n’est plus actif'],
    ['en-GB', 'This link is no longer active'],
  ])
    test(`once revoked, it is not active (${locale})`, async () => {
      const made = await house.grant({ titles: ['Ordonnance'] });
      const act = async (page) => {
        await page.getByRole('button', { name: /^(Ouvrir|Open)$/ }).waitFor();
        await house.vault('grant', 'revoke', made.id);
        await pass_door(page, { reader });
        await page.locator('[data-failure="link_not_active"]').waitFor();
        await page.getByText(words).waitFor();
        await screenshot(page, `real-revoked-${locale}`);
      };
      await visit(made.link, act, { locale, noise: [/404/] });
      await visit(
        made.link,
        (page) => page.locator('[data-failure="link_not_active"]').waitFor(),
        { locale, noise: [/404/] },
      );
    });
});

describe('a SMART Health Link of a real vault, on a real server', () => {
  const shl = ['--delivery', 'shl'];

  test('opens in the same page, and the patient sees who asked', async () => {
    const made = await house.grant({ flags: shl });
    await visit(made.link, async (page) => {
      await page.getByRole('button', { name: 'Ouvrir', exact: true }).waitFor();
      assert.deepEqual(await house.openings(made.id), []);
      await screenshot(page, 'real-shl-door-fr');
      await pass_door(page, { reader });
      await read_everything(page, 'real-shl-fr');
      const signature = page.locator('[data-signature]');
      assert.equal(await signature.getAttribute('data-signature'), 'unsigned');
      const told = (title) => page.locator('.entry', { hasText: title }).innerText();
      assert.match(await told('Résumé médical international'), /2 avril 2026 · Dr Noé FICTIF/);
      assert.match(await told('Ordonnance'), /PDF · 1,2/);
    });
    const rows = await house.openings(made.id);
    assert.ok(rows.some((row) => row.recipient === reader && !row.proved), JSON.stringify(rows));
  });

  test('with flag U is asked for by the click alone', async () => {
    const made = await house.grant({ titles: ['Ordonnance'], flags: shl });
    await visit(made.link, async (page) => {
      await page.getByRole('button', { name: 'Ouvrir', exact: true }).waitFor();
      assert.deepEqual(await house.openings(made.id), []);
      await pass_door(page, { reader });
      await line_of_pdf(page, 'Ordonnance du 3 février 2026');
    });
    assert.equal((await house.openings(made.id))[0].recipient, reader);
  });

  test('with a passcode, wrong, then right', async () => {
    const made = await house.grant({ flags: [...shl, '--passcode'] });
    const act = async (page) => {
      await pass_door(page, { reader, passcode: wrong(made.passcode) });
      await page.getByText('4 tries are left.').waitFor();
      await pass_door(page, { reader, passcode: made.passcode });
      await page.locator('.entry', { hasText: 'Ordonnance' }).click();
      await line_of_pdf(page, 'Ordonnance du 3 février 2026');
    };
    await visit(made.link, act, { locale: 'en-GB', noise: [/401/] });
  });

  test('once revoked, is not active', async () => {
    const made = await house.grant({ titles: ['Ordonnance'], flags: shl });
    await house.vault('grant', 'revoke', made.id);
    const act = async (page) => {
      await pass_door(page, { reader });
      await page.locator('[data-failure="link_not_active"]').waitFor();
    };
    await visit(made.link, act, { noise: [/404/] });
  });
});
