#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Rows 39 to 48 of the attack catalogue: what a curious server learns, and what a hostile one makes
the client do. The server's own database, its disk and the clear bytes behind evil-server are read
as it could read them. At the end the table row | test | result.

usage: hostile_leaks.py BIN_DIR
"""
import base64
import gzip
import hashlib
import json
import os
import random
import re
import sqlite3
import sys
import time

from harness import (PASSPHRASE, Beacon, Programs, RecordingProxy, Suite, canaries, expect,
                     find_words, forms_of)
from hostile_kit import (APPEND, CARD, LOG, MISSING, OBJECT, PACK, STATUS, Attacked, Table,
                         audit_lines, daemon_pid, forget_peak, peak_megabytes, state_of)

FETCH = "POST /v1/vaults/*/objects/fetch"
FLOOR = 64 * 1024
LARGE = 66 * 65536          # bytes: too large for a pack
MOST_MEGABYTES = 200        # of the daemon while it is attacked
LONGEST_SECONDS = 90        # until an answer without end is left: 30 s of silence and what came
PARCEL = "PATCH /v1/vaults/"


def padme(size):
    """The sizes of PURBs: at most 12 % more, and floor(log2 log2) bits of it told."""
    e = size.bit_length() - 1
    last = e - e.bit_length()
    return (size + (1 << last) - 1) >> last << last


class Kept:
    """What a server has of its members, read from its disk."""

    def __init__(self, server):
        self.data = server.data

    def rows(self, sql, *values):
        with sqlite3.connect(f"file:{self.data}/records.db?mode=ro", uri=True) as db:
            return db.execute(sql, values).fetchall()

    def objects(self):
        """id → (size, where it lies: pack or nothing, start)."""
        return {one.hex(): (size, pack.hex(), start) for one, size, pack, start in self.rows(
            "SELECT id, total, pack, start FROM blobs WHERE kind = 0 AND state <> 0")}

    def entries(self):
        """Sizes of each entry's operation, in the log's order."""
        return [size for (size,) in self.rows(
            "SELECT length(operation) FROM entries ORDER BY vault, seq")]

    def bytes_of(self, objects):
        """The ciphertexts, as the disk has them."""
        files = {}
        for folder, _, names in os.walk(os.path.join(self.data, "objects")):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    files[os.path.join(folder, name)] = file.read()
        found = {}
        for one, (size, _, start) in objects.items():
            for content in files.values():
                for at in (start, 0):
                    part = content[at:at + size]
                    if hashlib.blake2b(part, digest_size=32,
                                       person=b"coffret.object.1").hexdigest() == one:
                        found[one] = part
        expect(set(found) == set(objects), f"{len(found)} of {len(objects)} objects on the disk")
        return found


def new_of(after, before):
    return {one: what for one, what in after.items() if one not in before}


def share_a_block(one, other, size=16):
    """Whether any aligned block of one ciphertext stands anywhere in the other."""
    return any(one[at:at + size] in other for at in range(0, len(one) - size, 4096))


def text_of(size, seed):
    """A readable file of this size that no other file is."""
    words = random.Random(seed)
    start = f"note {seed} {words.getrandbits(64):016x}\n".encode()
    return (start + b"mesure normale " * (size // 15 + 1))[:size] if size > len(start) else \
        bytes(words.choice(b"abcdefghijklmnopqrstuvwxyz") for _ in range(size))


def write(home, name, content):
    path = home.programs.path(name)
    with open(path, "wb") as file:
        file.write(content)
    return path


def brought(home, *paths):
    """Imports and syncs; returns what is new at the server."""
    kept = Kept(home.evil.server)
    before = kept.objects()
    rows = home.victim.run("import", *paths).rows
    outcomes = {row["outcome"] for row in rows[:-1]}
    expect(outcomes <= {"imported", "duplicate"}, f"{outcomes}")
    home.victim.run("sync")
    home.other.run("sync")
    return new_of(kept.objects(), before)


def sizes(home, table):
    def on_the_set():
        folder = home.programs.path("sizes")
        os.mkdir(folder)
        drawn = random.Random(39)
        bodies = [1, 15, 48_213, FLOOR - 1, FLOOR, FLOOR + 1]
        bodies += [int(2 ** drawn.uniform(0, 21)) for _ in range(250)]
        bodies += [int(2 ** drawn.uniform(21, 23.2)) for _ in range(6)]
        for number, size in enumerate(bodies):
            write(home, f"sizes/{number:04}.txt", text_of(size, 39_000 + number))
        new = brought(home, folder)
        expect(len(new) > 250, f"{len(new)} objects of {len(bodies)} documents")
        seen = {size for size, _, _ in new.values()}
        wrong = [size for size in seen if size < FLOOR or padme(size) != size]
        expect(not wrong, f"not on the Padmé set: {sorted(wrong)[:5]}")
        expect(len(seen) < len(bodies) / 2, f"{len(seen)} sizes of {len(bodies)} documents")
        smallest = [size for size, _, _ in new.values() if size == FLOOR]
        expect(len(smallest) > 100, f"{len(smallest)} have the smallest size")
        alone = {size for size, pack, _ in new.values() if not pack}
        expect(alone and min(alone) > 4 << 20, f"alone travels only what is large: {sorted(alone)[:3]}")
    table.test(39, "every size at the server is on the Padmé set, 64 KiB at least", on_the_set)

    def indistinguishable():
        kept = Kept(home.evil.server)
        told = []
        for name, size in (("hiv-0.txt", 9), ("hiv-1.txt", 48_213)):
            entries = kept.entries()
            journal = len(home.evil.seen())
            new = brought(home, write(home, name, text_of(size, 39 + size)))
            asked = [(line["request"].split("?")[0], line["bytes_up"])
                     for line in home.evil.seen()[journal:] if line["client"] == 1]
            told.append(([size for size, _, _ in new.values()],
                         kept.entries()[len(entries):], asked))
        expect(told[0] == told[1], f"9 bytes and 48,213: {told}")
    table.test(39, "two documents of one bucket: same requests, same sizes, of entries too",
               indistinguishable)


def fingerprints(home, table):
    def twice():
        """One file in two vaults of one server, and in two records of one vault."""
        path = write(home, "twice.txt", text_of(40_000, 40))
        kept = Kept(home.evil.server)
        first = brought(home, path)
        stranger = home.programs.vault("stranger")
        stranger.init(owner="Dominique EXEMPLE")
        stranger.run("server", "join", home.evil.url, "--invite-file",
                     home.evil.server.invite_file("stranger.invite"), "--yes")
        stranger.run("sync")
        before = kept.objects()
        stranger.run("import", path)
        stranger.run("sync")
        second = new_of(kept.objects(), before)
        stranger.run("stop")
        expect(len(first) == 1 and len(second) == 1, f"sent each time: {first} {second}")
        (one, here), (other, there) = *first.items(), *second.items()
        expect(one != other and here[0] == there[0], "other names, one size")
        bytes_of = kept.bytes_of({**first, **second})
        expect(not share_a_block(bytes_of[one], bytes_of[other]), "no block in common")
        again = home.victim.run("import", path).rows
        expect(again[0]["outcome"] == "duplicate", f"{again}")
        before = len(kept.objects())
        home.victim.run("sync")
        expect(len(kept.objects()) == before, "the same vault sends nothing twice")
    table.test(40, "the same file twice: unrelated names and ciphertext", twice)

    def offered():
        """Nobody can ask whether the server has a file: names are of ciphertext."""
        path = write(home, "probe.txt", text_of(30_000, 400))
        brought(home, path)
        with open(path, "rb") as file:
            plain = file.read()
        for digest in (hashlib.sha256(plain).hexdigest(),
                       hashlib.blake2b(plain, digest_size=32, person=b"coffret.object.1").hexdigest(),
                       hashlib.blake2b(plain, digest_size=32).hexdigest()):
            expect(digest not in Kept(home.evil.server).objects(), "no name is a hash of the file")
    table.test(40, "no name at the server is a hash of the file", offered)

    def compressed():
        told = []
        for n, content in enumerate((b"secret " * 40_000,
                                     base64.b64encode(random.Random(41).randbytes(210_000)),
                                     bytes(280_000).replace(b"\0", b"a"))):
            size = 280_000
            new = brought(home, write(home, f"press-{n}.txt", content[:size].ljust(size, b".")))
            told.append([size for size, _, _ in new.values()])
        expect(told[0] == told[1] == told[2] == [padme(280_000 + 32 + 16 * 5)], f"{told}")
    table.test(41, "repeated and random text of one length have one size", compressed)

    def compressed_backup():
        stick = home.programs.path("stick.age")
        home.victim.run("backup", "--out", stick)
        grown = []
        for n, content in enumerate((b"sealed " * 40_000,
                                     base64.b64encode(random.Random(410).randbytes(210_000)))):
            home.victim.run("import", write(home, f"stick-{n}.txt", content[:280_000]))
            made = home.victim.run("backup", "--out", stick).one()
            expect(not made["full"] and made["objects"] == 1, f"what came since: {made}")
            grown.append(os.path.getsize(made["out"]))
        home.victim.run("sync")
        home.other.run("sync")
        expect(abs(grown[0] - grown[1]) < 2048, f"what each adds to a backup: {grown}")
    table.test(41, "nor does a backup grow by what can be compressed", compressed_backup)


def based(word):
    """Base64 of a word at each of its three places."""
    raw = word.encode("utf-8")
    forms = set()
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + raw)
        cut = coded[-(-shift * 4 // 3):].rstrip(b"=")[:-1]
        if len(cut) > 6:
            forms |= {cut, cut.replace(b"+", b"-").replace(b"/", b"_")}
    return forms


def words_seen(home, table):
    def none():
        victim = home.victim
        name = "Bérénice-Canari EXEMPLE"
        title = "titre-canari-inédit"
        file_name = "nom-de-fichier-canari.txt"
        doctor, purpose = "Dr Canari Soignant", "motif-canari-42"
        path = write(home, file_name, f"{title}\nPatient : {name}\n{canaries()[1]}\n".encode())
        victim.run("import", path)
        one = next(row["id"] for row in victim.run("list").rows if "nom-de-fichier" in row["title"]
                   or "titre-canari" in row["title"])
        victim.run("edit", one, "--note", "note-canari-privée", check=False)
        victim.run("sync")
        code = home.programs.file("canari.code", "735194\n")
        shared = victim.run("grant", "create", "--to", doctor, "--for", "1h", "--purpose", purpose,
                            "--passcode-file", code, "--document", one).one()
        link = home.programs.file("canari.link", shared["link"])
        victim.run("redeem", "@" + link, "--as", "Lectrice Canari", "--passcode-file", code,
                   "--out", home.programs.path("received"))
        victim.run("access-log")
        home.other.run("sync")
        rebuilt = home.rebuilt("witness")
        rebuilt.run("sync")
        rebuilt.run("stop")
        with open(victim.recovery, encoding="utf-8") as sheet:
            key = next(line[5:].split(" ")[0] for line in sheet if line.startswith("key: "))
        secret = shared["link"].split("#c1.")[1].split(".")[1]
        words = [*canaries(), name, title, file_name, doctor, purpose, "note-canari-privée",
                 "Lectrice Canari", PASSPHRASE, key, key.replace("-", ""), secret, "735194"]
        traffic = home.tap.bytes()
        expect(len(traffic) > 1 << 20, f"{len(traffic)} bytes of traffic were recorded")
        seen = [word for word in words
                if any(form and form in traffic for form in forms_of(word) | based(word))]
        expect(not seen, f"in the traffic: {seen}")
        for place in (home.evil.server.data, home.evil.journal, *home.programs.logs()):
            found = find_words(place, words)
            expect(not found, f"at the server: {found}")
        heads = re.findall(rb"(?i)\r\n((?:user-agent|referer|accept-language|from):[^\r]*)", traffic)
        expect(not heads, f"fields that tell of the person or the machine: {set(heads)}")
        home.tap.recorded.clear()
    table.test(42, "no name, title, file name, secret or word in all traffic, on disk, in logs", none)


def timing(home, table):
    def only_when_told():
        seen = len(home.evil.seen())
        paths = [write(home, f"moment-{n}.txt", text_of(900 + n, 43 + n)) for n in range(3)]
        for path in paths:
            home.victim.run("import", path)
            time.sleep(0.3)
        expect(len(home.evil.seen()) == seen, "an import by itself tells the server nothing")
        home.victim.run("sync")
        sent = [line["request"] for line in home.evil.seen()[seen:] if line["client"] == 1]
        packs = [one for one in sent if one.endswith("/objects/pack")]
        appends = [one for one in sent if one.endswith("/log") and one.startswith("POST")]
        expect(len(packs) == 1 and len(appends) == 1,
               f"three documents of different moments travel at one: {sent}")
        home.other.run("sync")
    table.test(43, "what was imported between two syncs travels in one pack and one append",
               only_when_told)
    table.shown(43, "what is not promised is said", "sync/PROTOCOL.md",
                "No batching or delay hides when something is sent")


def recipients(home, table):
    def unrelated():
        victim = home.victim
        one = victim.run("list").rows[0]["id"]
        since = len(home.evil.seen())
        held = set(Kept(home.evil.server).objects())
        secrets = []
        for to in ("Dr Un", "Dr Deux"):
            shared = victim.run("grant", "create", "--to", to, "--for", "1h", "--document", one).one()
            secrets.append(shared["link"].split("#c1.")[1].split(".")[:2])
        sent = [line["request"].split("?")[0].split("/") for line in home.evil.seen()[since:]
                if line["request"].startswith(PARCEL)]
        links = {parts[5] for parts in sent}
        expect(len(links) == 2, f"two parcels: {sent}")
        files = [{parts[6] for parts in sent if parts[5] == link} for link in sorted(links)]
        expect(all(files) and not files[0] & files[1], f"no file of both: {files}")
        names = [*links, *files[0], *files[1]]
        expect(len({name[:6] for name in names}) == len(names), f"no common beginning: {names}")
        expect(not held & {base64.b32decode(name.upper() + "=" * (-len(name) % 8)).hex()
                           for name in names}, "none of them is an object of the vault")
        expect(secrets[0][0] != secrets[1][0] and secrets[0][1] != secrets[1][1], "nor the links")
        digests = [line["digest"] for line in home.evil.seen()[since:]
                   if line["request"].startswith(PARCEL)]
        expect(len(set(digests)) == len(digests), "nor any ciphertext")
    table.test(44, "two grants of one document: names, files and ciphertext unrelated", unrelated)


def redirected(home, table):
    beacon = Beacon()

    def to(location, on, status, words=("sync",), **more):
        def body():
            home.honest_note(LARGE if on == OBJECT else 0)
            home.attack({"on": on, "do": "answer", "status": status, "body": "",
                         "fields": {"Location": location, "Refresh": f"0;url={location}",
                                    "Content-Location": location, "Alt-Svc": f'h2="{location}"'}},
                        words=words, languages=False, status=8, code="server_error",
                        changes=("head", "documents", "missing") if on in (OBJECT, FETCH) else (),
                        **more)
            expect(beacon.calls == 0, f"{beacon.calls} calls")
        return body

    secret = "file:///etc/passwd"
    for status in (301, 302, 303, 307, 308):
        table.test(45, f"a log answered by {status} to an address of this machine is not followed",
                   to(beacon.url, LOG, status))
    table.test(45, "nor to a file", to(secret, LOG, 302))
    table.test(45, "nor an object", to(beacon.url, OBJECT, 302))
    table.test(45, "nor a pack", to(secret, FETCH, 307))

    def manifest():
        victim = home.victim
        one = victim.run("list").rows[0]["id"]
        shared = victim.run("grant", "create", "--to", "Dr Lien", "--for", "1h", "--delivery", "shl",
                            "--openings", "9", "--document", one).one()
        link = home.programs.file("shl.link", shared["link"])
        for n, location in enumerate((beacon.url + "shl/x", secret, home.evil.url + ".evil/x",
                                      home.evil.url.replace("127.0.0.1", "127.0.0.1@127.0.0.1"))):
            out = home.programs.path(f"shl-{n}")
            home.evil.obey({"on": "POST /shl/*", "do": "answer", "status": 200,
                            "fields": {"Content-Type": "application/json"},
                            "body": json.dumps({"files": [{"contentType": "application/fhir+json",
                                                           "location": location}]})})
            done = victim.run("redeem", "@" + link, "--out", out, check=False)
            expect(all(home.evil.obey()), "carried out")
            expect(done.status != 0 and done.code() == "denied", f"{location}: {done.rows}")
            expect(not os.path.exists(out) or not os.listdir(out), "nothing is written")
        expect(beacon.calls == 0, f"{beacon.calls} calls")
        expect(victim.run("redeem", "@" + link, "--out", home.programs.path("shl")).status == 0,
               "the honest manifest opens")
    table.test(45, "a SMART Health Link's manifest sends the reader nowhere else", manifest)


def bombs(home, table):
    daemon = {}

    def bounded(rule, seconds=LONGEST_SECONDS, on=LOG, **more):
        def body():
            home.honest_note(LARGE if on == OBJECT else 0)
            pid = daemon_pid(home.victim)
            expect(daemon.setdefault("pid", pid) == pid, "the daemon lives")
            counts = forget_peak(pid)
            begun = time.time()
            home.attack({"on": on, **rule}, languages=False,
                        changes=("head", "documents", "missing") if on in (OBJECT, FETCH) else (),
                        **more)
            took, peak = time.time() - begun, peak_megabytes(pid)
            print(f"   {took:.1f} s, {peak:.0f} MB", flush=True)
            expect(took < seconds, f"left after {took:.0f} s")
            expect(not counts or peak < MOST_MEGABYTES, f"{peak:.0f} MB")
        return body

    zipped = base64.urlsafe_b64encode(gzip.compress(bytes(64 << 20))).rstrip(b"=").decode()
    coded = {"do": "answer", "status": 200, "base64": zipped,
             "fields": {"Content-Encoding": "gzip", "Content-Type": "application/octet-stream"}}
    large = {"status": 9, "code": "too_large"}
    hundred = 100 << 30
    for what, on in (("the log", LOG), ("an object", OBJECT), ("a status", STATUS)):
        words = ("check", "--against-server") if on == STATUS else ("sync",)
        table.test(46, f"an answer of 100 GB for {what} is left at its head",
                   bounded({"do": "flood", "bytes": 1 << 30, "say": hundred}, 20, on, words=words,
                           **large))
        table.test(46, f"a gzip bomb for {what} is never unpacked",
                   bounded(coded, 20, on, words=words))
    endless = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
    table.test(46, "a body without a stated length", bounded(
        {"do": "raw", "text": endless + "x" * 100_000}, 20))
    table.test(46, "a chunked body", bounded({"do": "raw", "text":
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + "fffffff\r\n" + "x" * 9999}, 20))
    table.test(46, "interim answers without end", bounded(
        {"do": "raw", "text": "HTTP/1.1 100 Continue\r\n\r\n" * 5000}, 20))
    table.test(46, "a head without end", bounded(
        {"do": "raw", "text": "HTTP/1.1 200 OK\r\n" + "X-More: more\r\n" * 9000}, 20, **large))
    table.test(46, "a log of 10,000,000 entries at once", bounded(
        {"do": "log_many", "entries": 10_000_000}, 60, **large))
    table.test(46, "an answer that drips, a byte a second", bounded(
        {"do": "drip", "bytes": 1, "milliseconds": 1000}, status=8, code="timed_out"))


def frames(home, table):
    table.shown(47, "every parser of outside bytes replays its corpus in the ordinary test run",
                "tests/CMakeLists.txt", "add_test(NAME fuzz_corpus/${name}")
    drawn = random.Random(47)
    noise = base64.urlsafe_b64encode(drawn.randbytes(3000)).rstrip(b"=").decode()
    long_list = base64.urlsafe_b64encode(bytes(40) + b"\xff\xff\xff\xff" + bytes(64)).rstrip(b"=").decode()
    deep = "[" * 5000 + "]" * 5000

    def refused_frame(on, rule, words=("sync",), code="unauthenticated", status=7):
        def body():
            home.honest_note(LARGE if on == OBJECT else 0)
            pid = daemon_pid(home.victim)
            home.attack({"on": on, **rule}, words=words, languages=False, status=status, code=code,
                        changes=("head", "documents", "missing") if on in (OBJECT, FETCH) else ())
            expect(daemon_pid(home.victim) == pid, "the daemon lives")
        return body

    for what, answer in (("noise", {"base64": noise}), ("nothing", {"body": ""}),
                         ("a count of 4,294,967,295", {"base64": long_list})):
        table.test(47, f"a page of the log that is {what}",
                   refused_frame(LOG, {"do": "answer", "status": 200, **answer}))
    table.test(47, "a page of the log cut in the middle", refused_frame(LOG, {"do": "cut", "bytes": -9}))
    against = ("check", "--against-server")
    for what, text in (("5,000 deep", deep), ("no object", '"x"'), ("a surrogate alone", '{"head":"\\ud800"}'),
                       ("a number too large", '{"head":1e999}'), ("NUL", "{\\u0000}"),
                       ("UTF-16", "\ufeff{}")):
        table.test(47, f"JSON that is {what}", refused_frame(
            STATUS, {"do": "answer", "status": 200, "body": text}, against))
    for what, rule in (("noise", {"do": "answer", "status": 200, "base64": noise}),
                       ("a count of many", {"do": "answer", "status": 200, "base64": long_list})):
        # Not a pack: each object is then asked for by itself, and the honest ones come.
        def pack_body(rule=rule):
            home.honest_note(count=2)
            home.evil.obey({"on": FETCH, "client": 1, **rule})
            home.victim.run("sync")
            expect(all(home.evil.obey()), "carried out")
            home.well_again()
        table.test(47, f"a pack that is {what} is asked for one by one", pack_body)
    for what, raw in (("no HTTP", "\x16\x03\x01 hello"), ("two lengths", "HTTP/1.1 200 OK\r\n"
                      "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"),
                      ("a bare line feed", "HTTP/1.1 200 OK\nContent-Length: 0\n\n"),
                      ("a folded field", "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n"),
                      ("a negative length", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"),
                      ("101 Switching Protocols", "HTTP/1.1 101 Switching Protocols\r\n\r\n")):
        table.test(47, f"an answer that is {what}", refused_frame(LOG, {"do": "raw", "text": raw}))


def updates(home, table):
    beacon = Beacon()

    def ignored():
        programs = [os.path.join(home.programs.bin, name) for name in sorted(os.listdir(home.programs.bin))]

        def state():
            digests = {}
            for path in programs:
                if os.path.isfile(path):
                    with open(path, "rb") as file:
                        digests[path] = hashlib.sha256(file.read()).hexdigest()
            inside = sorted(os.listdir(home.victim.directory))
            return digests, inside, sorted(os.listdir(home.programs.bin)), os.listdir(
                home.programs.path("tmp"))

        home.victim.run("sync")
        before, lines = state(), len(audit_lines(home.victim))
        head = state_of(home.victim)["head"]
        offer = {"version": "99.0.0", "url": beacon.url + "coffret", "sha256": "0" * 64, "force": True}
        since = len(home.evil.seen())
        home.evil.obey({"on": STATUS, "do": "json", "members": {"update": offer, "client": offer}},
                       {"on": MISSING, "do": "json", "members": {"update": offer}},
                       {"on": "*", "do": "fields", "fields": {
                           "Coffret-Update": beacon.url + "coffret", "Link": f"<{beacon.url}>; rel=update",
                           "Coffret-Newest": "99.0.0", "Refresh": f"0;url={beacon.url}",
                           "Upgrade": "coffret/99", "Alt-Svc": f'h2="{beacon.url}"'}})
        home.victim.run("check", "--against-server")
        home.victim.run("sync")
        expect(all(home.evil.obey()[::2]), "the offer was made")
        expect(state() == before, "no program and no file is new or other")
        expect(state_of(home.victim)["head"] == head, "the log is the same")
        expect(len(audit_lines(home.victim)) == lines, "nothing was refused: nothing was understood")
        expect(beacon.calls == 0, f"{beacon.calls} calls")
        asked = {line["request"].split("?")[0] for line in home.evil.seen()[since:]}
        expect(all("/v1/vaults/" in one or one == CARD for one in asked), f"{asked}")
        home.well_again()
    table.test(48, "an offered update is ignored: nothing fetched, nothing written", ignored)

    def no_way():
        """No command of ours fetches programs."""
        told = home.victim.run("--help", json_out=False, check=False)
        text = (told.out + told.err).decode().lower()
        expect(told.status == 0 and "update" not in text and "upgrade" not in text, "no such command")
    table.test(48, "no command fetches programs", no_way)


def run(programs, table):
    tap = RecordingProxy()
    home = Attacked(programs, "leaks", tap=tap)
    home.tap = tap
    for part in (sizes, fingerprints, words_seen, timing, recipients, redirected, bombs, frames,
                 updates):
        part(home, table)
    home.close()


def main():
    suite = Suite()
    table = Table(suite)
    started = time.time()
    with Programs(sys.argv[1]) as programs:
        run(programs, table)
    table.print()
    print(f"{time.time() - started:.0f} s")
    return suite.close()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main())
