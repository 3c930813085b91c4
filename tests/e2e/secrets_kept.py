#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Where secrets must not be: in no argument and no environment of a process of ours, no file, no
log, no core, and, once the vault is locked, nowhere in its daemon's memory."""
import base64
import os
import re
import resource
import signal
import subprocess
import sys
import threading
import time
import unicodedata

from crash import daemon_of
from harness import (DOCUMENTS, PASSPHRASE, Programs, Server, Suite, as_another, canaries, expect,
                     find_words)

PASSCODE = "code-canari-7391-parlé"


def forms(secret):
    """The byte forms a secret could hide in."""
    raw = secret if isinstance(secret, bytes) else secret.encode()
    found = {raw, raw.hex().encode(), base64.b64encode(raw).rstrip(b"="),
             base64.urlsafe_b64encode(raw).rstrip(b"=")}
    if isinstance(secret, str):
        found |= {unicodedata.normalize("NFD", secret).encode(), secret.encode("utf-16-le")}
    return found


def ours(programs):
    """The processes that run a program of ours."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/cmdline", "rb") as file:
                    if file.read().startswith(programs.bin.encode() + b"/"):
                        found.append(int(entry))
            except OSError:
                pass
    return found


class Watch:
    """Reads arguments and environments of our processes, again and again, while they run."""

    def __init__(self, programs):
        self.programs = programs
        self.read = set()
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()

    def _run(self):
        while not self.over.is_set():
            for pid in ours(self.programs):
                for name in ("cmdline", "environ"):
                    try:
                        with open(f"/proc/{pid}/{name}", "rb") as file:
                            self.read.add(file.read())
                    except OSError:
                        pass
            time.sleep(0.001)


def memory_of(pid):
    """What a process can write to, and so may have written: its memory, piece by piece."""
    with open(f"/proc/{pid}/maps", encoding="utf-8") as maps, open(f"/proc/{pid}/mem", "rb") as mem:
        for line in maps:
            place, rights = line.split()[:2]
            if "w" not in rights:
                continue
            start, end = (int(word, 16) for word in place.split("-"))
            try:
                mem.seek(start)
                yield line.strip(), mem.read(end - start)
            except OSError:  # guard pages
                pass


def found_in_memory(pid, named):
    """name → how often it occurs."""
    found = {}
    for _, content in memory_of(pid):
        for name, secret in named.items():
            count = sum(content.count(form) for form in forms(secret))
            if count:
                found[name] = found.get(name, 0) + count
    return found


class Kept:
    def __init__(self, programs):
        self.programs = programs
        self.temporary = programs.path("tmp")
        os.mkdir(self.temporary, 0o700)
        programs.env["TMPDIR"] = self.temporary
        self.written = []  # the test's own files, in which secrets are at home

    def main_job(self):
        with Watch(self.programs) as watch:
            self.server = Server(self.programs)
            self.vault = self.programs.vault()
            self.vault.init(owner="Une Autre")  # a name that no document holds
            self.vault.run("import", DOCUMENTS)
            self.vault.join(self.server)
            self.vault.run("sync")
            self.vault.run("search", canaries()[0])
            ids = [row["id"] for row in self.vault.run("list").rows]
            code = self.programs.file("a.code", PASSCODE + "\n")
            shared = self.vault.run("grant", "create", "--to", "Dr Secret", "--for", "1h",
                                    "--passcode-file", code, "--document", ids[0]).one()
            link = self.programs.file("a.link", shared["link"] + "\n")
            out = self.programs.path("received")
            self.vault.run("redeem", "@" + link, "--passcode-file", code, "--out", out)
            for one in ids:
                self.vault.run("show", one, "--text", json_out=False)
        self.written = [self.vault.passphrase, self.vault.recovery, code, link, out]
        with open(self.vault.recovery, encoding="utf-8") as sheet:
            key = re.search(r"^key: (.*)$", sheet.read(), re.MULTILINE).group(1)
        secret = shared["link"].split("#c1.")[1].split(".")[1]
        self.secrets = {"passphrase": PASSPHRASE, "recovery key": key,
                        "recovery seed": base64.b32decode(key.replace("-", "")[:52] + "===="),
                        "link secret": secret, "link secret, raw":
                        base64.urlsafe_b64decode(secret + "="), "passcode": PASSCODE}
        self.words = {f"word {word}": word for word in canaries()}
        expect(len(watch.read) > 10, "arguments and environments were read")
        seen = [name for name, one in {**self.secrets, **self.words}.items()
                if name != f"word {canaries()[0]}"  # what is searched for is an argument
                for form in forms(one) for text in watch.read if form in text]
        expect(not seen, f"in arguments or environments: {set(seen)}")

    def files(self):
        found = []
        read = 0
        for folder, _, names in os.walk(self.programs.scratch):
            for name in names:
                path = os.path.join(folder, name)
                if not os.path.isfile(path) or any(path.startswith(own) for own in self.written):
                    continue
                with open(path, "rb") as file:
                    content = file.read()
                read += 1
                found += [(path, key) for key, one in self.secrets.items()
                          if any(form in content for form in forms(one))]
        found += [hit for top in (self.vault.directory, self.server.data, self.temporary,
                                  self.programs.runtime, *self.programs.logs())
                  for hit in find_words(top, canaries())]
        expect(read > 15 and not found, f"of {read} files: {found}")
        expect(not os.listdir(self.temporary), f"left in TMPDIR: {os.listdir(self.temporary)}")

    def link_argument(self):
        """A link given as an argument is wiped before anything else is done."""
        secret = self.secrets["link secret"]
        shared = ("https://127.0.0.1:9/v#c1." + "A" * 22 + "." + secret + "." + "A" * 22)
        process = subprocess.Popen([self.programs.program("coffret"), "redeem", shared,
                                    "--passcode-file", "-", "--out", self.programs.path("x")],
                                   stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, env=self.programs.env)
        deadline = time.time() + 5
        while time.time() < deadline:  # it waits for the passcode: its arguments can be read
            with open(f"/proc/{process.pid}/cmdline", "rb") as file:
                shown = file.read()
            if secret.encode() not in shown and b"redeem" in shown:
                break
        _, told = process.communicate(b"rien\n", timeout=20)
        expect(secret.encode() not in shown and told.strip(), f"wiped, and warned about: {shown}")

    def no_core(self):
        place = self.programs.path("cores")
        os.mkdir(place, 0o700)

        def unlimited():
            os.chdir(place)
            resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY,) * 2)

        def killed(*command):
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       stderr=subprocess.DEVNULL, env=self.programs.env,
                                       preexec_fn=unlimited)
            self.programs.started.append(process)
            if command[0].startswith(self.programs.bin):
                time.sleep(0.05)
                if "redeem" not in command:
                    process.stdout.readline()
            process.send_signal(signal.SIGSEGV)
            status = process.wait(timeout=60)
            expect(status == -signal.SIGSEGV, f"{command[0]} died of it: {status}")
            return os.listdir(place)

        control = killed("sleep", "60")
        if not control:
            return False  # this system keeps cores elsewhere, or keeps none
        for name in control:
            os.remove(os.path.join(place, name))
        daemon = self.programs.vault("cored")
        os.mkdir(daemon.directory, 0o700)
        for command in (("coffretd", "--vault", daemon.directory, "--listen", "none"),
                        ("coffret", "redeem", "-", "--out", place + "/out"),
                        ("coffret-server", "serve", "--data", self.second_server(), "--listen",
                         "127.0.0.1:0", "--admin", "127.0.0.1:0")):
            left = killed(self.programs.program(command[0]), *command[1:])
            expect(not left, f"{command[0]} left a core: {left}")
        return True

    def second_server(self):
        server = Server(self.programs, name="cored-server")
        server.stop()
        return server.data

    def memory_of_the_server(self):
        found = found_in_memory(self.server.process.pid, {**self.secrets, **self.words})
        expect(not found, f"in the server's memory: {found}")

    def memory_after_lock(self):
        pid = daemon_of(self.vault)
        self.vault.run("search", "glycemie")
        while_open = found_in_memory(pid, self.words)
        expect(while_open, "the memory can be read: an open vault's documents are in it")
        found = found_in_memory(pid, self.secrets)
        expect(not found, f"already while open, kept by nobody: {found}")
        self.vault.run("lock")
        found = found_in_memory(pid, {**self.secrets, **self.words})
        expect(not found, f"after lock: {found}")
        self.vault.unlock()
        self.vault.run("list")
        self.vault.run("lock")
        found = found_in_memory(pid, {**self.secrets, **self.words})
        expect(not found, f"after another lock: {found}")

    def memory_of_another(self):
        """A process of the same user reads neither memory nor environment of the daemon."""
        home = self.programs.path("nobodys")
        os.mkdir(home, 0o700)
        os.chown(home, 65534, 65534)
        os.chmod(self.programs.scratch, 0o711)
        daemon, _ = self.programs.start("env", "-u", "XDG_RUNTIME_DIR", *as_another(
            self.programs.program("coffretd"), "--vault", home, "--listen", "none"))
        for name in ("environ", "mem", "maps"):
            done = subprocess.run(as_another("head", "-c", "1", f"/proc/{daemon.pid}/{name}"),
                                  capture_output=True, check=False)
            expect(done.returncode != 0 and not done.stdout, f"{name}: {done}")
        daemon.terminate()
        daemon.wait(timeout=20)
        os.chmod(self.programs.scratch, 0o700)


def main():
    suite = Suite()
    started = time.time()
    root = os.geteuid() == 0 and as_another() is not None
    with Programs(sys.argv[1]) as programs:
        kept = Kept(programs)
        suite.test("arguments and environments carry no secret", kept.main_job)
        suite.test("no file holds a secret, and nothing is left in TMPDIR", kept.files)
        suite.test("a link given as an argument is wiped at once", kept.link_argument)
        outcome = []
        suite.test("a program that dies leaves no core",
                   lambda: outcome.append(kept.no_core()))
        if outcome == [False]:
            suite.passed -= 1
            suite.skip("a program that dies leaves no core", "no program here leaves one")
        for sentence, body in (
                ("the server's memory holds no secret and no word", kept.memory_of_the_server),
                ("a locked vault's daemon holds no secret and no word", kept.memory_after_lock),
                ("a process of the same user cannot look into the daemon", kept.memory_of_another)):
            if root:
                suite.test(sentence, body)
            else:
                suite.skip(sentence, "only root can read another process's memory")
    print(f"{time.time() - started:.0f} s")
    return suite.close()


if __name__ == "__main__":
    sys.exit(main())
