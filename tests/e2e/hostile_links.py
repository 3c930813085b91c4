#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Rows 92 to 110 and 124 to 128 of the catalogue of attacks: a hostile caregiver, a finder of a link, a
member of the same association, its operator. Each is played over the wire against the real programs:
by the patient's own command, and by software of another hand (raw_member.py, python3-jwcrypto). At the
end the table row | test | result; what does not exist yet is skipped aloud. Rows 96 to 99 and 103 are
in links_attacked.py, which prints the same table."""
import base64
import collections
import hashlib
import hmac
import json
import os
import secrets
import statistics
import subprocess
import sys
import time

from harness import (DOCUMENTS, Programs, Server, Suite, canaries, expect, find_words,
                     in_python_with, moved_clock, refused)

HAVE_JOSE = in_python_with("jwcrypto")
from hostile_kit import Table  # noqa: E402
from links_attacked import Wire, at_once, path_of  # noqa: E402
from raw_member import (Member, b32, b64u, hkdf, parcel_key, public_of, sized, unb64u)  # noqa: E402

if HAVE_JOSE:
    from foreign_jose import is_refused, opened_by_jwcrypto, sealed_by_jwcrypto
NAME = "Dr Inès Duval"
ORDER = 2**252 + 27742317777372353535851937790883648493  # of Ed25519's group
SAMPLES = 1500  # of each kind of answer whose time is compared
NEIGHBOUR = 60  # requests of a neighbour, before and during an attack on quotas


class Doctor:
    """A caregiver whose keys and statements are made by python3-cryptography (PROTOCOL.md §13)."""

    def __init__(self):
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
        from cryptography.hazmat.primitives import serialization as form
        self.signing, self.agreement = Ed25519PrivateKey.generate(), X25519PrivateKey.generate()
        raw = self.agreement.private_bytes(form.Encoding.Raw, form.PrivateFormat.Raw,
                                           form.NoEncryption())
        self.own = {"kty": "OKP", "crv": "X25519", "x": b64u(public_of(self.agreement)),
                    "d": b64u(raw)}

    def jws(self, typ, payload, key=None, alg="EdDSA", shown=None):
        key = key or self.signing
        header = {"alg": alg, "typ": typ, "jwk": {"kty": "OKP", "crv": "Ed25519",
                                                   "x": b64u(shown or public_of(key))}}
        text = ".".join(b64u(json.dumps(one, separators=(",", ":"), ensure_ascii=False).encode())
                        for one in (header, payload))
        return text, key.sign(text.encode())

    def card(self):
        text, signature = self.jws("coffret-caregiver+jwt", {
            "v": 1, "serial": 1, "name": NAME, "organisation": "",
            "agreement": b64u(public_of(self.agreement)), "issued_at": int(time.time())})
        before = f"coffret-caregiver:1.{text}.{b64u(signature)}."
        digits = base64.b32encode(secrets.token_bytes(20)).decode()
        check = hashlib.blake2b(b"coffret.cardcheck" + before.encode() + digits.encode(),
                                digest_size=32).digest()[:3]
        digits += base64.b32encode(check).decode()[:4]
        return before + "-".join(digits[i:i + 4] for i in range(0, len(digits), 4))


def statement(server, link):
    return {"v": 1, "act": "open", "server": server, "link": link, "time": int(time.time()),
            "nonce": b64u(secrets.token_bytes(16))}


def sealed_on(directory):
    """Every compact JWE in the files of a directory: (path, text)."""
    found = []
    for folder, _, names in os.walk(directory):
        for name in names:
            path = os.path.join(folder, name)
            with open(path, "rb") as file:
                content = file.read()
            if content.startswith(b"eyJ") and content.count(b".") == 4:
                found.append((path, content.decode()))
    return found


class Hostile:
    def __init__(self, programs):
        self.programs = programs
        self.server = Server(programs, serve=("--requests-per-address", "200"))
        self.wire = Wire(self.server.port)
        self.vault = programs.vault()
        self.vault.init()
        self.vault.run("import", DOCUMENTS)
        self.vault.join(self.server)
        self.vault.run("sync")
        self.rows = self.vault.run("list").rows
        self.ana, self.bruno = self.member("127.0.0.21"), self.member("127.0.0.22")
        self.links = []  # of the product, for row 106
        self.tokens = []

    def member(self, source, *flags, server=None):
        server = server or self.server
        one = Member(server.url, server.fingerprint, source)
        answer = one.join(server.admin("invite", *flags)[0]["code"])
        expect(answer[0] == 201, f"{answer}")
        return one

    def share(self, *flags, documents=None):
        words = [w for one in documents or [self.rows[0]["id"]] for w in ("--document", one)]
        made = self.vault.run("grant", "create", "--to", "Dr Visée", "--for", "1h", *words,
                              *flags).one()
        if "#c1." in made["link"]:
            self.links.append([unb64u(part) for part in made["link"].split("#c1.")[1].split(".")[:2]])
        return made

    def open(self, made, **more):
        """(answer, path, K_n) of a protected link."""
        path = path_of(made["link"])
        status, answer = self.wire.ask("POST", path + "/open", {"recipient": "", **more})
        expect(status == 200, f"{status} {answer}")
        self.tokens.append(unb64u(answer["reader"]))
        identifier, secret = [unb64u(p) for p in made["link"].split("#c1.")[1].split(".")[:2]]
        key = parcel_key(secret, unb64u(answer["server_half"]), identifier, answer["version"])
        return answer, path, b64u(key)

    def file(self, path, answer, number, bearer=None):
        """(status, text) of a file of an opening."""
        return self.text("GET", f"{path}/files/{answer['files'][number]['id']}",
                         Authorization="Bearer " + (bearer or answer["reader"]))

    def text(self, method, path, **fields):
        status, body = self.ana.ask(method, path, b"", fields, signed=False)
        return status, body.decode("utf-8", "replace")

    # ---- what was granted, and no more ----

    def other_documents(self):
        """Row 92: identifiers of other grants, tried with a good opening."""
        mine, his = self.share(), self.share(documents=[self.rows[1]["id"]])
        answer, path, key = self.open(mine)
        other, there, other_key = self.open(his)
        for one in other["files"]:
            for at in (path, there):
                status, body = self.text("GET", f"{at}/files/{one['id']}",
                                         Authorization="Bearer " + answer["reader"])
                expect(status == 404, f"another grant's file: {status} {body[:80]}")
        for _ in range(20):
            status, _ = self.text("GET", f"{path}/files/{b32(os.urandom(16))}",
                                  Authorization="Bearer " + answer["reader"])
            expect(status == 404, f"an invented one: {status}")
        # And were the server to hand it out: it opens for its own key alone.
        sealed = self.file(there, other, 1)[1]
        expect(is_refused(sealed, key) and not is_refused(sealed, other_key),
               "another grant's key opens nothing")

    def jwcrypto_opens_the_parcel(self):
        """Every file of a protected link, in hands that are not ours."""
        made = self.share(documents=[row["id"] for row in self.rows[:3]])
        answer, path, key = self.open(made)
        header, jws = opened_by_jwcrypto(self.file(path, answer, 0)[1], key)
        expect(header["cty"] == "application/jose", f"{header}")
        manifest = json.loads(unb64u(jws.rstrip(b"\0").decode().split(".")[1]))
        parts = {one["id"]: n for n, one in enumerate(answer["files"])}
        for one in manifest["files"]:
            whole = b""
            for part in one["parts"]:
                header, content = opened_by_jwcrypto(self.file(path, answer, parts[part])[1], key)
                expect(header["alg"] == "dir" and header["enc"] == "A256GCM", f"{header}")
                whole += content
            whole = whole[:one["size"]]
            expect(b64u(hashlib.sha256(whole).digest()) == one["sha256"], f"{one['name']}")
        expect(len(manifest["files"]) == 3, "three documents")
        self.claims(made, path)

    def claims(self, made, path):
        """What a reader says of themselves is sealed in their page: ours is read by jwcrypto out of
        the exported log, and one that jwcrypto sealed is read by the patient."""
        identifier, secret = [unb64u(p) for p in made["link"].split("#c1.")[1].split(".")[:2]]
        key = b64u(hkdf(secret, identifier, b"coffret recipient 1"))
        link = self.programs.file("claim.link", made["link"])
        self.vault.run("redeem", "@" + link, "--as", "Dr Alice Martin", "--out",
                       self.programs.path("claim"))
        sealed = sealed_by_jwcrypto("Dr Zoé Été, Nantes".encode(), key, cty="text/plain")
        expect(self.wire.ask("POST", path + "/open", {"recipient": sealed})[0] == 200, "opened")
        log = self.programs.path("claims.txt")
        rows = self.vault.run("access-log", "--grant", made["id"], "--out", log).rows
        expect([row["recipient"] for row in rows if row["outcome"] == "delivered"] ==
               ["", "Dr Alice Martin", "Dr Zoé Été, Nantes"], f"{rows}")
        read = set()
        with open(log, encoding="ascii", errors="replace") as file:
            for line in file.read().split("checkpoint")[0].split("\n")[5:-1]:
                leaf = base64.b64decode(line)
                length = int.from_bytes(leaf[43:47], "little")
                if leaf[17:33] == identifier and length:
                    read.add(opened_by_jwcrypto(leaf[47:47 + length].decode(), key)[1].decode())
        expect(read == {"Dr Alice Martin", "Dr Zoé Été, Nantes"}, f"{read}")

    def writing(self):
        """Row 93: a right to read is no right to write, whatever is tried with it."""
        made = self.share()
        answer, path, _ = self.open(made)
        before = self.file(path, answer, 0)
        bearer = {"Authorization": "Bearer " + answer["reader"], "Upload-Offset": "0",
                  "Upload-Length": "3"}
        file = answer["files"][0]["id"]
        link = path.rsplit("/", 1)[1]
        vault = self.vault.run("status").one()["vault"]
        for method in ("PUT", "POST", "PATCH", "DELETE"):
            for target in (path, f"{path}/files/{file}", f"{path}/files",
                           f"/v1/vaults/{vault}/parcels/{link}/{file}",
                           f"/v1/vaults/{vault}/grants/{link}", f"/v1/vaults/{vault}/log",
                           f"/v1/vaults/{vault}/grants/{link}/revoke"):
                status, body = self.ana.ask(method, target, b"abc", bearer, signed=False)
                expect(400 <= status < 500, f"{method} {target}: {status} {body}")
        expect(self.file(path, answer, 0) == before, "and it is as it was")
        today = self.vault.run("grant", "create", "--to", "Dr Visée", "--for", "1h", "--all", "--since",
                               "today", "--evolving").one()
        answer, path, key = self.open(today)
        _, jws = opened_by_jwcrypto(self.file(path, answer, 0)[1], key)
        manifest = json.loads(unb64u(jws.rstrip(b"\0").decode().split(".")[1]))
        expect(manifest["files"] == [] and len(answer["files"]) == 1, "from today on: nothing of before")

    # ---- times ----

    def until(self, member, lasts):
        """Opens until it ends; the last time of the server at which it did, and the first it did not."""
        grant = member.grant([b"x"], lasts=lasts)
        opened = refusal = None
        while refusal is None:
            status, _ = member.open(grant)
            told = int(member.fields["Coffret-Time"])
            if status == 200:
                opened = told
            else:
                refusal = told
            time.sleep(0.02)
        return opened, refusal, grant.expires_at

    def clock(self):
        """A server of its own: its clock is moved, and remembers."""
        server = Server(self.programs, name="clock")
        member = self.member("127.0.0.23", server=server)
        opened, refusal, end = self.until(member, 3)
        expect(opened < end <= refusal, f"to the second, half open: {opened} {end} {refusal}")
        lives = member.grant([b"x"], lasts=300 * 86400)

        def at(shift):
            server.stop()
            member.close()
            server.start(**moved_clock(f"{shift:+d}s"))
            member.shift = shift

        ten_years, before_2038 = 3653 * 86400, 2**31 - 2 - int(time.time())
        at(-86400)
        expect(member.open(lives)[0] != 200, "row 95: a clock put back a day opens nothing")
        at(-ten_years)
        expect(member.open(lives)[0] != 200, "nor one put back ten years")
        at(0)
        expect(member.open(lives)[0] == 200, "put right, it opens")
        for shift in (ten_years, max(before_2038, ten_years + 1000)):
            at(shift)
            expect(member.open(lives)[0] == 404, "what ended meanwhile is over")
            opened, refusal, end = self.until(member, 3)
            expect(opened < end <= refusal, f"to the second, {shift} s from now: {opened} {end} {refusal}")
        at(0)
        expect(member.open(lives)[0] != 200, "and put back again revives nothing")
        server.stop()

    def own_clock(self):
        """Row 95, the patient's side: a clock put back does not revive what has ended."""
        made = self.vault.run("grant", "create", "--to", "Dr Visée", "--for", "1s", "--document",
                              self.rows[0]["id"]).one()
        time.sleep(2)
        self.vault.run("sync")
        for shift in ("-1d", "-10y", "+0"):
            self.vault.run("stop")
            self.vault.more_env = {} if shift == "+0" else moved_clock(shift)
            self.vault.unlock()
            state = [r["state"] for r in self.vault.run("grant", "list").rows if r["id"] == made["id"]]
            expect(state == ["expired"], f"{shift}: {state}")
        expect(self.wire.ask("POST", path_of(made["link"]) + "/open", {"recipient": ""})[0] == 404,
               "nor does it open")

    # ---- strangers ----

    def one_answer(self):
        """Row 100: unknown, revoked, used up and expired are one answer, byte for byte, and its time
        tells nothing of whether a link was ever there."""
        revoked, used, over = (self.ana.grant([b"x"]), self.ana.grant([b"x"], openings=1),
                               self.ana.grant([b"x"], lasts=1))
        self.ana.open(used)
        self.ana.revoke(revoked)
        time.sleep(1.2)
        unknown = "/v1/links/" + b32(os.urandom(16))

        def answers(path):
            seen = []
            for method, target, body in (
                    ("GET", path, b""), ("POST", path + "/open", b'{"recipient":""}'),
                    ("GET", path + "/files/" + b32(bytes(16)), b""),
                    ("POST", path + "/read", b'{"proof":"' + b"A" * 43 + b'"}')):
                status, told = self.ana.ask(method, target, body,
                                            {"Content-Type": "application/json"}, signed=False)
                fields = {k: v for k, v in self.ana.fields.items() if k not in ("Coffret-Time", "Date")}
                seen.append((status, told, fields))
            return seen

        for grant in (revoked, used, over):
            expect(answers(grant.path) == answers(unknown), f"{answers(grant.path)}")
        unknown_times, known_times = [], []
        for i in range(2 * SAMPLES):
            path = (unknown, revoked.path)[i % 2]
            start = time.perf_counter()
            self.ana.ask("GET", path, b"", signed=False)
            (unknown_times, known_times)[i % 2].append(time.perf_counter() - start)
        self.same_time(unknown_times, known_times)

    @staticmethod
    def same_time(one, other):
        """Welch's t over the faster nine tenths: a busy machine delays a few of either kind."""
        kept = [sorted(times)[:len(times) * 9 // 10] for times in (one, other)]
        spread = sum(statistics.variance(times) / len(times) for times in kept) ** 0.5
        means = [statistics.mean(times) for times in kept]
        t = (means[0] - means[1]) / spread
        apart = abs(means[0] - means[1])
        print(f"   {means[0] * 1e6:.0f} and {means[1] * 1e6:.0f} µs, t = {t:.1f}", flush=True)
        # What a network hides a thousandfold is no answer to anybody.
        expect(abs(t) < 4.5 or apart < 50e-6, f"{means} t = {t}")

    def forged_policy(self):
        """Row 101: a policy of which one bit is another is refused, each byte of it and of its
        signature; another's key signs nothing here."""
        link, half = os.urandom(16), os.urandom(32)
        file, _ = self.ana.upload(link, b"x")
        policy = self.ana.policy(link, [(file, b"x")])
        whole = self.ana.publication(policy, half)
        target = f"{self.ana.at}/grants/{b32(link)}"
        for at in range(4, len(policy) + 4 + 64):
            bad = bytearray(whole)
            bad[at] ^= 1 << (at % 8)
            status, _ = self.ana.ask("PUT", target, bytes(bad))
            expect(400 <= status < 500, f"byte {at}: {status}")
        other = sized(policy) + self.bruno.key.sign(b"coffret.policy.1" + policy) + half
        expect(self.ana.ask("PUT", target, other)[0] in (401, 403, 404), "another's signature")
        malleable = whole[:len(policy) + 4 + 32] + self.plus_order(
            whole[len(policy) + 4 + 32:len(policy) + 4 + 64]) + half
        expect(self.ana.ask("PUT", target, malleable)[0] in (401, 403, 404), "S + L")
        expect(self.ana.ask("GET", f"/v1/links/{b32(link)}", signed=False)[0] == 404, "none is there")
        expect(self.ana.ask("PUT", target, whole)[0] == 200, "the very one is")

    @staticmethod
    def plus_order(half):
        return ((int.from_bytes(half, "little") + ORDER) % 2**256).to_bytes(32, "little")

    def key_grant(self, *flags):
        made = self.vault.run("grant", "create", "--to", NAME, "--delivery", "key", "--for", "1h",
                              *(flags or ("--document", self.rows[0]["id"]))).one()
        return made, b32(unb64u(made["link"].split("#k1.")[1].split(".")[0]))

    def forged_statement(self):
        """Row 101: what a reader's key must sign, altered in every way that is known."""
        self.doctor = Doctor()
        self.vault.run("caregiver", "pair", self.programs.file("duval.card", self.doctor.card()), "--yes")
        made, link = self.key_grant()
        path = f"/v1/links/{link}"

        def tried(text, signature):
            word = text + "." + (signature if isinstance(signature, str) else b64u(signature))
            return self.ana.ask("POST", path + "/open", json.dumps(
                {"recipient": "", "statement": word}).encode(), {"Content-Type": "application/json"},
                signed=False)

        def fresh(**more):
            return self.doctor.jws("coffret-opening+jwt", statement(self.server.fingerprint, link), **more)

        def told(what, answer):
            expect(400 <= answer[0] < 500 and b"server_half" not in answer[1], f"{what}: {answer}")

        other = Doctor()
        for alg in ("none", "HS256", "ES256", "eddsa", "Ed25519"):
            text, signature = fresh(alg=alg)
            told(alg, tried(text, signature))
            told(alg + " without a signature", tried(text, ""))
        text, _ = fresh(alg="HS256")
        told("HMAC under the public key", tried(text, hmac.new(public_of(self.doctor.signing),
                                                               text.encode(), hashlib.sha256).digest()))
        told("another's key", tried(*fresh(key=other.signing)))
        told("another's key under hers", tried(*fresh(key=other.signing,
                                                      shown=public_of(self.doctor.signing))))
        text, signature = fresh()
        told("empty", tried(text, ""))
        told("S + L", tried(text, signature[:32] + self.plus_order(signature[32:])))
        for at in range(64):
            bad = bytearray(signature)
            bad[at] ^= 1 << (at % 8)
            told(f"bit of byte {at}", tried(text, bytes(bad)))
        for low in (bytes(32), b"\1" + bytes(31), bytes.fromhex("ecff" + "ff" * 29 + "7f")):
            text, _ = fresh(shown=low)
            told("a key of low order", tried(text, b"\1" + bytes(63)))
        text, signature = fresh()
        told("another spelling", tried(text, b64u(signature) + "="))
        status, body = tried(text, signature)
        expect(status == 200, f"the very one opens: {status} {body}")
        told("and no second time", tried(text, signature))
        self.vault.run("grant", "revoke", made["id"])

    def handed_on(self):
        """Row 102: the link of a grant to a key, and all its files, in another's hands."""
        self.made, link = self.key_grant("--all")
        self.before = sealed_on(self.server.data)
        text, signature = self.doctor.jws("coffret-opening+jwt",
                                          statement(self.server.fingerprint, link))
        status, body = self.ana.ask("POST", f"/v1/links/{link}/open", json.dumps(
            {"recipient": "", "statement": f"{text}.{b64u(signature)}"}).encode(),
            {"Content-Type": "application/json"}, signed=False)
        answer = json.loads(body)
        expect(status == 200, f"{status} {body}")
        sealed_key = self.file(f"/v1/links/{link}", answer, 0)[1]
        header, self.granted_key = opened_by_jwcrypto(sealed_key, self.doctor.own)
        expect(header["alg"] == "ECDH-ES" and header["epk"]["crv"] == "X25519", "RFC 8037, by jwcrypto")
        self.kept = [self.file(f"/v1/links/{link}", answer, n)[1]
                     for n in range(1, len(answer["files"]))]
        for token in self.kept:
            opened_by_jwcrypto(token, b64u(self.granted_key))
        expect(is_refused(sealed_key, Doctor().own), "another's key opens nothing of it")
        done = self.vault.run("caregiver", "card", "--keys", self.programs.path("thief"),
                              "--passphrase-file", self.vault.passphrase, "--name", "Dr Autre", "--out",
                              self.programs.path("thief.card"))
        file = self.programs.file("key.link", self.made["link"])
        done = self.vault.run("redeem", "@" + file, "--keys", self.programs.path("thief"),
                              "--passphrase-file", self.vault.passphrase, "--out",
                              self.programs.path("thief-got"), check=False)
        expect(done.status == 6 and done.code() == "denied", f"{done.rows}")

    def keeps_the_ciphertext(self):
        """Row 104: link and ciphertext kept; after the end they open nothing, and the server has
        neither any more."""
        kept = self.share()
        copies = sealed_on(self.server.data)
        twin = self.share()
        answer, _, key = self.open(twin)
        half = unb64u(answer["server_half"])
        expect(find_raw(self.server.data, half), "the half is there while it lives")
        for made in (kept, twin):
            self.vault.run("grant", "revoke", made["id"])
        expect(not find_raw(self.server.data, half), "and nowhere on the disk once it is revoked")
        now = {path for path, _ in sealed_on(self.server.data)}
        link = b32(unb64u(kept["link"].split("#c1.")[1].split(".")[0]))
        parcel = [(path, token) for path, token in copies if link in path]
        expect(parcel and not {path for path, _ in parcel} & now, "its files are gone")
        identifier, secret = [unb64u(p) for p in kept["link"].split("#c1.")[1].split(".")[:2]]
        for guess in (bytes(32), half, secret, hkdf(secret, identifier, b"coffret recipient 1")):
            opened = parcel_key(secret, guess, identifier, 1)
            expect(all(is_refused(token, b64u(opened)) for _, token in parcel),
                   "the link alone opens nothing that was kept")
        expect(self.wire.ask("POST", path_of(kept["link"]) + "/open", {"recipient": ""})[0] == 404,
               "and the server has nothing to give")
        said = self.vault.run("grant", "preview", "--to", "X", "--for", "1h", "--delivery", "shl",
                              "--document", self.rows[0]["id"]).one()["consent"]
        expect("obéit au serveur" in said, f"of an SHL it is said: {said}")

    def keeps_what_was_read(self):
        for lang, read, copy in (("fr", "ce qui a été lu ne peut pas être repris", "rien ne peut l'empêcher"),
                                 ("en", "what has been read cannot be taken back", "nothing can prevent")):
            self.vault.lang = lang
            said = self.vault.run("grant", "preview", "--to", "X", "--for", "1h", "--document",
                                  self.rows[0]["id"]).one()["consent"]
            expect(read in said, f"row 105, said before it is granted: {said}")
            link = self.vault.run("grant", "preview", "--to", "X", "--for", "1h", "--delivery", "shl",
                                  "--document", self.rows[0]["id"]).one()["consent"]
            expect(read in link, f"{link} {copy}")
        self.vault.lang = None

    def entropy(self):
        """Row 106: identifiers and secrets of the product's making: no two alike, of full length, and
        their bytes without structure (chi-square over 256 values; beyond 360 is one in 100,000)."""
        grant = self.ana.grant([b"x"])
        while len(self.tokens) < 1200:
            status, body = self.ana.open(grant)
            expect(status == 200, f"{status}")
            self.tokens.append(unb64u(json.loads(body)["reader"]))
        ids, keys = [one for one, _ in self.links], [one for _, one in self.links]
        for kind, length in ((ids, 16), (keys, 32), (self.tokens, 32)):
            expect(len(set(kind)) == len(kind) and all(len(one) == length for one in kind),
                   f"{len(kind)} of {length} bytes, each once")
        content = b"".join(ids + keys + self.tokens)
        wanted = len(content) / 256
        counts = collections.Counter(content)
        square = sum((counts[byte] - wanted) ** 2 / wanted for byte in range(256))
        print(f"   {len(ids)} links, {len(self.tokens)} tokens, chi-square {square:.0f}", flush=True)
        expect(150 < square < 360, f"{square}")

    # ---- after the end ----

    def after_the_end(self):
        """Row 109: a caregiver who was let go, with their keys: of what came after nothing is theirs."""
        self.vault.run("grant", "revoke", self.made["id"])
        new = self.programs.file("apres.txt", "Un mot d'après la fin.\n")
        self.added = self.vault.run("import", new).rows[0]["id"]
        self.vault.run("sync")
        text, signature = self.doctor.jws("coffret-opening+jwt", statement(
            self.server.fingerprint, b32(unb64u(self.made["link"].split("#k1.")[1].split(".")[0]))))
        path = "/v1/links/" + b32(unb64u(self.made["link"].split("#k1.")[1].split(".")[0]))
        status, _ = self.ana.ask("POST", path + "/open", json.dumps(
            {"recipient": "", "statement": f"{text}.{b64u(signature)}"}).encode(),
            {"Content-Type": "application/json"}, signed=False)
        expect(status == 404, f"their key asks: {status}")

    def with_the_servers_help(self):
        """Row 110: the same caregiver with all that a hostile server has: what they could read they
        can, and it is said; nothing that came after."""
        self.share(documents=[self.added])
        key = b64u(self.granted_key)
        for token in self.kept:
            opened_by_jwcrypto(token, key)
        dump = sealed_on(self.server.data)
        expect(dump, "there are sealed files of others")
        for path, token in dump:
            expect(is_refused(token, key) and is_refused(token, self.doctor.own), path)

    # ---- another member, and the operator ----

    SIGNED = (("GET", ""), ("POST", "/devices"), ("DELETE", "/devices/{id}"),
              ("GET", "/log?after=0&limit=10"), ("POST", "/log"), ("GET", "/log/wait?after=0&seconds=1"),
              ("POST", "/log/changes"), ("POST", "/pairings/{id}"), ("POST", "/objects/missing"),
              ("POST", "/objects/pack"), ("POST", "/objects/fetch"), ("HEAD", "/objects/{object}"),
              ("PATCH", "/objects/{object}"), ("GET", "/objects/{object}"),
              ("HEAD", "/parcels/{link}/{id}"), ("PATCH", "/parcels/{link}/{id}"),
              ("PUT", "/grants/{link}"), ("GET", "/grants/{link}"), ("POST", "/grants/{link}/revoke"),
              ("GET", "/access-log?after=0&limit=10"), ("GET", "/epoch"),
              ("POST", "/grants/{link}/confirm"))

    def another_member(self):
        """Row 124: every signed request, and every other verb, on another member's things."""
        grant = self.bruno.grant([b"y"])
        state = self.bruno.ask("GET", self.bruno.at)
        more = {"Upload-Offset": "0", "Upload-Length": "3", "Content-Type": "application/json"}
        tried = 0
        for method, path in self.SIGNED:
            names = {"id": b32(grant.files[0][0]), "link": b32(grant.link), "object": b32(bytes(32))}
            unknown = {**names, "link": b32(os.urandom(16)), "id": b32(os.urandom(16))}
            for verb in {method, "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"}:
                theirs = self.ana.ask(verb, self.bruno.at + path.format(**names), b"{}", more)
                nobodys = self.ana.ask(verb, "/v1/vaults/" + b32(os.urandom(16)) + path.format(**unknown),
                                       b"{}", more)
                expect(theirs == nobodys and theirs[0] != 200, f"{verb} {path}: {theirs} {nobodys}")
                if verb == method and path != "/devices":
                    expect(theirs[0] == 404, f"{verb} {path}: {theirs}")
                tried += 1
            # And another's link under one's own vault.
            own = self.ana.ask(method, self.ana.at + path.format(**names), b"{}", more)
            if "{link}" in path and method != "PATCH" and not path.endswith("/revoke"):
                expect(own[0] >= 400, f"{method} {path}: {own}")
        expect(self.bruno.open(grant)[0] == 200, f"and it is as it was, after {tried}")
        expect(self.bruno.ask("GET", self.bruno.at) == state, "nothing was written")

    def enumeration(self):
        """Row 125: who is a member is not to be learned, from the bytes or the time of an answer."""
        answers = {self.ana.ask("GET", "/v1/vaults/" + b32(v))
                   for v in (self.bruno.vault, os.urandom(16), bytes(16))}
        expect(len(answers) == 1 and answers.pop()[0] == 404, "a vault")
        unsigned = {self.ana.ask("GET", "/v1/vaults/" + b32(v), signed=False)
                    for v in (self.bruno.vault, os.urandom(16))}
        expect(len(unsigned) == 1, "unsigned")
        code = self.server.admin("invite")[0]["code"]
        used = Member(self.server.url, self.server.fingerprint)
        expect(used.join(code)[0] == 201, "an invitation")
        late = [Member(self.server.url, self.server.fingerprint).join(text)
                for text in (code, code[:-4] + "aaaa", "x." + b32(os.urandom(20)))]
        expect(len(set(late)) == 1 and late[0][0] in (403, 404), f"used and unknown tokens: {late}")
        known, unknown = [], []
        for i in range(SAMPLES // 2):
            vault = (self.bruno.vault, os.urandom(16))[i % 2]
            start = time.perf_counter()
            self.ana.ask("GET", "/v1/vaults/" + b32(vault))
            (known, unknown)[i % 2].append(time.perf_counter() - start)
        self.same_time(known, unknown)

    def neighbour(self):
        times = []
        for _ in range(NEIGHBOUR):
            start = time.perf_counter()
            status, _ = self.bruno.ask("GET", self.bruno.at)
            times.append(time.perf_counter() - start)
            expect(status == 200, f"the neighbour: {status}")
        return sorted(times)[int(len(times) * 0.9)]

    def quotas(self):
        """Row 126: bytes, open uploads, pieces, rendezvous, devices that wait, connections: each ends
        in a refusal of its own, and the neighbour goes on."""
        quiet = self.neighbour()
        greedy = self.member("127.0.0.24", "--quota", "300KiB")
        link = os.urandom(16)
        status, body = greedy.upload(link, b"abc", total=1 << 20)[1]
        expect(status == 403 and b"over_quota" in body, f"bytes: {status} {body}")
        announced = [greedy.upload(link, b"abc", total=60 * 1024)[1][0] for _ in range(8)]
        expect(announced[:4] == [204] * 4 and announced[-1] == 403,
               f"what is announced counts in full: {announced}")
        expect(greedy.upload(link, b"", total=0)[1][0] >= 400, "pieces of nothing")
        pairings = [greedy.ask("POST", f"{greedy.at}/pairings/{b32(os.urandom(16))}")[0]
                    for _ in range(6)]
        expect(pairings[:4] == [201] * 4 and pairings[4:] == [429] * 2, f"rendezvous: {pairings}")

        def hammer(i):
            one = Member(self.server.url, self.server.fingerprint, "127.0.0.24")
            one.key, one.public, one.vault = greedy.key, greedy.public, greedy.vault
            return [(one.upload(os.urandom(16), b"x" * 1024, total=1 << 20)[1] or (0,))[0]
                    for _ in range(8)]

        results = []
        import threading  # here alone
        attack = threading.Thread(target=lambda: results.extend(at_once(40, hammer)))
        attack.start()
        busy = self.neighbour()
        attack.join()
        refusals = collections.Counter(s for one in results for s in one)
        print(f"   the neighbour's p90: {quiet * 1e3:.1f} ms quiet, {busy * 1e3:.1f} ms beside "
              f"{dict(refusals)}", flush=True)
        expect(204 not in refusals and busy < 1, f"{refusals} {busy}")

    def operator(self):
        """Row 127: every command of the operator's: no word of a document, no right to anything, and
        what touches a member is told to them."""
        vault = self.vault.run("status").one()["vault"]
        head = self.vault.run("status").one()["head"]
        told = b""
        backup = self.programs.path("operator-backup")
        for words in (("account list",), ("account show", vault), ("account quota", vault, "1GiB"),
                      ("stats",), ("check", "--read-data"), ("backup", "--out", backup),
                      ("invite", "--count", "2"), ("account suspend", vault)):
            told += self.server.admin(*words, parse=False)
        refused(self.vault, 6, "account_suspended", "sync", languages=False)
        self.server.admin("account suspend", vault, "--resume")
        self.vault.run("sync")
        words = canaries() + ["Camille", "EXEMPLE", "Dr Visée", NAME]
        expect(not [w for w in words if w.encode() in told], "nothing of a patient in what they say")
        found = find_words(backup, words) + find_words(self.server.data, words)
        expect(not found, f"nor on the disk, nor in the backup: {found}")
        expect(self.vault.run("status").one()["head"]["seq"] >= head["seq"] and
               self.vault.run("check", "--against-server").one()["ok"], "and the vault is whole")

    def injections(self):
        """Row 128: identifiers, headers and JSON that mean something elsewhere."""
        poison = ("'", '"', "' OR '1'='1", "1;DROP TABLE grants", "../../etc/passwd", "..%2f..%2fidentity.key",
                  "%2e%2e/%2e%2e", "%00", "%0d%0aSet-Cookie:a=b", "a%0aX: y", "{{7*7}}", "${jndi:x}", "<script>",
                  "%c0%ae%c0%ae", "\\..\\", "A" * 5000, "a" * 26, "é", "?after=0", "#", "*", "~", "%")
        before = sorted(os.listdir(self.server.data))
        for word in poison:
            word = word.encode("utf-8").decode("latin-1")
            for target in (f"/v1/links/{word}", f"/v1/links/{word}/open", f"/shl/{word}", f"/v/{word}",
                           f"/v1/vaults/{word}/log?after=0&limit=1", f"/v1/pairings/{word}/hello",
                           f"{self.ana.at}/objects/{word}", f"{self.ana.at}/grants/{word}"):
                for method in ("GET", "POST"):
                    status = self.raw(method, target)
                    expect(status is None or 400 <= status < 500, f"{method} {target[:90]}: {status}")
        for body in ('{"recipient":"","__proto__":{"admin":true}}', '{"recipient":"\\u0000"}',
                     '{"recipient":{"$gt":""}}', '{"recipient":["x"]}', '{"recipient":"","recipient":"x"}',
                     "[" * 5000, '{"recipient":"\\ud800"}', '{"recipient":"' + "x" * 5000 + '"}', "'", ""):
            status, _ = self.ana.ask("POST", "/v1/links/" + b32(os.urandom(16)) + "/open", body.encode(),
                                     {"Content-Type": "application/json"}, signed=False)
            expect(400 <= status < 500, f"{body[:60]}: {status}")
        expect(sorted(os.listdir(self.server.data)) == before, "no file came of it")
        expect(self.server.process.poll() is None and self.bruno.ask("GET", self.bruno.at)[0] == 200,
               "and the server goes on")
        expect("Set-Cookie" not in self.server.log() and "\r" not in self.server.log(), "nor a line in its log")

    def raw(self, method, target):
        """The status of a request whose target is sent as it is; None where it was only closed."""
        import socket  # here alone
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=10) as bare:
            with self.wire.context.wrap_socket(bare) as link:
                link.sendall(f"{method} {target} HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n"
                             "Connection: close\r\n\r\n".encode("latin-1"))
                answer = link.recv(64)
        return int(answer.split()[1]) if answer.startswith(b"HTTP/1.1 ") else None


def find_raw(directory, needle):
    """Files that hold these very bytes."""
    found = []
    for folder, _, names in os.walk(directory):
        for name in names:
            with open(os.path.join(folder, name), "rb") as file:
                if needle in file.read():
                    found.append(name)
    return found


TESTS = (
    (92, "a good opening gives no other grant's file, and its key opens none", "other_documents"),
    (92, "what it gives is all that jwcrypto needs", "jwcrypto_opens_the_parcel"),
    (93, "a right to read is no right to write, nor to what is older", "writing"),
    (94, "to the second, half open; ten years on, and across 2038 (95: put back, nothing opens)", "clock"),
    (95, "the patient's clock put back revives nothing", "own_clock"),
    (100, "unknown and ended are one answer, in bytes and in time", "one_answer"),
    (101, "a policy with any byte of it or its signature altered is refused", "forged_policy"),
    (101, "a reader's statement forged in every known way is refused", "forged_statement"),
    (102, "a grant to a key opens for nobody else, with all its files in hand", "handed_on"),
    (104, "ciphertext and link that were kept open nothing after the end", "keeps_the_ciphertext"),
    (105, "that what was read cannot be taken back is said before", "keeps_what_was_read"),
    (106, "identifiers, secrets and tokens are full and without structure", "entropy"),
    (109, "a caregiver who was let go opens nothing any more", "after_the_end"),
    (110, "nor, with all that the server has, anything that came after", "with_the_servers_help"),
    (124, "another member's things are nobody's, every request and verb", "another_member"),
    (125, "who is a member shows in no answer", "enumeration"),
    (126, "each quota ends in a refusal, and the neighbour goes on", "quotas"),
    (127, "the operator's commands show no word and read nothing", "operator"),
    (128, "injections are refused and leave nothing", "injections"))


def main():
    suite = Suite()
    started = time.time()
    if not HAVE_JOSE:
        suite.skip("rows 92 to 110 and 124 to 128", "python3-jwcrypto is not here (tools/setup --tests)")
        return suite.close()
    with Programs(sys.argv[1]) as programs:
        table = Table(suite)
        hostile = Hostile(programs)
        for row, sentence, body in TESTS:
            begun = time.time()
            table.test(row, sentence, getattr(hostile, body))
            print(f"   {time.time() - begun:.1f} s", flush=True)
        table.not_yet(107, "the emergency card is pre-authorised, notified and recorded",
                      "there is no emergency card yet")
        table.not_yet(108, "what is sent in is held to a quota, and set apart", "deposits.py plays it")
        table.print()
    print(f"{time.time() - started:.0f} s")
    return suite.close()


if __name__ == "__main__":
    sys.exit(main())
