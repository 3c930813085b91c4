#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""The server cannot open what it keeps: no symbol of its code would let it.

usage: check_symbols.py FILE…      exit status 1, one line per symbol that must not be there

FILE is a program, a library or an object of the sync wing. Every symbol counts, defined or only
referred to, from the link editor's table (nm) and the loader's (nm -D). What OpenSSL does inside
its own shared library for TLS is not in these tables: only what our code asks for is.
"""
import re
import subprocess
import sys

FORBIDDEN = [
    re.compile(r"\bcrypto_(aead|secretbox|secretstream|box).*(open|decrypt|pull)"),
    re.compile(r"\bsqlite3_key"),
    re.compile(r"\bsqlite3_rekey"),
    re.compile(r"\bEVP_(Decrypt|CipherInit|PKEY_decrypt|OpenInit)"),
    re.compile(r"\bcoffret::(crypto|store|grants|redeem)::"),
]


def names(path, dynamic):
    """The demangled symbol names of one file."""
    command = ["nm", "-C", "-P"] + (["-D"] if dynamic else []) + [path]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode != 0 and not dynamic:
        raise OSError(f"{path}: {run.stderr.strip()}")
    return [line for line in run.stdout.splitlines() if line and not line.endswith("]:")]


def breaches_of(path):
    """Returns the sorted names in one file that must not be there; an empty file proves nothing."""
    plain = names(path, dynamic=False)
    if not plain:
        raise OSError(f"{path}: no symbols (stripped?): nothing can be concluded")
    return sorted(
        {name for name in plain + names(path, dynamic=True) if any(p.search(name) for p in FORBIDDEN)}
    )


def main(arguments):
    if not arguments:
        print(__doc__, file=sys.stderr)
        return 2
    status = 0
    for path in arguments:
        try:
            found = breaches_of(path)
        except OSError as problem:
            print(problem)
            status = 1
            continue
        for name in found:
            print(f"{path}: {name}")
            status = 1
    print(f"{len(arguments)} files read: " + ("they cannot open anything" if status == 0 else "REFUSED"))
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
