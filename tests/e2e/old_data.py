#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""What earlier releases left behind (tests/fixtures) opens with this build: the vault and all that is
in it, its server's data, a new machine rebuilt from it, what was exported. What a later build made
is refused with its own sentence, and not touched."""
import glob
import hashlib
import json
import os
import re
import sqlite3
import sys
import tarfile

from harness import ROOT, Programs, Suite, Vault, expect, refused

FIXTURES = os.path.join(ROOT, "tests/fixtures")


def unpack(archive, folder):
    os.mkdir(folder, 0o700)
    with tarfile.open(archive) as packed:
        packed.extractall(folder)
    for inner, _, names in os.walk(folder):
        os.chmod(inner, 0o700)
        for name in names:
            os.chmod(os.path.join(inner, name), 0o600)


class Old:
    """A copy of one fixture."""

    def __init__(self, programs, fixture):
        self.programs = programs
        self.name = os.path.basename(fixture)
        self.fixture = fixture
        with open(os.path.join(fixture, "expected.json"), encoding="utf-8") as file:
            self.expected = json.load(file)
        with open(os.path.join(fixture, "README.md"), encoding="utf-8") as file:
            about = file.read()
        self.words = re.search(r"passphrase of the vault: `([^`]*)`", about).group(1)
        self.port = re.search(r"https://127\.0\.0\.1:(\d+)", about).group(1)
        for part in ("vault", "server", "export"):
            unpack(os.path.join(fixture, part + ".tar.xz"), self.path(part))
        self.vault = self.vault_at("vault")

    def path(self, part):
        return self.programs.path(f"{self.name}-{part}")

    def vault_at(self, part):
        vault = Vault(self.programs, self.path(part))
        vault.passphrase = self.programs.file(f"{self.name}-{part}.words", self.words + "\n")
        self.programs.vaults.append(vault)
        return vault

    def serve(self):
        self.server, self.ready = self.programs.start(
            self.programs.program("coffret-server"), "serve", "--data", self.path("server"),
            "--listen", f"127.0.0.1:{self.port}", "--admin", "127.0.0.1:0")

    def shelf(self, vault):
        return sorted([r["id"], r["title"], r["sha256"]] for r in vault.run("list").rows)

    def opens(self):
        self.vault.unlock()
        expect(self.shelf(self.vault) == self.expected["documents"],
               f"the same list: {self.shelf(self.vault)}")
        for word, hits in self.expected["search"].items():
            found = [r["id"] for r in self.vault.run("search", word).rows]
            expect(found == hits, f"search {word}: {found}, was {hits}")
        expect(len(self.vault.run("results").rows) == self.expected["results"], "the same results")

    def has_every_byte(self):
        for one, _, sha256 in self.expected["documents"]:
            out = self.path(one)
            self.vault.run("show", one, "--out", out)
            with open(out, "rb") as file:
                expect(hashlib.sha256(file.read()).hexdigest() == sha256, f"the bytes of {one}")
        expect(self.vault.run("check", "--read-data").one()["ok"], "check finds no problem")

    def goes_on(self):
        self.vault.run("restore", self.expected["removed"])
        note = self.programs.file(f"{self.name}-new.txt", "Écrit par une version plus récente.\n")
        done = self.vault.run("import", note).rows[-1]["summary"]
        expect(done["imported"] == 1, f"a new document: {done}")

    def meets_its_server(self):
        self.serve()
        self.vault.run("sync")
        status = self.vault.run("status").one()
        expect(status["pending"] == 0, f"what was pending is pushed: {status}")
        expect(self.vault.run("check", "--against-server").one()["ok"], "both agree")
        grants = {r["id"] for r in self.vault.run("grant", "list").rows}
        expect(set(self.expected["grants"]) <= grants, "the grants are still known")

    def is_rebuilt(self):
        second = self.vault_at("second")
        second.run("rebuild", "--from-server", self.ready["url"], "--pin",
                   self.ready["fingerprint"], "--recovery-file",
                   os.path.join(self.fixture, "recovery.txt"),
                   "--passphrase-file", second.passphrase)
        expect(self.shelf(second) == self.shelf(self.vault), "the same on a new machine")
        expect(second.run("check", "--read-data").one()["ok"], "check finds no problem there")

    def gives_its_export_back(self):
        other = self.programs.vault(f"{self.name}-other")
        other.init()
        done = other.run("import", self.path("export"), "--any-patient").rows[-1]["summary"]
        expect(done["refused"] == 0, f"nothing refused: {done}")
        shas = {r["sha256"] for r in other.run("list").rows}
        expect({sha for _, _, sha in self.expected["documents"]} <= shas, "all that was exported")

    def refuses_what_is_newer(self):
        later = self.vault_at("later")
        unpack(os.path.join(self.fixture, "vault.tar.xz"), later.directory)
        parameters = os.path.join(later.directory, "store.json")
        with open(parameters, encoding="utf-8") as file:
            told = json.load(file)
        told["format"] = 900
        with open(parameters, "w", encoding="utf-8") as file:
            json.dump(told, file)
        with open(os.path.join(later.directory, "store.db"), "rb") as file:
            before = file.read()
        refused(later, 10, "other_version", "unlock", "--passphrase-file", later.passphrase)
        with open(os.path.join(later.directory, "store.db"), "rb") as file:
            expect(file.read() == before, "not a byte of it was changed")

    def refuses_a_newer_server(self):
        self.server.terminate()
        self.server.wait(timeout=70)
        data = sqlite3.connect(os.path.join(self.path("server"), "records.db"))
        with data:
            data.execute("UPDATE meta SET value = 900 WHERE name = 'schema_version'")
        data.close()
        try:
            self.serve()
        except Exception as refusal:  # harness.Failed tells what the program said
            expect("version" in str(refusal), f"the sentence: {refusal}")
        else:
            expect(False, "a server of later data must not start")


def main():
    suite = Suite()
    fixtures = sorted(os.path.dirname(p) for p in glob.glob(f"{FIXTURES}/*/expected.json"))
    with Programs(sys.argv[1]) as programs:
        for fixture in fixtures:
            old = Old(programs, fixture)
            for sentence, body in (
                    ("opens, lists and finds", old.opens),
                    ("has every byte", old.has_every_byte),
                    ("goes on", old.goes_on),
                    ("meets its server", old.meets_its_server),
                    ("is rebuilt on a new machine", old.is_rebuilt),
                    ("gives its export back", old.gives_its_export_back),
                    ("refuses a later format of its own", old.refuses_what_is_newer),
                    ("refuses a later format of its server", old.refuses_a_newer_server)):
                suite.test(f"{old.name} {sentence}", body)
    return suite.close()


if __name__ == "__main__":
    sys.exit(main())
