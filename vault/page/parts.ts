// SPDX-License-Identifier: EUPL-1.2
//
// parts.ts: what the screens are made of.
import { button, el, plain, said } from '../../sync/viewer/dom.ts';
import { Ended } from './api.ts';
import { sentence_of, words } from './words.ts';

export { button, el, plain, said };

// What a screen may ask of the page around it.
export interface Page {
  go(to: Place): void;
  end(): void; // the token is over: nothing of the record stays
  say(text: string): void; // to everybody, also who cannot see it
  has_server: boolean;
}

export type Place =
  | { at: 'record' }
  | { at: 'document'; id: string }
  | { at: 'health'; tab?: HealthTab }
  | { at: 'own'; kind: string }
  | { at: 'add' }
  | { at: 'share'; documents?: string[] }
  | { at: 'grants'; tab?: 'board' | 'log' }
  | { at: 'vault' };
export type HealthTab = 'summary' | 'medicines' | 'results' | 'vaccines';

// A heading that a change of screen moves to.
export const heading = (text: string): HTMLElement => el('h1', { tabindex: '-1' }, text);

export const lead = (text: string): HTMLElement => el('p', { class: 'lead' }, text);

export const waiting = (): HTMLElement =>
  el('p', { class: 'waiting', role: 'status' }, words().waiting);

export const problem = (error: unknown): HTMLElement =>
  el('p', { class: 'problem', role: 'alert' }, sentence_of(error));

export const notice = (text: string): HTMLElement =>
  el('p', { class: 'notice', role: 'status' }, text);

// Fills `into` with what `make` brings; meanwhile it says that it waits, and what failed is told
// there.
export async function fill(
  page: Page,
  into: HTMLElement,
  make: () => Promise<(Node | undefined)[]>,
): Promise<void> {
  into.setAttribute('aria-busy', 'true');
  try {
    const made = await make();
    into.replaceChildren(...made.filter((one) => one !== undefined));
  } catch (error) {
    if (error instanceof Ended) return page.end();
    into.replaceChildren(
      problem(error),
      button(words().try_again, () => void fill(page, into, make), { class: 'secondary' }),
    );
  } finally {
    into.removeAttribute('aria-busy');
  }
}

// A button that does one thing at a time, and says beside itself what failed.
export function act(
  page: Page,
  text: string,
  attributes: Record<string, string>,
  run: () => Promise<void>,
): HTMLElement {
  const place = el('span', { class: 'act' });
  const made = button(
    text,
    () => {
      if (made.hasAttribute('disabled')) return;
      made.setAttribute('disabled', '');
      place.querySelector('.problem')?.remove();
      run()
        .catch((error: unknown) => {
          if (error instanceof Ended) page.end();
          else place.append(problem(error));
        })
        .finally(() => made.removeAttribute('disabled'));
    },
    attributes,
  );
  place.append(made);
  return place;
}

export interface Field {
  row: HTMLElement;
  input: HTMLInputElement | HTMLTextAreaElement;
  fail(text: string): void;
}

let fields_made = 0;

export function field(
  label: string,
  { hint = '', type = 'text', name = '', long = false, required = false } = {},
): Field {
  const id = name || `field-${++fields_made}`;
  const described = [hint && `${id}-hint`, `${id}-problem`].filter(Boolean).join(' ');
  const about = {
    id,
    autocomplete: 'off',
    spellcheck: 'false',
    'aria-describedby': described,
    'aria-required': required && 'true',
  };
  const input = long ? el('textarea', { ...about, rows: '4' }) : el('input', { ...about, type });
  const wrong = el('p', { class: 'problem', id: `${id}-problem`, role: 'alert' });
  input.addEventListener('input', () => {
    input.removeAttribute('aria-invalid');
    wrong.textContent = '';
  });
  const row = el(
    'div',
    { class: 'field' },
    el('label', { for: id }, label),
    hint ? el('p', { class: 'hint', id: `${id}-hint` }, hint) : undefined,
    input,
    wrong,
  );
  return {
    row,
    input,
    fail(text) {
      input.setAttribute('aria-invalid', 'true');
      wrong.textContent = text;
      input.focus();
    },
  };
}

// Radio buttons in a group of their own. `changed` is called with the value that is chosen.
export function choices(
  legend: string,
  name: string,
  all: [value: string, label: string, hint?: string][],
  chosen: string,
  changed: (value: string) => void = () => undefined,
): { group: HTMLElement; value(): string } {
  let now = chosen;
  const group = el('fieldset', { class: 'choices' }, el('legend', {}, legend));
  for (const [value, label, hint] of all) {
    const input = el('input', { type: 'radio', name, value, checked: value === chosen });
    input.addEventListener('change', () => {
      now = value;
      changed(value);
    });
    group.append(
      el(
        'label',
        { class: 'choice' },
        input,
        el('span', {}, label, hint ? el('span', { class: 'hint' }, hint) : undefined),
      ),
    );
  }
  return { group, value: () => now };
}

export function tick(
  label: Node | string,
  hint = '',
  checked = false,
): {
  row: HTMLElement;
  input: HTMLInputElement;
} {
  const input = el('input', { type: 'checkbox', checked });
  const row = el(
    'label',
    { class: 'choice' },
    input,
    el('span', {}, label, hint ? el('span', { class: 'hint' }, hint) : undefined),
  );
  return { row, input };
}

// Two or more views of one screen: buttons that say which one is shown.
export function tabs<T extends string>(
  label: string,
  all: Record<T, string>,
  chosen: T,
  choose: (tab: T) => void,
): HTMLElement {
  const bar = el('nav', { class: 'tabs', 'aria-label': label });
  for (const [name, text] of Object.entries(all) as [T, string][])
    bar.append(
      button(text, () => choose(name), {
        class: 'tab',
        ...(name === chosen ? { 'aria-current': 'page' } : {}),
      }),
    );
  return bar;
}

// A table that scrolls in its own frame, also by keyboard. In a narrow window each row is a block
// whose cells name their column (the roles stay what they are, whatever is drawn).
export function table(caption: string, heads: string[], rows: (Node | string)[][]): HTMLElement {
  const cell_of = (cell: Node | string, i: number): HTMLElement =>
    el('td', { role: 'cell', 'data-head': heads[i] }, el('span', {}, cell));
  const made = el(
    'table',
    { role: 'table' },
    el('caption', {}, caption),
    el(
      'thead',
      { role: 'rowgroup' },
      el(
        'tr',
        { role: 'row' },
        ...heads.map((head) => el('th', { scope: 'col', role: 'columnheader' }, head)),
      ),
    ),
    el(
      'tbody',
      { role: 'rowgroup' },
      ...rows.map((cells) => el('tr', { role: 'row' }, ...cells.map(cell_of))),
    ),
  );
  return el('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption }, made);
}

export const empty = (title: string, text: string, ...actions: HTMLElement[]): HTMLElement =>
  el('section', { class: 'empty-state' }, el('h2', {}, title), el('p', {}, text), ...actions);
