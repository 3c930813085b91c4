// SPDX-License-Identifier: EUPL-1.2
//
// pdf_sheets.ts: the pages of an open PDF as sheets, each with its text laid over it so that it can
// be selected, searched and read aloud. Whoever opens the PDF says how: with a worker (pdf.ts), or
// without one (vault/page/frame_pdf.ts).
// Errors: whatever pdf.js throws.
import {
  TextLayer,
  type PDFDocumentProxy,
  type PDFPageProxy,
} from 'pdfjs-dist/legacy/build/pdf.mjs';
import { button, el } from './dom.ts';
import { words } from './words.ts';

const pages_at_once = 25; // each drawn page holds several megabytes

// `beside`: how many pixels of the window's width are not for the sheet; it is 820 at most.
export async function sheets_of(pdf: PDFDocumentProxy, beside: () => number): Promise<HTMLElement> {
  const width = (): number => Math.min(Math.max(window.innerWidth - beside(), 240), 820);
  const view = el('div', { class: 'pdf' });
  const draw_from = async (first: number): Promise<void> => {
    const last = Math.min(first + pages_at_once - 1, pdf.numPages);
    for (let n = first; n <= last; ++n)
      view.append(await draw(await pdf.getPage(n), n, pdf.numPages, width()));
    if (last === pdf.numPages) return;
    const more = button(
      words().document.more_pages,
      () => {
        more.remove();
        void draw_from(last + 1);
      },
      { class: 'secondary' },
    );
    view.append(more);
  };
  await draw_from(1);
  return view;
}

async function draw(
  page: PDFPageProxy,
  number: number,
  of: number,
  width: number,
): Promise<HTMLElement> {
  const scale = width / page.getViewport({ scale: 1 }).width;
  const viewport = page.getViewport({ scale });
  const sharpness = Math.min(Math.max(window.devicePixelRatio, 1.5), 2);
  const canvas = el('canvas', { 'aria-hidden': 'true' });
  canvas.width = Math.floor(viewport.width * sharpness);
  canvas.height = Math.floor(viewport.height * sharpness);
  const context = canvas.getContext('2d');
  if (!context) throw new Error('no canvas');
  await page.render({
    canvasContext: context,
    viewport,
    transform: [sharpness, 0, 0, sharpness, 0, 0],
    annotationMode: 0,
  }).promise;

  const layer = el('div', { class: 'textLayer' });
  layer.style.setProperty('--scale-factor', String(scale));
  await new TextLayer({
    textContentSource: page.streamTextContent(),
    container: layer,
    viewport,
  }).render();
  const label = words().document.page(number, of);
  const sheet = el('section', { class: 'pdf-page', 'aria-label': label }, canvas, layer);
  sheet.style.setProperty('--page-width', `${viewport.width}px`);
  sheet.style.setProperty('--page-height', `${viewport.height}px`);
  return sheet;
}
