// SPDX-License-Identifier: EUPL-1.2
//
// share_preview.ts: exactly what will be seen, what to know before, what was left out, and what is
// agreed to. Nothing is made before the person agrees, and only of what they were shown.
import {
  command,
  Ended,
  list_of,
  number_of,
  object_of,
  text_of,
  type Answer,
  type Row,
} from './api.ts';
import { act, button, el, heading, plain, said, tick, type Page } from './parts.ts';
import { shared_screen } from './shared_screen.ts';
import { day, instant, show_size, words } from './words.ts';

export type Asked = Record<string, unknown>;

export function show(place: HTMLElement, ...parts: (Node | undefined)[]): void {
  place.replaceChildren(...parts.filter((part) => part !== undefined));
  window.scrollTo(0, 0);
  place.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
}

export async function preview(
  page: Page,
  place: HTMLElement,
  given: Asked,
  back: () => void,
): Promise<void> {
  const { done } = await command('grant preview', given);
  const { share: say } = words();
  const documents = list_of(done, 'documents');
  const again = (more: string[]): Promise<void> => {
    const chosen = [...((given['documents'] as string[] | undefined) ?? []), ...more];
    return preview(page, place, { ...given, documents: chosen }, back);
  };
  const create = act(page, say.agree, { class: 'primary' }, async () => {
    const answer = await command('grant create', {
      ...given,
      qr: 'png',
      seen: documents.map((one) => text_of(one, 'id')),
    });
    give(page, place, answer);
  });
  show(
    place,
    heading(say.seen_title(plain(text_of(done, 'to')))),
    el('p', { class: 'lead' }, say.until(instant(text_of(done, 'expires_at')))),
    seen(done, documents),
    warnings(done),
    left_out(page, done, again),
    el(
      'section',
      { class: 'block consent' },
      el('h2', {}, say.consent),
      ...text_of(done, 'consent')
        .split('\n')
        .map((line) => el('p', {}, said(line))),
    ),
    el('div', { class: 'row' }, create, button(say.change, back, { class: 'quiet' })),
  );
}

// As the clinician's list will have it.
function seen(done: Row, documents: Row[]): HTMLElement {
  const { share: say } = words();
  const patient = object_of(done, 'patient');
  const items = documents.map((one) =>
    el(
      'li',
      {},
      el('span', { class: 'what' }, said(text_of(one, 'title') || words().record.untitled)),
      el(
        'span',
        { class: 'details' },
        [day(text_of(one, 'date')), plain(text_of(one, 'author')), plain(text_of(one, 'kind'))]
          .filter(Boolean)
          .join(' · '),
      ),
    ),
  );
  return el(
    'section',
    { class: 'block seen' },
    el('h2', {}, say.seen_count(documents.length, show_size(number_of(done, 'size')))),
    el('p', {}, say.patient(plain(text_of(patient, 'name')), day(text_of(patient, 'birth_date')))),
    el('ul', { class: 'lines' }, ...items),
  );
}

function warnings(done: Row): HTMLElement | undefined {
  const { share: say } = words();
  const all = list_of(done, 'warnings');
  if (all.length === 0) return undefined;
  const items = all.map((one) => {
    const value = plain(text_of(one, 'value'));
    const text = say.warning[text_of(one, 'kind')] ?? text_of(one, 'kind');
    const told = text_of(one, 'kind') === 'sensitive' || !value ? text : `${text} (${value})`;
    return el(
      'li',
      {},
      el('span', { class: 'what' }, said(text_of(one, 'title'))),
      el('span', { class: 'details' }, told),
    );
  });
  return el(
    'section',
    { class: 'block caution' },
    el('h2', {}, say.warnings),
    el('ul', { class: 'lines' }, ...items),
  );
}

function left_out(
  page: Page,
  done: Row,
  again: (more: string[]) => Promise<void>,
): HTMLElement | undefined {
  const { share: say } = words();
  const all = list_of(done, 'left_out');
  if (all.length === 0) return undefined;
  const ticked = new Set<string>();
  const rows = all.map((one) => {
    const made = tick(
      said(text_of(one, 'title') || words().record.untitled),
      day(text_of(one, 'date')),
    );
    made.input.addEventListener('change', () => {
      if (made.input.checked) ticked.add(text_of(one, 'id'));
      else ticked.delete(text_of(one, 'id'));
    });
    return made.row;
  });
  return el(
    'section',
    { class: 'block' },
    el('h2', {}, say.left_out),
    el('p', {}, say.left_out_lead),
    ...rows,
    act(page, say.include, { class: 'secondary' }, () => again([...ticked])),
  );
}

function give(page: Page, place: HTMLElement, answer: Answer): void {
  if (answer.secrets[0] === undefined) throw new Ended();
  show(place, ...shared_screen(page, answer.done, answer.secrets, answer.bytes));
}
