# SPDX-License-Identifier: EUPL-1.2
"""Section A of the attack catalogue: keys, identity, parameters (rows 1 to 14)."""
import hashlib
import json
import os
import secrets

from harness import Server, expect, free_port, refused
from hostile_kit import CARD, LOG, STATUS, Attacked, audit_lines, state_of
from machine_fails import digests

ESCROW = {"policy": {"escrow": True, "account_recovery": True, "master_key": "upload"},
          "kdf": {"memory": 8, "passes": 1, "salt": "AAAA"}, "recipients": ["x25519:AAAA"],
          "signers": [{"id": "rogue", "key": "AAAA"}], "update": {"version": "99.0.0",
                                                                "url": "https://127.0.0.1:1/new"}}


def hash_of(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def card_of(home, who, name="Dr Alice Martin"):
    """A caregiver's own folder, and a card from it."""
    path = home.programs.path(f"{who}-{secrets.token_hex(4)}.card")
    told = home.victim.run("caregiver", "card", "--keys", home.programs.path(who),
                           "--passphrase-file", home.victim.passphrase, "--name", name, "--out",
                           path).one()
    return path, told["fingerprint"]


def caregivers(home, table):
    victim = home.victim
    card, words = card_of(home, "alice")
    swapped, _ = card_of(home, "mallory")

    def published():
        return len([one for one in home.evil.seen() if "/grants/" in json.dumps(one)])

    def substituted():
        # There is no key of a caregiver to be had from a server: it can only come as a card, and
        # one that was exchanged on the way has other words.
        before = published()
        grant = ("grant", "create", "--to", "Dr Alice Martin", "--delivery", "key", "--for", "1h",
                 "--all")
        done = victim.run(*grant, check=False)
        expect(done.status == 3 and done.code() == "not_found", f"nobody is paired: {done.rows}")
        done = victim.run("caregiver", "pair", swapped, "--words", words, check=False)
        expect(done.status == 7 and done.code() == "words_differ", f"another key: {done.rows}")
        done = victim.run(*grant, check=False)
        expect(done.status == 3 and published() == before, f"nothing left: {done.rows}")
    table.test(1, "a caregiver's key exchanged on its way: nothing is sealed to it", substituted)

    def changed():
        victim.run("caregiver", "pair", card, "--words", words)
        done = victim.run("caregiver", "pair", swapped, "--yes", check=False)
        expect(done.status == 7 and done.code() == "key_changed", f"blocked: {done.rows}")
        rows = victim.run("caregiver", "list").rows
        expect([row["fingerprint"] for row in rows] == [words], f"the pinned key stays: {rows}")
    table.test(2, "a paired caregiver's key changed: blocked until she is paired anew", changed)
    victim.run("sync")


def keys(home, table):
    caregivers(home, table)

    def entry(*rules, code="unauthenticated", count=1, status=7):
        def body():
            home.honest_note(count=count)
            home.attack(*[{"on": LOG, **rule} for rule in rules], code=code, status=status)
        return body

    table.test(3, "an entry of a device that nobody enrolled",
               entry({"do": "log_forge", "copy": 2, "device": "other", "sign": "identity"}))

    def listed():
        who = home.victim.run("status").one()["device"]
        home.evil.obey({"on": STATUS, "client": 1, "do": "json",
                        "members": {**ESCROW, "devices": ["ba" * 13]}})
        home.honest_note()
        home.victim.run("check", "--against-server")
        lines, seen = len(audit_lines(home.victim)), len(home.evil.seen())
        done = home.victim.run("sync", check=False)
        expect(done.status == 7 and done.code() == "key_planted", f"told: {done.rows}")
        expect([line[1] for line in audit_lines(home.victim)[lines:]] == ["key_planted"], "a line")
        expect(any(line["request"].startswith("DELETE") and line["request"].endswith("ba" * 13)
                   for line in home.evil.seen()[seen:]), "and withdrawn")
        home.evil.obey()
        expect(home.victim.run("status").one()["device"] == who, "the same device")
        home.well_again()
    table.test(3, "a server that lists a device of its own", listed)
    table.test(4, "an entry hidden from the log: a removal is one like all others",
               entry({"do": "log_drop", "entry": 1}, count=2))

    def wrapped_key():
        """The vault's key comes from the server once: sealed in the log, when a vault is rebuilt."""
        rebuild = ("rebuild", "--from-server", home.evil.url, "--pin",
                   home.evil.server.fingerprint, "--recovery-file", home.victim.recovery)
        for rule in ({"do": "log_flip", "part": "operation", "at": 60},
                     {"do": "log_flip", "part": "body", "at": -1, "sign": "identity"},
                     {"do": "log_splice", "copy": 3, "sign": "identity"}):
            vault = home.programs.vault("rebuilt-" + rule["do"] + rule.get("part", ""))
            home.evil.obey({"on": LOG, "entry": 1, **rule})
            done = vault.run(*rebuild, "--passphrase-file", vault.passphrase, check=False)
            expect(done.status == 7, f"{rule}: exit {done.status} {done.rows}")
            expect(all(home.evil.obey()), "the attack was carried out")
            expect(not os.path.exists(os.path.join(vault.directory, "keyslot")), "no vault is left")
            expect(audit_lines(vault), "a line in the audit log")
            vault.run(*rebuild, "--passphrase-file", vault.passphrase)
            expect(digests(vault) == digests(home.victim), "and the honest server gives all back")
            vault.run("stop")
    table.test(5, "the sealed key in the log replaced, at a rebuild", wrapped_key)


def parameters(home, table):
    programs = [os.path.join(home.programs.bin, name) for name in ("coffret", "coffretd",
                                                                   "coffret-reader")]

    def all_policies(row, sentence):
        def body():
            home.victim.run("sync")
            keyslot = hash_of(os.path.join(home.victim.directory, "keyslot"))
            binaries = [hash_of(program) for program in programs]
            seq = state_of(home.victim)["head"]["seq"]
            seen = len(home.evil.seen())
            home.evil.obey({"on": "GET /v1/card", "client": 0, "do": "pass"},
                           {"on": "POST /v1/vaults/*/objects/missing", "do": "json", "members": ESCROW},
                           {"on": STATUS, "do": "json", "members": ESCROW},
                           {"on": "*", "do": "fields", "fields": {
                               "Coffret-Policy": "escrow=required", "Coffret-Kdf": "argon2id;m=8;t=1",
                               "Refresh": "0;url=https://127.0.0.1:1/", "Link": "</new>; rel=update"}})
            home.victim.run("check", "--against-server")
            home.victim.run("sync")
            home.evil.obey()
            expect(hash_of(os.path.join(home.victim.directory, "keyslot")) == keyslot,
                   "the keyslot is the same")
            expect([hash_of(program) for program in programs] == binaries, "so are the programs")
            expect(state_of(home.victim)["head"]["seq"] == seq, "nothing was written for a policy")
            asked = {line["request"].split("?")[0] for line in home.evil.seen()[seen:]}
            expect(all("/v1/vaults/" in one or one == "GET /v1/card" for one in asked), f"{asked}")
        table.test(row, sentence, body)

    all_policies(6, "KDF parameters sent by the server change nothing")
    table.shown(6, "a cost below the floor", "tests/vault/crypto/keyslot_test.cpp",
                "attacks 6 and 7: a cost below the floor or above the ceiling is refused at once")
    table.shown(7, "a cost above the ceiling", "tests/vault/crypto/keyslot_test.cpp",
                "attacks 6 and 7: a cost below the floor or above the ceiling is refused at once")

    def suite_of_entry():
        home.honest_note()
        home.attack({"on": LOG, "do": "log_field", "entry": -1, "name": "suite"}, status=10,
                    code="other_version", languages=False)
    table.test(8, "an entry of another suite", suite_of_entry)

    def suite_of_seal():
        home.honest_note()
        home.attack({"on": LOG, "do": "log_flip", "entry": -1, "part": "operation", "at": 0},
                    languages=False)
    table.test(8, "an operation whose first bytes say another form", suite_of_seal)
    table.shown(8, "every byte of a keyslot", "tests/vault/crypto/keyslot_test.cpp",
                "any byte that rots makes the slot damaged, or of another version")
    all_policies(9, "every policy field set: no recipient, no escrow, nothing written")
    table.shown(10, "a slot that opens under two passphrases", "tests/vault/crypto/keyslot_test.cpp",
                "attack 10: a slot whose cipher opens under two passphrases opens for one only")
    table.shown(11, "every sealed thing in every other role", "tests/vault/crypto/sealer_test.cpp",
                "attack 11: what is sealed in one role opens in no other, even under one key")
    table.shown(11, "every signature under every other label", "tests/sync/protocol/signature_test.cpp",
                "a signature counts under its own label only")
    table.shown(12, "no signed request verifies as an entry, a policy or a certificate",
                "tests/sync/protocol/http_signature_test.cpp", "attack 12")


def identities(home, table):
    def relayed():
        """The device's signed request, handed to another association's server."""
        counted = home.third.admin("stats")
        home.victim.run("import", home.programs.file("relais.txt", "une note de plus"))
        home.attack({"on": LOG, "do": "route", "to": "third"}, languages=False)
        expect(home.third.admin("stats") == counted, "the other server has nothing of it")
    table.test(13, "a signed request handed to another server", relayed)

    table.shown(14, "another identity at the same address", "tests/e2e/server_turns.py",
                "another identity at the same address gets nothing")

    def card(members, code, status=7):
        def body():
            home.victim.run("stop")
            home.victim.unlock()
            home.honest_note()
            home.evil.obey({"on": CARD, "do": "card", "members": members})
            before, lines = state_of(home.victim), len(audit_lines(home.victim))
            other = home.other_certificate
            home.evil.restart(other)
            refused(home.victim, status, code, "sync")
            expect(state_of(home.victim) == before, "nothing changed")
            expect([line[1] for line in audit_lines(home.victim)[lines:]] == [code] * 3, "a line each")
            home.evil.restart(None)
            home.well_again()
        return body
    table.test(14, "a TLS key that no card names", card({"serial": 1}, "unpinned"))


def run(programs, table):
    third = Server(programs, name="third", port=free_port(), serve=["--behind-proxy", "127.0.0.1"])
    home = Attacked(programs, "keys", ("--upstream", f"third=http://127.0.0.1:{third.port}"))
    home.third = third
    impostor = Server(programs, name="impostor")
    home.other_certificate = [os.path.join(impostor.data, "tls", name)
                              for name in ("certificate.pem", "key.pem")]
    for part in (keys, parameters, identities):
        part(home, table)
    home.close()
