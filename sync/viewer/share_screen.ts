// SPDX-License-Identifier: EUPL-1.2
//
// share_screen.ts: behind the door: who the patient is, who shares what with whom until when
// (always in sight, and on every printed page), the list of documents, and the one being read.
import { button, el, plain, said } from './dom.ts';
import { document_view } from './document_view.ts';
import { received, type Failure } from './failure.ts';
import { heading } from './plain_screens.ts';
import type { Share, SharedDocument } from './share.ts';
import { show_date, show_instant, show_size, words } from './words.ts';

// Where the list stands above the document (viewer.css).
export const narrow = (): boolean => window.matchMedia('(max-width: 52rem)').matches;

const longest_timer = 2 ** 31 - 1; // milliseconds

export interface ShareActs {
  ended(): void; // the share's time is over
  reply(): Promise<Failure | undefined>; // somebody would send documents back
}

// `chosen` is the caller's: it outlives a change of language.
export function share_screen(
  share: Share,
  chosen: { index?: number },
  acts: ShareActs,
): HTMLElement {
  const pane = el('article', { class: 'pane', id: 'document', tabindex: '-1' });
  const entries = share.documents.map((one, index) =>
    entry(one, () => {
      chosen.index = index;
      open(index, true);
    }),
  );
  const open = (index: number, move: boolean): void => {
    entries.forEach((each, i) =>
      i === index
        ? each.setAttribute('aria-current', 'true')
        : each.removeAttribute('aria-current'),
    );
    const one = share.documents[index];
    if (one) void fill(pane, share, one, move);
  };
  pane.append(
    el(
      'p',
      { class: 'empty' },
      share.documents.length > 0 ? words().share.choose : words().share.none,
    ),
  );
  const list = el(
    'nav',
    { class: 'list', 'aria-label': words().share.title },
    el('h2', {}, words().share.documents(share.documents.length)),
    el('ol', {}, ...entries.map((each) => el('li', {}, each))),
    trust(share),
    reply_part(share, acts),
  );
  if (chosen.index !== undefined) open(chosen.index, false);
  const screen = el(
    'div',
    { class: 'share' },
    band(share),
    el('div', { class: 'columns' }, list, pane),
  );
  end_in_time(share, screen, acts.ended);
  void fetch_all(share);
  return screen;
}

// The reader's token lives 15 minutes, the reading may take longer: everything is fetched at once,
// one after the other. A failure here is told when that document is opened.
async function fetch_all(share: Share): Promise<void> {
  for (const one of share.documents) await one.load().catch(() => undefined);
}

function end_in_time(share: Share, screen: HTMLElement, ended: () => void): void {
  if (share.expires_at === undefined || share.kind !== 'link') return;
  const left = share.expires_at * 1000 - (Date.now() + share.clock_offset);
  setTimeout(
    () => {
      if (!screen.isConnected) return;
      if (left > longest_timer) end_in_time(share, screen, ended);
      else ended();
    },
    Math.min(Math.max(left, 0), longest_timer),
  );
}

function band(share: Share): HTMLElement {
  const { share: say } = words();
  const { name, birth_date } = share.patient;
  const who = heading('');
  who.append(name ? said(name) : say.no_patient);
  const birth = birth_date
    ? el('p', { class: 'birth' }, say.born(show_date(birth_date)))
    : undefined;
  const facts: [string, string, string][] = [
    ['by', say.by, plain(share.owner) || say.by_patient],
    ['to', say.to, plain(share.to)],
    ['purpose', say.purpose, plain(share.purpose)],
    [
      'until',
      say.until,
      share.expires_at === undefined ? say.no_end : show_instant(share.expires_at),
    ],
  ];
  const list = el('dl', { class: 'facts' });
  for (const [id, term, value] of facts)
    if (value)
      list.append(el('div', { 'data-fact': id }, el('dt', {}, term), el('dd', {}, said(value))));
  return el('section', { class: 'band' }, el('div', { class: 'who' }, who, birth), list);
}

function trust(share: Share): HTMLElement {
  return el(
    'p',
    { class: `trust ${share.signature}`, 'data-signature': share.signature },
    words().share[share.signature],
  );
}

// What a reader may send back, where the person asked for it.
function reply_part(share: Share, acts: ShareActs): HTMLElement | undefined {
  if (share.reply === '') return undefined;
  const { share: say, failures } = words();
  const told = el('div');
  const act = async (): Promise<void> => {
    told.replaceChildren();
    const fault = await acts.reply();
    if (fault) told.replaceChildren(problem(fault.code, failures[fault.code]));
  };
  return el(
    'div',
    { class: 'reply' },
    button(say.reply, () => void act(), { class: 'secondary' }),
    el('p', { class: 'hint' }, say.reply_hint),
    told,
  );
}

type Kind = keyof ReturnType<typeof words>['document']['kinds'];

// As it calls itself: the bytes may not be here yet. Only a label of the list hangs on it.
function kind_of(media_type: string): Kind {
  if (media_type.startsWith('application/pdf')) return 'pdf';
  if (media_type.startsWith('image/')) return 'image';
  if (media_type.includes('fhir')) return 'fhir';
  if (/cda|xml/.test(media_type)) return 'cda';
  return media_type.startsWith('text/') ? 'text' : 'other';
}

function title_of(one: SharedDocument): string {
  const { document: say } = words();
  return (
    plain(one.title) ||
    plain(one.name) ||
    (kind_of(one.media_type) === 'fhir' ? say.summary : say.untitled)
  );
}

function details(one: SharedDocument): string {
  return [show_date(one.date.slice(0, 10)), plain(one.author)].filter(Boolean).join(' · ');
}

function entry(one: SharedDocument, open: () => void): HTMLElement {
  const kind = kind_of(one.media_type);
  const size = one.size === undefined ? '' : ` · ${show_size(one.size)}`;
  const made = button('', open, { class: 'entry', 'aria-controls': 'document' });
  made.append(
    el('span', { class: 'entry-title' }, said(title_of(one))),
    el('span', { class: 'entry-details' }, details(one)),
    el('span', { class: `kind kind-${kind}` }, words().document.kinds[kind] + size),
  );
  return made;
}

// Counts fillings of the pane, so that a slow document does not replace a later choice.
let latest = 0;

async function fill(
  pane: HTMLElement,
  share: Share,
  one: SharedDocument,
  move: boolean,
): Promise<void> {
  const turn = ++latest;
  const { document: say } = words();
  const body = el(
    'div',
    { class: 'sheet-body', 'aria-busy': 'true' },
    el('p', { role: 'status', class: 'waiting' }, say.loading),
  );
  const title = el('h2', { tabindex: '-1' }, said(title_of(one)));
  const to_list = (): void => document.querySelector<HTMLElement>('.entry[aria-current]')?.focus();
  const tools = el(
    'div',
    { class: 'tools' },
    button(say.print, () => window.print(), { class: 'secondary' }),
    button(say.to_list, to_list, { class: 'secondary to-list' }),
  );
  const top = el(
    'header',
    { class: 'sheet-top' },
    el('div', {}, title, el('p', { class: 'details' }, details(one))),
    tools,
  );
  pane.replaceChildren(top, el('div', { class: 'sheet' }, print_head(share, one), body));
  if (move) {
    title.focus({ preventScroll: true });
    if (narrow()) bring_under_band(pane);
  }
  let shown: HTMLElement;
  try {
    const bytes = await one.load();
    if (turn !== latest) return;
    if (share.may_download) tools.append(download(one, bytes));
    shown = await document_view(bytes, title_of(one), one.media_type).catch(() =>
      problem('unreadable', say.unreadable),
    );
  } catch (error) {
    const { code } = received(error);
    shown = problem(code, words().failures[code]);
  }
  if (turn !== latest) return;
  body.replaceChildren(...[warning(share, shown), shown].filter((part) => part !== undefined));
  body.removeAttribute('aria-busy');
}

// The band covers the top of the window, as high as its words make it.
function bring_under_band(pane: HTMLElement): void {
  const band = document.querySelector<HTMLElement>('.band');
  pane.style.scrollMarginTop = `${(band?.offsetHeight ?? 0) + 12}px`;
  pane.scrollIntoView();
}

// A document that names another birth date than the share's may be somebody else's.
function warning(share: Share, shown: HTMLElement): HTMLElement | undefined {
  const own = shown.dataset['born'] ?? '';
  const complete = /^\d{4}-\d{2}-\d{2}$/;
  if (
    own === share.patient.birth_date ||
    ![own, share.patient.birth_date].every((day) => complete.test(day))
  )
    return undefined;
  return el(
    'p',
    { class: 'mismatch', role: 'alert' },
    words().document.other_patient(show_date(own)),
  );
}

const problem = (code: string, text: string): HTMLElement =>
  el('p', { class: 'problem', role: 'alert', 'data-failure': code }, text);

// Seen on paper only, at the top of each page.
function print_head(share: Share, one: SharedDocument): HTMLElement {
  const { document: say, share: told } = words();
  const { name, birth_date } = share.patient;
  const end =
    share.expires_at === undefined
      ? say.printed_from_link
      : say.printed_from(show_instant(share.expires_at));
  const patient = [plain(name) || told.no_patient, birth_date && told.born(show_date(birth_date))];
  return el(
    'div',
    { class: 'print-head', 'aria-hidden': 'true' },
    el('p', {}, el('strong', {}, patient.filter(Boolean).join(', '))),
    el(
      'p',
      {},
      el('strong', {}, title_of(one)),
      ['', details(one), end].filter((part, i) => i === 0 || part).join(' · '),
    ),
  );
}

function download(one: SharedDocument, bytes: Uint8Array<ArrayBuffer>): HTMLElement {
  const save = (): void => {
    // As bytes and nothing else, so that no browser is tempted to show it in this page's name.
    const address = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }));
    el('a', { href: address, download: safe_name(one) }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  };
  return button(words().document.download, save, { class: 'secondary' });
}

const endings: Record<string, string> = {
  'application/pdf': '.pdf',
  'image/png': '.png',
  'image/jpeg': '.jpg',
  'text/plain': '.txt',
  'text/xml': '.xml',
  'application/xml': '.xml',
  'application/fhir+json': '.json',
};

// A readable name that no file system, shell or double click can take for something else.
function safe_name(one: SharedDocument): string {
  const wanted = (plain(one.name) || title_of(one)).replace(/\.[A-Za-z0-9]{1,5}$/, '');
  const stem = wanted
    .replace(/[^\p{L}\p{N} _-]+/gu, '-')
    .replace(/^[ -]+|[ -]+$/g, '')
    .slice(0, 100);
  return (stem || 'document') + (endings[one.media_type.split(';')[0] ?? ''] ?? '.bin');
}
