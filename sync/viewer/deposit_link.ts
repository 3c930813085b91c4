// SPDX-License-Identifier: EUPL-1.2
//
// deposit_link.ts: the sender's side of a deposit link (sync/PROTOCOL.md §14):
// `#d1.<link id>.<SHA-256 of the key>.<first half of the server's fingerprint>`.
//
// The server shows the key; the link says which one it has to be. Documents are sealed here, and
// what leaves this page is what only the link's maker opens.
import { equal, from_base64url, sha256, to_base32, type Bytes } from './bytes.ts';
import { seal_deposit, type Letter, type SentFile } from './deposit_seal.ts';
import { Failure } from './failure.ts';
import { request_json, upload_part, uploaded_so_far } from './request.ts';

const part_size = 4 << 20; // bytes of one request
const tries = 5; // of a part whose line breaks
const pause = 1500; // milliseconds before the next
const sealed_limit = 48 << 20; // bytes

export const files_limit = 28 << 20; // bytes of all files of one deposit
export const count_limit = 100; // files of one deposit

export interface Box {
  expires_at: number; // epoch seconds
  // Seals and sends; whole and kept at the server when it resolves. `sent`: a part, 0 to 1.
  send(letter: Letter, files: SentFile[], sent: (part: number) => void): Promise<void>;
}

interface Link {
  id: Bytes;
  key: Bytes; // SHA-256
}

export const is_deposit_fragment = (fragment: string): boolean => /^d\d+\./.test(fragment);

export function parse_deposit_link(fragment: string): Link {
  const [version, id, key, server, ...more] = fragment.split('.');
  if (version !== 'd1')
    throw new Failure(/^d\d+$/.test(version ?? '') ? 'other_version' : 'malformed');
  if (!id || !key || !server || more.length > 0) throw new Failure('malformed');
  const link = { id: from_base64url(id), key: from_base64url(key) };
  if (link.id.length !== 16 || link.key.length !== 32) throw new Failure('malformed');
  if (from_base64url(server).length !== 16) throw new Failure('malformed');
  return link;
}

// Changes nothing at the server.
export async function find_box(link: Link): Promise<Box> {
  const base = `/v1/boxes/${to_base32(link.id)}`;
  const info = await request_json({ url: base });
  const key = info.at('key').base64url(65);
  if (!equal(await sha256(key), link.key)) throw new Failure('other_key');
  const room = Math.min(info.at('bytes').count(), sealed_limit);
  return {
    expires_at: info.at('expires_at').count(),
    send: async (letter, files, sent) => {
      const deposit = crypto.getRandomValues(new Uint8Array(16));
      const sealed = await seal_deposit(key, { link: link.id, deposit }, letter, files);
      if (sealed.length > room) throw new Failure('too_much');
      await upload(`${base}/deposits/${to_base32(deposit)}`, sealed, sent);
    },
  };
}

// Parts in their order. Where the line breaks, the server is asked how far it is.
async function upload(url: string, bytes: Bytes, sent: (part: number) => void): Promise<void> {
  let offset = 0;
  let left = tries;
  while (offset < bytes.length) {
    try {
      const part = bytes.subarray(offset, offset + part_size);
      offset = await upload_part(url, part, offset, bytes.length);
      left = tries;
      sent(offset / bytes.length);
    } catch (error) {
      const passing =
        error instanceof Failure &&
        ['server_unreachable', 'server_error', 'rate_limited'].includes(error.code);
      if (!passing) throw error;
      if (--left === 0) throw new Failure('cut_off');
      await new Promise((done) => setTimeout(done, pause));
      offset = await uploaded_so_far(url).catch(() => offset);
    }
  }
}
