#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""A wall that cannot fall proves nothing: each kind of breach, in a temporary tree, is found."""
import os
import tempfile
import unittest

import check_includes

LICENCE = "// SPDX-License-Identifier: EUPL-1.2\n"
HEADER = LICENCE + "#ifndef COFFRET_X_HPP\n#define COFFRET_X_HPP\n{}\n#endif\n"


def breaches(files):
    """The breaches in a tree of the given files (path → text)."""
    with tempfile.TemporaryDirectory() as root:
        for path, text in files.items():
            full = os.path.join(root, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w", encoding="utf-8") as file:
                file.write(text)
        return check_includes.check_tree(root)[0]


# (what it is, path, text that is refused there)
REFUSED = [
    ("sync includes vault", "sync/server/a.cpp", '#include "vault/store/sqlite.hpp"\n'),
    ("a lower floor includes a higher one", "vault/crypto/a.cpp", '#include "vault/store/s.hpp"\n'),
    ("the daemon includes the reader", "vault/daemon/a.cpp", '#include "vault/reader/r.hpp"\n'),
    ("the ground floor includes a wing", "include/coffret/a.cpp", '#include "sync/http/h.hpp"\n'),
    ("a tool includes the store", "tools/coffret/a.cpp", '#include "vault/store/s.hpp"\n'),
    ("the server sees a secret", "sync/server/a.cpp", '#include "coffret/secret.hpp"\n'),
    ("the server sees a document", "sync/server/a.cpp", '#include "coffret/document.hpp"\n'),
    ("a neighbour by its short name", "sync/server/a.cpp", '#include "routes.hpp"\n'),
    ("ours in angle brackets", "sync/server/a.cpp", "#include <sync/protocol/p.hpp>\n"),
    ("an include with odd spacing", "sync/server/a.cpp", ' #  include"vault/crypto/k.hpp"\n'),
    ("sodium in the store", "vault/store/a.cpp", "#include <sodium.h>\n"),
    ("sqlite beside its one file", "vault/store/fold.cpp", "#include <sqlite3.h>\n"),
    ("sqlite in the grants", "vault/grants/a.cpp", "#include <sqlite3.h>\n"),
    ("Asio in the protocol", "sync/protocol/a.cpp", "#include <boost/asio/awaitable.hpp>\n"),
    ("Beast in the server", "sync/server/a.cpp", "#include <boost/beast/http.hpp>\n"),
    ("Asio in a header", "vault/daemon/a.hpp", HEADER.format("#include <boost/asio/post.hpp>")),
    ("OpenSSL in the store", "vault/store/a.cpp", "#include <openssl/evp.h>\n"),
    ("libxml2 in the daemon", "vault/daemon/a.cpp", "#include <libxml/parser.h>\n"),
    ("libarchive in the daemon", "vault/daemon/a.cpp", "#include <archive.h>\n"),
    ("seccomp in the store", "vault/store/a.cpp", "#include <seccomp.h>\n"),
    ("cereal beside wire.hpp", "sync/protocol/a.cpp", "#include <cereal/cereal.hpp>\n"),
    ("a secret opened", "vault/daemon/a.cpp", "auto k = key.expose();\n"),
    ("a secret opened after a comment", "vault/daemon/a.cpp", "/* why */ key.expose ();\n"),
    ("the real clock", "sync/server/a.cpp", "auto t = std::chrono::system_clock::now();\n"),
    ("rand", "sync/server/a.cpp", "int i = rand();\n"),
    ("rand in a test", "tests/sync/a/a_test.cpp", "int i = rand();\n"),
    ("random_device in a test", "tests/vault/a/a_test.cpp", "std::random_device d;\n"),
    ("vault code in the sync tests", "tests/sync/a/a_test.cpp", '#include "vault/store/s.hpp"\n'),
    ("the server in the vault tests", "tests/vault/a/a_test.cpp", '#include "sync/server/s.hpp"\n'),
    ("a file in no room", "sync/helpers/a.cpp", "int i;\n"),
    ("the clinician's page imports the patient's", "sync/viewer/a.ts",
     'import { x } from "../../vault/page/x";\n'),
    ("the patient's page imports a client", "vault/page/a.ts",
     'import { x } from "../../sync/client/x";\n'),
]

# The same words where they may stand, or where they are no code.
ALLOWED = [
    ("the store may open a secret in one file", "vault/store/sqlite.cpp",
     '#include <sqlite3.h>\n#include "vault/crypto/keys.hpp"\nauto k = key.expose();\n'),
    ("a comment is no code", "sync/server/a.cpp", "// never rand() or key.expose()\n"),
    ("a string is no code", "sync/server/a.cpp", 'auto s = "rand()";\nauto r = R"(expose()")";\n'),
    ("a digit separator opens no string", "sync/server/a.cpp", "int i = 1'000;\nint j = 2'000;\n"),
    ("an include in a comment is none", "sync/server/a.cpp", '/*\n#include "vault/a/a.hpp"\n*/\n'),
    ("a room includes itself", "sync/server/a.cpp", '#include "sync/server/routes.hpp"\n'),
    ("the steady clock", "sync/http/a.cpp", "auto t = std::chrono::steady_clock::now();\n"),
    ("getrandom is the system's own", "tools/system/a.cpp", "auto n = ::getrandom(p, 1, 0);\n"),
    ("a page imports its neighbour and a package", "sync/viewer/a.ts",
     'import { x } from "./x";\nimport * as pdf from "pdfjs-dist/legacy/build/pdf.mjs";\n'),
    ("the patient's page shows what the clinician's does", "vault/page/a.ts",
     'import { x } from "../../sync/viewer/dom";\n'),
]


class Walls(unittest.TestCase):
    def test_each_kind_of_breach_is_found(self):
        for what, path, text in REFUSED:
            with self.subTest(what):
                text = text if text.startswith("//") else LICENCE + text
                found = breaches({path: text})
                self.assertEqual(len(found), 1, found)
                self.assertTrue(found[0].startswith(path + ":"), found)

    def test_what_is_allowed_passes(self):
        for what, path, text in ALLOWED:
            with self.subTest(what):
                self.assertEqual(breaches({path: LICENCE + text}), [])

    def test_the_line_that_is_named_is_the_line(self):
        text = LICENCE + '/* two\nlines */\n#include "vault/store/s.hpp"\n'
        self.assertTrue(breaches({"sync/http/a.cpp": text})[0].startswith("sync/http/a.cpp:4:"))

    def test_a_header_needs_a_guard_of_its_own(self):
        self.assertEqual(len(breaches({"sync/http/a.hpp": LICENCE + "#pragma once\n"})), 1)
        two = {"sync/http/a.hpp": HEADER.format(""), "sync/http/b.hpp": HEADER.format("")}
        self.assertEqual(len(breaches(two)), 1)

    def test_a_source_names_its_licence(self):
        for path in ("sync/http/a.cpp", "tests/walls/a.py", "sync/viewer/a.css"):
            with self.subTest(path):
                self.assertEqual(len(breaches({path: "\n"})), 1)

    def test_an_empty_tree_proves_nothing(self):
        with tempfile.TemporaryDirectory() as root:
            self.assertEqual(check_includes.main([root]), 1)


if __name__ == "__main__":
    unittest.main()
