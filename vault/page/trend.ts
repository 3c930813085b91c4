// SPDX-License-Identifier: EUPL-1.2
//
// trend.ts: the course of one measure as a line, its reference range behind it. The table beside it
// says the same in figures.
import { object_of, text_of, type Row } from './api.ts';
import { day, words } from './words.ts';

const width = 640;
const height = 180;
const edge = 34;

const svg = (tag: string, attributes: Record<string, string>): SVGElement => {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
};

function words_at(x: number, y: number, anchor: string, text: string): SVGElement {
  const made = svg('text', {
    class: 'trend-text',
    x: String(x),
    y: String(y),
    'text-anchor': anchor,
  });
  made.textContent = text;
  return made;
}

// Undefined where fewer than two values are numbers with a date.
export function trend(
  name: string,
  rows: Row[],
  amount: (row: Row) => string,
): HTMLElement | undefined {
  const points = rows
    .map((row) => ({
      row,
      time: Date.parse(text_of(row, 'date').slice(0, 10)),
      value: /^-?\d+([.,]\d+)?$/.test(text_of(row, 'value'))
        ? Number(text_of(row, 'value').replace(',', '.'))
        : Number.NaN,
    }))
    .filter((point) => !Number.isNaN(point.time) && !Number.isNaN(point.value))
    .sort((a, b) => a.time - b.time);
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last || points.length < 2) return undefined;

  const told = object_of(last.row, 'range');
  const [low, high] = ['low', 'high'].map((end) => Number.parseFloat(text_of(told, end)));
  const all = [...points.map((point) => point.value), low ?? Number.NaN, high ?? Number.NaN].filter(
    (value) => !Number.isNaN(value),
  );
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const span = most - least || 1;
  const x = (time: number): number =>
    edge + ((time - first.time) / (last.time - first.time || 1)) * (width - 2 * edge);
  const y = (value: number): number =>
    height - edge - ((value - least) / span) * (height - 2 * edge);

  const label = words().health.trend(
    name,
    day(text_of(first.row, 'date')),
    day(text_of(last.row, 'date')),
    points.length,
  );
  const drawing = svg('svg', {
    class: 'trend',
    viewBox: `0 0 ${width} ${height}`,
    role: 'img',
    'aria-label': label,
  });
  if (low !== undefined && high !== undefined && !Number.isNaN(low) && !Number.isNaN(high))
    drawing.append(
      svg('rect', {
        class: 'trend-range',
        x: '0',
        width: String(width),
        y: String(y(high)),
        height: String(Math.max(y(low) - y(high), 1)),
      }),
    );
  drawing.append(
    svg('polyline', {
      class: 'trend-line',
      points: points.map((point) => `${x(point.time)},${y(point.value)}`).join(' '),
    }),
  );
  for (const point of points) {
    const dot = svg('circle', {
      class: 'trend-dot',
      cx: String(x(point.time)),
      cy: String(y(point.value)),
      r: '5',
    });
    const title = svg('title', {});
    title.textContent = `${day(text_of(point.row, 'date'))}: ${amount(point.row)}`;
    dot.append(title);
    drawing.append(dot);
  }
  // In figures where it begins, and where it is now; the table has the rest.
  for (const [point, anchor] of [
    [first, 'start'],
    [last, 'end'],
  ] as const) {
    const place = anchor === 'start' ? 6 : width - 6;
    const above = y(point.value) > edge + 12 ? -14 : 24;
    drawing.append(
      words_at(place, y(point.value) + above, anchor, amount(point.row)),
      words_at(place, height - 4, anchor, day(text_of(point.row, 'date'))),
    );
  }
  const figure = document.createElement('figure');
  figure.append(drawing);
  return figure;
}
