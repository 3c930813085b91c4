// SPDX-License-Identifier: EUPL-1.2
//
// narrative.ts: the readable text of CDA sections and FHIR resources, copied element by element
// through an allow-list into new elements of the page.
//
// The holes that document viewers had (attributes carried over, addresses followed, markup passed
// on) cannot open here: no attribute is copied, only numbers for colspan and rowspan are made anew;
// no address becomes a link or a request; an unknown element leaves its text and nothing else.
// vault/reader/render_narrative.hpp does the same for pages on the person's own machine: the two
// lists are kept alike.
import { from_loose_base64 } from './bytes.ts';
import { el } from './dom.ts';
import { image_view } from './image.ts';

const max_depth = 64; // deeper markup is flattened to its text
const max_nodes = 50_000;

interface Dialect {
  tags: Record<string, keyof HTMLElementTagNameMap>;
  // Elements that need more than a name; undefined leaves the choice to `tags`.
  special(source: Element): Node | undefined;
}

// What these hold is not text for a reader.
const unread = new Set([
  'script',
  'style',
  'head',
  'title',
  'iframe',
  'object',
  'embed',
  'svg',
  'math',
  'template',
  'noscript',
]);

const table = {
  table: 'table',
  thead: 'thead',
  tbody: 'tbody',
  tfoot: 'tfoot',
  tr: 'tr',
  th: 'th',
  td: 'td',
  caption: 'caption',
  sub: 'sub',
  sup: 'sup',
  br: 'br',
} as const;

class Copier {
  private nodes = 0;
  constructor(private readonly dialect: Dialect) {}

  children(source: Node, into: Node, depth: number): void {
    for (const child of Array.from(source.childNodes)) {
      if (++this.nodes > max_nodes) return;
      if (child.nodeType === Node.TEXT_NODE || child.nodeType === Node.CDATA_SECTION_NODE)
        into.appendChild(document.createTextNode(readable(child.nodeValue ?? '')));
      else if (child instanceof Element) this.element(child, into, depth);
    }
  }

  private element(source: Element, into: Node, depth: number): void {
    const name = source.localName.toLowerCase();
    if (unread.has(name)) return;
    if (depth >= max_depth) {
      into.appendChild(document.createTextNode(readable(source.textContent ?? '')));
      return;
    }
    const special = this.dialect.special(source);
    if (special) {
      into.appendChild(special);
      if (special instanceof HTMLElement && special.dataset['leaf'] === undefined)
        this.children(source, special, depth + 1);
      return;
    }
    const tag = Object.hasOwn(this.dialect.tags, name) ? this.dialect.tags[name] : undefined;
    if (!tag) {
      this.children(source, into, depth + 1);
      return;
    }
    const made = el(tag);
    if (tag === 'td' || tag === 'th') spans(source, made);
    this.children(source, made, depth + 1);
    // A wide table scrolls in its own frame, also by keyboard; the page does not.
    into.appendChild(tag === 'table' ? el('div', { class: 'scroll', tabindex: '0' }, made) : made);
  }
}

// As plain(), but white space stays: the narrative's own elements give it meaning.
const readable = (text: string): string =>
  text.replace(
    /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
    '',
  );

function spans(source: Element, made: HTMLElement): void {
  for (const name of ['colspan', 'rowspan']) {
    const count = Number.parseInt(source.getAttribute(name) ?? '', 10);
    if (count > 1 && count <= 100) made.setAttribute(name, String(count));
  }
}

// A made element whose source's children are not to be copied into it.
function leaf(element: HTMLElement): HTMLElement {
  element.dataset['leaf'] = '';
  return element;
}

// Called with the id of a renderMultiMedia; undefined shows nothing.
export type Media = (id: string) => HTMLElement | undefined;

export function cda_narrative(text: Element, media: Media): DocumentFragment {
  const dialect: Dialect = {
    tags: { ...table, paragraph: 'p', item: 'li', footnote: 'small', footnoteref: 'sup' },
    special(source) {
      switch (source.localName) {
        case 'list':
          return el(source.getAttribute('listType') === 'ordered' ? 'ol' : 'ul');
        case 'content':
          return el(styled(source));
        case 'caption':
          return source.parentElement?.localName === 'table'
            ? undefined
            : el('p', { class: 'caption' });
        case 'renderMultiMedia':
          return multi_media(source, media);
        default:
          return undefined;
      }
    },
  };
  return copy(text, dialect);
}

function styled(content: Element): 'strong' | 'em' | 'u' | 'del' | 'span' {
  if (content.getAttribute('revised') === 'delete') return 'del';
  const codes = (content.getAttribute('styleCode') ?? '').toLowerCase();
  if (codes.includes('bold')) return 'strong';
  if (codes.includes('italic') || codes.includes('emphasis')) return 'em';
  return codes.includes('underline') ? 'u' : 'span';
}

function multi_media(source: Element, media: Media): HTMLElement {
  const figure = el('figure', { class: 'media' });
  for (const id of (source.getAttribute('referencedObject') ?? '').split(/\s+/).slice(0, 20)) {
    const shown = media(id);
    if (shown) figure.append(shown);
  }
  const caption = source.textContent?.trim();
  if (caption) figure.append(el('figcaption', {}, readable(caption)));
  return leaf(figure);
}

export function xhtml_narrative(div: Element): DocumentFragment {
  const dialect: Dialect = {
    tags: {
      ...table,
      p: 'p',
      div: 'div',
      span: 'span',
      b: 'strong',
      strong: 'strong',
      i: 'em',
      em: 'em',
      u: 'u',
      s: 's',
      del: 'del',
      small: 'small',
      ul: 'ul',
      ol: 'ol',
      li: 'li',
      dl: 'dl',
      dt: 'dt',
      dd: 'dd',
      pre: 'pre',
      code: 'code',
      blockquote: 'blockquote',
      hr: 'hr',
      h1: 'h4',
      h2: 'h4',
      h3: 'h4',
      h4: 'h5',
      h5: 'h5',
      h6: 'h6',
    },
    special: (source) => (source.localName === 'img' ? inline_image(source) : undefined),
  };
  return copy(div, dialect);
}

// Only an image that is itself in the text; what lies at an address stays there.
function inline_image(source: Element): HTMLElement {
  const alt = readable(source.getAttribute('alt') ?? '');
  const data = /^data:image\/(?:png|jpeg|gif);base64,([\s\S]+)$/.exec(
    source.getAttribute('src') ?? '',
  );
  try {
    const shown = data?.[1] && image_view(from_loose_base64(data[1]), alt);
    if (shown) return leaf(shown);
  } catch {
    // Not base64: the words beside it are all there is.
  }
  return leaf(el('span', {}, alt));
}

function copy(source: Element, dialect: Dialect): DocumentFragment {
  const out = document.createDocumentFragment();
  new Copier(dialect).children(source, out, 0);
  return out;
}
