# SPDX-License-Identifier: EUPL-1.2
"""What the tests of a hostile server share: evil-server in front of a real one, a vault that is
attacked, another device of the same vault that goes on honestly, and the one judgement of every
attack: refused with its code, sentence and exit status, a line in the audit log, nothing changed,
no word on disk, and all well once the server is honest again."""
import json
import os
import signal

from harness import (DOCUMENTS, Server, canaries, daemons_of, expect, find_words, free_port,
                     refused)
from machine_fails import digests, in_order

LOG = "GET /v1/vaults/*/log"
APPEND = "POST /v1/vaults/*/log"
CHANGES = "POST /v1/vaults/*/log/changes"
STATUS = "GET /v1/vaults/*"
OBJECT = "GET /v1/vaults/*/objects/*"
PACK = "POST /v1/vaults/*/objects/pack"
UPLOAD = "PATCH /v1/vaults/*/objects/*"
MISSING = "POST /v1/vaults/*/objects/missing"
ACCESS = "GET /v1/vaults/*/access-log"
CARD = "GET /v1/card"

VICTIM = 1  # the device that joined first
CHUNK = 65536 + 16  # of a sealed body, behind 32 bytes of commitment
CHUNK_0 = 32


class Table:
    """row → test → result, printed at the end."""

    def __init__(self, suite):
        self.suite = suite
        self.lines = []

    def test(self, row, sentence, body):
        before = self.suite.failed
        self.suite.test(f"row {row}: {sentence}", body)
        self.lines.append((row, sentence, "held" if self.suite.failed == before else "FAILED"))

    def shown(self, row, sentence, where, needle):
        """Another test shows it in full; that test must be there under that name."""
        def there():
            with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..", where),
                      encoding="utf-8") as file:
                expect(needle in file.read(), f"{where} has no “{needle}”")
        before = self.suite.failed
        self.suite.test(f"row {row}: {sentence}", there)
        told = f"shown by {where}: {needle}" if self.suite.failed == before else "FAILED"
        self.lines.append((row, sentence, told))

    def not_yet(self, row, sentence, why):
        self.suite.skip(f"row {row}: {sentence}", why)
        self.lines.append((row, sentence, f"not yet: {why}"))

    def print(self):
        print("\nrow | test | result")
        numbered = all(isinstance(line[0], int) for line in self.lines)
        for row, sentence, result in sorted(self.lines, key=lambda line: line[0] if numbered else 0):
            print(f"{row:3} | {sentence} | {result}")


class Evil:
    """A real server, and evil-server in front of it at the address that its members know."""

    def __init__(self, programs, name="association", more=(), tap=None):
        self.programs = programs
        self.name = name
        self.port = free_port()
        self.url = f"https://127.0.0.1:{self.port}"
        self.server = Server(programs, name=name, port=free_port(),
                             serve=["--behind-proxy", "127.0.0.1", "--public-url", self.url])
        self.upstream = self.server.port
        if tap:  # keeps what goes on behind, where TLS has ended
            tap.serve_clear(self.server.port)
            self.upstream = tap.port
        self.script = programs.file(name + ".rules.json", '{"rules":[]}')
        self.journal = programs.path(name + ".journal")
        self.more = more
        self.start()

    def start(self, certificate=None):
        tls = ("--certificate", certificate[0], "--key", certificate[1]) if certificate else ()
        self.process, _ = self.programs.start(
            self.programs.program("evil-server"), "--data", self.server.data, "--upstream",
            f"http://127.0.0.1:{self.upstream}", *self.more, *tls, "--listen",
            f"127.0.0.1:{self.port}", "--script", self.script, "--journal", self.journal)

    def restart(self, certificate=None):
        """Forgets all but the script; with a certificate, shows that one."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=20)
        self.start(certificate)

    def obey(self, *rules):
        """From now on; returns how often each rule before was carried out."""
        self.programs.file(self.name + ".rules.json", json.dumps({"rules": rules}))
        self.process.send_signal(signal.SIGHUP)
        told = json.loads(self.process.stdout.readline())
        expect(told.get("rules") == len(rules), f"the script was not taken: {told} {rules}")
        return told["done"]

    def seen(self):
        with open(self.journal, encoding="utf-8") as file:
            return [json.loads(line) for line in file]


def daemon_pid(vault):
    found = daemons_of(vault)
    if not found:
        raise AssertionError("the vault has no daemon")
    return found[0]


def forget_peak(pid):
    """From now on `peak_megabytes` counts anew. False: this system does not let us."""
    try:
        with open(f"/proc/{pid}/clear_refs", "w", encoding="ascii") as file:
            file.write("5")
    except OSError:
        return False
    return True


def peak_megabytes(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        peak = [line for line in file if line.startswith("VmHWM")][0]
    return int(peak.split()[1]) / 1024


def audit_lines(vault):
    try:
        with open(os.path.join(vault.directory, "audit.log"), encoding="ascii") as file:
            return [line.split() for line in file]
    except FileNotFoundError:
        return []


def state_of(vault):
    """What a refused attack must leave as it was."""
    told = vault.run("status").one()
    return {name: told[name] for name in ("documents", "missing", "head", "pending", "last_sync")}


class Attacked:
    """One vault on two devices; the first is attacked."""

    def __init__(self, programs, name="association", more=(), tap=None):
        self.programs = programs
        programs.env["TMPDIR"] = programs.path("tmp")
        os.makedirs(programs.path("tmp"), exist_ok=True)
        self.evil = Evil(programs, name, more, tap)
        self.victim = programs.vault(name + "-victim")
        self.victim.init()
        self.victim.run("import", DOCUMENTS)
        self.victim.run("server", "join", self.evil.url, "--invite-file",
                        self.evil.server.invite_file(name + ".invite"), "--yes")
        self.victim.run("sync")
        self.other = self.rebuilt("other")
        self.victim.run("sync")
        self.count = 0

    def rebuilt(self, name, check=True, languages=None):
        vault = self.programs.vault(f"{self.evil.name}-{name}")
        vault.rebuilt = vault.run(
            "rebuild", "--from-server", self.evil.url, "--pin", self.evil.server.fingerprint,
            "--recovery-file", self.victim.recovery, "--passphrase-file", vault.passphrase,
            check=check)
        return vault

    def honest_note(self, size=0, count=1):
        """The other device writes, so that the victim has something to fetch."""
        paths = []
        for _ in range(count):
            self.count += 1
            paths.append(self.programs.file(f"{self.evil.name}-{self.count}.txt",
                                            f"note {self.count}, {canaries()[0]}\n" +
                                            "mesure " * (size // 7)))
        self.other.run("import", *paths)
        self.other.run("sync")

    def attack(self, *rules, status=7, code="unauthenticated", words=("sync",), languages=True,
               honest=("sync",), changes=(), line=True):
        """The victim's command meets the rules: the whole judgement. `changes`: parts of the status
        that may change since they are honest (entries that were good and came first). `line`: not
        where a cut line would look the same."""
        self.evil.obey(*[{"client": VICTIM, **rule} for rule in rules])
        before, lines = state_of(self.victim), len(audit_lines(self.victim))
        try:
            done = refused(self.victim, status, code, *words, languages=languages)
        finally:
            counts = self.evil.obey()
        expect(all(counts), f"the attack was not carried out: {counts}")
        after = state_of(self.victim)
        for name in before:
            expect(name in changes or before[name] == after[name],
                   f"{name}: {before[name]} became {after[name]}")
        written = audit_lines(self.victim)[lines:]
        expect(len(written) == (3 if languages else 1) * line and
               all(line[1] == code for line in written), f"audit lines: {written}")
        self.no_word_on_disk()
        self.well_again(honest)
        return done

    def no_word_on_disk(self):
        for place in (self.victim.directory, self.programs.path("tmp"), self.programs.runtime):
            found = find_words(place, canaries()[:7])
            expect(not found, f"plaintext on disk: {found}")

    def well_again(self, honest=("sync",)):
        self.victim.run(*honest)
        ours, theirs = digests(self.victim), digests(self.other)
        if ours != theirs:  # the victim wrote, too
            self.victim.run("sync")
            self.other.run("sync")
            ours, theirs = digests(self.victim), digests(self.other)
        expect(ours == theirs, f"the vault goes on: {len(ours)} documents, {len(theirs)} elsewhere")
        expect(state_of(self.victim)["missing"] == 0, "every document is here")
        expect(self.victim.run("check").one()["ok"], "check finds no problem")

    def close(self):
        in_order(self.victim, "--against-server")
        for vault in self.programs.vaults:
            vault.run("stop", check=False)
