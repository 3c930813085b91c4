#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""A log that is long against what it says, with the real programs: the device writes a checkpoint,
a new device begins at it and is usable at once, and the rest of the history is read by itself."""
import glob
import json
import os
import socket
import struct
import subprocess
import sys
import time

from harness import DOCUMENTS, Programs, Server, Suite, expect

RENAMED = 4300  # times: a checkpoint is worth its room behind 4,096 entries
MOST_SECONDS = 120


def received(line, size):
    got = b""
    while len(got) < size:
        piece = line.recv(size - len(got))
        if not piece:
            raise OSError("the daemon closed its socket")
        got += piece
    return got


def frame(line):
    kind, size = struct.unpack("<BI", received(line, 5))
    return kind, received(line, size)


def asked(path, **arguments):
    """One command on the daemon's socket, without a program for each (vault/daemon/frame.hpp)."""
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(path)
        expect(frame(line)[0] == 7, "the daemon is ready")
        text = json.dumps({**arguments, "secrets": []}).encode()
        line.sendall(b"CFR1" + struct.pack("<I", len(text)) + text + b"\0")
        while True:
            kind, payload = frame(line)
            if kind in (5, 6):
                return kind == 5, json.loads(payload)


class LongLog:
    def __init__(self, programs):
        self.programs = programs
        self.server = Server(programs)
        self.first = programs.vault("first")

    def rebuild(self, name, *flags):
        vault = self.programs.vault(name)
        told = vault.run("rebuild", "--from-server", self.server.url, "--pin",
                         self.server.fingerprint, "--recovery-file", self.first.recovery,
                         "--passphrase-file", vault.passphrase, *flags).one()
        return vault, told

    def history_of(self, vault):
        return vault.run("status").one()["history"]

    def read_to_the_end(self, vault):
        end = time.monotonic() + MOST_SECONDS
        while not self.history_of(vault)["complete"]:
            expect(time.monotonic() < end, f"read in time: {self.history_of(vault)}")
            time.sleep(0.2)
        expect(vault.run("check", "--read-data").one()["ok"], "all is in order")
        stick = self.programs.path(os.path.basename(vault.directory) + ".age")
        made = vault.run("backup", "--out", stick).one()
        expect(made["entries"] > RENAMED, f"a backup of the whole log: {made}")

    def written(self):
        self.first.init()
        self.first.run("import", DOCUMENTS)
        self.first.join(self.server)
        self.first.run("sync")
        self.one = self.first.run("list").rows[0]["id"]
        (path,) = glob.glob(os.path.join(self.programs.runtime, "coffret", "*.sock"))
        for number in range(RENAMED):
            good, told = asked(path, command="edit", id=self.one, title=f"Nom {number}")
            expect(good, f"renamed: {told}")
        before = self.first.run("status").one()["head"]["seq"]
        synced = self.first.run("sync").one()
        expect(synced["head"]["seq"] == before + 1, f"a checkpoint behind them: {synced}")
        again = self.first.run("sync").one()
        expect(again["pushed"] == 0 and again["requests"] == 1, f"and no other: {again}")

    def begun(self):
        vault, told = self.rebuild("second")
        documents = self.first.run("status").one()["documents"]
        expect(told["documents"] == documents and told["missing"] == 0, f"all is there: {told}")
        expect(not told["history"]["complete"], f"before the history is: {told}")
        expect(vault.run("show", self.one).one()["title"] == f"Nom {RENAMED - 1}", "the last name")
        stick = self.programs.path("early.age")
        early = vault.run("backup", "--out", stick, check=False)
        if early.status != 0:  # not read meanwhile
            expect(early.status == 8 and early.code() == "history_unread", f"told: {early.out}")
            expect(not os.path.exists(stick), "and nothing written")
        vault.run("note", "add", "--text", "Écrit sur le second")
        vault.run("sync")
        self.read_to_the_end(vault)
        edits = vault.run("history", self.one).rows[0]["edits"]
        expect(len(edits) == RENAMED, f"every name it ever had: {len(edits)}")
        vault.run("stop")

    def paired(self):
        third = self.programs.vault("third")
        coffret = self.programs.program("coffret")
        inviting = subprocess.Popen(
            [coffret, "--vault", self.first.directory, "--json", "device", "invite"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=self.programs.env)
        code = json.loads(inviting.stdout.readline())["code"]
        joining = subprocess.Popen(
            [coffret, "--vault", third.directory, "--json", "device", "join", "-",
             "--passphrase-file", third.passphrase],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=self.programs.env)
        self.programs.started += [inviting, joining]
        joining.stdin.write(code.encode() + b"\n")
        joining.stdin.close()
        words = json.loads(joining.stdout.readline())["words"]
        json.loads(inviting.stdout.readline())
        self.first.run("device", "confirm", "--words", words)
        expect(inviting.wait(timeout=MOST_SECONDS) == 0, "the invitation ended well")
        last = json.loads(joining.stdout.read().splitlines()[-1])
        expect(joining.wait(timeout=MOST_SECONDS) == 0, f"it joined: {last}")
        expect(last["missing"] == 0 and "history" in last, f"all is there: {last}")
        self.read_to_the_end(third)

    def whole(self):
        _, told = self.rebuild("fourth", "--whole-history")
        expect(told["history"]["complete"], f"all of it at once: {told}")


def main():
    suite = Suite()
    with Programs(sys.argv[1]) as programs:
        story = LongLog(programs)
        suite.test("a device writes a checkpoint when its log is long against what it says",
                   story.written)
        suite.test("a new device is usable before it has read the history, and reads it",
                   story.begun)
        suite.test("so does one that another device lets in", story.paired)
        suite.test("and one that asks for all of the history first", story.whole)
    return suite.close()


if __name__ == "__main__":
    sys.exit(main())
