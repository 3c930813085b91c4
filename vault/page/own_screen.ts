// SPDX-License-Identifier: EUPL-1.2
//
// own_screen.ts: what a person notes themselves, by a small form each.
import { command } from './api.ts';
import { act, button, el, field, heading, type Field, type HealthTab, type Page } from './parts.ts';
import { words } from './words.ts';

export const own_kinds = ['allergy', 'treatment', 'vaccine', 'measure', 'note', 'contact'] as const;
type Kind = (typeof own_kinds)[number];

const needed: Record<Kind, string[]> = {
  allergy: ['what'],
  treatment: ['what'],
  vaccine: ['what'],
  measure: ['what', 'value'],
  note: ['text'],
  contact: ['what'],
};
const seen_in: Record<Kind, HealthTab | undefined> = {
  allergy: 'summary',
  treatment: 'medicines',
  vaccine: 'vaccines',
  measure: 'results',
  note: undefined,
  contact: 'summary',
};

export function own_screen(page: Page, name: string): HTMLElement {
  const kind = own_kinds.find((one) => one === name) ?? 'note';
  const { own: say } = words();
  const fields = new Map<string, Field>();
  const form = el('form', { novalidate: true });
  for (const [key, label] of Object.entries(say.fields[kind] ?? {})) {
    const required = needed[kind].includes(key);
    const made = field(required ? `${label} ${say.required}` : label, {
      name: `own-${key}`,
      long: key === 'text' && kind === 'note',
      hint: key === 'date' ? say.date_hint : '',
      type: key === 'phone' ? 'tel' : 'text',
      required,
    });
    fields.set(key, made);
    form.append(made.row);
  }
  const save = async (): Promise<void> => {
    const given: Record<string, string> = {};
    for (const [key, one] of fields) {
      const typed = one.input.value.trim();
      if (typed === '' && needed[kind].includes(key)) return one.fail(say.required);
      if (typed !== '') given[key] = typed;
    }
    await command(`${kind === 'measure' ? 'measure' : kind} add`, given);
    page.say(say.saved);
    const tab = seen_in[kind];
    page.go(tab ? { at: 'health', tab } : { at: 'record' });
  };
  const submit = act(page, say.save, { class: 'primary' }, save);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    submit.querySelector('button')?.click();
  });
  form.append(
    el(
      'div',
      { class: 'row' },
      submit,
      button(words().cancel, () => page.go({ at: 'health' }), { class: 'quiet' }),
    ),
  );
  return el('section', { class: 'screen narrow' }, heading(say[kind]), form);
}
