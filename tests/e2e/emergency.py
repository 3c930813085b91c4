#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""An emergency card, from the consent to the paper, and a rescuer who opens it: a name and a reason
are demanded, both sides keep them, every device tells them, and afterwards the card is sealed anew."""
import os
import shutil
import stat
import subprocess
import sys

from harness import (DOCUMENTS, FAKETIME, ROOT, Programs, Server, Suite, expect, find_words,
                     moved_clock, refused)
from links_attacked import Wire, path_of

VERIFIER = os.path.join(ROOT, "tools/log-verify")
WHO, WHY = "Dr Alice Martin, SAMU Exemple", "trouvé inconscient dans la rue"


def told_by(*command):
    return subprocess.run(command, capture_output=True, check=False).stdout.decode()


class Emergency:
    def __init__(self, programs):
        self.programs = programs
        self.server = Server(programs)
        self.wire = Wire(self.server.port)
        self.vault = programs.vault(lang="fr")
        self.papers = 0

    def run(self, *words, **more):
        return self.vault.run(*words, **more)

    def said(self, *words):
        return self.run(*words, json_out=False).out.decode()

    def prepared(self):
        self.vault.init()
        self.run("import", DOCUMENTS)
        self.run("contact", "add", "--name", "Léo Exemple", "--phone", "06 00 00 00 00")
        self.vault.join(self.server)
        self.run("sync")
        held = self.run("grant", "preview", "--to", "X", "--all", "--for", "1h").one()
        self.barred = [d["id"] for d in held["left_out"]
                       if not {"undated", "unread", "body_missing"} & set(d["reasons"])]
        self.good = [d["id"] for d in held["documents"]][:2]
        expect(len(self.good) == 2, f"{held['documents']}")

    def card(self, *words, check=True):
        self.papers += 1
        self.paper = self.programs.path(f"urgence-{self.papers}.pdf")
        return self.run("emergency", "card", *words, "--out", self.paper, check=check)

    def nothing_yet(self):
        expect(self.run("emergency", "show").rows == [], "no card yet")
        done = self.card(check=False)
        expect(done.status == 3 and not os.path.exists(self.paper), f"nothing to print: {done.rows}")
        self.server.stop()
        done = self.card("--document", self.good[0], check=False)
        expect(done.status == 8 and not os.path.exists(self.paper), f"nor without the server: {done}")
        self.server.start()
        expect(self.run("emergency", "show").rows == [], "and nothing was made")

    def never_sensitive(self):
        secret = self.programs.file("serologie.xml", MASKED)
        row = self.run("import", secret, "--any-patient").rows[0]
        barred = self.barred + [row["id"]]
        for one in barred:
            done = self.card("--document", self.good[0], "--document", one, check=False)
            expect(done.status == 6 and done.code() == "denied" and not os.path.exists(self.paper),
                   f"{one}: {done.status} {done.rows}")
        self.run("remove", row["id"])

    def made(self):
        self.first = self.card("--document", self.good[0], "--document", self.good[1]).one()
        expect(self.first["documents"] == 2 and self.first["emergency"], f"{self.first}")
        expect("Carte d'urgence" in self.first["consent"], self.first["consent"])
        expect(stat.S_IMODE(os.stat(self.paper).st_mode) == 0o600, "for its owner alone")
        refused(self.vault, 1, "file_exists", "emergency", "card", "--out", self.paper)

    def on_paper(self):
        for page in ("1", "2"):
            text = told_by("pdftotext", "-layout", "-f", page, "-l", page, self.paper, "-")
            for word in ("Camille", "06 00 00 00 00", "Scannez", "Scan this", "Appeler / Call"):
                expect(word in text, f"page {page}: {word} in {text}")
            titles = [row["title"] for row in self.run("list").rows]
            expect(not [title for title in titles if title and title in text], "nothing medical")

    def scanned(self):
        for page in ("1", "2"):
            picture = self.programs.path("page")
            told_by("pdftoppm", "-r", "200", "-f", page, "-l", page, "-singlefile", "-png",
                    self.paper, picture)
            expect(told_by("zbarimg", "--quiet", "--raw", picture + ".png").strip() ==
                   self.first["link"], f"page {page}: the code is the link")

    def redeem(self, link, *words, check=True, out="secours"):
        path = self.programs.file("link.txt", link + "\n")
        return self.run("redeem", "@" + path, "--out", self.programs.path(out), *words, check=check)

    def demanded(self):
        for words in ((), ("--as", WHO), ("--reason", WHY)):
            done = self.redeem(self.first["link"], *words, check=False)
            expect(done.status == 2, f"{words}: {done.status} {done.rows}")
            path = self.programs.file("link.txt", self.first["link"] + "\n")
            said = self.run("redeem", "@" + path, "--out", self.programs.path("secours"), *words,
                            check=False, json_out=False)
            expect("carte d'urgence" in said.err.decode(), said.err.decode())
        status, told = self.wire.ask("GET", path_of(self.first["link"]))
        expect(status == 200 and told["reason"] is True and told["passcode"] is False, f"{told}")
        for body in ({"recipient": ""}, {"recipient": "a.b"}, {"recipient": "", "reason": "a.b"}):
            answer = self.wire.ask("POST", path_of(self.first["link"]) + "/open", body)
            expect(answer[0] == 403, f"the server demands both: {body} {answer}")
        expect(not [r for r in self.run("access-log").rows if "outcome" in r], "nothing was opened")

    def opened(self):
        got = self.redeem(self.first["link"], "--as", WHO, "--reason", WHY).one()
        expect(len(got["files"]) == 2, f"{got}")
        rows = [r for r in self.run("access-log").rows if r.get("outcome") == "delivered"]
        expect([(r["recipient"], r["reason"]) for r in rows] == [(WHO, WHY)], f"{rows}")
        expect(f"a ouvert 2 documents pour « {WHY} »" in self.said("access-log"),
               self.said("access-log"))
        found = find_words(self.server.data, [WHO, WHY, "inconscient"])
        expect(not found, f"sealed on the server: {found}")

    def verified_elsewhere(self):
        path = self.programs.path("journal.txt")
        self.run("access-log", "--out", path)
        done = subprocess.run([VERIFIER, path, "--fingerprint", self.server.fingerprint, "--json"],
                              capture_output=True, check=False, env=self.programs.env)
        expect(done.returncode == 0, f"{done.stdout} {done.stderr}")

    def told(self):
        done = self.run("sync").one()
        expect(done["emergency"][0]["openings"][0]["why"] == WHY, f"{done}")
        said = self.said("status")
        expect("Votre carte d'urgence a été ouverte" in said and WHO in said and WHY in said, said)
        row = self.run("emergency", "show").rows[0]
        expect(row["state"] == "live" and row["used"][0]["who"] == WHO, f"{row}")

    def other_device(self):
        """Another machine of the patient's learns of it from the vault's log alone."""
        self.run("sync")
        second = self.programs.vault("second", lang="fr")
        second.more_env = self.vault.more_env
        second.run("rebuild", "--from-server", self.server.url, "--pin", self.server.fingerprint,
                   "--recovery-file", self.vault.recovery, "--passphrase-file", second.passphrase)
        news = second.run("status").one()["emergency"]
        expect(news and news[0]["openings"][0]["who"] == WHO, f"{news}")
        expect(WHY in second.run("status", json_out=False).out.decode(), "in words too")

    def read_on(self):
        got = self.redeem(self.first["link"], "--as", "Hôpital Exemple", "--reason", "accueil",
                          out="hopital").one()
        expect(len(got["files"]) == 2, "the hospital reads it too, before it is sealed anew")
        self.run("sync")

    def later(self, shift):
        self.server.stop()
        self.server.start(**moved_clock(shift))
        self.vault.more_env = moved_clock(shift)
        self.run("stop")
        self.vault.unlock()

    def sealed_anew(self):
        self.later("+20m")
        done = self.run("sync").one()
        expect(done["emergency"][0]["print"] is True, f"{done}")
        late = self.redeem(self.first["link"], "--as", WHO, "--reason", WHY, check=False, out="late")
        expect(late.code() == "link_not_active", f"the old paper is dead: {late.rows}")
        said = self.said("status")
        expect("L'ancien papier ne vaut plus" in said and WHY in said and "accueil" in said, said)
        rows = self.run("emergency", "show").rows
        expect([r["state"] for r in rows] == ["live", "revoked"] and
               rows[1]["next"] == rows[0]["id"] and rows[0]["documents"] == 2, f"{rows}")

    def printed_anew(self):
        again = self.card().one()
        expect(again["link"] != self.first["link"], "another link and key")
        expect(not self.run("status").one()["emergency"], "and nothing is left to be told")
        expect(self.card().one()["link"] == again["link"], "printing again changes nothing")
        got = self.redeem(again["link"], "--as", WHO, "--reason", WHY, out="again").one()
        expect(len(got["files"]) == 2, f"{got}")
        self.again = again

    def delayed(self):
        """With a delay a reader waits, and the patient may refuse from a device."""
        slow = self.card("--document", self.good[0], "--delay", "3s").one()
        expect("refuser" in slow["consent"], slow["consent"])
        got = self.redeem(slow["link"], "--as", WHO, "--reason", WHY, out="slow")
        expect(len(got.one()["files"]) == 1 and b"peut refuser" in got.err, f"{got.rows} {got.err}")
        rows = [r["outcome"] for r in self.run("access-log", "--grant", slow["id"]).rows
                if "outcome" in r]
        expect(rows == ["asked", "read"], f"{rows}")
        expect("a demandé à ouvrir" in self.said("access-log"), "in words")
        wary = self.card("--document", self.good[0], "--delay", "1h").one()
        path = path_of(wary["link"]) + "/open"
        status, told = self.wire.ask("POST", path, {"recipient": "a.b", "reason": "c.d"})
        expect(status == 202 and told["opens_at"] - told["server_time"] == 3600, f"{status} {told}")
        self.run("emergency", "refuse")
        answer = self.wire.ask("POST", path, {"recipient": "", "reader": told["reader"]})
        expect(answer[0] == 404, f"refused: {answer}")
        rows = self.run("emergency", "show").rows
        expect(rows[0]["state"] == "live" and rows[0]["print"] and rows[0]["delay"] == 3600, f"{rows}")
        self.again = self.card("--document", self.good[0]).one()

    def removed(self):
        self.run("emergency", "remove")
        late = self.redeem(self.again["link"], "--as", WHO, "--reason", WHY, check=False, out="gone")
        expect(late.status == 6 and late.code() == "link_not_active", f"{late.rows}")
        done = self.run("emergency", "remove", check=False)
        expect(done.status == 3, f"{done.rows}")


# A document whose author restricted it.
MASKED = """<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3">
<typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>
<id root="1.2.250.1.999.77" extension="masque-1"/>
<code code="34133-9" codeSystem="2.16.840.1.113883.6.1"/>
<title>Compte rendu restreint</title>
<effectiveTime value="20260110"/>
<confidentialityCode code="V" codeSystem="2.16.840.1.113883.5.25"/>
<recordTarget><patientRole><id extension="1"/></patientRole></recordTarget>
<component><structuredBody><component><section><title>Conclusion</title>
<text>Rien.</text></section></component></structuredBody></component>
</ClinicalDocument>
"""


def main():
    suite = Suite()
    with Programs(sys.argv[1]) as programs:
        emergency = Emergency(programs)

        def test_with(tools, sentence, body):
            missing = [tool for tool in tools if not shutil.which(tool)]
            if missing:
                suite.skip(sentence, f"{missing[0]} is not installed")
            else:
                suite.test(sentence, body)

        suite.test("a vault is filled and joined", emergency.prepared)
        suite.test("without documents or a server there is no card and no paper", emergency.nothing_yet)
        suite.test("what is masked or sensitive goes on no card", emergency.never_sensitive)
        suite.test("a card is made, and its papers", emergency.made)
        test_with(["pdftotext"], "the papers say whose they are, in two languages, nothing medical",
                  emergency.on_paper)
        test_with(["pdftoppm", "zbarimg"], "the code on each page is the link", emergency.scanned)
        suite.test("a name and a reason are demanded, by the reader and by the server",
                   emergency.demanded)
        suite.test("a rescuer opens it; the log says who and why", emergency.opened)
        suite.test("the log is verified without us", emergency.verified_elsewhere)
        suite.test("the patient is told", emergency.told)
        suite.test("so is every device", emergency.other_device)
        suite.test("a second reader opens it before it is sealed anew", emergency.read_on)
        if FAKETIME:
            suite.test("afterwards it is sealed anew, and the old paper is dead", emergency.sealed_anew)
            suite.test("printed anew it opens, under another link", emergency.printed_anew)
            suite.test("with a delay the patient may refuse", emergency.delayed)
            suite.test("removed it opens nothing", emergency.removed)
        else:
            suite.skip("afterwards it is sealed anew", "libfaketime is not installed")
    return suite.close()


if __name__ == "__main__":
    sys.exit(main())
