// SPDX-License-Identifier: EUPL-1.2
//
// add_screen.ts: files into the vault, one after the other, each with what became of it.
import { Ended, number_of, object_of, send_file, text_of } from './api.ts';
import { button, el, heading, lead, plain, type Page } from './parts.ts';
import { sentence_of, words } from './words.ts';

const largest = 64 * 1024 * 1024; // bytes of one file, as the vault's own bound

interface Outcome {
  name: string;
  outcome: string;
  reason: string;
}

export function add_screen(page: Page): HTMLElement {
  const { add: say } = words();
  const told = el('div', { class: 'import', 'aria-live': 'polite' });
  const start = (files: File[]): void => void take(page, files, told, drop);
  const picker = (label: string, folder: boolean): HTMLElement => {
    const input = el('input', {
      type: 'file',
      multiple: true,
      webkitdirectory: folder,
      class: 'sr-only',
      'aria-label': label,
      tabindex: '-1',
    });
    input.addEventListener('change', () => start([...(input.files ?? [])]));
    const choose = button(label, () => input.click(), { class: folder ? 'secondary' : 'primary' });
    return el('span', {}, choose, input);
  };
  const drop = el(
    'div',
    { class: 'drop' },
    el('p', { 'aria-hidden': 'true' }, say.drop),
    el('div', { class: 'row' }, picker(say.files, false), picker(say.folder, true)),
  );
  drop.addEventListener('dragover', (event) => {
    event.preventDefault();
    drop.classList.add('over');
  });
  drop.addEventListener('dragleave', () => drop.classList.remove('over'));
  drop.addEventListener('drop', (event) => {
    event.preventDefault();
    drop.classList.remove('over');
    if (event.dataTransfer) void dropped(event.dataTransfer).then(start);
  });
  return el('section', { class: 'screen' }, heading(say.title), lead(say.lead), drop, told);
}

// Files and, through their entries, whole folders.
async function dropped(data: DataTransfer): Promise<File[]> {
  const entries = [...data.items]
    .map((item) => item.webkitGetAsEntry())
    .filter((one) => one !== null);
  const found: File[] = [];
  const walk = async (entry: FileSystemEntry): Promise<void> => {
    if (entry.isFile) {
      found.push(
        await new Promise<File>((yes, no) => (entry as FileSystemFileEntry).file(yes, no)),
      );
      return;
    }
    const reader = (entry as FileSystemDirectoryEntry).createReader();
    for (;;) {
      const part = await new Promise<FileSystemEntry[]>((yes, no) => reader.readEntries(yes, no));
      if (part.length === 0) return;
      for (const one of part) await walk(one);
    }
  };
  for (const entry of entries) await walk(entry);
  return found;
}

async function take(
  page: Page,
  files: File[],
  told: HTMLElement,
  drop: HTMLElement,
): Promise<void> {
  const { add: say } = words();
  if (files.length === 0) return;
  drop.hidden = true;
  let stopped = false;
  const bar = el('progress', { max: String(files.length), 'aria-label': say.title });
  const count = el('p', { class: 'count' });
  told.replaceChildren(
    bar,
    count,
    button(say.stop, () => (stopped = true), { class: 'quiet' }),
  );
  const outcomes: Outcome[] = [];
  let added = 0;
  let done = 0;
  for (const file of files) {
    if (stopped) break;
    bar.value = done;
    count.textContent = say.progress(done, files.length);
    try {
      if (file.size > largest) {
        outcomes.push({ name: file.name, outcome: 'refused', reason: say.too_large });
      } else {
        const answer = await send_file(file);
        added += number_of(object_of(answer.done, 'summary'), 'imported');
        outcomes.push(...answer.rows.map((row) => outcome_of(row)));
      }
    } catch (error) {
      if (error instanceof Ended) return page.end();
      outcomes.push({ name: file.name, outcome: 'refused', reason: sentence_of(error) });
    }
    ++done;
  }
  drop.hidden = false;
  told.replaceChildren(...ended(page, added, outcomes));
  told.querySelector<HTMLElement>('button')?.focus();
}

const outcome_of = (row: Record<string, unknown>): Outcome => ({
  name: plain(text_of(row, 'path')),
  outcome: text_of(row, 'outcome'),
  reason: reason_of(row),
});

// A refusal is {code, message …}; who a quarantined document names stands beside it.
function reason_of(row: Record<string, unknown>): string {
  const reason = row['reason'];
  if (typeof reason === 'string') return plain(reason);
  const told = object_of(row, 'reason');
  const text = plain(text_of(told, 'message') || text_of(told, 'code'));
  const patient = plain(text_of(object_of(row, 'patient'), 'name'));
  return text || (text_of(row, 'outcome') === 'quarantined' ? patient : '');
}

function ended(page: Page, added: number, outcomes: Outcome[]): HTMLElement[] {
  const { add: say } = words();
  const line = (one: Outcome): HTMLElement =>
    el(
      'li',
      { 'data-outcome': one.outcome },
      el('span', { class: 'what' }, one.name),
      el(
        'span',
        { class: 'details' },
        [say.outcomes[one.outcome] ?? one.outcome, one.reason].filter(Boolean).join(' · '),
      ),
    );
  const attention = outcomes.filter(
    (one) => one.outcome === 'refused' || one.outcome === 'quarantined',
  );
  const parts = [
    el('p', { class: 'notice', role: 'status' }, say.done(added)),
    button(say.see, () => page.go({ at: 'record' }), { class: 'primary' }),
  ];
  if (attention.length > 0)
    parts.push(
      el(
        'section',
        { class: 'block' },
        el('h2', {}, say.attention),
        el('ul', { class: 'lines' }, ...attention.map(line)),
      ),
    );
  parts.push(
    el(
      'details',
      { class: 'about' },
      el('summary', {}, say.all),
      el('ul', { class: 'lines' }, ...outcomes.map(line)),
    ),
  );
  return parts;
}
