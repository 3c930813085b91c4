#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""The access log, from the attempt to the proof: who opened what in one sentence, who was refused and
how often, a signed head each day, and a file that a program of another hand verifies."""
import base64
import json
import os
import subprocess
import sys
import time

from harness import ROOT, DOCUMENTS, Programs, Server, Suite, expect, moved_clock, refused
from links_attacked import Wire, path_of

VERIFIER = os.path.join(ROOT, "tools/log-verify")
FLOOD = 45  # refused attempts on one day
TOLD = 20   # of them that have a line of their own


class Watched:
    def __init__(self, programs):
        self.programs = programs
        self.server = Server(programs)
        self.wire = Wire(self.server.port)
        self.vault = programs.vault(lang="fr")
        self.vault.init()
        self.vault.run("import", DOCUMENTS)
        self.vault.join(self.server)
        self.three = [row["id"] for row in self.vault.run("list").rows[:3]]

    def share(self, *flags):
        words = [word for one in self.three for word in ("--document", one)]
        return self.vault.run("grant", "create", "--to", "Dr Alice Martin", "--for", "30d", *words,
                              *flags).one()

    def redeem(self, shared, check=True):
        link = self.programs.file("one.link", shared["link"])
        return self.vault.run("redeem", "@" + link, "--as", "Dr Alice Martin", "--out",
                              self.programs.path("got"), check=check)

    def lines(self, *words):
        return [row for row in self.vault.run("access-log", *words).rows if "outcome" in row]

    def said(self, *words):
        return self.vault.run("access-log", *words, json_out=False).out.decode()

    def told_in_a_sentence(self):
        self.shared = self.share()
        expect("Personne n'a rien ouvert" in self.said("--grant", self.shared["id"]), "nobody yet")
        self.redeem(self.shared)
        told = self.said("--grant", self.shared["id"])
        expect("Dr Alice Martin a ouvert 3 documents, le " in told and
               "Dr Alice Martin a lu 3 documents, le " in told, told)
        expect("selon ses dires" in told and "vérifiées" in told, told)
        self.vault.lang = "en"
        told = self.said("--grant", self.shared["id"])
        expect("Dr Alice Martin opened 3 documents, " in told, told)
        self.vault.lang = "fr"

    def unknown_grant(self):
        refused(self.vault, 3, "not_found", "access-log", "--grant", "zzzzzzzz")
        refused(self.vault, 3, "not_found", "access-log", "--grant", self.shared["id"][:2])

    def refused_attempts(self):
        """An ended link: revoked, used up, expired. Each refusal is seen by the patient."""
        over = self.share("--openings", "1")
        self.redeem(over)
        revoked = self.share()
        self.vault.run("grant", "revoke", revoked["id"])
        expired = self.vault.run("grant", "create", "--to", "Dr Alice Martin", "--for", "1s",
                                 "--document", self.three[0]).one()
        time.sleep(2)
        for shared in (over, revoked, expired):
            done = self.redeem(shared, check=False)
            expect(done.status == 6 and done.code() == "link_not_active", f"{done.rows}")
            last = self.lines("--grant", shared["id"])[-1]
            expect(last["outcome"] == "not_active" and last["recipient"] == "Dr Alice Martin",
                   f"it was written down, and who said to ask: {last}")
            expect("essai refusé" in self.said("--grant", shared["id"]), "in words")

    def flood(self):
        """More than 20 attempts of a link and a day are one line, with their count, when it is over."""
        self.flooded = self.share()
        self.vault.run("grant", "revoke", self.flooded["id"])
        path = path_of(self.flooded["link"])
        for i in range(FLOOD):
            answer = self.wire.ask("POST", path + "/open", {"recipient": ""}, i)
            expect(answer and answer[0] == 404, f"{answer}")
        lines = self.lines("--grant", self.flooded["id"])
        expect(len(lines) == TOLD, f"{len(lines)} lines for {FLOOD} attempts")

    def export(self, name):
        path = self.programs.path(name)
        self.vault.run("access-log", "--out", path)
        expect(os.stat(path).st_mode & 0o777 == 0o600, "the file is the patient's alone")
        return path

    def verify(self, path, *words, key=None):
        done = subprocess.run([VERIFIER, path, *(key or ("--fingerprint", self.server.fingerprint)),
                               "--json", *words], capture_output=True, check=False,
                              env=self.programs.env)
        try:
            told = json.loads(done.stdout)
        except ValueError:
            told = {"error": {"code": done.stderr.decode()}}
        return done.returncode, told

    def verified_elsewhere(self):
        self.first = self.export("first.txt")
        status, told = self.verify(self.first, "--line", "1")
        expect(status == 0 and told["verified"] and told["lines"] == told["line"]["index"] +
               told["lines"] - 1, f"{status} {told}")
        expect(told["line"]["proof"], "with the proof of a line")
        with open(self.first, encoding="utf-8") as file:
            key = [line for line in file if line.startswith("key ")][0].split()[1]
        expect(self.verify(self.first, key=("--key", key))[0] == 0, "by the key as by its fingerprint")
        seen = len(self.lines())
        expect(told["lines"] >= seen, f"{told['lines']} {seen}")

    def altered_is_found(self):
        with open(self.first, encoding="utf-8") as file:
            lines = file.read().split("\n")
        leaf = base64.b64decode(lines[5])
        other_time = bytearray(leaf)
        other_time[9] ^= 1
        changed = base64.b64encode(bytes(other_time)).decode()
        note = lines.index("checkpoint")
        cases = (
            ("a line changed", lines[:5] + [changed] + lines[6:], 7),
            ("a line left out", lines[:4] + [f"lines {note - 6}"] + lines[6:], 7),
            ("two lines in another order", lines[:5] + [lines[6], lines[5]] + lines[7:], 7),
            ("another size signed", lines[:note + 2] + ["1"] + lines[note + 3:], 7),
            ("another server's key", lines[:2] + ["key " + "A" * 43] + lines[3:], 7),
            ("another vault", lines[:3] + ["vault " + "a" * 26] + lines[4:], 7),
            ("cut", lines[:note], 9),
            ("no file of ours", ["bonjour"], 9),
            ("another version", ["coffret-access-log 2"] + lines[1:], 10))
        for what, content, wanted in cases:
            path = self.programs.file("altered.txt", "\n".join(content))
            status, told = self.verify(path)
            expect(status == wanted, f"{what}: exit {status} {told}, wanted {wanted}")
        status, told = self.verify(self.first, key=("--fingerprint", "A" * 43))
        expect(status == 7, f"another fingerprint: {status} {told}")
        status, told = self.verify(self.programs.path("nowhere"))
        expect(status == 9, f"no file: {status} {told}")

    def a_day_without_anything(self):
        """The count of the flood when its day is over; then a head a day, though nothing happens."""
        for shift in ("+1d", "+2d", "+3d"):
            self.server.stop()
            self.server.start(**moved_clock(shift))
            self.vault.more_env = moved_clock(shift)
            self.vault.run("stop")
            self.vault.unlock()
        last = self.lines("--grant", self.flooded["id"])[-1]
        expect(last["outcome"] == "many_attempts" and last["count"] == FLOOD - TOLD, f"{last}")
        self.second = self.export("second.txt")
        status, told = self.verify(self.second, "--earlier", self.first)
        expect(status == 0 and told["days_without"] == [], f"no day is missing: {status} {told}")
        done = subprocess.run([VERIFIER, self.second, "--fingerprint", self.server.fingerprint,
                               "--lines"], capture_output=True, check=False, env=self.programs.env)
        expect(done.stdout.count(b"daily_head") >= 2, f"{done.stdout.decode()}")

    def two_heads(self):
        """The later log begins with the earlier one, whether all of it or its head is at hand; a log
        that does not is found, though it is signed."""
        with open(self.first, encoding="utf-8") as file:
            note = file.read().split("checkpoint\n")[1]
        head = self.programs.file("head.txt", note)
        status, told = self.verify(self.second, "--earlier", head)
        expect(status == 0 and told["earlier"] == int(note.split("\n")[1]), f"{status} {told}")
        status, told = self.verify(self.first, "--earlier", self.second)
        expect(status == 7, f"a log that became shorter: {status} {told}")

    def said_when_it_stays_away(self):
        told = self.vault.run("status").one()["access_heads"]
        expect(told["grown"] and told["late"] is False, f"{told}")
        place = os.path.join(self.vault.directory, "access-heads")
        with open(place, encoding="ascii") as file:
            kept = json.load(file)
        # As it would be had no new line come since five days before the last sync.
        self.vault.run("sync")
        with open(place, "w", encoding="ascii") as file:
            json.dump({**kept, "grown": kept["grown"] - 5 * 86400}, file)
        expect(self.vault.run("status").one()["access_heads"]["late"], "late")
        said = self.vault.run("status", json_out=False).out.decode()
        expect("n'a plus signé de nouvelle ligne" in said, said)
        with open(place, "w", encoding="ascii") as file:
            json.dump({**kept, "asked": 0, "size": 1}, file)
        self.vault.run("sync")
        expect(not self.vault.run("status").one()["access_heads"]["late"], "a sync asks again")

    def explained(self):
        for lang, word in (("fr", "Utilisation"), ("en", "Usage")):
            done = subprocess.run([VERIFIER, "--help", "--lang", lang], capture_output=True, check=False)
            text = done.stdout.decode()
            expect(done.returncode == 0 and word in text and
                   all(len(line) <= 92 for line in text.splitlines()), text)
        done = subprocess.run([VERIFIER, self.first], capture_output=True, check=False)
        expect(done.returncode == 2, f"a key must be given: {done}")


def main():
    suite = Suite()
    started = time.time()
    with Programs(sys.argv[1]) as programs:
        watched = Watched(programs)
        for sentence, body in (
                ("who opened how many documents is one sentence", watched.told_in_a_sentence),
                ("the log of an unknown grant is not found", watched.unknown_grant),
                ("whoever is refused an ended link is written down", watched.refused_attempts),
                (f"{FLOOD} refused attempts on a link are {TOLD} lines", watched.flood),
                ("the exported log is verified without our code", watched.verified_elsewhere),
                ("what was altered in it is found, each by its exit status", watched.altered_is_found),
                ("days on which nothing happens have their head, the flood its count",
                 watched.a_day_without_anything),
                ("of two heads the later contains the earlier", watched.two_heads),
                ("a head that stays away is said in words", watched.said_when_it_stays_away),
                ("the verifier explains itself in both languages", watched.explained)):
            suite.test(sentence, body)
    print(f"{time.time() - started:.0f} s")
    return suite.close()


if __name__ == "__main__":
    sys.exit(main())
