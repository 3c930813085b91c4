#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""The release programs, struck at single system calls: strace kills them there, or has the call say
that the disk is full or broken. What was acknowledged is there after the next start, `check` finds
nothing, and the same operation then goes through.

A run of each operation is traced first; points are drawn from its calls by a printed seed. The
ordinary run stops after about two minutes, or at fifty points of each operation;
COFFRET_CRASH_POINTS=50 strikes that many of each however long it takes, and COFFRET_CRASH_SEED draws others. What a power cut forgets is
walked in process (tests/vault/crash, tests/sync/crash): the kernel keeps what a killed program wrote.
"""
import collections
import itertools
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time

from harness import Failed, Programs, Server, Suite, expect

SEED = int(os.environ.get("COFFRET_CRASH_SEED", "20261128"))
POINTS = int(os.environ.get("COFFRET_CRASH_POINTS", "0"))
BUDGET = 120  # seconds of an ordinary run
CALLS = ("write", "pwrite64", "fsync", "fdatasync", "rename", "unlink", "ftruncate", "openat")
LINE = re.compile(r"^(\d+) +(\w+)\((.*)")
HOW = ("signal=KILL", "signal=KILL", "error=ENOSPC", "error=EIO")

Point = collections.namedtuple("Point", "call when how")


def permitted():
    """None, or why strace cannot be used here."""
    if not shutil.which("strace"):
        return "no strace: tools/setup --tests"
    probe = subprocess.run(["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=write", "-e",
                            "inject=write:error=ENOSPC:when=1000", "true"],
                           capture_output=True, check=False)
    return None if probe.returncode == 0 else f"ptrace is not permitted: {probe.stderr.decode()}"


def tracing(log, point=None):
    command = ["strace", "-f", "-qq", "-y", "-s", "8", "-o", log, "-e",
               "trace=" + ",".join(CALLS), "-e", "signal=none"]
    if point:
        command += ["-e", f"inject={point.call}:{point.how}:when={point.when}"]
    return command


def points_of(log, directory, seed):
    """Points in the order of a seed, drawn from the traced calls that touch the directory."""
    counts = collections.Counter()
    found = []
    with open(log, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            match = LINE.match(line)
            if not match:
                continue
            thread, call, rest = match.groups()
            counts[thread, call] += 1  # strace counts each thread apart
            reads = call == "openat" and "O_CREAT" not in rest
            if directory in rest and not reads:
                found.append((call, counts[thread, call]))
    expect(found, f"no call touches {directory}")
    dice = random.Random(seed)
    while True:
        call, when = dice.choice(found)
        yield Point(call, when, dice.choice(HOW))


def struck(log):
    with open(log, encoding="utf-8", errors="replace") as lines:
        text = lines.read()
    return "(INJECTED)" in text or "killed by SIGKILL" in text


def children(pid):
    """What strace was asked to run."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return [int(word) for word in file.read().split()]
    except OSError:
        return []


def end(tracer):
    """Waits for what strace runs. A blow may fall on a call that the trace of the whole run did not
    have there, such as one that only wakes a thread: what is deaf then is killed, as one more blow."""
    try:
        tracer.wait(timeout=60)
    except subprocess.TimeoutExpired:
        for child in children(tracer.pid):
            os.kill(child, signal.SIGKILL)
        tracer.wait(timeout=60)


class Operation:
    """One operation of one program; counts what was struck."""

    def __init__(self, programs, name):
        self.programs, self.name = programs, name
        self.asked = self.hit = 0
        self.points = None

    def log(self, which):
        return self.programs.path(f"trace-{self.name}-{which}.txt")

    def prepare(self):
        """Traces a run that nothing strikes."""
        self.turn(None, self.log("whole"))
        self.points = points_of(self.log("whole"), self.directory(), f"{SEED} {self.name}")

    def strike(self):
        point = next(self.points)
        log = self.log("struck")
        self.asked += 1
        try:
            self.turn(point, log)
            self.hit += struck(log)
            self.afterwards()
        except Exception as error:
            raise Failed(f"{self.name}, struck at {point}: {error}") from error


class OnVault(Operation):
    """A daemon under strace with the vault that its predecessor left."""

    def __init__(self, programs, server, name):
        super().__init__(programs, name)
        self.vault = programs.vault(name)
        self.vault.init()
        self.vault.join(server)
        self.vault.run("stop")
        self.turns = 0
        self.documents = set()

    def directory(self):
        return self.vault.directory

    def turn(self, point, log):
        self.turns += 1
        daemon = self.start(tracing(log, point))
        if daemon is not None:
            unlocked = self.vault.run("unlock", "--passphrase-file", self.vault.passphrase,
                                      check=False)
            if unlocked.status == 0:
                self.act()
            if daemon.poll() is None:
                self.vault.run("stop", check=False)
            end(daemon)

    def start(self, prefix=()):
        try:
            daemon, _ = self.programs.start(*prefix, self.programs.program("coffretd"), "--vault",
                                            self.vault.directory, "--listen", "none")
            return daemon
        except Failed:
            return None  # struck before it was ready

    def afterwards(self):
        """The next daemon finds all that was acknowledged."""
        self.vault.run("stop", check=False)  # one that a command started after the blow
        expect(self.start() is not None, "the daemon does not start again")
        unlocked = self.vault.run("unlock", "--passphrase-file", self.vault.passphrase, check=False)
        expect(unlocked.status == 0, f"does not open: {unlocked.rows} {unlocked.err}")
        there = {row["id"] for row in self.vault.run("list").rows}
        expect(self.documents <= there, f"acknowledged and lost: {self.documents - there}")
        checked = self.vault.run("check", "--read-data", check=False).one()
        expect(checked.get("ok"), f"check: {checked}")
        self.again()
        self.vault.run("stop")

    def note(self):
        path = self.programs.path(f"{self.name}-{self.turns}.txt")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"note {self.name} {self.turns}\n" + "mesure " * 50)
        big = self.programs.path(f"{self.name}-{self.turns}-long.txt")
        with open(big, "w", encoding="utf-8") as file:
            file.write(f"{self.name} {self.turns} " + "longue mesure\n" * 90_000)
        return [path, big]

    def import_note(self):
        done = self.vault.run("import", *self.note(), check=False)
        self.documents |= {row["id"] for row in done.rows if row.get("outcome") == "imported"}


class Import(OnVault):
    def act(self):
        self.import_note()

    def again(self):
        rows = self.vault.run("import", *self.note()).rows
        expect(rows[-1]["summary"]["refused"] == 0, f"the same import completes: {rows}")


class Sync(OnVault):
    def act(self):
        self.import_note()
        if self.vault.run("sync", check=False).status == 0:
            expect(self.vault.run("status").one()["pending"] == 0, "acknowledged and pending")

    def again(self):
        self.vault.run("sync")
        expect(self.vault.run("status").one()["pending"] == 0, "everything is pushed")


class Grant(OnVault):
    def __init__(self, programs, server, name):
        super().__init__(programs, server, name)
        expect(self.start() is not None, "starts")
        self.vault.unlock()
        self.import_note()
        self.vault.run("stop")
        self.granted, self.revoked = set(), set()

    def act(self):
        one = sorted(self.documents)[0]
        made = self.vault.run("grant", "create", "--to", f"Dr {self.turns}", "--for", "1h",
                              "--document", one, check=False)
        if made.status == 0:
            self.granted.add(made.one()["id"])
        for ended in sorted(self.granted - self.revoked)[:1]:
            if self.vault.run("grant", "revoke", ended, check=False).status == 0:
                self.revoked.add(ended)

    def again(self):
        states = {row["id"]: row["state"] for row in self.vault.run("grant", "list").rows}
        expect(self.granted <= set(states), f"granted and lost: {self.granted - set(states)}")
        expect(all(states[one] == "revoked" for one in self.revoked), f"revoked: {states}")
        self.vault.run("sync")


class Init(Operation):
    """A vault made, or made again."""

    def directory(self):
        return self.programs.path("made")

    def run(self, vault):
        recovery = self.programs.path("made.recovery")
        if os.path.exists(recovery):
            os.remove(recovery)
        return vault.run("init", "--owner", "Camille EXEMPLE", "--passphrase-file",
                         vault.passphrase, "--recovery-out", recovery, check=False)

    def turn(self, point, log):
        shutil.rmtree(self.directory(), ignore_errors=True)
        os.mkdir(self.directory(), 0o700)
        self.vault = self.programs.vault("made")
        self.made = False
        try:
            daemon, _ = self.programs.start(*tracing(log, point), self.programs.program("coffretd"),
                                            "--vault", self.directory(), "--listen", "none")
        except Failed:
            return
        self.made = self.run(self.vault).status == 0
        for child in children(daemon.pid):  # where no vault was made, `stop` finds none to stop
            os.kill(child, signal.SIGTERM)
        end(daemon)

    def afterwards(self):
        self.vault.run("stop", check=False)
        unlocked = self.vault.run("unlock", "--passphrase-file", self.vault.passphrase, check=False)
        if unlocked.status != 0:
            expect(unlocked.code() == "never_initialised" and not self.made,
                   f"neither a vault nor none: {unlocked.rows}")
            again = self.run(self.vault)
            expect(again.status == 0, f"init again: {again.rows} {again.err}")
        expect(self.vault.run("check", "--read-data").one()["ok"], "check finds no problem")
        self.vault.run("stop")


class Serving(Operation):
    """The server, while a vault sends it documents and grants."""

    def __init__(self, programs, name):
        super().__init__(programs, name)
        self.server = Server(programs, name="served")
        self.vault = programs.vault("sender")
        self.vault.init()
        self.vault.join(self.server)
        self.server.stop()
        self.turns = 0

    def directory(self):
        return self.server.data

    def start(self, prefix=()):
        self.server.process, self.server.ready = self.programs.start(
            *prefix, self.programs.program("coffret-server"), "serve", "--data", self.server.data,
            "--listen", f"127.0.0.1:{self.server.port}", "--admin", "127.0.0.1:0")

    def turn(self, point, log):
        self.turns += 1
        path = self.programs.file(f"sent-{self.turns}.txt", f"note {self.turns}\n" + "mot " * 99)
        self.vault.run("import", path)
        try:
            self.start(tracing(log, point))
        except Failed:
            return
        one = self.vault.run("list").rows[0]["id"]
        self.pushed = self.vault.run("sync", check=False).status == 0
        self.vault.run("grant", "create", "--to", f"Dr {self.turns}", "--for", "1h", "--document",
                       one, check=False)
        for child in children(self.server.process.pid):
            os.kill(child, signal.SIGTERM)
        end(self.server.process)

    def afterwards(self):
        self.start()
        self.vault.run("sync")
        agreed = self.vault.run("check", "--against-server").one()
        expect(agreed["ok"], f"vault and server agree: {agreed}")
        self.server.stop()


def strike_all(operations):
    """In turns, until each has its points or the time is over. A point that another thread reaches
    in this run than in the traced one is not struck; three tries for each are enough."""
    started = time.time()
    wanted = POINTS or 50
    for turn in itertools.count():
        open_ones = [o for o in operations
                     if not o.error and o.hit < wanted and turn < 3 * wanted]
        for operation in open_ones:
            if POINTS == 0 and time.time() - started > BUDGET:
                return
            try:
                operation.strike()
            except Failed as error:
                operation.error = error
        if not open_ones:
            return


def main():
    suite = Suite()
    why = permitted()
    if why:
        suite.skip("the programs struck at single system calls", why)
        print("0 passed, 0 failed, 1 skipped")
        return 0
    print(f"seed {SEED}")
    with Programs(sys.argv[1]) as programs:
        server = Server(programs)
        operations = [Import(programs, server, "import"), Sync(programs, server, "sync"),
                      Grant(programs, server, "grant"), Init(programs, "init"),
                      Serving(programs, "server")]
        for operation in operations:
            operation.error = None
            operation.prepare()
        strike_all(operations)
        for operation in operations:

            def told(operation=operation):
                if operation.error:
                    raise operation.error
                expect(operation.hit > 0, "nothing was struck")

            suite.test(f"{operation.name}: {operation.hit} of {operation.asked} points struck",
                       told)
    return suite.close()


if __name__ == "__main__":
    sys.exit(main())
