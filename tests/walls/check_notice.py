#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""NOTICE names everything that is linked or built in, and nothing else; tools/setup installs it.

usage: check_notice.py ROOT [--write]     (--write: make NOTICE; without: compare it)

What is used is read from where it is decided: find_package and pkg_check_modules in CMake, the
includes of headers-only libraries, the dependencies of tools/node/package.json. A library that WORKS does not describe is refused.
"""
import json
import os
import re
import sys

# Name in CMake or npm → (title, licence, copyright, how it is used).
WORKS = {
    "Boost": ("Boost (Asio, Beast, JSON, System, URL)", "BSL-1.0",
              "the Boost authors", "headers compiled in; shared libraries linked"),
    "cereal": ("cereal", "BSD-3-Clause",
               "2013-2022, Randolph Voorhies, Shane Grant", "headers compiled in"),
    "fmt": ("{fmt}", "MIT", "2012-present, Victor Zverovich and {fmt} contributors",
            "headers compiled in; shared library linked"),
    "CLI11": ("CLI11", "BSD-3-Clause", "2017-2022, University of Cincinnati, developed by Henry "
              "Schreiner under NSF AWARD 1414736", "headers compiled in"),
    "tomlplusplus": ("toml++", "MIT", "Mark Gillard", "headers compiled in"),
    "spdlog": ("spdlog", "MIT", "2016-present, Gabi Melman and spdlog contributors",
               "headers compiled in; shared library linked"),
    "OpenSSL": ("OpenSSL 3", "Apache-2.0", "the OpenSSL Project Authors", "shared library linked"),
    "libsodium": ("libsodium", "ISC", "2013-2023, Frank Denis", "shared library linked"),
    "sqlite3": ("SQLite", "public domain", "none", "shared library linked (server)"),
    "sqlcipher": ("SQLCipher (with SQLite, public domain)", "BSD-3-Clause",
                  "2008-2026, ZETETIC LLC",
                  "compiled in from the amalgamation, or shared library linked (vault)"),
    "libxml-2.0": ("libxml2", "MIT", "1998-2012, Daniel Veillard",
                   "shared library linked (reader)"),
    "libarchive": ("libarchive", "BSD-2-Clause", "2003-2018, Tim Kientzle and contributors",
                   "shared library linked (reader)"),
    "libseccomp": ("libseccomp", "LGPL-2.1-only", "Red Hat, Microsoft, Cisco and contributors",
                   "shared library linked"),
    "libutf8proc": ("utf8proc", "MIT", "2014-2021, Steven G. Johnson, Jiahao Chen, Tony Kelman, "
                    "Jonas Fonseca; 2009, 2013, Public Software Group e. V.; "
                    "1991-2007, Unicode, Inc.", "shared library linked"),
    "libqrencode": ("libqrencode", "LGPL-2.1-or-later", "2006-2018, Kentaro Fukuchi",
                    "shared library linked"),
    "libpng": ("libpng", "libpng-2.0", "1995-2022, the PNG Reference Library Authors",
               "shared library linked (reader)"),
    "libturbojpeg": ("libjpeg-turbo", "BSD-3-Clause, IJG and Zlib",
                     "1991-2020, Thomas G. Lane, Guido Vollbeding; 2009-2023, D. R. Commander and "
                     "contributors. This software is based in part on the work of the Independent "
                     "JPEG Group", "shared library linked (reader)"),
    "zxing": ("ZXing-C++", "Apache-2.0",
              "2007-2016, ZXing authors; 2016-2022, Nu-book Inc.; 2017-2022, Axel Waggershauser; "
              "2016, Huy Cuong Nguyen; 2006, Jeremias Maerki", "shared library linked (reader)"),
    "ZLIB": ("zlib", "Zlib", "1995-2022, Jean-loup Gailly, Mark Adler", "shared library linked"),
    "pdfjs-dist": ("PDF.js (pdfjs-dist {version}), with the Foxit and Liberation fonts it carries",
                   "Apache-2.0; fonts BSD-3-Clause and OFL-1.1",
                   "Mozilla Foundation; 2014, PDFium Authors; 2010, Google Corporation; "
                   "2012, Red Hat, Inc.", "bundled into the pages"),
}
# Name in CMake → the Debian package that tools/setup installs for it.
PACKAGES = {
    "Boost": "libboost1.81-dev",
    "cereal": "libcereal-dev",
    "fmt": "libfmt-dev",
    "CLI11": "libcli11-dev",
    "tomlplusplus": "libtomlplusplus-dev",
    "spdlog": "libspdlog-dev",
    "OpenSSL": "libssl-dev",
    "libsodium": "libsodium-dev",
    "sqlite3": "libsqlite3-dev",
    "libxml-2.0": "libxml2-dev",
    "libarchive": "libarchive-dev",
    "libseccomp": "libseccomp-dev",
    "libutf8proc": "libutf8proc-dev",
    "libqrencode": "libqrencode-dev",
    "libpng": "libpng-dev",
    "libturbojpeg": "libturbojpeg0-dev",
    "zxing": "libzxing-dev",
    "ZLIB": "zlib1g-dev",
}
# Libraries of headers alone, which CMake need not name → how their includes begin.
HEADERS_ALONE = {"CLI11": "CLI/", "tomlplusplus": "toml++/", "spdlog": "spdlog/"}
# Needed to build or test, never part of what is handed on.
NOT_HANDED_ON = {"Threads", "PkgConfig", "Python3", "doctest"}

HEAD = """\
Coffret
Copyright 2026, the Coffret authors
Licensed under the EUPL-1.2: see LICENSE.

This file is made by tests/walls/check_notice.py --write. It lists every library that the programs
link or contain, and every package that the pages contain.

"""
TAIL = """
poppler's pdftotext and pdftoppm (GPL-2.0-or-later) and, where it is installed, Tesseract
(Apache-2.0) are run as programs of their own and are no part of this work.

This material contains content from LOINC (http://loinc.org). LOINC is copyright (c) Regenstrief
Institute, Inc. and the Logical Observation Identifiers Names and Codes (LOINC) Committee and is
available at no cost under the license at http://loinc.org/license. LOINC(R) is a registered United
States trademark of Regenstrief Institute, Inc.
"""
TEXTS = {
    "BSD-3-Clause": """\
Redistribution and use in source and binary forms, with or without modification, are permitted
provided that the following conditions are met: (1) redistributions of source code must retain the
copyright notice, this list of conditions and the following disclaimer; (2) redistributions in
binary form must reproduce the copyright notice, this list of conditions and the following
disclaimer in the documentation and/or other materials provided with the distribution; (3) neither
the name of the copyright holder nor the names of its contributors may be used to endorse or promote
products derived from this software without specific prior written permission.

THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND ANY EXPRESS OR
IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND
FITNESS FOR A PARTICULAR PURPOSE ARE DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR
CONTRIBUTORS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL
DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES; LOSS OF USE,
DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER
IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF
THE USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.
""",
    "MIT": """\
Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction,
including without limitation the rights to use, copy, modify, merge, publish, distribute,
sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions: The above copyright notice and this
permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES
OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN
CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
""",
}
ELSEWHERE = """\
Apache-2.0 is at https://www.apache.org/licenses/LICENSE-2.0, BSL-1.0 at
https://www.boost.org/LICENSE_1_0.txt, LGPL-2.1 at https://www.gnu.org/licenses/lgpl-2.1.html; Debian
carries the text of each library that it provides in /usr/share/doc/<package>/copyright.
"""


def cmake_names(text):
    """The libraries that one CMakeLists.txt asks for."""
    text = re.sub(r"#[^\n]*", "", text)
    yield from re.findall(r"\bfind_package\s*\(\s*([\w.+-]+)", text)
    for arguments in re.findall(r"\bpkg_check_modules\s*\(\s*[\w.+-]+\s+([^)]*)\)", text):
        for word in arguments.split():
            if word not in ("REQUIRED", "QUIET", "IMPORTED_TARGET", "GLOBAL"):
                yield re.split(r"[<>=]", word)[0]


def included(root):
    """The headers-only libraries that a source of ours includes."""
    found = set()
    for top in ("include", "vault", "sync", "tools"):
        for folder, folders, names in os.walk(os.path.join(root, top)):
            folders[:] = [f for f in folders if f != "node_modules"]
            for name in names:
                if name.endswith((".cpp", ".hpp")):
                    with open(os.path.join(folder, name), encoding="utf-8") as file:
                        includes = re.findall(r"^#include <([^>]+)>", file.read(), re.MULTILINE)
                    found |= {library for library, prefix in HEADERS_ALONE.items()
                              if any(include.startswith(prefix) for include in includes)}
    return found


def used(root):
    """What is linked, compiled in or bundled: name → version or None."""
    found = dict.fromkeys(included(root))
    for folder in ("", "sync", "vault", "tools"):
        path = os.path.join(root, folder, "CMakeLists.txt")
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                found.update({name: None for name in cmake_names(file.read())})
    with open(os.path.join(root, "tools/node/package.json"), encoding="utf-8") as file:
        found.update(json.load(file).get("dependencies", {}))
    return {name: version for name, version in found.items() if name not in NOT_HANDED_ON}


def notice(found):
    """The text of NOTICE. Raises KeyError for a work that nobody has described."""
    lines, licences = [], set()
    for name in sorted(found, key=lambda n: WORKS[n][0].lower()):
        title, licence, holder, how = WORKS[name]
        licences.add(licence)
        lines.append(f"{title.replace('{version}', str(found[name]))}: {licence}; {how}\n")
        if holder != "none":
            lines.append(f"  Copyright {holder}\n")
    texts = [f"\n--- {name} ---\n\n{TEXTS[name]}" for name in sorted(licences & set(TEXTS))]
    return HEAD + "".join(lines) + TAIL + "".join(texts) + "\n" + ELSEWHERE


def not_installed(root, found):
    """The Debian packages of what is linked that tools/setup does not name."""
    with open(os.path.join(root, "tools/setup"), encoding="utf-8") as file:
        named = set(re.findall(r"[\w.+-]+", file.read()))
    return sorted({PACKAGES[name] for name in found if name in PACKAGES} - named)


def main(arguments):
    write = "--write" in arguments
    rest = [a for a in arguments if a != "--write"]
    if len(rest) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    path = os.path.join(rest[0], "NOTICE")
    found = used(rest[0])
    unknown = sorted(set(found) - set(WORKS))
    if unknown:
        print(f"linked or bundled, but not described in {__file__}: {', '.join(unknown)}")
        return 1
    forgotten = not_installed(rest[0], found)
    if forgotten:
        print(f"linked, but not installed by tools/setup: {', '.join(forgotten)}")
        return 1
    if write:
        with open(path, "w", encoding="utf-8") as file:
            file.write(notice(found))
        return 0
    with open(path, encoding="utf-8") as file:
        if file.read() != notice(found):
            print("NOTICE is not what is linked and bundled: run tests/walls/check_notice.py . --write")
            return 1
    print(f"NOTICE names all {len(found)} works")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
