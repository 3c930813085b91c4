#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Every alarm has a way out, and the way out is printed with it: a server that was honestly restored,
two histories of one vault, a server that says nothing new, damaged files, a copied device."""
import json
import os
import shutil
import subprocess
import sys
import time

from crash import begin, notes
from harness import FAKETIME, Programs, Server, Suite, expect, moved_clock, refused
from machine_fails import digests, in_order, large_notes


def operator(programs, *words, status=0):
    done = subprocess.run([programs.program("coffret-server"), *words, "--json"],
                          capture_output=True, env=programs.env, timeout=120, check=False)
    expect(done.returncode == status, f"{words}: {done.returncode} {done.stdout} {done.stderr}")
    return done.stdout.decode()


def way_out(vault, *words):
    """The line that is printed with an alarm."""
    done = vault.run(*words, check=False, json_out=False)
    return done.err.decode()


class RestoredServer:
    """Backup beside a running server, two devices, disaster, restoration, healing in both orders."""

    def __init__(self, programs, second_heals_first):
        self.programs = programs
        self.name = "restored-second" if second_heals_first else "restored-first"
        self.second_heals_first = second_heals_first

    def rebuilt(self, name, first):
        second = self.programs.vault(f"{self.name}-{name}")
        second.run("rebuild", "--from-server", self.server.url, "--pin", self.server.fingerprint,
                   "--recovery-file", first.recovery, "--passphrase-file", second.passphrase)
        return second

    def whole(self):
        programs = self.programs
        self.server = Server(programs, name=self.name)
        first = programs.vault(f"{self.name}-a")
        first.init()
        first.run("import", notes(programs, 5, f"{self.name}-before"))
        first.join(self.server)
        first.run("sync")
        second = self.rebuilt("b", first)
        first.run("sync")
        one = first.run("list").rows[0]["id"]
        running = first.run("grant", "create", "--to", "Dr Exemple", "--for", "1d",
                            "--openings", "5", "--document", one).one()
        first.run("sync")
        backup = programs.path(f"{self.name}-backup")
        operator(programs, "backup", "--data", self.server.data, "--out", backup)
        expect(operator(programs, "check", "--data", self.server.data, "--read-data"), "checked")
        # After the backup: what both know, what one knows, what nobody has sent.
        first.run("import", notes(programs, 4, f"{self.name}-both"))
        first.run("sync")
        second.run("sync")
        ended = first.run("grant", "create", "--to", "Dr Fini", "--for", "1d", "--document",
                          one).one()
        first.run("grant", "revoke", ended["id"])
        first.run("import", notes(programs, 3, f"{self.name}-first"),
                  large_notes(programs, f"{self.name}-large", 1))
        first.run("sync")
        first.run("import", notes(programs, 2, f"{self.name}-unsent-a"))
        second.run("import", notes(programs, 2, f"{self.name}-unsent-b"))
        everything = digests(first) | digests(second)

        self.server.stop()
        shutil.rmtree(self.server.data)
        operator(programs, "restore", "--data", self.server.data, "--from", backup)
        expect(not os.path.exists(os.path.join(backup, "halves.db")), "no halves in a backup")
        self.server.start()

        link = "@" + programs.file(f"{self.name}.link", running["link"])
        reader = programs.vault(f"{self.name}-reader")
        refused(reader, 6, "link_not_active", "redeem", link, "--out",
                programs.path(f"{self.name}-closed"), languages=False)
        order = [second, first] if self.second_heals_first else [first, second]
        refused(order[0], 7, "server_restored", "sync")
        expect("sync --heal" in way_out(order[0], "sync"), "the way out is printed")
        found = order[0].run("check", "--against-server", check=False).one()["problems"]
        expect(any(p["kind"] == "server_restored" and "sync --heal" in p["way_out"]
                   for p in found), f"a check names the same way out: {found}")
        refused(order[0], 7, "server_restored", "fork", "show", languages=False)
        refused(order[0], 2, "not_confirmed", "sync", "--heal", languages=False)
        for vault in order:
            done = vault.run("sync", check=False)
            if done.status != 0:
                expect(done.code() == "server_restored", f"{done.rows}")
                healed = vault.run("sync", "--heal", "--yes").one()["healed"]
                expect(healed["left_out"] == [], f"nothing is left out: {healed}")
        for vault in order + order:
            vault.run("sync")
        for vault in order:
            expect(digests(vault) == everything, "every document, on both devices")
            in_order(vault, "--against-server")
        heads = [vault.run("status").one()["head"] for vault in order]
        expect(heads[0] == heads[1], f"one history: {heads}")
        reader.run("redeem", link, "--out", programs.path(f"{self.name}-open"))
        state = first.run("grant", "show", ended["id"]).one()["state"]
        expect(state == "revoked", f"what was revoked stays so: {state}")
        in_order(self.rebuilt("c", first), "--against-server")
        self.server.stop()


class Forked:
    """One server, two histories: shown side by side, and made one by the owner's word."""

    def __init__(self, programs):
        self.programs = programs

    def whole(self):
        programs = self.programs
        server = Server(programs, name="two-faced")
        first = programs.vault("fork-a")
        first.init()
        first.run("import", notes(programs, 3, "fork-before"))
        first.join(server)
        first.run("sync")
        second = programs.vault("fork-b")
        second.run("rebuild", "--from-server", server.url, "--pin", server.fingerprint,
                   "--recovery-file", first.recovery, "--passphrase-file", second.passphrase)
        first.run("sync")
        one = first.run("list").rows[0]["id"]
        shared = first.run("grant", "create", "--to", "Dr Deux", "--for", "1d", "--document",
                           one).one()
        first.run("sync")
        second.run("sync")
        server.stop()
        left, right = programs.path("face-left"), programs.path("face-right")
        shutil.copytree(server.data, right)
        os.rename(server.data, left)

        def face(which):
            if os.path.islink(server.data):
                server.stop()
                os.remove(server.data)
            os.symlink(which, server.data)
            server.start()

        face(left)
        first.run("import", notes(programs, 2, "fork-left"))
        first.run("grant", "revoke", shared["id"])
        first.run("sync")
        face(right)
        second.run("import", notes(programs, 3, "fork-right"))
        second.run("edit", one, "--note", "vu à droite")
        second.run("sync")
        everything = digests(first) | digests(second)

        refused(first, 7, "fork_detected", "sync")
        expect("fork show" in way_out(first, "sync"), "the way out is printed")
        shown = first.run("fork", "show").one()
        expect(shown["theirs"]["count"] == 4 and shown["ours"]["count"] >= 3, f"both: {shown}")
        expect(any(e["kind"] == "document_put" and e["title"] for e in
                   shown["theirs"]["entries"]), "titles where they can be opened")
        refused(first, 2, "not_confirmed", "fork", "merge", languages=False)
        merged = first.run("fork", "merge", "--yes").one()
        expect(merged["carried"] >= 2 and merged["left_out"] == [], f"{merged}")
        expect(os.path.exists(os.path.join(first.directory, merged["evidence"])), "kept")
        expect(digests(first) == everything, "nothing is lost")
        second.run("sync")
        expect(digests(second) == everything, "nor on the other device")
        expect(first.run("grant", "show", shared["id"]).one()["state"] in ("revoked", "revoking"),
               "revoked in one is revoked")
        in_order(first, "--against-server")
        in_order(second, "--against-server")
        expect(first.run("fork", "show", check=False).code() == "not_found", "one history again")
        server.stop()


class Copied:
    """A copy of a device's directory, on another machine, or put back from an old disk."""

    def __init__(self, programs):
        self.programs = programs

    def whole(self):
        programs = self.programs
        server = Server(programs, name="copied")
        first = programs.vault("copied-a")
        first.init()
        first.run("import", notes(programs, 2, "copied-before"))
        first.join(server)
        first.run("sync")
        first.run("stop")
        copy = programs.vault("copied-b")
        shutil.copytree(first.directory, copy.directory)
        first.unlock()
        first.run("import", notes(programs, 2, "copied-original"))
        first.run("sync")
        copy.unlock()
        copy.run("import", notes(programs, 3, "copied-copy"))
        unsent = digests(copy)
        entries = server.admin("stats")[0]["entries"]
        refused(copy, 7, "device_cloned", "sync")
        expect("rebuild" in way_out(copy, "sync"), "the way out is printed")
        refused(copy, 7, "device_cloned", "import", programs.file("no.txt", "jamais"),
                languages=False)
        copy.run("stop")
        copy.unlock()
        expect(copy.run("status").one()["retired"], "remembered")
        refused(copy, 7, "device_cloned", "sync", languages=False)
        expect(server.admin("stats")[0]["entries"] == entries, "nothing of it was taken")
        copy.run("stop")
        third = programs.vault("copied-c")
        made = third.run("rebuild", "--from-server", server.url, "--pin", server.fingerprint,
                         "--recovery-file", first.recovery, "--passphrase-file",
                         third.passphrase, "--carry-from", copy.directory).one()
        expect(made["carried"] == 3, f"{made}")
        first.run("sync")
        expect(digests(third) == digests(first) and unsent <= digests(first), "nothing is lost")
        in_order(third, "--against-server")
        server.stop()


class Damaged:
    """A damaged or lost body, here and at the server, is named and put right."""

    def __init__(self, programs):
        self.programs = programs

    def whole(self):
        programs = self.programs
        server = Server(programs, name="damaged")
        vault = programs.vault("damaged-a")
        vault.init()
        vault.run("import", large_notes(programs, "damaged-large", 2, 2_000_000))
        vault.join(server)
        vault.run("sync")
        objects = os.path.join(vault.directory, "objects")
        one, two = sorted(os.listdir(objects))
        vault.run("stop")
        with open(os.path.join(objects, one), "r+b") as sealed:
            sealed.seek(70_000)
            byte = sealed.read(1)
            sealed.seek(70_000)
            sealed.write(bytes([byte[0] ^ 1]))
        os.remove(os.path.join(objects, two))
        vault.unlock()
        found = vault.run("check", "--read-data", check=False)
        expect(found.status == 7, f"{found.rows}")
        problems = found.one()["problems"]
        expect(len(problems) == 2 and all(p["kind"] == "body" for p in problems) and
               all(p["title"] and "--repair" in p["way_out"] for p in problems), f"{problems}")
        server.stop()
        kept = vault.run("check", "--read-data", "--repair", check=False).one()
        expect(len(kept["problems"]) == 2 and kept["problems"][0]["error"] == "server_unreachable",
               f"without the server nothing changes: {kept}")
        server.start()
        mended = vault.run("check", "--repair").one()
        expect(mended["ok"] and len(mended["repaired"]) == 2, f"{mended}")
        in_order(vault, "--read-data")
        # The other way round: the server's copy.
        stored = [os.path.join(folder, name) for folder, _, names in
                  os.walk(os.path.join(server.data, "objects")) for name in names]
        with open(stored[0], "r+b") as sealed:
            sealed.write(b"\0" * 64)
        os.remove(stored[1])
        told = operator(programs, "check", "--data", server.data, "--read-data", "--repair",
                        status=7)
        expect("missing_blob" in told and '"blob"' in told, told)
        found = vault.run("check", "--against-server", check=False).one()
        expect([p["kind"] for p in found["problems"]] == ["server_lacks_object"] * 2, f"{found}")
        mended = vault.run("check", "--against-server", "--repair").one()
        expect(mended["ok"], f"{mended}")
        operator(programs, "check", "--data", server.data, "--read-data")
        server.stop()


class Frozen:
    """A server that is not heard of is said to be so, after the time that was chosen."""

    def __init__(self, programs):
        self.programs = programs

    def whole(self):
        programs = self.programs
        server = Server(programs, name="frozen")
        vault = programs.vault("frozen-a")
        vault.init()
        vault.join(server)
        vault.run("sync")
        expect(not vault.run("status").one()["stale"], "fresh")
        expect(vault.run("server", "stale-after").one()["stale_after"] == 3 * 86400, "three days")
        refused(vault, 2, "usage", "server", "stale-after", "5s", languages=False)
        vault.run("server", "stale-after", "2d")
        vault.run("stop")
        vault.more_env = moved_clock("+50h")
        vault.unlock()
        status = vault.run("status").one()
        expect(status["stale"] and status["head_stated"], f"{status}")
        said = vault.run("status", json_out=False, check=False).out.decode()
        expect("coffret sync" in said, f"with a way out: {said}")
        vault.run("stop")
        vault.more_env = {}
        server.stop()


class ErasedAccount:
    """The server knows the vault no more: an alarm, and everything is there again with another
    invitation; also when giving it was cut."""

    def __init__(self, programs):
        self.programs = programs

    def whole(self):
        programs = self.programs
        server = Server(programs, name="erased")
        vault = programs.vault("erased-a")
        vault.init()
        vault.join(server)
        vault.run("import", notes(programs, 8, "erased-notes"),
                  large_notes(programs, "erased-large", 2))
        vault.run("sync")
        one = vault.run("list").rows[0]["id"]
        vault.run("grant", "create", "--to", "Dr Exemple", "--for", "1d", "--document", one)
        vault.run("sync")
        everything = digests(vault)
        invite = ("--invite-file", server.invite_file("again.txt"), "--yes")
        refused(vault, 1, "already_joined", "server", "join", server.url, *invite, languages=False)
        server.admin("account erase", server.admin("account list")[0]["vault"], "--yes")
        vault.run("import", notes(programs, 2, "erased-later"))
        for words in (("sync",), ("sync", "--heal", "--yes")):
            refused(vault, 7, "account_unknown", *words, languages=False)
        with open(os.path.join(vault.directory, "audit.log"), encoding="utf-8") as log:
            expect("account_unknown" in log.read(), "the alarm leaves a line")
        expect(digests(vault) > everything, "nothing is lost here")
        gone = programs.vault("erased-gone")
        said = way_out(gone, "rebuild", "--from-server", server.url, "--pin", server.fingerprint,
                       "--recovery-file", vault.recovery, "--passphrase-file", gone.passphrase)
        expect("aucun coffre de cette fiche" in said, f"a rebuild says what is gone: {said}")
        cut = begin(vault, "server", "join", server.url, *invite)
        time.sleep(0.15)
        server.kill()
        cut.communicate(timeout=60)
        server.start()
        done = vault.run("sync", check=False)
        if done.status != 0:  # it was cut before the invitation was used
            expect(done.code() == "account_unknown", f"{done.rows}")
            done = vault.run("server", "join", server.url, *invite)
        if "healed" in done.one():
            expect(len(done.one()["healed"]["lost_grants"]) == 1, f"{done.rows}")
        else:
            expect(cut.returncode == 0, f"the cut one had just given everything: {done.rows}")
        vault.run("sync")
        in_order(vault)
        second = programs.vault("erased-b")
        second.run("rebuild", "--from-server", server.url, "--pin", server.fingerprint,
                   "--recovery-file", vault.recovery, "--passphrase-file", second.passphrase)
        expect(digests(second) == digests(vault), "all of it is there again")
        server.stop()


class ErasedElsewhere:
    """The same, with a device that is not the one which made the vault, or has other keys since."""

    def __init__(self, programs, kind):
        self.programs = programs
        self.kind = kind

    def path(self, name):
        return f"again-{self.kind}-{name}"

    def rebuilt(self, name, sheet):
        vault = self.programs.vault(self.path(name))
        vault.run("rebuild", "--from-server", self.server.url, "--pin", self.server.fingerprint,
                  "--recovery-file", sheet, "--passphrase-file", vault.passphrase)
        return vault

    def paired(self, first):
        programs = self.programs
        command = [programs.program("coffret"), "--vault"]
        inviting = subprocess.Popen(command + [first.directory, "--json", "device", "invite"],
                                    stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                    env=programs.env)
        programs.started.append(inviting)
        code = json.loads(inviting.stdout.readline())["code"]
        vault = programs.vault(self.path("b"))
        joining = subprocess.Popen(command + [vault.directory, "--json", "device", "join", "-",
                                              "--passphrase-file", vault.passphrase],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   env=programs.env)
        programs.started.append(joining)
        joining.stdin.write(code.encode() + b"\n")
        joining.stdin.close()
        words = json.loads(joining.stdout.readline())["words"]
        inviting.stdout.readline()
        first.run("device", "confirm", "--words", words)
        expect(inviting.wait(timeout=120) == 0 and joining.wait(timeout=120) == 0, "paired")
        joining.stdout.read()
        return vault

    def giver_of(self, first):
        """The device that meets the server again."""
        self.sheet = first.recovery
        if self.kind == "paired":
            return self.paired(first)
        if self.kind == "new-keys":
            fresh = self.programs.file(self.path("new.pass"), "une phrase que personne n'a vue\n")
            first.run("passphrase", "change", "--compromised", "--passphrase-file",
                      first.passphrase, "--new-passphrase-file", fresh)
            first.passphrase = fresh
            return first
        if self.kind == "new-sheet":
            self.sheet = self.programs.path(self.path("new.recovery"))
            first.run("recovery", "renew", "--recovery-out", self.sheet)
        return self.rebuilt("b", self.sheet)

    def whole(self):
        programs = self.programs
        server = self.server = Server(programs, name=self.path("server"))
        empty = programs.path(self.path("backup"))
        operator(programs, "backup", "--data", server.data, "--out", empty)
        first = programs.vault(self.path("a"))
        first.init()
        first.join(server)
        first.run("import", notes(programs, 4, self.path("notes")),
                  large_notes(programs, self.path("large"), 1))
        first.run("sync")
        giver = self.giver_of(first)
        giver.run("import", notes(programs, 2, self.path("later")))
        giver.run("sync")
        first.run("sync")
        stick = programs.path(self.path("stick"))
        giver.run("backup", "--out", stick)
        if self.kind == "new-sheet":  # put back to a backup that is older than the account
            server.stop()
            shutil.rmtree(server.data)
            operator(programs, "restore", "--data", server.data, "--from", empty)
            server.start()
        else:
            server.admin("account erase", server.admin("account list")[0]["vault"], "--yes")
        if self.kind == "from-backup":
            giver.run("stop")
            giver = programs.vault(self.path("c"))
            back = giver.run("rebuild", "--from", stick, "--recovery-file", self.sheet,
                             "--passphrase-file", giver.passphrase).one()
            expect(back["server"] == "account_unknown", f"said at once: {back}")
        giver.run("import", notes(programs, 1, self.path("unsent")))
        refused(giver, 7, "account_unknown", "sync", languages=False)
        invite = ("--invite-file", server.invite_file(self.path("invite.txt")), "--yes")
        done = giver.run("server", "join", server.url, *invite).one()
        expect(done["healed"]["entries"] > 0, f"all is given: {done}")
        giver.run("sync")
        in_order(giver, "--against-server")
        everything = digests(giver)
        expect(len(everything) == 8, f"nothing is lost: {len(everything)}")
        first.run("sync")
        expect(digests(first) == everything, "the other device goes on as if nothing was")
        in_order(first, "--against-server")
        operator(programs, "check", "--data", server.data, "--read-data")
        expect(digests(self.rebuilt("d", self.sheet)) == everything, "and so does a new one")
        server.stop()


class LostAtServer:
    """What the server's disk lost or altered is seen from a device, and mended by it."""

    def __init__(self, programs):
        self.programs = programs

    def whole(self):
        programs = self.programs
        server = Server(programs, name="lost")
        vault = programs.vault("lost-a")
        vault.init()
        vault.join(server)
        vault.run("import", notes(programs, 30, "lost-notes"),
                  large_notes(programs, "lost-large", 1, 5_000_000))
        vault.run("sync")
        stored = [os.path.join(folder, name) for folder, _, names in
                  os.walk(os.path.join(server.data, "objects")) for name in names]
        packs = [path for path in stored if "/packs/" in path]
        single = [path for path in stored if "/packs/" not in path]
        expect(packs and single, f"both kinds: {stored}")
        said = vault.run("check", "--against-server", json_out=False).out.decode()
        expect("8 documents sur 31" in said and "--read-data" in said, f"what was asked: {said}")
        with open(single[0], "r+b") as sealed:
            sealed.seek(1_000_000)
            sealed.write(b"\0" * 4)
        found = vault.run("check", "--against-server", "--read-data", check=False)
        expect(found.status == 7 and len(found.one()["problems"]) == 1, f"altered: {found.rows}")
        os.remove(packs[0])
        found = vault.run("check", "--against-server", check=False)
        lost = found.one()["problems"]
        expect(found.status == 7 and lost and all("--repair" in p["way_out"] for p in lost),
               f"lost: {lost[:2]}")
        mended = vault.run("check", "--against-server", "--repair").one()
        expect(mended["ok"] and len(mended["repaired"]) >= len(lost), f"{mended}")
        in_order(vault, "--against-server")
        operator(programs, "check", "--data", server.data, "--read-data")
        server.stop()


class DamagedHere:
    """One damaged document keeps no other from leaving the vault, and is never said to be whole."""

    def __init__(self, programs):
        self.programs = programs

    def whole(self):
        programs = self.programs
        vault = programs.vault("part-a")
        vault.init()
        vault.run("import", notes(programs, 3, "part-notes"),
                  large_notes(programs, "part-large", 1, 2_000_000))
        stick = programs.path("part-stick")
        vault.run("backup", "--out", stick)
        vault.run("stop")
        body = os.path.join(vault.directory, "objects",
                            os.listdir(os.path.join(vault.directory, "objects"))[0])
        with open(body, "r+b") as sealed:
            sealed.seek(70_000)
            sealed.write(b"\0" * 4)
        vault.unlock()
        for form in ("folder", "fhir"):
            out = programs.path(f"part-{form}")
            done = vault.run("export", "--format", form, "--out", out, check=False)
            told = done.one()
            expect(done.status == 7 and told["documents"] == 3 and len(told["damaged"]) == 1 and
                   told["damaged"][0]["title"], f"{form}: {done.status} {told}")
            expect(os.path.exists(out), "the others are there")
        compared = vault.run("rehearse", "--from", stick, "--recovery-file", vault.recovery,
                             check=False)
        told = compared.one()
        expect(compared.status == 7 and told["verified"] == 3 and len(told["damaged"]) == 1,
               f"{compared.status} {told}")
        whole = vault.run("backup", "--out", programs.path("part-second"), check=False,
                          json_out=False)
        expect(whole.status == 7 and "3 documents sur 4" in whole.out.decode(), f"{whole.out}")


def main():
    suite = Suite()
    with Programs(sys.argv[1]) as programs:
        suite.test("a restored server is healed by the device that knew more, then by the other",
                   RestoredServer(programs, False).whole)
        suite.test("a restored server is healed by the device that knew less, then by the other",
                   RestoredServer(programs, True).whole)
        suite.test("two histories are shown, and made one by the owner's word",
                   Forked(programs).whole)
        suite.test("a copied device is retired, and what it held is carried over",
                   Copied(programs).whole)
        suite.test("what is damaged here or at the server is named and put right",
                   Damaged(programs).whole)
        suite.test("an account that the server lost is given everything again",
                   ErasedAccount(programs).whole)
        for kind in ("rebuilt", "paired", "new-keys", "new-sheet", "from-backup"):
            suite.test(f"a lost account is given everything by a device that is {kind}",
                       ErasedElsewhere(programs, kind).whole)
        suite.test("what the server's disk lost is seen and mended from a device",
                   LostAtServer(programs).whole)
        suite.test("a damaged document keeps no other from leaving the vault",
                   DamagedHere(programs).whole)
        if FAKETIME:
            suite.test("a server that is not heard of is said to be so", Frozen(programs).whole)
        else:
            suite.skip("a server that is not heard of is said to be so", "no libfaketime here")
    return suite.close()


if __name__ == "__main__":
    sys.exit(main())
