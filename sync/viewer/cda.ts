// SPDX-License-Identifier: EUPL-1.2
//
// cda.ts: a CDA R2 document as a page: who, when, by whom, then its sections or its one body.
//
// Errors: Failure damaged (not XML, not a ClinicalDocument).
import { from_loose_base64, type Bytes } from './bytes.ts';
import { el, plain, said } from './dom.ts';
import { Failure } from './failure.ts';
import { image_view } from './image.ts';
import { cda_narrative, type Media } from './narrative.ts';
import { show_date, words } from './words.ts';
import { children, decode_xml, find, parse_xml } from './xml.ts';

const max_sections = 500;

// Shows bytes that a document carries inside, by the same rules as any document.
export type ShowInner = (
  bytes: Bytes,
  title: string,
  media_type: string,
  at_once: boolean,
) => HTMLElement;

// By its element near the start, in any encoding whose letters are ASCII's (zeros dropped:
// UTF-16).
export function is_cda(bytes: Bytes): boolean {
  const start = new TextDecoder('latin1').decode(
    bytes.slice(0, 65_536).filter((byte) => byte !== 0),
  );
  return /<(?:\w+:)?ClinicalDocument[\s>]/.test(start);
}

// `known`: the title that already stands above.
export function cda_view(bytes: Bytes, known: string, show_inner: ShowInner): HTMLElement {
  const root = clinical_document(parse_xml(decode_xml(bytes)).documentElement);
  const view = el('div', { class: 'narrative' }, header(root, known));
  view.dataset['born'] = iso_date(find(root, born_path));
  const media = media_of(root, show_inner);
  for (const component of children(root, 'component')) {
    const plain_body = find(component, 'nonXMLBody/text');
    if (plain_body) view.append(inner(plain_body, text_of(find(root, 'title')), true, show_inner));
    const structured = find(component, 'structuredBody');
    if (structured) sections(structured, view, media, 3, { left: max_sections });
  }
  return view;
}

// The root, or what a self-presenting document (a style sheet around its own data) carries.
function clinical_document(root: Element): Element {
  if (root.localName === 'ClinicalDocument') return root;
  const carried = root.getElementsByTagNameNS('urn:hl7-org:v3', 'ClinicalDocument')[0];
  if (!carried) throw new Failure('damaged');
  return carried;
}

const born_path = 'recordTarget/patientRole/patient/birthTime';

function header(root: Element, known: string): HTMLElement {
  const { cda } = words();
  const rows: [string, string][] = [
    [cda.patient, person(find(root, 'recordTarget/patientRole/patient/name'))],
    [cda.born, date_of(find(root, born_path))],
    [cda.date, date_of(find(root, 'effectiveTime'))],
    [cda.author, children(root, 'author').map(author).filter(Boolean).join(', ')],
    [
      cda.custodian,
      text_of(find(root, 'custodian/assignedCustodian/representedCustodianOrganization/name')),
    ],
  ];
  const list = el('dl', { class: 'facts' });
  for (const [name, value] of rows)
    if (value) list.append(el('div', {}, el('dt', {}, name), el('dd', {}, said(value))));
  return el('header', { class: 'cda-header' }, title(root, known), list);
}

const title = (root: Element, known: string): HTMLElement | undefined => {
  const text = text_of(find(root, 'title'));
  return text && plain(text) !== known ? el('h3', {}, said(text)) : undefined;
};

const text_of = (element: Element | undefined): string => element?.textContent?.trim() ?? '';

// Names are lists of parts, in any order; French ones repeat `given` and `family` by use.
function person(name: Element | undefined): string {
  if (!name) return '';
  const pick = (part: string, qualifier?: string): string[] =>
    children(name, part)
      .filter((e) => qualifier === undefined || e.getAttribute('qualifier') === qualifier)
      .map(text_of);
  const given = pick('given', 'CL').concat(pick('given'))[0];
  const family = pick('family', 'CL').concat(pick('family', 'SP'), pick('family'))[0];
  const made = [pick('prefix')[0], given, family, pick('suffix')[0]].filter(Boolean).join(' ');
  return made || text_of(name);
}

function author(element: Element): string {
  const by = find(element, 'assignedAuthor');
  const name = person(find(by, 'assignedPerson/name'));
  const device = text_of(find(by, 'assignedAuthoringDevice/softwareName'));
  const place = text_of(find(by, 'representedOrganization/name'));
  return [name || device, place].filter(Boolean).join(', ');
}

// HL7 times: YYYYMMDD and what follows, of which the day is shown.
function iso_date(element: Element | undefined): string {
  const digits = /^(\d{4})(\d{2})?(\d{2})?/.exec(element?.getAttribute('value') ?? '');
  return digits ? digits.slice(1).filter(Boolean).join('-') : '';
}
const date_of = (element: Element | undefined): string => show_date(iso_date(element));

function sections(
  parent: Element,
  into: HTMLElement,
  media: Media,
  level: number,
  budget: { left: number },
): void {
  for (const component of children(parent, 'component')) {
    const section = find(component, 'section');
    if (!section || --budget.left < 0) continue;
    const made = el('section');
    const title = text_of(find(section, 'title'));
    if (title) made.append(el(level < 4 ? 'h3' : level < 5 ? 'h4' : 'h5', {}, said(title)));
    const text = find(section, 'text');
    if (text) made.append(cda_narrative(text, media));
    into.append(made);
    if (level < 12) sections(section, made, media, level + 1, budget);
  }
}

// observationMedia by their ID. Looked up in a Map: an ID is any string the document likes.
function media_of(root: Element, show_inner: ShowInner): Media {
  const found = new Map<string, Element>();
  for (const element of Array.from(root.getElementsByTagNameNS('*', 'observationMedia')))
    found.set(element.getAttribute('ID') ?? '', element);
  return (id) => {
    const value = find(found.get(id), 'value');
    return value && inner(value, words().cda.attachment, false, show_inner);
  };
}

// Base64 inside the document, or its text. A reference points outside and is never followed.
function inner(value: Element, title: string, whole: boolean, show_inner: ShowInner): HTMLElement {
  const { cda } = words();
  const type = value.getAttribute('mediaType') ?? 'text/plain';
  if (find(value, 'reference') && text_of(value) === '')
    return el('p', { class: 'note' }, cda.outside);
  if (value.getAttribute('compression')) return el('p', { class: 'note' }, cda.unreadable);
  if (value.getAttribute('representation') !== 'B64')
    return type === 'text/plain'
      ? el('pre', { class: 'plain-text' }, text_of(value))
      : el('p', { class: 'note' }, cda.unreadable);
  try {
    const bytes = from_loose_base64(text_of(value));
    return image_view(bytes, title) ?? show_inner(bytes, title, type, whole);
  } catch {
    return el('p', { class: 'note' }, cda.unreadable);
  }
}
