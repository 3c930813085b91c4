# SPDX-License-Identifier: EUPL-1.2
"""The `sync` suite of tools/bench: moving one record to the server and back, beside restic and borg.

The record is the one that ../shared/bench/gen_corpus.py makes (--corpus-documents, --corpus-bytes,
--corpus-seed). restic goes to `rclone serve restic` over loopback, in clear; borg to a repository on
the same disk; both from Debian. Each figure: seconds on the clock, CPU seconds of all programs that
took part, bytes, requests where they can be counted, and the most memory of each program.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
GENERATOR = os.path.join(ROOT, "../shared/bench/gen_corpus.py")
GOALS = {"first": 0.5, "no_change": 0.05, "restore": 0.7}  # of restic's time
SHORT_LOG = 10_000  # entries
TICKS = os.sysconf("SC_CLK_TCK")
PACKAGES = {"restic": "restic", "rclone": "rclone", "borg": "borgbackup"}


def cpu_of(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        told = file.read().rpartition(")")[2].split()
    return sum(int(told[i]) for i in (11, 12, 13, 14)) / TICKS  # its own and its ended children's


class Meter:
    """One step: the clock, the CPU of standing programs and of those that the step starts, and the
    most memory each had while it ran."""

    def __init__(self, standing):
        self.standing = standing  # name -> pid, or a function that gives it
        self.peak = {}

    def pids(self):
        found = {}
        for name, pid in self.standing.items():
            pid = pid() if callable(pid) else pid
            if pid and os.path.exists(f"/proc/{pid}"):
                found[name] = pid
        return found

    def look(self):
        while not self.ending.wait(0.03):
            for name, pid in {**self.pids(), **self.started}.items():
                try:
                    with open(f"/proc/{pid}/status", encoding="ascii") as file:
                        size = int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1)) / 1024
                except (OSError, AttributeError):
                    continue
                self.peak[name] = max(self.peak.get(name, 0), size)

    def run(self, name, command, env=None, cwd=None):
        """The output of the command, and what it took."""
        self.ending, self.started, self.peak = threading.Event(), {}, {}
        before = {one: cpu_of(pid) for one, pid in self.pids().items()}
        watch = threading.Thread(target=self.look, daemon=True)
        start = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, env=env, cwd=cwd)
        self.started = {name: process.pid}
        watch.start()
        usage = os.times()
        out, err = process.communicate()
        took = time.perf_counter() - start
        now = os.times()
        self.ending.set()
        watch.join()
        if process.returncode != 0:
            raise SystemExit(f"{command}: {out.decode()} {err.decode()}")
        cpu = (now.children_user - usage.children_user) + (now.children_system -
                                                           usage.children_system)
        for one, pid in self.pids().items():
            cpu += cpu_of(pid) - before.get(one, 0)
        return out.decode(), {"s": took, "cpu_s": cpu,
                              "peak_mb": {k: round(v) for k, v in self.peak.items()}}


def size_of(folder):
    return sum(os.path.getsize(os.path.join(path, name))
               for path, _, names in os.walk(folder) for name in names)


def median_of(steps):
    return sorted(steps, key=lambda step: step["s"])[len(steps) // 2]


def measure_ours(machine, options, corpus, mutate):
    """The record imported, sent, looked at, changed by one document, and rebuilt elsewhere."""
    programs = machine.programs
    vault = machine.path("moving")
    prefix = [os.path.join(programs, "coffret"), "--json"]

    def daemon_of(directory):
        for pid in os.listdir("/proc"):
            if not pid.isdigit():
                continue
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    words = file.read().split(b"\0")
            except OSError:
                continue
            if words[0].endswith(b"/coffretd") and directory.encode() in words:
                return int(pid)
        return None

    pids = {}

    def known(directory):
        def pid():
            if directory not in pids or not os.path.exists(f"/proc/{pids[directory]}"):
                found = daemon_of(directory)
                if found is None:
                    return None
                pids[directory] = found
            return pids[directory]
        return pid

    def ask(directory, *words):
        done = subprocess.run([*prefix, "--vault", directory, *words], capture_output=True,
                              stdin=subprocess.DEVNULL, env=machine.env, check=False)
        if done.returncode != 0:
            raise SystemExit(f"{words}: {done.stdout.decode()} {done.stderr.decode()}")
        return [json.loads(line) for line in done.stdout.decode().splitlines() if line]

    ask(vault, "init", "--owner", "Camille EXEMPLE", "--passphrase-file", machine.passphrase,
        "--recovery-out", machine.path("recovery-moving"))
    start = time.perf_counter()
    summary = ask(vault, "import", corpus, "--any-patient")[-1]["summary"]
    figures = {"import_s": time.perf_counter() - start, "documents": summary["imported"]}
    machine.join(vault)
    server = machine.server_process.pid

    meter = Meter({"coffretd": known(vault), "coffret-server": server})

    def step(directory, *words):
        out, took = meter.run("coffret", [*prefix, "--vault", directory, *words], env=machine.env)
        told = json.loads(out.splitlines()[-1])
        for key in ("bytes_up", "bytes_down", "requests"):
            if key in told:
                took[key] = told[key]
        return took

    figures["first"] = step(vault, "sync")
    figures["no_change"] = median_of([step(vault, "sync") for _ in range(5)])
    changed = mutate()
    ask(vault, "import", changed, "--any-patient")
    figures["one_changed"] = step(vault, "sync")
    account = machine.server_accounts()
    kept = max(account, key=lambda one: one["bytes"])
    figures["kept_bytes"] = kept["bytes"]
    figures["bytes_over_ideal"] = ((figures["first"]["bytes_up"] +
                                    figures["one_changed"]["bytes_up"]) / kept["bytes"])
    card = ask(vault, "server", "card")[0]
    documents = ask(vault, "status")[0]["documents"]
    ask(vault, "stop")
    second = machine.path("moving-second")
    meter.standing = {"coffretd": known(second), "coffret-server": server}
    figures["restore"] = step(second, "rebuild", "--from-server", card["url"], "--pin",
                              card["fingerprint"], "--recovery-file",
                              machine.path("recovery-moving"), "--passphrase-file",
                              machine.passphrase)
    status = ask(second, "status")[0]
    if status["missing"] != 0 or status["documents"] != documents:
        raise SystemExit(f"rebuilt: {status}")
    ask(second, "stop")
    return figures


def measure_restic(machine, options, corpus, mutate):
    repository = machine.path("restic-repository")
    port = machine.free_port()
    machine.start("rclone", "serve", "restic", "--addr", f"127.0.0.1:{port}",
                  repository, ready=False)
    machine.wait_for_port(port)
    rclone = machine.started[-1].pid
    env = {**machine.env, "RESTIC_REPOSITORY": f"rest:http://127.0.0.1:{port}/",
           "RESTIC_PASSWORD_FILE": machine.passphrase, "HOME": machine.scratch}
    subprocess.run(["restic", "init", "-q"], env=env, check=True, stdout=subprocess.DEVNULL)
    meter = Meter({"rclone": rclone})

    def step(*words, cwd=None):
        before = size_of(repository)
        _, took = meter.run("restic", ["restic", "-q", *words], env=env, cwd=cwd)
        took["stored_bytes"] = size_of(repository) - before
        return took

    figures = {"first": step("backup", corpus)}
    figures["no_change"] = median_of([step("backup", corpus) for _ in range(5)])
    mutate()
    figures["one_changed"] = step("backup", corpus)
    figures["restore"] = step("restore", "latest", "--target", machine.path("restic-restored"))
    shutil.rmtree(machine.path("restic-restored"))
    shutil.rmtree(repository)
    return figures


def measure_borg(machine, options, corpus, mutate):
    repository = machine.path("borg-repository")
    env = {**machine.env, "BORG_REPO": repository, "BORG_PASSPHRASE": "une phrase pour mesurer",
           "BORG_BASE_DIR": machine.scratch}
    subprocess.run(["borg", "init", "-e", "repokey-blake2"], env=env, check=True,
                   capture_output=True)
    meter = Meter({})

    def step(*words, cwd=None):
        before = size_of(repository)
        _, took = meter.run("borg", ["borg", *words], env=env, cwd=cwd)
        took["stored_bytes"] = size_of(repository) - before
        return took

    figures = {"first": step("create", "::first", corpus)}
    figures["no_change"] = median_of([step("create", f"::same{i}", corpus) for i in range(5)])
    mutate()
    figures["one_changed"] = step("create", "::changed", corpus)
    out = machine.path("borg-restored")
    os.mkdir(out)
    figures["restore"] = step("extract", "::changed", cwd=out)
    shutil.rmtree(out)
    return figures


def measure_start(machine, options):
    """A new device's start over a long log against one of 10,000 entries with the same live state."""
    folder = machine.path("log-start")
    os.mkdir(folder, 0o700)
    done = subprocess.run([os.path.join(machine.programs, "log-start"), folder, str(SHORT_LOG),
                           str(options.log_entries)], check=True, stdout=subprocess.PIPE)
    short, long = (json.loads(line) for line in done.stdout.decode().splitlines())
    return {"short": short, "long": long, "ratio": long["seconds"] / short["seconds"], "goal": 2.0}


def bench(machine, options, figures):
    if options.log_entries > 0:
        figures["start"] = measure_start(machine, options)
    if not os.path.exists(GENERATOR):
        print("sync: skipped, ../shared/bench/gen_corpus.py is not here", file=sys.stderr)
        return
    corpus = machine.path("record")
    subprocess.run([sys.executable, GENERATOR, corpus, "--seed", str(options.corpus_seed), "--docs",
                    str(options.corpus_documents), "--bytes", str(options.corpus_bytes)],
                   check=True, stdout=subprocess.DEVNULL)

    def mutate():
        done = subprocess.run([sys.executable, GENERATOR, corpus, "--mutate"], check=True,
                              capture_output=True)
        return done.stdout.decode().strip()

    table = {"record": {"documents": options.corpus_documents, "bytes": size_of(corpus)}}
    table["coffret"] = measure_ours(machine, options, corpus, mutate)
    for name, measure in (("restic", measure_restic), ("borg", measure_borg)):
        needed = {"restic": ("restic", "rclone"), "borg": ("borg",)}[name]
        lacking = [PACKAGES[tool] for tool in needed if shutil.which(tool) is None]
        if lacking:
            print(f"sync: no {name}, Debian package {' '.join(lacking)}", file=sys.stderr)
            continue
        table[name] = measure(machine, options, corpus, mutate)
    if "restic" in table:
        ours, theirs = table["coffret"], table["restic"]
        table["of_restic"] = {step: {"ratio": ours[step]["s"] / theirs[step]["s"], "goal": goal}
                              for step, goal in GOALS.items()}
    figures["sync"] = table
