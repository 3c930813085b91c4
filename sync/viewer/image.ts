// SPDX-License-Identifier: EUPL-1.2
//
// image.ts: raster images only, recognised by their first bytes, whatever they call themselves. SVG
// is a document that can act, so it is none.
import type { Bytes } from './bytes.ts';
import { el } from './dom.ts';

const signatures: [type: string, at: number, text: string][] = [
  ['image/png', 0, '\x89PNG\r\n\x1a\n'],
  ['image/jpeg', 0, '\xff\xd8\xff'],
  ['image/gif', 0, 'GIF8'],
  ['image/webp', 8, 'WEBP'],
];

export function image_type(bytes: Bytes): string | undefined {
  const starts = (at: number, text: string): boolean =>
    Array.from(text).every((c, i) => bytes[at + i] === c.charCodeAt(0));
  return signatures.find(([, at, text]) => starts(at, text))?.[0];
}

export function image_view(bytes: Bytes, alt: string): HTMLImageElement | undefined {
  const type = image_type(bytes);
  if (!type) return undefined;
  const address = URL.createObjectURL(new Blob([bytes], { type }));
  const image = el('img', { src: address, alt, class: 'picture' });
  const release = (): void => URL.revokeObjectURL(address);
  image.addEventListener('load', release);
  image.addEventListener('error', release);
  return image;
}
