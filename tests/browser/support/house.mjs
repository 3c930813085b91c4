// SPDX-License-Identifier: EUPL-1.2
//
// house.mjs: the real programs, as an association and a patient run them: a server with its own
// certificate on a free loopback port, and a vault joined to it that holds the sample documents.
// COFFRET_BIN_DIR names another build's programs. Everything is ended by close().
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { root } from './browser.mjs';

const execute = promisify(execFile);
const bin = resolve(process.env.COFFRET_BIN_DIR ?? join(root, 'build/release/bin'));

const lines_of = (text) =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line));

export async function open_house() {
  const scratch = mkdtempSync(join(tmpdir(), 'coffret-browser-'));
  const house = new House(scratch);
  try {
    await house.furnish();
  } catch (error) {
    await house.close();
    throw error;
  }
  return house;
}

class House {
  #scratch;
  #environment;
  #server;
  #files = 0;

  constructor(scratch) {
    this.#scratch = scratch;
    mkdirSync(join(scratch, 'run'), { mode: 0o700 });
    this.#environment = {
      PATH: process.env.PATH,
      HOME: scratch,
      LANG: 'fr_FR.UTF-8',
      TZ: 'Europe/Paris',
      XDG_RUNTIME_DIR: join(scratch, 'run'),
    };
  }

  async furnish() {
    const data = join(this.#scratch, 'server');
    const about = ['--name', 'Association Exemple', '--country', 'FR'];
    await this.#server_command('init', ...about, '--contact', 'contact@association.example');
    this.origin = await this.#serve(data);
    this.certificate = join(data, 'tls/certificate.pem');

    const passphrase = this.file('une phrase secrète de démonstration\n');
    const recovery = join(this.#scratch, 'recovery');
    const secrets = ['--passphrase-file', passphrase, '--recovery-out', recovery];
    await this.vault('init', '--owner', 'Camille EXEMPLE', ...secrets);
    await this.vault('import', join(root, 'tools/demo/documents'));
    const [invite] = await this.#server_command('invite');
    const invited = ['--invite-file', this.file(invite.code)];
    await this.vault('server', 'join', this.origin, ...invited, '--yes');
    await this.vault('sync');
    this.documents = new Map((await this.vault('list')).map((row) => [row.title, row]));
  }

  async close() {
    await this.vault('stop').catch(() => undefined);
    try {
      if (this.#server?.exitCode === null) await this.#end_server();
    } finally {
      rmSync(this.#scratch, { recursive: true, force: true });
    }
  }

  // A server that does not stop is a failure of its own, not a test that never ends.
  async #end_server() {
    const ended = once(this.#server, 'exit');
    const late = setTimeout(() => this.#server.kill('SIGKILL'), 30_000);
    this.#server.kill('SIGTERM');
    const [status, signal] = await ended;
    clearTimeout(late);
    assert.deepEqual([status, signal], [0, null], 'coffret-server did not stop when asked');
  }

  // A command of the patient; the lines of JSON that it answers. Throws on any exit but 0.
  async vault(...words) {
    const vault = join(this.#scratch, 'vault');
    return this.#run('coffret', '--vault', vault, '--json', ...words);
  }

  // `titles`: of the documents to share; none: all of them.
  async grant({ titles, lasts = '1h', flags = [], to = 'Dr Alice Martin' } = {}) {
    const chosen = titles
      ? titles.flatMap((title) => ['--document', this.documents.get(title).id])
      : ['--all'];
    const words = ['--to', to, '--for', lasts, ...chosen, ...flags];
    return (await this.vault('grant', 'create', ...words))[0];
  }
  async grant_now(id) {
    return (await this.vault('grant', 'show', id))[0];
  }
  async openings(id) {
    return this.vault('access-log', '--grant', id);
  }

  file(content) {
    const path = join(this.#scratch, `file-${++this.#files}`);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  }
  server_folder() {
    return join(this.#scratch, 'server');
  }
  server_log() {
    return readFileSync(join(this.#scratch, 'server.log'), 'utf8');
  }

  async #server_command(command, ...words) {
    const data = join(this.#scratch, 'server');
    return this.#run('coffret-server', command, '--data', data, '--json', ...words);
  }

  async #serve(data) {
    const log = openSync(join(this.#scratch, 'server.log'), 'w');
    const listeners = ['--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0'];
    this.#server = spawn(join(bin, 'coffret-server'), ['serve', '--data', data, ...listeners], {
      env: this.#environment,
      stdio: ['ignore', 'pipe', log],
    });
    closeSync(log);
    for await (const line of createInterface({ input: this.#server.stdout }))
      return JSON.parse(line).url;
    throw new Error(`coffret-server did not start: ${this.server_log()}`);
  }

  async #run(program, ...words) {
    const running = execute(join(bin, program), words, {
      env: this.#environment,
      timeout: 120_000,
      maxBuffer: 1 << 26,
    });
    running.child.stdin.end();
    const { stdout } = await running.catch((error) =>
      assert.fail(`${program} ${words.join(' ')}: ${error.stdout}${error.stderr}`),
    );
    return lines_of(stdout);
  }
}
