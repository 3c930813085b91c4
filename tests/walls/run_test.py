#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""The closing line can be trusted: nothing that went wrong is counted as passed."""
import contextlib
import io
import os
import sys
import tempfile
import unittest
import xml.etree.ElementTree

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import run  # noqa: E402  (tests/run.py)
import session  # noqa: E402

DOCTEST = "[doctest] test cases: {} | {} passed | {} failed | 3 skipped\n"


def counted(status, output, failure=False):
    case = xml.etree.ElementTree.Element("testcase", name="vault/store", status=status)
    if failure:
        xml.etree.ElementTree.SubElement(case, "failure")
    xml.etree.ElementTree.SubElement(case, "system-out").text = output
    count = run.Count()
    run.count_unit_test(count, case)
    return count.passed, count.failed, count.skipped


class Counting(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        logs, session.LOGS = session.LOGS, folder.name
        self.addCleanup(setattr, session, "LOGS", logs)
        silence = contextlib.redirect_stderr(io.TextIOWrapper(io.BytesIO()))
        silence.__enter__()
        self.addCleanup(silence.__exit__, None, None, None)

    def test_an_entry_of_ctest(self):
        cases = [
            ("doctest cases are counted, not entries", "run", DOCTEST.format(9, 9, 0), (9, 0, 0)),
            ("failed cases", "fail", DOCTEST.format(9, 7, 2), (7, 2, 0)),
            ("all passed, then a leak", "fail", DOCTEST.format(9, 9, 0), (9, 1, 0)),
            ("a suite without a case", "run", DOCTEST.format(0, 0, 0), (0, 1, 0)),
            ("a crash before the summary", "fail", "", (0, 1, 0)),
            ("a case that skips itself", "run", "a_test.cpp:3: MESSAGE: skipped: no data\n"
             + DOCTEST.format(9, 9, 0), (8, 0, 1)),
            ("a wall", "run", "walls: 9 files read\n", (1, 0, 0)),
            ("a corpus that is not there", "fail", "0 inputs replayed\n", (0, 1, 0)),
            ("a test that ctest could not start", "notrun", "", (0, 1, 0)),
        ]
        for what, status, output, expected in cases:
            with self.subTest(what):
                self.assertEqual(counted(status, output), expected)

    def test_a_closing_line(self):
        for line, found in [("3 passed, 0 failed", [("3", "0", "")]),
                            ("3 passed, 1 failed, 2 skipped", [("3", "1", "2")]),
                            ("no 3 passed, 0 failed", []), ("3 passed", [])]:
            with self.subTest(line):
                self.assertEqual(run.CLOSING.findall(f"a\n{line}\n"), found)

    def test_a_command_that_hangs_is_ended_with_its_children(self):
        script = 'sleep 600 & echo "$!"; wait'
        status, output = session.run(["sh", "-c", script], "hang.log", quiet=True, seconds=0.5)
        self.assertEqual(status, 124)
        self.assertTrue(self.is_gone(int(output)))

    @staticmethod
    def is_gone(pid):
        """Ended, whether or not its new parent has collected it yet."""
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii") as file:
                return file.read().rsplit(")", 1)[1].split()[0] == "Z"
        except (FileNotFoundError, ProcessLookupError):
            return True

    def test_nothing_run_is_a_failure(self):
        run.STAGES["nothing"] = lambda count, only: None
        self.addCleanup(run.STAGES.pop, "nothing")
        with contextlib.redirect_stdout(io.StringIO()) as closing:
            self.assertEqual(run.main(["nothing"]), 1)
        self.assertEqual(closing.getvalue(), "0 passed, 0 failed, 0 skipped\n")


if __name__ == "__main__":
    unittest.main()
