// SPDX-License-Identifier: EUPL-1.2
//
// deposit_screen.ts: sending documents to whoever made the link: who you are, which files, one
// button that only a person's click or Enter presses; and what there is to say when it is done.
import { count_limit, files_limit, type Box } from './deposit_link.ts';
import { button, el, plain } from './dom.ts';
import type { Failure } from './failure.ts';
import { heading } from './plain_screens.ts';
import { show_instant, show_size, words } from './words.ts';

export interface DepositForm {
  name: string;
  organisation: string;
  note: string;
  files: File[];
  sent?: number; // of the whole, while it is on its way
  problem?: Failure;
}

export const empty_form = (): DepositForm => ({ name: '', organisation: '', note: '', files: [] });

const total_of = (files: File[]): number => files.reduce((sum, file) => sum + file.size, 0);

export function deposit_screen(
  box: Box,
  form: DepositForm,
  send: (form: DepositForm) => void,
  back?: () => void,
): HTMLElement {
  const { deposit: say } = words();
  return el(
    'section',
    { class: 'card' },
    heading(back ? say.reply_title : say.title),
    el('p', { class: 'lead' }, back ? say.reply_lead : say.lead),
    el('p', {}, say.until(show_instant(box.expires_at))),
    el('p', { class: 'notice' }, say.promise),
    form_of(form, send),
    back_button(back, form.sent !== undefined),
  );
}

// To the documents that are answered. Not while something is on its way.
function back_button(back?: () => void, busy = false): HTMLElement | undefined {
  if (!back) return undefined;
  return button(words().deposit.back, back, { class: 'secondary back', disabled: busy });
}

type TextName = 'name' | 'organisation' | 'note';

function text_field(form: DepositForm, name: TextName, limit: number): HTMLElement[] {
  const { deposit: say } = words();
  const common = { id: name, maxlength: String(limit), 'aria-describedby': `${name}-hint` };
  const input =
    name === 'note'
      ? el('textarea', { ...common, rows: '3' })
      : el('input', { ...common, type: 'text', autocomplete: name });
  input.value = form[name];
  input.addEventListener('input', () => (form[name] = input.value));
  return [
    el('label', { for: name }, say[name]),
    el('p', { class: 'hint', id: `${name}-hint` }, say.hints[name]),
    input,
  ];
}

// The files chosen so far, outside the browser's own field: a change of language keeps them.
function file_field(form: DepositForm): { parts: HTMLElement[]; complain(): void } {
  const { deposit: say } = words();
  const problem = el('p', { class: 'problem', role: 'alert', id: 'files-problem' });
  const list = el('ul', { class: 'chosen' });
  const input = el('input', {
    id: 'files',
    type: 'file',
    multiple: true,
    'aria-describedby': 'files-hint files-problem',
  });
  const fault = (): string | undefined => {
    if (form.files.length === 0) return say.no_file;
    if (form.files.length > count_limit || total_of(form.files) > files_limit)
      return say.too_many(show_size(files_limit), count_limit);
    return undefined;
  };
  const show = (): void => {
    list.replaceChildren(
      ...form.files.map((file, at) => {
        const name = plain(file.name);
        const remove = (): void => {
          form.files = form.files.filter((_, i) => i !== at);
          show();
          input.focus();
        };
        return el(
          'li',
          {},
          el('span', {}, `${name} (${show_size(file.size)})`),
          button(say.remove, remove, { class: 'quiet', 'aria-label': say.remove_file(name) }),
        );
      }),
    );
    const wrong = form.files.length > 0 ? fault() : undefined;
    problem.textContent = wrong ?? '';
    if (!wrong) input.removeAttribute('aria-invalid');
  };
  input.addEventListener('change', () => {
    form.files = [...form.files, ...(input.files ?? [])];
    input.value = '';
    show();
  });
  show();
  const complain = (): void => {
    input.setAttribute('aria-invalid', 'true');
    problem.textContent = fault() ?? '';
    input.focus();
  };
  return {
    parts: [
      el('label', { for: 'files' }, say.files),
      el('p', { class: 'hint', id: 'files-hint' }, say.hints.files(show_size(files_limit))),
      input,
      list,
      problem,
    ],
    complain: () => {
      if (fault()) complain();
    },
  };
}

function form_of(form: DepositForm, send: (form: DepositForm) => void): HTMLElement {
  const { deposit: say, failures } = words();
  const busy = form.sent !== undefined;
  const files = file_field(form);
  const submit = el(
    'button',
    { type: 'submit', class: 'primary', disabled: busy },
    busy ? say.sending : say.send,
  );
  const made = el(
    'form',
    { novalidate: true, 'aria-busy': busy ? 'true' : undefined },
    ...text_field(form, 'name', 80),
    ...text_field(form, 'organisation', 80),
    ...files.parts,
    ...text_field(form, 'note', 1000),
    form.problem
      ? el(
          'p',
          { class: 'problem', role: 'alert', 'data-failure': form.problem.code },
          failures[form.problem.code],
        )
      : undefined,
    busy
      ? el('p', { role: 'status', class: 'waiting', id: 'sent' }, say.sent(form.sent ?? 0))
      : undefined,
    submit,
  );
  let by_a_person = false;
  submit.addEventListener('click', (event) => (by_a_person = event.isTrusted));
  made.addEventListener('submit', (event) => {
    event.preventDefault();
    if (!by_a_person || busy) return;
    by_a_person = false;
    if (form.files.length === 0 || total_of(form.files) > files_limit) files.complain();
    else if (form.files.length > count_limit) files.complain();
    else send(form);
  });
  return made;
}

export function deposited_screen(
  names: string[],
  again?: () => void,
  back?: () => void,
): HTMLElement {
  const { deposit: say } = words();
  return el(
    'section',
    { class: 'card', 'data-deposited': String(names.length) },
    heading(say.done_title),
    el('p', { class: 'lead' }, say.done),
    el('ul', {}, ...names.map((name) => el('li', {}, plain(name)))),
    back_button(back),
    again && button(say.again, again, { class: 'secondary' }),
  );
}
