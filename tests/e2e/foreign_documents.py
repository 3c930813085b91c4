#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Every file of the shared manifest of real documents goes through the real import: nothing
crashes, what must be refused is refused, and the vault is in order afterwards. Skipped, loudly,
where ../shared is absent."""
import csv
import os
import sys

from harness import SHARED, Programs, Suite, expect


def manifest():
    with open(os.path.join(SHARED, "manifest.tsv"), encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [row for row in rows if "!/" not in row["file"]]


def run(programs, suite):
    vault = programs.vault()
    vault.init()
    rows = manifest()
    outcomes = {}

    def all_imported():
        for row in rows:
            path = os.path.join(SHARED, row["file"])
            done = vault.run("import", path, "--any-patient", check=False)
            expect(done.status in (0, 9), f"{row['file']}: exit {done.status} {done.err!r}")
            outcomes[row["file"]] = {line["outcome"] for line in done.rows[:-1]}
        expect(len(outcomes) == len(rows), "each file has an outcome")

    def rejected():
        wrong = [row["file"] for row in rows
                 if row["expect"] == "reject" and "refused" not in outcomes[row["file"]]]
        expect(not wrong, f"should have been refused: {wrong}")

    def accepted():
        wrong = [row["file"] for row in rows if row["expect"].startswith("ok")
                 and not outcomes[row["file"]] & {"imported", "duplicate"}]
        expect(not wrong, f"should have been imported: {wrong}")

    def in_order():
        expect(vault.run("check", "--read-data").one()["ok"], "check finds no problem")
        expect(vault.run("list").rows, "documents are listed")

    suite.test(f"{len(rows)} foreign files go through import without a crash", all_imported)
    suite.test("what must be refused is refused", rejected)
    suite.test("what is good is imported", accepted)
    suite.test("the vault is in order afterwards", in_order)


def main():
    suite = Suite()
    if not os.path.exists(os.path.join(SHARED, "manifest.tsv")):
        suite.skip("foreign documents", "../shared/data/documents is not here")
        print("0 passed, 0 failed, 1 skipped")
        return 0
    with Programs(sys.argv[1]) as programs:
        run(programs, suite)
    return suite.close()


if __name__ == "__main__":
    sys.exit(main())
