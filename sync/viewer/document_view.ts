// SPDX-License-Identifier: EUPL-1.2
//
// document_view.ts: one document as an element of the page, by what its bytes are; what it calls
// itself decides only between kinds of text.
//
// Documents are drawn by this page, not handed to a frame: nothing here interprets HTML, SVG or
// script of a document, so there is nothing to confine. What is not in this list is not shown.
import { from_utf8, type Bytes } from './bytes.ts';
import { cda_view, is_cda, type ShowInner } from './cda.ts';
import { button, el } from './dom.ts';
import { fhir_view, is_fhir } from './fhir.ts';
import { image_view } from './image.ts';
import { words } from './words.ts';

const text_limit = 2 << 20; // characters shown of a plain text

export async function document_view(
  bytes: Bytes,
  title: string,
  media_type: string,
): Promise<HTMLElement> {
  const image = image_view(bytes, title);
  if (image) return el('div', { class: 'picture-frame' }, image);
  if (starts_with(bytes, '%PDF-')) return (await import('./pdf.ts')).pdf_view(bytes);
  if (is_cda(bytes)) return cda_view(bytes, title, inner_view);
  if (is_fhir(bytes)) return fhir_view(bytes, title);
  if (/^text\/(plain|csv)\b/.test(media_type))
    return el('pre', { class: 'plain-text' }, text_of(bytes).slice(0, text_limit));
  return el('p', { class: 'note' }, words().document.not_shown);
}

const starts_with = (bytes: Bytes, text: string): boolean =>
  Array.from(text).every((c, i) => bytes[i] === c.charCodeAt(0));

function text_of(bytes: Bytes): string {
  try {
    return from_utf8(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes); // what older programs wrote
  }
}

// A document inside a document: at once where it is the whole of it, else when asked for.
const inner_view: ShowInner = (bytes, title, media_type, at_once) => {
  const place = el('div', { class: 'inner' });
  const open = (): void => {
    const note = el('p', { class: 'note' }, words().document.unreadable);
    document_view(bytes, title, media_type).then(
      (view) => place.replaceChildren(view),
      () => place.replaceChildren(note),
    );
  };
  if (at_once) open();
  else place.append(button(words().document.open_inner, open, { class: 'secondary' }));
  return place;
};
