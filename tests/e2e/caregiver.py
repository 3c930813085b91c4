#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""A patient and a doctor who has a key of her own: the card, the pairing in person, a grant to her
key, its opening, and the proof of it; everybody else who holds the link; and a doctor whose software
is not ours."""
import base64
import hashlib
import hmac
import http.client
import json
import os
import secrets
import ssl
import subprocess
import sys
import time

from harness import (DOCUMENTS, ROOT, Programs, Server, Suite, daemons_of, expect, refused)

NAME = "Dr Alice Martin"


def b64(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def digests(directory):
    found = set()
    for name in os.listdir(directory):
        with open(os.path.join(directory, name), "rb") as file:
            found.add(hashlib.sha256(file.read()).hexdigest())
    return found


class Doctor:
    """A caregiver's folder, driven by the same command; she has no vault."""

    def __init__(self, journey, folder, name=NAME):
        programs = journey.programs
        self.folder = programs.path(folder)
        self.passphrase = programs.file(folder + ".pass", f"la phrase de {folder}\n")
        self.hand = programs.vault(folder + "-without-a-vault")
        self.programs, self.name, self.cards = programs, name, 0

    def card(self, *more, check=True):
        self.cards += 1
        path = self.programs.path(f"{os.path.basename(self.folder)}-{self.cards}.card")
        done = self.hand.run("caregiver", "card", "--keys", self.folder, "--passphrase-file",
                             self.passphrase, "--out", path, *(more or ("--name", self.name)),
                             check=check)
        return path, done

    def redeem(self, link, out, check=True, passphrase=None):
        return self.hand.run("redeem", "@" + link, "--keys", self.folder, "--passphrase-file",
                             passphrase or self.passphrase, "--out", self.programs.path(out),
                             check=check)


class Journey:
    def __init__(self, programs):
        self.programs = programs
        self.server = Server(programs)
        self.vault = programs.vault()
        self.vault.init()
        self.vault.run("import", DOCUMENTS)
        self.vault.join(self.server)
        self.vault.run("sync")
        self.doctor = Doctor(self, "practice")
        self.links = 0

    def grant(self, to=NAME, check=True):
        done = self.vault.run("grant", "create", "--to", to, "--delivery", "key", "--for", "1h",
                              "--all", check=check)
        if not check:
            return done
        self.links += 1
        made = done.one()
        return made, self.programs.file(f"key-{self.links}.link", made["link"])

    def lines(self, grant):
        return [row for row in self.vault.run("access-log").rows if row.get("grant") == grant]

    def ask(self, method, path, body=None, **headers):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        wire = http.client.HTTPSConnection("127.0.0.1", self.server.port, timeout=30,
                                           context=context)
        wire.request(method, path, body=None if body is None else json.dumps(body),
                     headers={"Content-Type": "application/json", **headers})
        answer = wire.getresponse()
        content = answer.read()
        wire.close()
        return answer.status, content

    def a_card_needs_no_vault(self):
        done = self.doctor.hand.run("caregiver", "card", "--keys", self.doctor.folder,
                                    "--passphrase-file", self.doctor.passphrase, check=False)
        expect(done.status == 2 and done.code() == "usage", f"a name is needed first: {done.rows}")
        path, done = self.doctor.card("--name", NAME, "--organisation", "Cabinet Exemple", "--qr",
                                      self.programs.path("card.png"))
        told = done.one()
        expect(told["name"] == NAME and len(told["fingerprint"].split()) == 8 and
               "code" not in told, f"who she is, in eight words: {told}")
        expect(os.stat(path).st_mode & 0o777 == 0o600, "the card is hers alone until she gives it")
        with open(self.programs.path("card.png"), "rb") as picture:
            expect(picture.read(8) == b"\x89PNG\r\n\x1a\n", "its picture is a PNG")
        shown = self.doctor.hand.run("caregiver", "card", "--keys", self.doctor.folder,
                                     "--passphrase-file", self.doctor.passphrase).one()
        expect(shown["code"].startswith("coffret-caregiver:1.") and
               shown["fingerprint"] == told["fingerprint"], f"the same key, a card more: {shown}")
        expect(not daemons_of(self.doctor.hand) and not os.path.exists(self.doctor.hand.directory),
               "neither a vault nor a daemon")
        wrong = self.programs.file("wrong.pass", "une autre\n")
        done = self.doctor.hand.run("caregiver", "card", "--keys", self.doctor.folder,
                                    "--passphrase-file", wrong, check=False)
        expect(done.status == 4 and done.code() == "wrong_passphrase", f"{done.rows}")
        self.fingerprint = told["fingerprint"]
        self.card = path

    def nothing_goes_to_a_stranger(self):
        done = self.grant(check=False)
        expect(done.status == 3 and done.code() == "not_found", f"nobody is paired: {done.rows}")
        expect(not self.vault.run("grant", "list").rows, "and nothing was granted")

    def pairing_needs_the_same_words(self):
        impostor = Doctor(self, "impostor")
        swapped, _ = impostor.card()
        for words, card, status, code in (
                ((), self.card, 2, "not_confirmed"),
                (("--words", "nonsense"), self.card, 2, "unknown_word"),
                (("--words", self.fingerprint), swapped, 7, "words_differ")):
            done = self.vault.run("caregiver", "pair", card, *words, check=False)
            expect(done.status == status and done.code() == code, f"{words}: {done.rows}")
        with open(self.card, encoding="ascii") as file:
            text = file.read()
        done = self.vault.run("caregiver", "pair", text.strip(), check=False)
        expect(done.code() == "not_confirmed" and
               ("historique" in done.err.decode() or "history" in done.err.decode()),
               f"a card as an argument is taken, and warned about: {done.err}")
        at = len("coffret-caregiver:1.") + 40
        slip = self.programs.file("slip.card", text[:at] + ("A" if text[at] != "A" else "B") +
                                  text[at + 1:])
        done = self.vault.run("caregiver", "pair", slip, "--yes", check=False)
        expect(done.status == 4 and done.code() == "wrong_passcode", f"a slip shows: {done.rows}")
        expect(not self.vault.run("caregiver", "list").rows, "nobody was paired")
        paired = self.vault.run("caregiver", "pair", self.card, "--words", self.fingerprint).one()
        expect(paired["name"] == NAME and paired["fingerprint"] == self.fingerprint, paired)
        rows = self.vault.run("caregiver", "list").rows
        expect(len(rows) == 1 and rows[0]["fingerprint"] == self.fingerprint, rows)

    def another_key_is_never_taken_for_hers(self):
        changed, _ = Doctor(self, "changed").card()
        refused(self.vault, 7, "key_changed", "caregiver", "pair", changed, "--yes",
                languages=False)
        self.vault.run("caregiver", "pair", changed, "--yes", "--name", "Dr Martin (Lyon)")
        expect(len(self.vault.run("caregiver", "list").rows) == 2, "two, told apart by name and key")
        self.vault.run("caregiver", "remove", "Dr Martin (Lyon)")

    def she_opens_and_proves_it(self):
        made, self.link = self.grant()
        self.granted = made["id"]
        expect("#k1." in made["link"] and "passcode" not in made, f"her key is asked: {made}")
        got = self.doctor.redeem(self.link, "got").one()
        expect(got["delivery"] == "key" and got["patient"]["name"] and got["expires_at"],
               f"who, and until when: {got}")
        expect(digests(self.programs.path("got")) == digests(DOCUMENTS), "byte for byte")
        lines = self.lines(self.granted)
        expect([(line["outcome"], line["proved"], line["forged"], line["recipient"])
                for line in lines] == [("delivered", True, False, NAME), ("read", True, False, NAME)],
               f"opened and read, proved: {lines}")
        said = self.vault.run("access-log", json_out=False).out.decode()
        expect("prouvé" in said and NAME in said, f"in words: {said}")

    def nobody_else_opens_it(self):
        colleague = Doctor(self, "colleague", "Dr Bruno Petit")
        colleague.card()
        done = colleague.redeem(self.link, "colleague-got", check=False)
        expect(done.status == 6 and done.code() == "denied", f"another's key: {done.rows}")
        done = self.doctor.hand.run("redeem", "@" + self.link, "--keys",
                                    self.programs.path("nowhere"), "--passphrase-file",
                                    self.doctor.passphrase, "--out", self.programs.path("none"),
                                    check=False)
        expect(done.status == 3 and done.code() == "never_initialised", f"no key: {done.rows}")
        done = self.doctor.redeem(self.link, "wrong-got", check=False,
                                  passphrase=colleague.passphrase)
        expect(done.status == 4 and done.code() == "wrong_passphrase", f"{done.rows}")
        done = self.doctor.hand.run("redeem", "@" + self.link, "--keys", self.doctor.folder,
                                    "--passphrase-file", self.doctor.passphrase, "--pin", "A" * 43,
                                    "--out", self.programs.path("pinned"), check=False)
        expect(done.status == 7, f"another server than the pinned one: {done.rows}")
        path = self.path()
        expect(self.ask("GET", path)[0] == 200, "anyone may ask whether it is there")
        expect(self.ask("POST", path + "/open", {"recipient": ""})[0] == 403, "unsigned: refused")
        outcomes = [line["outcome"] for line in self.lines(self.granted)]
        expect(outcomes == ["delivered", "read", "refused", "refused"],
               f"refusals are told, and open nothing: {outcomes}")

    def path(self):
        with open(self.link, encoding="ascii") as file:
            fields = file.read().strip().split("#", 1)[1].split(".")
        text = base64.b32encode(unb64(fields[1])).decode().rstrip("=").lower()
        return "/v1/links/" + text

    def every_device_knows_her(self):
        self.vault.run("sync")
        second = self.programs.vault("second")
        second.run("rebuild", "--from-server", self.server.url, "--pin", self.server.fingerprint,
                   "--recovery-file", self.vault.recovery, "--passphrase-file", second.passphrase)
        rows = second.run("caregiver", "list").rows
        expect([row["fingerprint"] for row in rows] == [self.fingerprint], f"{rows}")
        lines = [row for row in second.run("access-log").rows if row.get("grant") == self.granted]
        expect([line["proved"] for line in lines] == [True, True, False, False], f"{lines}")

    def over_is_over(self):
        self.vault.run("grant", "revoke", self.granted)
        done = self.doctor.redeem(self.link, "revoked", check=False)
        expect(done.status == 6 and done.code() == "link_not_active", f"{done.rows}")
        self.vault.run("caregiver", "remove", NAME)
        done = self.grant(check=False)
        expect(done.status == 3 and done.code() == "not_found", f"her key is forgotten: {done.rows}")

    # ---- software that is not ours ----------------------------------------------------------------

    def foreign(self, do, **task):
        done = subprocess.run(["node", os.path.join(ROOT, "tests/e2e/foreign_caregiver.mjs")],
                              input=json.dumps({"do": do, **task}).encode(), capture_output=True,
                              check=False, timeout=60)
        expect(done.returncode == 0, f"{do}: {done.stderr.decode()}")
        return json.loads(done.stdout)

    def foreign_card(self):
        """The code of PROTOCOL.md §13, written from its text."""
        self.keys = self.foreign("make")
        card = self.foreign("sign", keys=self.keys, typ="coffret-caregiver+jwt", payload={
            "v": 1, "serial": 1, "name": "Dr Inès Duval", "organisation": "",
            "agreement": self.keys["agreement"]["x"], "issued_at": int(time.time())})
        self.secret = secrets.token_bytes(20)
        before = f"coffret-caregiver:1.{card}."
        digits = base64.b32encode(self.secret).decode()
        check = hashlib.blake2b(b"coffret.cardcheck" + before.encode() + digits.encode(),
                                digest_size=32).digest()[:3]
        digits += base64.b32encode(check).decode()[:4]
        groups = "-".join(digits[i:i + 4] for i in range(0, len(digits), 4))
        return self.programs.file("foreign.card", before + groups)

    def statement(self, act, link, **more):
        return self.foreign("sign", keys=self.keys, typ="coffret-opening+jwt", payload={
            "v": 1, "act": act, "server": self.server.fingerprint, "link": link,
            "time": int(time.time()), "nonce": b64(secrets.token_bytes(16)), **more})

    def foreign_software_opens_it(self):
        self.vault.run("caregiver", "pair", self.foreign_card(), "--yes")
        made, self.link = self.grant("Dr Inès Duval")
        path = self.path()
        link = path.rsplit("/", 1)[1]
        statement = self.statement("open", link)
        status, body = self.ask("POST", path + "/open", {"recipient": "", "statement": statement})
        expect(status == 200, f"opened: {status} {body}")
        answer = json.loads(body)
        bearer = {"Authorization": "Bearer " + answer["reader"]}
        files = [self.ask("GET", f"{path}/files/{one['id']}", **bearer)[1].decode()
                 for one in answer["files"]]
        opened = self.foreign("open", keys=self.keys, key_jwe=files[0], jwes=files[1:])
        expect(opened["header"]["alg"] == "ECDH-ES" and opened["header"]["enc"] == "A256GCM" and
               opened["header"]["epk"]["crv"] == "X25519", f"RFC 8037: {opened['header']}")
        manifest = opened["manifest"]
        expect(manifest["to"] == "Dr Inès Duval" and manifest["link"] == link, "the manifest")
        at = {one["id"]: unb64(part) for one, part in zip(answer["files"][2:], opened["parts"])}
        for one in manifest["files"]:
            whole = b"".join(at[part] for part in one["parts"])[:one["size"]]
            expect(b64(hashlib.sha256(whole).digest()) == one["sha256"], f"{one['name']}")
        expect(len(unb64(manifest["introduction"])) == 85, "the vault introduces itself")

        key, salt = unb64(opened["key"]), base64.b32decode(link.upper() + "=" * (-len(link) % 8))
        extracted = hmac.new(salt, key, hashlib.sha256).digest()
        proof = b64(hmac.new(extracted, b"coffret proof 1\x01", hashlib.sha256).digest())
        status, _ = self.ask("POST", path + "/read", {
            "proof": proof,
            "statement": self.statement("read", link, n=answer["version"], proof=proof)}, **bearer)
        expect(status == 204, f"reading is proved: {status}")
        lines = self.lines(made["id"])
        expect([(line["outcome"], line["proved"]) for line in lines] ==
               [("delivered", True), ("read", True)], f"{lines}")

        status, body = self.ask("POST", path + "/open", {"recipient": "", "statement": statement})
        expect(status == 401 and b"replayed" in body, f"its signature again: {status} {body}")


def main():
    suite = Suite()
    with Programs(sys.argv[1]) as programs:
        journey = Journey(programs)
        for sentence, body in (
                ("a caregiver's card needs neither vault nor daemon", journey.a_card_needs_no_vault),
                ("nothing is granted to a key that nobody paired", journey.nothing_goes_to_a_stranger),
                ("pairing needs the words that she shows", journey.pairing_needs_the_same_words),
                ("another key is never taken for hers", journey.another_key_is_never_taken_for_hers),
                ("she opens it with her key, and proves it", journey.she_opens_and_proves_it),
                ("whoever else holds the link opens nothing", journey.nobody_else_opens_it),
                ("every device of the patient knows her", journey.every_device_knows_her),
                ("what is revoked is over, and a forgotten key gets nothing", journey.over_is_over),
                ("software that is not ours pairs, opens and proves",
                 journey.foreign_software_opens_it)):
            suite.test(sentence, body)
    return suite.close()


if __name__ == "__main__":
    sys.exit(main())
