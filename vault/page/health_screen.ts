// SPDX-License-Identifier: EUPL-1.2
//
// health_screen.ts: what the documents say: summary, medicines, results over time, vaccines. Each
// line leads to the document it comes from.
import { command, flag_of, object_of, text_of, type Row } from './api.ts';
import { own_kinds } from './own_screen.ts';
import {
  button,
  el,
  fill,
  heading,
  lead,
  plain,
  said,
  table,
  tabs,
  type HealthTab,
  type Page,
} from './parts.ts';
import { trend } from './trend.ts';
import { day, words } from './words.ts';

export function health_screen(page: Page, tab: HealthTab): HTMLElement {
  const { health: say } = words();
  const place = el('div', { class: 'health' });
  void fill(page, place, async () => {
    const { rows } = await command(tab);
    if (rows.length === 0) return [el('p', { class: 'empty-state' }, say.none[tab])];
    if (tab === 'summary') return summary(page, rows);
    if (tab === 'medicines') return [medicines(page, rows)];
    return tab === 'results' ? results(page, rows) : [vaccines(page, rows)];
  });
  return el(
    'section',
    { class: 'screen' },
    heading(say.title),
    lead(say.lead),
    tabs(say.title, say.tabs, tab, (to) => page.go({ at: 'health', tab: to })),
    place,
    own_buttons(page),
  );
}

function own_buttons(page: Page): HTMLElement {
  const { own: say } = words();
  const all = own_kinds.map((kind) =>
    button(say[kind], () => page.go({ at: 'own', kind }), { class: 'secondary' }),
  );
  return el(
    'section',
    { class: 'own-buttons' },
    el('h2', {}, say.title),
    el('div', { class: 'row' }, ...all),
  );
}

function source(page: Page, row: Row): HTMLElement {
  if (flag_of(row, 'entered_here')) return el('span', {}, words().record.by_you);
  const title = plain(text_of(row, 'document_title')) || words().record.untitled;
  const open = (): void => page.go({ at: 'document', id: text_of(row, 'document') });
  return button(title, open, { class: 'quiet source' });
}

const amount = (row: Row): string =>
  [number_text(text_of(row, 'value')), text_of(row, 'unit')].filter(Boolean).join(' ');

// Decimal signs are the language's own.
function number_text(value: string): string {
  if (!/^-?\d+(\.\d+)?$/.test(value)) return value;
  const digits = value.split('.')[1]?.length ?? 0;
  return new Intl.NumberFormat(document.documentElement.lang === 'fr' ? 'fr-FR' : 'en-GB', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(Number(value));
}

function range(row: Row): string {
  const told = object_of(row, 'range');
  const text = plain(text_of(told, 'text'));
  return (
    text ||
    words().health.range(number_text(text_of(told, 'low')), number_text(text_of(told, 'high')))
  );
}

function one_line(row: Row): string {
  const { health: say } = words();
  const kind = text_of(row, 'kind');
  if (kind === 'result') return amount(row);
  if (kind === 'medicine') return plain(text_of(row, 'dose'));
  if (kind === 'allergy' && text_of(row, 'detail'))
    return say.reaction(plain(text_of(row, 'detail')));
  return plain(text_of(row, 'detail'));
}

function summary(page: Page, rows: Row[]): HTMLElement[] {
  const { health: say } = words();
  const sections: HTMLElement[] = [];
  for (const [kind, title] of Object.entries(say.kinds)) {
    const of_kind = rows.filter((row) => text_of(row, 'kind') === kind);
    if (of_kind.length === 0) continue;
    const items = of_kind.map((row) => {
      const details = [one_line(row), day(text_of(row, 'date'))].filter(Boolean).join(' · ');
      return el(
        'li',
        {},
        el('span', { class: 'what' }, said(text_of(row, 'label'))),
        details ? el('span', { class: 'details' }, details) : undefined,
        source(page, row),
      );
    });
    sections.push(
      el(
        'section',
        { class: 'block', 'data-kind': kind },
        el('h2', {}, title),
        el('ul', { class: 'lines' }, ...items),
      ),
    );
  }
  return sections;
}

function medicines(page: Page, rows: Row[]): HTMLElement {
  const { health: say } = words();
  const { columns } = say;
  return table(
    say.tabs.medicines,
    [columns.what, columns.how, columns.state, columns.date, columns.source],
    rows.map((row) => [
      said(text_of(row, 'label')),
      plain(text_of(row, 'dose')),
      [say.events[text_of(row, 'event')] ?? '', flag_of(row, 'over') ? say.over : say.ongoing]
        .filter(Boolean)
        .join(', '),
      day(text_of(row, 'date')),
      source(page, row),
    ]),
  );
}

function vaccines(page: Page, rows: Row[]): HTMLElement {
  const { health: say } = words();
  const { columns } = say;
  return table(
    say.tabs.vaccines,
    [columns.what, columns.date, columns.how, columns.source],
    rows.map((row) => [
      said(text_of(row, 'label')),
      day(text_of(row, 'date')),
      [plain(text_of(row, 'dose')), plain(text_of(row, 'detail'))].filter(Boolean).join(' · '),
      source(page, row),
    ]),
  );
}

// The values of one thing measured, newest first, above them their course where there are two.
function results(page: Page, rows: Row[]): HTMLElement[] {
  const { health: say } = words();
  const series = new Map<string, Row[]>();
  for (const row of rows) {
    const name = `${text_of(object_of(row, 'code'), 'code')} ${text_of(row, 'label')} ${text_of(row, 'unit')}`;
    series.set(name, [...(series.get(name) ?? []), row]);
  }
  const blocks = [...series.values()].map((of_one) => {
    const name = plain(text_of(of_one[0], 'label'));
    return el(
      'section',
      { class: 'block' },
      el('h2', {}, name),
      trend(name, of_one, amount),
      table(
        name,
        [say.columns.date, say.columns.value, say.columns.range, say.columns.source],
        of_one.map((row) => [
          day(text_of(row, 'date')),
          value_cell(row),
          range(row),
          source(page, row),
        ]),
      ),
    );
  });
  return [el('p', { class: 'notice' }, say.not_a_diagnosis), ...blocks];
}

function value_cell(row: Row): HTMLElement {
  const { health: say } = words();
  const flag = text_of(row, 'flag');
  const mark = /^H/.test(flag)
    ? `▲ ${say.high}`
    : /^L/.test(flag)
      ? `▼ ${say.low}`
      : flag === 'A' || flag === 'AA'
        ? say.outside
        : '';
  return el(
    'span',
    {},
    el('strong', {}, amount(row)),
    mark ? el('span', { class: 'flag' }, ` ${mark}`) : undefined,
  );
}
