# SPDX-License-Identifier: EUPL-1.2
"""Row 32 of the attack catalogue: what somebody sends in under a false name, and what a hostile
server does with deposits. Nothing enters the record but what its owner accepts."""
from harness import canaries, expect
from hostile_kit import VICTIM, Attacked

LIST = "GET /v1/vaults/*/deposits"
FETCH = "GET /v1/vaults/*/deposits/*/*"


class Deposited:
    def __init__(self, programs):
        self.home = Attacked(programs, "deposits")
        self.victim = self.home.victim
        self.links = [self.victim.run("inbox", "link", "--from", name, "--for", "7d").one()["link"]
                      for name in ("Laboratoire", "Cabinet")]
        self.count = 0

    def send(self, link=0, who="Dr Alice Martin, Hôpital des Tilleuls"):
        self.count += 1
        path = self.home.programs.file(f"depot-{self.count}.txt",
                                       f"dépôt {self.count}, {canaries()[0]}\n")
        address = self.home.programs.file("depot.link", self.links[link] + "\n")
        return self.victim.run("deposit", "@" + address, path, "--as", who).one()["deposit"]

    def inbox(self):
        return {row["id"]: row for row in self.victim.run("inbox", "list").rows}

    def obey(self, *rules):
        return self.home.evil.obey(*[{"client": VICTIM, **rule} for rule in rules])

    def sync(self):
        self.victim.run("sync")
        return self.inbox()

    def refuse_all(self):
        for one in self.sync():
            self.victim.run("inbox", "refuse", one)
        expect(not self.sync(), "the inbox is empty")
        self.home.well_again()

    def forged(self):
        """Whoever has the link may call themselves a doctor: it is their word and stays one."""
        before = self.victim.run("status").one()
        one = self.send(who="Dr Alice Martin, médecin traitant de la personne")
        row = self.sync()[one]
        expect(row["from"]["name"] == "Dr Alice Martin" and row["proved"] is False, f"{row}")
        after = self.victim.run("status").one()
        expect(after["documents"] == before["documents"] and after["deposits"] == 1, f"{after}")
        expect(after["head"] == before["head"], "nothing was written into the record")
        titles = [r["title"] for r in self.victim.run("list").rows]
        expect(not any("depot" in title for title in titles), f"{titles}")
        self.home.no_word_on_disk()
        self.refuse_all()

    def spoilt(self, rule):
        """It is named, and keeps no other from being read."""
        def body():
            good, bad = self.send(), self.send()
            first, second = sorted((good, bad))
            self.obey({"on": FETCH, "times": 1, **rule})
            rows = self.sync()
            counts = self.obey()
            expect(all(counts), f"the attack was carried out: {counts}")
            reasons = sorted(str(rows[one]["reason"]) for one in (first, second))
            expect(reasons == ["None", "damaged"], f"one is named, the other reads: {rows}")
            (named,) = [one for one, row in rows.items() if row["reason"]]
            done = self.victim.run("inbox", "accept", named, check=False)
            expect(done.code() == "damaged" and done.status == 7, f"{done.rows}")
            self.home.no_word_on_disk()
            rows = self.sync()
            expect(not any(row["reason"] for row in rows.values()), f"honest again: {rows}")
            self.refuse_all()
        return body

    def spoilt_at_the_end(self):
        """The letter is good and a file is not: found when it is to be taken in."""
        one = self.send()
        self.obey({"on": FETCH, "times": 1, "do": "flip", "at": -3})
        self.sync()
        expect(all(self.obey()), "the attack was carried out")
        before = self.victim.run("status").one()["documents"]
        done = self.victim.run("inbox", "accept", one, check=False)
        expect(done.code() == "damaged" and done.status == 7, f"{done.rows}")
        expect(self.victim.run("status").one()["documents"] == before, "nothing of it is taken in")
        self.home.no_word_on_disk()
        rows = self.sync()
        taken = self.victim.run("inbox", "accept", one).rows
        expect(rows[one]["reason"] is None and taken[0]["outcome"] == "imported", f"{taken}")
        self.victim.run("sync")
        self.home.other.run("sync")
        self.home.well_again()

    def elsewhere(self):
        """A deposit of one link is shown as one of another link."""
        self.send(0)
        self.obey({"on": FETCH, "do": "remember", "as": "first"})
        self.sync()
        self.refuse_all()
        other = self.send(1)
        self.obey({"on": FETCH, "do": "replay", "as": "first"})
        self.victim.run("sync")
        counts = self.obey()
        expect(all(counts), f"{counts}")
        rows = self.inbox()
        # Of another length than was listed it is left for the next sync; of the same it is named.
        expect(other not in rows or rows[other]["reason"] == "damaged", f"{rows}")
        rows = self.sync()
        expect(rows[other]["reason"] is None, f"honest again: {rows}")
        self.refuse_all()

    def shown_again(self):
        one = self.send()
        self.obey({"on": LIST, "do": "remember", "as": "before"})
        row = self.sync()[one]
        self.obey()
        self.victim.run("inbox", "accept", row["id"])
        self.victim.run("sync")
        documents = self.victim.run("status").one()["documents"]
        self.obey({"on": LIST, "do": "replay", "as": "before"})
        expect(not self.sync(), "what was decided is not shown again")
        expect(all(self.obey()), "it was shown")
        expect(self.victim.run("status").one()["documents"] == documents, "nor taken in twice")
        self.home.other.run("sync")
        self.home.well_again()

    def invented(self):
        nobody = "a" * 26
        listed = [{"link": nobody, "deposit": "b" * 25 + "a", "size": 4096} for _ in range(3)]
        self.obey({"on": LIST, "do": "json", "members": {"deposits": listed}})
        expect(not self.sync(), "a link that was never made has no deposits")
        expect(all(self.obey()), "it was shown")
        self.home.well_again()


def run(programs, table):
    deposits = Deposited(programs)
    table.test(32, "a deposit under a false sender's name", deposits.forged)
    table.test(32, "a deposit with a bit of its letter flipped", deposits.spoilt({"do": "flip", "at": 700}))
    table.test(32, "a deposit with its end altered", deposits.spoilt_at_the_end)
    table.test(32, "a deposit of another link", deposits.elsewhere)
    table.test(32, "a deposit shown again after it was decided", deposits.shown_again)
    table.test(32, "deposits of a link that was never made", deposits.invented)
    table.shown(32, "every character, line, place, link and key", "tests/vault/crypto/deposit_test.cpp",
                "attack 32: no line opens for another link, deposit, place or key")
    table.shown(108, "count, bytes, end and the account's quota", "tests/sync/server/boxes_test.cpp",
                "unknown, over, closed and full are one answer")
    deposits.home.close()
