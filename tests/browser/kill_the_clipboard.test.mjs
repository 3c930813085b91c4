// SPDX-License-Identifier: EUPL-1.2
//
// A SMART Health Links library that we did not write redeems our links from our own server, over its
// own TLS: what we make is the standard, not our habit.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { open_house } from './support/house.mjs';

const execute = promisify(execFile);
const reader = fileURLToPath(new URL('support/ktc.mjs', import.meta.url));

let house;
before(async () => {
  house = await open_house();
});
after(() => house?.close());

const share = (options = {}) =>
  house.grant({ ...options, flags: ['--delivery', 'shl', ...(options.flags ?? [])] });

// In a process of its own: only at its start does Node.js take a certificate to trust.
async function redeem(link, passcode = '', embedded_length_max = '') {
  const words = [reader, house.file(link), passcode, String(embedded_length_max)];
  const { stdout } = await execute(process.execPath, words, {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: house.certificate },
    maxBuffer: 1 << 26,
  });
  return JSON.parse(stdout);
}

const payload_of = (link) =>
  JSON.parse(Buffer.from(link.split('shlink:/')[1], 'base64url').toString());
const resources_of = (got) =>
  got.resources.flatMap((bundle) => bundle.entry.map((entry) => entry.resource));
const references_of = (got) =>
  resources_of(got).filter((one) => one.resourceType === 'DocumentReference');
const attachment_of = (reference) => reference.content[0].attachment;
const wrong = (passcode) => (passcode === '000000' ? '111111' : '000000');

function assert_refused(got, status) {
  assert.equal(got.ok, false);
  assert.equal(got.status, status, JSON.stringify(got));
}

describe('kill-the-clipboard redeems our SMART Health Links', () => {
  test('without passcode: every document, byte for byte, and the summary as it is', async () => {
    const made = await share();
    assert.equal(payload_of(made.link).flag, undefined);
    const got = await redeem(made.link);
    assert.equal(got.ok, true, JSON.stringify(got));
    assert.deepEqual(
      got.requests.map(({ method }) => method),
      ['POST', ...got.requests.slice(1).map(() => 'GET')],
    );

    const kinds = resources_of(got).map((one) => one.resourceType);
    assert.ok(kinds.includes('AllergyIntolerance'), kinds.join());
    const references = references_of(got);
    assert.deepEqual(
      references.map((one) => attachment_of(one).title).toSorted(),
      [...house.documents.keys()]
        .filter((title) => title !== 'Résumé médical international')
        .toSorted(),
    );
    for (const reference of references) {
      const { title, data, contentType } = attachment_of(reference);
      const original = house.documents.get(title);
      const digest = await crypto.subtle.digest('SHA-256', Buffer.from(data, 'base64'));
      assert.equal(Buffer.from(digest).toString('hex'), original.sha256, title);
      assert.equal(contentType, original.media_type, title);
    }
  });

  test('what is short enough for the reader comes in the manifest, the rest from its location', async () => {
    const made = await share();
    const all = await redeem(made.link);
    const inside = await redeem(made.link, '', 10_000_000);
    assert.equal(inside.ok, true, JSON.stringify(inside));
    assert.deepEqual(references_of(inside), references_of(all));
    assert.ok(inside.requests.length < all.requests.length, JSON.stringify(inside.requests));
    const short = await redeem(made.link, '', 10);
    assert.equal(short.requests.length, all.requests.length);
  });

  test('with flag U: one file by one GET', async () => {
    const made = await share({ titles: ['Ordonnance'] });
    assert.equal(payload_of(made.link).flag, 'U');
    const got = await redeem(made.link);
    assert.equal(got.ok, true, JSON.stringify(got));
    assert.deepEqual(
      got.requests.map(({ method, status }) => [method, status]),
      [['GET', 200]],
    );
    assert.equal(attachment_of(references_of(got)[0]).contentType, 'application/pdf');
  });

  test('with a passcode: 401 and the tries left for a wrong one, and the right one opens', async () => {
    const made = await share({ flags: ['--passcode'] });
    assert.equal(payload_of(made.link).flag, 'P');
    for (const left of [4, 3]) {
      const got = await redeem(made.link, wrong(made.passcode));
      assert_refused(got, 401);
      assert.equal(got.remainingAttempts, left);
    }
    const got = await redeem(made.link, made.passcode);
    assert.equal(got.ok, true, JSON.stringify(got));
    assert.equal(references_of(got).length, 5);
    assert.equal((await house.grant_now(made.id)).wrong_passcodes, 2);
  });

  test('five wrong passcodes in its life end it, for the right one too', async () => {
    const made = await share({ titles: ['Ordonnance'], flags: ['--passcode'] });
    for (const left of [4, 3, 2, 1, 0]) {
      const got = await redeem(made.link, wrong(made.passcode));
      assert_refused(got, 401);
      assert.equal(got.remainingAttempts, left);
    }
    assert_refused(await redeem(made.link, made.passcode), 404);
    assert.equal((await house.grant_now(made.id)).state, 'locked');
  });

  test('openings run out', async () => {
    const made = await share({ titles: ['Ordonnance'], flags: ['--openings', '1'] });
    assert.equal(payload_of(made.link).flag, undefined, 'what is counted is no flag-U link');
    assert.equal((await redeem(made.link)).ok, true);
    assert_refused(await redeem(made.link), 404);
  });

  for (const [name, options] of [
    ['a manifest link', {}],
    ['a flag-U link', { titles: ['Ordonnance'] }],
  ]) {
    test(`${name} that was revoked is not found`, async () => {
      const made = await share(options);
      assert.equal((await redeem(made.link)).ok, true);
      await house.vault('grant', 'revoke', made.id);
      assert_refused(await redeem(made.link), 404);
    });

    test(`${name} that has expired is not found`, async () => {
      const made = await share({ ...options, lasts: '3s' });
      assert.equal(payload_of(made.link).exp, Date.parse(made.expires_at) / 1000);
      while ((await house.grant_now(made.id)).state === 'live');
      assert.equal((await house.grant_now(made.id)).state, 'expired');
      assert_refused(await redeem(made.link), 404);
    });
  }

  test('the patient sees each opening, with the name that the reader gave', async () => {
    const made = await share({ titles: ['Ordonnance'] });
    await redeem(made.link);
    const rows = await house.openings(made.id);
    assert.equal(rows.length, 1, JSON.stringify(rows));
    assert.equal(rows[0].recipient, 'Dr Alice Martin');
    assert.equal(rows[0].proved, false);
  });
});
