# SPDX-License-Identifier: EUPL-1.2
"""What the end-to-end scripts share: the real programs, started on free loopback ports and in
temporary directories, and stopped by process id. Standard library only."""
import glob
import importlib.util
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import traceback

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DOCUMENTS = os.path.join(ROOT, "tools/demo/documents")
SHARED = os.path.join(ROOT, "../shared/data/documents")
PASSPHRASE = "une phrase secrète de démonstration"


class Failed(Exception):
    """A command that should have gone well, or ill in another way."""


def expect(condition, what):
    if not condition:
        raise Failed(what)


def sentences():
    """code → (French, English), from the one table of errors."""
    text = r'((?:"(?:[^"\\]|\\.)*"\s*)+)'
    with open(os.path.join(ROOT, "include/coffret/error.def"), encoding="utf-8") as file:
        rows = re.findall(rf"COFFRET_ERROR\(\d+, (\w+), \d+,\s*{text},\s*{text}\)", file.read())
    return {code: tuple("".join(re.findall(r'"((?:[^"\\]|\\.)*)"', one)).replace('\\"', '"')
                        for one in both) for code, *both in rows}


def refused(vault, status, code, *words, languages=True, **more):
    """A command that must be refused: exit status, stable code, and the sentence of the table in
    both languages. Not for a command whose second run means something else."""
    done = vault.run(*words, check=False, **more)
    told = done.one().get("error", {})
    expect(done.status == status and told.get("code") == code,
           f"{words}: exit {done.status}, {done.rows[-1:]}, wanted {status} {code}")
    expect(told.get("message") in sentences()[code], f"the sentence of {code}: {told}")
    before = vault.lang
    for vault.lang, sentence in zip(("fr", "en") if languages else (), sentences()[code]):
        said = vault.run(*words, check=False, json_out=False, **more)
        expect(said.status == status and sentence in said.err.decode(),
               f"{words} in {vault.lang}: exit {said.status}, {said.err}")
    vault.lang = before
    return done


MOUNTS_ARE_OURS = "COFFRET_E2E_OWN_MOUNTS"


def in_own_mounts():
    """Starts the script again in a mount namespace of its own, so that small and read-only disks
    can be had and are gone with it. Returns whether the system allows that."""
    if MOUNTS_ARE_OURS in os.environ:
        return True
    for how in (["--mount"], ["--mount", "--map-root-user"]):
        probe = ["unshare", *how, "mount", "-t", "tmpfs", "none", "/mnt"]
        if shutil.which("unshare") and subprocess.run(probe, capture_output=True,
                                                      check=False).returncode == 0:
            os.environ[MOUNTS_ARE_OURS] = "1"
            os.execvp("unshare", ["unshare", *how, sys.executable, "-B", *sys.argv])
    return False


DEBIANS_PYTHON = "/usr/bin/python3"


def in_python_with(module):
    """Goes on in Debian's own Python where the one that runs us lacks a module of a Debian package.
    Returns whether it is there."""
    if importlib.util.find_spec(module):
        return True
    if os.path.exists(DEBIANS_PYTHON) and not os.path.samefile(sys.executable, DEBIANS_PYTHON):
        os.execv(DEBIANS_PYTHON, [DEBIANS_PYTHON, "-B", *sys.argv])
    return False


def as_another(*command):
    """The command as it is run by a user who is neither us nor root; None where we may not."""
    prefix = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]
    if not shutil.which("setpriv") or subprocess.run([*prefix, "true"], capture_output=True,
                                                     check=False).returncode != 0:
        return None
    return [*prefix, *command]


FAKETIME = "".join(glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")[:1])


def moved_clock(shift):
    """What a program is started with to see another time: "+1d", "-10y"."""
    return {"LD_PRELOAD": FAKETIME, "FAKETIME": shift, "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1"}


class Suite:
    """Counts tests, each a method named by a sentence; prints the closing line that tools/test
    reads."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def test(self, sentence, body):
        try:
            body()
        except Exception:  # one failure does not stop the others
            self.failed += 1
            print(f"FAILED: {sentence}", flush=True)
            traceback.print_exc(file=sys.stdout)
        else:
            self.passed += 1
            print(f"ok: {sentence}", flush=True)

    def skip(self, sentence, why):
        self.skipped += 1
        print(f"skipped: {sentence}: {why}", flush=True)

    def close(self):
        tail = f", {self.skipped} skipped" if self.skipped else ""
        print(f"{self.passed} passed, {self.failed} failed{tail}", flush=True)
        return 0 if self.failed == 0 and self.passed > 0 else 1


class Programs:
    """The release programs, a scratch directory, and everything started, ended at exit."""

    def __init__(self, bin_dir):
        self.bin = os.path.abspath(bin_dir)
        self.scratch = tempfile.mkdtemp(prefix="coffret-e2e-")
        self.runtime = os.path.join(self.scratch, "run")
        os.mkdir(self.runtime, 0o700)
        self.env = {"PATH": os.environ["PATH"], "HOME": self.scratch, "LANG": "fr_FR.UTF-8",
                    "XDG_RUNTIME_DIR": self.runtime, "TZ": "Europe/Paris"}
        self.started = []
        self.vaults = []
        self.mounted = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for vault in self.vaults:
            vault.run("stop", check=False)
        for process in self.started:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.started:
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for place in reversed(self.mounted):
            subprocess.run(["umount", place], check=False)
        shutil.rmtree(self.scratch, ignore_errors=True)

    def path(self, *parts):
        return os.path.join(self.scratch, *parts)

    def program(self, name):
        return os.path.join(self.bin, name)

    def file(self, name, content):
        path = self.path(name)
        with open(path, "w", encoding="utf-8") as out:
            out.write(content)
        return path

    def disk(self, name, kib):
        """A small disk of its own, mounted on a folder of this name."""
        place = self.path(name)
        os.mkdir(place, 0o700)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kib}k,mode=700", "none", place],
                       check=True)
        self.mounted.append(place)
        return place

    def resize(self, place, kib):
        subprocess.run(["mount", "-o", f"remount,size={kib}k", place], check=True)

    def read_only(self, place, yes=True):
        subprocess.run(["mount", "-o", "remount,ro" if yes else "remount,rw", place], check=True)

    def start(self, *command, **more_env):
        """Starts a program that says it is ready by one line of JSON; returns (process, line)."""
        log = open(self.path(f"log-{len(self.started)}.txt"), "wb")
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=log, env={**self.env, **more_env})
        log.close()
        self.started.append(process)
        line = process.stdout.readline()
        if not line:
            with open(log.name, encoding="utf-8", errors="replace") as told:
                raise Failed(f"{command[0]} did not start: {told.read()}")
        return process, json.loads(line)

    def log_of(self, process):
        with open(self.path(f"log-{self.started.index(process)}.txt"), encoding="utf-8") as log:
            return log.read()

    def logs(self):
        return [self.path(n) for n in os.listdir(self.scratch) if n.startswith("log-")]

    def vault(self, name="vault", lang=None):
        vault = Vault(self, self.path(name), lang)
        self.vaults.append(vault)
        return vault


class Server:
    """A coffret-server with its data in the scratch directory."""

    def __init__(self, programs, name="server", country="FR", port=0, serve=()):
        self.programs = programs
        self.data = programs.path(name)
        self.serve_flags = list(serve)
        self.admin("init", "--name", "Association Exemple", "--country", country,
                   "--contact", "contact@association.example")
        self.port = port
        self.start()

    def admin(self, *words, parse=True):
        command = [self.programs.program("coffret-server"), *words[0].split(), "--data", self.data,
                   *words[1:], "--json"]
        done = subprocess.run(command, capture_output=True, env=self.programs.env, timeout=60)
        if done.returncode != 0:
            raise Failed(f"{command}: {done.returncode} {done.stdout} {done.stderr}")
        lines = [json.loads(line) for line in done.stdout.decode().splitlines() if line.strip()]
        return lines if parse else done.stdout

    def start(self, **more_env):
        self.process, self.ready = self.programs.start(
            self.programs.program("coffret-server"), "serve", "--data", self.data,
            "--listen", f"127.0.0.1:{self.port}", "--admin", "127.0.0.1:0", *self.serve_flags,
            **more_env)
        self.url = self.ready["url"]
        self.fingerprint = self.ready["fingerprint"]
        self.port = self.port or int(self.url.rstrip("/").rsplit(":", 1)[1])

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=70)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def log(self):
        return self.programs.log_of(self.process)

    def invite_file(self, name="invite.txt", *flags):
        return self.programs.file(name, self.admin("invite", *flags)[0]["code"] + "\n")


class Vault:
    """A patient's vault, driven by the coffret command as a person would."""

    def __init__(self, programs, directory, lang=None):
        self.programs = programs
        self.directory = directory
        self.lang = lang
        self.more_env = {}
        self.passphrase = programs.file(os.path.basename(directory) + ".pass", PASSPHRASE + "\n")

    def run(self, *words, check=True, stdin=None, json_out=True, timeout=300):
        """Runs a command; returns (exit status, list of JSON lines, raw output, errors)."""
        command = [self.programs.program("coffret"), "--vault", self.directory]
        if json_out:
            command.append("--json")
        if self.lang:
            command += ["--lang", self.lang]
        command += [*words]
        done = subprocess.run(command, capture_output=True, timeout=timeout,
                              env={**self.programs.env, **self.more_env},
                              **({"input": stdin} if stdin is not None
                                 else {"stdin": subprocess.DEVNULL}))
        rows = []
        if json_out:
            for line in done.stdout.decode("utf-8").splitlines():
                if line.strip():
                    rows.append(json.loads(line))
        if check and done.returncode != 0:
            raise Failed(f"coffret {' '.join(words)}: exit {done.returncode}\n"
                         f"{done.stdout.decode('utf-8', 'replace')}\n"
                         f"{done.stderr.decode('utf-8', 'replace')}")
        return Done(done.returncode, rows, done.stdout, done.stderr)

    def init(self, owner="Camille EXEMPLE"):
        self.recovery = self.directory + ".recovery"
        return self.run("init", "--owner", owner, "--passphrase-file", self.passphrase,
                        "--recovery-out", self.recovery).one()

    def unlock(self):
        return self.run("unlock", "--passphrase-file", self.passphrase).one()

    def join(self, server):
        return self.run("server", "join", server.url, "--invite-file", server.invite_file(),
                        "--yes").one()


def daemons_of(vault):
    """Process ids of coffretd for this vault."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
        except OSError:
            continue
        if words[0].endswith(b"coffretd") and vault.directory.encode() in words:
            found.append(int(pid))
    return found


class Done:
    def __init__(self, status, rows, out, err):
        self.status, self.rows, self.out, self.err = status, rows, out, err

    def one(self):
        if not self.rows:
            raise Failed(f"nothing was answered: {self.err!r}")
        return self.rows[-1]

    def code(self):
        """The stable code of the error that was answered."""
        return self.one().get("error", {}).get("code")


def canaries():
    """The words that must never be seen outside the vault."""
    with open(os.path.join(ROOT, "tools/demo/canaries.txt"), encoding="utf-8") as file:
        lines = [line.strip() for line in file]
    return [line for line in lines if line and not line.startswith("#")]


def forms_of(word):
    """The byte forms a word could hide in."""
    raw = word.encode("utf-8")
    return {raw, raw.lower(), raw.upper(), word.encode("utf-16-le"),
            word.encode("latin-1", "ignore"), raw.hex().encode()}


def find_words(path, words):
    """(file, word) for every word found in any file under path."""
    found = []
    paths = [path]
    if os.path.isdir(path):
        paths = [os.path.join(folder, name) for folder, _, names in os.walk(path) for name in names]
    for one in paths:
        if not os.path.isfile(one) or os.path.islink(one):
            continue
        with open(one, "rb") as file:
            content = file.read()
        found += [(one, word) for word in words
                  if any(form and form in content for form in forms_of(word))]
    return found


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


class Beacon:
    """Whoever connects was called by a file or an answer that must call nobody."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}/"
        self.calls = 0
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            try:
                self.socket.accept()[0].close()
            except OSError:
                return
            self.calls += 1


class RecordingProxy:
    """Ends TLS in front of a server that speaks clear HTTP on loopback, and keeps every byte that
    the TLS carried, both ways: what the wire would show to whoever broke TLS. Behind something that
    has ended it already, it is clear on both sides."""

    def __init__(self):
        self.recorded = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    def serve(self, certificate, key, target_port):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_cert_chain(certificate, key)
        self._start(context, target_port)

    def serve_clear(self, target_port):
        self._start(None, target_port)

    def _start(self, context, target_port):
        self.context = context
        self.target_port = target_port
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                raw, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(raw,), daemon=True).start()

    def _serve(self, raw):
        try:
            client = self.context.wrap_socket(raw, server_side=True) if self.context else raw
            target = socket.create_connection(("127.0.0.1", self.target_port))
        except OSError:
            raw.close()
            return
        back = threading.Thread(target=self._copy, args=(target, client), daemon=True)
        back.start()
        self._copy(client, target)
        back.join()
        client.close()
        target.close()

    def _copy(self, source, sink):
        try:
            while data := source.recv(65536):
                self.recorded.append(data)
                sink.sendall(data)
        except OSError:
            pass
        try:
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def bytes(self):
        return b"".join(self.recorded)

    def close(self):
        self.listener.close()
