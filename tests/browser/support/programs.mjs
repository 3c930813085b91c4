// SPDX-License-Identifier: EUPL-1.2
//
// programs.mjs: the real programs for browser tests: a server on a free loopback port, a vault with
// the sample documents, joined to it. Everything lies in one temporary folder, removed by stop().
import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { root } from './browser.mjs';

const run = promisify(execFile);
// What the release build made; COFFRET_BIN names another build's folder.
const programs = resolve(process.env.COFFRET_BIN ?? join(root, 'build/release/bin'));

const lines_of = (text) =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line));

export async function start_programs() {
  const folder = mkdtempSync(join(tmpdir(), 'coffret-browser-'));
  const file = (name, content) => {
    const path = join(folder, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  };
  const runtime = join(folder, 'run');
  mkdirSync(runtime, { mode: 0o700 });
  const env = { PATH: process.env.PATH, HOME: folder, LANG: 'fr_FR.UTF-8', XDG_RUNTIME_DIR: runtime };
  const call = async (program, ...words) =>
    lines_of((await run(join(programs, program), words, { env, timeout: 120_000 })).stdout);

  const data = join(folder, 'server');
  const about = ['--name', 'Association Exemple', '--country', 'FR', '--contact', 'contact@association.example'];
  await call('coffret-server', 'init', '--data', data, ...about, '--json');
  const places = ['--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0'];
  const server = spawn(join(programs, 'coffret-server'), ['serve', '--data', data, ...places], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = new Promise((done) => server.once('exit', done));
  const ready = await new Promise((done, fail) => {
    createInterface({ input: server.stdout }).once('line', (line) => done(JSON.parse(line)));
    server.once('exit', () => fail(new Error('coffret-server did not start')));
  });

  const passphrase = file('passphrase', 'une phrase de test\n');
  const vault = (...words) =>
    call('coffret', '--vault', join(folder, 'vault'), '--passphrase-file', passphrase, '--json', ...words);
  await vault('init', '--owner', 'Camille Exemple', '--recovery-out', join(folder, 'recovery'));
  await vault('import', join(root, 'tools/demo/documents'));
  const [invite] = await call('coffret-server', 'invite', '--data', data, '--json');
  await vault('server', 'join', ready.url, '--invite-file', file('invite', `${invite.code}\n`), '--yes');

  return {
    origin: ready.url,
    certificate: ready.certificate,
    vault,
    file,
    async stop() {
      await vault('stop');
      server.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
