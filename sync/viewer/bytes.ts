// SPDX-License-Identifier: EUPL-1.2
//
// bytes.ts: bytes and their texts, each with one accepted form (include/coffret/encoding.hpp).
//
// Errors: Failure malformed.
import { Failure } from './failure.ts';

// Not a view of a SharedArrayBuffer: what WebCrypto and Blob accept.
export type Bytes = Uint8Array<ArrayBuffer>;

const base64url_alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const base32_alphabet = 'abcdefghijklmnopqrstuvwxyz234567';

function decode_bits(alphabet: string, bits: number, text: string): Bytes {
  const out = new Uint8Array(Math.floor((text.length * bits) / 8));
  let buffer = 0;
  let held = 0;
  let size = 0;
  const values = table(alphabet);
  for (let i = 0; i < text.length; ++i) {
    const value = values[text.charCodeAt(i)] ?? -1;
    if (value < 0) throw new Failure('malformed');
    buffer = ((buffer << bits) | value) & 0xffff;
    held += bits;
    if (held >= 8) {
      held -= 8;
      out[size++] = (buffer >> held) & 0xff;
    }
  }
  // What is left must be the zero bits of a last, partly filled character, and no whole one.
  if (held >= bits || (buffer & ((1 << held) - 1)) !== 0) throw new Failure('malformed');
  return out;
}

const tables = new Map<string, Int8Array>();
function table(alphabet: string): Int8Array {
  let values = tables.get(alphabet);
  if (!values) {
    values = new Int8Array(128).fill(-1);
    for (let i = 0; i < alphabet.length; ++i) values[alphabet.charCodeAt(i)] = i;
    tables.set(alphabet, values);
  }
  return values;
}

function encode_bits(alphabet: string, bits: number, bytes: Uint8Array): string {
  const mask = (1 << bits) - 1;
  let text = '';
  let buffer = 0;
  let held = 0;
  for (const byte of bytes) {
    buffer = ((buffer << 8) | byte) & 0xffff;
    held += 8;
    while (held >= bits) {
      held -= bits;
      text += alphabet[(buffer >> held) & mask];
    }
  }
  if (held > 0) text += alphabet[(buffer << (bits - held)) & mask];
  return text;
}

export const to_base64url = (bytes: Uint8Array): string =>
  encode_bits(base64url_alphabet, 6, bytes);
export const from_base64url = (text: string): Bytes => decode_bits(base64url_alphabet, 6, text);
export const to_base32 = (bytes: Uint8Array): string => encode_bits(base32_alphabet, 5, bytes);
export const from_base32 = (text: string): Bytes => decode_bits(base32_alphabet, 5, text);

// Base64 as documents carry it: with padding or without, broken into lines.
export function from_loose_base64(text: string): Bytes {
  const bare = text.replace(/[\s]+/g, '').replace(/={1,2}$/, '');
  return from_base64url(bare.replaceAll('+', '-').replaceAll('/', '_'));
}

export const utf8 = (text: string): Bytes => new TextEncoder().encode(text) as Bytes;

// Errors: malformed (not UTF-8).
export function from_utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Failure('malformed');
  }
}

export function concat(...parts: Uint8Array[]): Bytes {
  const out = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

// Not constant-time: both sides are public here (hashes of files, identifiers).
export const equal = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);

export const sha256 = async (bytes: Bytes): Promise<Bytes> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
