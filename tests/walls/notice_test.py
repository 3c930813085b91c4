#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""The notice check fails when a library or a package is added, taken away or unknown."""
import json
import os
import tempfile
import unittest

import check_notice

CMAKE = """
find_package(Boost 1.81 REQUIRED COMPONENTS json)  # not find_package(Qt5)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium>=1.0.18)
find_package(Threads REQUIRED)
"""


class Notice(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = folder.name
        os.makedirs(os.path.join(self.root, "tools/node"))
        self.write("CMakeLists.txt", CMAKE)
        self.write("tools/setup", "packages=(libboost1.81-dev libsodium-dev libxml2-dev)\n")
        self.write("tools/node/package.json", json.dumps({"dependencies": {"pdfjs-dist": "1.2.3"}}))
        self.assertEqual(check_notice.main([self.root, "--write"]), 0)

    def write(self, path, text):
        with open(os.path.join(self.root, path), "w", encoding="utf-8") as file:
            file.write(text)

    def test_what_is_used_is_read_from_cmake_and_npm(self):
        expected = {"Boost": None, "libsodium": None, "pdfjs-dist": "1.2.3"}
        self.assertEqual(check_notice.used(self.root), expected)
        self.assertEqual(check_notice.main([self.root]), 0)

    def test_a_change_of_what_is_used_is_found(self):
        dependencies = {"dependencies": {"pdfjs-dist": "1.2.4"}}
        changes = [
            ("CMakeLists.txt", CMAKE + "pkg_check_modules(x IMPORTED_TARGET libxml-2.0)\n"),
            ("CMakeLists.txt", "find_package(Boost 1.81 REQUIRED)\n"),
            ("CMakeLists.txt", CMAKE + "find_package(NobodyDescribedThis REQUIRED)\n"),
            ("tools/node/package.json", json.dumps(dependencies)),
            ("tools/node/package.json", json.dumps({"dependencies": {"left-pad": "1.0.0"}})),
            ("tools/main.cpp", "#include <CLI/CLI.hpp>\n"),
            ("tools/setup", "packages=(libboost1.81-dev)\n"),
            ("NOTICE", ""),
        ]
        for path, text in changes:
            with self.subTest(path=path, text=text):
                self.setUp()
                self.write(path, text)
                self.assertEqual(check_notice.main([self.root]), 1)


if __name__ == "__main__":
    unittest.main(buffer=True)
