#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""The main job, as the three people do it: a vault is made and filled, joined to a server that
holds ciphertext only, shared by a link that is redeemed, ended, and rebuilt on a second machine."""
import hashlib
import os
import subprocess
import sys
import time

from harness import (DOCUMENTS, PASSPHRASE, Programs, Server, Suite, canaries, expect, find_words,
                     refused)


def files(directory):
    """name → SHA-256 of what lies in a directory."""
    found = {}
    for name in os.listdir(directory):
        with open(os.path.join(directory, name), "rb") as file:
            found[name] = hashlib.sha256(file.read()).hexdigest()
    return found


class Journey:
    def __init__(self, programs):
        self.programs = programs
        self.server = Server(programs)
        self.vault = programs.vault()

    def first_hour(self):
        made = self.vault.init()
        expect(made["vault"] and made["recovery_key_check"], "init tells vault and check words")
        expect(os.stat(self.vault.recovery).st_mode & 0o777 == 0o600, "the recovery file is 0600")
        rows = self.vault.run("import", DOCUMENTS).rows
        expect([r["outcome"] for r in rows[:-1]] == ["imported"] * 6, f"six imported: {rows}")
        expect(rows[-1]["summary"]["imported"] == 6, "the summary counts them")

    def again_is_duplicate(self):
        rows = self.vault.run("import", DOCUMENTS).rows
        expect(all(r["outcome"] == "duplicate" for r in rows[:-1]), f"all known: {rows}")

    def time_line(self):
        rows = self.vault.run("list").rows
        expect(len(rows) == 6, f"six documents: {rows}")
        titles = " | ".join(r["title"] for r in rows)
        expect("biologi" in titles.lower(), f"the laboratory report has its title: {titles}")
        report = next(r for r in rows if r["kind"]["code"] == "11502-2")
        expect(report["kind"]["label"] and report["author"] and report["date"] and
               report["patient"].startswith("EXEMPLE"), f"kind, author, date, patient: {report}")

    def search(self):
        for words, least in ((["glycemie"], 1), (["GLYCÉMIE"], 1), (["copie-canari-02"], 1),
                             (["zibeline*"], 1), (["motquinexistepas"], 0)):
            rows = self.vault.run("search", *words).rows
            expect(len(rows) >= least if least else not rows, f"search {words}: {rows}")

    def originals_byte_for_byte(self):
        originals = set(files(DOCUMENTS).values())
        for row in self.vault.run("list").rows:
            out = self.programs.path("one-" + row["id"])
            self.vault.run("show", row["id"], "--out", out)
            with open(out, "rb") as file:
                digest = hashlib.sha256(file.read()).hexdigest()
            expect(digest == row["sha256"] and digest in originals, f"same bytes: {row['title']}")

    def join_and_sync(self):
        card = self.vault.join(self.server)
        expect(card["country"] == "FR" and card["fingerprint"] == self.server.fingerprint,
               f"the card was shown: {card}")
        done = self.vault.run("sync").one()
        expect(done["pushed"] >= 7 and done["bytes_up"] > 6 * 65536, f"pushed: {done}")
        done = self.vault.run("sync").one()
        expect(done["pushed"] == 0 and done["requests"] == 1, f"no change, one request: {done}")

    def grant(self, *flags):
        ids = [r["id"] for r in self.vault.run("list").rows]
        words = ["grant", "create", "--to", "Dr Alice Martin", "--for", "7d"]
        for one in ids[:3]:
            words += ["--document", one]
        return self.vault.run(*words, *flags).one()

    def redeem(self, link, out, *flags, check=True):
        path = self.programs.file("link.txt", link + "\n")
        return self.vault.run("redeem", "@" + path, "--as", "Dr Alice Martin, Cabinet Exemple",
                              "--out", self.programs.path(out), *flags, check=check)

    def link_redeemed(self):
        self.shared = self.grant("--openings", "2")
        expect("/v#c1." in self.shared["link"], f"a protected link: {self.shared}")
        got = self.redeem(self.shared["link"], "received").one()
        expect(len(got["files"]) == 3, f"three documents: {got}")
        received = set(files(self.programs.path("received")).values())
        expect(len(received & set(files(DOCUMENTS).values())) == 3, "byte for byte")

    def opening_is_seen(self):
        rows = self.vault.run("access-log").rows
        outcomes = [r["outcome"] for r in rows]
        expect("delivered" in outcomes and "read" in outcomes, f"delivered and read: {rows}")
        expect(any("Alice Martin" in r["recipient"] for r in rows), f"who it was: {rows}")

    def picture_has_no_place(self):
        def count():
            return len(self.vault.run("grant", "list").rows)
        before = count()
        one = self.vault.run("list").rows[0]["id"]
        refused(self.vault, 3, "file_not_found", "grant", "create", "--to", "Dr Bref", "--for", "1h",
                "--document", one, "--qr", self.programs.path("nowhere/link.svg"))
        expect(count() == before, "no grant is open whose link was lost")

    def ended(self):
        done = self.vault.run("grant", "revoke", self.shared["id"]).one()
        expect(done["state"] == "revoked", f"ended: {done}")
        refused = self.redeem(self.shared["link"], "late", check=False)
        expect(refused.status == 6 and refused.code() == "link_not_active", f"{refused.rows}")
        states = {r["id"]: r["state"] for r in self.vault.run("grant", "list").rows}
        expect(states[self.shared["id"]] == "revoked", f"the list says so: {states}")

    def openings_run_out(self):
        shared = self.grant("--openings", "1")
        self.redeem(shared["link"], "first")
        expect(self.redeem(shared["link"], "second", check=False).code() == "link_not_active",
               "the second reader comes too late")
        state = self.vault.run("grant", "show", shared["id"]).one()["state"]
        expect(state == "used_up", f"used up: {state}")
        states = {r["id"]: r["state"] for r in self.vault.run("grant", "list").rows}
        expect(states[shared["id"]] == "used_up", f"the list says so too: {states}")

    def passcode(self):
        shared = self.grant("--passcode")
        expect(len(shared["passcode"]) == 6, f"six digits: {shared}")
        right = self.programs.file("code", shared["passcode"])
        wrong = self.programs.file("wrong", "000000" if shared["passcode"] != "000000" else "1")
        refused = self.redeem(shared["link"], "guess", "--passcode-file", wrong, check=False)
        expect(refused.status == 4 and refused.code() == "wrong_passcode", f"{refused.rows}")
        self.redeem(shared["link"], "told", "--passcode-file", right)
        for _ in range(5):
            self.redeem(shared["link"], "guess", "--passcode-file", wrong, check=False)
        dead = self.redeem(shared["link"], "dead", "--passcode-file", right, check=False)
        expect(dead.code() == "link_not_active", f"five wrong tries in a life: {dead.rows}")

    def expiry(self):
        ids = [r["id"] for r in self.vault.run("list").rows]
        shared = self.vault.run("grant", "create", "--to", "Dr Bref", "--for", "3s",
                                "--document", ids[0]).one()
        deadline = time.time() + 4  # expiry is the thing tested: there is no other clock here
        while time.time() < deadline:
            time.sleep(0.2)
        late = self.redeem(shared["link"], "expired", check=False)
        expect(late.code() == "link_not_active", f"after its end: {late.rows}")

    def remove_and_restore(self):
        one = self.vault.run("list").rows[0]["id"]
        self.vault.run("remove", one)
        expect(len(self.vault.run("list").rows) == 5, "out of the list")
        self.vault.run("restore", one)
        expect(len(self.vault.run("list").rows) == 6, "and back")

    def rebuilt_on_a_second_machine(self):
        self.vault.run("sync")
        second = self.programs.vault("second")
        done = second.run("rebuild", "--from-server", self.server.url, "--pin",
                          self.server.fingerprint, "--recovery-file", self.vault.recovery,
                          "--passphrase-file", second.passphrase).one()
        expect(done["documents"] == 6 and done["verified"] == 6, f"all verified: {done}")
        digest = {r["sha256"] for r in self.vault.run("list").rows}
        expect({r["sha256"] for r in second.run("list").rows} == digest, "the same bytes")
        second.run("sync")  # ends with reading what came, which a rebuild leaves to the background
        expect(second.run("search", "glycemie").rows, "and the text inside is found there too")
        expect(second.run("check", "--read-data").one()["ok"], "the second vault is in order")
        second.run("sync")
        self.vault.run("sync")
        expect(self.vault.run("check", "--read-data", "--against-server").one()["ok"], "the first too")

    def no_word_on_the_server(self):
        words = canaries()
        found = find_words(self.server.data, words)
        expect(not found, f"on the server's disk: {found}")
        for log in self.programs.logs():
            expect(not find_words(log, words), f"in a log: {log}")

    def no_word_in_the_vault(self):
        self.vault.run("stop")
        found = find_words(self.vault.directory, canaries())
        expect(not found, f"in the vault's files: {found}")
        expect(PASSPHRASE not in subprocess.run(["ps", "-eo", "args"], capture_output=True,
                                                text=True, check=True).stdout, "not in argv")

    def french_sentences(self):
        wrong = self.programs.file("wrong.pass", "pas la bonne\n")
        refused = self.vault.run("unlock", "--passphrase-file", wrong, check=False, json_out=False)
        expect(refused.status == 4, f"exit 4: {refused.status}")
        expect("phrase secrète" in refused.err.decode(), refused.err.decode())
        self.vault.unlock()
        listing = self.vault.run("list", json_out=False).out.decode()
        expect("janvier" in listing or "février" in listing or "mars" in listing or
               any(str(y) in listing for y in range(2020, 2027)), f"dates spelled out: {listing}")


def main():
    suite = Suite()
    with Programs(sys.argv[1]) as programs:
        journey = Journey(programs)
        suite.test("a vault is made and six sample documents are imported", journey.first_hour)
        suite.test("the same files again are duplicates", journey.again_is_duplicate)
        suite.test("the time line has titles, dates, authors and kinds", journey.time_line)
        suite.test("search finds words inside, whatever the accents", journey.search)
        suite.test("originals come back byte for byte", journey.originals_byte_for_byte)
        suite.test("the vault joins a server and syncs; no change is one request",
                   journey.join_and_sync)
        suite.test("a caregiver redeems a protected link", journey.link_redeemed)
        suite.test("the patient sees the opening", journey.opening_is_seen)
        suite.test("nothing is shared when the link's picture cannot be written",
                   journey.picture_has_no_place)
        suite.test("an ended grant opens nothing", journey.ended)
        suite.test("openings run out", journey.openings_run_out)
        suite.test("a passcode has five wrong tries in its life", journey.passcode)
        suite.test("a grant ends by itself", journey.expiry)
        suite.test("a document is removed and restored", journey.remove_and_restore)
        suite.test("a second machine is rebuilt from the recovery key, byte for byte",
                   journey.rebuilt_on_a_second_machine)
        suite.test("the server's disk and the logs hold no word of the documents",
                   journey.no_word_on_the_server)
        suite.test("the vault's files hold no word in clear", journey.no_word_in_the_vault)
        suite.test("a wrong passphrase is told in French, with exit 4", journey.french_sentences)
    return suite.close()


if __name__ == "__main__":
    sys.exit(main())
