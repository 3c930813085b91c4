# SPDX-License-Identifier: EUPL-1.2
"""The batches of sources that a preset compiles at once, and the commands of a source alone.

A source of a batch sees what its neighbours included, and hides their names. Whoever moves it, or
sets it apart, finds out; so each product source is also looked at alone (its syntax and types, with
-Wshadow), by the command that compiles its batch.
"""
import json
import re
import shlex

BATCH = re.compile(r"/CMakeFiles/(\w[\w-]*)\.dir/Unity/unity_(\d+)_cxx\.cxx$")
INCLUDED = re.compile(r'^#include "(/[^"]+)"$', re.MULTILINE)
CACHE = re.compile(r"(^|/)ccache$")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def sources_of(entry, own):
    """Those of `own` that one entry of a compilation database compiles."""
    if BATCH.search(entry["file"]):
        return [source for source in INCLUDED.findall(read(entry["file"])) if source in own]
    return [entry["file"]] if entry["file"] in own else []


def commands_alone(database, own):
    """The command that looks at a source and writes nothing, by the source's path. What two targets
    compile is looked at once."""
    own = set(own)
    commands = {}
    for entry in json.loads(read(database)):
        words = shlex.split(entry["command"])
        if CACHE.search(words[0]):
            del words[0]
        output = words.index("-o")
        del words[output:output + 2]
        for source in sources_of(entry, own):
            commands[source] = [source if word == entry["file"] else word for word in words]
            commands[source] += ["-fsyntax-only", "-Wshadow", "-Werror"]
    return commands
