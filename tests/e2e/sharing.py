#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""A patient shares with care, in French: sees first what would be seen and what would leave unseen,
lets in what arrives, prolongs, ends, and keeps a receipt of what was agreed to."""
import base64
import calendar
import json
import os
import sys
import time

from harness import DOCUMENTS, ROOT, Programs, Server, Suite, expect, refused

PICTURE = os.path.join(ROOT, "tests/fuzz/corpus/hidden/place.jpg")


class Sharing:
    def __init__(self, programs):
        self.programs = programs
        self.server = Server(programs)
        self.vault = programs.vault(lang="fr")

    def run(self, *words, **more):
        return self.vault.run(*words, **more)

    def prepared(self):
        self.vault.init()
        self.run("import", DOCUMENTS)
        self.vault.join(self.server)
        self.run("sync")
        expect(len(self.run("list").rows) == 6, "six documents")

    def said(self, *words):
        return self.run(*words, json_out=False).out.decode()

    def misuse_is_told(self):
        for words in (("--to", "Dr Exemple", "--all"),
                      ("--for", "7d", "--all"),
                      ("--to", "Dr Exemple", "--for", "7d"),
                      ("--to", "Dr Exemple", "--for", "7d", "--category", "labo")):
            for command in ("create", "preview"):
                done = self.run("grant", command, *words, check=False, json_out=False)
                expect(done.status == 2 and done.err, f"{command} {words}: {done.status} {done.err}")
        expect(not self.run("grant", "list").rows, "and nothing was made")

    def seen_first(self):
        self.server.stop()
        words = ("grant", "preview", "--to", "Dr Alice Martin", "--all", "--for", "7d")
        told = self.run(*words).one()
        titles = {r["title"] for r in self.run("list").rows}
        kept = {d["title"] for d in told["documents"]} | {d["title"] for d in told["left_out"]}
        expect(kept == titles, f"each document is shown or said to be left out: {kept} {titles}")
        expect("Je donne à Dr Alice Martin accès à" in told["consent"], told["consent"])
        expect("verrait" in self.said(*words), "in words too")
        self.server.start()
        expect(not self.run("grant", "list").rows, "nothing was made, and no server was needed")

    def unseen_is_named(self):
        note = self.programs.file("attestation.txt", "Numéro 1 85 05 78 006 084 91\n")
        added = [self.run("import", path, "--any-patient").rows[0]["id"] for path in (PICTURE, note)]
        told = self.run("grant", "preview", "--to", "Dr Alice Martin", "--for", "1h",
                        "--document", added[0], "--document", added[1]).one()
        kinds = {(w["id"], w["kind"]) for w in told["warnings"]}
        expect((added[0], "place") in kinds and (added[0], "camera_serial") in kinds, f"{kinds}")
        expect((added[1], "national_number") in kinds, f"{kinds}")
        expect(not told["smaller"], f"nothing would be left: {told['smaller']}")
        for one in added:
            self.run("remove", one)

    def redeem(self, link, out, check=True):
        path = self.programs.file("link.txt", link + "\n")
        return self.run("redeem", "@" + path, "--as", "Dr Alice Martin", "--out",
                        self.programs.path(out), check=check)

    def what_arrives(self):
        shared = self.run("grant", "create", "--to", "Dr Alice Martin", "--for", "7d", "--all",
                          "--evolving", "--purpose", "Suivi").one()
        self.shared = shared
        before = len(self.redeem(shared["link"], "before").one()["files"])
        note = self.programs.file("arrive.txt", "Un mot arrivé après.\n")
        done = self.run("import", note).rows[-1]["summary"]
        expect(done["imported"] == 1 and done.get("grants_updated") == 1, f"at once: {done}")
        after = self.redeem(shared["link"], "after").one()["files"]
        expect(len(after) == before + 1, f"one more behind the same link: {before} {after}")
        done = self.run("sync").one()
        expect("grants_updated" not in done, f"once: {done}")

    def without_the_server(self):
        self.server.stop()
        note = self.programs.file("attend.txt", "Un autre mot, sans réseau.\n")
        done = self.run("import", note).rows[-1]["summary"]
        expect(done["imported"] == 1 and done.get("grants_waiting") == 1, f"it waits: {done}")
        refused(self.vault, 8, "server_unreachable", "grant", "extend", self.shared["id"], "--for",
                "30d", languages=False)
        self.server.start()
        done = self.run("sync").one()
        expect(done.get("grants_updated") == 1, f"and is done: {done}")

    def prolonged_and_shortened(self):
        for duration, seconds in (("30d", 30 * 86400), ("2h", 7200)):
            done = self.run("grant", "extend", self.shared["id"], "--for", duration).one()
            end = calendar.timegm(time.strptime(done["expires_at"], "%Y-%m-%dT%H:%M:%SZ"))
            expect(abs(end - time.time() - seconds) < 120, f"{duration}: {done['expires_at']}")
        row = self.run("grant", "list").rows[0]
        expect(row["ends_soon"] and row["state"] == "live", f"the board warns: {row}")
        expect(self.run("status").one()["grants_ending"][0]["id"] == self.shared["id"], "so does status")
        expect("grant extend" in self.said("grant", "list"), "and says how to prolong it")

    def receipt(self):
        out = self.programs.path("recus")
        told = self.run("grant", "receipt", self.shared["id"], "--out", out).one()
        names = sorted(os.listdir(out))
        expect([n.rsplit(".", 1)[1] for n in names] == ["json", "jws", "txt"], f"three forms: {names}")
        with open(os.path.join(out, names[0]), encoding="utf-8") as file:
            consent = json.load(file)
        expect(consent["resourceType"] == "Consent" and consent["status"] == "active", f"{consent}")
        payload = told["receipt"].split(".")[1]
        signed = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        expect(signed["purpose"] == "Suivi" and signed["withdrawn_at"] is None, f"{signed}")
        expect(len(signed["versions"]) >= 4, f"each change is in it: {signed['versions']}")
        shown = self.run("grant", "show", self.shared["id"]).one()["consent"]
        expect(signed["consent"]["text"] == shown, "the text as it was shown")

    def withdrawn(self):
        self.run("grant", "revoke", self.shared["id"])
        told = self.run("grant", "receipt", self.shared["id"]).one()
        expect(told["withdrawn_at"] and told["consent"]["status"] == "inactive", f"{told}")
        expect("Retiré le" in told["text"], told["text"])
        refused(self.vault, 6, "denied", "grant", "extend", self.shared["id"], "--for", "7d")
        note = self.programs.file("tard.txt", "Un mot de trop.\n")
        done = self.run("import", note).rows[-1]["summary"]
        expect("grants_updated" not in done and "grants_waiting" not in done, f"{done}")
        late = self.redeem(self.shared["link"], "late", check=False)
        expect(late.code() == "link_not_active", f"{late.rows}")

    def from_today(self):
        shared = self.run("grant", "create", "--to", "Dr Alice Martin", "--for", "7d", "--all",
                          "--since", "today", "--evolving").one()
        expect(shared["documents"] == 0, f"nothing of before: {shared}")
        got = self.redeem(shared["link"], "today").one()["files"]
        expect(not got, f"and the reader gets nothing of it: {got}")


def main():
    suite = Suite()
    with Programs(sys.argv[1]) as programs:
        sharing = Sharing(programs)
        for sentence, body in (
                ("a vault is filled and joined", sharing.prepared),
                ("what is missing in a command is told", sharing.misuse_is_told),
                ("what would be seen is shown first, without a server", sharing.seen_first),
                ("what would leave unseen is named", sharing.unseen_is_named),
                ("what arrives is added behind the same link", sharing.what_arrives),
                ("without the server it waits", sharing.without_the_server),
                ("a grant is prolonged and shortened", sharing.prolonged_and_shortened),
                ("a receipt tells what was agreed to", sharing.receipt),
                ("a withdrawn consent has its receipt, and nothing more is added", sharing.withdrawn),
                ("from today on shows nothing of before", sharing.from_today)):
            suite.test(sentence, body)
    return suite.close()


if __name__ == "__main__":
    sys.exit(main())
