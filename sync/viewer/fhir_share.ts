// SPDX-License-Identifier: EUPL-1.2
//
// fhir_share.ts: the files of a SMART Health Link as a Share: each DocumentReference's attachments
// are documents; what else a Bundle says of the patient is one more.
import { from_loose_base64, type Bytes } from './bytes.ts';
import { Failure } from './failure.ts';
import {
  at,
  clinical,
  concept,
  entries_of,
  human_name,
  is_object,
  list_at,
  of_type,
  parse_resource,
  text_at,
  type Entries,
  type Resource,
} from './fhir.ts';
import type { HealthFile } from './health_link.ts';
import type { Patient, Share, SharedDocument } from './share.ts';

export function read_fhir_share(files: HealthFile[], expires_at: number | undefined): Share {
  const documents: SharedDocument[] = [];
  let patient: Patient = { name: '', birth_date: '' };
  for (const file of files) {
    const entries = entries_in(file);
    if (!entries) {
      documents.push(whole_file(file));
      continue;
    }
    const person = of_type(entries, 'Patient');
    if (person && patient.name === '')
      patient = { name: human_name(person), birth_date: text_at(person, 'birthDate') };
    const composition = of_type(entries, 'Composition');
    if (composition || clinical(entries).length > 0)
      documents.push(summary_file(file, composition, entries));
    for (const one of entries.all)
      if (text_at(one, 'resourceType') === 'DocumentReference')
        documents.push(...attachments(one, entries));
  }
  return {
    kind: 'shl',
    owner: '',
    to: '',
    purpose: '',
    ...(expires_at === undefined ? {} : { expires_at }),
    clock_offset: 0,
    patient,
    signature: 'unsigned',
    reply: '',
    may_download: true, // the standard knows no right to withhold it
    documents,
  };
}

function entries_in(file: HealthFile): Entries | undefined {
  if (!file.content_type.startsWith('application/fhir+json')) return undefined;
  return entries_of(parse_resource(file.content));
}

function whole_file(file: HealthFile): SharedDocument {
  return {
    title: '',
    name: '',
    media_type: file.content_type,
    date: '',
    author: '',
    size: file.content.length,
    load: () => Promise.resolve(file.content),
  };
}

function summary_file(
  file: HealthFile,
  composition: Resource | undefined,
  entries: Entries,
): SharedDocument {
  return {
    ...whole_file(file),
    title: text_at(composition, 'title'),
    date: text_at(composition, 'date').slice(0, 10),
    author: composition ? author_of(composition, entries) : '',
  };
}

function attachments(reference: Resource, entries: Entries): SharedDocument[] {
  const title = text_at(reference, 'description') || concept(at(reference, 'type'));
  return list_at(reference, 'content').map((content) => {
    const attachment = at(content, 'attachment');
    const inline = text_at(attachment, 'data');
    return {
      title: text_at(attachment, 'title') || title,
      name: text_at(attachment, 'title') || title,
      media_type: text_at(attachment, 'contentType'),
      date: (text_at(reference, 'date') || text_at(attachment, 'creation')).slice(0, 10),
      author: author_of(reference, entries),
      // Only a label hangs on it, so base64 need not be read to know its length.
      ...(inline === '' ? {} : { size: Math.floor((inline.length * 3) / 4) }),
      load: () => body_of(attachment, entries),
    };
  });
}

function author_of(reference: Resource, entries: Entries): string {
  const author = at(reference, 'author', 0);
  const known = entries.by_reference.get(text_at(author, 'reference'));
  return text_at(author, 'display') || human_name(known);
}

// In the attachment, or in a Binary of the same Bundle. An address elsewhere is not followed.
async function body_of(attachment: unknown, entries: Entries): Promise<Bytes> {
  const inline = text_at(attachment, 'data');
  if (inline) return from_loose_base64(inline);
  const binary = entries.by_reference.get(text_at(attachment, 'url'));
  if (!is_object(binary)) throw new Failure('foreign_host');
  return from_loose_base64(text_at(binary, 'data'));
}
