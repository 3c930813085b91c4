#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""The walls of the house: who may include whom, and which words stand where.

usage: check_includes.py ROOT      exit status 1, one line per breach, if a wall is broken

A room is the longest prefix of a file's path that ROOMS names. Tests may look everywhere, except
that neither wing's tests may pull in the other's database: no program links both.
"""
import os
import re
import sys

# The table of who may include whom. A room may always include itself.
VAULT_WITHOUT_READER = {
    "vault/backup", "vault/crypto", "vault/paper", "vault/store", "vault/grants", "vault/redeem",
}
ROOMS = {
    "include/coffret": set(),
    "vault/crypto": {"include/coffret"},
    "sync/protocol": {"include/coffret"},
    "sync/http": {"include/coffret"},
    "sync/client": {"include/coffret", "sync/protocol", "sync/http"},
    "vault/reader": {"include/coffret"},
    "vault/store": {"include/coffret", "vault/crypto", "sync/protocol"},
    "vault/backup": {"include/coffret", "vault/crypto", "sync/protocol"},
    "vault/paper": {"include/coffret", "vault/crypto"},
    "vault/grants": {"include/coffret", "vault/crypto", "vault/store", "sync/protocol"},
    "vault/redeem": {"include/coffret", "vault/crypto", "sync/protocol", "sync/client"},
    "vault/daemon": VAULT_WITHOUT_READER
    | {"include/coffret", "sync/protocol", "sync/client", "sync/http"},
    "sync/server": {"include/coffret", "sync/protocol", "sync/http"},
    "tools": {
        "include/coffret", "vault/daemon", "vault/paper", "vault/redeem", "sync/server",
        "sync/protocol",
    },
    # Hands the page's answers to a listener.
    "tools/coffretd": {"include/coffret", "vault/daemon", "sync/http", "tools"},
    # The hostile server: what a server may see, and nothing of the vault.
    "tools/evil": {"include/coffret", "sync/protocol", "sync/http", "tools/system"},
    "tools/evil-server": {"include/coffret", "sync/protocol", "sync/http", "sync/server", "tools"},
    # The one program that understands foreign files, and so the one door to that room.
    "tools/coffret-reader": {"include/coffret", "vault/reader", "tools"},
    # Opens a backup for whoever has nothing else: no daemon, no database.
    "tools/coffret-recover": {
        "include/coffret", "vault/backup", "vault/crypto", "vault/store", "sync/protocol", "tools",
    },
    # A vault with a long log, made by the library itself.
    "tools/log-start": {
        "include/coffret", "vault/crypto", "vault/store", "sync/protocol", "tools",
    },
    "tests": {"include/coffret", "vault", "sync", "tools"},
    "tests/sync": {"include/coffret", "sync", "tools", "tests"},
    "tests/vault": VAULT_WITHOUT_READER
    | {"include/coffret", "vault", "sync/protocol", "sync/client", "sync/http", "tools", "tests"},
    "tests/fuzz": {"include/coffret", "vault", "sync", "tests", "tools/evil"},
    "sync/viewer": set(),
    # Shows a document as the clinician will see it, and shares the design's tokens.
    "vault/page": {"sync/viewer"},
}

# Our own headers that some rooms may not even see.
FORBIDDEN = {
    "coffret/secret.hpp": {"sync/server"},
    "coffret/document.hpp": {"sync/server"},
}

# A library is a tool that is kept in a few rooms. Prefix of the header → places (path prefixes).
# A header that is not listed may be used anywhere.
MAY_USE = {
    "sodium": ("vault/crypto/", "vault/reader/", "sync/protocol/", "sync/client/", "sync/server/"),
    # A tokenizer and a ranking of FTS5 speak SQLite's own interface, and the vocabulary hears of
    # what is undone; keys stay in sqlite.cpp all the same.
    # The baseline measures raw inserts beside the store's, so it goes around the store.
    "sqlite3": (
        "vault/store/sqlite.", "vault/store/tokenizer.", "vault/store/ranking.",
        "vault/store/vocabulary.", "sync/server/", "tools/baseline/",
    ),
    "sqlcipher": (),
    "boost/asio": ("sync/http/", "vault/daemon/", "tools/"),
    "boost/beast": ("sync/http/", "vault/daemon/", "tools/"),
    "openssl/": ("vault/crypto/", "sync/http/", "sync/protocol/", "sync/server/"),
    "libxml/": ("vault/reader/", "tools/coffret-reader/", "vault/daemon/reader_process."),
    "archive": ("vault/reader/", "tools/coffret-reader/", "vault/daemon/reader_process."),
    "seccomp": ("vault/reader/", "tools/coffret-reader/", "vault/daemon/reader_process."),
    "linux/seccomp": ("vault/reader/", "tools/coffret-reader/", "vault/daemon/reader_process."),
    "linux/landlock": ("vault/reader/", "tools/coffret-reader/", "vault/daemon/reader_process."),
    "utf8proc": ("vault/crypto/", "vault/reader/"),
    "ZXing/": ("vault/reader/",),
    "png": ("vault/reader/",),
    "turbojpeg": ("vault/reader/",),
    "qrencode": ("vault/grants/", "vault/paper/"),
    "cereal": ("include/coffret/wire.hpp",),
    # Threads start only where ThreadSanitizer looks (THREADED in tests/run.py).
    "thread": ("sync/client/", "sync/http/", "sync/server/", "vault/daemon/", "tools/"),
    "future": ("sync/client/", "sync/http/", "sync/server/", "vault/daemon/", "tools/"),
    "doctest": (),
}
# What would cost every file that includes a header of ours (style: narrow headers).
NOT_IN_HEADERS = {"boost/asio": ("sync/http/",), "boost/beast": ("sync/http/",), "fmt/": ()}

# Words of code (comments and strings are not read) → places where they may stand.
WORDS = {
    r"\bexpose\s*\(": ("vault/crypto/", "include/coffret/secret.hpp", "vault/store/sqlite.cpp"),
    r"\bsystem_clock\s*::\s*now\b": ("tools/system/",),
    r"\b(?:s?rand|drand48|lrand48)\s*\(": (),
    r"\brandom_device\b": (),
}
EVEN_IN_TESTS = {r"\b(?:s?rand|drand48|lrand48)\s*\(", r"\brandom_device\b"}

TOP = ("include", "vault", "sync", "tools", "tests")
CPP = (".cpp", ".hpp", ".h", ".c", ".cc", ".def")
HEADERS = (".hpp", ".h")
SPDX = "SPDX-License-Identifier: EUPL-1.2"
MUST_NAME_LICENCE = CPP + (".py", ".ts", ".mjs", ".js", ".css", ".html", ".bash")

NOT_CODE = re.compile(
    r'(?P<comment>//[^\n]*|/\*.*?\*/)|R"(?P<tag>[^(\s"]*)\(.*?\)(?P=tag)"'
    r"|\"(?:\\.|[^\"\\\n])*\"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'",
    re.DOTALL,
)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">\n]+)[">]', re.MULTILINE)
GUARD = re.compile(r"^#ifndef (COFFRET_\w+)\n#define (\w+)\n", re.MULTILINE)
TS_IMPORT = re.compile(r"""^[^\n/]*?(?:\bfrom|\bimport)\s*\(?\s*["'](\.[^"']*)["']""", re.MULTILINE)


def blank(text, strings):
    """The text without comments, and without strings if asked; line numbers stay."""

    def keep_lines(match):
        if match.group("comment") is None and not strings:
            return match.group(0)
        return " " + "\n" * match.group(0).count("\n")

    return NOT_CODE.sub(keep_lines, text)


def room_of(path):
    """The longest prefix of path that is a room, or None."""
    parts = path.split("/")
    for length in range(len(parts) - 1, 0, -1):
        if "/".join(parts[:length]) in ROOMS:
            return "/".join(parts[:length])
    return None


def path_of_include(name):
    return "include/" + name if name.startswith("coffret/") else name


def stands_in(path, places):
    return any(path.startswith(place) for place in places)


def allowed(room, target):
    """May a file of `room` include a file of the room `target`?"""
    wings = ROOMS[room]
    return room == target or target in wings or target.split("/")[0] in wings


def check_own_include(path, room, name):
    target = room_of(path_of_include(name))
    if target is None:
        yield f'"{name}" is no full path to a room of ours'
    elif not allowed(room, target):
        yield f"{room} may not include {target}"
    if room in FORBIDDEN.get(name, ()):
        yield f"{room} may not include {name}"


def check_library(path, name):
    tests = path.startswith("tests/")
    for prefix, places in MAY_USE.items():
        if name.startswith(prefix) and not tests and not stands_in(path, places):
            yield f"<{name}> does not belong here, but in: {', '.join(places) or 'tests/'}"
    for prefix, places in NOT_IN_HEADERS.items():
        if name.startswith(prefix) and path.endswith(HEADERS) and not tests:
            if not stands_in(path, places):
                yield f"<{name}> does not belong in a header"
    if room_of(path_of_include(name)) is not None:
        yield f"<{name}> is ours: include it in quotes"


def check_cpp(path, text):
    room = room_of(path)
    if room is None:
        yield 1, "stands in no room of the house"
        return
    code = blank(text, strings=False)
    for match in INCLUDE.finditer(code):
        line = code.count("\n", 0, match.start()) + 1
        kind, name = match.groups()
        found = check_own_include(path, room, name) if kind == '"' else check_library(path, name)
        for what in found:
            yield line, what
    code = blank(text, strings=True)
    for pattern, places in WORDS.items():
        if path.startswith("tests/") and pattern not in EVEN_IN_TESTS:
            continue
        for match in re.finditer(pattern, code):
            if not stands_in(path, places):
                line = code.count("\n", 0, match.start()) + 1
                yield line, f"{match.group(0).strip()} does not belong here"


def check_page(path, text):
    """A page imports from its own folder, from packages and from the rooms it may see."""
    room = room_of(path)
    if room not in ("sync/viewer", "vault/page"):
        return
    for match in TS_IMPORT.finditer(text):
        target = os.path.normpath(os.path.join(os.path.dirname(path), match.group(1)))
        if room_of(target + "/x") not in {room} | ROOMS[room]:
            yield text.count("\n", 0, match.start()) + 1, f"{room} may not import {target}"


def check_file(path, text, guards):
    """Yields (line, what is wrong)."""
    if path.endswith(MUST_NAME_LICENCE) and SPDX not in "\n".join(text.split("\n", 3)[:3]):
        yield 1, f"does not begin with {SPDX}"
    if path.endswith(CPP):
        yield from check_cpp(path, text)
    if path.endswith((".ts", ".mjs", ".js")):
        yield from check_page(path, text)
    if path.endswith(HEADERS):
        guard = GUARD.search(text)
        if guard is None or guard.group(1) != guard.group(2):
            yield 1, "has no include guard COFFRET_…"
        elif guards.setdefault(guard.group(1), path) != path:
            yield 1, f"shares its guard with {guards[guard.group(1)]}"


def files_of(root):
    for top in TOP:
        for folder, folders, names in os.walk(os.path.join(root, top)):
            folders[:] = sorted(f for f in folders if f not in ("node_modules", "corpus"))
            for name in sorted(names):
                yield os.path.relpath(os.path.join(folder, name), root)


def check_tree(root):
    """Returns (the breaches as lines, how many files were read)."""
    breaches, read, guards = [], 0, {}
    for path in files_of(root):
        if not path.endswith(MUST_NAME_LICENCE):
            continue
        with open(os.path.join(root, path), encoding="utf-8") as file:
            text = file.read()
        read += 1
        for line, what in check_file(path, text, guards):
            breaches.append(f"{path}:{line}: {what}")
    return breaches, read


def main(arguments):
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    breaches, read = check_tree(arguments[0])
    for breach in breaches:
        print(breach)
    print(f"walls: {read} files read, {len(breaches)} breaches")
    return 1 if breaches or read == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
