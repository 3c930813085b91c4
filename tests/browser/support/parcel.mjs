// SPDX-License-Identifier: EUPL-1.2
//
// parcel.mjs: makes protected links and SMART Health Links from the written formats alone
// (sync/PROTOCOL.md §7 §8, vault/DESIGN.md §9) with Node's own cryptography. It shares no code with
// the viewer nor with the vault, so that the three agree on the paper or a test goes red.
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  generateKeyPairSync,
  hkdfSync,
  randomBytes,
  sign,
} from 'node:crypto';
import { deflateRawSync } from 'node:zlib';

export const base64url = (bytes) => Buffer.from(bytes).toString('base64url');

export function base32(bytes) {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{1,5}/g) ?? [])
    .map((five) => alphabet[Number.parseInt(five.padEnd(5, '0'), 2)])
    .join('');
}

export const sha256 = (bytes) => createHash('sha256').update(bytes).digest();

const hkdf = (ikm, salt, info) => Buffer.from(hkdfSync('sha256', ikm, salt, info, 32));

export function seal_jwe(key, content, header = {}) {
  const protected_header = base64url(JSON.stringify({ alg: 'dir', enc: 'A256GCM', ...header }));
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(protected_header));
  const plain = header.zip === 'DEF' ? deflateRawSync(content) : content;
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  return [
    protected_header,
    '',
    base64url(iv),
    base64url(sealed),
    base64url(cipher.getAuthTag()),
  ].join('.');
}

export function open_jwe(key, compact) {
  const [head, , iv, sealed, tag] = compact.split('.');
  const cipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv, 'base64url'));
  cipher.setAAD(Buffer.from(head)).setAuthTag(Buffer.from(tag, 'base64url'));
  return Buffer.concat([cipher.update(Buffer.from(sealed, 'base64url')), cipher.final()]);
}

export function key_pair() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { key: privateKey, x: Buffer.from(publicKey.export({ format: 'jwk' }).x, 'base64url') };
}

// record DeviceCertificate (sync/protocol/device.hpp), little-endian, and its signature.
export function certificate({ vault, device, signing_key, issuer, issuer_device }) {
  const time = Buffer.alloc(8);
  time.writeBigInt64LE(1_760_000_000n);
  const body = Buffer.concat([
    Buffer.of(1),
    vault,
    device,
    signing_key,
    randomBytes(32),
    time,
    Buffer.of(issuer_device ? 2 : 1),
    issuer_device ?? Buffer.alloc(16),
  ]);
  const signature = sign(null, Buffer.concat([Buffer.from('coffret.device.1'), body]), issuer.key);
  return { certificate: base64url(body), signature: base64url(signature) };
}

// The size that PADME gives: at most 12 % more, few distinct sizes.
export function padme(size) {
  if (size < 2) return size;
  const e = Math.floor(Math.log2(size));
  const low = e - Math.floor(Math.log2(e)) - 1;
  const step = 2 ** Math.max(low, 0);
  return Math.ceil(size / step) * step;
}

function parts_of(bytes, part_size) {
  const parts = [];
  for (let at = 0; at === 0 || at < bytes.length; at += part_size)
    parts.push(bytes.subarray(at, at + part_size));
  return parts;
}

const zero_padded = (bytes) =>
  Buffer.concat([bytes, Buffer.alloc(padme(bytes.length) - bytes.length)]);

// vault/DESIGN.md §9.
export function parcel_key(secret, half, id, version) {
  const n = Buffer.alloc(4);
  n.writeUInt32LE(version);
  return hkdf(
    Buffer.concat([secret, half]),
    id,
    Buffer.concat([Buffer.from('coffret parcel 1'), n]),
  );
}
export const read_proof = (key, id) => hkdf(key, id, 'coffret proof 1');
export const recipient_key = (secret, id) => hkdf(secret, id, 'coffret recipient 1');
export const reason_key = (secret, id) => hkdf(secret, id, 'coffret reason 1');
export const passcode_proof = (secret, id, passcode) =>
  createHmac('sha256', hkdf(secret, id, 'coffret passcode 1'))
    .update(passcode.normalize('NFC'))
    .digest();

// A whole protected link. `documents`: {name, type, title, date, author, bytes}. `change` may alter
// the manifest's payload before it is signed; `forge` the compact JWS after.
export function protected_link(options) {
  const { documents, passcode, change = (payload) => payload, forge = (jws) => jws } = options;
  const part_size = options.part_size ?? 4 << 20;
  const id = randomBytes(16);
  const secret = randomBytes(32);
  const half = randomBytes(32);
  const version = options.version ?? 1;
  const key = parcel_key(secret, half, id, version);

  const root = key_pair();
  const first = key_pair();
  const device = options.two_devices ? key_pair() : first;
  const vault = randomBytes(16);
  const [first_id, device_id] = [randomBytes(16), randomBytes(16)];
  const chain = [certificate({ vault, device: first_id, signing_key: first.x, issuer: root })];
  if (options.two_devices)
    chain.push(
      certificate({
        vault,
        device: device_id,
        signing_key: device.x,
        issuer: first,
        issuer_device: first_id,
      }),
    );

  const files = new Map();
  const listed = documents.map((one) => ({
    name: one.name,
    type: one.type,
    title: one.title,
    date: one.date,
    author: one.author,
    size: one.bytes.length,
    sha256: base64url(sha256(one.bytes)),
    parts: parts_of(one.bytes, part_size).map((part, i, all) => {
      const file = base32(randomBytes(16));
      const body = i === all.length - 1 ? zero_padded(part) : part;
      files.set(file, seal_jwe(key, body, { cty: 'application/octet-stream' }));
      return file;
    }),
  }));
  const expires_at = options.expires_at ?? Math.floor(Date.now() / 1000) + 7 * 86_400;
  const payload = change({
    v: 1,
    link: base32(id),
    n: version,
    vault: base32(vault),
    issued_at: Math.floor(Date.now() / 1000),
    expires_at,
    owner: options.owner ?? 'Jeanne Modèle',
    to: options.to ?? 'Dr Alice Martin',
    purpose: options.purpose ?? 'Consultation de cardiologie',
    rights: options.rights ?? ['view', 'download'],
    patient: options.patient ?? { name: 'Jeanne Modèle', birth_date: '1954-03-12' },
    files: listed,
    chain,
    root: base64url(root.x),
  });
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: base64url(device.x) };
  const input = `${base64url(JSON.stringify({ alg: 'EdDSA', typ: 'coffret-manifest+jwt', jwk }))}.${base64url(JSON.stringify(payload))}`;
  const jws = forge(`${input}.${base64url(sign(null, Buffer.from(input), device.key))}`);
  const manifest_id = base32(randomBytes(16));
  const ordered = new Map([
    [manifest_id, seal_jwe(key, zero_padded(Buffer.from(jws)), { cty: 'application/jose' })],
    ...files,
  ]);

  return {
    id: base32(id),
    version,
    half,
    files: ordered,
    expires_at,
    fragment: `c1.${base64url(id)}.${base64url(secret)}.${base64url(randomBytes(16))}`,
    passcode_proof: passcode && base64url(passcode_proof(secret, id, passcode)),
    read_proof: base64url(read_proof(key, id)),
    asks_reason: Boolean(options.asks_reason),
    delay: options.delay,
    open_reason: (jwe) => open_jwe(reason_key(secret, id), jwe).toString(),
    open_claim: (jwe) => open_jwe(recipient_key(secret, id), jwe).toString(),
  };
}

// A SMART Health Link without its host: `at(origin)` gives the URI. files: {type, json, zip?}.
export function health_link({ files, flag = '', passcode, label, exp, v }) {
  const path = randomBytes(32).toString('base64url');
  const key = randomBytes(32);
  return {
    path,
    flag,
    passcode,
    files: files.map(({ type = 'application/fhir+json', json, zip }) => ({
      type,
      jwe: seal_jwe(key, Buffer.from(JSON.stringify(json)), {
        cty: type,
        ...(zip ? { zip: 'DEF' } : {}),
      }),
    })),
    at: (origin) =>
      'shlink:/' +
      base64url(
        JSON.stringify({
          url: `${origin}/shl/${path}`,
          key: base64url(key),
          flag: flag || undefined,
          label,
          exp,
          v,
          _unknown: 1,
        }),
      ),
  };
}
