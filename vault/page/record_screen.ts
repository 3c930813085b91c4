// SPDX-License-Identifier: EUPL-1.2
//
// record_screen.ts: the time line by year, searched as one types.
import { command, Ended, flag_of, object_of, text_of, type Row } from './api.ts';
import {
  button,
  el,
  empty,
  field,
  fill,
  heading,
  plain,
  problem,
  said,
  type Page,
} from './parts.ts';
import { short_day, words } from './words.ts';

const at_once = 200; // rows drawn before "show more"
const typing_pause = 150; // milliseconds

export function record_screen(page: Page): HTMLElement {
  const { record: say } = words();
  const results = el('div', { class: 'results' });
  const screen = el('section', { class: 'screen' }, heading(say.title), results);
  void fill(page, results, async () => {
    const { rows } = await command('list');
    if (rows.length === 0)
      return [
        empty(
          say.empty_title,
          say.empty,
          button(say.add_first, () => page.go({ at: 'add' }), { class: 'primary' }),
        ),
      ];
    return [finder(page, rows)];
  });
  return screen;
}

function finder(page: Page, all: Row[]): HTMLElement {
  const { record: say } = words();
  const search = field(say.search, { hint: say.search_hint, type: 'search', name: 'search' });
  const category = el(
    'select',
    { id: 'category' },
    el('option', { value: '' }, say.every),
    ...Object.entries(words().categories)
      .filter(([code]) => all.some((row) => text_of(row, 'category') === code))
      .map(([code, label]) => el('option', { value: code }, label)),
  );
  const count = el('p', { class: 'count', role: 'status' });
  const list = el('div');
  const kept = (rows: Row[]): Row[] =>
    rows.filter((row) => category.value === '' || text_of(row, 'category') === category.value);
  let turn = 0;
  const look = async (): Promise<void> => {
    const mine = ++turn;
    const typed = search.input.value.trim();
    try {
      const rows =
        typed === ''
          ? all
          : (await command('search', { words: typed.split(/\s+/).map(as_prefix) })).rows;
      if (mine !== turn) return;
      const shown = kept(rows);
      count.textContent = typed === '' ? say.documents(shown.length) : say.found(shown.length);
      list.replaceChildren(
        shown.length === 0 ? el('p', { class: 'quiet-text' }, say.nothing) : time_line(page, shown),
      );
    } catch (error) {
      if (error instanceof Ended) return page.end();
      list.replaceChildren(problem(error));
    }
  };
  let pause: ReturnType<typeof setTimeout> | undefined;
  search.input.addEventListener('input', () => {
    clearTimeout(pause);
    pause = setTimeout(() => void look(), typing_pause);
  });
  category.addEventListener('change', () => void look());
  void look();
  const chooser = el(
    'div',
    { class: 'field' },
    el('label', { for: 'category' }, say.category),
    category,
  );
  return el(
    'div',
    { class: 'finder' },
    el('form', { class: 'find', role: 'search' }, search.row, chooser),
    count,
    list,
  );
}

// What is being typed is the beginning of a word; quotes and stars stay the person's own.
const as_prefix = (word: string): string => (/["*]/.test(word) ? word : `${word}*`);

function time_line(page: Page, rows: Row[]): HTMLElement {
  const place = el('div', { class: 'time-line' });
  const draw = (from: number): void => {
    const part = rows.slice(from, from + at_once);
    for (const [year, of_year] of by_year(part)) {
      const known = [...place.querySelectorAll<HTMLElement>('section')].at(-1);
      const items = of_year.map((row) => el('li', {}, entry(page, row)));
      if (known?.dataset['year'] === year) {
        known.querySelector('ol')?.append(...items);
        continue;
      }
      place.append(
        el(
          'section',
          { class: 'year', 'data-year': year, 'aria-label': year || words().record.undated },
          el('h2', {}, year || words().record.undated),
          el('ol', {}, ...items),
        ),
      );
    }
    const next = from + at_once;
    if (next >= rows.length) return;
    const more = button(
      words().record.more,
      () => {
        more.remove();
        draw(next);
        place.querySelectorAll<HTMLElement>('.entry')[next]?.focus();
      },
      { class: 'secondary' },
    );
    place.append(more);
  };
  draw(0);
  return place;
}

function by_year(rows: Row[]): [string, Row[]][] {
  const years = new Map<string, Row[]>();
  for (const row of rows) {
    const year = /^\d{4}/.exec(text_of(row, 'date'))?.[0] ?? '';
    years.set(year, [...(years.get(year) ?? []), row]);
  }
  return [...years].sort(([a], [b]) => (a < b ? 1 : -1));
}

export const kind_label = (row: Row): string =>
  plain(text_of(object_of(row, 'kind'), 'label')) ||
  words().categories[text_of(row, 'category')] ||
  '';

function entry(page: Page, row: Row): HTMLElement {
  const { record: say } = words();
  const made = button('', () => page.go({ at: 'document', id: text_of(row, 'id') }), {
    class: 'entry',
    'data-category': text_of(row, 'category'),
  });
  const source = [
    plain(text_of(row, 'author')) || say.no_author,
    flag_of(row, 'entered_here') && say.by_you,
    text_of(row, 'date_source') === 'file' && say.file_date,
  ].filter((part): part is string => typeof part === 'string' && part !== '');
  const snippet = plain(text_of(row, 'snippet'));
  made.append(
    el('span', { class: 'entry-day' }, short_day(text_of(row, 'date'))),
    el(
      'span',
      { class: 'entry-words' },
      el('span', { class: 'entry-title' }, said(text_of(row, 'title') || say.untitled)),
      el('span', { class: 'entry-details' }, source.join(' · ')),
      snippet ? el('span', { class: 'entry-snippet' }, said(snippet)) : undefined,
    ),
    el('span', { class: 'entry-kind' }, kind_label(row)),
  );
  return made;
}
