// SPDX-License-Identifier: EUPL-1.2
//
// The tests' own implementation of the formats gives the values that tests/vault/crypto pins for the
// vault's: so what the viewer opens here, it opens there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  base32,
  padme,
  parcel_key,
  passcode_proof,
  read_proof,
  recipient_key,
} from './support/parcel.mjs';

const counting = (first, size) => Buffer.from(Array.from({ length: size }, (_, i) => first + i));

test('keys and proofs of a protected link are those of the vault', () => {
  const [secret, half, id] = [counting(0x30, 32), counting(0x50, 32), counting(0x70, 16)];
  const key = parcel_key(secret, half, id, 2);
  assert.equal(
    key.toString('hex'),
    'd1dfc8d447429502063794f01b6e78da43cee0bf8699f56ccacca74e29b8763a',
  );
  assert.equal(
    read_proof(key, id).toString('hex'),
    'f3a2eafc5b5221bc7b05b204e49c21a7fa562eb49eb8a226e7d1e48a6a8d444b',
  );
  assert.equal(
    passcode_proof(secret, id, '042137').toString('hex'),
    'df8ce1e8d5e3e8a4772fd30895e4f82458036c60232ebc93450379f33d55afa3',
  );
  assert.equal(
    recipient_key(secret, id).toString('hex'),
    '0b623e8f40df740dd4a42d66400cd25330712c478b6eaa1f758ffadd7ff7127a',
  );
});

test('base32 is that of RFC 4648, lower case, without padding', () => {
  const vectors = {
    '': '',
    f: 'my',
    fo: 'mzxq',
    foo: 'mzxw6',
    foob: 'mzxw6yq',
    fooba: 'mzxw6ytb',
    foobar: 'mzxw6ytboi',
  };
  for (const [text, expected] of Object.entries(vectors))
    assert.equal(base32(Buffer.from(text)), expected);
});

test('padding adds at most 12 % and never shortens', () => {
  for (const size of [1, 2, 9, 100, 1000, 65_537, 4_194_303]) {
    const padded = padme(size);
    assert.ok(padded >= size && padded <= size * 1.12 + 1, `${size} → ${padded}`);
  }
});
