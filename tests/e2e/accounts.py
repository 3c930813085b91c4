#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""The operator's accounts, beside a server that runs: list, show, quota, suspend, erase."""
import json
import os
import pty
import socket
import ssl
import subprocess
import sys
import time

from harness import DOCUMENTS, Failed, Programs, Server, Suite, expect


def blobs(server):
    """Every file of the server's object store."""
    return [name for folder in ("objects", "uploads")
            for _, _, names in os.walk(os.path.join(server.data, folder)) for name in names]


def awaited(holds):
    """Whether it comes true: beside a running server, its next sweep removes the files (30 s)."""
    end = time.monotonic() + 90
    while not holds() and time.monotonic() < end:
        time.sleep(0.5)
    return holds()


class Accounts:
    def __init__(self, programs):
        self.programs = programs
        self.server = Server(programs)
        self.vaults = []
        for name in ("camille", "bruno"):
            vault = programs.vault(name)
            vault.init()
            vault.run("import", os.path.join(DOCUMENTS, "notes.txt"))
            vault.join(self.server)
            vault.run("sync")
            self.vaults.append(vault)
        self.camille, self.bruno = self.vaults
        self.id = {v.directory: v.run("status").one()["vault"] for v in self.vaults}

    def account(self, *words, parse=True):
        """`coffret-server account WORD --data … REST --json`"""
        command = [self.programs.program("coffret-server"), "account", words[0], "--data",
                   self.server.data, *words[1:], "--json"]
        done = subprocess.run(command, capture_output=True, env=self.programs.env, timeout=60,
                              stdin=subprocess.DEVNULL)
        return done if not parse else self.rows(done)

    @staticmethod
    def rows(done):
        if done.returncode != 0:
            raise Failed(f"{done.args}: {done}")
        return [json.loads(line) for line in done.stdout.decode().splitlines()]

    def of(self, vault):
        return self.account("show", self.id[vault.directory])[0]

    def share(self, vault):
        document = vault.run("list").rows[0]["id"]
        return vault.run("grant", "create", "--to", "Dr Alice Martin", "--for", "7d",
                         "--document", document).one()

    def redeem(self, shared, out):
        path = self.programs.file("link", shared["link"])
        return self.camille.run("redeem", "@" + path, "--out", self.programs.path(out), check=False)

    def listed(self):
        rows = self.account("list")
        expect({r["vault"] for r in rows} == set(self.id.values()), f"{rows}")
        for row in rows:
            expect(row["used"] > 0 and row["entries"] > 0 and row["suspended"] is False, f"{row}")
            expect(self.account("show", row["account"][:8]) == [row], "shown by its beginning")
        refused = self.account("show", "nosuchaccount", parse=False)
        expect(refused.returncode == 3 and b'"not_found"' in refused.stdout, f"{refused}")

    def quota(self):
        row = self.account("quota", self.id[self.camille.directory], "70000")[0]
        expect(row["quota"] == 70000, f"{row}")
        path = self.programs.file("grand.txt", "un document de plus " * 8000)
        self.camille.run("import", path)
        full = self.camille.run("sync", check=False)
        expect(full.status == 6 and full.code() == "over_quota", f"{full.rows}")
        self.account("quota", self.id[self.camille.directory], "1GiB")
        self.camille.run("sync")
        refused = self.account("quota", self.id[self.camille.directory], "beaucoup", parse=False)
        expect(refused.returncode == 2 and b"2GiB" in refused.stdout, f"{refused}")
        for flag, value in (("--quota", "12"), ("--quota", "beaucoup"), ("--for", "demain")):
            refused = subprocess.run(
                [self.programs.program("coffret-server"), "invite", "--data", self.server.data,
                 flag, value, "--json"], capture_output=True, env=self.programs.env, timeout=60)
            expect(refused.returncode == 2 and flag.encode() in refused.stdout, f"{refused}")

    def suspended(self):
        shared = self.share(self.camille)
        row = self.account("suspend", self.id[self.camille.directory])[0]
        expect(row["suspended"] is True, f"{row}")
        for words in (["sync"], ["access-log"], ["grant", "revoke", shared["id"]]):
            refused = self.camille.run(*words, check=False)
            expect(refused.status == 6 and refused.code() == "account_suspended",
                   f"{words}: {refused.rows}")
        self.camille.lang = "fr"
        said = self.camille.run("sync", check=False, json_out=False).err.decode()
        self.camille.lang = None
        expect("suspendu" in said, said)
        closed = self.redeem(shared, "closed")
        expect(closed.code() == "link_not_active", f"{closed.rows}")
        self.bruno.run("sync")
        row = self.account("suspend", self.id[self.camille.directory], "--resume")[0]
        expect(row["suspended"] is False, f"{row}")
        self.camille.run("sync")
        # The end that was asked for during the suspension was not forgotten.
        states = {r["id"]: r["state"] for r in self.camille.run("grant", "list").rows}
        expect(states[shared["id"]] == "revoked", f"{states}")
        again = self.share(self.camille)
        expect(self.redeem(again, "open").status == 0, "a new link opens")

    def erased(self):
        shared = self.share(self.camille)
        wanted = self.id[self.camille.directory]
        before = len(blobs(self.server))
        refused = self.account("erase", wanted, parse=False)
        expect(refused.returncode == 2 and b'"not_confirmed"' in refused.stdout, f"{refused}")
        expect(self.typed_erase(wanted, "autre chose") == 2, "the wrong name erases nothing")
        expect(len(self.account("list")) == 2, "nothing was erased yet")
        account = self.of(self.camille)["account"]
        expect(self.typed_erase(wanted, account) == 0, "the account's name, typed, erases it")
        rows = self.account("list")
        expect([r["vault"] for r in rows] == [self.id[self.bruno.directory]], f"{rows}")
        expect(awaited(lambda: len(blobs(self.server)) < before), "its objects are gone")
        expect(blobs(self.server), "the other's are not")
        expect(self.redeem(shared, "gone").code() == "link_not_active", "its links are gone")
        late = self.camille.run("sync", check=False)
        expect(late.status != 0 and late.code() != "internal", f"{late.rows}")
        self.bruno.run("sync")
        self.account("erase", self.id[self.bruno.directory], "--yes")
        expect(not self.account("list"), "nobody is left")
        expect(awaited(lambda: not blobs(self.server)), f"{blobs(self.server)}")

    def typed_erase(self, wanted, answer):
        """On a terminal, where the operator types the account's identifier."""
        master, terminal = pty.openpty()
        command = [self.programs.program("coffret-server"), "account", "erase", "--data",
                   self.server.data, wanted]
        with subprocess.Popen(command, stdin=terminal, stdout=terminal, stderr=terminal,
                              env=self.programs.env) as process:
            os.close(terminal)
            os.write(master, answer.encode() + b"\n")
            status = process.wait(timeout=60)
        os.close(master)
        return status

    def one_server_for_one_directory(self):
        for language, words in (("fr", "dossier de données de ce serveur"), ("en", "This server's")):
            done = subprocess.run([self.programs.program("coffret-server"), "serve", "--data",
                                   self.server.data, "--listen", "127.0.0.1:0", "--lang", language],
                                  capture_output=True, env=self.programs.env, timeout=60)
            expect(done.returncode == 5 and words in done.stderr.decode(), f"{done}")

    def strangers_bodies(self):
        """Bodies that nobody signed: many connections of several addresses hold no more than the
        server allows, and a member of another address goes on."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        head = (b"POST /v1/accounts HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\n")
        held, refused = [], 0
        member = self.programs.vault("member")
        member.init()
        member.join(self.server)

        def attack(address, count):
            nonlocal refused
            for _ in range(count):
                raw = socket.create_connection(("127.0.0.1", self.server.port),
                                               source_address=(address, 0), timeout=10)
                one = context.wrap_socket(raw)
                try:
                    one.sendall(head + bytes(4 << 20))
                    one.setblocking(False)
                    held.append(one)
                except OSError:
                    refused += 1

        def resident():
            with open(f"/proc/{self.server.process.pid}/status", encoding="ascii") as file:
                return int(next(line for line in file
                                if line.startswith("VmRSS")).split()[1]) / 1024

        def note(name):
            member.run("import", self.programs.file(name, name + " mesure" * 30_000))
            member.run("sync")

        attack("127.0.0.2", 30)
        note("une-adresse.txt")  # 40 MiB of another address are no matter of ours
        for address in ("127.0.0.3", "127.0.0.4"):
            attack(address, 30)
        one = resident()
        print(f"   {len(held)} connections, {refused} cut, {one:.0f} MB", flush=True)
        expect(one < 200, f"the server holds {one:.0f} MB")
        shown = member.run("check", "--against-server").one()  # small requests pass
        expect(shown["ok"], f"{shown}")
        for connection in held:
            connection.close()
        note("apres.txt")


def main():
    suite = Suite()
    with Programs(sys.argv[1]) as programs:
        accounts = Accounts(programs)
        for sentence, body in (
                ("accounts are listed and shown beside a running server", accounts.listed),
                ("a quota is changed at once", accounts.quota),
                ("a suspended account is refused everything, and its links are closed",
                 accounts.suspended),
                ("an erased account leaves nothing on the disk", accounts.erased),
                ("bodies of strangers fill no memory, and members go on", accounts.strangers_bodies),
                ("a second server on the same data is told what is in use",
                 accounts.one_server_for_one_directory)):
            suite.test(sentence, body)
    return suite.close()


if __name__ == "__main__":
    sys.exit(main())
