// SPDX-License-Identifier: EUPL-1.2
//
// What is behind a protected link: rights, downloads, forms of documents, older browsers.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pass_door } from './support/browser.mjs';
import { protected_link } from './support/parcel.mjs';
import { cda, laboratory, pdf, whole_body } from './support/samples.mjs';
import { failure, one_document, set_stage, settled } from './support/stage.mjs';

const stage = set_stage();

describe('what is behind a protected link', () => {
  test('without the right to download there is no button for it', async () => {
    await stage.visit(
      protected_link({ documents: one_document(), rights: ['view'] }),
      async (page) => {
        await pass_door(page);
        await settled(page);
        assert.equal(await page.getByRole('button', { name: 'Enregistrer' }).count(), 0);
      },
    );
  });

  test('a download is the original bytes under a safe name', async () => {
    const documents = [{ ...one_document()[0], name: '../..\\évil\u202e.html', title: 'x' }];
    await stage.visit(protected_link({ documents }), async (page) => {
      await pass_door(page);
      await settled(page);
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Enregistrer' }).click(),
      ]);
      assert.match(download.suggestedFilename(), /^[\p{L}\p{N} _-]+\.xml$/u);
      const stream = await download.createReadStream();
      assert.deepEqual(Buffer.concat(await stream.toArray()), documents[0].bytes);
    });
  });

  test('a CDA that is only the envelope of a PDF shows the PDF at once', async () => {
    const bytes = cda(whole_body('application/pdf', pdf(['Lettre de liaison'])));
    await stage.visit(
      protected_link({ documents: [{ ...one_document()[0], bytes }] }),
      async (page) => {
        await pass_door(page);
        await page.locator('.textLayer').getByText('Lettre de liaison').waitFor();
        assert.equal(await page.locator('.cda-header').count(), 1);
      },
    );
  });

  test('a CDA that its own style sheet carries is read by its data', async () => {
    const bytes = Buffer.from(
      laboratory()
        .toString()
        .replace(
          /<\?xml[^>]*>/,
          '<?xml version="1.0"?><x:stylesheet xmlns:x="http://www.w3.org/1999/XSL/Transform">',
        ) + '</x:stylesheet>',
    );
    await stage.visit(
      protected_link({ documents: [{ ...one_document()[0], bytes }] }),
      async (page) => {
        await pass_door(page);
        await page.getByText('Glycémie à jeun').waitFor();
      },
    );
  });

  test('a browser without Ed25519 reads, and is told that the signature was not checked', async () => {
    const init = () => {
      const import_key = crypto.subtle.importKey.bind(crypto.subtle);
      crypto.subtle.importKey = (format, key, algorithm, ...more) =>
        algorithm === 'Ed25519'
          ? Promise.reject(new DOMException('Unrecognized name.', 'NotSupportedError'))
          : import_key(format, key, algorithm, ...more);
    };
    await stage.visit(
      protected_link({ documents: one_document() }),
      async (page) => {
        await pass_door(page);
        await page.getByText('Glycémie à jeun').waitFor();
        assert.equal(
          await page.locator('[data-signature]').getAttribute('data-signature'),
          'unchecked',
        );
        await page.getByText('ne sait pas vérifier la signature').waitFor();
      },
      { init },
    );
  });

  test('a browser without cryptography is told so, and nothing is asked', async () => {
    const init = () => Object.defineProperty(Crypto.prototype, 'subtle', { value: undefined });
    await stage.visit(
      protected_link({ documents: one_document() }),
      async (page) => {
        await page.locator('.failed').waitFor();
        assert.equal(await failure(page), 'old_browser');
        assert.equal(stage.server.state.requests.filter((line) => line.includes('/v1/')).length, 0);
      },
      { init },
    );
  });

  test('a large document comes in parts and is joined', async () => {
    const bytes = Buffer.from('ligne de texte\n'.repeat(20_000));
    const documents = [
      { name: 'long.txt', type: 'text/plain', title: 'Long', date: '', author: '', bytes },
    ];
    await stage.visit(protected_link({ documents, part_size: 65_536 }), async (page) => {
      await pass_door(page);
      await settled(page);
      assert.equal(
        await page.locator('.plain-text').evaluate((element) => element.textContent.length),
        bytes.length,
      );
    });
  });
});
