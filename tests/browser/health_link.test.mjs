// SPDX-License-Identifier: EUPL-1.2
//
// The viewer opens SMART Health Links (R1 to R7 of the receiver's duties), and so does a library that
// we did not write: what the tests' server makes is the format, not our habit.
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
  viewer_directory,
} from './support/browser.mjs';
import { redeem } from './support/ktc.mjs';
import { health_link } from './support/parcel.mjs';
import { collection, laboratory, pdf, summary } from './support/samples.mjs';
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

const documents = () =>
  collection([
    { title: 'Biologie', type: 'text/xml', bytes: laboratory() },
    { title: 'Ordonnance', type: 'application/pdf', bytes: pdf(['Ordonnance', 'Amlodipine 5 mg']) },
  ]);

async function visit(shl, act, { noise = [], address, ...options } = {}) {
  const { page, watched } = await open_page(browser, options);
  const served = server.serve_shl(shl);
  server.state.requests.length = 0;
  try {
    await page.goto(address ?? served);
    await act(page);
    assert_no_outside_requests(watched, server.origin);
    assert_quiet_console(watched, noise);
    assert_inert(watched);
  } finally {
    await page.context().close();
  }
}

const shl_requests = () => server.state.requests.filter((line) => line.includes('/shl/'));

describe('a SMART Health Link', () => {
  test('by manifest, embedded and by location, deflated or not, shows documents and summary', async () => {
    const shl = health_link({
      files: [{ json: documents() }, { json: summary(), zip: true }],
      label: 'Consultation de Jeanne',
    });
    await visit(shl, async (page) => {
      await page.getByText('Consultation de Jeanne').waitFor();
      assert.deepEqual(shl_requests(), []);
      await screenshot(page, 'shl-door-fr');
      await pass_door(page);
      await page.locator('.entry').first().waitFor();
      assert.equal(shl.recipient, 'Dr Alice Martin, Hôpital des Tilleuls');
      assert.equal(
        await page.locator('[data-signature]').getAttribute('data-signature'),
        'unsigned',
      );
      assert.equal(await page.locator('.band h1').innerText(), 'Jeanne Modèle');
      await page.locator('.entry', { hasText: 'Biologie' }).click();
      await page.getByText('Glycémie à jeun').waitFor();
      await page.locator('.entry', { hasText: 'Ordonnance' }).click();
      await page.locator('.textLayer').getByText('Amlodipine 5 mg').waitFor();
      await page.locator('.entry', { hasText: 'Résumé patient international' }).click();
      await page.getByText('Pénicilline').waitFor();
      await screenshot(page, 'shl-share-fr');
    });
  });

  test('with flag U is fetched by one GET that names the reader, after a click', async () => {
    const shl = health_link({
      files: [{ json: documents() }],
      flag: 'U',
      exp: Math.floor(Date.now() / 1000) + 900,
    });
    await visit(shl, async (page) => {
      await page.locator('#reader').waitFor();
      assert.deepEqual(shl_requests(), []);
      await pass_door(page, { reader: 'Dr Alice Martin & équipe' });
      await page.locator('.entry').first().waitFor();
      assert.equal(shl.recipient, 'Dr Alice Martin & équipe');
      assert.deepEqual(shl_requests(), [`GET /shl/${shl.path}`]);
    });
  });

  test('with flag P asks the passcode and tells the tries that are left', async () => {
    const shl = health_link({ files: [{ json: documents() }], flag: 'LP', passcode: '204060' });
    await visit(
      shl,
      async (page) => {
        await pass_door(page, { passcode: '1' });
        await page.getByText('4 tries are left.').waitFor();
        await pass_door(page, { passcode: '204060' });
        await page.locator('.entry').first().waitFor();
      },
      { locale: 'en-GB', noise: [/401/] },
    );
  });

  test('that has ended says whom to ask', async () => {
    const shl = health_link({ files: [{ json: documents() }] });
    shl.revoked = true;
    await visit(
      shl,
      async (page) => {
        await pass_door(page);
        await page.getByText('Demandez-en un autre à la personne qui vous l’a donné.').waitFor();
      },
      { noise: [/404/] },
    );
  });

  test('with an unknown flag and unknown members is opened all the same', async () => {
    await visit(health_link({ files: [{ json: documents() }], flag: 'X' }), async (page) => {
      await pass_door(page);
      await page.locator('.entry').first().waitFor();
    });
  });

  const refused = [
    ['of a later version', { v: 2 }, 'other_version'],
    ['without a key', { key: undefined }, 'malformed'],
    ['of another host', { url: 'https://elsewhere.example/shl/x' }, 'foreign_host'],
    ['to an address of this machine', { url: 'http://127.0.0.1:1/shl/x' }, 'foreign_host'],
    ['whose url is a script', { url: 'javascript:alert(1)' }, 'foreign_host'],
  ];
  for (const [name, change, expected] of refused)
    test(`${name} is refused before any request`, async () => {
      const shl = health_link({ files: [{ json: documents() }] });
      const payload = JSON.parse(
        Buffer.from(shl.at(server.origin).slice('shlink:/'.length), 'base64url'),
      );
      const changed = `shlink:/${Buffer.from(JSON.stringify({ ...payload, ...change })).toString('base64url')}`;
      await visit(
        shl,
        async (page) => {
          await page.locator(`[data-failure="${expected}"]`).waitFor();
          assert.deepEqual(shl_requests(), []);
        },
        { address: `${server.origin}/v#${changed}` },
      );
    });
});

describe('kill-the-clipboard reads the same links', () => {
  const uri = (shl) => {
    server.serve_shl(shl);
    return shl.at(server.origin);
  };

  test('by manifest and with flag U', async () => {
    for (const flag of ['', 'U']) {
      const got = await redeem(uri(health_link({ files: [{ json: documents() }], flag })));
      assert.equal(got.ok, true, JSON.stringify(got));
      assert.equal(got.resources[0].entry.length, 3);
    }
  });

  test('with a wrong passcode it is told how many tries are left, then with the right one it reads', async () => {
    const shl = health_link({ files: [{ json: documents() }], flag: 'P', passcode: '204060' });
    const wrong = await redeem(uri(shl), { passcode: '1' });
    assert.deepEqual([wrong.ok, wrong.status, wrong.remainingAttempts], [false, 401, 4]);
    assert.equal((await redeem(uri(shl), { passcode: '204060' })).ok, true);
  });

  test('after its end it finds nothing', async () => {
    const shl = health_link({ files: [{ json: documents() }] });
    shl.revoked = true;
    const got = await redeem(uri(shl));
    assert.deepEqual([got.ok, got.status, got.error], [false, 404, 'SHLManifestNotFoundError']);
  });
});
