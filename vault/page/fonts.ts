// SPDX-License-Identifier: EUPL-1.2
//
// fonts.ts: a frame reaches no network, so the page around it fetches the standard fonts for it.
const waiting = new Map<string, ((bytes: Uint8Array | undefined) => void)[]>();

export function ask_font(name: string): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const take = (bytes: Uint8Array | undefined): void =>
      bytes ? resolve(bytes.slice()) : reject(new Error('no such font'));
    const others = waiting.get(name);
    if (others) others.push(take);
    else waiting.set(name, [take]);
    window.parent.postMessage({ font: name }, '*');
  });
}

export function answer_font(name: string, bytes: Uint8Array | undefined): void {
  const asked = waiting.get(name) ?? [];
  waiting.delete(name);
  for (const take of asked) take(bytes);
}
