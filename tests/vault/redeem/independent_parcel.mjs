// SPDX-License-Identifier: EUPL-1.2
//
// independent_parcel.mjs: prints independent_parcel.json, a protected link made from the written
// formats by tests/browser/support/parcel.mjs, which shares no code with the vault. Run it again
// only when the format changes: keys and identifiers are random.
import { protected_link, sha256 } from '../../browser/support/parcel.mjs';

const documents = [
  { name: 'biologie.xml', type: 'text/xml', title: 'Compte rendu de biologie', date: '2026-09-14', author: 'Laboratoire des Tilleuls', bytes: Buffer.from('<ClinicalDocument>' + 'Glycémie à jeun : 5,4 mmol/L. '.repeat(12) + '</ClinicalDocument>') },
  { name: 'note.txt', type: 'text/plain', title: 'Note de la patiente', date: '', author: '', bytes: Buffer.from('Vertiges le matin depuis une semaine.') },
  { name: 'vide', type: 'text/plain', title: 'Vide', date: '', author: '', bytes: Buffer.alloc(0) },
];
const made = protected_link({ documents, passcode: 'pomme d\u2019e\u0301te\u0301', part_size: 128, two_devices: true, version: 3, expires_at: 1_900_000_000 });
const [, id, secret] = made.fragment.split('.');
const digest = (bytes) => sha256(bytes).toString('base64url');
console.log(JSON.stringify({
  id, secret, half: made.half.toString('base64url'), version: made.version, expires_at: made.expires_at,
  passcode: 'pomme d\u2019\u00e9t\u00e9', passcode_proof: made.passcode_proof, read_proof: made.read_proof,
  files: [...made.files].map(([file, jwe]) => ({ id: file, jwe })),
  documents: documents.map(({ name, type, title, bytes }) => ({ name, type, title, size: bytes.length, sha256: digest(bytes) })),
}, null, 1));
