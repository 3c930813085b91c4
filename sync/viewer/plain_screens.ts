// SPDX-License-Identifier: EUPL-1.2
//
// plain_screens.ts: the frame around every screen, and the screens of a few words.
import { button, el } from './dom.ts';
import type { Failure } from './failure.ts';
import { current_language, words } from './words.ts';

export function frame(
  screen: HTMLElement,
  switch_language: () => void,
  promise: string | undefined,
): HTMLElement[] {
  const other = current_language() === 'fr' ? 'en' : 'fr';
  const mark = el('img', { src: '/v/mark.svg', alt: '', width: '28', height: '28' });
  const top = el(
    'header',
    { class: 'top' },
    el('span', { class: 'brand' }, mark, 'Coffret'),
    button(words().other_language, switch_language, { class: 'quiet', lang: other }),
  );
  const main = el('main', {}, screen);
  return promise ? [top, main, el('footer', { class: 'foot' }, promise)] : [top, main];
}

export const heading = (text: string): HTMLElement => el('h1', { tabindex: '-1' }, text);

export const waiting_screen = (): HTMLElement =>
  el(
    'section',
    { class: 'card' },
    el('p', { role: 'status', class: 'waiting' }, words().door.knocking),
  );

export function failure_screen(failure: Failure, retry?: () => void): HTMLElement {
  return el(
    'section',
    { class: 'card failed', 'data-failure': failure.code },
    heading(words().failure_title),
    el('p', { class: 'lead' }, words().failures[failure.code]),
    retry ? button(words().retry, retry, { class: 'primary' }) : undefined,
  );
}

export function paste_screen(
  problem: Failure | undefined,
  go: (link: string) => void,
): HTMLElement {
  const { paste, failures } = words();
  const field = el('input', {
    id: 'link',
    type: 'text',
    autocomplete: 'off',
    spellcheck: 'false',
    required: true,
    ...(problem ? { 'aria-invalid': 'true' } : {}),
  });
  const form = el(
    'form',
    { novalidate: true },
    el('label', { for: 'link' }, paste.field),
    field,
    problem ? el('p', { class: 'problem', role: 'alert' }, failures[problem.code]) : undefined,
    el('button', { type: 'submit', class: 'primary' }, paste.go),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (field.value.trim() === '') field.focus();
    else go(field.value);
  });
  return el(
    'section',
    { class: 'card' },
    heading(paste.title),
    el('p', { class: 'lead' }, paste.lead),
    form,
  );
}
