#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""The server, the network and the clocks turn against the vault: another server in its place, an
old copy of it, two copies at once, nobody there, a cable that is cut, time that jumps. Each time: a
stable code, the exit status of the contract, a sentence in both languages, and nothing lost."""
import datetime
import os
import shutil
import socket
import ssl
import sys
import threading
import time

from crash import notes
from harness import (DOCUMENTS, FAKETIME, Programs, Server, Suite, expect, moved_clock, refused)
from machine_fails import digests, in_order, large_notes

CONNECT_SECONDS = 10  # the deadline of sync/http/client.hpp


class InItsPlace:
    """Listens where the server was, and does what it is told with who comes."""

    def __init__(self, port, receive):
        self.listener = socket.create_server(("127.0.0.1", port))
        self.receive = receive
        self.held = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                raw, _ = self.listener.accept()
            except OSError:
                return
            self.held.append(raw)
            threading.Thread(target=self._one, args=(raw,), daemon=True).start()

    def _one(self, raw):
        try:
            self.receive(raw)
        except OSError:
            pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for raw in self.held:
            raw.close()


class Cable:
    """Carries bytes to a server until its measure is full; then every connection is dead, old and
    new, until it is mended."""

    def __init__(self, target_port):
        self.target_port = target_port
        self.measure = None
        self.carried = 0
        self.lock = threading.Lock()
        self.ends = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_after(self, measure):
        with self.lock:
            self.measure, self.carried = measure, 0

    def mend(self):
        self.cut_after(None)

    def _allowed(self, size):
        with self.lock:
            left = size if self.measure is None else max(0, self.measure - self.carried)
            self.carried += size
            return min(size, left)

    def _accept(self):
        while True:
            client, _ = self.listener.accept()
            if self._allowed(1) == 0:
                self._kill(client)
                continue
            server = socket.create_connection(("127.0.0.1", self.target_port))
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self._copy, args=(source, sink), daemon=True).start()

    @staticmethod
    def _kill(*sockets):
        for one in sockets:
            try:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            one.close()

    def _copy(self, source, sink):
        try:
            while data := source.recv(16384):
                allowed = self._allowed(len(data))
                sink.sendall(data[:allowed])
                if allowed < len(data):
                    break
        except OSError:
            pass
        self._kill(source, sink)


class OtherServers:
    def __init__(self, programs):
        self.programs = programs
        self.server = Server(programs)
        self.vault = programs.vault("turned")
        self.vault.init()
        self.vault.run("import", DOCUMENTS)
        self.vault.join(self.server)
        self.vault.run("sync")

    def stored(self, server=None):
        stats = (server or self.server).admin("stats")[0]
        return stats["accounts"], stats["objects"], stats["entries"]

    def another_identity(self):
        self.server.stop()
        impostor = Server(self.programs, name="impostor", port=self.server.port)
        self.vault.run("import", self.programs.file("new.txt", "une note de plus"))
        one = self.vault.run("list").rows[0]["id"]
        before = state_of(self.vault)
        refused(self.vault, 7, "key_changed", "sync")
        refused(self.vault, 7, "key_changed", "grant", "create", "--to", "X", "--for", "1h",
                "--document", one)
        expect(self.stored(impostor) == (0, 0, 0), f"nothing was pushed: {self.stored(impostor)}")
        expect(state_of(self.vault) == before, "and nothing changed here")
        impostor.stop()
        self.server.start()
        self.vault.run("sync")
        in_order(self.vault, "--against-server")

    def rolled_back(self):
        self.server.stop()
        old, kept = self.programs.path("server.old"), self.programs.path("server.kept")
        shutil.copytree(self.server.data, old)
        self.server.start()
        self.vault.run("import", self.programs.file("later.txt", "une note plus tardive"))
        self.vault.run("sync")
        before = state_of(self.vault)
        self.server.stop()
        os.rename(self.server.data, kept)
        os.rename(old, self.server.data)
        self.server.start()
        counts = self.stored()
        refused(self.vault, 7, "server_rolled_back", "sync")
        expect(self.stored() == counts, "nothing was pushed onto it")
        after = state_of(self.vault)
        expect(after == before, f"nothing changed here: {before} {after}")
        in_order(self.vault)
        self.vault.run("stop")
        self.vault.unlock()
        refused(self.vault, 7, "server_rolled_back", "sync", languages=False)
        self.server.stop()
        shutil.rmtree(self.server.data)
        os.rename(kept, self.server.data)
        self.server.start()
        self.vault.run("sync")
        in_order(self.vault, "--against-server")

    def forked(self):
        second = self.programs.vault("second")
        second.run("rebuild", "--from-server", self.server.url, "--pin", self.server.fingerprint,
                   "--recovery-file", self.vault.recovery, "--passphrase-file", second.passphrase)
        second.run("sync")
        self.vault.run("sync")
        self.server.stop()
        left, right = self.programs.path("server.left"), self.programs.path("server.right")
        shutil.copytree(self.server.data, right)
        os.rename(self.server.data, left)

        def serve(which):
            if os.path.islink(self.server.data):
                self.server.stop()
                os.remove(self.server.data)
            os.symlink(which, self.server.data)
            self.server.start()

        serve(left)
        self.vault.run("import", self.programs.file("left.txt", "à gauche"))
        self.vault.run("sync")
        serve(right)
        for n in range(2):  # once as long as the left history, once longer
            second.run("import", self.programs.file(f"right-{n}.txt", f"à droite {n}"))
            second.run("sync")
            refused(self.vault, 7, "fork_detected", "sync", languages=n == 0)
            in_order(self.vault)
        serve(left)
        self.vault.run("sync")
        refused(second, 7, "server_rolled_back", "sync")
        self.vault.run("import", notes(self.programs, 3, "left-more"))
        self.vault.run("sync")
        refused(second, 7, "fork_detected", "sync")
        ours, theirs = digests(self.vault), digests(second)
        expect(len(ours - theirs) == 4 and len(theirs - ours) == 2, "both histories are kept, apart")
        in_order(second)
        second.run("stop")
        self.server.stop()
        os.remove(self.server.data)
        os.rename(left, self.server.data)
        self.server.start()

    def nobody(self):
        self.vault.run("import", self.programs.file("waiting.txt", "une note qui attend"))
        self.server.stop()
        before = state_of(self.vault)
        one = self.vault.run("list").rows[0]["id"]
        refused(self.vault, 8, "server_unreachable", "sync")
        refused(self.vault, 8, "server_unreachable", "grant", "create", "--to", "X", "--for", "1h",
                "--document", one, languages=False)
        tls = [os.path.join(self.server.data, "tls", name) for name in ("certificate.pem",
                                                                       "key.pem")]
        old_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        old_tls.load_cert_chain(*tls)
        old_tls.minimum_version = ssl.TLSVersion.TLSv1_2
        old_tls.maximum_version = ssl.TLSVersion.TLSv1_2
        spoken = []

        def speak_old_tls(raw):
            try:
                spoken.append(old_tls.wrap_socket(raw, server_side=True).version())
            except (ssl.SSLError, OSError) as problem:
                spoken.append(str(problem))

        def speak_clear(raw):
            raw.recv(4096)
            raw.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

        for receive in (speak_old_tls, speak_clear, lambda raw: raw.close()):
            with InItsPlace(self.server.port, receive):
                refused(self.vault, 8, "server_unreachable", "sync")
        expect(spoken and "TLSv1.2" not in spoken, f"TLS 1.2 is not spoken: {spoken}")
        with InItsPlace(self.server.port, lambda raw: None):  # a black hole
            began = time.time()
            refused(self.vault, 8, "server_unreachable", "sync", languages=False)
            expect(time.time() - began < CONNECT_SECONDS + 15, "within the deadline")
        expect(state_of(self.vault) == before, "nothing changed here")
        self.server.start()
        self.vault.run("sync")
        in_order(self.vault, "--against-server")

    def expired_invite(self):
        late = self.programs.vault("late")
        late.init()
        invite = self.server.invite_file("late.invite", "--for", "1s")
        time.sleep(2.1)  # expiry is the thing tested
        refused(late, 6, "invite_expired", "server", "join", self.server.url, "--invite-file",
                invite, "--yes")
        expect(late.run("status").one()["server"] is None, "not joined")
        late.join(self.server)
        late.run("stop")


class CutCable:
    """What an interrupted sync leaves is gone on with, byte for byte, once each."""

    MEASURES = (0, 1, 700, 9_000, 90_000, 400_000, 1_500_000)

    def __init__(self, programs):
        self.programs = programs
        self.server = Server(programs, name="far")
        self.cable = Cable(self.server.port)
        self.vault = programs.vault("cut")
        self.vault.init()
        self.vault.run("server", "join", self.cable.url, "--invite-file",
                       self.server.invite_file(), "--yes")

    def through_cuts(self, vault):
        """Syncs with the cable cut later and later; then whole. Returns how often it was cut."""
        cuts = 0
        for measure in self.MEASURES:
            self.cable.cut_after(measure)
            done = vault.run("sync", check=False)
            expect(done.status == 0 or (done.status == 8 and done.code() in
                                        ("server_unreachable", "timed_out")),
                   f"cut after {measure}: {done.rows}")
            cuts += done.status == 8
            vault.run("list")
        self.cable.cut_after(500)
        if cuts < len(self.MEASURES):
            cuts += vault.run("sync", check=False).status == 8
        self.cable.mend()
        vault.run("sync")
        return cuts

    def pushing(self):
        self.vault.run("import", notes(self.programs, 40, "sent"),
                       large_notes(self.programs, "sent-large", 2))
        self.vault.run("sync", "--lang", "fr", check=False)
        self.vault.run("import", notes(self.programs, 40, "sent-too"),
                       large_notes(self.programs, "sent-large-too", 2, 2_000_000))
        cuts = self.through_cuts(self.vault)
        expect(cuts >= 5, f"it was cut {cuts} times")
        documents = self.vault.run("list").rows
        stats = self.server.admin("stats")[0]
        head = self.vault.run("status").one()
        expect(stats["objects"] == len(documents) and stats["entries"] == head["head"]["seq"] and
               head["pending"] == 0, f"each object and entry once: {stats} {head}")
        in_order(self.vault, "--against-server")

    def pulling(self):
        second = self.programs.vault("cut-second")
        second.run("rebuild", "--from-server", self.cable.url, "--pin", self.server.fingerprint,
                   "--recovery-file", self.vault.recovery, "--passphrase-file", second.passphrase)
        expect(digests(second) == digests(self.vault), "rebuilt, the same bytes")
        self.vault.run("sync")
        self.vault.run("import", notes(self.programs, 40, "fetched"),
                       large_notes(self.programs, "fetched-large", 2, 2_200_000))
        self.vault.run("sync")
        cuts = self.through_cuts(second)
        expect(cuts >= 4, f"it was cut {cuts} times")
        expect(digests(second) == digests(self.vault), "the same bytes")
        in_order(second, "--against-server")
        second.run("stop")


class Clocks:
    def __init__(self, programs):
        self.programs = programs
        self.server = Server(programs, name="timely")
        self.vault = programs.vault("timely-vault")
        self.vault.init()
        self.vault.run("import", DOCUMENTS)
        self.vault.join(self.server)
        self.one = self.vault.run("list").rows[0]["id"]
        self.reader = programs.vault("reader")  # who redeems has a clock of their own

    def redeem(self, shared, *, status=0, code=None):
        words = ["redeem", "@" + self.programs.file("clock.link", shared["link"]), "--out",
                 self.programs.path("clock.out")]
        if code:
            refused(self.reader, status, code, *words)
        else:
            self.reader.run(*words)

    def share(self, duration="1h"):
        return self.vault.run("grant", "create", "--to", "Dr Heure", "--for", duration,
                              "--document", self.one).one()

    def at_home(self):
        for shift in ("-1d", "+1d", "-10y", "+10y"):
            self.vault.run("stop")
            self.vault.more_env = moved_clock(shift)
            self.vault.unlock()
            self.vault.run("import", self.programs.file(f"at{shift}.txt", f"une note, {shift}"))
            expect(self.vault.run("sync").one()["pushed"] >= 1, f"{shift}: syncs")
            shared = self.share()
            left = (datetime.datetime.fromisoformat(shared["expires_at"].replace("Z", "+00:00")) -
                    datetime.datetime.now(datetime.timezone.utc)).total_seconds()
            expect(3500 < left < 3610, f"{shift}: an hour of the server's: {shared}")
            self.redeem(shared)
            state = self.vault.run("grant", "show", shared["id"]).one()["state"]
            expect(state == "live", f"{shift}: the server's word on its state: {state}")
            ended = self.vault.run("grant", "revoke", shared["id"]).one()
            expect(ended["state"] == "revoked", f"{shift}: {ended}")
            self.redeem(shared, status=6, code="link_not_active")
        self.vault.run("stop")
        self.vault.more_env = {}
        self.vault.unlock()
        self.vault.run("sync")
        in_order(self.vault, "--against-server")

    def of_the_server(self):
        short, long = self.share("3d"), self.share("7d")
        self.server.stop()
        self.server.start(**moved_clock("+2d"))
        self.redeem(long)
        self.redeem(short)
        self.server.stop()
        self.server.start(**moved_clock("+4d"))
        self.redeem(short, status=6, code="link_not_active")
        self.redeem(long)
        self.server.stop()
        self.server.start()
        # Behind what it durably saw: it opens nothing, and the rest goes on. What had ended stays so.
        self.redeem(long, status=6, code="clock_refused")
        self.redeem(short, status=6, code="link_not_active")
        self.vault.run("import", self.programs.file("behind.txt", "une note malgré tout"))
        expect(self.vault.run("sync").one()["pushed"] >= 1, "a wrong clock blocks no sync")
        self.server.stop()
        self.server.start(**moved_clock("+5d"))
        self.redeem(long)
        ended = self.vault.run("grant", "revoke", long["id"]).one()
        expect(ended["state"] == "revoked", f"{ended}")
        self.redeem(long, status=6, code="link_not_active")
        lines = self.vault.run("access-log", "--grant", long["id"]).rows
        expect([r["outcome"] for r in lines].count("delivered") == 3, f"three openings: {lines}")


def state_of(vault):
    """All of its status but how far the reading of scanned pages is, which goes on by itself, and
    how the last sync ended, which is what is being tried."""
    status = vault.run("status").one()
    del status["ocr"], status["sync_stopped"]
    return status


def run_all(suite, group, *tests):
    for sentence, body in tests:
        suite.test(sentence, body)
    for vault in group.programs.vaults:
        vault.run("stop", check=False)


def main():
    suite = Suite()
    started = time.time()
    with Programs(sys.argv[1]) as programs:
        others = OtherServers(programs)
        run_all(suite, others,
                ("another identity at the same address gets nothing", others.another_identity),
                ("a server put back to an old copy is found out", others.rolled_back),
                ("two copies of a server with two histories are found out", others.forked),
                ("nobody there, a black hole, old TLS, no TLS", others.nobody),
                ("an expired invite", others.expired_invite))
        cut = CutCable(programs)
        run_all(suite, cut,
                ("a cable cut while pushing: it goes on, each object once", cut.pushing),
                ("a cable cut while pulling: it goes on, byte for byte", cut.pulling))
        if FAKETIME:
            clocks = Clocks(programs)
            run_all(suite, clocks,
                    ("a wrong clock at home blocks nothing; the server's counts", clocks.at_home),
                    ("a server behind its own past opens no link", clocks.of_the_server))
        else:
            suite.skip("moved clocks", "libfaketime is not installed")
    print(f"{time.time() - started:.0f} s")
    return suite.close()


if __name__ == "__main__":
    sys.exit(main())
