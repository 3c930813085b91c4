// SPDX-License-Identifier: EUPL-1.2
//
// The patient's page, with the real programs, as a person: come in, find, read, share, see it
// opened, end it, lock. In both languages.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import {
  assert_inert,
  assert_quiet_console,
  launch,
  open_page,
  pass_door,
} from './support/browser.mjs';
import { open_house } from './support/house.mjs';
import {
  assert_for_everybody,
  assert_only_own_requests,
  at_rest,
  come_in,
  heading,
  new_page,
  to_screen,
} from './support/page.mjs';

const said = {
  'fr-FR': {
    record: 'Mon dossier',
    search: 'Chercher dans les titres, les auteurs et le texte',
    found: '1 document trouvé',
    share: 'Partager',
    name: 'Nom',
    preview: 'Voir ce qui sera vu',
    seen: 'Voici ce que verra Dr Alice Martin',
    consent: 'Je donne à Dr Alice Martin accès à',
    agree: 'D’accord, partager',
    shared: 'Partagé avec Dr Alice Martin',
    link: 'Lien',
    finish: 'Voir mes partages',
    grants: 'Mes partages',
    log: 'Qui a ouvert quoi',
    opened: 'Dr Alice Martin, Hôpital des Tilleuls a ouvert 1 document.',
    board: 'Partages',
    end: 'Mettre fin au partage avec Dr Alice Martin',
    sure: 'Oui, mettre fin',
    ended: 'Arrêtés par vous (1)',
    lock: 'Fermer le coffre',
    locked: 'Le coffre est fermé. Rien n’en reste dans cette page.',
    way_in: 'Entrez par votre machine',
    unlock: 'Ouvrir le coffre',
    passphrase: 'Phrase secrète',
    open: 'Ouvrir',
    wrong: 'La phrase secrète n’est pas la bonne',
  },
  'en-GB': {
    record: 'My record',
    search: 'Search titles, authors and text',
    found: '1 document found',
    share: 'Share',
    name: 'Name',
    preview: 'See what will be seen',
    seen: 'This is what Dr Alice Martin will see',
    consent: 'I give Dr Alice Martin access to',
    agree: 'I agree, share',
    shared: 'Shared with Dr Alice Martin',
    link: 'Link',
    finish: 'See my shares',
    grants: 'My shares',
    log: 'Who opened what',
    opened: 'Dr Alice Martin, Hôpital des Tilleuls opened 1 document.',
    board: 'Shares',
    end: 'End the share with Dr Alice Martin',
    sure: 'Yes, end it',
    ended: 'Ended by you (1)',
    lock: 'Lock the vault',
    locked: 'The vault is locked. Nothing of it is left in this page.',
    way_in: 'Come in through your machine',
    unlock: 'Open the vault',
    passphrase: 'Passphrase',
    open: 'Open',
    wrong: 'The passphrase is wrong',
  },
};

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

for (const locale of ['fr-FR', 'en-GB'])
  describe(`the patient’s page, ${locale}`, () => {
    const say = said[locale];
    let house;
    let page;
    let watched;
    let origin;
    before(async () => {
      house = await open_house();
      ({ page, watched } = await new_page(browser, { locale }));
      origin = await come_in(page, house);
    });
    after(async () => {
      await page?.context().close();
      await house?.close();
    });

    test('the way in leaves no code behind, and its file is gone', async () => {
      await heading(page, say.record).waitFor();
      assert.equal(page.url(), `${origin}/`);
      assert.equal(await page.title(), 'Coffret');
      assert.equal(await page.locator('html').getAttribute('lang'), locale.slice(0, 2));
      const [way] = await house.vault('open');
      readFileSync(way.file); // there until it is used, or 30 seconds have passed
      await page.goto(`file://${way.file}`, { waitUntil: 'commit' });
      await page.waitForURL(way.page);
      await heading(page, say.record).waitFor();
      assert.throws(() => readFileSync(way.file), { code: 'ENOENT' });
    });

    test('the time line stands by year, and search finds what is inside, as one types', async () => {
      await page.locator('.entry').first().waitFor();
      assert.equal(await page.locator('.entry').count(), house.documents.size);
      assert.deepEqual(await page.locator('.year h2').allInnerTexts(), ['2026']);
      await page.getByLabel(say.search).pressSequentially('amlod');
      await page.getByText(say.found, { exact: true }).waitFor();
      await page.locator('.entry').first().waitFor();
      await page.getByLabel(say.search).fill('zzzz');
      await page.locator('.entry').first().waitFor({ state: 'detached' });
      await page.getByLabel(say.search).fill('');
    });

    test('a document is drawn in a frame that can reach nothing', async () => {
      await page.locator('.entry', { hasText: 'examens biologiques' }).click();
      const frame = page.frameLocator('iframe.document-frame');
      await frame
        .getByText(/Glycémie|Glucose/)
        .first()
        .waitFor();
      const inside = page.frames().find((one) => /\/(document|pdf)\.html$/.test(one.url()));
      assert.equal(await inside.evaluate(() => origin), 'null');
      const reached = await inside.evaluate(async (at) => {
        const tried = await fetch(`${at}/api/v1/session`).then(
          () => 'answered',
          () => 'blocked',
        );
        let stored = 'open';
        try {
          sessionStorage.getItem('coffret-token');
        } catch {
          stored = 'blocked';
        }
        let around = 'open';
        try {
          void parent.document.body;
        } catch {
          around = 'blocked';
        }
        return [tried, stored, around];
      }, origin);
      assert.deepEqual(reached, ['blocked', 'blocked', 'blocked']);
      watched.console.length = 0; // the three that were provoked
      await assert_for_everybody(page, 'document');
    });

    test('a PDF, a picture and a summary are drawn too', async () => {
      for (const [title, seen] of [
        ['Ordonnance', /Ordonnance|Amlodipine|comprimé/i],
        ['Résumé médical international', /pénicilline/i],
      ]) {
        await to_screen(page, say.record);
        await page.locator('.entry', { hasText: title }).first().click();
        await page.frameLocator('iframe').getByText(seen).first().waitFor();
      }
      await to_screen(page, say.record);
      await page.locator('.entry', { hasText: 'certificat-scanne' }).click();
      await page.frameLocator('iframe').locator('img.picture').waitFor();
    });

    test('to share is at most six clicks, with exactly what will be seen before the last', async () => {
      let clicks = 0;
      const click = async (locator) => {
        ++clicks;
        await locator.click();
      };
      await click(page.locator('.main-nav').getByRole('button', { name: say.share, exact: true }));
      await page.getByLabel(say.name, { exact: true }).fill('Dr Alice Martin');
      await click(page.locator('.pick-list .choice', { hasText: 'examens biologiques' }));
      await assert_for_everybody(page, 'share');
      await click(page.getByRole('button', { name: say.preview }));
      await heading(page, say.seen).waitFor();
      assert.deepEqual(await page.locator('.seen .what').allInnerTexts(), [
        'Compte rendu d\u0027examens biologiques',
      ]);
      assert.ok((await page.locator('.consent').innerText()).includes(say.consent));
      await assert_for_everybody(page, 'preview');
      await click(page.getByRole('button', { name: say.agree }));
      await heading(page, say.shared).waitFor();
      assert.ok(clicks <= 6, `${clicks} clicks`);
      await page.locator('.qr').waitFor();
      await assert_for_everybody(page, 'shared');
    });

    test('the clinician opens that very link, and the patient reads who opened what', async () => {
      const link = await page.getByLabel(say.link, { exact: true }).inputValue();
      const code = (await page.locator('.passcode span').first().innerText()).replace(/\D/g, '');
      assert.match(code, /^\d{6}$/);
      const clinician = await open_page(browser, { ignore_tls: true });
      await clinician.page.goto(link);
      await pass_door(clinician.page, { passcode: code });
      await clinician.page.locator('.entry').first().click();
      await clinician.page
        .getByText(/Glycémie|Glucose/)
        .first()
        .waitFor();
      await clinician.page.context().close();
      await page.getByRole('button', { name: say.finish }).click();
      await page.getByRole('button', { name: say.log, exact: true }).click();
      await page.getByText(say.opened).waitFor();
      await assert_for_everybody(page, 'log');
    });

    test('a share is ended at once', async () => {
      await page.getByRole('button', { name: say.board, exact: true }).click();
      await page.getByRole('button', { name: say.end, exact: true }).click();
      await page.getByRole('button', { name: say.sure }).click();
      await page.getByRole('heading', { name: say.ended }).waitFor();
      const [grant] = await house.vault('grant', 'list');
      assert.equal(grant.state, 'revoked');
    });

    test('locking leaves nothing of the record in the page, its storage, title, history or address', async () => {
      await page.getByRole('button', { name: say.lock }).click();
      await page.getByText(say.locked).waitFor();
      await heading(page, say.way_in).waitFor();
      assert.equal((await house.vault('status'))[0].locked, true);
      const left = await page.evaluate(async () => ({
        session: { ...sessionStorage },
        local: { ...localStorage },
        cookies: document.cookie,
        databases: (await indexedDB.databases()).length,
        caches: (await caches.keys()).length,
        title: document.title,
        address: location.href,
        state: JSON.stringify(history.state),
        text: document.documentElement.outerHTML,
      }));
      assert.deepEqual([left.session, left.local, left.cookies], [{}, {}, '']);
      assert.deepEqual([left.databases, left.caches], [0, 0]);
      assert.equal(left.address, `${origin}/`);
      for (const word of ['EXEMPLE', 'Glucose', 'Alice', 'biologiques'])
        assert.ok(!`${left.text}${left.title}${left.state}`.includes(word), word);
      assert.equal(await page.locator('input').count(), 0, 'no field without a token');
      for (let back = 0; back < 4; ++back) {
        await page.goBack().catch(() => undefined);
        if (!page.url().startsWith(origin)) break;
        assert.ok(!(await page.content()).includes('EXEMPLE'), 'nothing comes back');
      }
    });

    test('a locked vault is entered with a token, and opened with the passphrase alone', async () => {
      await come_in(page, house);
      await heading(page, say.unlock).waitFor();
      await assert_for_everybody(page, 'unlock');
      await page.getByLabel(say.passphrase, { exact: true }).fill('pas la bonne');
      await page.getByRole('button', { name: say.open, exact: true }).click();
      await page
        .getByText(say.wrong, { exact: false })
        .or(page.getByText("n'est pas la bonne"))
        .first()
        .waitFor();
      await page
        .getByLabel(say.passphrase, { exact: true })
        .fill('une phrase secrète de démonstration');
      await page.getByRole('button', { name: say.open, exact: true }).click();
      await heading(page, say.record).waitFor();
      await at_rest(page);
    });

    test('all the while nothing was asked elsewhere, nothing ran, nothing was complained of', () => {
      assert_only_own_requests(watched, origin);
      // A request after the lock is refused; the browser says so in its console.
      assert_quiet_console(watched, [/403 \(Forbidden\)/]);
      assert_inert(watched);
    });
  });
