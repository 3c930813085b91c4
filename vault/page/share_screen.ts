// SPDX-License-Identifier: EUPL-1.2
//
// share_screen.ts: who, what, until when, how; what follows is share_preview.ts, then
// shared_screen.ts.
import { command, text_of, type Row } from './api.ts';
import {
  act,
  choices,
  el,
  empty,
  field,
  fill,
  heading,
  lead,
  plain,
  said,
  tick,
  type Page,
} from './parts.ts';
import { kind_label } from './record_screen.ts';
import { preview, show, type Asked } from './share_preview.ts';
import { day, words } from './words.ts';

export function share_screen(page: Page, chosen: string[]): HTMLElement {
  const { share: say } = words();
  const place = el('section', { class: 'screen share' }, heading(say.title), lead(say.lead));
  if (!page.has_server) {
    place.append(empty(say.no_server_title, say.no_server));
    return place;
  }
  const body = el('div');
  place.append(body);
  void fill(page, body, async () => {
    const { rows } = await command('list');
    return [form_of(page, place, rows, new Set(chosen))];
  });
  return place;
}

function form_of(page: Page, place: HTMLElement, rows: Row[], ticked: Set<string>): HTMLElement {
  const { share: say } = words();
  const name = field(say.name, { hint: say.name_hint, name: 'to', required: true });
  const role = field(`${say.role} ${say.optional}`, { name: 'role' });
  const organisation = field(`${say.organisation} ${say.optional}`, { name: 'organisation' });
  const purpose = field(`${say.purpose} ${say.optional}`, { name: 'purpose' });
  const who = el(
    'fieldset',
    {},
    el('legend', {}, say.who),
    name.row,
    el('div', { class: 'two' }, role.row, organisation.row),
  );

  const picker = document_picker(rows, ticked);
  const categories = category_picker(rows);
  const kinds: [string, string][] = [
    ['chosen', say.chosen],
    ['category', say.category],
    ['all', say.all],
  ];
  const reveal = (kind: string): void => {
    picker.hidden = kind !== 'chosen';
    categories.hidden = kind !== 'category';
  };
  const what = choices(say.what, 'what', kinds, 'chosen', reveal);
  what.group.append(picker, categories);
  reveal('chosen');
  const length = choices(say.how_long, 'for', Object.entries(say.durations), '7d');
  const how = choices(
    say.how,
    'delivery',
    [
      ['link', say.link, say.link_hint],
      ['shl', say.shl, say.shl_hint],
    ],
    'link',
  );
  const passcode = tick(say.passcode, say.passcode_hint, true);
  const download = tick(say.download);
  how.group.append(passcode.row, download.row);
  const wrong = el('p', { class: 'problem', role: 'alert' });

  const asked = (): Asked | undefined => {
    wrong.textContent = '';
    const to = name.input.value.trim();
    if (to === '') {
      name.fail(say.name_missing);
      return undefined;
    }
    const given: Asked = {
      to,
      for: length.value(),
      delivery: how.value(),
      passcode: passcode.input.checked,
    };
    for (const [key, one] of Object.entries({ role, organisation, purpose }))
      if (one.input.value.trim() !== '') given[key] = one.input.value.trim();
    if (download.input.checked) given['allow'] = 'download';
    if (what.value() === 'all') given['all'] = true;
    if (what.value() === 'category')
      given['category'] = categories.querySelector('select')?.value ?? '';
    if (what.value() === 'chosen') given['documents'] = [...ticked];
    if (what.value() === 'chosen' && ticked.size === 0) {
      wrong.textContent = say.what_missing;
      return undefined;
    }
    return given;
  };
  const back = (): void => {
    show(place, heading(say.title), lead(say.lead), form);
  };
  const go = act(page, say.preview, { class: 'primary' }, async () => {
    const given = asked();
    if (given) await preview(page, place, given, back);
  });
  const form = el(
    'form',
    { novalidate: true, class: 'share-form' },
    who,
    what.group,
    length.group,
    how.group,
    purpose.row,
    wrong,
    go,
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    go.querySelector('button')?.click();
  });
  return form;
}

function document_picker(rows: Row[], ticked: Set<string>): HTMLElement {
  const { share: say } = words();
  const count = el('p', { class: 'count', role: 'status' }, say.picked(ticked.size));
  const filter = field(say.filter, { name: 'filter', type: 'search' });
  const lines = rows.map((row) => {
    const id = text_of(row, 'id');
    const title = plain(text_of(row, 'title')) || words().record.untitled;
    const details = [day(text_of(row, 'date')), plain(text_of(row, 'author')), kind_label(row)]
      .filter(Boolean)
      .join(' · ');
    const one = tick(said(title), details, ticked.has(id));
    one.input.addEventListener('change', () => {
      if (one.input.checked) ticked.add(id);
      else ticked.delete(id);
      count.textContent = say.picked(ticked.size);
    });
    return { row: one.row, text: `${title} ${details}`.toLocaleLowerCase(), id };
  });
  // What was ticked before stands first, in sight.
  lines.sort((a, b) => Number(ticked.has(b.id)) - Number(ticked.has(a.id)));
  filter.input.addEventListener('input', () => {
    const typed = filter.input.value.trim().toLocaleLowerCase();
    for (const line of lines) line.row.hidden = !line.text.includes(typed);
  });
  const list = el(
    'div',
    { class: 'pick-list', role: 'group', 'aria-label': say.chosen, tabindex: '0' },
    ...lines.map((line) => line.row),
  );
  return el('div', { class: 'picker' }, rows.length > 8 ? filter.row : undefined, count, list);
}

function category_picker(rows: Row[]): HTMLElement {
  const { share: say } = words();
  const there = Object.entries(words().categories).filter(([code]) =>
    rows.some((row) => text_of(row, 'category') === code),
  );
  const select = el(
    'select',
    { id: 'share-category' },
    ...there.map(([code, label]) => el('option', { value: code }, label)),
  );
  return el(
    'div',
    { class: 'field' },
    el('label', { for: 'share-category' }, say.category),
    select,
  );
}
