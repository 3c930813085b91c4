// SPDX-License-Identifier: EUPL-1.2
//
// The viewer opens protected links: what it asks, checks, shows and refuses.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { assert_inert, assert_no_outside_requests, assert_quiet_console, launch, open_page, pass_door, screenshot, viewer_directory } from './support/browser.mjs';
import { base64url, protected_link } from './support/parcel.mjs';
import { cda, honest_documents, laboratory, pdf, whole_body } from './support/samples.mjs';
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

// Opens `link` in a fresh page, runs the case, then asserts what holds in every case.
// `init` runs in the page before its own script.
async function visit(link, act, { noise = [], init, ...options } = {}) {
  const { page, watched } = await open_page(browser, options);
  if (init) await page.addInitScript(init);
  const address = server.serve_link(link);
  server.state.requests.length = 0;
  try {
    await page.goto(address);
    await act(page, watched);
    assert_no_outside_requests(watched, server.origin);
    assert_quiet_console(watched, noise);
    assert_inert(watched);
  } finally {
    await page.context().close();
  }
}

const one_document = () => [{ name: 'biologie.xml', type: 'text/xml', title: 'Biologie', date: '2026-09-14', author: 'Laboratoire', bytes: laboratory() }];
const posts = () => server.state.requests.filter((line) => line.startsWith('POST'));
const failure = (page) => page.locator('[data-failure]').first().getAttribute('data-failure');
const chosen = (page, title) => page.locator('.entry', { hasText: title }).click();
const settled = (page) => page.locator('.sheet-body:not([aria-busy])').waitFor();

describe('a protected link', () => {
  test('opens, proves that it was read, and shows each kind of document', async () => {
    const link = protected_link({ documents: honest_documents(), two_devices: true });
    await visit(link, async (page) => {
      await screenshot(page, 'door-fr');
      await pass_door(page);
      await page.locator('.entry').first().waitFor();
      await screenshot(page, 'share-fr');
      const band = await page.locator('.band').innerText();
      for (const words of ['Jeanne Modèle', '12 mars 1954', 'Dr Alice Martin', 'Consultation de cardiologie']) assert.ok(band.includes(words), words);
      assert.equal(await page.locator('[data-signature]').getAttribute('data-signature'), 'verified');
      assert.equal(link.proof, link.read_proof);
      assert.equal(link.open_claim(link.recipient), 'Dr Alice Martin, Hôpital des Tilleuls');

      await chosen(page, 'Compte rendu de biologie');
      await settled(page);
      await page.getByText('5,4 mmol/L').waitFor();
      assert.equal(await page.locator('td[rowspan="2"]').innerText(), 'Créatinine');
      assert.equal(await page.locator('.narrative img').evaluate((image) => image.naturalWidth), 240);
      await screenshot(page, 'document-cda', { fullPage: true });
      await page.getByRole('button', { name: 'Afficher le document joint' }).click();
      await page.getByText('Annexe du laboratoire').waitFor();

      await chosen(page, 'Ordonnance de sortie');
      await settled(page);
      await page.locator('.textLayer').getByText('Amlodipine 5 mg : un comprimé le matin').waitFor();
      assert.ok(await drawn(page), 'ink on the canvas');
      await screenshot(page, 'document-pdf');

      await chosen(page, 'Résumé patient');
      await settled(page);
      for (const words of ['Pénicilline', 'Hypertension artérielle', 'Aucun traitement connu']) await page.locator('.narrative').getByText(words).waitFor();
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
    await visit(link, async (page) => {
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
    await visit(protected_link({ documents: one_document() }), async (page, watched) => {
      await pass_door(page);
      await settled(page);
      assert.equal(page.url(), `${server.origin}/v`);
      const kept = await page.evaluate(async () => [
        document.cookie, localStorage.length, sessionStorage.length, (await indexedDB.databases()).length, (await caches.keys()).length, history.state,
      ]);
      assert.deepEqual(kept, ['', 0, 0, 0, 0, null]);
      assert.ok(watched.requests.every(({ url }) => !url.includes('#c1.') || url.startsWith(`${server.origin}/v#`)));
    });
  });

  test('opens by keyboard alone', async () => {
    await visit(protected_link({ documents: one_document(), passcode: '4242' }), async (page) => {
      await page.locator('#reader').waitFor();
      await page.keyboard.press('Tab');
      assert.equal(await page.evaluate(() => document.activeElement.id), 'reader');
      await page.keyboard.type('Dr Alice Martin');
      await page.keyboard.press('Tab');
      await page.keyboard.type('4242');
      await page.keyboard.press('Enter');
      await settled(page);
      await page.getByText('Glycémie à jeun').waitFor();
    });
  });

  test('asks who reads before it asks the server', async () => {
    await visit(protected_link({ documents: one_document() }), async (page) => {
      await page.getByRole('button', { name: 'Ouvrir', exact: true }).click();
      await page.getByText('Indiquez qui vous êtes').waitFor();
      assert.equal(await page.evaluate(() => document.activeElement.id), 'reader');
      assert.deepEqual(posts(), []);
    });
  });

  test('a wrong passcode tells the tries that are left; the right one, typed with another accent form, opens', async () => {
    const link = protected_link({ documents: one_document(), passcode: 'été-42' });
    await visit(
      link,
      async (page) => {
        await pass_door(page, { passcode: '000000' });
        await page.getByText('Il reste 4 essais.').waitFor();
        assert.equal(await page.locator('#reader').inputValue(), 'Dr Alice Martin, Hôpital des Tilleuls');
        await screenshot(page, 'wrong-passcode-fr');
        await pass_door(page, { passcode: 'été-42'.normalize('NFD') });
        await settled(page);
        await page.getByText('Glycémie à jeun').waitFor();
      },
      { noise: [/401/] },
    );
  });

  test('the last wrong passcode ends it', async () => {
    const link = protected_link({ documents: one_document(), passcode: '123456' });
    link.tries = 1;
    await visit(
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
    await visit(
      link,
      async (page) => {
        await page.locator('.failed').waitFor();
        assert.equal(await page.locator('.failed .lead').innerText(), 'Ce lien n’est plus actif. Demandez-en un autre à la personne qui vous l’a donné.');
        await screenshot(page, 'not-active-fr');
      },
      { noise: [/404/] },
    );
  });

  test('a share that ends while it is read is taken off the screen', async () => {
    const link = protected_link({ documents: one_document(), expires_at: Math.floor(Date.now() / 1000) + 3600 });
    link.clock = 3597; // the server's clock is what counts
    await visit(link, async (page) => {
      await pass_door(page);
      await page.getByText('Glycémie à jeun').waitFor();
      await page.locator('.failed').waitFor();
      assert.equal(await failure(page), 'link_not_active');
      assert.equal(await page.getByText('Glycémie').count(), 0);
    });
  });

  test('without the right to download there is no button for it', async () => {
    await visit(protected_link({ documents: one_document(), rights: ['view'] }), async (page) => {
      await pass_door(page);
      await settled(page);
      assert.equal(await page.getByRole('button', { name: 'Enregistrer' }).count(), 0);
    });
  });

  test('a download is the original bytes under a safe name', async () => {
    const documents = [{ ...one_document()[0], name: '../..\\évil\u202e.html', title: 'x' }];
    await visit(protected_link({ documents }), async (page) => {
      await pass_door(page);
      await settled(page);
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Enregistrer' }).click()]);
      assert.match(download.suggestedFilename(), /^[\p{L}\p{N} _-]+\.xml$/u);
      const stream = await download.createReadStream();
      assert.deepEqual(Buffer.concat(await stream.toArray()), documents[0].bytes);
    });
  });

  test('a CDA that is only the envelope of a PDF shows the PDF at once', async () => {
    const bytes = cda(whole_body('application/pdf', pdf(['Lettre de liaison'])));
    await visit(protected_link({ documents: [{ ...one_document()[0], bytes }] }), async (page) => {
      await pass_door(page);
      await page.locator('.textLayer').getByText('Lettre de liaison').waitFor();
      assert.equal(await page.locator('.cda-header').count(), 1);
    });
  });

  test('a CDA that its own style sheet carries is read by its data', async () => {
    const bytes = Buffer.from(laboratory().toString().replace(/<\?xml[^>]*>/, '<?xml version="1.0"?><x:stylesheet xmlns:x="http://www.w3.org/1999/XSL/Transform">') + '</x:stylesheet>');
    await visit(protected_link({ documents: [{ ...one_document()[0], bytes }] }), async (page) => {
      await pass_door(page);
      await page.getByText('Glycémie à jeun').waitFor();
    });
  });

  test('a browser without Ed25519 reads, and is told that the signature was not checked', async () => {
    const init = () => {
      const import_key = crypto.subtle.importKey.bind(crypto.subtle);
      crypto.subtle.importKey = (format, key, algorithm, ...more) =>
        algorithm === 'Ed25519'
          ? Promise.reject(new DOMException('Unrecognized name.', 'NotSupportedError'))
          : import_key(format, key, algorithm, ...more);
    };
    await visit(protected_link({ documents: one_document() }), async (page) => {
      await pass_door(page);
      await page.getByText('Glycémie à jeun').waitFor();
      assert.equal(await page.locator('[data-signature]').getAttribute('data-signature'), 'unchecked');
      await page.getByText('ne sait pas vérifier la signature').waitFor();
    }, { init });
  });

  test('a browser without cryptography is told so, and nothing is asked', async () => {
    const init = () => Object.defineProperty(Crypto.prototype, 'subtle', { value: undefined });
    await visit(protected_link({ documents: one_document() }), async (page) => {
      await page.locator('.failed').waitFor();
      assert.equal(await failure(page), 'old_browser');
      assert.equal(server.state.requests.filter((line) => line.includes('/v1/')).length, 0);
    }, { init });
  });

  test('a large document comes in parts and is joined', async () => {
    const bytes = Buffer.from('ligne de texte\n'.repeat(20_000));
    const documents = [{ name: 'long.txt', type: 'text/plain', title: 'Long', date: '', author: '', bytes }];
    await visit(protected_link({ documents, part_size: 65_536 }), async (page) => {
      await pass_door(page);
      await settled(page);
      assert.equal(await page.locator('.plain-text').evaluate((element) => element.textContent.length), bytes.length);
    });
  });
});

describe('what was altered is refused, and nothing of it shown', () => {
  const flip = (text, at) => text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
  const cases = [
    ['the signature of the manifest', { forge: (jws) => flip(jws, jws.length - 40) }, 'damaged'],
    ['the payload of the manifest', { forge: (jws) => { const [h, p, s] = jws.split('.'); return [h, base64url(Buffer.from(p, 'base64url').toString().replace('Dr Alice Martin', 'Dr Mallory')), s].join('.'); } }, 'damaged'],
    ['another link', { change: (payload) => ({ ...payload, link: 'a'.repeat(26) }) }, 'damaged'],
    ['another version of the grant', { change: (payload) => ({ ...payload, n: payload.n + 1 }) }, 'damaged'],
    ['an expired manifest', { change: (payload) => ({ ...payload, expires_at: 1_700_000_000 }) }, 'link_not_active'],
    ['a chain to another root', { change: (payload) => ({ ...payload, root: base64url(Buffer.alloc(32, 7)) }) }, 'damaged'],
    ['a chain without the signer', { two_devices: true, change: (payload) => ({ ...payload, chain: payload.chain.slice(0, 1) }) }, 'damaged'],
    ['a chain without its middle', { two_devices: true, change: (payload) => ({ ...payload, chain: payload.chain.slice(1) }) }, 'damaged'],
    ['a chain of another vault', { change: (payload) => ({ ...payload, vault: 'a'.repeat(26) }) }, 'damaged'],
    ['a manifest of a later format', { change: (payload) => ({ ...payload, v: 2 }) }, 'other_version'],
    ['an unsigned manifest', { forge: (jws) => [base64url('{"alg":"none","typ":"coffret-manifest+jwt"}'), jws.split('.')[1], 'AA'].join('.') }, 'other_version'],
  ];
  for (const [name, options, expected] of cases)
    test(name, async () => {
      await visit(protected_link({ documents: one_document(), ...options }), async (page) => {
        await pass_door(page);
        await page.locator('.failed').waitFor();
        assert.equal(await failure(page), expected);
        assert.equal(await page.getByText('Jeanne').count(), 0);
      });
    });

  const in_files = [
    ['a flipped bit of a file', (link) => { const [id, jwe] = [...link.files][1]; link.files.set(id, flip(jwe, 400)); }],
    ['a cut file', (link) => { const [id, jwe] = [...link.files][1]; link.files.set(id, jwe.slice(0, -4)); }],
    ['two files exchanged', (link) => { const [, a, b] = [...link.files]; link.files.set(a[0], b[1]).set(b[0], a[1]); }],
  ];
  for (const [name, spoil] of in_files)
    test(name, async () => {
      const link = protected_link({ documents: [...one_document(), { ...one_document()[0], bytes: Buffer.from('<ClinicalDocument/>') }] });
      spoil(link);
      await visit(link, async (page) => {
        await pass_door(page);
        await page.locator('.entry').first().click();
        await settled(page);
        assert.equal(await page.locator('.sheet-body [data-failure]').getAttribute('data-failure'), 'damaged');
        assert.equal(await page.getByText('Glycémie').count(), 0);
      });
    });

  test('a hash that is not the document’s', async () => {
    const change = (payload) => ({ ...payload, files: payload.files.map((file) => ({ ...file, sha256: base64url(Buffer.alloc(32)) })) });
    await visit(protected_link({ documents: one_document(), change }), async (page) => {
      await pass_door(page);
      await settled(page);
      assert.equal(await page.locator('.sheet-body [data-failure]').getAttribute('data-failure'), 'damaged');
    });
  });
});

describe('links that are none', () => {
  const fragments = [
    ['cut', 'c1.AAAA', 'malformed'],
    ['one character short', (link) => link.fragment.slice(0, -1), 'malformed'],
    ['of a later version', 'c2.AAAA.BBBB', 'other_version'],
    ['not canonical', (link) => link.fragment.replace(/.$/, 'B'), 'malformed'],
    ['something else', 'hello', 'malformed'],
  ];
  for (const [name, fragment, expected] of fragments)
    test(name, async () => {
      const link = protected_link({ documents: one_document() });
      const text = typeof fragment === 'string' ? fragment : fragment(link);
      await visit({ ...link, fragment: text }, async (page) => {
        await page.locator('.failed').waitFor();
        assert.equal(await failure(page), expected);
        assert.equal(server.state.requests.filter((line) => line.includes('/v1/')).length, 0);
      });
    });

  test('an unreachable server can be tried again', async () => {
    const link = protected_link({ documents: one_document() });
    server.state.broken = true;
    try {
      await visit(
        link,
        async (page) => {
          await page.locator('.failed').waitFor();
          assert.equal(await failure(page), 'server_unreachable');
          server.state.broken = false;
          await page.getByRole('button', { name: 'Réessayer' }).click();
          await page.locator('#reader').waitFor();
        },
        { noise: [/ERR_/] },
      );
    } finally {
      server.state.broken = false;
    }
  });

  test('a link can be pasted', async () => {
    const link = protected_link({ documents: one_document() });
    await visit({ ...link, fragment: '' }, async (page) => {
      await page.locator('#link').fill(`${server.origin}/v#${link.fragment}`);
      await page.getByRole('button', { name: 'Continuer' }).click();
      await pass_door(page);
      await settled(page);
    });
  });
});

async function drawn(page) {
  return page.locator('.pdf-page canvas').evaluate((canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return data.some((value, i) => i % 4 === 0 && value < 100);
  });
}
