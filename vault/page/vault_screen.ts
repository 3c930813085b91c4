// SPDX-License-Identifier: EUPL-1.2
//
// vault_screen.ts: how the vault is, in words: its copy and who keeps it, its devices, its ways out.
import { command, flag_of, number_of, object_of, text_of, type Row } from './api.ts';
import { act, el, fill, heading, said, type Page } from './parts.ts';
import { instant, words } from './words.ts';

export function vault_screen(page: Page): HTMLElement {
  const place = el('div');
  void draw(page, place);
  return el('section', { class: 'screen' }, heading(words().vault.title), place);
}

const draw = (page: Page, place: HTMLElement): Promise<void> =>
  fill(page, place, async () => {
    const { done: status } = await command('status');
    const { rows: devices } = await command('device list');
    const card = page.has_server ? (await command('server card')).done : undefined;
    return [
      state(page, place, status),
      card ? server(card) : undefined,
      device_list(devices),
      recovery(status),
      promises(),
    ];
  });

function state(page: Page, place: HTMLElement, status: Row): HTMLElement {
  const { vault: say } = words();
  const last = text_of(status, 'last_sync');
  const stop = object_of(status, 'sync_stopped');
  const sentences = [say.here(number_of(status, 'documents'))];
  if (!page.has_server) sentences.push(say.no_server);
  else {
    sentences.push(
      last ? say.synced(instant(last)) : say.never_synced,
      say.pending(number_of(status, 'pending')),
    );
    if (flag_of(status, 'sync_paused')) sentences.push(say.paused);
    if (flag_of(status, 'stale')) sentences.push(say.stale);
  }
  const made = el('section', { class: 'block' }, ...sentences.map((text) => el('p', {}, text)));
  if (text_of(stop, 'why'))
    made.append(el('p', { class: 'caution' }, say.stopped(text_of(stop, 'why'))));
  if (page.has_server)
    made.append(
      act(page, say.sync, { class: 'primary' }, async () => {
        page.say(say.syncing);
        const { done } = await command('sync');
        page.say(say.synced_now(number_of(done, 'pushed'), number_of(done, 'pulled')));
        await draw(page, place);
      }),
    );
  return made;
}

function server(card: Row): HTMLElement {
  const { vault: say } = words();
  const country = text_of(card, 'country');
  const named = country
    ? new Intl.DisplayNames([document.documentElement.lang], { type: 'region' }).of(country)
    : '';
  const facts: [string, string][] = [
    [say.kept_by, text_of(card, 'name')],
    [say.country, named ?? country],
    [say.law, text_of(card, 'law')],
    [say.contact, text_of(card, 'contact')],
    [say.address, text_of(card, 'url')],
    [say.fingerprint, text_of(card, 'fingerprint')],
  ];
  const list = el('dl', { class: 'facts' });
  for (const [term, value] of facts)
    if (value) list.append(el('div', {}, el('dt', {}, term), el('dd', {}, said(value))));
  return el(
    'section',
    { class: 'block' },
    el('h2', {}, say.card),
    list,
    el('p', { class: 'quiet-text' }, say.cannot_read),
  );
}

function device_list(devices: Row[]): HTMLElement {
  const { vault: say } = words();
  const items = devices
    .filter((one) => !flag_of(one, 'removed'))
    .map((one) => {
      const mark = flag_of(one, 'this') ? say.this_device : '';
      const details = [mark, say.since(instant(text_of(one, 'since')))].filter(Boolean).join(' · ');
      return el(
        'li',
        {},
        el('span', { class: 'what' }, said(text_of(one, 'name'))),
        el('span', { class: 'details' }, details),
      );
    });
  return el(
    'section',
    { class: 'block' },
    el('h2', {}, say.devices),
    el('ul', { class: 'lines' }, ...items),
  );
}

function recovery(status: Row): HTMLElement {
  const { vault: say } = words();
  const proven = text_of(status, 'last_proven_restore');
  return el(
    'section',
    { class: 'block' },
    el('h2', {}, say.recovery),
    el('p', {}, proven ? say.proven(instant(proven)) : say.unproven),
  );
}

function promises(): HTMLElement {
  const { vault: say } = words();
  return el(
    'section',
    { class: 'block' },
    el('h2', {}, say.promises),
    el('ul', {}, ...say.not_promised.map((text) => el('li', {}, text))),
  );
}
