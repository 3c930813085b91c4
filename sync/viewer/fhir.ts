// SPDX-License-Identifier: EUPL-1.2
//
// fhir.ts: FHIR R4 JSON as a page: the sections of a Composition (an International Patient Summary)
// with their narrative; without one, the resources, each by its narrative or one line.
//
// Errors: Failure damaged (not a resource).
import { from_utf8, type Bytes } from './bytes.ts';
import { el, plain, said } from './dom.ts';
import { Failure } from './failure.ts';
import { xhtml_narrative } from './narrative.ts';
import { show_date, words } from './words.ts';
import { parse_xml } from './xml.ts';

const max_shown = 2000; // resources or sections

// A JSON object from outside, read with the functions below only.
export type Resource = Record<string, unknown>;

export const is_object = (value: unknown): value is Resource =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

// The value at a path of own members and list indices; undefined when anything is missing.
export function at(value: unknown, ...path: (string | number)[]): unknown {
  for (const step of path) {
    if (typeof step === 'number') value = Array.isArray(value) ? value[step] : undefined;
    else value = is_object(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  }
  return value;
}
export function text_at(value: unknown, ...path: (string | number)[]): string {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : '';
}
export function list_at(value: unknown, ...path: (string | number)[]): unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found.slice(0, max_shown) : [];
}

export function parse_resource(bytes: Bytes): Resource {
  let value: unknown;
  try {
    value = JSON.parse(from_utf8(bytes));
  } catch {
    throw new Failure('damaged');
  }
  if (!is_object(value) || text_at(value, 'resourceType') === '') throw new Failure('damaged');
  return value;
}

export const is_fhir = (bytes: Bytes): boolean =>
  /^\ufeff?\s*\{/.test(start_of(bytes)) && /"resourceType"\s*:/.test(start_of(bytes));
const start_of = (bytes: Bytes): string => new TextDecoder().decode(bytes.subarray(0, 65_536));

export interface Entries {
  all: Resource[];
  by_reference: Map<string, Resource>;
}

export function entries_of(resource: Resource): Entries {
  const by_reference = new Map<string, Resource>();
  if (text_at(resource, 'resourceType') !== 'Bundle') return { all: [resource], by_reference };
  const all: Resource[] = [];
  for (const entry of list_at(resource, 'entry')) {
    const inner = at(entry, 'resource');
    if (!is_object(inner)) continue;
    all.push(inner);
    by_reference.set(text_at(entry, 'fullUrl'), inner);
    by_reference.set(`${text_at(inner, 'resourceType')}/${text_at(inner, 'id')}`, inner);
  }
  return { all, by_reference };
}

export const of_type = (entries: Entries, type: string): Resource | undefined =>
  entries.all.find((resource) => text_at(resource, 'resourceType') === type);

export function human_name(resource: unknown): string {
  const name = at(resource, 'name', 0);
  const given = list_at(name, 'given').filter((part) => typeof part === 'string');
  const parts = [...list_at(name, 'prefix'), ...given, text_at(name, 'family')];
  return text_at(name, 'text') || parts.join(' ').trim() || text_at(resource, 'name');
}

export const concept = (value: unknown): string =>
  text_at(value, 'text') ||
  text_at(value, 'coding', 0, 'display') ||
  text_at(value, 'coding', 0, 'code');

// `known`: the title that already stands above.
export function fhir_view(bytes: Bytes, known: string): HTMLElement {
  const entries = entries_of(parse_resource(bytes));
  const composition = of_type(entries, 'Composition');
  const view = el('div', { class: 'narrative' }, header(entries, composition, known));
  view.dataset['born'] = text_at(of_type(entries, 'Patient'), 'birthDate');
  const made = composition ? sections(composition, entries, 0) : loose_resources(entries);
  if (made.length === 0) view.append(el('p', { class: 'note' }, words().fhir.empty));
  view.append(...made);
  return view;
}

function header(entries: Entries, composition: Resource | undefined, known: string): HTMLElement {
  const { cda } = words();
  const patient = of_type(entries, 'Patient');
  const authors = list_at(composition, 'author').map((reference) => {
    const known = entries.by_reference.get(text_at(reference, 'reference'));
    return human_name(known) || text_at(reference, 'display');
  });
  const rows: [string, string][] = [
    [cda.patient, human_name(patient)],
    [cda.born, show_date(text_at(patient, 'birthDate'))],
    [cda.date, show_date(text_at(composition, 'date').slice(0, 10))],
    [cda.author, authors.filter(Boolean).join(', ')],
  ];
  const list = el('dl', { class: 'facts' });
  for (const [name, value] of rows)
    if (value) list.append(el('div', {}, el('dt', {}, name), el('dd', {}, said(value))));
  const title = text_at(composition, 'title');
  return el(
    'header',
    { class: 'cda-header' },
    title && plain(title) !== known ? el('h3', {}, said(title)) : undefined,
    list,
  );
}

function sections(parent: Resource, entries: Entries, depth: number): HTMLElement[] {
  if (depth > 8) return [];
  return list_at(parent, 'section')
    .filter(is_object)
    .map((section) => {
      const made = el('section');
      const title = text_at(section, 'title') || concept(at(section, 'code'));
      if (title) made.append(el(depth === 0 ? 'h3' : 'h4', {}, said(title)));
      made.append(narrative(section) ?? listed(section, entries));
      made.append(...sections(section, entries, depth + 1));
      return made;
    });
}

function narrative(resource: unknown): Node | undefined {
  const div = text_at(resource, 'text', 'div');
  if (div === '') return undefined;
  try {
    // Some producers write several divs, one after the other.
    return xhtml_narrative(parse_xml(`<text>${with_entities(div)}</text>`).documentElement);
  } catch {
    return el('p', { class: 'note' }, words().fhir.unreadable);
  }
}

// XHTML names characters that XML alone does not know.
const named: Record<string, string> = {
  nbsp: '160',
  copy: '169',
  reg: '174',
  deg: '176',
  plusmn: '177',
  micro: '181',
  middot: '183',
  frac12: '189',
  times: '215',
  eacute: '233',
  egrave: '232',
  agrave: '224',
  ccedil: '231',
  ndash: '8211',
  mdash: '8212',
  lsquo: '8216',
  rsquo: '8217',
  ldquo: '8220',
  rdquo: '8221',
  bull: '8226',
  hellip: '8230',
  euro: '8364',
  le: '8804',
  ge: '8805',
  rarr: '8594',
};
const with_entities = (text: string): string =>
  text.replace(/&(\w+);/g, (whole, name: string) =>
    Object.hasOwn(named, name) ? `&#${named[name]};` : whole,
  );

function listed(section: Resource, entries: Entries): HTMLElement {
  const items = list_at(section, 'entry').map((reference) => {
    const known = entries.by_reference.get(text_at(reference, 'reference'));
    return known ? summary(known) : text_at(reference, 'display');
  });
  const shown = items.filter(Boolean).map((item) => el('li', {}, said(item)));
  if (shown.length > 0) return el('ul', {}, ...shown);
  const reason = concept(at(section, 'emptyReason')) || words().fhir.nothing;
  return el('p', { class: 'note' }, plain(reason));
}

const behind_the_scenes = [
  'Patient',
  'Practitioner',
  'PractitionerRole',
  'Organization',
  'Binary',
  'DocumentReference',
  'Composition',
];

export const clinical = (entries: Entries): Resource[] =>
  entries.all.filter((one) => !behind_the_scenes.includes(text_at(one, 'resourceType')));

function loose_resources(entries: Entries): HTMLElement[] {
  return clinical(entries).map((resource) => {
    const told = narrative(resource);
    const line = el('p', {}, said(summary(resource)));
    return el('section', {}, el('h4', {}, said(text_at(resource, 'resourceType'))), told ?? line);
  });
}

// What, how much, when: one line of any clinical resource.
function summary(resource: Resource): string {
  const what =
    concept(at(resource, 'code')) ||
    concept(at(resource, 'vaccineCode')) ||
    concept(at(resource, 'medicationCodeableConcept')) ||
    concept(at(resource, 'type'));
  const amount = at(resource, 'valueQuantity');
  const number = at(amount, 'value');
  const value =
    typeof number === 'number'
      ? `${number} ${text_at(amount, 'unit')}`
      : text_at(resource, 'valueString');
  const day =
    text_at(resource, 'effectiveDateTime') ||
    text_at(resource, 'onsetDateTime') ||
    text_at(resource, 'occurrenceDateTime') ||
    text_at(resource, 'authoredOn');
  return [what, value.trim(), show_date(day.slice(0, 10))].filter(Boolean).join(' · ');
}
