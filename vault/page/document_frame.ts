// SPDX-License-Identifier: EUPL-1.2
//
// document_frame.ts: the sandboxed frame that draws a document (frame.ts), as high as it needs.
import { font } from './api.ts';
import { el } from './parts.ts';
import { current_language } from './words.ts';

const highest = 200_000; // pixels; beyond, the frame scrolls inside itself

// Where pdf.js is needed: a PDF, or a document that carries one (base64 of "%PDF-").
function holds_pdf(bytes: Uint8Array): boolean {
  const text = new TextDecoder('latin1').decode(bytes);
  return text.startsWith('%PDF-') || text.includes('JVBERi') || text.includes('application/pdf');
}

export function document_frame(
  bytes: Uint8Array<ArrayBuffer>,
  title: string,
  media_type: string,
  label: string,
): HTMLElement {
  const frame = el('iframe', {
    class: 'document-frame',
    title: label,
    sandbox: 'allow-scripts',
    referrerpolicy: 'no-referrer',
    src: holds_pdf(bytes) ? '/pdf.html' : '/document.html',
  });
  // An opaque origin has no name to address: the frame is known by its window alone.
  const tell = (message: unknown): void => frame.contentWindow?.postMessage(message, '*');
  const hear = (event: MessageEvent<unknown>): void => {
    if (!frame.isConnected && frame.dataset['ready']) {
      window.removeEventListener('message', hear);
      return;
    }
    if (event.source === null || event.source !== frame.contentWindow) return;
    const told = event.data as { ready?: boolean; shown?: boolean; height?: number; font?: string };
    if (told.ready) {
      frame.dataset['ready'] = '';
      tell({ show: { bytes, title, media_type, language: current_language() } });
    }
    if (told.shown) frame.dataset['shown'] = '';
    if (typeof told.height === 'number' && Number.isFinite(told.height))
      frame.style.height = `${Math.min(Math.max(told.height, 60), highest)}px`;
    if (typeof told.font === 'string') {
      const name = told.font;
      void font(name).then((found) => tell({ font: name, bytes: found }));
    }
  };
  window.addEventListener('message', hear);
  return frame;
}
