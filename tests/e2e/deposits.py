#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""A laboratory sends documents into a vault, in French: through a link that its owner made, sealed
so that nobody between reads them; shown with the sender's own words, accepted on either of two
machines, or refused; and every way in which it may go wrong."""
import os
import re
import socket
import sqlite3
import sys
import threading
import time

from devices import Devices
from harness import Programs, Suite, expect, find_words, refused

NOTE = "Vos résultats du mois, très cordialement"
LETTER = "Compte rendu déposé, repère canari-depot-41"


class CutLine:
    """Hands TLS through to a server, and breaks it after so many bytes on their way there: once, or
    each time."""

    def __init__(self, target, after, times):
        self.target, self.after, self.left = target, after, times
        self.cut = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.target))
            threading.Thread(target=self.copy, args=(client, server, True), daemon=True).start()
            threading.Thread(target=self.copy, args=(server, client, False), daemon=True).start()

    def copy(self, source, sink, up):
        passed = 0
        try:
            while data := source.recv(65536):
                passed += len(data)
                if up and self.left > 0 and passed > self.after:
                    self.left -= 1
                    self.cut += 1
                    break
                sink.sendall(data)
        except OSError:
            pass
        for one in (source, sink):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def through(self, link):
        return re.sub(r"127\.0\.0\.1:\d+", f"127.0.0.1:{self.port}", link)

    def close(self):
        self.listener.close()


class Deposits:
    def __init__(self, programs):
        self.programs = programs
        self.devices = Devices(programs)
        self.server = self.devices.server
        self.vault, self.second = self.devices.first, self.devices.second

    def prepared(self):
        self.devices.paired()
        self.letter = self.programs.file("resultats.txt", LETTER + "\n")

    def link(self, *more, check=True):
        words = ("--from", "Laboratoire Exemple", "--for", "7d") if "--for" not in more else \
            ("--from", "Laboratoire Exemple")
        return self.vault.run("inbox", "link", *words, *more, check=check)

    def deposit(self, link, *files, who="Laboratoire Exemple, site des Tilleuls", check=True):
        path = self.programs.file("lien.txt", link + "\n")
        return self.vault.run("deposit", "@" + path, *files, "--as", who, "--note", NOTE,
                              check=check)

    def waiting(self, vault=None):
        return [row for row in (vault or self.vault).run("inbox", "list").rows if row.get("deposit")]

    def fetched(self, vault=None):
        (vault or self.vault).run("sync")
        return self.waiting(vault)

    def said(self, *words):
        self.vault.lang = "fr"
        return self.vault.run(*words, json_out=False).out.decode()

    def sent_and_accepted(self):
        made = self.link("--qr", self.programs.path("lien.svg")).one()
        self.made = made
        expect(made["link"].startswith("https://") and "#d1." in made["link"], made["link"])
        expect(os.path.getsize(self.programs.path("lien.svg")) > 500, "the link as a picture")
        done = self.deposit(made["link"], self.letter).one()
        expect(done["files"] == [{"name": "resultats.txt", "size": len(LETTER.encode()) + 1}], done)
        expect(not self.waiting(), "nothing before a sync")
        row = self.fetched()[0]
        expect(row["from"] == {"name": "Laboratoire Exemple", "organisation": "site des Tilleuls"},
               f"{row}")
        expect(row["note"] == NOTE and not row["proved"], f"{row}")
        expect(row["files"][0]["name"] == "resultats.txt", f"{row}")
        expect(self.vault.run("status").one()["deposits"] == 1, "status counts it")
        expect(len(self.vault.run("list").rows) == 6, "it is in no list")
        expect(not self.vault.run("search", "canari-depot-41").rows, "nor found")
        told = self.said("inbox", "list")
        expect("se dit : Laboratoire Exemple" in told and "rien ne le prouve" in told, told)
        expect(not find_words(self.server_data(), [NOTE, LETTER, "site des Tilleuls"]),
               "the server holds ciphertext")
        expect(not find_words(self.vault.directory, [NOTE, LETTER]), "and so does the disk here")
        taken = self.vault.run("inbox", "accept", row["id"][:8]).rows
        expect(taken[0]["outcome"] == "imported", f"{taken}")
        whole = self.vault.run("show", taken[0]["id"]).one()
        expect(whole["provenance"]["source"] ==
               "deposit: Laboratoire Exemple, site des Tilleuls", f"{whole['provenance']}")
        expect(self.vault.run("search", "canari-depot-41").rows, "found now")
        expect(not self.waiting() and self.vault.run("status").one()["deposits"] == 0, "settled")
        self.vault.run("sync")
        expect(not self.blobs_of_deposits(), "and gone at the server")

    def server_data(self):
        return self.server.data

    def blobs_of_deposits(self):
        """How many deposits the server's database still shows to their owner."""
        path = os.path.join(self.server_data(), "records.db")
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
            return db.execute("SELECT count(*) FROM blobs WHERE kind = 2 AND named = 1").fetchone()[0]

    def refused_deposit(self):
        self.deposit(self.made["link"], self.letter, who="Quelqu'un")
        row = self.fetched()[0]
        self.vault.run("inbox", "refuse", row["id"])
        expect(not self.waiting(), "refused")
        self.vault.run("sync")
        expect(not self.blobs_of_deposits(), "erased at the server")
        expect(not self.fetched(), "and never shown again")
        refused(self.vault, 3, "not_found", "inbox", "accept", row["id"], languages=False)

    def same_bytes_twice(self):
        self.deposit(self.made["link"], self.letter)
        row = self.fetched()[0]
        taken = self.vault.run("inbox", "accept", row["id"]).rows
        expect(taken[0]["outcome"] == "duplicate", f"{taken}")
        self.vault.run("sync")

    def two_devices_one_document(self):
        paper = self.programs.file("deux.txt", "Un seul document, deux machines.\n")
        self.deposit(self.made["link"], paper)
        first, second = self.fetched()[0], self.fetched(self.second)[0]
        expect(first["id"] == second["id"], "both see the same")
        before = len(self.vault.run("list").rows)
        for vault in (self.vault, self.second):
            taken = vault.run("inbox", "accept", first["id"]).rows
            expect(taken[0]["outcome"] == "imported", f"{taken}")
        for vault in (self.vault, self.second, self.vault):
            vault.run("sync")
        for vault in (self.vault, self.second):
            rows = vault.run("list").rows
            expect(len(rows) == before + 1, f"one document: {[r['title'] for r in rows]}")
            expect(not self.waiting(vault), "settled on both")
        one = [{r["id"] for r in vault.run("list").rows} for vault in (self.vault, self.second)]
        expect(one[0] == one[1], "the same one")

    def decided_on_the_other(self):
        self.deposit(self.made["link"], self.letter, who="Cabinet")
        row = self.fetched()[0]
        expect(len(self.fetched(self.second)) == 1, "both have it")
        self.second.run("inbox", "refuse", row["id"])
        self.second.run("sync")
        expect(not self.fetched(), "what the other refused is not shown here")
        expect(not os.listdir(os.path.join(self.vault.directory, "deposits")), "nor kept")

    def after_another_epoch(self):
        self.deposit(self.made["link"], self.letter)
        self.devices_epoch()
        row = self.fetched()[0]
        expect(row["from"], f"the key of an earlier epoch opens: {row}")
        self.vault.run("inbox", "refuse", row["id"])
        self.vault.run("sync")

    def devices_epoch(self):
        """A new recovery sheet begins an epoch."""
        self.vault.run("recovery", "sheet", "--out", self.programs.path("nouvelle.pdf"))
        self.vault.run("sync")

    def hostile_file(self):
        bad = self.programs.file(
            "piege.xml", '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
            "<ClinicalDocument xmlns=\"urn:hl7-org:v3\">&x;</ClinicalDocument>")
        good = self.programs.file("sain.txt", "Un mot sain à côté d'un piège.\n")
        self.deposit(self.made["link"], good, bad)
        row = self.fetched()[0]
        done = self.vault.run("inbox", "accept", row["id"], check=False)
        outcomes = {r["path"]: (r["outcome"], r["reason"]) for r in done.rows if "path" in r}
        expect(done.status == 9 and outcomes["sain.txt"][0] == "imported", f"{done.rows}")
        expect(outcomes["piege.xml"] == ("refused", "doctype_refused"), f"{outcomes}")
        expect(len(self.waiting()) == 1, "nothing of it is lost: it is still to be decided")
        self.vault.run("inbox", "refuse", row["id"])
        self.vault.run("sync")

    def another_patient(self):
        paper = self.programs.file("autre.xml", """<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3"><typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>
<id root="1.2.3.4.5.6.7"/><code code="11502-2" codeSystem="2.16.840.1.113883.6.1"/><title>Bilan</title>
<effectiveTime value="20260401"/><confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25"/>
<recordTarget><patientRole><id extension="1" root="1.2.3"/><patient><name><given>Paul</given>
<family>AUTRE</family></name><birthTime value="19990101"/></patient></patientRole></recordTarget>
<component><structuredBody><component><section><text>Rien.</text></section></component></structuredBody>
</component></ClinicalDocument>""")
        self.deposit(self.made["link"], paper)
        row = self.fetched()[0]
        taken = self.vault.run("inbox", "accept", row["id"]).rows
        expect(taken[0]["outcome"] == "quarantined", f"{taken}")
        apart = [r for r in self.vault.run("inbox", "list").rows if not r.get("deposit")]
        expect(len(apart) == 1 and "AUTRE" in apart[0]["patient"], f"{apart}")
        self.vault.run("inbox", "refuse", apart[0]["id"])
        self.vault.run("sync")

    def wrong_links(self):
        link = self.made["link"]
        head, tail = link.split("#")
        version, box, key, server = tail.split(".")
        other = "A" * 42 + "E"
        for what, bad, code, status in (
                ("cut", link[:-3], "malformed", 9),
                ("another version", f"{head}#d2.{box}.{key}.{server}", "unsupported", None),
                ("another box", f"{head}#d1.{'A' * 21 + 'Q'}.{key}.{server}", "link_not_active", 6),
                ("another key", f"{head}#d1.{box}.{other}.{server}", "key_changed", 7),
                ("another server", f"{head}#d1.{box}.{key}.{'A' * 21 + 'Q'}", "unpinned", None)):
            done = self.deposit(bad, self.letter, check=False)
            expect(done.code() == code and status in (None, done.status),
                   f"{what}: {done.status} {done.code()}")
        path = self.programs.file("lien.txt", link + "\n")
        done = self.vault.run("redeem", "@" + path, "--out", self.programs.path("rien"), check=False)
        expect(done.status == 9, "a link for sending is not for reading")
        done = self.deposit(link, self.programs.path("absent.pdf"), check=False)
        expect(done.code() == "file_not_found", f"{done.rows}")
        expect(not self.fetched(), "nothing came of any of them")

    def full(self):
        made = self.link("--deposits", "2").one()
        self.deposit(made["link"], self.letter)
        self.deposit(made["link"], self.letter)
        done = self.deposit(made["link"], self.letter, check=False)
        expect(done.status == 6 and done.code() == "link_not_active", f"{done.rows}")
        small = self.link("--megabytes", "1").one()
        large = self.programs.file("grand.txt", "mot " * 500_000)
        done = self.deposit(small["link"], large, check=False)
        expect(done.status == 9 and done.code() == "too_large", f"{done.rows}")
        for row in self.fetched():
            self.vault.run("inbox", "refuse", row["id"])
        self.vault.run("sync")
        done = self.deposit(made["link"], self.letter, check=False)
        expect(done.code() == "link_not_active", "the count is for the link's whole life")
        for one in (made, small):
            self.vault.run("inbox", "close", one["id"])

    def ended(self):
        made = self.link("--for", "2s").one()
        time.sleep(3)
        done = self.deposit(made["link"], self.letter, check=False)
        expect(done.status == 6 and done.code() == "link_not_active", f"{done.rows}")
        made = self.link().one()
        closed = self.vault.run("inbox", "close", made["id"][:6]).one()
        expect(closed["state"] == "closed", f"{closed}")
        done = self.deposit(made["link"], self.letter, check=False)
        expect(done.code() == "link_not_active", f"{done.rows}")
        states = {r["id"]: r["state"] for r in self.vault.run("inbox", "links").rows}
        expect(states[made["id"]] == "closed" and states[self.made["id"]] == "live", f"{states}")

    def port(self):
        return self.server.port

    def cut_once(self):
        large = self.programs.file("long.txt", "Une longue lettre, coupée en chemin. " * 300_000)
        line = CutLine(self.port(), 6_000_000, 1)
        self.deposit(line.through(self.made["link"]), large)
        expect(line.cut == 1, "the line was cut")
        line.close()
        row = self.fetched()[0]
        taken = self.vault.run("inbox", "accept", row["id"]).rows
        expect(taken[0]["outcome"] == "imported", f"{taken}")
        self.vault.run("sync")

    def cut_for_good(self):
        large = self.programs.file("perdu.txt", "Une lettre qui n'arrive pas. " * 300_000)
        line = CutLine(self.port(), 2_000_000, 1000)
        done = self.deposit(line.through(self.made["link"]), large, check=False)
        line.close()
        expect(done.status == 8, f"{done.status} {done.rows}")
        expect(not self.fetched(), "nothing half accepted")

    def without_the_server(self):
        self.server.stop()
        done = self.link(check=False)
        expect(done.status == 8 and done.code() == "server_unreachable", f"{done.rows}")
        done = self.deposit(self.made["link"], self.letter, check=False)
        expect(done.status == 8, f"{done.rows}")
        self.server.start()

    def answer_to_a_grant(self):
        """Whoever opened what was shared sends a letter back: by the link that came with it."""
        shared = self.vault.run("grant", "create", "--to", "Dr Alice Martin", "--all", "--for", "1d",
                                "--allow", "deposit").one()
        path = self.programs.file("partage.txt", shared["link"] + "\n")
        opened = self.vault.run("redeem", "@" + path, "--as", "Dr Alice Martin", "--out",
                                self.programs.path("recu")).one()
        expect(opened["reply"].startswith("https://") and "#d1." in opened["reply"], f"{opened}")
        self.deposit(opened["reply"], self.letter, who="Dr Alice Martin")
        row = self.fetched()[0]
        expect(row["grant"] == shared["id"] and row["grant_to"] == "Dr Alice Martin", f"{row}")
        expect(self.fetched(self.second)[0]["grant"] == shared["id"], "the other machine knows too")
        told = self.said("inbox", "list")
        expect("En réponse à un partage avec Dr Alice Martin" in told and shared["id"][:8] in told, told)
        self.vault.run("inbox", "accept", row["id"])
        self.vault.run("grant", "revoke", shared["id"])
        done = self.deposit(opened["reply"], self.letter, check=False)
        expect(done.status == 6 and done.code() == "link_not_active", f"{done.rows}")
        done = self.vault.run("grant", "create", "--to", "Dr Alice Martin", "--all", "--for", "1d",
                              "--delivery", "shl", "--allow", "deposit", check=False)
        expect(done.code() == "unsupported", f"{done.rows}")
        self.vault.run("sync")
        self.second.run("sync")

    def misuse(self):
        for words in (("--for", "7d"), ("--from", "Labo")):
            done = self.vault.run("inbox", "link", *words, check=False, json_out=False)
            expect(done.status == 2 and done.err, f"{words}: {done.status}")
        done = self.vault.run("inbox", "link", "--from", "Labo", "--for", "400d", check=False)
        expect(done.code() == "denied", f"{done.rows}")


def main():
    suite = Suite()
    with Programs(sys.argv[1]) as programs:
        deposits = Deposits(programs)
        for sentence, body in (
                ("two machines of one vault", deposits.prepared),
                ("what is missing in a command is told", deposits.misuse),
                ("documents are sent in, shown with the sender's claim, accepted", deposits.sent_and_accepted),
                ("a deposit is refused, and erased at the server", deposits.refused_deposit),
                ("the same bytes again are a duplicate", deposits.same_bytes_twice),
                ("accepted on two machines it is one document", deposits.two_devices_one_document),
                ("decided on one machine it is gone from the other", deposits.decided_on_the_other),
                ("a deposit outlives the keys of its time", deposits.after_another_epoch),
                ("a hostile file is refused by the reader", deposits.hostile_file),
                ("a document about somebody else is set apart", deposits.another_patient),
                ("wrong links are refused, each with its reason", deposits.wrong_links),
                ("a link takes no more than it was made for", deposits.full),
                ("a link that is over or closed takes nothing", deposits.ended),
                ("whoever opened a grant answers it", deposits.answer_to_a_grant),
                ("a line that is cut once goes on where it was", deposits.cut_once),
                ("a line that stays cut leaves nothing", deposits.cut_for_good),
                ("without the server nothing is made or sent", deposits.without_the_server)):
            suite.test(sentence, body)
    return suite.close()


if __name__ == "__main__":
    sys.exit(main())
