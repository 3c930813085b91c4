// SPDX-License-Identifier: EUPL-1.2
//
// jose.ts: the JOSE forms of a parcel by the browser's own WebCrypto: compact JWE (RFC 7516, dir,
// A256GCM) and compact JWS (RFC 7515, EdDSA).
//
// Errors: Failure malformed (form), other_version (algorithm), damaged (seal or signature),
// too_large, old_browser (no inflate).
import { concat, from_base64url, from_utf8, to_base64url, utf8, type Bytes } from './bytes.ts';
import { Failure } from './failure.ts';
import { Json } from './json.ts';

export interface OpenedJwe {
  content_type: string;
  content: Bytes;
}

// `limit` bounds the inflated content, in bytes.
export async function open_jwe(key: Bytes, compact: string, limit: number): Promise<OpenedJwe> {
  const [head, wrapped, iv, sealed, tag, ...more] = compact.split('.');
  if (!head || wrapped !== '' || !iv || sealed === undefined || !tag || more.length > 0)
    throw new Failure('malformed');
  const header = Json.parse(from_utf8(from_base64url(head)));
  if (header.at('alg').text() !== 'dir' || header.at('enc').text() !== 'A256GCM')
    throw new Failure('other_version');
  if (header.at('crit').present) throw new Failure('other_version');

  const nonce = from_base64url(iv);
  const ending = from_base64url(tag);
  if (nonce.length !== 12 || ending.length !== 16) throw new Failure('malformed');
  const aead = await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['decrypt']);
  let content: Bytes;
  try {
    const parameters = { name: 'AES-GCM', iv: nonce, additionalData: utf8(head) };
    const box = concat(from_base64url(sealed), ending);
    content = new Uint8Array(await crypto.subtle.decrypt(parameters, aead, box));
  } catch {
    throw new Failure('damaged');
  }
  if (header.at('zip').present) {
    if (header.at('zip').text() !== 'DEF') throw new Failure('other_version');
    content = await inflate(content, limit);
  }
  if (content.length > limit) throw new Failure('too_large');
  return { content_type: header.at('cty').text_or_empty(), content };
}

export async function seal_jwe(key: Bytes, cty: string, content: Bytes): Promise<string> {
  const head = to_base64url(utf8(JSON.stringify({ alg: 'dir', enc: 'A256GCM', cty })));
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const aead = await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt']);
  const parameters = { name: 'AES-GCM', iv, additionalData: utf8(head) };
  const box = new Uint8Array(await crypto.subtle.encrypt(parameters, aead, content));
  const tag = box.subarray(box.length - 16);
  const parts = [iv, box.subarray(0, box.length - 16), tag].map(to_base64url);
  return `${head}..${parts.join('.')}`;
}

// Raw DEFLATE (RFC 1951), stopped as soon as more than `limit` bytes have come out.
export async function inflate(bytes: Bytes, limit: number): Promise<Bytes> {
  if (typeof DecompressionStream === 'undefined') throw new Failure('old_browser');
  const out = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  try {
    return await read_all(out.getReader(), limit);
  } catch (error) {
    throw error instanceof Failure ? error : new Failure('damaged');
  }
}

export async function read_all(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  limit: number,
): Promise<Bytes> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return concat(...parts);
    size += value.length;
    if (size > limit) {
      await reader.cancel();
      throw new Failure('too_large');
    }
    parts.push(value);
  }
}

// Ed25519 came to browsers late (Chromium 137, Firefox 129, Safari 17). Where it is missing the
// answer is `unchecked` and the page says so: the parcel's own key still vouches for every byte.
export type Checked = 'verified' | 'unchecked';

export async function verify_ed25519(
  key: Bytes,
  message: Bytes,
  signature: Bytes,
): Promise<Checked> {
  let imported: CryptoKey;
  try {
    imported = await crypto.subtle.importKey('raw', key, 'Ed25519', false, ['verify']);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotSupportedError') return 'unchecked';
    throw new Failure('damaged');
  }
  if (!(await crypto.subtle.verify('Ed25519', imported, signature, message)))
    throw new Failure('damaged');
  return 'verified';
}

export interface CheckedJws {
  key: Bytes; // the header's jwk: trusted only if a chain names it
  payload: string;
  checked: Checked;
}

// Header exactly ours: EdDSA, the given typ, an Ed25519 jwk.
export async function verify_jws(compact: string, typ: string): Promise<CheckedJws> {
  const [head, body, signature, ...more] = compact.split('.');
  if (!head || !body || !signature || more.length > 0) throw new Failure('malformed');
  const header = Json.parse(from_utf8(from_base64url(head)));
  if (header.at('alg').text() !== 'EdDSA' || header.at('typ').text() !== typ)
    throw new Failure('other_version');
  if (header.at('crit').present) throw new Failure('other_version');
  const jwk = header.at('jwk');
  if (jwk.at('kty').text() !== 'OKP' || jwk.at('crv').text() !== 'Ed25519')
    throw new Failure('other_version');
  const key = jwk.at('x').base64url(32);
  const bytes = from_base64url(signature);
  const checked = await verify_ed25519(key, utf8(`${head}.${body}`), bytes);
  return { key, payload: from_utf8(from_base64url(body)), checked };
}
