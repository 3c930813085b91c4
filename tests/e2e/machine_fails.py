#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""The machine turns against the vault: disks fill up or go read-only, files change hands, rot, or
are put back from an old copy, links are planted where ours should be. Each time: a stable code, the
exit status of the contract, a sentence in both languages, and nothing lost."""
import glob
import hashlib
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import time

from crash import begin, daemon_of, imported_ids, notes
from harness import (DOCUMENTS, Programs, Server, Suite, as_another, expect, in_own_mounts, refused)

ROOM = 64 * 1024  # KiB: enough for everything


def fill(place, leave=0):
    """Takes all the room of a small disk but `leave` bytes; returns the file to take away."""
    path = os.path.join(place, "filler")
    with open(path, "wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            file.truncate(max(0, file.tell() - leave))
    return path


def digests(vault):
    return {row["sha256"] for row in vault.run("list").rows}


def in_order(vault, *flags):
    expect(vault.run("check", "--read-data", *flags).one()["ok"], "check finds no problem")


def large_notes(programs, name, count=4, size=1_500_000):
    """Documents that are files of their own in the vault."""
    folder = programs.path(name)
    os.makedirs(folder)
    for i in range(count):
        with open(os.path.join(folder, f"{i}.txt"), "w", encoding="utf-8") as file:
            file.write(f"grand relevé {i}\n" + "mesure\n" * (size // 7))
    return folder


class FullDisk:
    def __init__(self, programs):
        self.programs = programs

    def init(self):
        disk = self.programs.disk("small-init", 8)
        vault = self.programs.vault("small-init")
        words = ["init", "--passphrase-file", vault.passphrase, "--recovery-out",
                 self.programs.path("small.sheet")]
        for kib in (8, 32, 64, 128):
            self.programs.resize(disk, kib)
            refused(vault, 1, "disk_full", *words, languages=kib == 64)
            expect(not os.path.exists(os.path.join(disk, "keyslot")) and
                   not os.path.exists(self.programs.path("small.sheet")), "no vault, no sheet")
        self.programs.resize(disk, ROOM)
        vault.init()
        vault.run("import", DOCUMENTS)
        in_order(vault)

    def sheet(self):
        """A vault whose sheet could not be kept would be a vault that can never be rebuilt."""
        disk = self.programs.disk("small-sheet", 64)
        filler = fill(disk)
        vault = self.programs.vault("no-sheet")
        words = ["init", "--passphrase-file", vault.passphrase, "--recovery-out",
                 os.path.join(disk, "sheet")]
        refused(vault, 1, "disk_full", *words)
        expect(os.listdir(disk) == ["filler"], f"no empty sheet: {os.listdir(disk)}")
        expect(not os.path.exists(os.path.join(vault.directory, "keyslot")), "no vault")
        os.remove(filler)
        vault.run(*words)
        with open(os.path.join(disk, "sheet"), "rb") as file:
            sheet = file.read()
        expect(sheet.startswith(b"coffret-recovery: 1") and b"\0" not in sheet, f"whole: {sheet}")
        vault.run("stop")

    def importing(self):
        disk = self.programs.disk("small-import", 1280)
        vault = self.programs.vault("small-import")
        vault.init()
        for folder in (notes(self.programs, 400, "many"), large_notes(self.programs, "large")):
            done = refused(vault, 1, "disk_full", "import", folder, languages=False)
            acknowledged = {row["id"] for row in done.rows if row.get("outcome") == "imported"}
            there = {row["id"] for row in vault.run("list").rows}
            expect(acknowledged <= there, f"acknowledged and lost: {acknowledged - there}")
        refused(vault, 1, "disk_full", "import", folder)
        in_order(vault)
        vault.run("stop")
        vault.unlock()
        expect({row["id"] for row in vault.run("list").rows} >= there, "and after a new start")
        self.programs.resize(disk, ROOM)
        for name in ("many", "large"):
            rows = vault.run("import", self.programs.path(name)).rows
            expect(rows[-1]["summary"]["refused"] == 0, f"goes on where there is room: {rows[-1]}")
        expect(len(vault.run("list").rows) == 404, "each once")
        in_order(vault)
        vault.run("stop")

    def pulling(self):
        server = Server(self.programs)
        first = self.programs.vault("pushes")
        first.init()
        first.join(server)
        first.run("sync")
        disk = self.programs.disk("pulls", ROOM)
        second = self.programs.vault("pulls")
        second.run("rebuild", "--from-server", server.url, "--pin", server.fingerprint,
                   "--recovery-file", first.recovery, "--passphrase-file", second.passphrase)
        first.run("import", notes(self.programs, 200, "pulled"),
                  large_notes(self.programs, "pulled-large", 2))
        first.run("sync")
        filler = fill(disk, 1_000_000)
        refused(second, 1, "disk_full", "sync")
        second.run("list")
        second.run("stop")
        second.unlock()
        os.remove(filler)
        second.run("sync")
        expect(digests(second) == digests(first), "the same bytes")
        in_order(second, "--against-server")
        for vault in (first, second):
            vault.run("stop")
        server.stop()

    def server(self):
        disk = self.programs.disk("full-server", ROOM)
        server = Server(self.programs, name="full-server")
        vault = self.programs.vault("member")
        vault.init()
        vault.join(server)
        vault.run("import", notes(self.programs, 30, "before"))
        vault.run("sync")
        one = vault.run("list").rows[0]["id"]
        make = ["grant", "create", "--to", "Dr Plein", "--for", "1h", "--document", one]
        made = [vault.run(*make).one() for _ in range(2)]
        vault.run("import", notes(self.programs, 30, "after"),
                  large_notes(self.programs, "after-large", 2))
        filler = fill(disk)
        # What fails inside a server is told to its operator; a member hears that it failed.
        refused(vault, 8, "server_error", "sync")
        refused(vault, 8, "server_error", *make)
        expect('"disk_full"' in server.log(), f"the operator is told: {server.log()[-600:]}")
        expect(len(vault.run("grant", "list").rows) == 2, "no grant that nobody could open")
        link = self.programs.file("link", made[0]["link"])
        open_it = ["redeem", "@" + link, "--out", self.programs.path("opened")]
        refused(vault, 8, "server_error", *open_it)
        refused(vault, 8, "server_error", "grant", "revoke", made[1]["id"], languages=False)
        states = {g["id"]: g["state"] for g in vault.run("grant", "list").rows}
        expect(states[made[1]["id"]] == "revoking", f"not yet ended, and it says so: {states}")
        server.kill()
        os.remove(filler)
        server.start()
        vault.run(*open_it)
        vault.run("sync")
        ended = vault.run("grant", "show", made[1]["id"]).one()
        expect(ended["state"] == "revoked", f"ended as soon as it can be: {ended}")
        vault.run(*make)
        in_order(vault, "--against-server")
        lines = [r["outcome"] for r in vault.run("access-log", "--grant", made[0]["id"]).rows]
        expect(lines.count("delivered") == 1, f"one opening was given, one is written: {lines}")
        vault.run("stop")
        server.stop()


class Ownership:
    def __init__(self, programs):
        self.programs = programs

    def read_only_vault(self):
        disk = self.programs.disk("ro-vault", ROOM)
        vault = self.programs.vault("ro-vault")
        vault.init()
        vault.run("import", DOCUMENTS)
        before = digests(vault)
        vault.run("stop")
        self.programs.read_only(disk)
        refused(vault, 1, "io", "unlock", "--passphrase-file", vault.passphrase)
        vault.run("stop")
        self.programs.read_only(disk, False)
        vault.unlock()
        expect(digests(vault) == before, "all of it")
        vault.run("stop")

    def read_only_server(self):
        disk = self.programs.disk("ro-server", ROOM)
        server = Server(self.programs, name="ro-server")
        vault = self.programs.vault("ro-member")
        vault.init()
        vault.join(server)
        server.stop()
        self.programs.read_only(disk)
        serve = [self.programs.program("coffret-server"), "serve", "--data", disk, "--listen",
                 "127.0.0.1:0", "--admin", "127.0.0.1:0"]
        for language, word in (("fr", "système"), ("en", "system")):
            done = subprocess.run([*serve, "--lang", language], capture_output=True, timeout=20,
                                  env=self.programs.env, check=False)
            expect(done.returncode == 1 and word in done.stderr.decode(), f"{done}")
        done = subprocess.run([*serve, "--json"], capture_output=True, timeout=20,
                              env=self.programs.env, check=False)
        expect(done.returncode == 1 and b'"io"' in done.stdout, f"{done}")
        self.programs.read_only(disk, False)
        server.start()
        vault.run("sync")
        vault.run("stop")
        server.stop()

    def anothers_vault(self):
        vault = self.programs.vault("theirs")
        vault.init()
        vault.run("stop")
        os.chown(vault.directory, 65534, 65534)
        refused(vault, 1, "unsafe_location", "unlock", "--passphrase-file", vault.passphrase)
        vault.run("stop")
        os.chown(vault.directory, os.geteuid(), os.getegid())
        os.chmod(vault.directory, 0o777)
        refused(vault, 1, "unsafe_location", "unlock", "--passphrase-file", vault.passphrase,
                languages=False)
        vault.run("stop")
        os.chmod(vault.directory, 0o700)
        vault.unlock()
        vault.run("stop")

    def anothers_connection(self):
        vault = self.programs.vault("asked")
        vault.init()
        sockets = glob.glob(os.path.join(self.programs.runtime, "coffret", "*.sock"))
        ask = ("import socket, sys; s = socket.socket(socket.AF_UNIX); s.settimeout(5);"
               "s.connect(sys.argv[1]); print(len(s.recv(64)))")
        told = []
        for path in sockets:
            closed = subprocess.run(as_another(sys.executable, "-c", ask, path),
                                    capture_output=True, text=True, timeout=20, check=False)
            expect("PermissionError" in closed.stderr, f"the folder is closed: {closed}")
            doors = [self.programs.scratch, self.programs.runtime, os.path.dirname(path), path]
            modes = [os.stat(door).st_mode for door in doors]
            for door in doors:
                os.chmod(door, 0o777)
            told.append(subprocess.run(as_another(sys.executable, "-c", ask, path),
                                       capture_output=True, text=True, timeout=20, check=False))
            refused(vault, 1, "unsafe_location", "list", languages=False)
            for door, mode in zip(doors, modes):
                os.chmod(door, stat.S_IMODE(mode))
        expect(told and all(t.stdout.strip() == "0" for t in told), f"not even greeted: {told}")
        vault.run("list")
        vault.run("stop")

    def anothers_socket(self):
        """Whoever took the socket's place first must not be handed the passphrase."""
        vault = self.programs.vault("squatted")
        vault.init()
        vault.run("stop")
        places = set(glob.glob(os.path.join(self.programs.runtime, "coffret", "*.sock")))
        daemon, line = self.programs.start(self.programs.program("coffretd"), "--vault",
                                           vault.directory, "--listen", "none")
        path = line["socket"]
        expect(path not in places, "its own socket")
        daemon.terminate()
        daemon.wait()
        doors = [self.programs.scratch, self.programs.runtime, os.path.dirname(path)]
        for door in doors:
            os.chmod(door, 0o777)
        listen = ("import os, socket, sys; s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]);"
                  "os.chmod(sys.argv[1], 0o777); s.listen(); print('{}', flush=True)\n"
                  "while True:\n c = s.accept()[0]\n try: c.sendall(bytes(5)); "
                  "os.write(2, c.recv(65536))\n except OSError: pass")
        squatter, _ = self.programs.start(*as_another(sys.executable, "-c", listen, path))
        os.chmod(doors[2], 0o700)  # as the daemon left it; the socket in it is a stranger's
        refused(vault, 1, "unsafe_location", "unlock", "--passphrase-file", vault.passphrase)
        for door in doors:
            os.chmod(door, 0o700)
        squatter.kill()
        squatter.wait()
        expect("phrase" not in self.programs.log_of(squatter), "nothing was said to the stranger")
        os.remove(path)
        vault.unlock()
        vault.run("stop")

    def umask(self):
        before = os.umask(0)
        try:
            with Programs(self.programs.bin) as open_handed:
                server = Server(open_handed)
                vault = open_handed.vault()
                vault.init()
                vault.run("import", DOCUMENTS, large_notes(open_handed, "large", 1))
                vault.join(server)
                vault.run("sync")
                one = vault.run("list").rows[0]["id"]
                vault.run("show", one, "--out", open_handed.path("shown"))
                shared = vault.run("grant", "create", "--to", "Dr U", "--for", "1h", "--document",
                                   one, "--qr", open_handed.path("qr.png")).one()
                got = open_handed.path("got")
                vault.run("redeem", "@" + open_handed.file("link", shared["link"]), "--out", got)
                mine = [vault.directory, vault.recovery, server.data, got, open_handed.runtime,
                        open_handed.path("shown"), open_handed.path("qr.png")]
                loose = [path for top in mine for path in self.tree(top)
                         if os.lstat(path).st_mode & 0o077]
                expect(not loose, f"open to others: {loose}")
                expect(len(self.tree(vault.directory)) > 5 and len(self.tree(server.data)) > 10,
                       "both trees were walked")
        finally:
            os.umask(before)

    @staticmethod
    def tree(top):
        return [top] + [os.path.join(folder, name) for folder, folders, names in os.walk(top)
                        for name in (*folders, *names)]

    def stale(self):
        vault = self.programs.vault("stale")
        vault.init()
        vault.run("import", DOCUMENTS)
        for _ in range(2):
            pid = daemon_of(vault)
            os.kill(pid, signal.SIGKILL)
            expect(os.path.exists(os.path.join(vault.directory, "lock")), "a lock file is left")
            refused(vault, 5, "locked", "list", languages=False)
            vault.unlock()
            expect(len(vault.run("list").rows) == 6, "everything is there")
        vault.run("stop")

    def planted(self):
        """A link where a file of ours is made or read: what it points to is not touched."""
        vault = self.programs.vault("planted")
        vault.init()
        vault.run("import", DOCUMENTS)
        vault.run("stop")
        treasure = self.programs.file("treasure", "ne pas toucher")
        for name, code, status in (("lock", "io", 1), ("store.db", "io", 1), ("keyslot", "io", 1),
                                   ("head", "io", 1), ("store.json", "io", 1),
                                   ("audit.log", "wrong_passphrase", 4),
                                   ("head.new", None, 0), ("store.db-wal", None, 0)):
            path = os.path.join(vault.directory, name)
            kept = path + ".kept"
            if os.path.lexists(path):
                os.rename(path, kept)
            os.symlink(treasure, path)
            passphrase = vault.passphrase
            if name == "audit.log":
                passphrase = self.programs.file("other.pass", "pas la bonne")
            words = ["unlock", "--passphrase-file", passphrase]
            if code:
                refused(vault, status, code, *words, languages=name == "store.db")
            else:
                vault.run(*words, check=False)
            vault.run("stop")
            with open(treasure, encoding="utf-8") as file:
                expect(file.read() == "ne pas toucher", f"{name}: the link was followed")
            if os.path.islink(path):
                os.remove(path)
            if os.path.lexists(kept):
                os.rename(kept, path)
        vault.unlock()
        expect(len(vault.run("list").rows) == 6, "everything is there")
        vault.run("stop")

    def behind_a_link(self):
        """A home, or an association's data, may lie behind a symbolic link of its owner's."""
        real = self.programs.path("real")
        os.mkdir(real, 0o700)
        os.symlink(real, self.programs.path("linked"))
        server = Server(self.programs, name="linked/server")
        vault = self.programs.vault("linked-vault")
        vault.directory = self.programs.path("linked", "vault")
        vault.init()
        vault.run("import", DOCUMENTS)
        vault.join(server)
        vault.run("sync")
        vault.run("stop")
        vault.directory = os.path.join(real, "vault")
        vault.unlock()
        expect(len(vault.run("list").rows) == 6, "the same vault by its other name")
        vault.run("stop")
        server.stop()

    def planted_socket(self):
        with Programs(self.programs.bin) as other:
            vault = other.vault()
            elsewhere = other.path("elsewhere")
            os.mkdir(elsewhere, 0o700)
            os.symlink(elsewhere, os.path.join(other.runtime, "coffret"))
            words = ["init", "--passphrase-file", vault.passphrase, "--recovery-out",
                     other.path("sheet")]
            refused(vault, 1, "unsafe_location", *words)
            expect(os.listdir(elsewhere) == [], "nothing was made behind the link")
            os.remove(os.path.join(other.runtime, "coffret"))
            vault.run(*words)
            vault.run("stop")


class Damage:
    """One vault, kept as a copy; each case begins with that copy."""

    CODES = {"damaged": 7, "keyslot_damaged": 7, "local_state_tampered": 7, "other_version": 10, "weak_parameters": 7,
             "io": 1}

    def __init__(self, programs):
        self.programs = programs
        self.vault = programs.vault("rots")
        self.vault.init()
        self.vault.run("import", notes(programs, 3, "first"))
        self.vault.run("stop")
        self.old = programs.path("rots.old")
        shutil.copytree(self.vault.directory, self.old)
        self.vault.unlock()
        self.vault.run("import", DOCUMENTS, large_notes(programs, "rotting", 1))
        self.rows = {row["id"]: row["sha256"] for row in self.vault.run("list").rows}
        self.vault.run("stop")
        self.whole = programs.path("rots.whole")
        shutil.copytree(self.vault.directory, self.whole)

    def begin(self):
        self.vault.run("stop", check=False)
        shutil.rmtree(self.vault.directory)
        shutil.copytree(self.whole, self.vault.directory)

    def path(self, name):
        return os.path.join(self.vault.directory, name)

    def judge(self, what, wanted=None):
        """Unlocks the damaged vault and looks at all of it: refused with one of the codes, or
        everything that is shown is what was put in, and what is not is named."""
        unlock = ["unlock", "--passphrase-file", self.vault.passphrase]
        done = self.vault.run(*unlock, check=False)
        code = done.code()
        if code is None:
            code = self.look(what)
        else:
            expect(done.status == self.CODES.get(code), f"{what}: exit {done.status}, {done.rows}")
            expect(self.vault.run("status").one()["locked"], f"{what}: the daemon goes on")
            if code in ("damaged", "local_state_tampered"):
                # What does not open cannot be checked: the way out leads elsewhere.
                said = self.vault.run(*unlock, check=False, json_out=False).err
                expect("rebuild --from-server" in said and "coffret check" not in said,
                       f"{what}: no way out: {said}")
        self.vault.run("stop")
        expect(wanted is None or code in wanted, f"{what}: {code}, wanted {wanted}")
        return code

    def look(self, what):
        listed = self.vault.run("list", check=False)
        if listed.status == 0:
            expect({r["id"]: r["sha256"] for r in listed.rows} == self.rows,
                   f"{what}: a list that is not whole: {listed.rows}")
        else:
            expect(self.CODES.get(listed.code()) == listed.status, f"{what}: list {listed.rows}")
        lost = 0
        for one, sha256 in self.rows.items():
            out = self.programs.path("shown")
            if os.path.exists(out):
                os.remove(out)
            shown = self.vault.run("show", one, "--out", out, check=False)
            if shown.status == 0:
                with open(out, "rb") as file:
                    expect(hashlib.sha256(file.read()).hexdigest() == sha256, f"{what}: {one}")
            else:
                expect(self.CODES.get(shown.code()) == shown.status, f"{what}: show {shown.rows}")
                lost += 1
        checked = self.vault.run("check", "--read-data", check=False)
        sound = checked.status == 0 and checked.one()["ok"]
        expect(sound or checked.status == 7, f"{what}: check {checked.status} {checked.rows}")
        expect(not (sound and lost), f"{what}: check finds nothing and {lost} cannot be read")
        return None if sound else "damaged"

    def flip(self, name, offset, bit=1):
        with open(self.path(name), "r+b") as file:
            file.seek(offset)
            byte = file.read(1)
            file.seek(offset)
            file.write(bytes([byte[0] ^ bit]))

    def one_byte(self):
        size = os.path.getsize(os.path.join(self.whole, "store.db"))
        spots = [("keyslot", n) for n in (0, 9, 40, 100, 180, 290)]
        spots += [("store.db", n) for n in (0, 40, 5000, 8192 + 17, size // 2, size - 5000,
                                            size - 1)]
        spots += [("head", n) for n in (0, 30, os.path.getsize(os.path.join(self.whole, "head")) - 1)]
        spots += [("store.json", 2), ("store.json", 12)]
        spots += [(os.path.join("objects", os.listdir(os.path.join(self.whole, "objects"))[0]), n)
                  for n in (0, 700_000)]
        for name, offset in spots:
            self.begin()
            self.flip(name, offset)
            self.judge(f"{name}, byte {offset}", {"damaged", "keyslot_damaged",
                                                  "local_state_tampered", "other_version"})
        self.begin()
        self.flip("keyslot", 180)
        refused(self.vault, 7, "keyslot_damaged", "unlock", "--passphrase-file",
                self.vault.passphrase)
        self.vault.run("stop")

    def emptied(self):
        for name in ("keyslot", "store.db", "head", "store.json",
                     os.path.join("objects", os.listdir(os.path.join(self.whole, "objects"))[0])):
            for how in ("emptied", "taken away"):
                self.begin()
                if how == "emptied":
                    os.truncate(self.path(name), 0)
                else:
                    os.remove(self.path(name))
                self.judge(f"{name} {how}", {"damaged", "keyslot_damaged",
                                             "local_state_tampered"})

    def old_copies(self):
        self.begin()
        shutil.copy(os.path.join(self.old, "store.db"), self.path("store.db"))
        self.judge("an old store.db", {"local_state_tampered"})
        self.begin()
        shutil.copy(os.path.join(self.old, "head"), self.path("head"))
        self.judge("an old head")  # its entries are judged one by one, like a stranger's
        self.begin()
        shutil.copy(os.path.join(self.old, "store.db"), self.path("store.db"))
        refused(self.vault, 7, "local_state_tampered", "unlock", "--passphrase-file",
                self.vault.passphrase)
        self.vault.run("stop")

    def another_version(self):
        for name, change in (("keyslot", lambda b: b[:8] + b"\x02" + b[9:]),
                             ("keyslot", lambda b: b[:9] + b"\x07" + b[10:]),
                             ("head", lambda b: b[:8] + b"\x02" + b[9:]),
                             ("store.json", lambda b: re.sub(rb'"format":\d+', b'"format":99', b))):
            self.begin()
            with open(self.path(name), "rb") as file:
                content = file.read()
            changed = change(content)
            expect(changed != content, f"{name}: {content[:60]}")
            with open(self.path(name), "wb") as file:
                file.write(changed)
            self.judge(f"another version's {name}", {"other_version"})
        refused(self.vault, 10, "other_version", "unlock", "--passphrase-file",
                self.vault.passphrase)
        self.vault.run("stop")

    def plain_database(self):
        self.begin()
        os.remove(self.path("store.db"))
        import sqlite3  # pylint: disable=import-outside-toplevel
        with sqlite3.connect(self.path("store.db")) as plain:
            plain.execute("CREATE TABLE documents (id INTEGER)")
        self.judge("a plain SQLite file", {"damaged", "local_state_tampered"})

    def put_right(self):
        self.begin()
        self.vault.unlock()
        expect(self.look("the copy put back") is None, "everything is there again")
        self.vault.run("stop")


class Inputs:
    def __init__(self, programs):
        self.programs = programs
        self.vault = programs.vault("inputs")
        self.vault.init()

    def crowded_folder(self):
        folder = self.programs.path("crowded")
        os.makedirs(os.path.join(folder, "deeper"))
        for i in range(10_000):
            with open(os.path.join(folder, f"{i:05}.txt"), "w", encoding="utf-8") as file:
                file.write(f"le même relevé {i % 40}\n")
        os.symlink(folder, os.path.join(folder, "deeper", "loop"))
        os.symlink("itself", os.path.join(folder, "itself"))
        os.mkfifo(os.path.join(folder, "00000.pipe"))
        nodes = 0
        for name, number in (("00001.null", os.makedev(1, 3)), ("00002.zero", os.makedev(1, 5))):
            try:
                os.mknod(os.path.join(folder, name), 0o600 | stat.S_IFCHR, number)
                nodes += 1
            except OSError:  # a user namespace makes no devices
                pass
        done = self.vault.run("import", folder, timeout=120)
        summary = done.rows[-1]["summary"]
        expect(summary["imported"] == 40 and summary["duplicate"] == 9_960 and
               summary["refused"] == 0, f"each once, {nodes} devices passed over: {summary}")
        done = self.vault.run("import", os.path.join(folder, "00000.pipe"),
                              os.path.join(folder, "itself"), check=False, timeout=20)
        expect(done.status == 9 and done.rows[-1]["summary"]["refused"] == 2, f"{done.rows}")

    def importing(self, name, count):
        """An import that has begun: (process, what it printed first, the folder)."""
        folder = notes(self.programs, count, name)
        running = begin(self.vault, "import", folder)
        return running, running.stdout.readline(), folder

    def vanishing(self):
        running, first, folder = self.importing("vanishing", 1500)
        for name in sorted(os.listdir(folder), reverse=True)[:900]:
            os.remove(os.path.join(folder, name))
        output = first + running.stdout.read()
        running.wait(timeout=120)
        reasons = [json.loads(line)["reason"] for line in output.splitlines() if b'"refused"' in line
                   and b'"summary"' not in line]
        expect(running.returncode == 9 and set(reasons) == {"file_not_found"},
               f"each that was gone has its row: exit {running.returncode}, {set(reasons)}")
        expect(len(imported_ids(output)) + len(reasons) == 1500, "and the others came in")
        rest = self.vault.run("import", folder).rows
        expect(rest[-1]["summary"]["duplicate"] == 600, f"all that is left: {rest[-1]}")

    def lock_waits(self):
        """`lock` ends an import at a safe point: what was acknowledged is there."""
        running, first, folder = self.importing("locked-in", 3000)
        began = time.time()
        self.vault.run("lock")
        expect(time.time() - began < 30, "lock does not wait for ever")
        output = first + running.stdout.read()
        running.wait(timeout=60)
        told = json.loads(output.splitlines()[-1])
        expect(running.returncode == 8 and told["error"]["code"] == "stopping", f"{told}")
        acknowledged = imported_ids(output)
        self.vault.unlock()
        there = {row["id"] for row in self.vault.run("list").rows}
        expect(acknowledged and acknowledged <= there, f"lost: {acknowledged - there}")
        rest = self.vault.run("import", folder).rows[-1]["summary"]
        expect(rest["refused"] == 0 and rest["imported"] > 0 and
               rest["imported"] + rest["duplicate"] == 3000, f"{rest}")
        in_order(self.vault)
        self.vault.run("stop")

    def too_little_memory(self):
        """Argon2id asks for 256 MiB at once: where there are less, that is said, and it is no bug."""
        vault = self.programs.vault("cramped")
        vault.init()
        vault.run("stop")
        daemon, _ = self.programs.start("prlimit", f"--as={200 << 20}",
                                        self.programs.program("coffretd"), "--vault",
                                        vault.directory, "--listen", "none")
        refused(vault, 1, "not_enough_memory", "unlock", "--passphrase-file", vault.passphrase)
        daemon.terminate()
        daemon.wait(timeout=10)
        vault.unlock()
        in_order(vault)
        vault.run("stop")

    def idle_lock(self):
        vault = self.programs.vault("idle")
        vault.init()
        vault.run("stop")
        daemon, _ = self.programs.start(self.programs.program("coffretd"), "--vault",
                                        vault.directory, "--listen", "none", "--idle-lock", "1s")
        vault.unlock()
        folder = notes(self.programs, 1200, "busy")
        done = vault.run("import", folder)
        expect(done.rows[-1]["summary"]["imported"] == 1200, "busy is not idle")
        deadline = time.time() + 10
        while not vault.run("status").one()["locked"] and time.time() < deadline:
            time.sleep(1.2)  # idleness is the thing tested; a status is a use
        refused(vault, 5, "locked", "list")
        vault.run("stop")
        daemon.wait(timeout=10)


def disk_tests(suite, programs, mounts):
    full, own = FullDisk(programs), Ownership(programs)
    for sentence, body in (
            ("a full disk: init makes nothing, and works when there is room", full.init),
            ("a full disk under the recovery file: no vault without its sheet", full.sheet),
            ("a full disk while importing: what was acknowledged stays", full.importing),
            ("a full disk while pulling: the rest comes when there is room", full.pulling),
            ("the server's disk is full: sync, share, open, revoke", full.server),
            ("a read-only vault is not opened, and not harmed", own.read_only_vault),
            ("a server does not start on a read-only disk", own.read_only_server)):
        if mounts:
            suite.test(sentence, body)
        else:
            suite.skip(sentence, "this system allows no mount namespace")
    for sentence, body in (
            ("a vault of another user is refused", own.anothers_vault),
            ("another user is not answered on the daemon's socket", own.anothers_connection),
            ("a stranger's socket is told nothing", own.anothers_socket)):
        if as_another():
            suite.test(sentence, body)
        else:
            suite.skip(sentence, "only root can act as another user")
    for sentence, body in (
            ("umask 000: what the programs make is theirs alone", own.umask),
            ("what kill -9 leaves behind is in nobody's way", own.stale),
            ("links planted in the vault are not followed", own.planted),
            ("a vault and a server behind a symbolic link work", own.behind_a_link),
            ("a link planted in the socket's place is refused", own.planted_socket)):
        suite.test(sentence, body)


def main():
    mounts = in_own_mounts()
    suite = Suite()
    started = time.time()
    with Programs(sys.argv[1]) as programs:
        disk_tests(suite, programs, mounts)
        damage, inputs = Damage(programs), Inputs(programs)
        for sentence, body in (
                ("one byte changed in any file is noticed, and nothing shown empty",
                 damage.one_byte),
                ("an empty or missing file is noticed", damage.emptied),
                ("an old copy of a file is noticed", damage.old_copies),
                ("another version's files are told from damaged ones", damage.another_version),
                ("a plain SQLite file is not taken for the store", damage.plain_database),
                ("after all that the copy put back opens", damage.put_right),
                ("a crowded folder with pipes, devices and loops", inputs.crowded_folder),
                ("files that vanish during an import", inputs.vanishing),
                ("a lock during an import", inputs.lock_waits),
                ("a machine with too little memory is told so", inputs.too_little_memory),
                ("idleness locks, work does not", inputs.idle_lock)):
            suite.test(sentence, body)
    print(f"{time.time() - started:.0f} s")
    return suite.close()


if __name__ == "__main__":
    sys.exit(main())
