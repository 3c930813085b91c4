// SPDX-License-Identifier: EUPL-1.2
//
// Links that the vault made, kept by the real server: the viewer opens them, and so does
// kill-the-clipboard, a SMART Health Links library that we did not write.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  assert_inert,
  assert_no_outside_requests,
  assert_quiet_console,
  launch,
  open_page,
  pass_door,
  screenshot,
} from './support/browser.mjs';
import { start_programs } from './support/programs.mjs';

const run = promisify(execFile);
const ktc = fileURLToPath(new URL('./support/ktc.mjs', import.meta.url));

let browser;
let programs;
let documents;
before(async () => {
  programs = await start_programs();
  documents = await programs.vault('list');
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await programs?.stop();
});

// A grant of the documents whose titles begin so; of all without any.
async function grant(titles, ...flags) {
  const duration = flags.includes('--for') ? [] : ['--for', '1h'];
  const chosen = documents.filter(({ title }) => titles.some((start) => title.startsWith(start)));
  const scope = chosen.flatMap(({ id }) => ['--document', id]);
  const [made] = await programs.vault(
    ...['grant', 'create', '--to', 'Dr Alice Martin', '--purpose', 'Consultation'],
    ...duration,
    ...(scope.length > 0 ? scope : ['--all']),
    ...flags,
  );
  return made;
}

// In a process of its own: only there can the test server's certificate be trusted.
async function foreign_redeem(made, ...passcode) {
  const link = programs.file('shl', made.link);
  const env = { PATH: process.env.PATH, NODE_EXTRA_CA_CERTS: programs.certificate };
  const { stdout } = await run(process.execPath, [ktc, link, ...passcode], {
    env,
    maxBuffer: 64 << 20,
  });
  return JSON.parse(stdout);
}

const attachments = ({ resources }) =>
  resources
    .flatMap((one) => (one.resourceType === 'Bundle' ? one.entry.map((e) => e.resource) : [one]))
    .filter((one) => one.resourceType === 'DocumentReference')
    .map((one) => one.content[0].attachment);

async function visit(made, act, { noise = [], ...options } = {}) {
  const { page, watched } = await open_page(browser, { ignore_tls: true, ...options });
  try {
    await page.goto(made.link);
    await act(page);
    assert_no_outside_requests(watched, programs.origin);
    assert_quiet_console(watched, noise);
    assert_inert(watched);
  } finally {
    await page.context().close();
  }
}

describe('a protected link of the vault', () => {
  test('opens in the viewer with its passcode: titles, a line of the CDA, a line of the PDF', async () => {
    const made = await grant([], '--passcode', '--openings', '1');
    await visit(made, async (page) => {
      await pass_door(page, { passcode: made.passcode });
      await page.locator('.entry').first().waitFor();
      assert.equal(
        await page.locator('[data-signature]').getAttribute('data-signature'),
        'verified',
      );
      assert.equal(await page.locator('.entry').count(), documents.length);
      await page.locator('.entry', { hasText: "Compte rendu d'examens biologiques" }).click();
      await page.locator('.narrative').getByText(/Glycémie/).first().waitFor();
      await screenshot(page, 'real-cda', { fullPage: true });
      await page.locator('.entry', { hasText: 'Ordonnance' }).click();
      await page.locator('.textLayer').getByText(/\p{L}{4}/u).first().waitFor();
      await screenshot(page, 'real-pdf');
    });
    const outcomes = (await programs.vault('access-log', '--grant', made.id)).map(
      ({ outcome }) => outcome,
    );
    assert.deepEqual(outcomes, ['delivered', 'read']);
  });

  test('opens nothing once the patient ended it', async () => {
    const made = await grant(['Ordonnance']);
    await programs.vault('grant', 'revoke', made.id);
    await visit(
      made,
      async (page) => {
        const told = page.locator('[data-failure]').first();
        assert.equal(await told.getAttribute('data-failure'), 'link_not_active');
      },
      { noise: [/404/] },
    );
  });
});

describe('a SMART Health Link of the vault', () => {
  test('with flag U is redeemed by a library that we did not write', async () => {
    const made = await grant(['Ordonnance'], '--delivery', 'shl');
    const got = await foreign_redeem(made);
    assert.equal(got.ok, true, got.message);
    assert.deepEqual(got.requests.map(({ method }) => method), ['GET']);
    const [pdf] = attachments(got);
    assert.equal(pdf.contentType, 'application/pdf');
    assert.ok(Buffer.from(pdf.data, 'base64').subarray(0, 5).equals(Buffer.from('%PDF-')));
  });

  test('as a manifest carries every document, FHIR as it is', async () => {
    const made = await grant([], '--delivery', 'shl', '--openings', '5');
    const got = await foreign_redeem(made);
    assert.equal(got.ok, true, got.message);
    const fhir = documents.filter(({ media_type }) => media_type === 'application/fhir+json');
    assert.equal(attachments(got).length, documents.length - fhir.length);
    assert.ok(fhir.length > 0);
    const summaries = got.resources.filter(({ type }) => type === 'document');
    assert.equal(summaries.length, fhir.length);
  });

  test('with a passcode counts wrong ones, and opens with the right one', async () => {
    const made = await grant(['Ordonnance'], '--delivery', 'shl', '--passcode');
    const wrong = await foreign_redeem(made, made.passcode === '000000' ? '000001' : '000000');
    assert.equal(wrong.ok, false);
    assert.equal(wrong.status, 401);
    assert.equal(wrong.remainingAttempts, 4);
    const right = await foreign_redeem(made, made.passcode);
    assert.equal(right.ok, true, right.message);
    assert.equal(attachments(right).length, 1);
  });

  test('is 404 once it was revoked, and once it is over', async () => {
    const revoked = await grant(['Ordonnance'], '--delivery', 'shl');
    await programs.vault('grant', 'revoke', revoked.id);
    const short = await grant(['Ordonnance'], '--delivery', 'shl', '--for', '1s');
    for (const made of [revoked, short]) {
      let refused = await foreign_redeem(made);
      // The end of a link is what is tested: the server has no other clock than the real one.
      for (const end = Date.now() + 5_000; refused.ok && Date.now() < end; )
        refused = await foreign_redeem(made);
      assert.equal(refused.ok, false);
      assert.equal(refused.status, 404);
    }
  });

  test('opens in the viewer', async () => {
    const made = await grant([], '--delivery', 'shl', '--openings', '1');
    await visit(made, async (page) => {
      await pass_door(page);
      await page.locator('.entry').first().waitFor();
      await page.locator('.entry', { hasText: 'Ordonnance' }).click();
      await page.locator('.textLayer').getByText(/\p{L}{4}/u).first().waitFor();
      await screenshot(page, 'real-shl');
    });
  });
});
