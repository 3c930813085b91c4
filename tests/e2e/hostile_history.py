# SPDX-License-Identifier: EUPL-1.2
"""Section B of the attack catalogue: integrity, freshness, structure (rows 15 to 38)."""
import os
import shutil
import signal
import threading
import time

from harness import DOCUMENTS, expect, refused
from hostile_kit import (ACCESS, APPEND, CHANGES, CHUNK, CHUNK_0, LOG, MISSING, OBJECT, PACK,
                         STATUS, UPLOAD, Attacked, audit_lines, daemon_pid, state_of)

LARGE = 66 * 65536  # bytes of a document with many chunks, too large for a pack


def objects(home, table):
    """What is done to a body on its way; the entries before it are good, so the head may move."""
    def spoilt(rule, size=LARGE, code="unauthenticated"):
        def body():
            home.honest_note(size)
            home.attack({"on": OBJECT, **rule}, code=code, changes=("head", "documents", "missing"),
                        languages=False)
        return body

    for what, at in (("the first byte", 0), ("a byte of the second chunk", CHUNK_0 + CHUNK + 7),
                     ("the last byte", -1)):
        table.test(15, f"{what} of a large object flipped", spoilt({"do": "flip", "at": at}))
    table.shown(15, "every byte of small objects, 1,000 of large", "tests/vault/crypto/body_test.cpp",
                "attack 15: a bit flipped anywhere in a large object is detected")
    for what, left in (("at a chunk's end", CHUNK_0 + CHUNK), ("beside it", CHUNK_0 + CHUNK + 1),
                       ("by one byte", -1)):
        table.test(16, f"an object cut {what}", spoilt({"do": "cut", "bytes": left}))
    table.shown(16, "cut at every chunk's end and beside it", "tests/vault/crypto/body_test.cpp",
                "attack 16: an object cut at or beside any chunk's end is refused")
    table.test(17, "an object that goes on with its own first chunk",
               spoilt({"do": "append", "first": CHUNK_0, "length": CHUNK}))
    table.shown(17, "extended by bytes and by each chunk", "tests/vault/crypto/body_test.cpp",
                "attack 17: an object extended by bytes, or by chunks of its own, is refused")
    table.test(18, "two chunks change places", spoilt({"do": "exchange", "first": CHUNK_0,
                                                       "second": CHUNK_0 + CHUNK, "length": CHUNK}))
    table.shown(18, "all pairs of chunks", "tests/vault/crypto/body_test.cpp",
                "attack 18: no two chunks can change places, and none can stand twice")

    def of_another(rule):
        def body():
            home.honest_note(LARGE, count=2)  # the second fetched has the first to be mixed with
            home.attack({"on": OBJECT, "from": 2, **rule}, languages=False,
                        changes=("head", "documents", "missing"))
        return body

    table.test(19, "a chunk of another object", of_another({"do": "splice", "first": CHUNK_0,
                                                            "length": CHUNK}))
    table.test(20, "another object whole", of_another({"do": "swap"}))
    table.shown(19, "chunks and objects of other documents and versions",
                "tests/vault/crypto/body_test.cpp",
                "attacks 19, 20 and 23: chunks and whole objects of another document or version")

    def old_bytes():
        home.honest_note(LARGE)
        home.evil.obey({"on": OBJECT, "do": "remember", "as": "old"})
        home.victim.run("sync")
        home.honest_note(LARGE)
        home.attack({"on": OBJECT, "do": "replay", "as": "old"}, languages=False,
                    changes=("head", "documents", "missing"))
    table.test(23, "the bytes of an older object", old_bytes)


def entries(home, table):
    """What is done to the log."""
    def spoilt(*rules, code="unauthenticated", count=1, status=7, languages=False):
        def body():
            home.honest_note(count=count)
            home.attack(*[{"on": LOG, **rule} for rule in rules], code=code, status=status,
                        languages=languages)
        return body

    for part in ("body", "signature", "operation"):
        table.test(15, f"a byte of an entry's {part} flipped",
                   spoilt({"do": "log_flip", "entry": -1, "part": part, "at": -1}))
    for name in ("vault", "device", "time", "epoch", "puts", "drops"):
        table.test(21, f"an entry's {name} altered, all hashes mended",
                   spoilt({"do": "log_field", "entry": -1, "name": name}))
    table.test(21, "an entry altered and signed with the association's key",
               spoilt({"do": "log_field", "entry": -1, "name": "time", "sign": "identity"}))
    table.test(22, "the operation of another entry",
               spoilt({"do": "log_splice", "entry": -1, "copy": 2}))
    table.test(22, "the operation of another entry, hashed and signed anew",
               spoilt({"do": "log_splice", "entry": -1, "copy": 2, "sign": "identity"}))
    table.shown(22, "a seal in another place", "tests/vault/crypto/sealer_test.cpp",
                "attack 22: a seal opens in its own place only")
    table.test(28, "an entry in the middle left out",
               spoilt({"do": "log_drop", "entry": 2}, code="fork_detected", count=3))
    table.test(28, "the first new entry left out",
               spoilt({"do": "log_drop", "entry": 1}, count=3))
    table.test(28, "two entries change places",
               spoilt({"do": "log_swap", "entry": 1}, count=2))
    table.test(28, "an entry twice", spoilt({"do": "log_repeat", "entry": 1}, code="fork_detected",
                                            count=2))
    table.test(31, "a document put by nobody of the vault: an old put, chained anew",
               spoilt({"do": "log_forge", "copy": 2}))
    table.test(31, "the same, signed with the association's key",
               spoilt({"do": "log_forge", "copy": 2, "sign": "identity"}))


def heads(home, table):
    def rolled_back():
        home.honest_note()
        home.victim.run("sync")
        seq = state_of(home.victim)["head"]["seq"]
        for at in (seq - 1, 1):
            home.attack({"on": LOG, "do": "log_end", "at": at}, code="server_rolled_back",
                        languages=at == 1)
    table.test(24, "an older consistent state, one entry and all of them", rolled_back)

    def rolled_back_status():
        home.victim.run("sync")
        lines = len(audit_lines(home.victim))
        home.evil.obey({"on": STATUS, "client": 1, "do": "log_end", "at": 2})
        found = home.victim.run("check", "--against-server", check=False)
        expect(found.status == 7 and any(p["kind"] == "server_rolled_back"
                                         for p in found.one()["problems"]), f"{found.rows}")
        expect([line[1] for line in audit_lines(home.victim)[lines:]] == ["server_rolled_back"],
               "a line in the audit log")
        home.evil.obey()
        home.well_again()
    table.test(24, "check --against-server finds it, too", rolled_back_status)
    table.shown(24, "a server put back to a copy of its data", "tests/e2e/server_turns.py",
                "a server put back to an old copy is found out")

    def other_head():
        home.victim.run("sync")
        home.attack({"on": LOG, "do": "log_head"}, code="fork_detected")
    table.test(26, "another head of the same length", other_head)
    table.test(26, "a longer log that is not there", lambda: home.attack(
        {"on": LOG, "do": "log_claim", "more": 5}, languages=False))
    table.shown(26, "two copies of a server with two histories, both branches kept",
                "tests/e2e/server_turns.py", "two copies of a server with two histories are found out")

    def forked():
        """The victim's own entry is acknowledged and dropped; another device's takes its place."""
        third = home.rebuilt("third")
        third.run("sync")
        who = max(line["client"] for line in home.evil.seen())
        home.victim.run("sync")
        third.run("import", home.programs.file("third.txt", "une note que le serveur perd"))
        home.evil.obey(*({"on": on, "client": who, "do": "pretend"}
                         for on in (APPEND, PACK, UPLOAD, MISSING)))
        third.run("sync")
        home.honest_note()
        home.evil.obey()
        before = state_of(third)
        lines = len(audit_lines(third))
        for _ in range(2):
            done = third.run("sync", check=False)
            expect(done.status == 7 and done.code() == "fork_detected", f"{done.rows}")
        expect(state_of(third) == before and len(audit_lines(third)) == lines + 2,
               "kept as it was, and told")
        expect(third.run("check").one()["ok"], "in order")
        titles = {row["title"] for row in third.run("list").rows}
        expect(any("third" in title for title in titles), f"its branch is kept: {titles}")
        third.run("stop")
    table.test(26, "one device's entries acknowledged and kept from the others", forked)


def replays(home, table):
    def removal():
        victim = home.victim
        victim.run("import", home.programs.file("rendu.txt", "un document retiré puis rendu"))
        one = [r for r in victim.run("list").rows if "rendu" in r["title"]][0]["id"]
        victim.run("remove", one)
        victim.run("sync")
        removed = state_of(victim)["head"]["seq"]
        victim.run("restore", one)
        victim.run("sync")
        home.other.run("sync")
        home.attack({"on": LOG, "do": "log_replay", "copy": removed}, languages=False)
        home.attack({"on": LOG, "do": "log_forge", "copy": removed}, languages=False)
        home.attack({"on": LOG, "do": "log_forge", "copy": removed, "sign": "identity"},
                    languages=False)
        victim.run("show", one, "--text", json_out=False)  # the document is there
    table.test(30, "an old removal again, as it was, chained anew, signed by the server", removal)

    def grant():
        victim = home.victim
        one = victim.run("list").rows[0]["id"]
        shared = victim.run("grant", "create", "--to", "Dr Exemple", "--for", "1h", "--document",
                            one).one()
        victim.run("sync")
        seq = state_of(victim)["head"]["seq"]
        victim.run("grant", "revoke", shared["id"])
        victim.run("sync")
        home.other.run("sync")
        for copy in range(seq - 1, seq + 1):
            for rule in ({"do": "log_replay"}, {"do": "log_forge", "sign": "identity"}):
                home.attack({"on": LOG, "copy": copy, **rule}, languages=False)
        expect(victim.run("grant", "show", shared["id"]).one()["state"] == "revoked", "still revoked")
        link = home.programs.file("old.link", shared["link"])
        late = victim.run("redeem", "@" + link, "--out", home.programs.path("late"), check=False)
        expect(late.status == 6, f"and opens nothing: {late.rows}")
    table.test(29, "an old grant again after its revocation", grant)


def strangely_written(home, table):
    head = '"head":{"seq":1,"hash":"' + "a" * 52 + '"}'
    for what, body in (("a doubled member", "{%s,%s,\"quota\":1,\"used\":1,\"objects\":1}" % (head, head)),
                       ("a member too few", "{%s}" % head),
                       ("bytes behind the value", '{"missing":[]}x')):
        def body_of(text=body):
            home.victim.run("sync")
            home.attack({"on": STATUS, "do": "answer", "status": 200, "body": text},
                        words=("check", "--against-server"), languages=False)
        table.test(37, f"a JSON answer with {what}", body_of)

    def trailing():
        home.honest_note()
        home.attack({"on": LOG, "do": "append", "text": "x"}, languages=False)
    table.test(37, "a byte behind a page of the log", trailing)

    def padded():
        home.honest_note()
        home.attack({"on": LOG, "do": "log_field", "entry": -1, "name": "seq"}, languages=False)
    table.test(37, "an entry that counts otherwise", padded)
    table.shown(37, "every trailing byte, count and order", "tests/sync/protocol/messages_test.cpp",
                "a member that is missing, doubled, null or of another type is malformed")


def access(home, table):
    victim = home.victim
    shared = victim.run("grant", "create", "--to", "Dr Exemple", "--for", "1h", "--document",
                        victim.run("list").rows[0]["id"]).one()
    link = home.programs.file("access.link", shared["link"])
    for n in range(2):
        victim.run("redeem", "@" + link, "--as", "Dr Exemple", "--out",
                   home.programs.path(f"access-{n}"))
    victim.run("access-log")

    def told_otherwise(rule, code):
        def body():
            victim.run("redeem", "@" + link, "--out", home.programs.path(f"access-{code}-{rule['do']}"))
            home.attack({"on": ACCESS, **rule}, words=("access-log",), code=code,
                        honest=("access-log",))
        return body

    table.test(34, "an old line rewritten, all signed anew",
               told_otherwise({"do": "access_alter", "line": 0}, "fork_detected"))
    table.test(34, "an old line left out, all signed anew",
               told_otherwise({"do": "access_drop", "line": 0}, "fork_detected"))
    table.test(34, "a log that is shorter than it was",
               told_otherwise({"do": "access_end", "size": 1}, "server_rolled_back"))
    table.test(34, "a checkpoint that nobody signed",
               told_otherwise({"do": "flip", "at": -60}, "unauthenticated"))

    def invented():
        before = len(victim.run("access-log").rows)
        home.evil.obey({"on": ACCESS, "client": 1, "do": "access_invent"})
        rows = victim.run("access-log").rows
        expect(len(rows) == before + 1, f"the line is shown: {rows}")
        expect(not rows[-1]["proved"], f"as claimed, not as proved: {rows[-1]}")
        home.evil.obey()
    table.test(35, "an invented opening is shown as claimed, never as proved", invented)
    table.test(35, "an opening that a caregiver's key did not sign is told as false",
               lambda: forged_opening(home))


def forged_opening(home):
    """In a vault of its own: what a server invented once stays in the log that is pinned."""
    programs = home.programs
    vault = programs.vault("forged")
    vault.init()
    vault.run("import", DOCUMENTS)
    vault.run("server", "join", home.evil.url, "--invite-file",
              home.evil.server.invite_file("forged.invite"), "--yes")
    card = programs.path("forged.card")
    own = ("--keys", programs.path("forged-doctor"), "--passphrase-file", vault.passphrase)
    vault.run("caregiver", "card", *own, "--name", "Dr Alice Martin", "--out", card)
    vault.run("caregiver", "pair", card, "--yes")
    made = vault.run("grant", "create", "--to", "Dr Alice Martin", "--delivery", "key", "--for",
                     "1h", "--all").one()
    link = programs.file("forged.link", made["link"])
    vault.run("redeem", "@" + link, *own, "--out", programs.path("forged-got"))
    rows = [row for row in vault.run("access-log").rows if "outcome" in row]
    expect([(row["outcome"], row["proved"]) for row in rows] ==
           [("delivered", True), ("read", True)], f"proved: {rows}")
    home.evil.obey({"on": ACCESS, "do": "access_invent"})
    done = vault.run("access-log", check=False)
    counts = home.evil.obey()
    rows = [row for row in done.rows if "outcome" in row]
    expect(all(counts) and len(rows) == 3, f"one line more: {counts} {rows}")
    expect(rows[-1]["forged"] and not rows[-1]["proved"], f"told as false: {rows[-1]}")
    expect(done.status == 7, f"and as an alarm: exit {done.status}")
    vault.run("stop")


def losses(home, table):
    def lost():
        victim = home.victim
        victim.run("import", home.programs.file("perdu.txt", "une note que le serveur perdra"))
        victim.run("sync")
        for what, rule in (("gone", {"do": "answer", "status": 404}), ("altered", {"do": "flip", "at": 9})):
            lines = len(audit_lines(victim))
            home.evil.obey({"on": OBJECT, "client": 1, **rule})
            found = victim.run("check", "--against-server", check=False)
            expect(all(home.evil.obey()), "carried out")
            kinds = {problem["kind"] for problem in found.one()["problems"]}
            expect(found.status == 7 and kinds == {"server_lacks_object"}, f"{what}: {found.rows}")
            expect(len(audit_lines(victim)) == lines + 1, "a line in the audit log")
        home.other.run("sync")
        home.well_again()
    table.test(33, "an object acknowledged, then gone or altered, is found by the next check", lost)
    table.shown(33, "and is sent again", "tests/vault/daemon/ways_out_test.cpp",
                "a damaged body is fetched again, named, and never replaced by another")


def fresh_devices(home, table):
    """A device that is rebuilt remembers nothing but its sheet."""
    def from_sheet():
        victim = home.victim
        victim.run("sync")
        head = state_of(victim)["head"]
        with open(victim.recovery, encoding="utf-8") as file:
            lines = [line for line in file.read().splitlines()
                     if not line.startswith(("seq:", "head:"))]
        sheet = home.programs.file("sheet.txt", "\n".join(
            [*lines, f"seq: {head['seq']}", f"head: {head['hash']}"]) + "\n")
        for at in (head["seq"] - 1, 3):
            vault = home.programs.vault(f"from-sheet-{at}")
            home.evil.obey({"on": LOG, "do": "log_end", "at": at})
            refused(vault, 7, "server_rolled_back", "rebuild", "--from-server", home.evil.url,
                    "--pin", home.evil.server.fingerprint, "--recovery-file", sheet,
                    "--passphrase-file", vault.passphrase, languages=at == 3)
            expect(all(home.evil.obey()), "carried out")
            expect(not os.path.exists(os.path.join(vault.directory, "keyslot")), "no vault is left")
            expect(audit_lines(vault), "a line in the audit log")
            vault.run("stop", check=False)
    table.test(25, "a sheet that remembers the head: an older state is found out", from_sheet)

    def without_head():
        """Nothing can be proved to who remembers nothing; so the newest date shown is told."""
        home.honest_note()
        home.victim.run("sync")
        last = state_of(home.victim)["head"]["seq"]
        home.evil.obey({"on": LOG, "do": "log_end", "at": last - 1}, {"on": APPEND, "do": "pretend"},
                       {"on": CHANGES, "do": "pretend"})
        vault = home.rebuilt("remembers-nothing")
        home.evil.obey()
        told = vault.rebuilt.one()
        expect(told["newest"].startswith("20") and told["newest"].endswith("Z"), f"{told}")
        done = vault.run("sync", check=False)
        expect(done.status == 7 and done.code() == "fork_detected",
               f"and the honest server's own history is another: {done.rows}")
        vault.run("stop")
    table.test(25, "without one the newest date that was shown is told", without_head)


def frozen(home, table):
    table.shown(27, "nothing new for a chosen time is told", "tests/vault/daemon/ways_out_test.cpp",
                "silence of the server is told after the time that was chosen")


def clones(home, table):
    def restored():
        clone = home.rebuilt("clone")
        clone.run("sync")
        who = max(line["client"] for line in home.evil.seen())
        clone.run("stop")
        kept = clone.directory + ".kept"
        shutil.copytree(clone.directory, kept)
        clone.unlock()
        clone.run("import", home.programs.file("clone-1.txt", "écrit avant la copie rendue"))
        clone.run("sync")
        clone.run("stop")
        shutil.rmtree(clone.directory)
        os.rename(kept, clone.directory)
        clone.unlock()
        clone.run("import", home.programs.file("clone-2.txt", "écrit par la copie"))
        since, lines = len(home.evil.seen()), len(audit_lines(clone))
        refused(clone, 7, "device_cloned", "sync")
        expect([line[1] for line in audit_lines(clone)[lines:]] == ["device_cloned"] * 3, "lines")
        sent = [line["request"] for line in home.evil.seen()[since:] if line["client"] == who]
        expect(sent and not any(one.startswith(("POST", "PATCH", "PUT")) for one in sent),
               f"nothing of the copy reaches the server: {sent}")
        clone.run("stop")
        home.victim.run("sync")
        home.other.run("sync")
        home.well_again()
    table.test(36, "an older copy of a device writes nothing under its number", restored)


def retries(home, table):
    def bodies(since, method):
        sent = {}
        for line in home.evil.seen()[since:]:
            if line["request"].startswith(method):
                sent.setdefault(line["request"], []).append(line["digest"])
        return sent

    def repeated():
        victim = home.victim
        victim.run("import", home.programs.file("encore.txt", "une note envoyée encore " * 9000),
                   home.programs.file("encore-2.txt", "une autre"))
        since = len(home.evil.seen())
        home.evil.obey({"on": PACK, "client": 1, "do": "lose", "times": 2},
                       {"on": APPEND, "client": 1, "do": "lose", "times": 3})
        for _ in range(8):
            if victim.run("sync", check=False).status == 0:
                break
        home.evil.obey()
        victim.run("sync")
        posted = bodies(since, "POST")
        packs = [sent for path, sent in posted.items() if path.endswith("pack")]
        # Two answers were lost: the third is the same pack. What comes later may be composed anew.
        expect(len(packs) == 1 and len(packs[0]) >= 3 and len(set(packs[0][:3])) == 1, f"{packs}")
        for path, sent in posted.items():
            expect(len(set(sent)) == 1 or path.endswith(("missing", "pack")), f"{path}: {sent}")
        home.other.run("sync")
        home.well_again()
    table.test(38, "what is sent again after a lost answer is the same ciphertext", repeated)

    def killed():
        victim = home.victim
        victim.run("import", home.programs.file("tuee.txt", "une note interrompue " * 30000))
        since = len(home.evil.seen())
        home.evil.obey({"on": PACK, "client": 1, "do": "delay", "milliseconds": 400})
        for _ in range(3):
            running = threading.Thread(target=victim.run, args=("sync",), kwargs={"check": False})
            daemon = daemon_pid(victim)
            known = len(home.evil.seen())
            running.start()
            for _ in range(100):
                if len(home.evil.seen()) > known:
                    break
                time.sleep(0.02)
            os.kill(daemon, signal.SIGKILL)
            running.join()
            victim.unlock()
        home.evil.obey()
        victim.run("sync")
        packs = [sent for path, sent in bodies(since, "POST").items() if path.endswith("pack")]
        expect(packs and all(len(set(sent)) == 1 for sent in packs), f"{packs}")
        home.other.run("sync")
        home.well_again()
    table.test(38, "killed while sending: the same ciphertext again", killed)
    table.shown(38, "the ciphertext is a function of key, place and body",
                "tests/vault/crypto/body_test.cpp",
                "the ciphertext depends on key, place and body, and on nothing else")


def run(programs, table):
    home = Attacked(programs, "history")
    for part in (objects, entries, heads, fresh_devices, frozen, replays, strangely_written, losses,
                 access, clones, retries):
        part(home, table)
    home.close()
