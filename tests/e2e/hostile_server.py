#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""The server is the enemy: rows 1 to 38 of the attack catalogue, and deposits (108), with the real programs and
evil-server in the association's place. Each attack must be refused with its stable code, exit
status and sentence, leave a line in the audit log and nothing else, and no harm once the server is
honest again. At the end the table row | test | result; what does not exist yet is skipped aloud."""
import sys
import time

import hostile_deposits
import hostile_history
import hostile_keys
from harness import Programs, Suite
from hostile_kit import Table

SECTIONS = (hostile_keys, hostile_history, hostile_deposits)


def main():
    suite = Suite()
    table = Table(suite)
    started = time.time()
    for section in SECTIONS:
        with Programs(sys.argv[1]) as programs:
            section.run(programs, table)
    table.print()
    print(f"{time.time() - started:.0f} s")
    return suite.close()


if __name__ == "__main__":
    sys.exit(main())
