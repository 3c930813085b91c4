#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""The numbered requirements of SMART Health Links (HL7 IG 1.0.0: creator C1–C12, server M1–M10 and U1,
receiver R1–R7), one test a line, over the wire, with the real programs. What we make is read by
software that is not ours; what our reader meets is made or altered by an evil server in front. At the
end the table row | test | result."""
import base64
import json
import re
import subprocess
import sys
import time

from harness import DOCUMENTS, Programs, Suite, expect, in_python_with, moved_clock

in_python_with("jwcrypto")
import foreign_jose  # noqa: E402
from foreign_jose import opened_by_jwcrypto, sealed_by_jwcrypto  # noqa: E402
from hostile_kit import Evil, Table  # noqa: E402
from links_attacked import Wire, at_once, from_base64url, health_link_path  # noqa: E402

MANIFEST, FILE, DIRECT = "POST /shl/*", "GET /shl/*/files/*", "GET /shl/*"
LEGAL_FLAGS = ("", "L", "P", "LP", "U", "LU")
TYPES = {"application/smart-health-card", "application/fhir+json", "application/smart-api-access"}
HOUR = 3600  # seconds


def b64u(raw):
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


class Link:
    """A SMART Health Link as any receiver reads it."""

    def __init__(self, shared):
        self.shared, self.text = shared, shared["link"]
        self.viewer, _, self.coded = self.text.partition("shlink:/")
        self.payload = json.loads(from_base64url(self.coded))
        self.key = self.payload["key"]
        self.path = health_link_path(self.text)

    def altered(self, **members):
        """The same link, with other members."""
        text = json.dumps({**self.payload, **members}, separators=(",", ":"))
        return "shlink:/" + b64u(text.encode())


class Checklist:
    def __init__(self, programs):
        self.programs = programs
        self.evil = Evil(programs)
        self.wire = Wire(self.evil.port)
        self.vault = programs.vault()
        self.vault.init()
        self.vault.run("import", DOCUMENTS)
        self.vault.run("server", "join", self.evil.url, "--invite-file",
                       self.evil.server.invite_file(), "--yes")
        rows = self.vault.run("list").rows
        self.one, self.two = rows[0]["id"], [row["id"] for row in rows[:2]]
        self.plain = Link(self.share())  # one document: flag U
        self.listed = Link(self.share("--openings", "50"))
        self.coded = Link(self.share("--passcode"))
        big = self.vault.run("import", programs.file("grand.txt", "un long texte " * 60_000)).rows[0]["id"]
        self.large = Link(self.share("--openings", "9", documents=[big]))

    def share(self, *flags, documents=None, lasts="1h"):
        words = [word for one in documents or [self.one] for word in ("--document", one)]
        return self.vault.run("grant", "create", "--to", "Dr Alice Martin", "--for", lasts, "--delivery",
                              "shl", *words, *flags).one()

    def manifest(self, link, crowd=0, **body):
        return self.wire.ask("POST", link.path, {"recipient": "Dr Alice Martin", **body}, crowd)

    def raw(self, method, url, **headers):
        """(status, fields, body) of anything."""
        import http.client  # here alone
        connection = http.client.HTTPSConnection("127.0.0.1", self.evil.port, timeout=30,
                                                 context=self.wire.context)
        connection.request(method, re.sub(r"^https://[^/]*", "", url), headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, answer.headers, body.decode()

    def files_of(self, link, **body):
        """Every JWE behind a manifest, wherever it is."""
        status, answer = self.manifest(link, **body)
        expect(status == 200, f"{status} {answer}")
        return [one.get("embedded") or self.raw("GET", one["location"])[2]
                for one in answer["files"]]

    def redeem(self, text, *words, out="got", check=False):
        return self.vault.run("redeem", "@" + self.programs.file("one.link", text), "--out",
                              self.programs.path(out), "--as", "Dr Alice Martin", *words, check=check)

    def asked(self, do, *rules):
        """What the evil server heard of /shl while `do` ran under the rules."""
        before = len(self.evil.seen())
        self.evil.obey(*rules)
        try:
            done = do()
        finally:
            counts = self.evil.obey()
        heard = [line["request"] for line in self.evil.seen()[before:] if " /shl/" in line["request"]]
        return done, heard, counts

    # ---- the creator ----

    def c1(self):
        keys = {link.key for link in (self.plain, self.listed, self.coded)}
        expect(len(keys) == 3, "a key for each link")
        for key in keys:
            expect(re.fullmatch(r"[A-Za-z0-9_-]{43}", key) and len(from_base64url(key)) == 32, key)

    def c2(self):
        paths = [link.payload["url"].rsplit("/", 1)[1] for link in (self.plain, self.listed, self.coded)]
        expect(len(set(paths)) == 3 and all(len(from_base64url(p)) == 32 and len(p) == 43
                                            for p in paths), f"{paths}")

    def c3(self):
        for link in (self.plain, self.listed, self.coded):
            expect(len(link.payload["url"]) <= 128, link.payload["url"])

    def c4(self):
        raw = from_base64url(self.plain.coded)
        expect(json.dumps(self.plain.payload, separators=(",", ":"), ensure_ascii=False).encode() == raw,
               f"minified: {raw}")
        expect("=" not in self.plain.coded and re.fullmatch(r"[A-Za-z0-9_-]+", self.plain.coded),
               "base64url")
        expect(self.plain.viewer.endswith("#"), f"a viewer in front ends with #: {self.plain.viewer}")

    def c5(self):
        for link in (self.plain, self.listed, self.coded):
            p = link.payload
            expect(isinstance(p["url"], str) and isinstance(p["key"], str), "url and key")
            expect(isinstance(p["exp"], int) and abs(p["exp"] - time.time() - HOUR) < 300,
                   f"exp in seconds: {p['exp']}")
            expect(len(p.get("label", "")) <= 80 and p.get("v", 1) == 1, f"{p}")
        long = Link(self.vault.run("grant", "create", "--to", "Dr " + "é" * 120, "--for", "1h",
                                   "--delivery", "shl", "--document", self.one).one())
        expect(len(long.payload.get("label", "")) <= 80, "a long name is cut")

    def c6(self):
        self.evolving = Link(self.vault.run(
            "grant", "create", "--to", "Dr Alice Martin", "--for", "7d", "--delivery", "shl", "--all",
            "--evolving").one())
        both = Link(self.vault.run(
            "grant", "create", "--to", "Dr Alice Martin", "--for", "7d", "--delivery", "shl", "--all",
            "--evolving", "--passcode").one())
        flags = [link.payload.get("flag", "") for link in
                 (self.plain, self.listed, self.coded, self.evolving, both)]
        expect(flags == ["U", "", "P", "L", "LP"], f"{flags}")
        expect(all(flag in LEGAL_FLAGS for flag in flags), "each is legal, in order, never P with U")

    def c7(self):
        for link in (self.plain, self.listed, self.coded, self.evolving):
            expect(set(link.payload) <= {"url", "key", "exp", "flag", "label", "v"},
                   f"nothing that is reserved: {link.payload.keys()}")

    def c8(self):
        first = self.files_of(self.evolving)
        path = self.programs.file("arrive.txt", "Un mot arrivé après.\n")
        self.vault.run("import", path)
        second = self.files_of(self.evolving)
        expect(first != second, "the link was updated")
        for token in first + second:
            opened_by_jwcrypto(token, self.evolving.key)  # the same key opens both
        nonces = [token.split(".")[2] for token in first + second]
        fresh = len(set(nonces)) == len(set(first + second))
        expect(fresh, f"one nonce for each encryption: {len(nonces)} {len(set(nonces))}")

    def c9(self):
        for token in self.files_of(self.listed):
            expect(not token.endswith("\n"), "no line feed behind")
            header, empty, nonce, _, tag = token.split(".")
            said = json.loads(from_base64url(header))
            expect(said["alg"] == "dir" and said["enc"] == "A256GCM" and said["cty"] and
                   "zip" not in said, f"{said}")
            expect(not empty and len(from_base64url(nonce)) == 12 and len(from_base64url(tag)) == 16,
                   "two lengths of GCM, no key inside")
            read, content = opened_by_jwcrypto(token, self.listed.key)
            expect(read == said and json.loads(content)["resourceType"] == "Bundle", "and it opens")

    def c10(self):
        native = self.vault.run("grant", "create", "--to", "Dr Alice Martin", "--for", "1h",
                                "--document", self.one).one()["link"]
        expect("shlink:" not in native and native.startswith("https://"), "ours has its own form")
        # The plain one: parsed, fetched and decrypted with nothing beyond the standard.
        status, fields, body = self.raw("GET", self.plain.path + "?recipient=Dr%20Martin")
        _, content = opened_by_jwcrypto(body, self.plain.key)
        expect(status == 200 and json.loads(content)["resourceType"] == "Bundle", f"{fields}")

    def c11(self):
        picture = self.programs.path("link.svg")
        made = self.share("--qr", picture)
        with open(picture, encoding="utf-8") as file:
            text = file.read()
        dark = {(int(x), int(y)) for x, y in re.findall(r"M(\d+)[ ,](\d+)h1v1", text)}
        if not dark:  # runs of modules: M x y h n
            for x, y, n in re.findall(r"M(\d+)[ ,](\d+)h(\d+)", text):
                dark |= {(int(x) + i, int(y)) for i in range(int(n))}
        expect(dark, f"the modules are read: {text[:300]}")
        left, top = min(x for x, _ in dark), min(y for _, y in dark)
        # ISO/IEC 18004: the two first format bits, unmasked: 00 is level M.
        bits = [int((left + x, top + 8) in dark) for x in (0, 1)]
        expect([bits[0] ^ 1, bits[1] ^ 0] == [0, 0], f"level M: {bits}")
        expect(made["link"], "beside the link itself")

    def c12(self):
        code = self.coded.shared["passcode"]
        for answer in (self.manifest(self.listed), self.manifest(self.coded, passcode=code)):
            for one in answer[1]["files"]:
                expect(one["contentType"] in TYPES, f"{one['contentType']}")
        pdf = [row for row in self.vault.run("list").rows if row["media_type"] == "application/pdf"]
        expect(pdf, "there is a PDF")
        link = Link(self.share(documents=[pdf[0]["id"]]))
        _, _, body = self.raw("GET", link.path + "?recipient=R")
        header, content = opened_by_jwcrypto(body, link.key)
        kinds = [e["resource"]["resourceType"] for e in json.loads(content)["entry"]]
        expect(header["cty"] == "application/fhir+json" and "DocumentReference" in kinds,
               f"a PDF travels inside FHIR: {kinds}")

    # ---- the server ----

    def m1(self):
        status, answer = self.manifest(self.listed)
        expect(status == 200 and answer["files"], f"{status} {answer}")
        for body in ({}, {"recipient": ""}, {"recipient": 7}, {"recipient": "R", "passcode": 7},
                     {"recipient": "R", "embeddedLengthMax": "x"}):
            status, _ = self.wire.ask("POST", self.listed.path, body)
            expect(status == 400, f"{body}: {status}")

    def m2(self):
        revoked, used = Link(self.share("--openings", "9")), Link(self.share("--openings", "1"))
        expired = Link(self.share("--openings", "9", lasts="1s"))
        self.vault.run("grant", "revoke", revoked.shared["id"])
        self.manifest(used)
        locked = Link(self.share("--passcode"))
        for _ in range(5):
            self.manifest(locked, passcode="x")
        time.sleep(2)
        answers = {json.dumps(self.manifest(link)) for link in (revoked, used, expired, locked)}
        unknown = self.wire.ask("POST", "/shl/" + "A" * 43, {"recipient": "R"})
        expect(answers == {json.dumps(unknown)} and unknown[0] == 404, f"{answers} {unknown}")

    def m3(self):
        link = Link(self.share("--passcode"))
        for left in (4, 3):
            status, answer = self.manifest(link, passcode="faux")
            expect(status == 401 and answer["remainingAttempts"] == left, f"{status} {answer}")
        status, answer = self.manifest(link)
        expect(status == 401 and answer["remainingAttempts"] == 3, f"none given costs none: {answer}")
        self.counted = link

    def m4(self):
        link = self.counted  # two wrong so far
        expect(self.manifest(link, passcode=link.shared["passcode"])[0] == 200, "the right one")

        def one(i):
            for _ in range(60):
                answer = self.manifest(link, crowd=i, passcode=f"faux{i}")
                if not answer or answer[0] != 429:
                    return answer
                time.sleep(0.1)
            return answer

        answers = at_once(12, one)
        wrong = [a for a in answers if a and a[0] == 401]
        expect(len(wrong) == 3, f"the three that were left: {answers}")
        expect(self.manifest(link, passcode=link.shared["passcode"])[0] == 404, "then it is over")

    def m5(self):
        status, fields, _ = self.raw("OPTIONS", self.listed.path)
        expect(status == 204 and fields["Access-Control-Allow-Origin"] == "*", "a page may ask")
        status, answer = self.manifest(self.listed)
        expect(status == 200 and answer["files"], f"{answer}")
        for one in answer["files"]:
            expect(("location" in one) != ("embedded" in one) and
                   one.get("status", "finalized") in ("finalized", "can-change", "no-longer-valid") and
                   one["fhirVersion"] == "4.0.1", f"{one}")
        _, answer = self.manifest(self.evolving)
        expect(all(one["status"] == "can-change" for one in answer["files"]), f"{answer}")

    def m6(self):
        status, answer = self.manifest(self.listed, embeddedLengthMax=10_000_000)
        embedded = [one["embedded"] for one in answer["files"]]
        expect(status == 200 and all(opened_by_jwcrypto(e, self.listed.key) for e in embedded),
               "what may be embedded is")
        length = len(embedded[0])
        for longest, inside in ((length, True), (length - 1, False), (0, False)):
            _, answer = self.manifest(self.listed, embeddedLengthMax=longest)
            expect(("embedded" in answer["files"][0]) == inside, f"{longest} of {length}")

    def m7(self):
        _, answer = self.manifest(self.listed)
        location = answer["files"][0]["location"]
        expect(self.raw("GET", location)[0] == 200, "with nothing but its address")
        expect(self.raw("GET", location)[0] == 404, "once")
        self.kept = self.manifest(self.listed)[1]["files"][0]["location"]  # for an_hour_later

    def m8(self):
        _, answer = self.manifest(self.listed)
        status, fields, body = self.raw("GET", answer["files"][0]["location"])
        expect(status == 200 and fields["Content-Type"] == "application/jose", f"{fields}")
        opened_by_jwcrypto(body, self.listed.key)

    def m9(self):
        """Optional on success, where we ask nobody to wait. Too much at once is 429 with the wait."""
        link = Link(self.share("--passcode"))
        import http.client  # here alone

        def one(i):
            connection = http.client.HTTPSConnection(
                "127.0.0.1", self.evil.port, timeout=30, context=self.wire.context)
            connection.request("POST", link.path, json.dumps({"recipient": "R", "passcode": f"f{i}"}),
                               {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            connection.close()
            return answer.status, answer.getheader("Retry-After")

        many = [a for a in at_once(30, one) if a[0] == 429]
        expect(many and all(wait and wait.isdigit() for _, wait in many), f"{many}")

    def m10(self):
        status, answer = self.wire.ask("POST", self.listed.path,
                                       {"recipient": "R", "_more": {"x": [1]}, "extension": 1},
                                       **{"X-New-Header": "new"})
        expect(status == 200 and answer["files"], f"{status} {answer}")

    def u1(self):
        status, fields, body = self.raw("GET", self.plain.path + "?recipient=Dr")
        expect(status == 200 and fields["Content-Type"] == "application/jose", f"{status} {fields}")
        opened_by_jwcrypto(body, self.plain.key)
        expect(self.raw("GET", self.plain.path)[0] == 400, "a recipient is asked for")
        expect(self.manifest(self.plain)[0] == 404, "and no manifest is given")
        expect(self.raw("GET", self.listed.path + "?recipient=Dr")[0] == 404, "nor a file without U")

    # ---- the receiver: ours ----

    def r1(self):
        text = self.listed.altered(flag="XZ", extension={"a": 1}, _ours="x", more=7)
        done, heard, counts = self.asked(
            lambda: self.redeem(text, out="r1"),
            {"on": MANIFEST, "do": "json", "members": {"_new": 1, "list": {"resourceType": "List"}}})
        expect(done.status == 0 and done.one()["files"] and all(counts), f"{done.rows} {heard}")

    def r2(self):
        done, heard, _ = self.asked(lambda: self.redeem(self.listed.altered(v=2), out="r2"))
        expect(done.status == 10 or done.code() == "unsupported", f"{done.status} {done.rows}")
        expect(not heard, f"and nothing is asked: {heard}")

    def r3(self):
        done, heard, _ = self.asked(lambda: self.redeem(self.listed.text, out="r3"))
        expect(done.status == 0 and [h.split()[0] for h in heard] == ["POST"],
               f"{done.rows} {heard}")
        done, heard, _ = self.asked(lambda: self.redeem(self.plain.text, out="r3u"))
        expect(done.status == 0 and len(heard) == 1 and heard[0].startswith("GET") and
               "?recipient=Dr%20Alice" in heard[0], f"{heard}")

    def r4(self):
        code = self.programs.file("code", self.coded.shared["passcode"])
        done = self.redeem(self.coded.text, "--passcode-file", code, out="r4")
        expect(done.status == 0 and done.one()["files"], f"{done.rows}")
        done = self.redeem(self.coded.text, "--passcode-file", self.programs.file("no", "faux"))
        expect(done.status == 4 and done.code() == "wrong_passcode", f"{done.rows}")

    def r5(self):
        """A location that is lost is not asked for again; the manifest is, the next time."""
        text = self.large.text  # larger than what we let a manifest embed
        done, heard, counts = self.asked(lambda: self.redeem(text, out="r5"),
                                         {"on": FILE, "times": 1, "do": "answer", "status": 404})
        tried = [h for h in heard if "/files/" in h]
        expect(done.status != 0 and len(tried) == len(set(tried)) and all(counts), f"{heard}")
        done, again, _ = self.asked(lambda: self.redeem(text, out="r5"))
        expect(done.status == 0 and len(again) == 2 and not set(again[1:]) & set(tried), f"{heard} {again}")
        self.r5_sent_away()

    def r5_sent_away(self):
        done, _, counts = self.asked(
            lambda: self.redeem(self.listed.text, out="r5b"),
            {"on": MANIFEST, "do": "json",
             "members": {"files": [{"contentType": "application/fhir+json",
                                    "location": "https://127.0.0.1:1/shl/elsewhere"}]}})
        expect(done.status != 0 and all(counts), f"never to another server: {done.rows}")

    def r6(self):
        """We do not poll: who is told to wait is asked once, and the person is told."""
        done, heard, counts = self.asked(
            lambda: self.redeem(self.evolving.text, out="r6"),
            {"on": MANIFEST, "do": "answer", "status": 429, "fields": {"Retry-After": "30"},
             "body": '{"error":{"code":"rate_limited"}}'})
        expect(done.code() == "rate_limited" and len(heard) == 1 and all(counts),
               f"{done.rows} {heard}")

    def r7(self):
        bundle = json.dumps({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": {
            "resourceType": "DocumentReference", "description": "Lettre", "content": [{"attachment": {
                "contentType": "text/plain", "data": base64.b64encode(b"Bonjour").decode()}}]}}]})
        for header in ({"cty": "application/fhir+json"}, {},
                       {"cty": "application/fhir+json", "zip": "DEF", "kid": "x"}):
            token = sealed_by_jwcrypto(bundle.encode(), self.plain.key, **header)
            out = "r7-" + str(len(header))
            done, _, counts = self.asked(
                lambda token=token, out=out: self.redeem(self.plain.text, out=out),
                {"on": DIRECT, "do": "answer", "status": 200, "body": token,
                 "fields": {"Content-Type": "application/jose"}})
            expect(done.status == 0 and done.one()["files"] and all(counts), f"{header} {done.rows}")

    # ---- and the files in hands that are not ours ----

    def jose_opens(self):
        for token in self.files_of(self.listed):
            content = foreign_jose.opened_by_jose(token, self.listed.key)
            expect(content == opened_by_jwcrypto(token, self.listed.key)[1], "both read the same")

    def an_hour_later(self):
        self.evil.server.stop()
        self.evil.server.start(**moved_clock("+3601s"))
        expect(self.raw("GET", self.kept)[0] == 404, "a location lives an hour at most")
        expect(self.manifest(self.evolving)[0] == 200, "the link itself is open")


ROWS = (
    ("C1", "a random key of 32 bytes for each link"), ("C2", "256 bits of entropy in url"),
    ("C3", "url of at most 128 characters"), ("C4", "payload minified, base64url, shlink:/ behind #"),
    ("C5", "members and their types"), ("C6", "flags legal, in order, never P with U"),
    ("C7", "no reserved member"), ("C8", "one key for every update, one nonce for every encryption"),
    ("C9", "compact JWE, dir, A256GCM, cty; jwcrypto opens it"),
    ("C10", "shlink: for plain links alone, opened with nothing beyond the standard"),
    ("C11", "QR of level M"), ("C12", "only the three file types, a PDF inside FHIR"),
    ("M1", "manifest by POST with a recipient"), ("M2", "404 for all that is over, and unknown"),
    ("M3", "401 with the tries that are left"), ("M4", "wrong passcodes count for life, in parallel"),
    ("M5", "the manifest's members"), ("M6", "embedded never longer than asked for"),
    ("M7", "a location needs nothing, and works once"), ("M8", "application/jose"),
    ("M9", "429 says how long to wait"), ("M10", "unknown members and headers are ignored"),
    ("U1", "with U one file by GET, never a manifest"),
    ("R1", "unknown members and flags are ignored"), ("R2", "a newer version is told, not asked"),
    ("R3", "POST without U, GET with U"), ("R4", "the passcode is sent"),
    ("R5", "a location once, never elsewhere; the manifest again"), ("R6", "429 is not asked again"),
    ("R7", "decrypted, deflated or not"))


def main():
    suite = Suite()
    started = time.time()
    with Programs(sys.argv[1]) as programs:
        table = Table(suite)
        checklist = Checklist(programs)
        for row, sentence in ROWS:
            body = getattr(checklist, row.lower())
            if foreign_jose.MISSING and row in ("C8", "C9", "C10", "C12", "M6", "M8", "U1", "R7"):
                table.not_yet(row, sentence, foreign_jose.MISSING)
            else:
                table.test(row, sentence, body)
        if foreign_jose.JOSE and not foreign_jose.MISSING:
            table.test("C9", "the command jose opens it, too", checklist.jose_opens)
        else:
            table.not_yet("C9", "the command jose opens it, too", "jose is not here")
        table.test("M7", "for an hour at most", checklist.an_hour_later)
        order = [row for row, _ in ROWS]
        table.lines.sort(key=lambda line: order.index(line[0]))
        table.print()
    print(f"{time.time() - started:.0f} s")
    return suite.close()


if __name__ == "__main__":
    sys.exit(main())
