// SPDX-License-Identifier: EUPL-1.2
//
// frame_pdf.ts: a PDF drawn page by page inside the frame. As the viewer's pdf.ts, but without a
// worker: an opaque origin has none to load, and this frame is apart already.
//
// Errors: whatever pdf.js throws: the caller says that the document cannot be shown.
import 'pdfjs-dist/legacy/build/pdf.worker.mjs';
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
import type { Bytes } from '../../sync/viewer/bytes.ts';
import { sheets_of } from '../../sync/viewer/pdf_sheets.ts';
import { ask_font } from './fonts.ts';

const margins = 34; // pixels beside a sheet in the frame

class Fonts {
  fetch = ({ filename }: { filename: string }): Promise<Uint8Array> => ask_font(filename);
}

export async function pdf_view(bytes: Bytes): Promise<HTMLElement> {
  const pdf = await getDocument({
    data: bytes.slice(),
    isEvalSupported: false,
    enableXfa: false,
    useSystemFonts: false,
    useWorkerFetch: false,
    StandardFontDataFactory: Fonts,
    standardFontDataUrl: 'fonts/',
    maxImageSize: 1 << 26,
  }).promise;
  return sheets_of(pdf, () => margins);
}
