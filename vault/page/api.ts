// SPDX-License-Identifier: EUPL-1.2
//
// api.ts: the vault's commands, asked of the daemon that served this page (/api/v1/openapi.json).
//
// The token is all that is kept in the browser (sessionStorage: this tab only), and goes when the
// vault is locked. Nothing is asked of another origin.
// Errors: ApiError, with the sentences of the vault's one table; Ended, when the token is over.
import { current_language } from '../../sync/viewer/words.ts';

export type Row = Record<string, unknown>;

export class ApiError extends Error {
  constructor(
    readonly code: string,
    readonly french: string,
    readonly english: string,
    readonly detail: string,
  ) {
    super(code);
  }
}
export class Ended extends Error {}

export interface Answer {
  rows: Row[];
  secrets: string[];
  bytes: Uint8Array<ArrayBuffer> | undefined;
  done: Row;
}

const place = 'coffret-token';
let token: string | undefined;

export const holds_token = (): boolean => token !== undefined;

export function forget_token(): void {
  token = undefined;
  sessionStorage.removeItem(place);
}

// Takes the code out of the address and changes it for a token. False: there was one, too late.
export async function come_in(): Promise<boolean> {
  const code = /^#code=([A-Za-z0-9_-]+)$/.exec(location.hash)?.[1];
  history.replaceState(undefined, '', '/');
  token = sessionStorage.getItem(place) ?? undefined;
  if (code === undefined) return true;
  const response = await fetch('/api/v1/session', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ code }),
  });
  if (!response.ok) return token !== undefined;
  token = ((await response.json()) as { token: string }).token;
  sessionStorage.setItem(place, token);
  return true;
}

async function ask(path: string, init: RequestInit): Promise<Response> {
  if (token === undefined) throw new Ended();
  let response: Response;
  try {
    response = await fetch(path, {
      ...init,
      headers: { ...init.headers, Authorization: `Bearer ${token}` },
    });
  } catch {
    throw new ApiError('unreachable', '', '', '');
  }
  if (response.status === 403) throw new Ended();
  if (!response.ok) throw new ApiError('unreachable', '', '', String(response.status));
  return response;
}

function from_base64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; ++i) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

function understood(text: string): Answer {
  const answer: Answer = { rows: [], secrets: [], bytes: undefined, done: {} };
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const told = JSON.parse(line) as {
      row?: Row;
      secret?: string;
      bytes?: string;
      done?: Row;
      error?: { code: string; fr: string; en: string; detail?: string };
    };
    if (told.row) answer.rows.push(told.row);
    if (told.secret !== undefined) answer.secrets.push(told.secret);
    if (told.bytes !== undefined) answer.bytes = from_base64(told.bytes);
    if (told.done) answer.done = told.done;
    if (told.error)
      throw new ApiError(told.error.code, told.error.fr, told.error.en, told.error.detail ?? '');
  }
  return answer;
}

export async function command(name: string, given: Row = {}): Promise<Answer> {
  const response = await ask(`/api/v1/commands/${name.replaceAll(' ', '-')}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ ...given, lang: current_language() }),
  });
  return understood(await response.text());
}

export async function send_file(file: File): Promise<Answer> {
  const about = new TextEncoder().encode(
    JSON.stringify({ name: file.name, lang: current_language() }),
  );
  const response = await ask('/api/v1/import', {
    method: 'POST',
    headers: {
      'Content-Type': 'application/octet-stream',
      'Coffret-Arguments': base64url(about),
    },
    body: file,
  });
  return understood(await response.text());
}

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');

export interface SessionState {
  locked: boolean;
  seconds_left: number | null;
}

export async function session(): Promise<SessionState> {
  return (await (await ask('/api/v1/session', {})).json()) as SessionState;
}

// A standard font that a PDF names (frame_pdf.ts); public bytes of this program.
export async function font(name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (!/^[\w-]+\.(pfb|ttf)$/.test(name)) return undefined;
  const response = await fetch(`/fonts/${name}`);
  return response.ok ? new Uint8Array(await response.arrayBuffer()) : undefined;
}

// Members of a row, each of the type that its reader expects.
export const text_of = (row: unknown, name: string): string => {
  const value = (row as Row | undefined)?.[name];
  return typeof value === 'string' ? value : '';
};
export const number_of = (row: unknown, name: string): number => {
  const value = (row as Row | undefined)?.[name];
  return typeof value === 'number' ? value : 0;
};
export const flag_of = (row: unknown, name: string): boolean =>
  (row as Row | undefined)?.[name] === true;
export const object_of = (row: unknown, name: string): Row => {
  const value = (row as Row | undefined)?.[name];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Row) : {};
};
export const list_of = (row: unknown, name: string): Row[] => {
  const value = (row as Row | undefined)?.[name];
  return Array.isArray(value) ? (value as Row[]) : [];
};
