// SPDX-License-Identifier: EUPL-1.2
//
// pdf.ts: a PDF drawn page by page, with its text laid over it so that it can be selected, searched
// and read aloud. Loaded only when a PDF is opened.
//
// pdf.js runs without eval, without the scripts, forms and links of the document, in a worker from
// this page's own server.
// Errors: whatever pdf.js throws: the caller says that the document cannot be shown.
import {
  getDocument,
  GlobalWorkerOptions,
  TextLayer,
  type PDFPageProxy,
} from 'pdfjs-dist/legacy/build/pdf.mjs';
import type { Bytes } from './bytes.ts';
import { button, el } from './dom.ts';
import { words } from './words.ts';
import { trusted_types } from './xml.ts';

const worker_url = '/v/pdf.worker.mjs';
const pages_at_once = 25; // each drawn page holds several megabytes

// As wide as the pane it will stand in, up to the width of a sheet, in pixels.
function css_width(): number {
  const beside = window.innerWidth > 832 ? 440 : 72; // the list and the margins (viewer.css)
  return Math.min(Math.max(window.innerWidth - beside, 240), 820);
}

// The one script address this page ever makes from a string.
const policy = trusted_types?.createPolicy('coffret-worker', {
  createScriptURL: (url) => {
    if (url !== worker_url) throw new TypeError('not the worker');
    return url;
  },
});

let worker: Worker | undefined;
function provide_worker(): void {
  worker ??= new Worker(policy ? policy.createScriptURL(worker_url) : worker_url, {
    type: 'module',
  });
  GlobalWorkerOptions.workerPort = worker;
}

export async function pdf_view(bytes: Bytes): Promise<HTMLElement> {
  provide_worker();
  const pdf = await getDocument({
    data: bytes.slice(), // handed over to the worker, and gone from here
    isEvalSupported: false,
    enableXfa: false,
    useSystemFonts: false,
    standardFontDataUrl: `${location.origin}/v/fonts/`,
    maxImageSize: 1 << 26,
  }).promise;
  const view = el('div', { class: 'pdf' });
  const draw_from = async (first: number): Promise<void> => {
    const last = Math.min(first + pages_at_once - 1, pdf.numPages);
    for (let n = first; n <= last; ++n)
      view.append(await draw(await pdf.getPage(n), n, pdf.numPages));
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

async function draw(page: PDFPageProxy, number: number, of: number): Promise<HTMLElement> {
  const scale = css_width() / page.getViewport({ scale: 1 }).width;
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
