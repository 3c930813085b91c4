// SPDX-License-Identifier: EUPL-1.2
//
// request.ts: the few requests this page makes, all to the server it came from, without cookies,
// referrer, cache or redirects, each with a deadline and a bound on its answer.
//
// Errors: Failure; link_not_active (404), wrong_passcode (401), rate_limited (429),
// server_unreachable, server_error, too_large, malformed.
import { from_utf8, type Bytes } from './bytes.ts';
import { Failure } from './failure.ts';
import { read_all } from './jose.ts';
import { Json } from './json.ts';

const deadline = 120_000; // milliseconds; a 4 MiB part on a slow line

const control_limit = 1 << 20; // bytes of a JSON answer

export interface Request {
  url: string;
  method?: 'GET' | 'POST';
  body?: unknown; // sent as JSON
  bearer?: string;
  limit: number; // bytes of the answer
}

export async function request(what: Request): Promise<Bytes> {
  const headers = new Headers();
  if (what.body !== undefined) headers.set('Content-Type', 'application/json');
  if (what.bearer !== undefined) headers.set('Authorization', `Bearer ${what.bearer}`);
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), deadline);
  try {
    const answer = await fetch(what.url, {
      method: what.method ?? 'GET',
      headers,
      body: what.body === undefined ? null : JSON.stringify(what.body),
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      cache: 'no-store',
      redirect: 'error',
      signal: stop.signal,
    });
    const body = answer.body
      ? await read_all(answer.body.getReader(), what.limit)
      : new Uint8Array();
    if (!answer.ok) throw refusal(answer.status, body);
    return body;
  } catch (error) {
    throw error instanceof Failure ? error : new Failure('server_unreachable');
  } finally {
    clearTimeout(timer);
  }
}

export const request_json = async (
  what: Omit<Request, 'limit'> & { limit?: number },
): Promise<Json> => Json.parse(from_utf8(await request({ limit: control_limit, ...what })));

// Sends the bytes at `offset` of `total`; resolves to how many the server holds. A part that it had
// already, or that another try brought, is no error: it says where to go on.
export async function upload_part(
  url: string,
  part: Bytes,
  offset: number,
  total: number,
): Promise<number> {
  const answer = await exchange(url, {
    method: 'PATCH',
    headers: {
      'Content-Type': 'application/octet-stream',
      'Upload-Offset': String(offset),
      'Upload-Length': String(total),
    },
    body: part,
  });
  if (answer.status !== 204 && answer.status !== 409) throw refusal(answer.status, new Uint8Array());
  return held(answer, total);
}

export async function uploaded_so_far(url: string): Promise<number> {
  const answer = await exchange(url, { method: 'HEAD' });
  if (answer.status === 404) return 0;
  if (answer.status !== 200) throw refusal(answer.status, new Uint8Array());
  return held(answer, Number.MAX_SAFE_INTEGER);
}

function held(answer: Response, total: number): number {
  const offset = Number(answer.headers.get('Upload-Offset') ?? '-1');
  if (!Number.isSafeInteger(offset) || offset < 0 || offset > total)
    throw new Failure('server_error');
  return offset;
}

// The answer's head alone.
async function exchange(url: string, what: RequestInit): Promise<Response> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), deadline);
  try {
    const answer = await fetch(url, {
      ...what,
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      cache: 'no-store',
      redirect: 'error',
      signal: stop.signal,
    });
    await answer.body?.cancel();
    return answer;
  } catch {
    throw new Failure('server_unreachable');
  } finally {
    clearTimeout(timer);
  }
}

function refusal(status: number, body: Bytes): Failure {
  if (status === 404) return new Failure('link_not_active');
  if (status === 429) return new Failure('rate_limited');
  if (status !== 401) return new Failure('server_error');
  return new Failure('wrong_passcode', remaining_attempts(body));
}

// `remainingAttempts` stands at the top (SMART Health Links) or beside our own error code.
function remaining_attempts(body: Bytes): number | undefined {
  try {
    const answer = Json.parse(from_utf8(body));
    for (const place of [answer, answer.at('error')]) {
      if (!place.present) continue;
      const count = place.at('remainingAttempts');
      if (count.present) return count.count();
    }
  } catch {
    // A body that says nothing is still a refusal.
  }
  return undefined;
}
