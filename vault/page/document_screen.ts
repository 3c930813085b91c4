// SPDX-License-Identifier: EUPL-1.2
//
// document_screen.ts: one document: its content, where it comes from, its versions.
import { command, flag_of, list_of, number_of, object_of, text_of, type Row } from './api.ts';
import { document_frame } from './document_frame.ts';
import { act, button, el, fill, heading, notice, plain, said, type Page } from './parts.ts';
import { kind_label } from './record_screen.ts';
import { day, instant, show_size, words } from './words.ts';

export function document_screen(page: Page, id: string): HTMLElement {
  const place = el('section', { class: 'screen document' }, heading(words().document.loading));
  void fill(page, place, async () => {
    const { done } = await command('show', { id, content: 'none' });
    setTimeout(() => place.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true }));
    return [top(page, done), tools(page, done), content(page, done), about(page, done)];
  });
  return place;
}

function top(page: Page, document: Row): HTMLElement {
  const title = heading('');
  title.append(said(text_of(document, 'title') || words().record.untitled));
  const details = [
    day(text_of(document, 'date')),
    plain(text_of(document, 'author')),
    kind_label(document),
  ];
  return el(
    'div',
    { class: 'document-top' },
    button(`← ${words().nav.record}`, () => page.go({ at: 'record' }), { class: 'quiet back' }),
    title,
    el('p', { class: 'lead' }, details.filter(Boolean).join(' · ')),
  );
}

function save(bytes: Uint8Array<ArrayBuffer>, name: string): void {
  // As bytes and nothing else, so that no browser is tempted to show it in this page's name.
  const address = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }));
  el('a', { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

async function original(document: Row): Promise<Uint8Array<ArrayBuffer>> {
  const { bytes } = await command('show', { id: text_of(document, 'id'), content: 'original' });
  return bytes ?? new Uint8Array();
}

function tools(page: Page, document: Row): HTMLElement {
  const { document: say } = words();
  const id = text_of(document, 'id');
  const place = el('div', { class: 'tools' });
  const name = text_of(object_of(document, 'provenance'), 'file_name') || 'document';
  place.append(
    act(page, say.download, { class: 'secondary' }, async () =>
      save(await original(document), name),
    ),
    button(say.share, () => page.go({ at: 'share', documents: [id] }), { class: 'secondary' }),
    act(page, say.remove, { class: 'quiet' }, async () => {
      const { done } = await command('remove', { id });
      place.replaceChildren(removed(page, id, done));
      place.querySelector('button')?.focus();
    }),
  );
  return place;
}

function removed(page: Page, id: string, done: Row): HTMLElement {
  const { document: say } = words();
  const text = say.removed(day(text_of(done, 'until')));
  page.say(text);
  const shared = list_of(done, 'shared').map((grant) => plain(text_of(grant, 'to')));
  return el(
    'div',
    {},
    el('p', { class: 'notice' }, text),
    shared.length > 0
      ? el('p', { class: 'caution' }, say.shared_still(shared.join(', ')))
      : undefined,
    act(page, say.undo, { class: 'secondary' }, async () => {
      await command('restore', { id });
      page.go({ at: 'document', id });
    }),
  );
}

// The document as made; its text alone for a screen reader, or who prefers large letters.
function content(page: Page, document: Row): HTMLElement {
  const { document: say } = words();
  const title = plain(text_of(document, 'title')) || words().record.untitled;
  const body = el(
    'div',
    { class: 'sheet' },
    el('p', { class: 'waiting', role: 'status' }, say.loading),
  );
  const as_made = (): Promise<void> =>
    fill(page, body, async () => {
      const bytes = await original(document);
      return [document_frame(bytes, title, text_of(document, 'media_type'), say.frame(title))];
    });
  const as_text = (): Promise<void> =>
    fill(page, body, async () => {
      const { bytes } = await command('show', { id: text_of(document, 'id'), content: 'text' });
      const text = bytes ? new TextDecoder().decode(bytes).trim() : '';
      return [text ? el('pre', { class: 'plain-text' }, text) : notice(say.no_text)];
    });
  let text_shown = false;
  const change = button(
    say.as_text,
    () => {
      text_shown = !text_shown;
      change.textContent = text_shown ? say.as_made : say.as_text;
      void (text_shown ? as_text() : as_made());
    },
    { class: 'quiet' },
  );
  void as_made();
  return el('div', { class: 'content' }, el('p', { class: 'content-tools' }, change), body);
}

function fact(term: string, value: string): HTMLElement | undefined {
  return value ? el('div', {}, el('dt', {}, term), el('dd', {}, said(value))) : undefined;
}

function about(page: Page, document: Row): HTMLElement {
  const { document: say } = words();
  const provenance = object_of(document, 'provenance');
  const organisations = list_of(document, 'authors').map((one) => text_of(one, 'organisation'));
  const versions = list_of(document, 'versions');
  const list = el(
    'dl',
    { class: 'facts' },
    fact(say.facts.kind, kind_label(document)),
    fact(say.facts.date, day(text_of(document, 'date'))),
    fact(say.facts.author, text_of(document, 'author')),
    fact(say.facts.organisation, [...new Set(organisations.filter(Boolean))].join(', ')),
    fact(say.facts.patient, text_of(document, 'patient')),
    fact(say.facts.note, text_of(document, 'note')),
    fact(say.facts.file, text_of(provenance, 'file_name')),
    fact(say.facts.received, instant(text_of(provenance, 'received'))),
    fact(say.facts.size, show_size(number_of(document, 'size'))),
    fact(say.facts.sha256, text_of(document, 'sha256')),
  );
  return el(
    'details',
    { class: 'about' },
    el('summary', {}, say.details),
    list,
    el('p', { class: 'quiet-text' }, say.kept),
    attachments(page, document),
    versions.length > 1 ? other_versions(page, document, versions) : undefined,
  );
}

function attachments(page: Page, document: Row): HTMLElement | undefined {
  const all = list_of(document, 'attachments');
  if (all.length === 0) return undefined;
  const id = text_of(document, 'id');
  const items = all.map((one) => {
    const title = plain(text_of(one, 'title')) || text_of(one, 'media_type');
    const label = `${title} (${show_size(number_of(one, 'size'))})`;
    const take = act(page, label, { class: 'secondary' }, async () => {
      const given = { id, content: 'attachment', attachment: number_of(one, 'number') };
      const { bytes } = await command('show', given);
      if (bytes) save(bytes, title);
    });
    return el('li', {}, take);
  });
  return el(
    'div',
    {},
    el('h2', {}, words().document.attachments),
    el('ul', { class: 'plain' }, ...items),
  );
}

function other_versions(page: Page, document: Row, versions: Row[]): HTMLElement {
  const { document: say } = words();
  const items = versions.map((one) => {
    const label = [day(text_of(one, 'date')), plain(text_of(one, 'title'))]
      .filter(Boolean)
      .join(' · ');
    const is_this = text_of(one, 'id') === text_of(document, 'id');
    const mark = flag_of(one, 'current') ? ` (${say.current})` : '';
    if (is_this) return el('li', {}, label + mark);
    const open = (): void => page.go({ at: 'document', id: text_of(one, 'id') });
    return el('li', {}, button(label + mark, open, { class: 'quiet' }));
  });
  return el('div', {}, el('h2', {}, say.versions), el('ul', { class: 'plain' }, ...items));
}
