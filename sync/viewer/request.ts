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
