// SPDX-License-Identifier: EUPL-1.2
//
// main.ts: from the fragment of the address to a screen. The whole state of the page is one value;
// nothing is stored anywhere else, and a reload forgets it.
import { find_box, is_deposit_fragment, parse_deposit_link, type Box } from './deposit_link.ts';
import {
  deposit_screen,
  deposited_screen,
  empty_form,
  type DepositForm,
} from './deposit_screen.ts';
import { plain } from './dom.ts';
import { door_screen, type DoorForm } from './door_screen.ts';
import { Failure, received } from './failure.ts';
import { health_door } from './health_link.ts';
import { failure_screen, frame, paste_screen, waiting_screen } from './plain_screens.ts';
import { protected_door } from './protected_link.ts';
import type { Claim, Door, DoorState, Share } from './share.ts';
import { narrow, share_screen } from './share_screen.ts';
import { choose_language, current_language, preferred_language, words } from './words.ts';

// `reader` is who the reader said they are.
interface AtShare {
  at: 'share';
  share: Share;
  chosen: { index?: number };
  reader: string;
}

type State =
  | { at: 'paste'; problem?: Failure }
  | { at: 'knocking' }
  | { at: 'door'; door: Door; asked: DoorState; form: DoorForm }
  | { at: 'deposit'; text: string; box: Box; form: DepositForm; from?: AtShare }
  | { at: 'deposited'; text: string; names: string[]; from?: AtShare }
  | { at: 'failed'; failure: Failure; retry?: () => void }
  | AtShare;

let state: State = { at: 'paste' };

function show(next: State, focus = true): void {
  state = next;
  const screen = screen_of(next);
  const main = frame(
    screen,
    () => {
      choose_language(current_language() === 'fr' ? 'en' : 'fr');
      show(state, false);
    },
    promise_of(next),
  );
  document.body.replaceChildren(...main);
  if (focus) focus_first(screen);
}

function promise_of(shown: State): string | undefined {
  if (shown.at === 'failed') return undefined;
  const sends = shown.at === 'deposit' || shown.at === 'deposited';
  return sends ? words().deposit.privacy : words().privacy;
}

function screen_of(shown: State): HTMLElement {
  switch (shown.at) {
    case 'paste':
      return paste_screen(shown.problem, (text) => void start(text));
    case 'knocking':
      return waiting_screen();
    case 'failed':
      return failure_screen(shown.failure, shown.retry);
    case 'door':
      return door_screen(shown.door, shown.asked, shown.form, (claim) => void enter(shown, claim));
    case 'deposit':
      return deposit_screen(
        shown.box,
        shown.form,
        (form) => void send(shown, form),
        back_to(shown.from),
      );
    case 'deposited':
      return deposited_screen(
        shown.names,
        shown.from ? undefined : (): void => void start_deposit(shown.text),
        back_to(shown.from),
      );
    case 'share':
      return share_screen(shown.share, shown.chosen, {
        ended: () => show({ at: 'failed', failure: new Failure('link_not_active') }),
        reply: () => reply(shown),
      });
  }
}

// Where a screen begins for someone who cannot see it: its field in error, or its heading.
function focus_first(screen: HTMLElement): void {
  const place =
    screen.querySelector<HTMLElement>('[aria-invalid="true"]') ?? screen.querySelector('h1');
  place?.focus({ preventScroll: true });
  window.scrollTo(0, 0);
}

// A whole link or what follows its '#'.
function door_of(text: string): Door {
  const fragment = fragment_of(text);
  if (fragment === '') throw new Failure('no_link');
  return fragment.startsWith('shlink:') ? health_door(fragment) : protected_door(fragment);
}

const fragment_of = (text: string): string => text.trim().replace(/^[^#]*#/, '');

async function start_deposit(text: string): Promise<void> {
  try {
    const link = parse_deposit_link(fragment_of(text));
    show({ at: 'knocking' });
    show({ at: 'deposit', text, box: await find_box(link), form: empty_form() });
  } catch (error) {
    const failure = error instanceof Failure ? error : new Failure('damaged');
    const retry = passing(failure) ? { retry: () => void start_deposit(text) } : {};
    show({ at: 'failed', failure, ...retry });
  }
}

// The documents stay behind the form: whoever answers comes back to them.
const back_to = (from?: AtShare): (() => void) | undefined =>
  from && ((): void => show(from));

// Changes nothing at the server. Whoever did something else meanwhile, or whose share ended, is left
// there.
async function reply(from: AtShare): Promise<Failure | undefined> {
  const text = from.share.reply;
  try {
    const box = await find_box(parse_deposit_link(text));
    const form = { ...empty_form(), name: plain(from.reader).slice(0, 80) };
    if (state === from) show({ at: 'deposit', text, box, form, from });
    return undefined;
  } catch (error) {
    return received(error);
  }
}

// As long as a vault takes them; the end says what the file is.
function sent_name(name: string): string {
  const clean = plain(name) || 'document';
  return clean.length <= 80 ? clean : clean.slice(0, 60) + clean.slice(-20);
}

// Only ever called by a person's gesture (deposit_screen.ts).
async function send(at_box: State & { at: 'deposit' }, form: DepositForm): Promise<void> {
  const busy = { ...form, sent: 0 };
  delete busy.problem;
  show({ ...at_box, form: busy }, false);
  try {
    const files = [];
    for (const file of form.files)
      files.push({
        name: sent_name(file.name),
        type: plain(file.type).slice(0, 80),
        bytes: new Uint8Array(await file.arrayBuffer()),
      });
    const letter = {
      name: plain(form.name),
      organisation: plain(form.organisation),
      note: form.note.replace(/[^\P{Cc}\n\t]/gu, ''),
    };
    await at_box.box.send(letter, files, (part) => {
      const told = document.getElementById('sent');
      if (told) told.textContent = words().deposit.sent(part);
      busy.sent = part;
    });
    const names = files.map((file) => file.name);
    show({
      at: 'deposited',
      text: at_box.text,
      names,
      ...(at_box.from ? { from: at_box.from } : {}),
    });
  } catch (error) {
    const problem = error instanceof Failure ? error : new Failure('damaged');
    const again = { ...form, problem };
    delete again.sent;
    if (problem.code === 'link_not_active' && !at_box.from)
      show({ at: 'failed', failure: problem });
    else show({ ...at_box, form: again });
  }
}

async function start(text: string): Promise<void> {
  visits += 1;
  if (!globalThis.crypto?.subtle || typeof Object.hasOwn !== 'function') {
    show({ at: 'failed', failure: new Failure('old_browser') });
    return;
  }
  if (is_deposit_fragment(fragment_of(text))) return start_deposit(text);
  let door: Door;
  try {
    door = door_of(text);
  } catch (error) {
    const failure = error instanceof Failure ? error : new Failure('malformed');
    show(failure.code === 'no_link' ? { at: 'paste' } : { at: 'failed', failure });
    return;
  }
  show({ at: 'knocking' });
  try {
    const form = { reader: '', passcode: '', reason: '' };
    show({ at: 'door', door, asked: await door.knock(), form });
  } catch (error) {
    const failure = received(error);
    show({ at: 'failed', failure, ...(passing(failure) ? { retry: () => void start(text) } : {}) });
  }
}

const passing = (failure: Failure): boolean =>
  ['server_unreachable', 'server_error', 'rate_limited'].includes(failure.code);

// Links that were begun with in this tab: what is said of one before is no longer shown.
let visits = 0;

// Only ever called by a person's gesture (door_screen.ts).
async function enter(at_door: State & { at: 'door' }, claim: Claim): Promise<void> {
  const visit = visits;
  show({ ...at_door, form: { ...claim, busy: true } });
  try {
    const waiting = (opens_at: number): void => {
      if (visit !== visits) throw new Failure('link_not_active');
      const told = state.at === 'door' && state.form.opens_at === opens_at;
      if (!told) show({ ...at_door, form: { ...claim, busy: true, opens_at } });
    };
    const share = await at_door.door.open({ ...claim, waiting });
    if (visit !== visits) return;
    const { reader } = claim;
    show({ at: 'share', share, chosen: first_choice(share), reader });
  } catch (error) {
    if (visit !== visits) return;
    const failure = received(error);
    const at_form =
      passing(failure) || (failure.code === 'wrong_passcode' && failure.remaining !== 0);
    if (at_form) show({ ...at_door, form: { ...claim, passcode: '', problem: failure } });
    else
      show({
        at: 'failed',
        failure: failure.remaining === 0 ? new Failure('link_not_active') : failure,
      });
  }
}

// Two minutes are short: the first document is open, where there is room beside the list.
const first_choice = (share: Share): { index?: number } =>
  share.documents.length === 1 || (!narrow() && share.documents.length > 0) ? { index: 0 } : {};

// The fragment holds half of the key: it leaves the address before anything else happens, so that
// neither history, nor a copied address, nor the next page has it.
function take_fragment(): string {
  const fragment = location.hash;
  if (fragment !== '') history.replaceState(null, '', location.pathname);
  return fragment;
}

choose_language(preferred_language());
window.addEventListener('hashchange', () => {
  const fragment = take_fragment();
  if (fragment !== '') void start(fragment);
});
void start(take_fragment());
