// SPDX-License-Identifier: EUPL-1.2
//
// no_pdf.ts: in the light frame (document.html) there is no pdf.js; a document that holds a PDF is
// shown in the other one.
import type { Bytes } from '../../sync/viewer/bytes.ts';

export const pdf_view = (_bytes: Bytes): Promise<HTMLElement> =>
  Promise.reject(new Error('not this frame'));
