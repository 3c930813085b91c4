// SPDX-License-Identifier: EUPL-1.2
//
// pdf.ts: a PDF drawn page by page. Loaded only when a PDF is opened.
//
// pdf.js runs without eval, without the scripts, forms and links of the document, in a worker from
// this page's own server.
// Errors: whatever pdf.js throws: the caller says that the document cannot be shown.
import { getDocument, GlobalWorkerOptions } from 'pdfjs-dist/legacy/build/pdf.mjs';
import type { Bytes } from './bytes.ts';
import { sheets_of } from './pdf_sheets.ts';
import { trusted_types } from './xml.ts';

const worker_url = '/v/pdf.worker.mjs';

// What stands beside the pane: the list and the margins (viewer.css), in pixels.
const beside = (): number => (window.innerWidth > 832 ? 440 : 72);

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
  return sheets_of(pdf, beside);
}
