// SPDX-License-Identifier: EUPL-1.2
//
// reader.mjs: asks coffret-reader for a page, as the daemon does (include/coffret/reading.hpp).
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { root } from './browser.mjs';

const binaries = resolve(process.env.COFFRET_BIN ?? join(root, 'build/release/bin'));
const program = join(binaries, 'coffret-reader');
const render = 3;
const french = 0;

const u32 = (value) => {
  const raw = Buffer.alloc(4);
  raw.writeUInt32LE(value);
  return raw;
};

// The page's HTML, or undefined where the document is refused.
export async function render_document(bytes, file_name) {
  const name = Buffer.from(file_name);
  const request = Buffer.concat([
    Buffer.from([render]),
    u32(name.length),
    name,
    u32(bytes.length),
    u32(0),
    u32(0),
    Buffer.from([french]),
    u32(0),
  ]);
  const reader = spawn(program, ['parse'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const chunks = [];
  reader.stdout.on('data', (chunk) => chunks.push(chunk));
  reader.stdin.end(Buffer.concat([u32(request.length), request, bytes]));
  const status = await new Promise((done) => reader.on('close', done));
  const answer = Buffer.concat(chunks);
  if (status !== 0 || answer.length < 12) throw new Error(`coffret-reader ended with ${status}`);
  if (answer.readUInt32LE(4) !== 0) return undefined;
  return answer.subarray(12).toString('utf8');
}
