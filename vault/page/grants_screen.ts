// SPDX-License-Identifier: EUPL-1.2
//
// grants_screen.ts: the board of grants by state, each with its end in reach; and who opened what,
// in sentences.
import { ApiError, command, flag_of, number_of, text_of, type Row } from './api.ts';
import {
  act,
  button,
  el,
  empty,
  fill,
  heading,
  lead,
  plain,
  said,
  tabs,
  type Page,
} from './parts.ts';
import { instant, words } from './words.ts';

const order = ['live', 'scheduled', 'revoking', 'locked', 'used_up', 'expired', 'revoked'];
const may_end = ['live', 'scheduled', 'revoking', 'locked'];
const may_extend = ['live', 'scheduled', 'used_up'];

export function grants_screen(page: Page, tab: 'board' | 'log'): HTMLElement {
  const { grants: say } = words();
  const place = el('div');
  void (tab === 'board' ? board(page, place) : log(page, place));
  return el(
    'section',
    { class: 'screen' },
    heading(say.title),
    tabs(say.title, say.tabs, tab, (to) => page.go({ at: 'grants', tab: to })),
    place,
  );
}

const board = (page: Page, place: HTMLElement): Promise<void> =>
  fill(page, place, async () => {
    const { grants: say } = words();
    const { rows } = await command('grant list');
    const share = button(say.first, () => page.go({ at: 'share' }), { class: 'primary' });
    if (rows.length === 0) return [empty(say.none_title, say.none, share)];
    const sections = order.map((state) => {
      const of_state = rows.filter((row) => text_of(row, 'state') === state);
      if (of_state.length === 0) return undefined;
      return el(
        'section',
        { class: 'board', 'data-state': state },
        el('h2', {}, `${say.states[state] ?? state} (${of_state.length})`),
        el(
          'ul',
          { class: 'cards' },
          ...of_state.map((row) => el('li', {}, card(page, place, row))),
        ),
      );
    });
    return [share, ...sections, el('p', { class: 'quiet-text' }, say.forget)];
  });

function card(page: Page, place: HTMLElement, row: Row): HTMLElement {
  const { grants: say } = words();
  const state = text_of(row, 'state');
  const who = [plain(text_of(row, 'role')), plain(text_of(row, 'organisation'))]
    .filter(Boolean)
    .join(', ');
  const tools = el('div', { class: 'tools' });
  const acts = (): void =>
    tools.replaceChildren(
      ...[
        may_end.includes(state)
          ? button(say.end, ask_end, { class: 'danger', 'aria-label': say.end_named(name) })
          : undefined,
        may_extend.includes(state)
          ? button(say.extend, ask_extend, {
              class: 'secondary',
              'aria-label': say.extend_named(name),
            })
          : undefined,
      ].filter((one) => one !== undefined),
    );
  const name = plain(text_of(row, 'to'));
  const ask_end = (): void => confirm_end(page, place, row, tools, acts);
  const ask_extend = (): void => choose_end(page, place, row, tools, acts);
  acts();
  return el(
    'article',
    { class: `grant grant-${state}` },
    el('h3', {}, said(text_of(row, 'to'))),
    who ? el('p', { class: 'details' }, who) : undefined,
    el('p', {}, said(text_of(row, 'scope'))),
    el(
      'p',
      { class: 'details' },
      say.until(instant(text_of(row, 'expires_at'))),
      flag_of(row, 'ends_soon')
        ? el('strong', { class: 'soon' }, ` · ${say.ends_soon}`)
        : undefined,
    ),
    tools,
  );
}

function confirm_end(
  page: Page,
  place: HTMLElement,
  row: Row,
  tools: HTMLElement,
  back: () => void,
): void {
  const { grants: say } = words();
  const name = plain(text_of(row, 'to'));
  const yes = act(page, say.sure_yes, { class: 'danger' }, async () => {
    try {
      await command('grant revoke', { id: text_of(row, 'id') });
      page.say(say.ended(name));
    } catch (error) {
      // Recorded here all the same: the board says that the server has not confirmed it yet.
      if (!(error instanceof ApiError) || error.code !== 'server_unreachable') throw error;
    }
    await board(page, place);
    place.closest('section')?.querySelector<HTMLElement>('h1')?.focus();
  });
  tools.replaceChildren(
    el('p', {}, say.sure(name)),
    yes,
    button(words().cancel, back, { class: 'quiet' }),
  );
  yes.querySelector('button')?.focus();
}

function choose_end(
  page: Page,
  place: HTMLElement,
  row: Row,
  tools: HTMLElement,
  back: () => void,
): void {
  const { grants: say, share } = words();
  const choice = Object.entries(share.durations).map(([length, label]) =>
    act(page, label, { class: 'secondary' }, async () => {
      const { done } = await command('grant extend', { id: text_of(row, 'id'), for: length });
      page.say(say.extended(instant(text_of(done, 'expires_at'))));
      await board(page, place);
    }),
  );
  tools.replaceChildren(
    el('p', {}, say.extend_lead),
    ...choice,
    button(words().cancel, back, { class: 'quiet' }),
  );
  tools.querySelector('button')?.focus();
}

const log = (page: Page, place: HTMLElement): Promise<void> =>
  fill(page, place, async () => {
    const { grants: say } = words();
    if (!page.has_server) return [empty(say.none_title, say.none)];
    const { rows, done } = await command('access-log');
    if (rows.length === 0)
      return [lead(say.log_lead), el('p', { class: 'empty-state' }, say.log_none)];
    const newest_first = [...rows].reverse();
    return [
      lead(say.log_lead),
      el('p', { class: 'quiet-text' }, say.checked(number_of(done, 'verified'))),
      el('ol', { class: 'lines log' }, ...newest_first.map(line)),
    ];
  });

function line(row: Row): HTMLElement {
  const { grants: say } = words();
  return el(
    'li',
    { 'data-outcome': text_of(row, 'outcome') },
    el('span', { class: 'what' }, sentence(row)),
    el(
      'span',
      { class: 'details' },
      [instant(text_of(row, 'time')), say.given_to(plain(text_of(row, 'to'))), certainty(row)]
        .filter(Boolean)
        .join(' · '),
    ),
    flag_of(row, 'forged') ? el('span', { class: 'problem' }, say.forged) : undefined,
  );
}

const was_opened = (row: Row): boolean => ['read', 'delivered'].includes(text_of(row, 'outcome'));

function certainty(row: Row): string {
  if (!was_opened(row)) return '';
  return flag_of(row, 'proved') ? words().grants.proved : words().grants.claimed;
}

function sentence(row: Row): string {
  const { grants: say } = words();
  const who = plain(text_of(row, 'recipient')) || say.somebody;
  const count = Math.max(number_of(row, 'count'), 1);
  if (text_of(row, 'outcome') === 'read')
    return capital(say.opened(who, number_of(row, 'documents')));
  if (text_of(row, 'outcome') === 'delivered') return say.delivered(who);
  return text_of(row, 'outcome') === 'wrong_passcode' ? say.wrong_code(count) : say.refused(count);
}

const capital = (text: string): string => text.charAt(0).toLocaleUpperCase() + text.slice(1);
