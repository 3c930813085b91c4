// SPDX-License-Identifier: EUPL-1.2
//
// manifest.ts: the signed list of what a parcel holds (sync/PROTOCOL.md §7).
//
// Nothing in it is believed before: signature by a device, chain of that device to the vault's
// root, this link, this version.
// Errors: Failure malformed, other_version, damaged.
import { equal, from_base64url, type Bytes } from './bytes.ts';
import { verify_chain } from './certificate.ts';
import { Failure } from './failure.ts';
import { verify_jws, type Checked } from './jose.ts';
import { Json } from './json.ts';
import type { Patient } from './share.ts';

const known_rights = ['view', 'download', 'deposit'];
const max_files = 1000;
const max_parts = 4096;
const max_size = 1 << 30; // bytes of one document
const max_reply = 256; // characters

export interface ManifestFile {
  name: string;
  media_type: string;
  title: string;
  date: string;
  author: string;
  size: number;
  sha256: Bytes;
  parts: string[];
}

export interface Manifest {
  expires_at: number;
  owner: string;
  to: string;
  purpose: string;
  rights: string[];
  patient: Patient;
  files: ManifestFile[];
  checked: Checked;
  // Of a deposit link, what follows its '#'; empty: nothing is taken in reply.
  reply: string;
}

export interface Expected {
  link: Bytes;
  version: number;
}

export async function verify_manifest(compact: string, expected: Expected): Promise<Manifest> {
  const jws = await verify_jws(compact, 'coffret-manifest+jwt');
  const body = Json.parse(jws.payload);
  if (body.at('v').count() !== 1) throw new Failure('other_version');
  if (!equal(body.at('link').base32(16), expected.link)) throw new Failure('damaged');
  if (body.at('n').count() !== expected.version) throw new Failure('damaged');

  const chain = body
    .at('chain')
    .list(16)
    .map((link) => ({
      body: from_base64url(link.at('certificate').text()),
      signature: link.at('signature').base64url(64),
    }));
  const vault = body.at('vault').base32(16);
  const checked = await verify_chain(chain, jws.key, vault, body.at('root').base64url(32));
  return {
    expires_at: body.at('expires_at').count(),
    owner: body.at('owner').text_or_empty(),
    to: body.at('to').text_or_empty(),
    purpose: body.at('purpose').text_or_empty(),
    rights: read_rights(body.at('rights')),
    patient: read_patient(body.at('patient')),
    files: body.at('files').list(max_files).map(read_file),
    checked: jws.checked === 'verified' ? checked : 'unchecked',
    reply: read_reply(body.at('reply')),
  };
}

// A right that this page does not know may mean a rule it would not keep.
function read_rights(rights: Json): string[] {
  const found = rights.list(16).map((right) => right.text());
  if (found.some((right) => !known_rights.includes(right))) throw new Failure('other_version');
  if (!found.includes('view')) throw new Failure('malformed');
  return found;
}

function read_patient(patient: Json): Patient {
  if (!patient.present) return { name: '', birth_date: '' };
  return {
    name: patient.at('name').text_or_empty(),
    birth_date: patient.at('birth_date').text_or_empty(),
  };
}

function read_reply(reply: Json): string {
  const text = reply.present ? reply.text() : '';
  if (text.length > max_reply) throw new Failure('too_large');
  return text;
}

function read_file(file: Json): ManifestFile {
  const size = file.at('size').count();
  if (size > max_size) throw new Failure('too_large');
  return {
    name: file.at('name').text_or_empty(),
    media_type: file.at('type').text_or_empty(),
    title: file.at('title').text_or_empty(),
    date: file.at('date').text_or_empty(),
    author: file.at('author').text_or_empty(),
    size,
    sha256: file.at('sha256').base64url(32),
    parts: file
      .at('parts')
      .list(max_parts)
      .map((part) => part.text()),
  };
}
