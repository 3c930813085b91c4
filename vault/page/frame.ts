// SPDX-License-Identifier: EUPL-1.2
//
// frame.ts: one document, in a frame of an opaque origin that can reach nothing: not the vault's
// API, not the page around it, not the network. The page hands it bytes; it says how high it is.
//
// The renderer is the viewer's: what is seen here is what a clinician will see.
import { document_view } from '../../sync/viewer/document_view.ts';
import { el } from '../../sync/viewer/dom.ts';
import { choose_language, words } from '../../sync/viewer/words.ts';
import { answer_font } from './fonts.ts';

interface Shown {
  bytes: Uint8Array<ArrayBuffer>;
  title: string;
  media_type: string;
  language: 'fr' | 'en';
}

const main = document.querySelector('main') as HTMLElement;

const tell_height = (): void =>
  window.parent.postMessage({ height: Math.ceil(main.getBoundingClientRect().height) + 2 }, '*');
new ResizeObserver(tell_height).observe(main);

async function show({ bytes, title, media_type, language }: Shown): Promise<void> {
  choose_language(language);
  document.title = title;
  const made = await document_view(bytes, title, media_type).catch(() =>
    el('p', { class: 'problem', role: 'alert' }, words().document.unreadable),
  );
  main.replaceChildren(made);
  window.parent.postMessage({ shown: true }, '*');
}

window.addEventListener('message', (event: MessageEvent<unknown>) => {
  if (event.source !== window.parent) return;
  const told = event.data as { show?: Shown; font?: string; bytes?: Uint8Array };
  if (told.show) void show(told.show);
  if (told.font !== undefined) answer_font(told.font, told.bytes);
});
window.parent.postMessage({ ready: true }, '*');
