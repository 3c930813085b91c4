# SPDX-License-Identifier: EUPL-1.2
"""What clang-tidy looks at: the batches of sources that the fuzz preset compiles, joined.

The analyzer takes its time over the headers of a file, and looks only at functions of the main file.
So the sources of a batch are joined into one, with `#line` between them (a line of that kind is still
the main file's for clang), rather than included: every function is looked at, in a third of the time
that the sources take one by one. Findings are told in the sources' own names.
"""
import bisect
import json
import os
import re

from batches import BATCH, read, sources_of
from session import ROOT

PLACE = re.compile(r"(/[^\s:]*\.joined\.cpp):(\d+)")


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


class Joined:
    """The sources of one batch in one file."""

    def __init__(self, path, sources):
        self.path = path
        self.sources = sources
        self.starts = []  # the line of the joined file before each source's first
        lines = []
        for source in sources:
            lines.append(f'#line 1 "{source}"')
            self.starts.append(len(lines))
            lines.extend(read(source).splitlines())
        write(path, "\n".join(lines) + "\n")

    def place(self, line):
        """Where a line of the joined file is from."""
        which = max(bisect.bisect_left(self.starts, line) - 1, 0)
        return f"{os.path.relpath(self.sources[which], ROOT)}:{line - self.starts[which]}"


class Batches:
    """All that a compilation database compiles of `own` sources, in `folder`, with commands for it."""

    def __init__(self, database, folder, own):
        os.makedirs(folder, exist_ok=True)
        own = set(own)
        self.joined = {}
        self.files = {}  # what clang-tidy is given, by a name for it
        commands = []
        for entry in json.loads(read(database)):
            batch = BATCH.search(entry["file"])
            if batch:
                path = os.path.join(folder, f"{batch[1]}_{batch[2]}.joined.cpp")
                sources = sources_of(entry, own)
                if not sources:
                    continue
                self.joined[path] = Joined(path, sources)
                self.files[os.path.relpath(path, folder)] = path
                entry = {**entry, "file": path,
                         "command": entry["command"].replace(entry["file"], path)}
            elif sources_of(entry, own):
                self.files[os.path.relpath(entry["file"], ROOT)] = entry["file"]
            else:
                continue
            commands.append(entry)
        write(os.path.join(folder, "compile_commands.json"), json.dumps(commands, indent=1))

    def sources(self):
        """Every source that is looked at, alone or joined."""
        alone = {path for path in self.files.values() if path not in self.joined}
        return alone.union(*(joined.sources for joined in self.joined.values()))

    def explain(self, output):
        """What clang-tidy printed, with the places of the sources themselves."""
        return PLACE.sub(lambda found: self.joined[found[1]].place(int(found[2])), output)
