// SPDX-License-Identifier: EUPL-1.2
//
// The viewer opens protected links: what it asks, when it asks, and what it shows.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pass_door, screenshot } from './support/browser.mjs';
import { protected_link } from './support/parcel.mjs';
import { honest_documents } from './support/samples.mjs';
import { chosen, failure, one_document, set_stage, settled } from './support/stage.mjs';

const stage = set_stage();
const posts = () => stage.server.state.requests.filter((line) => line.startsWith('POST'));

describe('a protected link', () => {
  test('opens, proves that it was read, and shows each kind of document', async () => {
    const link = protected_link({ documents: honest_documents(), two_devices: true });
    await stage.visit(link, async (page) => {
      await screenshot(page, 'door-fr');
      await pass_door(page);
      await page.locator('.entry').first().waitFor();
      await screenshot(page, 'share-fr');
      const band = await page.locator('.band').innerText();
      for (const words of [
        'Jeanne Modèle',
        '12 mars 1954',
        'Dr Alice Martin',
        'Consultation de cardiologie',
      ])
        assert.ok(band.includes(words), words);
      assert.equal(
        await page.locator('[data-signature]').getAttribute('data-signature'),
        'verified',
      );
      assert.equal(link.proof, link.read_proof);
      assert.equal(link.open_claim(link.recipient), 'Dr Alice Martin, Hôpital des Tilleuls');
      assert.equal(link.reason, undefined);

      await chosen(page, 'Compte rendu de biologie');
      await settled(page);
      await page.getByText('5,4 mmol/L').waitFor();
      assert.equal(await page.locator('td[rowspan="2"]').innerText(), 'Créatinine');
      assert.equal(
        await page.locator('.narrative img').evaluate((image) => image.naturalWidth),
        240,
      );
      await screenshot(page, 'document-cda', { fullPage: true });
      await page.getByRole('button', { name: 'Afficher le document joint' }).click();
      await page.getByText('Annexe du laboratoire').waitFor();

      await chosen(page, 'Ordonnance de sortie');
      await settled(page);
      await page
        .locator('.textLayer')
        .getByText('Amlodipine 5 mg : un comprimé le matin')
        .waitFor();
      assert.ok(await drawn(page), 'ink on the canvas');
      await screenshot(page, 'document-pdf');

      await chosen(page, 'Résumé patient');
      await settled(page);
      for (const words of ['Pénicilline', 'Hypertension artérielle', 'Aucun traitement connu'])
        await page.locator('.narrative').getByText(words).waitFor();
      await screenshot(page, 'document-fhir');

      await chosen(page, 'Radiographie');
      await settled(page);
      assert.equal(await page.locator('.picture').evaluate((image) => image.naturalWidth), 240);
      await chosen(page, 'Note de la patiente');
      await settled(page);
      await page.getByText('Tension prise à la maison : 13/8.').waitFor();
    });
  });

  test('loading the page opens nothing, however often and by whatever script', async () => {
    const link = protected_link({ documents: one_document() });
    await stage.visit(link, async (page) => {
      await page.locator('#reader').fill('Dr Alice Martin');
      await page.evaluate(() => {
        document.querySelector('form').requestSubmit();
        document.querySelector('form button').click();
        document.querySelector('form').dispatchEvent(new Event('submit', { cancelable: true }));
      });
      await page.reload();
      await page.getByRole('heading', { name: 'Ouvrir un lien de partage' }).waitFor();
      assert.deepEqual(posts(), []);
      assert.equal(link.openings, undefined);
    });
  });

  test('its secret leaves the address at once and is stored nowhere', async () => {
    await stage.visit(protected_link({ documents: one_document() }), async (page, watched) => {
      await pass_door(page);
      await settled(page);
      assert.equal(page.url(), `${stage.server.origin}/v`);
      const kept = await page.evaluate(async () => [
        document.cookie,
        localStorage.length,
        sessionStorage.length,
        (await indexedDB.databases()).length,
        (await caches.keys()).length,
        history.state,
      ]);
      assert.deepEqual(kept, ['', 0, 0, 0, 0, null]);
      assert.ok(
        watched.requests.every(
          ({ url }) => !url.includes('#c1.') || url.startsWith(`${stage.server.origin}/v#`),
        ),
      );
    });
  });

  test('opens by keyboard alone', async () => {
    await stage.visit(
      protected_link({ documents: one_document(), passcode: '4242' }),
      async (page) => {
        await page.locator('#reader').waitFor();
        await page.keyboard.press('Tab');
        assert.equal(await page.evaluate(() => document.activeElement.id), 'reader');
        await page.keyboard.type('Dr Alice Martin');
        await page.keyboard.press('Tab');
        await page.keyboard.type('4242');
        await page.keyboard.press('Enter');
        await settled(page);
        await page.getByText('Glycémie à jeun').waitFor();
      },
    );
  });

  test('asks who reads before it asks the server', async () => {
    await stage.visit(protected_link({ documents: one_document() }), async (page) => {
      await page.getByRole('button', { name: 'Ouvrir', exact: true }).click();
      await page.getByText('Indiquez qui vous êtes').waitFor();
      assert.equal(await page.evaluate(() => document.activeElement.id), 'reader');
      assert.deepEqual(posts(), []);
    });
  });

  test('an emergency card asks for a name and a reason, and seals both apart', async () => {
    const link = protected_link({ documents: one_document(), asks_reason: true, rights: ['view'] });
    await stage.visit(link, async (page) => {
      await page.getByRole('heading', { name: 'Carte d’urgence' }).waitFor();
      await screenshot(page, 'door-card-fr');
      await pass_door(page);
      await page.getByText('Indiquez pourquoi vous ouvrez cette carte').waitFor();
      assert.equal(await page.evaluate(() => document.activeElement.id), 'reason');
      assert.deepEqual(posts(), []);
      await pass_door(page, { reason: 'trouvé inconscient' });
      await settled(page);
      await page.getByText('Glycémie à jeun').waitFor();
      assert.equal(link.open_claim(link.recipient), 'Dr Alice Martin, Hôpital des Tilleuls');
      assert.equal(link.open_reason(link.reason), 'trouvé inconscient');
      assert.throws(() => link.open_claim(link.reason), 'under a key of its own');
    });
  });

  test('where the patient chose a delay it says so, waits, and opens by itself', async () => {
    const link = protected_link({
      documents: one_document(),
      asks_reason: true,
      rights: ['view'],
      delay: 2,
    });
    await stage.visit(link, async (page) => {
      await pass_door(page, { reason: 'chute' });
      await page.getByText('La personne est prévenue et peut refuser').waitFor();
      await settled(page);
      await page.getByText('Glycémie à jeun').waitFor();
      assert.equal(link.openings, 1);
    });
  });

  test('refused within the delay, it says that the link is over', async () => {
    const link = protected_link({
      documents: one_document(),
      asks_reason: true,
      rights: ['view'],
      delay: 3,
    });
    await stage.visit(
      link,
      async (page) => {
        await pass_door(page, { reason: 'chute' });
        await page.getByText('La personne est prévenue et peut refuser').waitFor();
        link.revoked = true;
        assert.equal(await failure(page), 'link_not_active');
      },
      { noise: [/404/] },
    );
  });

  test('a wrong passcode tells the tries that are left; the right one, typed with another accent form, opens', async () => {
    const link = protected_link({ documents: one_document(), passcode: 'été-42' });
    await stage.visit(
      link,
      async (page) => {
        await pass_door(page, { passcode: '000000' });
        await page.getByText('Il reste 4 essais.').waitFor();
        assert.equal(
          await page.locator('#reader').inputValue(),
          'Dr Alice Martin, Hôpital des Tilleuls',
        );
        await screenshot(page, 'wrong-passcode-fr');
        await pass_door(page, { passcode: 'été-42'.normalize('NFD') });
        await settled(page);
        await page.getByText('Glycémie à jeun').waitFor();
      },
      { noise: [/401/] },
    );
  });

  test('an opening whose files did not arrive is tried again, and counted once', async () => {
    const link = protected_link({ documents: one_document() });
    link.failures = 9; // Chromium itself asks again after a broken connection
    await stage.visit(
      link,
      async (page) => {
        await pass_door(page);
        await page.locator('form [data-failure="server_unreachable"]').waitFor();
        link.failures = 0;
        await pass_door(page);
        await page.getByText('Glycémie à jeun').waitFor();
        assert.equal(link.openings, 1);
      },
      { noise: [/ERR_/] },
    );
  });

  test('the last wrong passcode ends it', async () => {
    const link = protected_link({ documents: one_document(), passcode: '123456' });
    link.tries = 1;
    await stage.visit(
      link,
      async (page) => {
        await pass_door(page, { passcode: '000000' });
        await page.locator('.failed').waitFor();
        assert.equal(await failure(page), 'link_not_active');
      },
      { noise: [/401/] },
    );
  });

  test('an ended link says whom to ask, and nothing else', async () => {
    const link = protected_link({ documents: one_document() });
    link.revoked = true;
    await stage.visit(
      link,
      async (page) => {
        await page.locator('.failed').waitFor();
        assert.equal(
          await page.locator('.failed .lead').innerText(),
          'Ce lien n’est plus actif. Demandez-en un autre à la personne qui vous l’a donné.',
        );
        await screenshot(page, 'not-active-fr');
      },
      { noise: [/404/] },
    );
  });

  test('a share that ends while it is read is taken off the screen', async () => {
    const link = protected_link({
      documents: one_document(),
      expires_at: Math.floor(Date.now() / 1000) + 3600,
    });
    link.clock = 3597; // the server's clock is what counts
    await stage.visit(link, async (page) => {
      await pass_door(page);
      await page.getByText('Glycémie à jeun').waitFor();
      await page.locator('.failed').waitFor();
      assert.equal(await failure(page), 'link_not_active');
      assert.equal(await page.getByText('Glycémie').count(), 0);
    });
  });
});

async function drawn(page) {
  return page.locator('.pdf-page canvas').evaluate((canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return data.some((value, i) => i % 4 === 0 && value < 100);
  });
}
