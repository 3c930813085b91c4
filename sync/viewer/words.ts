// SPDX-License-Identifier: EUPL-1.2
//
// words.ts: every sentence of the page, in French and in English, and dates as people say them.
import { english } from './words_en.ts';
import { french, type Words } from './words_fr.ts';

export type Language = 'fr' | 'en';

let language: Language = 'fr';

export const words = (): Words => (language === 'fr' ? french : english);
export const current_language = (): Language => language;

export function choose_language(chosen: Language): void {
  language = chosen;
  document.documentElement.lang = chosen;
  document.title = words().page_title;
}

// The first of the browser's languages that the page speaks; else English, which a reader whose
// browser speaks neither is likelier to know.
export function preferred_language(): Language {
  for (const tag of navigator.languages) {
    if (tag.toLowerCase().startsWith('fr')) return 'fr';
    if (tag.toLowerCase().startsWith('en')) return 'en';
  }
  return 'en';
}

const locale = (): string => (language === 'fr' ? 'fr-FR' : 'en-GB');

// A day as YYYY, YYYY-MM or YYYY-MM-DD, without a time zone to shift it. Anything else as it came.
export function show_date(iso: string): string {
  const match = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/.exec(iso);
  if (!match) return iso;
  const [, year, month, day] = match;
  const date = new Date(Date.UTC(Number(year), Number(month ?? '1') - 1, Number(day ?? '1')));
  return new Intl.DateTimeFormat(locale(), {
    timeZone: 'UTC',
    year: 'numeric',
    ...(month ? { month: 'long' } : {}),
    ...(day ? { day: 'numeric' } : {}),
  }).format(date);
}

// An instant in the reader's own time zone.
export const show_instant = (epoch_seconds: number): string =>
  new Intl.DateTimeFormat(locale(), { dateStyle: 'long', timeStyle: 'short' }).format(
    new Date(epoch_seconds * 1000),
  );

export function show_size(bytes: number): string {
  const [value, unit] =
    bytes < 1_000_000 ? [bytes / 1000, 'kilobyte'] : [bytes / 1_000_000, 'megabyte'];
  const digits = value < 10 ? 1 : 0;
  return new Intl.NumberFormat(locale(), {
    style: 'unit',
    unit,
    unitDisplay: 'short',
    maximumFractionDigits: digits,
  }).format(Math.max(value, 0.1));
}
