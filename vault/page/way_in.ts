// SPDX-License-Identifier: EUPL-1.2
//
// way_in.ts: before the record. Without a token there is no field here for a secret.
import { ApiError, command, Ended } from './api.ts';
import { button, el, field, heading, lead, notice, type Page } from './parts.ts';
import { sentence_of, words } from './words.ts';

export function way_in_screen({ late, closed }: { late: boolean; closed: boolean }): HTMLElement {
  const { way_in: say } = words();
  return el(
    'section',
    { class: 'card' },
    closed ? notice(say.closed) : late ? notice(say.late) : undefined,
    heading(say.title),
    lead(say.lead),
    el('p', {}, say.icon),
    el('p', {}, say.command),
    el('pre', { class: 'command' }, el('code', {}, 'coffret open')),
    el('h2', {}, say.why_title),
    el('p', {}, say.why),
  );
}

export function unlock_screen(page: Page, entered: () => void): HTMLElement {
  const { unlock: say } = words();
  const secret = field(say.field, { type: 'password', name: 'passphrase', required: true });
  const input = secret.input as HTMLInputElement;
  const go = el('button', { type: 'submit', class: 'primary' }, say.go);
  const reveal = button(
    say.show,
    () => {
      input.type = input.type === 'password' ? 'text' : 'password';
      reveal.setAttribute('aria-pressed', String(input.type === 'text'));
    },
    { class: 'quiet', 'aria-pressed': 'false', 'aria-controls': 'passphrase' },
  );
  const form = el('form', { novalidate: true }, secret.row, reveal, go);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (input.value === '') return secret.fail(say.missing);
    go.setAttribute('disabled', '');
    go.textContent = say.busy;
    void command('unlock', { secrets: { passphrase: input.value } })
      .then(() => {
        input.value = '';
        entered();
      })
      .catch((error: unknown) => {
        if (error instanceof Ended) return page.end();
        secret.fail(sentence_of(error));
        if (error instanceof ApiError && error.code === 'wrong_passphrase') input.select();
      })
      .finally(() => {
        go.removeAttribute('disabled');
        go.textContent = say.go;
      });
  });
  return el('section', { class: 'card' }, heading(say.title), lead(say.lead), form);
}
