#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""The programs explain themselves: --help of every command in both languages, --version, misuse,
and the manual pages, which are made from the same tables."""
import os
import re
import shutil
import subprocess
import sys

from harness import Programs, Suite, expect

PROGRAMS = {"coffret": 1, "coffretd": 1, "coffret-reader": 1, "coffret-recover": 1,
            "coffret-server": 8, "evil-server": 8}
# What CLI11 says by itself, and words for values that a French page must not show.
ENGLISH = re.compile(r"\b(Usage|SUBCOMMANDS?|Subcommands?|REQUIRED|TEXT|U?INT|FLOAT|BOOLEAN|ENUM|"
                     r"Positionals|Arguments:|Needs|Excludes|Env|FILE|DIR|NAME|DURATION|PATH|SIZE|"
                     r"ACCOUNT|ADDRESS|required|following|expected|help|version:|the|of|and|is)\b")
FRENCH = re.compile(r"\b(Utilisation|COMMANDE|FICHIER|DOSSIER|NOM|DURÉE|obligatoire|cette|aide|le|"
                    r"la|les|des|du|est|coffre|dans|sur|pour)\b|[éèêàçùœ«»]")
HEADINGS = {"fr": ("Arguments :", "Commandes :", "Options :"),
            "en": ("Arguments:", "Commands:", "Options:")}


def unquoted(text):
    """A help without what is the same in both languages: flags, examples, values, paths."""
    text = re.sub(r"(Exemple :|Example:)\n(  .*\n)+", "", text)
    return re.sub(r"--?[a-z][a-z-]*|\S*[/:*.]\S+|fr\|en", "", text)


class Explained:
    def __init__(self, programs):
        self.programs = programs

    def run(self, name, *words, lang=None):
        env = {**self.programs.env, "LANG": lang or "C.UTF-8"}
        return subprocess.run([self.programs.program(name), *words], capture_output=True, env=env,
                              stdin=subprocess.DEVNULL, timeout=60)

    def help(self, name, path, language):
        """The help, asked for by --lang and by the locale alike."""
        said = self.run(name, "--lang", language, *path, "--help")
        expect(said.returncode == 0 and not said.stderr, f"{name} {path}: {said}")
        locale = {"fr": "fr_FR.UTF-8", "en": "en_GB.UTF-8"}[language]
        expect(self.run(name, *path, "--help", lang=locale).stdout == said.stdout,
               f"{name} {path}: --lang and the locale differ")
        return said.stdout.decode()

    @staticmethod
    def entries(text, language):
        """section → {left column: description}."""
        found, section, left = {}, None, None
        for line in text.splitlines():
            if line in HEADINGS[language] or line == "Configuration:":
                section, left = found.setdefault(line, {}), None
            elif not line.startswith("  "):
                section = None
            elif section is not None and line[:30].strip():
                left, _, told = line[2:].partition("  ")
                section[left] = told.strip()
            elif section is not None:
                section[left] += " " + line.strip()
        return found

    def commands(self, name, path=()):
        """Every command of a program: its words, and whether it has commands of its own."""
        inner = self.entries(self.help(name, path, "en"), "en").get("Commands:", {})
        yield path, bool(inner)
        for one in inner:
            yield from self.commands(name, (*path, one))

    def every_help(self):
        count = 0
        for name in PROGRAMS:
            for path, is_group in self.commands(name):
                count += 1
                self.one_help(name, path, is_group)
        expect(count > 30, f"only {count} commands were found")

    def one_help(self, name, path, is_group):
        texts = {language: self.help(name, path, language) for language in ("fr", "en")}
        where = f"{name} {' '.join(path)}"
        for language, text in texts.items():
            foreign = {"fr": ENGLISH, "en": FRENCH}[language].search(unquoted(text))
            expect(foreign is None, f"{where} --lang {language} says {foreign}:\n{text}")
            expect(all(len(line) <= 80 for line in text.splitlines()), f"{where}: too wide\n{text}")
            if not is_group and path:
                word = {"fr": "Exemple :\n  ", "en": "Example:\n  "}[language]
                expect(word + name in text, f"{where}: no example\n{text}")
        fr, en = (self.entries(texts[language], language) for language in ("fr", "en"))
        for french, english in zip(HEADINGS["fr"], HEADINGS["en"]):
            theirs, ours = fr.get(french, {}), en.get(english, {})
            expect(len(theirs) == len(ours), f"{where}: {theirs.keys()} and {ours.keys()}")
            for (left, told), (_, said) in zip(theirs.items(), ours.items()):
                expect(told and said and told != said, f"{where} {left}: {told!r}, {said!r}")
        expect(fr["Options :"], f"{where} has no options")

    def versions(self):
        said = {name: self.run(name, "--version") for name in PROGRAMS}
        for name, done in said.items():
            expect(done.returncode == 0, f"{name} --version: {done}")
            expect(re.fullmatch(rf"{name} \d+\.\d+\.\d+\n", done.stdout.decode()), f"{done}")
        numbers = {done.stdout.split()[1] for done in said.values()}
        expect(len(numbers) == 1, f"one version for all: {numbers}")

    def misuse(self):
        for name in PROGRAMS:
            for words in (["--no-such-flag"], ["nosuchcommand"], []):
                for language, foreign in (("fr", ENGLISH), ("en", FRENCH)):
                    done = self.run(name, "--lang", language, *words)
                    told = done.stderr.decode()
                    expect(done.returncode == 2 and told and not done.stdout, f"{name} {words}: {done}")
                    expect(foreign.search(unquoted(told).replace("nosuchcommand", "")) is None,
                           f"{name} {words} --lang {language}: {told}")

    def page(self, name, language):
        done = self.run(name, "--manual", "--lang", language)
        expect(done.returncode == 0 and not done.stderr, f"{name} --manual: {done}")
        return done.stdout

    def pages(self):
        for name, section in PROGRAMS.items():
            for language in ("fr", "en"):
                page = self.page(name, language)
                expect(page.isascii(), f"{name}: the page depends on an encoding")
                plain = page.decode().replace("\\-", "-")
                expect(plain.startswith(f".TH {name.upper()} {section} "), plain[:40])
                for path, is_group in self.commands(name):
                    if path and not is_group:
                        expect(f".SS {name} {' '.join(path)} [" in plain, f"{path} in {language}")
                folder = "man" if language == "en" else f"man/{language}"
                built = os.path.join(self.programs.bin, "..", folder, f"man{section}",
                                     f"{name}.{section}")
                with open(built, "rb") as file:
                    expect(file.read() == page, f"{built} is not what {name} says")

    def formatted(self):
        """The formatters that are here read the pages without a complaint."""
        checks = [("man", ["man", "--warnings", "-E", "UTF-8", "-l"]),
                  ("groff", ["groff", "-ww", "-man", "-Tutf8", "-z"]),
                  ("mandoc", ["mandoc", "-T", "lint", "-W", "error"])]
        for tool, command in checks:
            if shutil.which(tool) is None:
                continue
            for name in PROGRAMS:
                for language in ("fr", "en"):
                    path = self.programs.path(f"{name}.{language}")
                    with open(path, "wb") as file:
                        file.write(self.page(name, language))
                    done = subprocess.run([*command, path], capture_output=True, timeout=60,
                                          env={**self.programs.env, "LANG": "C.UTF-8"})
                    expect(done.returncode == 0 and not done.stderr,
                           f"{tool} on {name} in {language}: {done.stderr.decode()}")


def main():
    suite = Suite()
    with Programs(sys.argv[1]) as programs:
        explained = Explained(programs)
        for sentence, body in (
                ("every command explains itself in French and in English", explained.every_help),
                ("every program tells its version, and it is one", explained.versions),
                ("misuse is told in one language, exit 2", explained.misuse),
                ("the manual pages name every command, as built", explained.pages)):
            suite.test(sentence, body)
        sentence = "the manual pages format without a warning"
        if shutil.which("man") or shutil.which("groff") or shutil.which("mandoc"):
            suite.test(sentence, explained.formatted)
        else:
            suite.skip(sentence, "neither man, groff nor mandoc is here")
    return suite.close()


if __name__ == "__main__":
    sys.exit(main())
