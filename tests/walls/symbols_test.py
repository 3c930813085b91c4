#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""The symbol check refuses an object that names any one of what it looks for, and no other."""
import os
import subprocess
import tempfile
import unittest

import check_symbols

C = 'extern "C" int {0}(); int use() {{ return {0}(); }}'
REFUSED = [
    C.format("crypto_aead_xchacha20poly1305_ietf_decrypt"),
    C.format("crypto_secretbox_open_easy"),
    C.format("crypto_secretstream_xchacha20poly1305_pull"),
    C.format("crypto_box_seal_open"),
    C.format("sqlite3_key_v2"),
    C.format("EVP_DecryptInit_ex"),
    C.format("EVP_CipherInit_ex"),
    "namespace coffret::crypto { int open(int); } int use() { return coffret::crypto::open(1); }",
    "namespace coffret::store { int keep() { return 1; } }",
    "namespace coffret::grants { struct P { virtual ~P(); }; P::~P() {} }",
    "namespace coffret::redeem { extern int n; } int use() { return coffret::redeem::n; }",
]
ALLOWED = [
    C.format("crypto_sign_verify_detached"),
    C.format("crypto_sign_open"),
    C.format("crypto_pwhash"),
    C.format("crypto_generichash"),
    C.format("sqlite3_open_v2"),
    C.format("EVP_DigestVerify"),
    C.format("SSL_read"),
    "namespace coffret::server { int open(int); } int use() { return coffret::server::open(1); }",
]


class Symbols(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def compiled(self, source, archive=False):
        path = os.path.join(self.folder.name, "object.o")
        command = ["c++", "-x", "c++", "-std=c++20", "-c", "-o", path, "-"]
        subprocess.run(command, input=source, text=True, check=True)
        if not archive:
            return path
        library = os.path.join(self.folder.name, "library.a")
        subprocess.run(["ar", "rcs", library, path], check=True)
        return library

    def test_each_forbidden_name_is_found(self):
        for source in REFUSED:
            with self.subTest(source):
                self.assertEqual(check_symbols.main([self.compiled(source)]), 1)
        self.assertEqual(check_symbols.main([self.compiled(REFUSED[0], archive=True)]), 1)

    def test_what_a_server_needs_passes(self):
        for source in ALLOWED:
            with self.subTest(source):
                self.assertEqual(check_symbols.main([self.compiled(source)]), 0)

    def test_one_bad_file_among_good_ones_is_enough(self):
        good = self.compiled(ALLOWED[0], archive=True)
        self.assertEqual(check_symbols.main([good, self.compiled(REFUSED[0])]), 1)

    def test_a_file_without_symbols_or_absent_proves_nothing(self):
        self.assertEqual(check_symbols.main([self.compiled("")]), 1)
        self.assertEqual(check_symbols.main([os.path.join(self.folder.name, "absent")]), 1)


if __name__ == "__main__":
    unittest.main(buffer=True)
