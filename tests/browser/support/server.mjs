// SPDX-License-Identifier: EUPL-1.2
//
// server.mjs: a small server that speaks sync/PROTOCOL.md §7 and §8 for tests of the page alone, and
// serves the built viewer with the very headers of headers.json. It remembers every request.
import { createServer } from 'node:http';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';

const types = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  mjs: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
  pfb: 'application/octet-stream',
  ttf: 'font/ttf',
};

function viewer_files(directory) {
  const files = new Map();
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name === 'headers.json') continue;
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(directory.length + 1);
    files.set(name === 'index.html' ? '/v' : `/v/${name}`, {
      type: types[name.split('.').pop()],
      bytes: readFileSync(path),
    });
  }
  return files;
}

async function body_of(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return parts.length ? JSON.parse(Buffer.concat(parts).toString()) : {};
}

export async function start_server(viewer_directory) {
  const headers = JSON.parse(readFileSync(join(viewer_directory, 'headers.json'), 'utf8'));
  const statics = viewer_files(viewer_directory);
  const state = { links: new Map(), shls: new Map(), requests: [], broken: false };

  const answer = (response, status, value, type = 'application/json') => {
    const bytes =
      typeof value === 'string' || Buffer.isBuffer(value) ? value : JSON.stringify(value);
    response.writeHead(status, {
      'Content-Type': type,
      'Cache-Control': 'no-store',
      'Coffret-Time': String(Math.floor(Date.now() / 1000)),
    });
    response.end(status === 204 ? undefined : bytes);
  };
  const refuse = (response, status, code, more = {}) =>
    answer(response, status, { error: { code }, ...more });

  async function link_route(request, response, [id, action, file]) {
    const link = state.links.get(id);
    if (!link || link.revoked) return refuse(response, 404, 'link_not_active');
    const bearer = (request.headers.authorization ?? '').replace('Bearer ', '');
    if (!action)
      return answer(response, 200, {
        delivery: 'link',
        passcode: Boolean(link.passcode_proof),
        expires_at: link.expires_at,
        ...(link.asks_reason ? { reason: true } : {}),
      });
    if (action === 'open' && request.method === 'POST') {
      const body = await body_of(request);
      if (link.asks_reason && !(body.recipient && body.reason))
        return refuse(response, 403, 'denied');
      if (link.passcode_proof && body.passcode_proof !== link.passcode_proof) {
        link.tries = (link.tries ?? 5) - 1;
        if (link.tries === 0) link.revoked = true;
        return refuse(response, 401, 'wrong_passcode', { remainingAttempts: link.tries });
      }
      if (!link.reader || body.reader !== link.reader) {
        link.openings = (link.openings ?? 0) + 1;
        link.recipient = body.recipient;
        link.reason = body.reason;
        link.reader = randomBytes(16).toString('base64url');
      }
      const now = Math.floor(Date.now() / 1000) + (link.clock ?? 0);
      if (link.delay) {
        link.opens_at ??= now + link.delay;
        if (now < link.opens_at)
          return answer(response, 202, {
            reader: link.reader,
            opens_at: link.opens_at,
            server_time: now,
          });
      }
      return answer(response, 200, {
        server_half: link.half.toString('base64url'),
        version: link.version,
        files: [...link.files].map(([id, jwe]) => ({ id, size: jwe.length })),
        reader: link.reader,
        reader_until: now + 900,
        server_time: now,
      });
    }
    if (bearer !== link.reader) return refuse(response, 404, 'link_not_active');
    if (action === 'files' && link.failures-- > 0) return request.socket.destroy();
    if (action === 'files') return answer(response, 200, link.files.get(file), 'application/jose');
    link.proof = (await body_of(request)).proof;
    return answer(response, 204, '');
  }

  async function shl_route(request, response, url, [path, , token]) {
    const shl = state.shls.get(path);
    if (!shl || shl.revoked) return refuse(response, 404, 'link_not_active');
    if (token) return answer(response, 200, shl.files[Number(token)].jwe, 'application/jose');
    if (shl.flag.includes('U')) {
      shl.recipient = url.searchParams.get('recipient');
      if (!shl.recipient) return refuse(response, 400, 'malformed');
      return answer(response, 200, shl.files[0].jwe, 'application/jose');
    }
    const body = await body_of(request);
    shl.recipient = body.recipient;
    if (!shl.recipient) return refuse(response, 400, 'malformed');
    if (shl.passcode && body.passcode !== shl.passcode) {
      shl.tries = (shl.tries ?? 5) - 1;
      return answer(response, 401, { remainingAttempts: shl.tries });
    }
    return answer(response, 200, {
      files: shl.files.map(({ type, jwe }, i) =>
        i % 2 === 0 && jwe.length <= (body.embeddedLengthMax ?? Infinity)
          ? { contentType: type, embedded: jwe }
          : { contentType: type, location: `${origin}/shl/${path}/files/${i}` },
      ),
    });
  }

  const server = createServer(async (request, response) => {
    const url = new URL(request.url, 'http://localhost');
    state.requests.push(`${request.method} ${url.pathname}`);
    try {
      const found = statics.get(url.pathname);
      if (found) {
        response.writeHead(200, { ...headers, 'Content-Type': found.type });
        return response.end(found.bytes);
      }
      if (state.broken) return request.socket.destroy();
      const steps = url.pathname.split('/').slice(1);
      if (steps[0] === 'v1' && steps[1] === 'links')
        return await link_route(request, response, steps.slice(2));
      if (steps[0] === 'shl') return await shl_route(request, response, url, steps.slice(1));
      return refuse(response, 404, 'not_found');
    } catch (error) {
      return refuse(response, 500, String(error));
    }
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const origin = `http://127.0.0.1:${server.address().port}`;
  return {
    origin,
    state,
    serve_link(link) {
      state.links.set(link.id, link);
      return `${origin}/v#${link.fragment}`;
    },
    serve_shl(shl) {
      state.shls.set(shl.path, shl);
      return `${origin}/v#${shl.at(origin)}`;
    },
    stop: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(done);
      }),
  };
}
