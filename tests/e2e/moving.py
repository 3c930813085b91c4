#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Moving bytes: few requests, nothing sent twice, what was cut goes on where it was, a slow line
finishes, a pause holds, and a watch hears of changes. With the real programs, over a line that the
script lays between them: it counts what it carries, can be slow, and can be cut."""
import json
import os
import queue
import random
import socket
import sys
import threading
import time

from crash import begin, kill_daemon, notes
from harness import Programs, Server, Suite, expect

PART = 4 << 20  # bytes: the most that a cut may cost a connection
LANES = 4
LARGE = 24 << 20  # bytes of the large document
PATIENCE = 60  # seconds that something is waited for before the test gives up


class Line:
    """TCP to a server: counts bytes each way, delays them, lets only so many through a second, and
    calls `at` once when so many went up (or down)."""

    def __init__(self, target_port):
        self.target_port = target_port
        self.lock = threading.Lock()
        self.up = self.down = 0
        self.rate = None  # bytes a second each way, shared by all connections
        self.delay = 0  # seconds one way
        self.free_at = [0.0, 0.0]
        self.alarm = None
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def reset(self):
        with self.lock:
            self.up = self.down = 0

    def when(self, way, size, act):
        """Calls act once when `size` bytes went this way from now on."""
        self.reset()
        self.alarm = (way, size, act)

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.target_port))
            except OSError:
                client.close()
                continue
            for one in (client, server):  # what is slow here is slow by intent
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for way, source, sink in ((0, client, server), (1, server, client)):
                pipe = queue.Queue(64)
                threading.Thread(target=self._read, args=(way, source, pipe), daemon=True).start()
                threading.Thread(target=self._write, args=(pipe, source, sink), daemon=True).start()

    def _read(self, way, source, pipe):
        try:
            while data := source.recv(16384):
                due = time.monotonic() + self.delay
                act = None
                with self.lock:
                    if way == 0:
                        self.up += len(data)
                    else:
                        self.down += len(data)
                    if self.rate:
                        start = max(time.monotonic(), self.free_at[way])
                        self.free_at[way] = start + len(data) / self.rate
                        due = self.free_at[way] + self.delay
                    if self.alarm and (self.up, self.down)[self.alarm[0]] >= self.alarm[1]:
                        act, self.alarm = self.alarm[2], None
                if act:
                    act()
                pipe.put((due, data))
        except OSError:
            pass
        pipe.put((0, b""))

    @staticmethod
    def _write(pipe, source, sink):
        try:
            while True:
                due, data = pipe.get()
                if not data:
                    break
                time.sleep(max(0, due - time.monotonic()))
                sink.sendall(data)
        except OSError:
            pass
        for one in (source, sink):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.listener.close()


class Moving:
    def __init__(self, programs):
        self.programs = programs
        self.server = Server(programs)
        self.line = Line(self.server.port)
        self.vault = programs.vault()
        self.vault.init()
        self.vault.run("server", "join", self.line.url, "--invite-file",
                       self.server.invite_file(), "--yes")
        self.vault.run("sync")

    def large(self, name):
        """A document that travels in parts; no two are alike, and none can be made smaller."""
        folder = self.programs.path(name)
        os.makedirs(folder)
        with open(os.path.join(folder, name + ".bin"), "wb") as out:
            out.write(random.Random(name).randbytes(LARGE))
        return folder

    def in_order(self, vault=None):
        vault = vault or self.vault
        status = vault.run("status").one()
        expect(status["pending"] == 0 and status["missing"] == 0, f"all is moved: {status}")
        told = vault.run("check", "--read-data", "--against-server").one()
        expect(told["ok"], f"check: {told}")

    def few_requests(self):
        folder = notes(self.programs, 600, "many")
        imported = self.vault.run("import", folder).rows[-1]["summary"]["imported"]
        first = self.vault.run("sync").one()
        expect(first["pushed"] == imported == 600, f"all went: {first}")
        expect(first["requests"] <= 40, f"600 documents in {first['requests']} requests")
        kept = self.server.admin("account list")[0]["used"]
        expect(first["bytes_up"] <= 1.05 * kept, f"{first['bytes_up']} bytes sent, {kept} kept")
        again = self.vault.run("sync").one()
        expect(again["requests"] == 1 and again["bytes_up"] == 0 and again["bytes_down"] < 200,
               f"nothing to do is one small request: {again}")
        self.vault.run("import", notes(self.programs, 1, "one more"))
        changed = self.vault.run("sync").one()
        expect(changed["requests"] == 3, f"look, send, append: {changed}")
        self.in_order()

    def rebuilt_packed(self):
        second = self.rebuild("packed")
        expect(self.told["missing"] == 0, f"every body: {self.told}")
        ours = {row["sha256"] for row in self.vault.run("list").rows}
        expect({row["sha256"] for row in second.run("list").rows} == ours, "byte for byte")
        deadline = time.monotonic() + PATIENCE
        while not second.run("search", "many numéro 599").rows:
            expect(time.monotonic() < deadline, "the words are read in the background")
            time.sleep(0.2)
        second.run("stop")

    def rebuild(self, name, check=True):
        second = self.programs.vault(name)
        done = second.run("rebuild", "--from-server", self.line.url, "--pin",
                          self.server.fingerprint, "--recovery-file", self.vault.recovery,
                          "--passphrase-file", second.passphrase, check=check)
        self.told = done.one() if done.rows else {}
        return second

    def daemon_dies_in_upload(self):
        self.vault.run("import", self.large("upload-a"))
        self.line.when(0, LARGE // 2, lambda: kill_daemon(self.vault))
        first = self.vault.run("sync", check=False)
        before = self.line.up
        expect(first.status != 0 and before >= LARGE // 2, f"cut half-way: {first.rows}")
        self.vault.unlock()
        self.line.reset()
        self.vault.run("sync")
        again = self.line.up + before - LARGE
        print(f"  daemon killed at {before}: {again} bytes more than the document and its padding")
        expect(again < 2 * PART, f"{again} bytes were sent twice")
        self.in_order()

    def server_dies_in_upload(self):
        self.vault.run("import", self.large("upload-b"))
        self.line.when(0, LARGE // 2, self.server.kill)
        first = self.vault.run("sync", check=False)
        before = self.line.up
        expect(first.status == 8, f"the server is gone: exit {first.status}, {first.rows}")
        self.server.start()
        self.line.reset()
        self.vault.run("sync")
        again = self.line.up + before - LARGE
        print(f"  server killed at {before}: {again} bytes more than the document and its padding")
        expect(again < 3 * PART, f"{again} bytes were sent twice")
        self.in_order()

    def daemon_dies_in_download(self):
        self.line.rate = 40 << 20
        total = sum(row["size"] for row in self.vault.run("list").rows)
        fetched = self.programs.vault("cut-short")
        self.line.when(1, (LARGE * 3) // 2, lambda: kill_daemon(fetched))
        self.rebuild("cut-short", check=False)
        before = self.line.down
        fetched.unlock()
        left = fetched.run("status").one()["missing"]
        expect(left > 0, "something was still to come")
        self.line.reset()
        fetched.run("sync")
        self.line.rate = None
        again = self.line.down + before - total
        print(f"  killed at {before} of about {total}: {again} bytes more than the documents, with "
              "padding and log")
        # Padding of the small ones and the log are in it, and a part for each connection.
        small = sum(max(0, 66_000 - row["size"]) for row in self.vault.run("list").rows)
        log = 4096 * self.vault.run("status").one()["head"]["seq"]
        expect(again < small + log + total // 8 + (LANES + 1) * PART, f"{again} bytes twice")
        self.in_order(fetched)
        fetched.run("stop")

    def slow_line(self):
        """2 Mbit/s and 300 ms there and back."""
        self.vault.run("import", notes(self.programs, 40, "slow"))
        self.line.rate, self.line.delay = 250_000, 0.15
        started = time.monotonic()
        done = self.vault.run("sync").one()
        print(f"  2 Mbit/s, 300 ms: {done['bytes_up']} bytes in {time.monotonic() - started:.0f} s, "
              f"{done['requests']} requests")
        self.line.rate, self.line.delay = None, 0
        self.in_order()

    def cuts(self):
        """A line that breaks again and again: each sync gets further, and the last one ends."""
        self.vault.run("import", notes(self.programs, 60, "cuts"))
        pending, turns = self.vault.run("status").one()["pending"], 0
        self.line.rate = 4 << 20
        while pending > 0:
            turns += 1
            expect(turns < 40, "it ends")
            cut = threading.Event()
            self.line.when(0, 2 << 20, cut.set)
            running = begin(self.vault, "sync")
            while running.poll() is None and not cut.wait(0.01):
                pass
            if cut.is_set():
                self.server.kill()
                self.server.start()
            running.communicate(timeout=PATIENCE)
            if running.returncode == 0:
                break
        self.line.rate = None
        self.vault.run("sync")
        self.in_order()

    def paused(self):
        self.vault.run("import", notes(self.programs, 3, "paused"))
        self.vault.run("sync", "--pause")
        refused = self.vault.run("sync", check=False)
        expect(refused.status == 1 and refused.code() == "sync_paused", f"{refused.rows}")
        self.vault.run("stop")
        self.vault.unlock()
        expect(self.vault.run("sync", check=False).code() == "sync_paused", "also after a restart")
        status = self.vault.run("status").one()
        expect(status["sync_paused"] and status["sync_stopped"]["code"] == "sync_paused",
               f"status says why: {status}")
        done = self.vault.run("sync", "--resume").one()
        expect(done["pushed"] == 3, f"it goes on: {done}")

    def pause_of_a_running_sync(self):
        self.vault.run("import", notes(self.programs, 200, "interrupted"))
        self.line.rate = 1 << 20
        begun = threading.Event()
        self.line.when(0, 300_000, begun.set)
        running = begin(self.vault, "sync")
        expect(begun.wait(PATIENCE), "it is on its way")
        self.vault.run("sync", "--pause")
        out, _ = running.communicate(timeout=PATIENCE)
        self.line.rate = None
        told = json.loads(out.splitlines()[-1])
        expect(running.returncode == 1 and told["error"]["code"] == "sync_paused", f"{told}")
        self.vault.run("sync", "--resume")
        self.in_order()

    def watched(self):
        second = self.rebuild("watching")
        running = begin(second, "sync", "--watch")
        heard = Rows(running)
        expect("head" in heard.next(), "how it stands")
        took = []
        for turn in range(3):
            self.vault.run("import", notes(self.programs, 1, f"watched-{turn}"))
            self.vault.run("sync")
            start = time.monotonic()
            row = heard.next()
            took.append(time.monotonic() - start)
            expect(row["pulled"] == 1, f"what came: {row}")
        print(f"  heard of after {', '.join(f'{t:.2f}' for t in took)} s")
        second.run("import", notes(self.programs, 1, "own"))
        row = heard.next()
        expect(row["pushed"] == 1, f"what went: {row}")
        expect(self.vault.run("sync").one()["pulled"] == 1, "and arrived")
        second.run("lock")
        status = running.wait(timeout=PATIENCE)
        expect(status == 5, f"a locked vault is not watched: exit {status}, {heard.rest()}")
        second.unlock()
        again = begin(second, "sync", "--watch")
        Rows(again).next()
        second.run("stop")
        expect(again.wait(timeout=PATIENCE) is not None, "a stopped daemon ends it")

    def watch_outlives_the_server(self):
        running = begin(self.vault, "sync", "--watch")
        heard = Rows(running)
        heard.next()
        self.server.kill()
        expect(heard.next().get("stopped") == "server_unreachable", "it says that nobody is there")
        self.server.start()
        other = self.programs.vault("watching")
        other.unlock()
        other.run("import", notes(self.programs, 1, "after the server came back"))
        other.run("sync")
        while "pulled" not in (row := heard.next()) or row["pulled"] == 0:
            pass
        running.terminate()
        running.wait(timeout=PATIENCE)
        expect(self.vault.run("status").one()["pending"] == 0, "the vault is there as before")


class Rows:
    """The lines of a running command, as they come."""

    def __init__(self, process):
        self.process = process
        self.lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(json.loads(line))
        self.lines.put(None)

    def next(self):
        row = self.lines.get(timeout=PATIENCE)
        expect(row is not None, "another line was to come")
        return row

    def rest(self):
        rows = []
        while (row := self.lines.get(timeout=PATIENCE)) is not None:
            rows.append(row)
        return rows


def main():
    with Programs(sys.argv[1]) as programs:
        suite = Suite()
        moving = Moving(programs)
        for sentence, body in (
                ("many documents take few requests, and nothing to do takes one", moving.few_requests),
                ("a second machine is rebuilt from packs, and reads them afterwards",
                 moving.rebuilt_packed),
                ("an upload goes on after the daemon was killed", moving.daemon_dies_in_upload),
                ("an upload goes on after the server was killed", moving.server_dies_in_upload),
                ("a download goes on after the daemon was killed", moving.daemon_dies_in_download),
                ("a slow line finishes", moving.slow_line),
                ("a line that is cut again and again finishes", moving.cuts),
                ("a pause holds until it is ended", moving.paused),
                ("a pause stops a sync that runs", moving.pause_of_a_running_sync),
                ("a watch hears of what comes and sends what is new", moving.watched),
                ("a watch outlives the server", moving.watch_outlives_the_server)):
            suite.test(sentence, body)
        moving.line.close()
        return suite.close()


if __name__ == "__main__":
    sys.exit(main())
