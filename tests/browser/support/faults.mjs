// SPDX-License-Identifier: EUPL-1.2
//
// faults.mjs: what keeps somebody from reading or using a screen, found in the page itself.

// Pixels beside the screen.
export const overflow = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

// Every control has a name, headings do not skip, text is far enough from its ground (4.5:1).
export const faults = (page) =>
  page.evaluate(() => {
    const found = [];
    for (const control of document.querySelectorAll('button, input, textarea')) {
      const name = control.innerText?.trim() || control.labels?.[0]?.innerText;
      if (!name) found.push(`no name: ${control.outerHTML.slice(0, 80)}`);
    }
    let level = 0;
    for (const heading of document.querySelectorAll('h1, h2, h3, h4, h5')) {
      const own = Number(heading.tagName[1]);
      if (own > level + 1) found.push(`heading ${own} after ${level}: ${heading.innerText}`);
      level = own;
    }
    const rgb = (text) => text.match(/[\d.]+/g).map(Number);
    const light = ([r, g, b]) => {
      const [x, y, z] = [r, g, b].map((c) =>
        c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4,
      );
      return 0.2126 * x + 0.7152 * y + 0.0722 * z;
    };
    const ground = (element) => {
      for (let at = element; at; at = at.parentElement) {
        const color = rgb(getComputedStyle(at).backgroundColor);
        if (color.length < 4 || color[3] > 0) return color;
      }
      return [255, 255, 255];
    };
    for (const element of document.querySelectorAll('body *')) {
      const own_text = [...element.childNodes].some(
        (node) => node.nodeType === 3 && node.data.trim(),
      );
      if (!own_text || !element.getClientRects().length || element.closest('.textLayer, noscript'))
        continue;
      const [a, b] = [light(rgb(getComputedStyle(element).color)), light(ground(element))].sort(
        (x, y) => y - x,
      );
      const ratio = (a + 0.05) / (b + 0.05);
      if (ratio < 4.5)
        found.push(`contrast ${ratio.toFixed(1)}: ${element.innerText.slice(0, 40)}`);
    }
    return found;
  });
