// SPDX-License-Identifier: EUPL-1.2
//
// deposit_seal.ts: what vault/crypto/deposit.cpp opens, made by the browser's own WebCrypto: lines
// of compact JWE (RFC 7516), ECDH-ES on P-256 (RFC 7518 §4.6), A256GCM, a fresh key pair each.
import { concat, sha256, to_base64url, utf8, type Bytes } from './bytes.ts';
import { Failure } from './failure.ts';

const part_size = 4 << 20; // bytes of a file in one line
const letter_step = 1024; // bytes
const letter_limit = 64 << 10; // bytes

export interface Letter {
  name: string;
  organisation: string;
  note: string;
}

export interface SentFile {
  name: string;
  type: string;
  bytes: Bytes;
}

export interface Place {
  link: Bytes;
  deposit: Bytes;
}

const big_endian = (value: number): Bytes => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
};
const counted = (bytes: Bytes): Bytes => concat(big_endian(bytes.length), bytes);

// Padmé: the size that as many sizes as may be are padded to.
export function padme(size: number): number {
  if (size < 2) return size;
  const exponent = 31 - Math.clz32(size);
  const significant = 32 - Math.clz32(exponent);
  const mask = (1 << (exponent - significant)) - 1;
  return (size + mask) & ~mask;
}

function padded(bytes: Uint8Array, size: number, filler: number): Bytes {
  const out = new Uint8Array(size).fill(filler);
  out.set(bytes);
  return out;
}

// Concat KDF of one block (NIST SP 800-56A, RFC 7518 §4.6.2).
async function derived(shared: Bytes, party_v: Bytes): Promise<Bytes> {
  const empty = new Uint8Array();
  return sha256(
    concat(
      big_endian(1),
      shared,
      counted(utf8('A256GCM')),
      counted(empty),
      counted(party_v),
      big_endian(256),
    ),
  );
}

export async function seal_line(
  key: Bytes,
  place: Place,
  line: number,
  cty: string,
  content: Bytes,
): Promise<string> {
  const curve = { name: 'ECDH', namedCurve: 'P-256' };
  const recipient = await crypto.subtle.importKey('raw', key, curve, false, []);
  const pair = await crypto.subtle.generateKey(curve, true, ['deriveBits']);
  const point = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
  const agreement = { name: 'ECDH', public: recipient };
  const shared = new Uint8Array(
    await crypto.subtle.deriveBits(agreement, pair.privateKey, 256),
  ) as Bytes;
  const apv = concat(place.link, place.deposit, big_endian(line));
  const aead = await crypto.subtle.importKey(
    'raw',
    await derived(shared, apv),
    'AES-GCM',
    false,
    ['encrypt'],
  );
  const head = to_base64url(
    utf8(
      JSON.stringify({
        alg: 'ECDH-ES',
        enc: 'A256GCM',
        epk: {
          kty: 'EC',
          crv: 'P-256',
          x: to_base64url(point.subarray(1, 33)),
          y: to_base64url(point.subarray(33)),
        },
        apv: to_base64url(apv),
        cty,
      }),
    ),
  );
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const parameters = { name: 'AES-GCM', iv, additionalData: utf8(head) };
  const box = new Uint8Array(await crypto.subtle.encrypt(parameters, aead, content));
  const parts = [iv, box.subarray(0, box.length - 16), box.subarray(box.length - 16)];
  return `${head}..${parts.map(to_base64url).join('.')}\n`;
}

async function letter_text(letter: Letter, files: SentFile[]): Promise<Bytes> {
  const listed = [];
  for (const file of files)
    listed.push({
      name: file.name,
      type: file.type,
      size: file.bytes.length,
      sha256: to_base64url(await sha256(file.bytes)),
    });
  const text = utf8(
    JSON.stringify({
      v: 1,
      from: { name: letter.name, organisation: letter.organisation },
      note: letter.note,
      sent_at: Math.floor(Date.now() / 1000),
      files: listed,
    }),
  );
  if (text.length > letter_limit) throw new Failure('too_much');
  return padded(text, Math.ceil(text.length / letter_step) * letter_step, 0x20);
}

export async function seal_deposit(
  key: Bytes,
  place: Place,
  letter: Letter,
  files: SentFile[],
): Promise<Bytes> {
  let line = 0;
  const lines: Bytes[] = [];
  const add = async (cty: string, content: Bytes): Promise<void> => {
    lines.push(utf8(await seal_line(key, place, line++, cty, content)));
  };
  await add('application/json', await letter_text(letter, files));
  for (const { bytes } of files)
    for (let at = 0; at === 0 || at < bytes.length; at += part_size) {
      const part = bytes.subarray(at, at + part_size);
      await add('application/octet-stream', padded(part, padme(part.length), 0));
    }
  return concat(...lines);
}
