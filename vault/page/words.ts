// SPDX-License-Identifier: EUPL-1.2
//
// words.ts: the page's sentences in the language that was chosen, and what an error says. Dates,
// instants and sizes are the viewer's.
import { choose_language, current_language, show_date } from '../../sync/viewer/words.ts';
import { ApiError } from './api.ts';
import { english } from './words_en.ts';
import { french, type Words } from './words_fr.ts';

export {
  current_language,
  preferred_language,
  show_instant,
  show_size,
} from '../../sync/viewer/words.ts';

export const words = (): Words => (current_language() === 'fr' ? french : english);

// The title never says what is on the screen: a window's list and the history show it.
export function speak(language: 'fr' | 'en'): void {
  choose_language(language);
  document.title = words().brand;
}

export function sentence_of(error: unknown): string {
  if (!(error instanceof ApiError) || error.code === 'unreachable') return words().unreachable;
  const sentence = current_language() === 'fr' ? error.french : error.english;
  return error.detail ? `${sentence} (${error.detail})` : sentence;
}

// "2026-01-15T07:45+01:00" is the day that its author meant, whatever this machine's zone.
export const day = (iso: string): string => (iso ? show_date(iso.slice(0, 10)) : '');

// Of a day, what stands under a heading that names its year.
export function short_day(iso: string): string {
  const match = /^\d{4}-(\d{2})-(\d{2})/.exec(iso);
  if (!match) return '';
  const locale = current_language() === 'fr' ? 'fr-FR' : 'en-GB';
  return new Intl.DateTimeFormat(locale, {
    timeZone: 'UTC',
    day: 'numeric',
    month: 'short',
  }).format(new Date(`${match[0]}T00:00:00Z`));
}

export const instant = (iso: string): string => {
  const time = Date.parse(iso);
  if (Number.isNaN(time)) return iso;
  const locale = current_language() === 'fr' ? 'fr-FR' : 'en-GB';
  return new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short' }).format(time);
};
