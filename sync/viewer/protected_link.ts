// SPDX-License-Identifier: EUPL-1.2
//
// protected_link.ts: the reader's side of a protected link (sync/PROTOCOL.md §7, vault/DESIGN.md
// §9): `#c1.<link id>.<L>.<first half of the server's fingerprint>`.
//
// The server never sees L; the link never holds S. Both make K_n, which opens the parcel.
import {
  concat,
  equal,
  from_base64url,
  from_utf8,
  sha256,
  to_base32,
  to_base64url,
  utf8,
  type Bytes,
} from './bytes.ts';
import { Failure } from './failure.ts';
import { open_jwe, seal_jwe } from './jose.ts';
import type { Json } from './json.ts';
import { verify_manifest, type Manifest, type ManifestFile } from './manifest.ts';
import { request, request_json } from './request.ts';
import { once, type Claim, type Door, type DoorState, type Share } from './share.ts';

const part_limit = 4 << 20; // bytes of plaintext in one part
const jwe_limit = 6 << 20; // bytes of one compact JWE: base64url of a part, and its head

interface Link {
  id: Bytes;
  secret: Bytes;
}

// Opens one file of the parcel: bytes of plaintext with their zero padding.
type ReadFile = (id: string) => Promise<Bytes>;

export function parse_protected_link(fragment: string): Link {
  const [version, id, secret, server, ...more] = fragment.split('.');
  if (/^k\d+$/.test(version ?? '')) throw new Failure('needs_key');
  if (version !== 'c1')
    throw new Failure(/^c\d+$/.test(version ?? '') ? 'other_version' : 'malformed');
  if (!id || !secret || !server || more.length > 0) throw new Failure('malformed');
  const link = { id: from_base64url(id), secret: from_base64url(secret) };
  if (link.id.length !== 16 || link.secret.length !== 32) throw new Failure('malformed');
  if (from_base64url(server).length !== 16) throw new Failure('malformed');
  return link;
}

async function hkdf(secret: Bytes, salt: Bytes, info: Bytes): Promise<Bytes> {
  const key = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits']);
  const parameters = { name: 'HKDF', hash: 'SHA-256', salt, info };
  return new Uint8Array(await crypto.subtle.deriveBits(parameters, key, 256));
}

function u32(value: number): Bytes {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

async function passcode_proof(link: Link, passcode: string): Promise<string> {
  const raw = await hkdf(link.secret, link.id, utf8('coffret passcode 1'));
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', raw, algorithm, false, ['sign']);
  const proof = await crypto.subtle.sign('HMAC', key, utf8(passcode.normalize('NFC')));
  return to_base64url(new Uint8Array(proof));
}

async function sealed_words(link: Link, label: string, said: string): Promise<string> {
  if (said === '') return '';
  const key = await hkdf(link.secret, link.id, utf8(`coffret ${label} 1`));
  return seal_jwe(key, 'text/plain', utf8(said));
}

export function protected_door(fragment: string): Door {
  const link = parse_protected_link(fragment);
  const base = `/v1/links/${to_base32(link.id)}`;
  // An opening whose files did not arrive is tried again under its own token, and counted once.
  const visit: Visit = { reader: '' };
  return {
    kind: 'link',
    label: '',
    knock: () => knock(base),
    open: (claim) => open(link, base, claim, visit),
  };
}

async function knock(base: string): Promise<DoorState> {
  const info = await request_json({ url: base });
  if (info.at('delivery').text() !== 'link') throw new Failure('other_version');
  return {
    passcode: info.at('passcode').flag(),
    reason: info.at('reason').present && info.at('reason').flag(),
    expires_at: info.at('expires_at').count(),
  };
}

interface Visit {
  reader: string; // the token of an opening that was counted; empty before
}

const longest_pause = 10; // seconds: a refusal is heard by asking again

// The answer that can be read, once the delay that the patient chose is over.
async function ask(link: Link, base: string, claim: Claim, visit: Visit): Promise<Json> {
  for (;;) {
    const answer = await ask_once(link, base, claim, visit);
    if (!answer.at('opens_at').present) return answer;
    visit.reader = answer.at('reader').text();
    const opens_at = answer.at('opens_at').count();
    claim.waiting?.(opens_at);
    const left = opens_at - answer.at('server_time').count();
    const pause = Math.min(Math.max(left, 1), longest_pause) * 1000;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

async function ask_once(link: Link, base: string, claim: Claim, visit: Visit): Promise<Json> {
  return request_json({
    url: `${base}/open`,
    method: 'POST',
    body: {
      recipient: await sealed_words(link, 'recipient', claim.reader),
      ...(claim.reason === '' ? {} : { reason: await sealed_words(link, 'reason', claim.reason) }),
      ...(claim.passcode === ''
        ? {}
        : { passcode_proof: await passcode_proof(link, claim.passcode) }),
      ...(visit.reader === '' ? {} : { reader: visit.reader }),
    },
  });
}

async function open(link: Link, base: string, claim: Claim, visit: Visit): Promise<Share> {
  const answer = await ask(link, base, claim, visit);
  const version = answer.at('version').count();
  const half = answer.at('server_half').base64url(32);
  const key = await hkdf(
    concat(link.secret, half),
    link.id,
    concat(utf8('coffret parcel 1'), u32(version)),
  );
  const bearer = answer.at('reader').text();
  visit.reader = bearer;
  const files = answer.at('files').list();
  const read_file = reader_of(base, bearer, key, files);

  const manifest = await read_manifest(link, version, read_file, files);
  const now = answer.at('server_time').count();
  if (manifest.expires_at <= now) throw new Failure('link_not_active');
  await prove(link, base, bearer, key);
  return share_of(manifest, read_file, now);
}

function reader_of(base: string, bearer: string, key: Bytes, files: Json[]): ReadFile {
  const sizes = new Map(files.map((file) => [file.at('id').text(), file.at('size').count()]));
  return async (id) => {
    const size = sizes.get(id);
    if (size === undefined || size > jwe_limit) throw new Failure('damaged');
    const jwe = await request({ url: `${base}/files/${id}`, bearer, limit: size });
    if (jwe.length !== size) throw new Failure('damaged');
    return (await open_jwe(key, from_utf8(jwe), part_limit)).content;
  };
}

async function read_manifest(
  link: Link,
  version: number,
  read_file: ReadFile,
  files: Json[],
): Promise<Manifest> {
  const first = files[0];
  if (!first) throw new Failure('malformed');
  const padded = await read_file(first.at('id').text());
  const end = padded.indexOf(0);
  const compact = end < 0 ? padded : unpadded(padded, end);
  return verify_manifest(from_utf8(compact), { link: link.id, version });
}

// The first `size` bytes; the rest must be zeros, or someone wrote something there.
function unpadded(bytes: Bytes, size: number): Bytes {
  if (bytes.length < size || bytes.subarray(size).some((byte) => byte !== 0))
    throw new Failure('damaged');
  return bytes.slice(0, size);
}

// Tells the server, and so the patient, that this reader did decrypt. Not being able to say so
// does not keep anybody from reading.
async function prove(link: Link, base: string, bearer: string, key: Bytes): Promise<void> {
  const proof = to_base64url(await hkdf(key, link.id, utf8('coffret proof 1')));
  try {
    await request({ url: `${base}/read`, method: 'POST', bearer, body: { proof }, limit: 1024 });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
  }
}

function share_of(manifest: Manifest, read_file: ReadFile, now: number): Share {
  return {
    kind: 'link',
    owner: manifest.owner,
    to: manifest.to,
    purpose: manifest.purpose,
    expires_at: manifest.expires_at,
    clock_offset: now * 1000 - Date.now(),
    patient: manifest.patient,
    signature: manifest.checked,
    may_download: manifest.rights.includes('download'),
    reply: manifest.reply,
    documents: manifest.files.map((file) => ({
      ...file,
      load: once(() => join(file, read_file)),
    })),
  };
}

async function join(file: ManifestFile, read_file: ReadFile): Promise<Bytes> {
  const parts: Bytes[] = [];
  for (const id of file.parts) parts.push(await read_file(id));
  const body = unpadded(concat(...parts), file.size);
  if (!equal(await sha256(body), file.sha256)) throw new Failure('damaged');
  return body;
}
