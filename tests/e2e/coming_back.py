#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Coming back, with the real programs: backups that the stock `age` and `tar` open, every damage
named, a vault rebuilt from a backup without a server, a rehearsal, the sheet on paper, the key in
three shares, and the documents taken out by coffret-recover alone."""
import base64
import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys

from harness import DOCUMENTS, Programs, Server, Suite, expect

MOST_SECONDS = 120


def run(*command, **more):
    return subprocess.run(command, capture_output=True, timeout=MOST_SECONDS, check=False, **more)


def sums(vault):
    return sorted(row["sha256"] for row in vault.run("list").rows)


def sums_in(folder):
    found = []
    for where, _, names in os.walk(folder):
        for name in names:
            if name != "INDEX.txt":
                with open(os.path.join(where, name), "rb") as file:
                    found.append(hashlib.sha256(file.read()).hexdigest())
    return sorted(found)


def bech32_identity(secret):
    """BIP 173, from its text: what age's secret key is spelled in."""
    alphabet, prefix = "qpzry9x8gf2tvdw0s3jn54khce6mua7l", "age-secret-key-"

    def polymod(values):
        check = 1
        for value in values:
            top = check >> 25
            check = (check & 0x1ffffff) << 5 ^ value
            for i, part in enumerate((0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3)):
                check ^= part if top >> i & 1 else 0
        return check

    bits = "".join(f"{byte:08b}" for byte in secret)
    bits += "0" * (-len(bits) % 5)
    data = [int(bits[at:at + 5], 2) for at in range(0, len(bits), 5)]
    spread = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    check = polymod(spread + data + [0] * 6) ^ 1
    data += [check >> 5 * (5 - i) & 31 for i in range(6)]
    return (prefix + "1" + "".join(alphabet[value] for value in data)).upper()


def value(sheet, name):
    with open(sheet, encoding="utf-8") as file:
        lines = dict(line.rstrip("\n").split(": ", 1) for line in file)
    return lines[name]


def seed_of(sheet):
    digits = value(sheet, "key").replace("-", "")[:52]
    return base64.b32decode(digits + "=" * (-len(digits) % 8))


class Story:
    def __init__(self, programs, suite):
        self.programs, self.suite = programs, suite
        self.recover = programs.program("coffret-recover")
        self.stick = programs.path("cle-usb")
        os.mkdir(self.stick)
        self.sheet_pdf = programs.path("fiche.pdf")
        self.vault = programs.vault()
        self.vault.recovery = self.vault.directory + ".recovery"
        self.vault.run("init", "--owner", "Camille EXEMPLE", "--passphrase-file",
                       self.vault.passphrase, "--recovery-out", self.vault.recovery, "--sheet",
                       self.sheet_pdf)
        self.vault.run("import", DOCUMENTS, "--any-patient")
        self.file = ""

    def backups(self):
        made = self.vault.run("backup", "--out", self.stick).one()
        self.file = made["out"]
        expect(made["full"] and made["missing"] == 0, f"{made}")
        expect(stat.S_IMODE(os.stat(self.file).st_mode) == 0o600, "for its owner alone")
        self.vault.run("note", "add", "--title", "Après", "--text", "Venu après la première")
        more = self.vault.run("backup", "--out", self.stick).one()
        expect(not more["full"] and more["objects"] == 1, f"{more}")
        expect(os.path.getsize(more["out"]) < os.path.getsize(self.file), "only what is new")
        again = self.vault.run("backup", "--out", self.stick).one()
        expect(again["unchanged"] and len(os.listdir(self.stick)) == 2, f"{again}")
        checked = self.vault.run("backup", "verify", self.stick).one()
        expect(checked["ok"] and checked["files"] == 2, f"{checked}")
        status = self.vault.run("status").one()
        expect(status["last_backup"] and status["restore_proof_due"], f"{status}")

    def stock_age(self):
        identity = self.programs.path("age-key")
        done = run(self.recover, "identity", "--recovery-file", self.vault.recovery, "--out",
                   identity)
        expect(done.returncode == 0, f"{done}")
        with open(identity, encoding="utf-8") as file:
            told = file.read().strip()
        secret = hashlib.blake2b(b"", digest_size=32, key=seed_of(self.vault.recovery),
                                 person=b"coffret.recovery").digest()
        expect(told == bech32_identity(secret), "the identity that DESIGN.md says, by Python alone")
        opened = run("age", "-d", "-i", identity, self.file)
        expect(opened.returncode == 0, f"{opened.stderr}")
        listed = run("tar", "-t", input=opened.stdout)
        expect(listed.returncode == 0 and not listed.stderr, f"{listed}")
        names = listed.stdout.decode().split()
        expect(names[0].endswith(".jws") and "coffret-backup/README.txt" in names, f"{names[:3]}")
        read_me = run("tar", "-x", "-O", "coffret-backup/README.txt", input=opened.stdout)
        expect("clé de secours" in read_me.stdout.decode(), "it says what it is")

    def damaged(self):
        def copy(name):
            place = self.programs.path(name)
            shutil.copytree(self.stick, place)
            return place, os.path.join(place, os.path.basename(self.file))

        def found(place, file, word):
            for more in ([], ["--recovery-file", self.vault.recovery]):
                done = self.vault.run("backup", "verify", place, *more, check=False)
                error = done.one()["error"]
                expect(done.status == 7 and error["code"] == "backup_damaged", f"{done.rows}")
                expect(os.path.basename(file) in error["detail"] and word in error["detail"],
                       f"{error}")

        place, file = copy("coupee")
        os.truncate(file, os.path.getsize(file) // 2)
        found(place, file, "coupé")
        place, file = copy("changee")
        with open(file, "r+b") as out:
            out.seek(os.path.getsize(file) // 2)
            byte = out.read(1)
            out.seek(-1, os.SEEK_CUR)
            out.write(bytes([byte[0] ^ 1]))
        found(place, file, "changé")
        place, file = copy("sans-la-premiere")
        os.remove(file)
        found(place + "/" + os.path.basename(file) + ".2", file, "manque")

    def rebuilt(self):
        second = self.programs.vault("second")
        done = second.run("rebuild", "--from", self.stick, "--recovery-file", self.vault.recovery,
                          "--passphrase-file", second.passphrase).one()
        expect(done["documents"] == done["verified"] > 0 and done["server"] is None, f"{done}")
        expect(sums(second) == sums(self.vault), "every document is back")
        expect(second.run("check", "--read-data").one()["ok"], "and whole")
        expect(second.run("search", "Venu").rows, "and found by its words")

    def wrong_keys(self):
        place = self.programs.vault("third")
        with open(self.vault.recovery, encoding="utf-8") as file:
            text = file.read()
        key = value(self.vault.recovery, "key")
        slip = list(key)
        slip[5 * 6] = "Q" if slip[5 * 6] != "Q" else "R"
        wrong = self.programs.file("faute.txt", text.replace(key, "".join(slip)))
        done = place.run("rebuild", "--from", self.stick, "--recovery-file", wrong,
                         "--passphrase-file", place.passphrase, check=False)
        expect(done.status == 4 and "groupe 7" in done.one()["error"]["detail"], f"{done.rows}")
        expect(not os.path.exists(place.directory + "/keyslot"), "nothing was made")

    def rehearsed(self):
        done = self.vault.run("rehearse", "--from", self.stick, "--recovery-file",
                              self.vault.recovery).one()
        expect(done["ok"] and done["verified"] == len(sums(self.vault)), f"{done}")
        expect(not os.path.exists(self.vault.directory + "/rehearsal"), "nothing is left")
        status = self.vault.run("status").one()
        expect(status["last_proven_restore"] and not status["restore_proof_due"], f"{status}")
        told = self.vault.run("status", json_out=False).out.decode()
        expect("Dernière restauration prouvée" in told, told)

    def on_paper(self):
        expect(stat.S_IMODE(os.stat(self.sheet_pdf).st_mode) == 0o600, "for its owner alone")
        text = run("pdftotext", "-layout", self.sheet_pdf, "-").stdout.decode()
        for word in (value(self.vault.recovery, "check"), "Camille EXEMPLE",
                     "Qui tient cette feuille ouvre tout", "Pour un proche"):
            expect(word in text, f"{word} is on the sheet")
        for group in value(self.vault.recovery, "key").split("-"):
            expect(group in text, "each group of the key is on the sheet")

    def shared_out(self):
        parts = self.programs.path("parts")
        done = self.vault.run("recovery", "split", "--recovery-file", self.vault.recovery, "--out",
                              parts).one()
        expect(done["needed"] == 2 and len(done["files"]) == 6, f"{done}")
        files = [os.path.join(parts, f"part-{n}.txt") for n in (1, 2, 3)]
        for file in files:
            expect(stat.S_IMODE(os.stat(file).st_mode) == 0o600, "for its owner alone")
        fourth = self.programs.vault("fourth")
        done = fourth.run("rebuild", "--from", self.stick, "--share", files[2], "--share", files[0],
                          "--passphrase-file", fourth.passphrase).one()
        expect(done["documents"] == done["verified"], f"{done}")
        again = self.programs.vault("fifth").run(
            "rebuild", "--from", self.stick, "--share", files[0], "--share", files[0],
            "--passphrase-file", fourth.passphrase, check=False)
        expect(again.status == 4, f"{again.rows}")
        for one, other in ((0, 1), (2, 1)):
            out = self.programs.path(f"sortis-{one}{other}")
            taken = run(self.recover, "open", "--from", self.file, "--share", files[one], "--share",
                        files[other], "--out", out)
            expect(taken.returncode == 0, f"{taken}")
            expect(sums_in(out) == sums(self.vault), "every original, byte for byte")
        key = run(self.recover, "key", "--share", files[0], "--share", files[1])
        with open(self.vault.recovery, encoding="utf-8") as file:
            expect(key.stdout.decode().strip() == file.read().strip(), "the very sheet")
        alone = run(self.recover, "key", "--share", files[0])
        expect(alone.returncode == 2 and not alone.stdout, "one alone gives nothing")

    def forgotten(self):
        fresh = self.programs.file("neuve.pass", "une phrase toute neuve\n")
        self.vault.run("note", "add", "--title", "Pas encore sauvegardé", "--text", "Reste aussi")
        before = sums(self.vault)
        self.vault.run("lock")
        wrong = self.vault.run("passphrase", "reset", "--recovery-file", self.vault.passphrase,
                               "--passphrase-file", fresh, check=False)
        expect(wrong.status == 4, f"{wrong.rows}")
        self.vault.run("passphrase", "reset", "--recovery-file", self.vault.recovery,
                       "--passphrase-file", fresh)
        expect(sums(self.vault) == before, "nothing is lost")
        self.vault.run("lock")
        old = self.vault.run("unlock", "--passphrase-file", self.vault.passphrase, check=False)
        expect(old.status == 4, "the forgotten one opens no more")
        self.vault.passphrase = fresh
        self.vault.unlock()

    def ways(self):
        told = self.vault.run("recovery", "ways").one()["ways"]
        expect([way["case"] for way in told] == ["passphrase_forgotten", "computer_lost",
                                                 "sheet_lost", "both_lost", "owner_unable"],
               json.dumps(told))

    def with_server(self):
        self.server = server = Server(self.programs)
        self.vault.join(server)
        self.vault.run("sync")
        made = self.vault.run("backup", "--out", self.stick).one()
        expect(not made["full"], f"{made}")
        self.vault.run("note", "add", "--title", "Plus récent", "--text", "Au serveur seulement")
        self.vault.run("sync")
        done = self.vault.run("rehearse", "--recovery-file", self.vault.recovery).one()
        expect(done["source"] == "server" and done["newer"] == 0, f"{done}")
        server.stop()
        sixth = self.programs.vault("sixth")
        done = sixth.run("rebuild", "--from", self.stick, "--recovery-file", self.vault.recovery,
                         "--passphrase-file", sixth.passphrase).one()
        expect(done["server"] == "unreachable", f"{done}")
        server.start()
        sixth.run("sync")
        self.vault.run("sync")
        expect(sums(sixth) == sums(self.vault), "what was newer at the server came with it")


    def sheet_lost(self):
        old, new = self.vault.recovery, self.programs.path("neuve.recovery")
        paper = self.programs.path("neuve.pdf")
        self.stick_before = shutil.copytree(self.stick, self.programs.path("cle-d-avant"))
        self.vault.run("recovery", "sheet", "--out", paper, "--recovery-out", new)
        expect(value(new, "check") in run("pdftotext", paper, "-").stdout.decode(), "printed")
        expect(stat.S_IMODE(os.stat(paper).st_mode) == 0o600, "for its owner alone")
        done = self.vault.run("rehearse", "--recovery-file", old, check=False)
        expect(done.status in (3, 4), f"the old sheet opens nothing: {done.rows}")
        made = self.vault.run("backup", "--out", self.stick).one()
        expect(made["full"], f"a new sheet begins a new chain: {made}")
        done = self.vault.run("backup", "verify", self.stick, "--recovery-file", old, check=False)
        expect(done.status == 4, f"{done.rows}")
        done = self.vault.run("rehearse", "--from", self.stick, "--recovery-file", new).one()
        expect(done["ok"], f"{done}")
        # The device's own slot follows at the next unlock.
        self.vault.run("lock")
        self.vault.unlock()
        self.vault.run("lock")
        done = self.vault.run("passphrase", "reset", "--recovery-file", old, "--passphrase-file",
                              self.vault.passphrase, check=False)
        expect(done.status == 4, f"{done.rows}")
        self.vault.run("passphrase", "reset", "--recovery-file", new, "--passphrase-file",
                       self.vault.passphrase)
        self.old_sheet, self.new_sheet = old, new

    def split_again(self):
        out = self.programs.path("parts-2")
        done = self.vault.run("recovery", "split", "--recovery-file", self.old_sheet, "--out", out,
                              check=False)
        expect(done.status == 4 and done.code() == "recovery_replaced", f"{done.rows}")
        expect(not os.path.exists(out), "nothing was written")
        done = self.vault.run("recovery", "split", "--recovery-file", self.new_sheet, "--out",
                              out).one()
        expect(done["compared"], f"{done}")
        expect(value(os.path.join(out, "part-1.txt"), "fingerprint") == self.server.fingerprint,
               "a share says where the server is, as its card does")
        text = run("pdftotext", "-layout", os.path.join(out, "part-1.pdf"), "-").stdout.decode()
        for word in ("Camille EXEMPLE", "quinze groupes", self.server.url, self.server.fingerprint):
            expect(word in text, f"{word} is on the share")

    def from_before(self):
        """A backup of before, with the sheet of before: the documents, and a way on."""
        seventh = self.programs.vault("seventh")
        done = seventh.run("rebuild", "--from", self.stick_before, "--recovery-file",
                           self.old_sheet, "--passphrase-file", seventh.passphrase).one()
        expect(done["server"] == "recovery_replaced" and done["documents"] > 0, f"{done}")
        seventh.run("note", "add", "--title", "Écrit entre-temps", "--text", "Ne se perd pas")
        for words in (("sync",), ("sync",)):
            told = seventh.run(*words, check=False)
            expect(told.status == 4 and told.code() == "recovery_replaced", f"{told.rows}")
            expect("coffret stop" in told.one()["error"]["detail"], f"{told.rows}")
        seventh.run("stop")
        eighth = self.programs.vault("eighth")
        done = eighth.run("rebuild", "--from-server", self.server.url, "--pin",
                          self.server.fingerprint, "--recovery-file", self.new_sheet,
                          "--carry-from", seventh.directory, "--name", "Huitième",
                          "--passphrase-file", seventh.passphrase).one()
        expect(done["carried"] >= 1, f"{done}")
        expect(eighth.run("search", "entre-temps").rows, "what was written meanwhile is there")
        names = [d.get("name") for d in eighth.run("device", "list").rows]
        expect("Huitième" in names, f"{names}")


def main():
    suite = Suite()
    with Programs(sys.argv[1]) as programs:
        story = Story(programs, suite)
        suite.test("a backup is the whole, then what is new, and says so", story.backups)
        sentence = "the stock age and tar open it, with a key that Python alone can make"
        if shutil.which("age"):
            suite.test(sentence, story.stock_age)
        else:
            suite.skip(sentence, "the Debian package age is not installed")
        suite.test("a cut, a changed and a missing file are each named", story.damaged)
        suite.test("the sheet and the backup bring all of it back, without a server", story.rebuilt)
        suite.test("a mistyped key is told with its group, and nothing is made", story.wrong_keys)
        suite.test("a rehearsal proves it, and leaves a date and nothing else", story.rehearsed)
        suite.test("the sheet is on paper", story.on_paper)
        suite.test("two of three shares bring it back, here and without Coffret", story.shared_out)
        suite.test("a forgotten passphrase is set anew by the sheet", story.forgotten)
        suite.test("which way leads back is told for each loss", story.ways)
        suite.test("with a server, what is newer there follows later", story.with_server)
        suite.test("a lost sheet is replaced by a new one, here and in backups", story.sheet_lost)
        suite.test("the old sheet is split no more, the new one with its server", story.split_again)
        suite.test("a vault that came back by the old sheet is told the way on", story.from_before)
    return suite.close()


if __name__ == "__main__":
    sys.exit(main())
