// SPDX-License-Identifier: EUPL-1.2
//
// shared_screen.ts: the link that was just made, shown once: QR, text, paper; its code apart.
import { text_of, type Row } from './api.ts';
import { button, el, heading, lead, plain, type Page } from './parts.ts';
import { instant, words } from './words.ts';

export function shared_screen(
  page: Page,
  grant: Row,
  [link = '', passcode]: string[],
  qr: Uint8Array<ArrayBuffer> | undefined,
): HTMLElement[] {
  const { share: say } = words();
  const told = el('p', { class: 'hint', role: 'status' });
  const text = el('input', { id: 'link', readonly: true, value: link });
  text.addEventListener('focus', () => text.select());
  const copy = button(
    say.copy,
    () => {
      void navigator.clipboard.writeText(link).then(
        () => (told.textContent = say.copied),
        () => text.focus(),
      );
    },
    { class: 'primary' },
  );
  const sheet = el(
    'section',
    { class: 'block paper' },
    qr ? picture(qr, say.qr) : undefined,
    el('p', { class: 'valid' }, say.sheet_until(instant(text_of(grant, 'expires_at')))),
    el('div', { class: 'field' }, el('label', { for: 'link' }, say.the_link), text),
    el('p', { class: 'printed-link' }, link),
    el(
      'div',
      { class: 'row' },
      copy,
      button(say.print, () => window.print(), { class: 'secondary' }),
    ),
    told,
  );
  return [
    heading(say.done_title(plain(text_of(grant, 'to')))),
    lead(say.done_lead),
    el('div', { class: 'given' }, sheet, passcode === undefined ? undefined : spoken(passcode)),
    el('p', { class: 'quiet-text' }, say.once),
    button(say.finish, () => page.go({ at: 'grants' }), { class: 'secondary' }),
  ];
}

// Digit by digit: in threes for the eye, one by one for the ear.
function spoken(passcode: string): HTMLElement {
  const { share: say } = words();
  const digits = el('p', { class: 'passcode' });
  digits.append(
    el('span', { 'aria-hidden': 'true' }, passcode.replace(/(...)(?=.)/g, '$1\u2009')),
    el('span', { class: 'sr-only' }, [...passcode].join(' ')),
  );
  return el(
    'section',
    { class: 'block spoken' },
    el('h2', {}, say.code_title),
    digits,
    el('p', {}, say.code_lead),
  );
}

function picture(bytes: Uint8Array<ArrayBuffer>, alt: string): HTMLElement {
  const address = URL.createObjectURL(new Blob([bytes], { type: 'image/png' }));
  const image = el('img', { class: 'qr', src: address, alt });
  image.addEventListener('load', () => URL.revokeObjectURL(address));
  return image;
}
