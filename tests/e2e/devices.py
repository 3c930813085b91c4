#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Two machines of one person through a real server: paired by a code, edited apart, compared, one
taken away; the passphrase changed after it was seen; a new recovery sheet in place of the old."""
import json
import os
import shutil
import subprocess
import sys

from harness import DOCUMENTS, PASSPHRASE, Programs, Server, Suite, daemons_of, expect

NEW = "une autre phrase que personne n'a vue"


class Devices:
    def __init__(self, programs):
        self.programs = programs
        self.server = Server(programs)
        self.first = programs.vault("first")
        self.second = programs.vault("second")
        self.new_pass = programs.file("new.pass", NEW + "\n")

    def invite(self, *flags):
        """The inviting command, and the code it showed."""
        process = subprocess.Popen(
            [self.programs.program("coffret"), "--vault", self.first.directory, "--json", "device",
             "invite", *flags],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=self.programs.env)
        self.programs.started.append(process)
        return process, json.loads(process.stdout.readline())["code"]

    def join(self, vault, code):
        process = subprocess.Popen(
            [self.programs.program("coffret"), "--vault", vault.directory, "--json", "device",
             "join", "-", "--passphrase-file", vault.passphrase],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=self.programs.env)
        self.programs.started.append(process)
        process.stdin.write(code.encode() + b"\n")
        process.stdin.close()
        return process

    def paired(self):
        self.first.init()
        self.first.run("import", DOCUMENTS)
        self.first.join(self.server)
        inviting, code = self.invite("--qr", self.programs.path("code.svg"))
        self.code = code
        joining = self.join(self.second, code)
        seen = json.loads(joining.stdout.readline())["words"]
        asked = json.loads(inviting.stdout.readline())
        expect(asked["words"] == seen and len(seen.split()) == 8, f"the same words: {asked} {seen}")
        self.first.run("device", "confirm", "--words", seen.upper())
        expect(inviting.wait(timeout=120) == 0, "the invitation ended well")
        last = json.loads(joining.stdout.read().splitlines()[-1])
        expect(joining.wait(timeout=120) == 0 and last["documents"] == 6, f"all came: {last}")
        self.device = last["device"]
        expect(os.path.getsize(self.programs.path("code.svg")) > 500, "the code as a picture")
        again = self.second.programs.vault("third")
        refused = again.run("device", "join", "-", "--passphrase-file", again.passphrase,
                            stdin=code.encode(), check=False)
        expect(refused.status == 6 and refused.code() == "pairing_expired", f"once: {refused.out}")

    def refused_and_wrong(self):
        inviting, code = self.invite()
        other = self.programs.vault("fourth")
        slip = code[:-1] + ("A" if code[-1] != "A" else "B")
        wrong = other.run("device", "join", "-", "--passphrase-file", other.passphrase,
                          stdin=slip.encode(), check=False)
        expect(wrong.status == 4 and wrong.code() == "wrong_passcode", f"a slip: {wrong.out}")
        joining = self.join(other, code)
        json.loads(joining.stdout.readline())
        json.loads(inviting.stdout.readline())
        none = self.first.run("device", "confirm", "--words", "", check=False)
        expect(none.status == 2 and none.code() == "unknown_word", f"no words: {none.out}")
        told = self.first.run("device", "confirm", "--words", "abeille abricot", check=False)
        expect(told.status == 6 and told.code() == "pairing_refused", f"other words: {told.out}")
        expect(inviting.wait(timeout=60) == 6 and joining.wait(timeout=60) == 6, "both exit 6")
        devices = self.first.run("device", "list").rows
        expect(len([d for d in devices if d.get("id")]) == 2, f"nothing was shared: {devices}")

    def nobody_waits(self):
        """A vault that was not made leaves no program behind, also in a folder that was there."""
        slip = self.code[:-1] + ("A" if self.code[-1] != "A" else "B")
        for name, words, stdin in (
                ("slip", ("device", "join", "-"), slip),
                ("pin", ("rebuild", "--from-server", self.server.url, "--pin", "A" * 43,
                         "--recovery-file", self.first.recovery), "")):
            other = self.programs.vault("nobody-" + name)
            os.mkdir(other.directory, 0o700)
            for _ in range(2):
                refused = other.run(*words, "--passphrase-file", other.passphrase,
                                    stdin=stdin.encode(), check=False)
                expect(refused.status not in (0, 1, 2), f"refused: {refused.out}")
                expect(not daemons_of(other), f"no daemon of {name} is left")
            expect(os.path.isdir(other.directory), "the folder that was there stays")

    def edited_apart(self):
        one = self.first.run("list").rows[0]["id"]
        self.first.run("edit", one, "--title", "Titre du premier")
        self.second.run("edit", one, "--title", "Titre du second", "--note", "vu au téléphone")
        self.first.run("note", "add", "--text", "Écrit sur le premier")
        self.second.run("note", "add", "--text", "Écrit sur le second")
        for vault in (self.first, self.second, self.first):
            vault.run("sync")
        shown = [v.run("show", one).one() for v in (self.first, self.second)]
        expect(shown[0]["title"] == shown[1]["title"], f"the same on both: {shown}")
        for row in shown:
            values = [c["value"] for e in row["edits"] for c in e["changes"]]
            expect({"Titre du premier", "Titre du second"} <= set(values), f"both kept: {values}")
            expect(all(e["device_name"] for e in row["edits"]), f"named by device: {row['edits']}")
        counts = [v.run("status").one()["documents"] for v in (self.first, self.second)]
        expect(counts == [8, 8], f"both notes on both: {counts}")

    def compared(self):
        words = self.first.run("device", "compare").one()
        same = self.second.run("device", "compare", "--with", words["words"], "--at",
                               str(words["at"])).one()
        expect(same["same"] is True and same["words"] == words["words"], f"the same: {same}")
        first, rest = words["words"].split(" ", 1)
        another = ("abricot " if first == "abeille" else "abeille ") + rest
        other = self.second.run("device", "compare", "--with", another, check=False)
        expect(other.status == 7 and other.code() == "words_differ", f"others: {other.out}")
        few = self.second.run("device", "compare", "--with", words["words"].split()[0], check=False)
        expect(few.status == 2, f"one word is no sign of anything: {few.out}")
        slip = self.second.run("device", "compare", "--with", words["words"] + "s", check=False)
        expect(slip.status == 2 and slip.code() == "unknown_word", f"a slip: {slip.out}")

    def imported_apart(self):
        path = self.programs.file("note.txt", "Une page que les deux machines ont reçue\n")
        ids = [vault.run("import", path).rows[0]["id"] for vault in (self.first, self.second)]
        self.second.run("edit", ids[1], "--note", "vue à distance")
        self.first.run("sync")
        said = self.second.run("sync", json_out=False)
        expect("ici deux fois" in said.out.decode() + said.err.decode(), f"told: {said.out}")
        told = [self.first.run("sync").one(), self.second.run("sync").one()]
        expect(all(one["joined"] == 0 for one in told), f"once: {told}")
        for vault in (self.first, self.second):
            there = [row["id"] for row in vault.run("list").rows if row["media_type"] == "text/plain"]
            expect(there.count(ids[0]) == 1 and ids[1] not in there, f"one of them: {there}")
            shown = vault.run("show", ids[1]).one()
            expect(shown["id"] == ids[0] and shown["note"] == "vue à distance", f"{shown}")
            expect(vault.run("check", "--read-data", "--against-server").one()["ok"], "all whole")
        self.second.run("remove", ids[1])
        self.second.run("sync")
        self.first.run("sync")
        expect(ids[0] not in [row["id"] for row in self.first.run("list").rows], "and removed once")

    def removed(self):
        self.second.run("edit", self.second.run("list").rows[0]["id"], "--note", "trop tard")
        asked = self.first.run("device", "remove", self.device, check=False)
        expect(asked.status == 2 and asked.code() == "not_confirmed", f"it asks: {asked.out}")
        # Nor does a full vault keep it in.
        account = self.server.admin("account list")[0]
        name, used = account["account"], account["used"]
        self.server.admin("account quota", name, str(used + (64 << 10)))
        with open(self.programs.path("gros.bin"), "wb") as out:
            out.write(os.urandom(3 << 20))
        self.first.run("import", self.programs.path("gros.bin"))
        full = self.first.run("sync", check=False, json_out=False)
        expect(full.status == 6 and "1 document" in full.err.decode(), f"no room: {full.err}")
        sent = self.first.run("device", "remove", self.device, "--yes").one()
        expect(sent["sent"], f"it went all the same: {sent}")
        expect(self.first.run("status").one()["pending"] == 1, "the large one waits")
        self.server.admin("account quota", name, "2GiB")
        self.first.run("note", "add", "--text", "Après le retrait")
        self.first.run("sync")
        told = self.second.run("sync", check=False)
        expect(told.status == 6 and told.code() == "device_removed", f"told: {told.out}")
        state = self.second.run("status").one()
        expect(state["documents"] == 8 and state["pending"] == 1, f"what it had stays: {state}")
        french = self.second.run("sync", check=False, json_out=False).err.decode()
        expect("retiré" in french, french)

    def passphrase_seen(self):
        self.first.run("stop")
        stolen = self.programs.vault("stolen")
        shutil.copytree(self.first.directory, stolen.directory)
        self.first.unlock()
        wrong = self.first.run("passphrase", "change", "--passphrase-file", self.new_pass,
                               "--new-passphrase-file", self.new_pass, check=False)
        expect(wrong.status == 4, f"the old one is asked: {wrong.out}")
        self.first.run("passphrase", "change", "--compromised", "--passphrase-file",
                       self.first.passphrase, "--new-passphrase-file", self.new_pass)
        self.first.run("note", "add", "--text", "Après le changement")
        self.first.run("sync")
        self.first.run("stop")
        old = self.first.run("unlock", "--passphrase-file", self.first.passphrase, check=False)
        expect(old.status == 4, f"the old passphrase opens no more: {old.out}")
        self.first.run("unlock", "--passphrase-file", self.new_pass)
        expect(self.first.run("check", "--read-data").one()["ok"], "all is in order")
        # Old file and old passphrase: what was stolen opens, and nothing newer comes.
        stolen.run("unlock", "--passphrase-file", self.first.passphrase)
        told = stolen.run("sync", check=False)
        expect(told.status == 6 and told.code() == "device_removed", f"nothing newer: {told.out}")
        stolen.run("stop")
        shutil.copy(os.path.join(self.first.directory, "store.db"),
                    os.path.join(stolen.directory, "store.db"))
        opened = stolen.run("unlock", "--passphrase-file", self.first.passphrase, check=False)
        expect(opened.status == 7, f"the old key opens no new store: {opened.out}")

    def sheet_renewed(self):
        new_sheet = self.programs.path("new.recovery")
        self.first.run("recovery", "renew", "--recovery-out", new_sheet)
        expect(os.stat(new_sheet).st_mode & 0o777 == 0o600, "the sheet is 0600")
        documents = self.first.run("status").one()["documents"]

        def rebuild(name, sheet):
            vault = self.programs.vault(name)
            return vault, vault.run("rebuild", "--from-server", self.server.url, "--pin",
                                    self.server.fingerprint, "--recovery-file", sheet,
                                    "--passphrase-file", vault.passphrase, check=False)
        _, old = rebuild("from-old", self.first.recovery)
        expect(old.status == 4 and old.code() == "recovery_replaced", f"the old one: {old.out}")
        vault, new = rebuild("from-new", new_sheet)
        expect(new.status == 0 and new.one()["documents"] == documents, f"the new one: {new.out}")
        expect(vault.run("check", "--read-data").one()["ok"], "all of it is in order")


def main():
    suite = Suite()
    with Programs(sys.argv[1]) as programs:
        devices = Devices(programs)
        suite.test("a second machine is let in by a code and eight words", devices.paired)
        suite.test("a slip, other words or a no share nothing", devices.refused_and_wrong)
        suite.test("a vault that was not made leaves no program that waits", devices.nobody_waits)
        suite.test("edits of both machines stay, named by device", devices.edited_apart)
        suite.test("eight words tell whether both see the same history", devices.compared)
        suite.test("a file that both machines imported is one document", devices.imported_apart)
        suite.test("a removed machine is told so and gets nothing newer", devices.removed)
        suite.test("after a compromised passphrase the old file and phrase open nothing newer",
                   devices.passphrase_seen)
        suite.test("a new sheet takes the place of the old one", devices.sheet_renewed)
    return suite.close()


if __name__ == "__main__":
    sys.exit(main())
