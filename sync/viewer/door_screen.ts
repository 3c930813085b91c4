// SPDX-License-Identifier: EUPL-1.2
//
// door_screen.ts: before anything is opened: what this is, who asks, one button.
//
// Mail scanners, previews and scripts come this far and no further: only a click on the button (or
// Enter, which browsers turn into one) that the browser itself calls a person's opens. The submit
// event alone does not tell: it is trusted even when a script caused it.
import { el, plain } from './dom.ts';
import type { Failure } from './failure.ts';
import { heading } from './plain_screens.ts';
import type { Claim, Door, DoorState } from './share.ts';
import { show_instant, words } from './words.ts';

export interface DoorForm extends Claim {
  busy?: boolean;
  opens_at?: number; // epoch seconds: the patient chose a delay
  problem?: Failure;
}

export function door_screen(
  door: Door,
  asked: DoorState,
  form: DoorForm,
  enter: (claim: Claim) => void,
): HTMLElement {
  const { door: say } = words();
  const lead = asked.reason
    ? say.lead_card
    : door.kind === 'link'
      ? say.lead_link
      : say.lead_shl;
  return el(
    'section',
    { class: 'card' },
    heading(asked.reason ? say.title_card : say.title),
    el('p', { class: 'lead' }, lead),
    door.label ? el('p', {}, say.label(plain(door.label))) : undefined,
    asked.expires_at === undefined
      ? undefined
      : el('p', {}, say.until(show_instant(asked.expires_at))),
    el('p', { class: 'notice' }, asked.reason ? say.untouched_card : say.untouched),
    form_of(door, asked, form, enter),
  );
}

interface Field {
  input: HTMLInputElement;
  parts: HTMLElement[];
  complain(): void;
}

function field(
  id: string,
  label: string,
  hint: string,
  missing: string,
  attributes: object,
): Field {
  const input = el('input', {
    id,
    required: true,
    'aria-describedby': `${id}-hint`,
    ...attributes,
  });
  const problem = el('p', { class: 'problem', role: 'alert' });
  const parts = [
    el('label', { for: id }, label),
    el('p', { class: 'hint', id: `${id}-hint` }, hint),
    input,
    problem,
  ];
  const complain = (): void => {
    input.setAttribute('aria-invalid', 'true');
    problem.textContent = missing;
    input.focus();
  };
  return { input, parts, complain };
}

function form_of(
  door: Door,
  asked: DoorState,
  form: DoorForm,
  enter: (claim: Claim) => void,
): HTMLElement {
  const { door: say } = words();
  const reader = field('reader', say.reader, say.reader_hint, say.reader_missing, {
    type: 'text',
    autocomplete: 'name',
    maxlength: '200',
    value: form.reader,
  });
  const reason = field('reason', say.reason, say.reason_hint, say.reason_missing, {
    type: 'text',
    autocomplete: 'off',
    maxlength: '150',
    value: form.reason,
  });
  const passcode = field('passcode', say.passcode, say.passcode_hint, say.passcode_missing, {
    type: 'text',
    autocomplete: 'off',
    spellcheck: 'false',
    autocapitalize: 'off',
    maxlength: '100',
    class: 'code',
    ...(form.problem?.code === 'wrong_passcode' ? { 'aria-invalid': 'true' } : {}),
  });
  // What was typed outlives a change of language.
  for (const [name, input] of [
    ['reader', reader.input],
    ['passcode', passcode.input],
    ['reason', reason.input],
  ] as const)
    input.addEventListener('input', () => (form[name] = input.value));
  passcode.input.value = form.passcode;

  const submit = el(
    'button',
    { type: 'submit', class: 'primary', disabled: form.busy },
    form.busy ? say.opening : say.open,
  );
  const made = el(
    'form',
    { novalidate: true, 'aria-busy': form.busy ? 'true' : undefined },
    ...reader.parts,
    ...(asked.reason ? reason.parts : []),
    door.kind === 'shl' ? el('p', { class: 'hint' }, say.shl_told) : undefined,
    ...(asked.passcode ? passcode.parts : []),
    form.problem ? problem_of(form.problem) : undefined,
    form.opens_at === undefined
      ? undefined
      : el('p', { class: 'notice', role: 'status' }, say.waits(show_instant(form.opens_at))),
    submit,
  );
  let by_a_person = false;
  submit.addEventListener('click', (event) => (by_a_person = event.isTrusted));
  made.addEventListener('submit', (event) => {
    event.preventDefault();
    if (!by_a_person || form.busy) return;
    by_a_person = false;
    if (reader.input.value.trim() === '') reader.complain();
    else if (asked.reason && reason.input.value.trim() === '') reason.complain();
    else if (asked.passcode && passcode.input.value === '') passcode.complain();
    else
      enter({
        reader: reader.input.value.trim(),
        passcode: asked.passcode ? passcode.input.value.trim() : '',
        reason: asked.reason ? reason.input.value.trim() : '',
      });
  });
  return made;
}

function problem_of(problem: Failure): HTMLElement {
  const left = problem.remaining === undefined ? '' : ` ${words().tries_left(problem.remaining)}`;
  return el(
    'p',
    { class: 'problem', role: 'alert', 'data-failure': problem.code },
    words().failures[problem.code] + left,
  );
}
