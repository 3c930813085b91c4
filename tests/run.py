#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Runs the stages that tools/test and .ci/run ask for, and counts.

usage: run.py [--only SUITE] STAGE…     stages: unit e2e browser tsan format alone fuzz tidy

What counts as one: a doctest case; a corpus with its target; a wall; what an end-to-end script or
Node's test runner counts; a fuzz target; a batch of sources for clang-tidy; a source alone; the
formatting of the whole tree.
A test that cannot run here says so on a line of its own, `skipped: why`, and counts as skipped.
The exit status is 1 when anything failed, and when nothing ran at all.
"""
import concurrent.futures
import glob
import os
import re
import shutil
import sys
import time
import xml.etree.ElementTree

import session
from batches import commands_alone
from session import ROOT, run
from tidy import Batches

JOBS = len(os.sched_getaffinity(0))
LONGEST_SCRIPT_SECONDS = 15 * 60
# What the test programs of the tsan preset have: the rooms in which threads meet (CMakeLists.txt).
THREADED = "^(sync|vault)/"
FUZZ_SECONDS = 10
# Scripts that measure time, memory or what else runs; the others run on every core.
ALONE = {"machine_fails.py", "moving.py", "reader_confined.py", "record.py", "secrets_kept.py"}
# Deep, the analyzer alone takes half of the time on every file; shallow, it still runs every checker.
TIDY_ARGUMENTS = [f"--extra-arg={word}" for word in (
    "-Wreserved-identifier", "-Xclang", "-analyzer-config", "-Xclang", "mode=shallow")]

CLOSING = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$", re.MULTILINE)
DOCTEST = re.compile(r"^\[doctest\] test cases: +(\d+) \| +(\d+) passed \| +(\d+) failed", re.MULTILINE)
SKIPPED = re.compile(r"^(?:.*MESSAGE: )?\s*skip(?:ped)?: ", re.MULTILINE | re.IGNORECASE)
NODE = re.compile(r"^# (pass|fail|cancelled|skipped|todo) (\d+)$", re.MULTILINE)


def tell(text):
    print(text, file=sys.stderr, flush=True)


class Count:
    """How many passed, failed and were skipped; failures are told as they are counted."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def add(self, passed, failed, skipped=0):
        self.passed += passed
        self.failed += failed
        self.skipped += skipped

    def one(self, ok, what):
        self.add(int(ok), int(not ok))
        if not ok:
            tell(f"FAILED: {what}")


def build(count, preset, targets=()):
    tell(f"--- build: {preset}")
    command = [os.path.join(ROOT, "tools/build"), "--preset", preset, *targets]
    status, _ = run(command, f"build-{preset}.log")
    if status != 0:
        count.one(False, f"the {preset} build")
    return status == 0


def escape_hatch():
    """GCC 12's ThreadSanitizer cannot map its shadow where addresses are randomised by more than
    28 bits; there the tests run without randomisation."""
    with open("/proc/sys/vm/mmap_rnd_bits", encoding="ascii") as file:
        return ["setarch", "-R"] if int(file.read()) > 28 else []


def count_unit_test(count, case):
    """One entry of ctest: a room of doctest cases, a corpus, or a wall."""
    name = case.get("name")
    output = case.findtext("system-out") or ""
    ok = case.get("status") == "run" and case.find("failure") is None
    totals = DOCTEST.findall(output)
    if not totals:
        count.one(ok, f"{name} (build/logs)")
        return
    passed = sum(int(p) for _, p, _ in totals)
    failed = sum(int(f) for _, _, f in totals)
    skipped = min(len(SKIPPED.findall(output)), passed)
    count.add(passed - skipped, failed, skipped)
    if failed > 0:
        tell(f"FAILED: {name}")
    elif not ok:
        count.one(False, f"{name}: its cases passed, its program did not end well")
    elif passed == 0:
        count.one(False, f"{name}: no case is in this suite; the name of TEST_SUITE must begin so")


def ctest(count, preset, pattern, prefix=()):
    """Runs the tests whose name matches; every byte they print is in build/logs/unit-<preset>.xml."""
    report = os.path.join(session.LOGS, f"unit-{preset}.xml")
    if os.path.exists(report):
        os.remove(report)
    whole = str(1 << 26)
    run([*prefix, "ctest", "--test-dir", f"build/{preset}", "-j", str(JOBS), "--output-on-failure",
         "--no-tests=error", "--test-output-size-passed", whole, "--test-output-size-failed", whole,
         "--output-junit", report, "-R", pattern], f"unit-{preset}.log")
    try:
        cases = list(xml.etree.ElementTree.parse(report).getroot().iter("testcase"))
    except (OSError, xml.etree.ElementTree.ParseError) as problem:
        count.one(False, f"ctest left no report: {problem}")
        return
    for case in cases:
        count_unit_test(count, case)


def targets_of(only):
    """What has to be built for one suite of the dev preset; nothing named means all that ctest runs,
    and the walls read sources only."""
    wing = (only or "").split("/")[0]
    if wing in ("sync", "vault"):
        return (f"{wing}_tests",)
    if wing == "fuzz_corpus" and "/" in only:
        return ("replay_" + only.split("/")[1],)
    return ("build.ninja",) if only and only != "server_cannot_open" else ("checks",)


def unit(count, only=None):
    if build(count, "dev", targets_of(only)):
        ctest(count, "dev", "^" + re.escape(only) + "(/|$)" if only else ".")


def tsan(count, _only=None):
    if build(count, "tsan", ("sync_tests", "vault_tests")):
        ctest(count, "tsan", THREADED, escape_hatch())


def environment():
    """build/deps/bin/node is the Node.js that tools/setup provides; tests find it as `node`."""
    path = os.path.join(ROOT, "build/deps/bin") + os.pathsep + os.environ["PATH"]
    return {**os.environ, "PATH": path, "COFFRET_BIN_DIR": os.path.join(ROOT, "build/release/bin")}


def e2e_scripts():
    found = sorted(glob.glob(os.path.join(ROOT, "tests/e2e/*.py")))
    return [path for path in found if os.access(path, os.X_OK)]


def e2e(count, only=None):
    scripts = e2e_scripts()
    if only:
        scripts = [s for s in scripts if os.path.basename(s) in (only, only + ".py")]
    if not scripts or not build(count, "release"):
        return
    if not only:
        server_cannot_open(count)
    beside = [s for s in scripts if os.path.basename(s) not in ALONE]
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        done = [pool.submit(run_script, script, quiet=len(beside) > 1) for script in beside]
        for script, result in zip(beside, done):
            count_script(count, script, *result.result())
    for script in scripts:
        if script not in beside:
            count_script(count, script, *run_script(script, quiet=False))


def run_script(script, quiet):
    """Its exit status and output; of those that run beside another each is told when it is done."""
    name = os.path.basename(script)
    if not quiet:
        tell(f"--- end to end: {name}")
    result = run([script, os.path.join(ROOT, "build/release/bin")], f"e2e-{name}.log", quiet=quiet,
                 seconds=LONGEST_SCRIPT_SECONDS, env=environment())
    if quiet:
        tell(f"--- end to end: {name}\n{result[1].rstrip()}")
    return result


def count_script(count, script, status, output):
    name = os.path.basename(script)
    closing = CLOSING.findall(output)
    passed, failed, skipped = (int(n or 0) for n in closing[-1]) if closing else (0, 0, 0)
    count.add(passed, failed, skipped)
    if failed > 0:
        tell(f"FAILED: {name}")
    elif status != 0 or not closing:
        count.one(False, f"{name}: exit status {status}"
                  + ("" if closing else ", and no closing line"))


def server_cannot_open(count):
    """The wall that ctest keeps up in the dev preset, for the programs that are handed on."""
    programs = [os.path.join(ROOT, "build/release/bin", name)
                for name in ("coffret-server", "evil-server")]
    status, _ = run([sys.executable, "-B", os.path.join(ROOT, "tests/walls/check_symbols.py"),
                     *programs], "server_cannot_open.log")
    count.one(status == 0, "server_cannot_open (release)")


def browser(count, _only=None):
    tests = sorted(glob.glob(os.path.join(ROOT, "tests/browser/*.test.mjs")))
    if not tests or not build(count, "release"):
        return
    tell("--- browser")
    command = [os.path.join(ROOT, "build/deps/bin/node"), "--test", f"--test-concurrency={JOBS}",
               "--test-reporter=tap", *tests]
    status, output = run(command, "browser.log", seconds=LONGEST_SCRIPT_SECONDS, env=environment())
    found = {name: int(number) for name, number in NODE.findall(output)}
    failed = found.get("fail", 0) + found.get("cancelled", 0)
    count.add(found.get("pass", 0), failed, found.get("skipped", 0) + found.get("todo", 0))
    if failed > 0:
        tell("FAILED: browser")
    elif status != 0 or not found:
        count.one(False, f"browser: exit status {status}")


PRODUCT = ("include", "vault", "sync", "tools")


def own_sources(endings, tops=(*PRODUCT, "tests")):
    for top in tops:
        for folder, folders, names in os.walk(os.path.join(ROOT, top)):
            folders[:] = [f for f in folders if f not in ("node_modules", "corpus")]
            yield from (os.path.join(folder, name) for name in sorted(names) if name.endswith(endings))


def in_parallel(count, what, work, explain=str, **more):
    """Runs `work` (name → command) on every core; each is one test."""

    def one(name):
        return run(work[name], os.path.join(what, name.replace("/", "_") + ".log"), quiet=True,
                   **more)

    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        for name, (status, output) in zip(work, pool.map(one, work)):
            if status != 0:
                tell(explain(output))
            count.one(status == 0, f"{what}: {name}")


def clang_format(count, _only=None):
    tell("--- clang-format")
    status, _ = run(["clang-format", "--dry-run", "-Werror", *own_sources((".cpp", ".hpp"))],
                    "format.log")
    count.one(status == 0, "clang-format")


def alone(count, _only=None):
    """Each product source by itself: what it leans on in its batch, and what it shadows."""
    if not build(count, "dev", ("build.ninja",)):
        return
    tell("--- each product source alone")
    commands = commands_alone(os.path.join(ROOT, "build/dev/compile_commands.json"),
                              own_sources((".cpp",), PRODUCT))
    in_parallel(count, "alone", {os.path.relpath(source, ROOT): command
                                 for source, command in commands.items()})


def fuzz(count, _only=None):
    if not build(count, "fuzz", ("fuzzers",)):
        return
    tell(f"--- fuzz: {FUZZ_SECONDS} s each")
    work = {}
    for program in sorted(glob.glob(os.path.join(ROOT, "build/fuzz/bin/fuzz_*"))):
        name = os.path.basename(program)[len("fuzz_"):]
        corpus = os.path.join(ROOT, "build/fuzz/corpus", name)
        os.makedirs(corpus, exist_ok=True)
        # New inputs go to the first folder; the committed corpus is only read.
        work[name] = [program, f"-max_total_time={FUZZ_SECONDS}", "-rss_limit_mb=1024",
                      f"-artifact_prefix={session.LOGS}/fuzz/{name}-", corpus,
                      os.path.join(ROOT, "tests/fuzz/corpus", name)]
    if not work:
        count.one(False, "there is no fuzz target")
    # UBSan alone would print its finding and go on.
    in_parallel(count, "fuzz", work, env={**os.environ, "UBSAN_OPTIONS":
                                          "halt_on_error=1:print_stacktrace=1"})


def tidy(count, _only=None):
    """Over the product and the fuzz targets with clang's commands; no source includes a generated
    file, so nothing is compiled for it."""
    if not build(count, "fuzz", ("build.ninja",)):
        return
    tell("--- clang-tidy")
    folder = os.path.join(ROOT, "build/tidy")
    batches = Batches(os.path.join(ROOT, "build/fuzz/compile_commands.json"), folder,
                      own_sources((".cpp",)))
    tell(f"{len(batches.sources())} sources in {len(batches.files)} files")
    in_parallel(count, "tidy", {name: ["clang-tidy", "-p", folder, "--quiet", *TIDY_ARGUMENTS, path]
                                for name, path in batches.files.items()}, explain=batches.explain)


STAGES = {"unit": unit, "e2e": e2e, "browser": browser, "tsan": tsan, "format": clang_format,
          "alone": alone, "fuzz": fuzz, "tidy": tidy}


def stages_of(arguments):
    """Returns (stages, suite or None); a named suite decides by itself which stage it is in."""
    if arguments[:1] != ["--only"]:
        return arguments, None
    suite = arguments[1]
    scripts = {os.path.basename(s) for s in e2e_scripts()}
    if suite in scripts or suite + ".py" in scripts:
        return ["e2e"], suite
    return (["browser"] if suite == "browser" else ["unit"]), suite


def main(arguments):
    stages, only = stages_of(arguments)
    if not stages or any(stage not in STAGES for stage in stages):
        print(__doc__, file=sys.stderr)
        return 2
    shutil.rmtree(os.path.join(session.LOGS, "fuzz"), ignore_errors=True)
    os.makedirs(os.path.join(session.LOGS, "fuzz"), exist_ok=True)
    count = Count()
    for stage in stages:
        began = time.monotonic()
        STAGES[stage](count, only)
        tell(f"--- {stage}: done in {time.monotonic() - began:.0f} s")
    sys.stderr.flush()
    print(f"{count.passed} passed, {count.failed} failed, {count.skipped} skipped", flush=True)
    return 1 if count.failed > 0 or count.passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
