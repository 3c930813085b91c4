#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""kill -9 of daemon and server in the middle of import, sync and grant: what was acknowledged is
there, what was not is absent or whole, and everything goes on afterwards."""
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time

from harness import Programs, Server, Suite, expect

ROUNDS = 6
SEED = 20261123


def notes(programs, count, name):
    """A folder of small text documents, each with a body of its own."""
    folder = programs.path(name)
    os.makedirs(folder)
    for i in range(count):
        with open(os.path.join(folder, f"{i:04}.txt"), "w", encoding="utf-8") as file:
            file.write(f"note {name} numéro {i}\n" + "mesure du jour " * (20 + i % 50))
    return folder


def daemon_of(vault):
    """The process id of the vault's daemon, found by what it was started with."""
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/cmdline", "rb") as file:
                argv = file.read().split(b"\0")
        except OSError:
            continue
        if argv[0].endswith(b"/coffretd") and vault.directory.encode() in argv:
            return int(entry)
    return None


def begin(vault, *words):
    command = [vault.programs.program("coffret"), "--vault", vault.directory, "--json", *words]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL, env=vault.programs.env)


def kill_after(seconds, kill):
    timer = threading.Timer(seconds, kill)
    timer.start()
    return timer


def kill_daemon(vault):
    pid = daemon_of(vault)
    if pid is not None:
        os.kill(pid, signal.SIGKILL)


def imported_ids(output):
    acknowledged = set()
    for line in output.decode().splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if row.get("outcome") == "imported":
            acknowledged.add(row["id"])
    return acknowledged


class Crash:
    def __init__(self, programs):
        self.programs = programs
        self.random = random.Random(SEED)
        self.server = Server(programs)
        self.vault = programs.vault()
        self.vault.init()
        self.vault.join(self.server)

    def in_order(self):
        expect(self.vault.run("check", "--read-data").one()["ok"], "check finds no problem")

    def daemon_dies_in_import(self):
        acknowledged = set()
        for turn in range(ROUNDS):
            folder = notes(self.programs, 300, f"import-{turn}")
            running = begin(self.vault, "import", folder)
            timer = kill_after(self.random.uniform(0.02, 0.6), lambda: kill_daemon(self.vault))
            output, _ = running.communicate(timeout=120)
            timer.join()
            acknowledged |= imported_ids(output)
            self.vault.unlock()
            there = {row["id"] for row in self.vault.run("list").rows}
            expect(acknowledged <= there, f"acknowledged and lost: {acknowledged - there}")
            self.in_order()
            rest = self.vault.run("import", folder).rows
            expect(rest[-1]["summary"]["refused"] == 0, "the same folder again completes")
            acknowledged |= {row["id"] for row in rest[:-1]}
        expect(len(self.vault.run("list").rows) == ROUNDS * 300, "each note once")

    def daemon_dies_in_sync(self):
        for _ in range(ROUNDS):
            running = begin(self.vault, "sync")
            timer = kill_after(self.random.uniform(0.05, 1.0), lambda: kill_daemon(self.vault))
            running.communicate(timeout=300)
            timer.join()
            self.vault.unlock()
        done = self.vault.run("sync").one()
        expect(self.vault.run("status").one()["pending"] == 0, f"all pushed: {done}")
        expect(self.vault.run("check", "--against-server").one()["ok"], "vault and server agree")

    def server_dies_in_sync(self):
        for turn in range(ROUNDS):
            self.vault.run("import", notes(self.programs, 40, f"sync-{turn}"))
            running = begin(self.vault, "sync")
            timer = kill_after(self.random.uniform(0.02, 0.8), self.server.kill)
            running.communicate(timeout=300)
            timer.join()
            self.server.start()
            self.vault.run("sync")
            expect(self.vault.run("check", "--against-server").one()["ok"],
                   "vault and server agree")

    def server_dies_in_grant(self):
        one = self.vault.run("list").rows[0]["id"]
        for turn in range(ROUNDS):
            running = begin(self.vault, "grant", "create", "--to", f"Dr {turn}", "--for", "1h",
                            "--openings", "1", "--document", one)
            timer = kill_after(self.random.uniform(0.0, 0.15), self.server.kill)
            output, _ = running.communicate(timeout=120)
            timer.join()
            self.server.start()
            if running.returncode != 0:
                continue
            link = self.programs.file("link", json.loads(output)["link"])
            self.vault.run("redeem", "@" + link, "--out", self.programs.path(f"got-{turn}"))
            again = self.vault.run("redeem", "@" + link, "--out", self.programs.path("no"),
                                   check=False)
            expect(again.code() == "link_not_active", f"counted durably: {again.rows}")
        granted = self.vault.run("grant", "list").rows
        expect(len({g["id"] for g in granted}) == len(granted), "each grant once")

    def opening_survives(self):
        one = self.vault.run("list").rows[0]["id"]
        shared = self.vault.run("grant", "create", "--to", "Dr Une", "--for", "1h", "--openings",
                                "1", "--document", one).one()
        link = self.programs.file("link", shared["link"])
        self.vault.run("redeem", "@" + link, "--out", self.programs.path("once"))
        self.server.kill()
        self.server.start()
        again = self.vault.run("redeem", "@" + link, "--out", self.programs.path("twice"),
                               check=False)
        expect(again.code() == "link_not_active", f"the count outlives the server: {again.rows}")

    def rebuilt(self):
        self.vault.run("sync")
        second = self.programs.vault("second")
        second.run("rebuild", "--from-server", self.server.url, "--pin", self.server.fingerprint,
                   "--recovery-file", self.vault.recovery, "--passphrase-file", second.passphrase)
        ours = {row["sha256"] for row in self.vault.run("list").rows}
        expect({row["sha256"] for row in second.run("list").rows} == ours, "byte for byte")


def main():
    suite = Suite()
    started = time.time()
    print(f"seed {SEED}")
    with Programs(sys.argv[1]) as programs:
        crash = Crash(programs)
        for sentence, body in (
                ("the daemon dies while importing", crash.daemon_dies_in_import),
                ("the daemon dies while syncing", crash.daemon_dies_in_sync),
                ("the server dies while a vault syncs", crash.server_dies_in_sync),
                ("the server dies while a grant is made", crash.server_dies_in_grant),
                ("a counted opening outlives the server", crash.opening_survives),
                ("after all of it a second machine is rebuilt", crash.rebuilt)):
            suite.test(sentence, body)
    print(f"{time.time() - started:.0f} s")
    return suite.close()


if __name__ == "__main__":
    sys.exit(main())
