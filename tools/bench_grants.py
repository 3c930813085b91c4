# SPDX-License-Identifier: EUPL-1.2
"""The `grants` suite of tools/bench: what sharing costs. From the command to the link in hand; openings
beside nginx over TLS with the same bytes; many live grants on one server; other readers while strangers
guess passcodes. The many are made over the server's own API by a member of another hand
(tests/e2e/raw_member.py: python3-cryptography), on a disk of memory where there is one, since each
request waits for the disk; they are measured on the disk of the others."""
import json
import multiprocessing
import os
import random
import shutil
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests/e2e"))
CREATED = 40     # grants of three documents
DOCUMENT = 350_000  # bytes; three are a megabyte
PARCEL = 1_000   # bytes of the one file behind each of the many
REVOKED = 300
LOADED = 500     # links among which the load on the many is spread
QUIET_S = 8      # of one measure of other readers
GUESSED = 400    # SMART Health Links that are guessed at: each judges five and no more
GUESSERS = 32    # connections
# The cost that our links carry; nobody knows its passcode, and nobody has to.
VERIFIER = (b"$argon2id$v=19$m=65536,t=3,p=1$" + b"A" * 22 + b"$" + b"B" * 42 + b"A")


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def spread(seconds):
    return {"p50_ms": percentile(seconds, 0.5) * 1e3, "p99_ms": percentile(seconds, 0.99) * 1e3}


def created(machine):
    """From the command to the link in hand, the process of the command included."""
    source = random.Random(3)
    folder = machine.path("three")
    os.mkdir(folder)
    for n in range(3):
        with open(os.path.join(folder, f"{n}.txt"), "w", encoding="ascii") as out:
            out.write("".join(source.choices("abcdefghijklmnopqrstuvwxyz ", k=DOCUMENT)))
    rows = machine.coffret("import", folder)
    words = [word for row in rows if row.get("id") for word in ("--document", row["id"])]
    machine.coffret("sync")
    times = []
    for _ in range(CREATED):
        took, made = machine.timed("grant", "create", "--to", "Dr Mesure", "--for", "1h", *words)
        times.append(took)
    return spread(times), made[0]["link"]


class Host:
    """A server of its own, whose folder may be filled elsewhere and moved."""

    def __init__(self, machine, data):
        self.machine, self.data = machine, data
        machine.run("coffret-server", "init", "--data", data, "--name", "Mesure", "--country", "FR",
                    "--contact", "mesure@association.example")

    def start(self):
        program = os.path.join(self.machine.programs, "coffret-server")
        ready = self.machine.start(program, "serve", "--data", self.data, "--listen", "127.0.0.1:0",
                                   "--admin", "127.0.0.1:0", "--requests-per-address", "128")
        self.process = self.machine.started[-1]
        self.url, self.fingerprint = ready["url"], ready["fingerprint"]

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=120)
        self.machine.started.remove(self.process)

    def invite(self):
        return self.machine.run("coffret-server", "invite", "--data", self.data, "--quota", "20GiB")[0]

    def memory_mb(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            return int(next(line for line in file if line.startswith("VmRSS")).split()[1]) / 1024


def fill(url, fingerprint, code, count, deadline, out):
    """One member's share of the many, in a process of its own: its key, its vault, its links."""
    from cryptography.hazmat.primitives import serialization as form
    from raw_member import Member
    member = Member(url, fingerprint)
    member.join(code)
    content = os.urandom(PARCEL)
    links = []
    while len(links) < count and time.time() < deadline:
        links.append(member.grant([content], lasts=300 * 86400).link)
    member.close()
    raw = member.key.private_bytes(form.Encoding.Raw, form.PrivateFormat.Raw, form.NoEncryption())
    out.put((raw, member.vault, links))


def filled(host, wanted, minutes):
    out = multiprocessing.Queue()
    workers = os.cpu_count() * 2
    deadline = time.time() + minutes * 60
    processes = [multiprocessing.Process(target=fill, args=(
        host.url, host.fingerprint, host.invite()["code"], -(-wanted // workers), deadline, out))
        for _ in range(workers)]
    for process in processes:
        process.start()
    found = [out.get() for _ in processes]
    for process in processes:
        process.join()
    return found


def member_again(host, raw, vault):
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from raw_member import Member, public_of
    member = Member(host.url, host.fingerprint)
    member.key, member.vault = Ed25519PrivateKey.from_private_bytes(raw), vault
    member.public = public_of(member.key)
    return member


def many(machine, options, wrk):
    from raw_member import Grant, b32
    memory = "/dev/shm"
    fast = os.path.isdir(memory) and shutil.disk_usage(memory).free > options.grants * 12_000
    place = os.path.join(memory, os.path.basename(machine.scratch)) if fast else machine.path("many")
    host = Host(machine, place)
    try:
        host.start()
        empty = host.memory_mb()
        begun = time.time()
        found = filled(host, options.grants, options.minutes)
        took = time.time() - begun
        host.stop()
        if fast:
            shutil.move(place, machine.path("many"))
            host.data = machine.path("many")
    finally:
        if fast:
            shutil.rmtree(place, ignore_errors=True)
    host.start()
    links = [link for _, _, all_of in found for link in all_of]
    figures = {"live": len(links), "made_s": took, "on_memory_disk": fast, "empty_mb": empty,
               "started_mb": host.memory_mb()}
    picked = random.Random(1).sample(links, min(LOADED, len(links)))
    paths = ",".join(f'"/v1/links/{b32(link)}/open"' for link in picked)
    figures["opening"] = wrk(machine, host.url, f"""
local paths = {{{paths}}}
local at = 0
wrk.method = "POST"
wrk.body = '{{"recipient":""}}'
wrk.headers["Content-Type"] = "application/json"
request = function() at = at % #paths + 1 return wrk.format(nil, paths[at]) end
""")
    figures["loaded_mb"] = host.memory_mb()
    raw, vault, own = found[0]
    member = member_again(host, raw, vault)
    figures["revocation"] = timed([lambda link=link: member.revoke(Grant(link, b"", []))
                                   for link in own[:REVOKED]])
    figures["one_opening"] = timed([lambda link=link: member.open(Grant(link, b"", []))
                                    for link in own[-REVOKED:]])
    member.close()
    return figures, host


def timed(acts):
    times = []
    for act in acts:
        start = time.perf_counter()
        answer = act()
        times.append(time.perf_counter() - start)
        if answer is None or answer[0] != 200:
            raise SystemExit(f"grants: {answer}")
    return spread(times)


GUESSER = """
import json, sys, threading
sys.path.insert(0, sys.argv[1])
from raw_member import Member
told = json.load(sys.stdin)
counts = {}
lock = threading.Lock()
def guess(n):
    one = Member(told["url"], told["fingerprint"], f"127.0.1.{n + 1}")
    at = n
    while True:
        path = told["paths"][at % len(told["paths"])]
        at += 1
        answer = one.ask("POST", path, b'{"recipient":"x","passcode":"guess"}',
                         {"Content-Type": "application/json"}, signed=False)
        with lock:
            counts[str(answer and answer[0])] = counts.get(str(answer and answer[0]), 0) + 1
for n in range(told["guessers"]):
    threading.Thread(target=guess, args=(n,), daemon=True).start()
sys.stdout.write("ready\\n")
sys.stdout.flush()
import signal
signal.signal(signal.SIGTERM, lambda *_: (print(json.dumps(counts), flush=True), sys.exit(0)))
while True:
    signal.pause()
"""


def read_for(member, grants, seconds):
    times, end, n = [], time.time() + seconds, 0
    while time.time() < end:
        start = time.perf_counter()
        status, _ = member.open(grants[n % len(grants)])
        times.append(time.perf_counter() - start)
        if status != 200:
            raise SystemExit(f"grants: another reader got {status}")
        n += 1
        time.sleep(0.01)
    return {**spread(times), "openings": len(times)}


def flood(machine, host):
    """Other readers, quiet and while strangers guess."""
    from raw_member import Member, b64u
    owner = Member(host.url, host.fingerprint)
    owner.join(host.invite()["code"])
    grants = [owner.grant([b"x" * PARCEL]) for _ in range(20)]
    paths = []
    for _ in range(GUESSED):
        shl = os.urandom(32)
        owner.grant([b"x" * PARCEL], shl=shl, passcode=VERIFIER)
        paths.append("/shl/" + b64u(shl))
    reader = Member(host.url, host.fingerprint, "127.0.2.1")
    quiet = read_for(reader, grants, QUIET_S)
    guesser = subprocess.Popen([sys.executable, "-c", GUESSER, os.path.join(ROOT, "tests/e2e")],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        guesser.stdin.write(json.dumps({"url": host.url, "fingerprint": host.fingerprint,
                                        "paths": paths, "guessers": GUESSERS}))
        guesser.stdin.close()
        guesser.stdout.readline()
        time.sleep(0.5)
        busy = read_for(reader, grants, QUIET_S)
    finally:
        guesser.terminate()
        told = guesser.stdout.read().strip()
        guesser.wait(timeout=30)
    return {"quiet": quiet, "guessed_at": busy, "answers": json.loads(told or "{}"),
            "ratio_p99": busy["p99_ms"] / quiet["p99_ms"], "memory_mb": host.memory_mb()}


def bench(machine, options, figures, opened_beside_nginx, wrk):
    machine.join()
    told = {}
    told["create_3_documents_1_mb"], link = created(machine)
    told["openings"] = opened_beside_nginx(machine, link)
    told["many"], host = many(machine, options, wrk)
    told["passcode_flood"] = flood(machine, host)
    figures["grants"] = told
