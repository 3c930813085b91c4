// SPDX-License-Identifier: EUPL-1.2
//
// main.ts: the way in, the frame around every screen, and the way out. The whole state is here, in
// memory; the address stays "/", so that no history tells what was read.
import {
  come_in,
  command,
  Ended,
  forget_token,
  holds_token,
  number_of,
  session,
  text_of,
} from './api.ts';
import { add_screen } from './add_screen.ts';
import { document_screen } from './document_screen.ts';
import { grants_screen } from './grants_screen.ts';
import { health_screen } from './health_screen.ts';
import { own_screen } from './own_screen.ts';
import { act, button, el, plain, problem, type Page, type Place } from './parts.ts';
import { record_screen } from './record_screen.ts';
import { share_screen } from './share_screen.ts';
import { unlock_screen, way_in_screen } from './way_in.ts';
import { vault_screen } from './vault_screen.ts';
import { current_language, preferred_language, speak, words } from './words.ts';

const look_every = 15_000; // milliseconds, at the session
const use_every = 60_000; // a person who reads is using the vault
const warn_below = 60; // seconds

let place: Place = { at: 'record' };
let trail: Place[] = []; // what the browser's "back" goes back to
let owner = '';
let ends_at: number | undefined; // when the token is over, by performance.now()
let used_at = 0;
let shown: 'nothing' | 'way in' | 'unlock' | 'screen' = 'nothing';
let late = false; // the way in took too long
let closed = false; // the vault was locked under the page

const announcer = el('p', { class: 'sr-only', role: 'status' });

const page: Page = {
  has_server: false,
  go(to) {
    trail = [...trail.slice(0, depth() + 1), to];
    history.pushState({ depth: trail.length - 1 }, '', '/');
    show(to);
  },
  end() {
    if (shown === 'way in') return; // two requests may hear of it
    forget_token();
    closed = shown === 'screen' || shown === 'unlock';
    trail = [];
    owner = '';
    announcer.textContent = '';
    place = { at: 'record' };
    draw();
  },
  say(text) {
    announcer.textContent = text;
  },
};

const depth = (): number => {
  const state = history.state as { depth?: number } | null;
  return state?.depth ?? 0;
};

window.addEventListener('popstate', () => {
  const to = trail[depth()];
  if (to && shown === 'screen') show(to);
});

function screen_of(to: Place): HTMLElement {
  switch (to.at) {
    case 'record':
      return record_screen(page);
    case 'document':
      return document_screen(page, to.id);
    case 'health':
      return health_screen(page, to.tab ?? 'summary');
    case 'own':
      return own_screen(page, to.kind);
    case 'add':
      return add_screen(page);
    case 'share':
      return share_screen(page, to.documents ?? []);
    case 'grants':
      return grants_screen(page, to.tab ?? 'board');
    case 'vault':
      return vault_screen(page);
  }
}

function show(to: Place, focus = true): void {
  place = to;
  shown = 'screen';
  const main = el('main', { id: 'main', tabindex: '-1' }, screen_of(to));
  document.body.replaceChildren(skip(), top(true), navigation(), main, announcer);
  count();
  window.scrollTo(0, 0);
  if (focus) main.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
}

const skip = (): HTMLElement => el('a', { class: 'skip', href: '#main' }, words().skip);

function language_button(): HTMLElement {
  const other = current_language() === 'fr' ? 'en' : 'fr';
  const change = (): void => {
    speak(other);
    draw(false);
  };
  return button(words().other_language, change, { class: 'quiet', lang: other });
}

function large_button(): HTMLElement {
  const root = document.documentElement;
  const pressed = (): string => String(root.classList.contains('large'));
  const made = button(
    words().large,
    () => {
      root.classList.toggle('large');
      made.setAttribute('aria-pressed', pressed());
    },
    { class: 'quiet', 'aria-pressed': pressed() },
  );
  return made;
}

function top(inside: boolean): HTMLElement {
  const name = plain(owner) ? words().of(plain(owner)) : words().brand;
  const tools = el(
    'div',
    { class: 'top-tools' },
    el('span', { class: 'top-choices' }, large_button(), language_button()),
  );
  if (inside)
    tools.append(
      el('span', { class: 'countdown', 'aria-hidden': 'true' }),
      act(page, words().lock.now, { class: 'secondary lock' }, async () => {
        await command('lock');
        page.end();
      }),
    );
  const mark = el('img', { src: '/mark.svg', alt: '', width: '28', height: '28' });
  return el('header', { class: 'top' }, el('p', { class: 'brand' }, mark, name), tools);
}

function navigation(): HTMLElement {
  const list = el('ul');
  const here = { document: 'record', own: 'health' } as Record<string, string>;
  for (const [at, text] of Object.entries(words().nav)) {
    const current = (here[place.at] ?? place.at) === at;
    list.append(
      el(
        'li',
        {},
        button(text, () => page.go({ at } as Place), {
          class: `nav-item nav-${at}`,
          ...(current ? { 'aria-current': 'page' } : {}),
        }),
      ),
    );
  }
  return el('nav', { class: 'main-nav', 'aria-label': words().menu }, list);
}

function outside(screen: HTMLElement): void {
  const main = el('main', { id: 'main', tabindex: '-1' }, screen);
  document.body.replaceChildren(skip(), top(false), main, announcer);
  (main.querySelector<HTMLElement>('input') ?? main.querySelector<HTMLElement>('h1'))?.focus();
}

// What fits the state: no token, a locked vault, or the screen where the person was.
function draw(focus = true): void {
  if (!holds_token()) {
    shown = 'way in';
    outside(way_in_screen({ late, closed }));
  } else if (shown === 'unlock') {
    outside(unlock_screen(page, () => void enter()));
  } else if (shown === 'screen') {
    show(place, focus);
  }
}

async function enter(): Promise<void> {
  try {
    const state = await session();
    count_from(state.seconds_left);
    if (state.locked) {
      shown = 'unlock';
      return draw();
    }
    const { done } = await command('status');
    owner = text_of(done, 'owner');
    page.has_server = text_of(done, 'server') !== '';
    trail = [{ at: 'record' }];
    history.replaceState({ depth: 0 }, '', '/');
    show(number_of(done, 'documents') === 0 ? { at: 'record' } : place);
  } catch (error) {
    if (error instanceof Ended) return page.end();
    outside(
      el(
        'section',
        { class: 'card' },
        el('h1', { tabindex: '-1' }, words().failed),
        problem(error),
      ),
    );
  }
}

function count_from(seconds: number | null): void {
  ends_at = seconds === null ? undefined : performance.now() + seconds * 1000;
  count();
}

// How long yet, in sight; said aloud once, when it is short.
let warned = false;
function count(): void {
  const sign = document.querySelector('.countdown');
  if (!sign || ends_at === undefined) return;
  const left = Math.max(0, Math.ceil((ends_at - performance.now()) / 1000));
  const { lock } = words();
  sign.textContent = left < warn_below ? lock.seconds(left) : lock.minutes(Math.floor(left / 60));
  sign.classList.toggle('soon', left < warn_below);
  if (left < warn_below && !warned) page.say(lock.soon);
  warned = left < warn_below;
}

async function look(): Promise<void> {
  if (!holds_token()) return;
  try {
    const state = await session();
    count_from(state.seconds_left);
    if (state.locked && shown === 'screen') page.end();
  } catch (error) {
    if (error instanceof Ended) page.end();
  }
}

// Who scrolls or types is there: the vault need not lock under a reader's eyes.
function use(): void {
  if (shown !== 'screen' || performance.now() - used_at < use_every) return;
  used_at = performance.now();
  void command('status').then(look, look);
}

async function begin(): Promise<void> {
  speak(preferred_language());
  late = !(await come_in().catch(() => false));
  setInterval(() => void look(), look_every);
  setInterval(count, 1000);
  for (const event of ['pointerdown', 'keydown', 'wheel'])
    window.addEventListener(event, use, { passive: true });
  if (holds_token()) await enter();
  else draw();
}

// A second `coffret open` may land in this very tab.
window.addEventListener('hashchange', () => {
  if (location.hash.startsWith('#code=')) location.reload();
});

void begin();
