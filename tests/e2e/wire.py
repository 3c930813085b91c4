#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""The bytes under TLS: a proxy that ends TLS with the server's own key records everything between
vault, caregiver and server, while the main job is done; no word of the documents is in it."""
import os
import sys

from harness import (DOCUMENTS, Programs, RecordingProxy, Server, Suite, canaries, expect, forms_of,
                     free_port)


def record(programs):
    proxy = RecordingProxy()
    url = f"https://127.0.0.1:{proxy.port}"
    server = Server(programs, port=free_port(),
                    serve=["--behind-proxy", "127.0.0.1", "--public-url", url])
    tls = [os.path.join(server.data, "tls", name) for name in ("certificate.pem", "key.pem")]
    proxy.serve(*tls, server.port)
    vault = programs.vault()
    vault.init()
    vault.run("import", DOCUMENTS)
    vault.run("server", "join", url, "--invite-file", server.invite_file(), "--yes")
    vault.run("sync")
    ids = [row["id"] for row in vault.run("list").rows]
    for delivery in ("link", "shl"):
        shared = vault.run("grant", "create", "--to", "Dr Alice Martin", "--for", "1h",
                           "--delivery", delivery, "--document", ids[0]).one()
        link = programs.file("link", shared["link"])
        vault.run("redeem", "@" + link, "--as", "Dr Alice Martin", "--out",
                  programs.path("got-" + delivery))
    vault.run("access-log")
    second = programs.vault("second")
    second.run("rebuild", "--from-server", url, "--pin", server.fingerprint, "--recovery-file",
               vault.recovery, "--passphrase-file", second.passphrase)
    proxy.close()
    return proxy.bytes()


def main():
    suite = Suite()
    with Programs(sys.argv[1]) as programs:
        wire = b""

        def recorded():
            nonlocal wire
            wire = record(programs)
            expect(len(wire) > 500_000 and b"HTTP/1.1 200" in wire, f"{len(wire)} bytes recorded")

        def silent():
            found = [word for word in canaries() for form in forms_of(word) if form in wire]
            expect(wire and not found, f"seen on the wire: {found}")

        suite.test("the main job goes through a recording proxy", recorded)
        suite.test("no word of the documents is on the wire", silent)
    return suite.close()


if __name__ == "__main__":
    sys.exit(main())
