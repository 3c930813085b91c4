// SPDX-License-Identifier: EUPL-1.2
//
// Altered parcels and links that are none: refused before anything is shown.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pass_door } from './support/browser.mjs';
import { base64url, protected_link } from './support/parcel.mjs';
import { failure, one_document, set_stage, settled } from './support/stage.mjs';

const stage = set_stage();

describe('what was altered is refused, and nothing of it shown', () => {
  const flip = (text, at) =>
    text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
  const cases = [
    ['the signature of the manifest', { forge: (jws) => flip(jws, jws.length - 40) }, 'damaged'],
    [
      'the payload of the manifest',
      {
        forge: (jws) => {
          const [h, p, s] = jws.split('.');
          return [
            h,
            base64url(
              Buffer.from(p, 'base64url').toString().replace('Dr Alice Martin', 'Dr Mallory'),
            ),
            s,
          ].join('.');
        },
      },
      'damaged',
    ],
    ['another link', { change: (payload) => ({ ...payload, link: 'a'.repeat(26) }) }, 'damaged'],
    [
      'another version of the grant',
      { change: (payload) => ({ ...payload, n: payload.n + 1 }) },
      'damaged',
    ],
    [
      'an expired manifest',
      { change: (payload) => ({ ...payload, expires_at: 1_700_000_000 }) },
      'link_not_active',
    ],
    [
      'a chain to another root',
      { change: (payload) => ({ ...payload, root: base64url(Buffer.alloc(32, 7)) }) },
      'damaged',
    ],
    [
      'a chain without the signer',
      {
        two_devices: true,
        change: (payload) => ({ ...payload, chain: payload.chain.slice(0, 1) }),
      },
      'damaged',
    ],
    [
      'a chain without its middle',
      { two_devices: true, change: (payload) => ({ ...payload, chain: payload.chain.slice(1) }) },
      'damaged',
    ],
    [
      'a chain of another vault',
      { change: (payload) => ({ ...payload, vault: 'a'.repeat(26) }) },
      'damaged',
    ],
    [
      'a manifest of a later format',
      { change: (payload) => ({ ...payload, v: 2 }) },
      'other_version',
    ],
    ['a right that is not known', { rights: ['view', 'forward'] }, 'other_version'],
    ['no right to view', { rights: ['download'] }, 'damaged'],
    [
      'an unsigned manifest',
      {
        forge: (jws) =>
          [base64url('{"alg":"none","typ":"coffret-manifest+jwt"}'), jws.split('.')[1], 'AA'].join(
            '.',
          ),
      },
      'other_version',
    ],
  ];
  for (const [name, options, expected] of cases)
    test(name, async () => {
      await stage.visit(protected_link({ documents: one_document(), ...options }), async (page) => {
        await pass_door(page);
        await page.locator('.failed').waitFor();
        assert.equal(await failure(page), expected);
        assert.equal(await page.getByText('Jeanne').count(), 0);
      });
    });

  const in_files = [
    [
      'a flipped bit of a file',
      (link) => {
        const [id, jwe] = [...link.files][1];
        link.files.set(id, flip(jwe, 400));
      },
    ],
    [
      'a cut file',
      (link) => {
        const [id, jwe] = [...link.files][1];
        link.files.set(id, jwe.slice(0, -4));
      },
    ],
    [
      'two files exchanged',
      (link) => {
        const [, a, b] = [...link.files];
        link.files.set(a[0], b[1]).set(b[0], a[1]);
      },
    ],
  ];
  for (const [name, spoil] of in_files)
    test(name, async () => {
      const link = protected_link({
        documents: [
          ...one_document(),
          { ...one_document()[0], bytes: Buffer.from('<ClinicalDocument/>') },
        ],
      });
      spoil(link);
      await stage.visit(link, async (page) => {
        await pass_door(page);
        await page.locator('.entry').first().click();
        await settled(page);
        assert.equal(
          await page.locator('.sheet-body [data-failure]').getAttribute('data-failure'),
          'damaged',
        );
        assert.equal(await page.getByText('Glycémie').count(), 0);
      });
    });

  test('a hash that is not the document’s', async () => {
    const change = (payload) => ({
      ...payload,
      files: payload.files.map((file) => ({ ...file, sha256: base64url(Buffer.alloc(32)) })),
    });
    await stage.visit(protected_link({ documents: one_document(), change }), async (page) => {
      await pass_door(page);
      await settled(page);
      assert.equal(
        await page.locator('.sheet-body [data-failure]').getAttribute('data-failure'),
        'damaged',
      );
    });
  });
});

describe('links that are none', () => {
  const fragments = [
    ['cut', 'c1.AAAA', 'malformed'],
    ['one character short', (link) => link.fragment.slice(0, -1), 'malformed'],
    ['of a later version', 'c2.AAAA.BBBB', 'other_version'],
    ['for a caregiver’s key', 'k1.AAAA.BBBB', 'needs_key'],
    ['not canonical', (link) => link.fragment.replace(/.$/, 'B'), 'malformed'],
    ['something else', 'hello', 'malformed'],
  ];
  for (const [name, fragment, expected] of fragments)
    test(name, async () => {
      const link = protected_link({ documents: one_document() });
      const text = typeof fragment === 'string' ? fragment : fragment(link);
      await stage.visit({ ...link, fragment: text }, async (page) => {
        await page.locator('.failed').waitFor();
        assert.equal(await failure(page), expected);
        assert.equal(stage.server.state.requests.filter((line) => line.includes('/v1/')).length, 0);
      });
    });

  test('an unreachable server can be tried again', async () => {
    const link = protected_link({ documents: one_document() });
    stage.server.state.broken = true;
    try {
      await stage.visit(
        link,
        async (page) => {
          await page.locator('.failed').waitFor();
          assert.equal(await failure(page), 'server_unreachable');
          stage.server.state.broken = false;
          await page.getByRole('button', { name: 'Réessayer' }).click();
          await page.locator('#reader').waitFor();
        },
        { noise: [/ERR_/] },
      );
    } finally {
      stage.server.state.broken = false;
    }
  });

  test('a link can be pasted', async () => {
    const link = protected_link({ documents: one_document() });
    await stage.visit({ ...link, fragment: '' }, async (page) => {
      await page.locator('#link').fill(`${stage.server.origin}/v#${link.fragment}`);
      await page.getByRole('button', { name: 'Continuer' }).click();
      await pass_door(page);
      await settled(page);
    });
  });
});
