// SPDX-License-Identifier: EUPL-1.2
//
// dom.ts: building elements. Text only ever becomes text nodes; there is no way here, or anywhere in
// the page, to turn a string into markup.

type Child = Node | string | undefined | false;
type Attributes = Record<string, string | boolean | undefined>;

export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? '' : value);
  }
  for (const child of children) if (child !== undefined && child !== false) element.append(child);
  return element;
}

export function button(text: string, act: () => void, attributes: Attributes = {}): HTMLElement {
  const element = el('button', { type: 'button', ...attributes }, text);
  element.addEventListener('click', act);
  return element;
}

// Text from outside, fit for a line of the page: no control characters, none that turn the
// direction of what follows, white space folded.
export const plain = (text: string): string =>
  text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g, '')
    .replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')
    .replace(/\s+/g, ' ')
    .trim();

// The same, isolated, so that a right-to-left name leaves its neighbours where they are.
export const said = (text: string): HTMLElement => el('bdi', {}, plain(text));
