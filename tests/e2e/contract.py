#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Bad input gets a clear sentence, a stable code, the exit status of the commands' contract, and
nothing is lost: the table of refusals."""
import contextlib
import os
import pty
import subprocess
import sys

from harness import DOCUMENTS, Programs, Server, Suite, expect


class Contract:
    def __init__(self, programs):
        self.programs = programs
        self.vault = programs.vault()
        self.vault.init()
        self.vault.run("import", os.path.join(DOCUMENTS, "notes.txt"))

    def refusal(self, status, code, *words, vault=None):
        done = (vault or self.vault).run(*words, check=False)
        told = done.one().get("error", {})
        expect(done.status == status and told.get("code") == code,
               f"{words}: exit {done.status}, {done.rows}, wanted {status} {code}")
        expect(told.get("message"), "a sentence")
        for language, word in (("fr", "é"), ("en", " ")):
            (vault or self.vault).lang = language
            said = (vault or self.vault).run(*words, check=False, json_out=False)
            (vault or self.vault).lang = None
            expect(said.status == status and said.err.strip(), f"{words} in {language}: {said.err}")

    def help_everywhere(self):
        for name in ("coffret", "coffretd", "coffret-reader", "coffret-server"):
            for flag in ("--help", "--version"):
                done = subprocess.run([self.programs.program(name), flag], capture_output=True,
                                      env=self.programs.env, timeout=20)
                expect(done.returncode == 0 and done.stdout, f"{name} {flag}: {done}")

    def misuse(self):
        for words in (["--no-such-flag"], ["nosuchcommand"], [], ["import"], ["show"],
                      ["grant", "create", "--to", "X"]):
            done = self.vault.run(*words, check=False, json_out=False)
            expect(done.status == 2, f"{words}: exit {done.status}")

    def unknown_command(self):
        """A word that is no command is named, and so is the command it was near to."""
        for language, told, meant in (("fr", "Commande inconnue : ", "Vouliez-vous dire"),
                                      ("en", "Unknown command: ", "Did you mean")):
            self.vault.lang = language
            for words, word, near in ((["frobnicate"], "frobnicate", None), (["imprt"], "imprt", "import"),
                                      (["lsit"], "lsit", "list"),
                                      (["grant", "shw"], "shw", "show")):
                done = self.vault.run(*words, check=False, json_out=False)
                said = done.err.decode()
                expect(done.status == 2 and told + word in said, f"{words}: exit {done.status}, {said}")
                expect((meant in said and near in said) if near else meant not in said, f"{words}: {said}")
        self.vault.lang = None
        done = self.vault.run("frobnicate", check=False)
        expect(done.status == 2 and "frobnicate" in done.one()["error"]["detail"], f"{done.rows}")

    def nothing_left(self):
        """A vault that could not be made leaves no folder, and one that was there stays."""
        home = self.programs.path("deep")
        flags = ["--from-server", "https://127.0.0.1:1", "--pin", "A" * 43,
                 "--recovery-file", self.vault.recovery, "--passphrase-file", self.vault.passphrase]
        nowhere = self.programs.vault(os.path.join("deep", "down"))
        done = nowhere.run("rebuild", *flags, check=False)
        expect(done.status == 8, f"exit {done.status}, {done.rows}")
        expect(not os.path.exists(home), f"left: {os.listdir(home) if os.path.exists(home) else ''}")
        os.makedirs(os.path.join(home, "down"), mode=0o700)
        nowhere.run("rebuild", *flags, check=False)
        expect(os.path.isdir(os.path.join(home, "down")), "a folder that was there stays")

    def never_initialised(self):
        for words in (["status"], ["list"], ["unlock"], ["import", DOCUMENTS]):
            self.refusal(3, "never_initialised", *words, vault=self.programs.vault("nowhere"))
        expect(not os.path.exists(self.programs.path("nowhere", "keyslot")), "nothing was made")

    def files_named(self):
        """A file that is missing or in the way is named, and nothing is made or lost."""
        absent = self.programs.path("absent")
        for words in (["unlock", "--passphrase-file", absent],
                      ["redeem", "@" + absent, "--out", self.programs.path("out")],
                      ["server", "join", "https://127.0.0.1:1", "--invite-file", absent, "--yes"]):
            self.vault.run("lock")
            self.refusal(3, "file_not_found", *words)
            said = self.vault.run(*words, check=False, json_out=False).err.decode()
            expect(absent in said, f"{words}: {said}")
        self.vault.unlock()
        there = self.programs.file("there", "une autre fiche")
        fresh = self.programs.vault("fresh")
        self.refusal(1, "file_exists", "init", "--passphrase-file", fresh.passphrase,
                     "--recovery-out", there, vault=fresh)
        with open(there, encoding="utf-8") as file:
            expect(file.read() == "une autre fiche", "it was not overwritten")
        expect(not os.path.exists(self.programs.path("fresh", "keyslot")), "no vault was made")

    def reading(self):
        """Text ends its line; an original is byte for byte; a named link leads to its file."""
        path = self.programs.file("sans-fin.txt", "un texte sans fin de ligne")
        link = self.programs.path("lien.txt")
        os.symlink(path, link)
        done = self.vault.run("import", link)
        expect(done.rows[0]["outcome"] == "imported", f"{done.rows}")
        told = self.vault.run("import", link, json_out=False)
        expect("0 importé, 1 déjà là, 0 mis à part, 0 refusé" in told.err.decode(), f"{told.err}")
        ident = done.rows[0]["id"]
        text = self.vault.run("show", ident, "--text", json_out=False).out
        expect(text == "un texte sans fin de ligne\n".encode(), f"{text}")
        expect(self.vault.run("show", ident, json_out=False).out == text[:-1], "the original")

    def two_passphrases(self):
        """Typed differently three times: said so, and the way is free for another try."""
        sheet = self.programs.path("fiche")
        program = self.programs.program("coffret")
        pid, screen = pty.fork()
        if pid == 0:
            os.execve(program, [program, "--vault", self.programs.path("typed"), "init",
                                "--recovery-out", sheet], self.programs.env)
        shown = b""
        for typed in (b"une phrase", b"une autre") * 3:
            before = shown.count(b" : ")
            while shown.count(b" : ") == before:
                shown += os.read(screen, 4096)
            os.write(screen, typed + b"\n")
        with contextlib.suppress(OSError):  # the other end is closed
            while some := os.read(screen, 4096):
                shown += some
        os.close(screen)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        told = shown.decode()
        expect(status == 4 and "Les deux saisies ne sont pas les mêmes. Rien" in told, told)
        expect("majuscules" not in told and not os.path.exists(sheet), "no empty sheet is left")

    def output(self):
        """A reader that leaves had enough; an answer that is lost is a failure."""
        vault = self.programs.vault("many")
        vault.init()
        for number in range(3):
            vault.run("note", "add", "--text", f"Note {number}", "--title", "x" * 200)
        for words in (["list"], ["show", vault.run("list").rows[0]["id"]], ["inbox", "list"],
                      ["--json", "list"]):
            command = [self.programs.program("coffret"), "--vault", vault.directory, *words]
            closed, out = os.pipe()
            os.close(closed)
            done = subprocess.run(command, stdout=out, stderr=subprocess.PIPE, timeout=60,
                                  env=self.programs.env, check=False)
            os.close(out)
            expect(done.returncode == 0 and not done.stderr, f"{words} to nobody: {done}")
            with open("/dev/full", "wb") as full:
                done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, timeout=60,
                                      env=self.programs.env, check=False)
            expect(done.returncode == 1, f"{words} to a full disk: {done}")
        taken = self.programs.file("taken", "autre chose")
        ident = vault.run("list").rows[0]["id"]
        self.refusal(1, "file_exists", "show", ident, "--out", taken, vault=vault)
        with open(taken, encoding="utf-8") as file:
            expect(file.read() == "autre chose", "it was not overwritten")
        for words in (["list", "--author", "personne"], ["search", "introuvable"]):
            expect(vault.run(*words).out == b"", f"{words}: no row")
            said = vault.run(*words, json_out=False).err.decode()
            expect("Aucun document ne correspond." in said, said)
        for words in (["list", "--since", "hier"], ["search", "note", "--until", "hier"]):
            self.refusal(2, "usage", *words, vault=vault)

    def told_why(self):
        """What is missing is said by its name."""
        for words, why in (
                (["grant", "create", "--to", "X", "--for", "1h"], "--document"),
                (["grant", "create", "--to", "", "--for", "1h", "--all"], "--to"),
                (["grant", "create", "--to", "X", "--for", "0d", "--all"], "3653d"),
                (["grant", "create", "--to", "X", "--for", "99999d", "--all"], "3653d"),
                (["export", "--out", self.programs.path("x.age")], "--age-passphrase-file")):
            self.refusal(2, "usage", *words)
            said = self.vault.run(*words, check=False, json_out=False).err.decode()
            expect(why in said, f"{words}: {said}")
        empty = self.programs.file("empty", "")
        fresh = self.programs.vault("never")
        done = fresh.run("init", "--passphrase-file", empty, check=False)
        expect(done.status == 2 and "vide" in done.one()["error"]["message"], f"{done.rows}")
        for words, why in ((["list", "--category", "laboratoire"], "laboratory (analyses)"),
                           (["list", "--person", "Hugo Exemple"], "coffret person list"),
                           (["watch", "stop", "/nulle-part"], "coffret watch list"),
                           (["edit", self.vault.run("list").rows[0]["id"], "--date", "31/02/2024"],
                            "cette date n'existe pas")):
            done = self.vault.run(*words, check=False)
            told = done.one()["error"]
            expect(done.status in (2, 3) and why in told["detail"], f"{words}: {done.rows}")
            expect("identifiant" not in told["message"], f"{words}: {done.rows}")
        vault = self.programs.vault("vide")
        vault.init()
        said = vault.run("list", json_out=False).err.decode()
        expect("Le coffre est encore vide" in said and "coffret import" in said, said)
        vault.run("stop")

    def short_passphrases(self):
        """Under eight characters is refused wherever a new one is set, before anything is made; a
        weak one is warned about."""
        short = self.programs.file("short", "x\n")
        fresh = self.programs.vault("short-one")
        for words in (["init"], ["rebuild", "--from", "/nulle-part", "--recovery-file",
                                 self.vault.recovery]):
            self.refusal(2, "usage", *words, "--passphrase-file", short, vault=fresh)
            said = fresh.run(*words, "--passphrase-file", short, check=False,
                             json_out=False).err.decode()
            expect("moins de 8 caractères" in said and "six mots" in said, f"{words}: {said}")
        expect(not os.path.exists(self.programs.path("short-one", "keyslot")), "no vault was made")
        self.refusal(2, "usage", "passphrase", "change", "--passphrase-file",
                     self.vault.passphrase, "--new-passphrase-file", short)
        self.refusal(2, "usage", "passphrase", "reset", "--recovery-file", self.vault.recovery,
                     "--passphrase-file", short)
        self.refusal(2, "usage", "export", "--out", self.programs.path("short.age"),
                     "--age-passphrase-file", short)
        weak = self.programs.file("weak", "motdepasse\n")
        made = self.programs.vault("weak-one")
        said = made.run("init", "--passphrase-file", weak, "--recovery-out",
                        self.programs.path("weak-sheet"), json_out=False).err.decode()
        expect("faible" in said and "coffret passphrase change" in said, said)
        made.run("stop")
        said = self.vault.run("passphrase", "reset", "--recovery-file", os.path.join(
            DOCUMENTS, "ordonnance.pdf"), check=False)
        expect(said.status in (4, 9), f"a PDF is no sheet: {said.rows}")
        big = self.programs.file("sheet.pdf", "%PDF-1.7\n" + "x" * 9000)
        said = self.vault.run("passphrase", "reset", "--recovery-file", big, "--passphrase-file",
                              self.vault.passphrase, check=False)
        expect(said.status == 9 and "sans --recovery-file" in said.one()["error"]["message"],
               f"the way without a file is told: {said.rows}")

    def locked(self):
        self.vault.run("lock")
        self.refusal(5, "locked", "list")
        status = self.vault.run("status").one()
        expect(status["locked"] is True and status["documents"] is None, f"{status}")
        rows = self.vault.run("list", "--passphrase-file", self.vault.passphrase).rows
        expect(len(rows) == 1, "a passphrase file unlocks on the way")

    def wrong_passphrase(self):
        self.vault.run("lock")
        wrong = self.programs.file("wrong", "autre chose")
        self.refusal(4, "wrong_passphrase", "unlock", "--passphrase-file", wrong)
        self.vault.unlock()

    def accents_two_ways(self):
        vault = self.programs.vault("accents")
        with open(vault.passphrase, "w", encoding="utf-8") as file:
            file.write("caf\u00e9 br\u00fbl\u00e9 du matin\n")
        vault.init()
        vault.run("lock")
        decomposed = self.programs.file("nfd", "cafe\u0301 bru\u0302le\u0301 du matin\n")
        vault.run("unlock", "--passphrase-file", decomposed)
        vault.run("stop")

    def already_there(self):
        self.refusal(1, "already_initialised", "init", "--passphrase-file", self.vault.passphrase)
        expect(len(self.vault.run("list").rows) == 1, "nothing was lost")

    def in_use(self):
        done = subprocess.run([self.programs.program("coffretd"), "--vault", self.vault.directory],
                              capture_output=True, env=self.programs.env, timeout=20)
        expect(done.returncode == 5, f"a second daemon: {done}")

    def damaged(self):
        vault = self.programs.vault("damaged")
        vault.init()
        vault.run("stop")
        slot = os.path.join(vault.directory, "keyslot")
        with open(slot, "r+b") as file:
            file.seek(150)
            byte = file.read(1)
            file.seek(150)
            file.write(bytes([byte[0] ^ 1]))
        self.refusal(7, "keyslot_damaged", "unlock", "--passphrase-file", vault.passphrase,
                     vault=vault)
        with open(slot, "r+b") as file:
            file.seek(8)
            file.write(b"\xfe")
        self.refusal(10, "other_version", "unlock", "--passphrase-file", vault.passphrase,
                     vault=vault)

    def old_copy(self):
        vault = self.programs.vault("old")
        vault.init()
        vault.run("stop")
        store = os.path.join(vault.directory, "store.db")
        with open(store, "rb") as file:
            before = file.read()
        vault.run("import", os.path.join(DOCUMENTS, "notes.txt"), "--passphrase-file",
                  vault.passphrase)
        vault.run("stop")
        for leftover in ("-wal", "-shm"):
            if os.path.exists(store + leftover):
                os.remove(store + leftover)
        with open(store, "wb") as file:
            file.write(before)
        self.refusal(7, "local_state_tampered", "unlock", "--passphrase-file", vault.passphrase,
                     vault=vault)

    def documents(self):
        self.refusal(3, "not_found", "show", "aaaaaaaaaa")
        done = self.vault.run("import", self.programs.path("absent.pdf"), check=False)
        expect(done.status == 9 and done.rows[0]["outcome"] == "refused", f"{done.rows}")
        big = self.programs.path("big.pdf")
        with open(big, "wb") as file:
            file.write(b"%PDF-1.4\n")
            file.truncate(65 * 1024 * 1024)
        hostile = self.programs.file("hostile.xml", '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a '
                                     '"b">]><ClinicalDocument xmlns="urn:hl7-org:v3">&a;'
                                     '</ClinicalDocument>')
        good = self.programs.file("good.txt", "une note tranquille")
        done = self.vault.run("import", big, hostile, good, check=False)
        expect(done.status == 9, f"exit 9: {done.status}")
        reasons = {os.path.basename(r["path"]): r["reason"] for r in done.rows[:-1]
                   if r["outcome"] == "refused"}
        expect(reasons == {"big.pdf": "too_large", "hostile.xml": "doctype_refused"}, f"{reasons}")
        expect(done.rows[-1]["summary"]["imported"] == 1, "and the rest went on")
        told = self.vault.run("import", big, check=False, json_out=False).out.decode()
        expect("67,1 Mo" in told, f"the limit is stated: {told}")

    def odd_files(self):
        """Names that are no text, and things that are no files: each has its row, none blocks."""
        folder = os.fsencode(self.programs.path("odd"))
        os.mkdir(folder)
        for number, name in enumerate((b"bad\xff\xfe.txt", b"two\nlines.txt", b"-dash.txt")):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(f"une note au nom curieux, {number}")
        done = self.vault.run("import", os.fsdecode(folder), timeout=60)
        expect(done.rows[-1]["summary"]["imported"] == 3, f"{done.rows}")
        named = [os.path.join(folder, b"bad\xff\xfe.txt"), os.path.join(folder, b"-dash.txt")]
        done = self.vault.run("import", *[os.fsdecode(name) for name in named], timeout=60)
        expect(done.rows[-1]["summary"]["duplicate"] == 2, f"given by name: {done.rows}")
        pipe = self.programs.path("pipe")
        os.mkfifo(pipe)
        done = self.vault.run("import", pipe, "", "/dev/null", check=False, timeout=60)
        expect(done.status == 9 and done.rows[-1]["summary"]["refused"] == 3, f"{done.rows}")
        self.vault.run("lock", timeout=60)
        self.vault.unlock()

    def server(self):
        self.refusal(3, "not_joined", "sync")
        server = Server(self.programs)
        invite = server.invite_file()
        self.refusal(7, "unpinned", "server", "join", server.url, "--invite-file", invite, "--pin",
                     "A" * 43, "--yes")
        self.refusal(9, "malformed", "server", "join", server.url, "--invite-file",
                     self.programs.file("bad", "not an invite"), "--yes")
        other = self.programs.vault("other")
        other.init()
        other.run("server", "join", server.url, "--invite-file", invite, "--yes")
        self.refusal(6, "invite_expired", "server", "join", server.url, "--invite-file", invite,
                     "--yes")
        abroad = Server(self.programs, name="abroad", country="US")
        fresh = abroad.invite_file("abroad.txt")
        self.refusal(6, "country_refused", "server", "join", abroad.url, "--invite-file", fresh,
                     "--yes")
        self.vault.join(server)
        server.stop()
        self.refusal(8, "server_unreachable", "sync")
        self.refusal(8, "server_unreachable", "grant", "create", "--to", "X", "--for", "1h",
                     "--document", self.vault.run("list").rows[0]["id"])
        expect(not self.vault.run("grant", "list").rows, "without the server nothing is made")

    def links(self):
        out = self.programs.path("out")
        for text in ("", "pas un lien", "https://127.0.0.1:1/v#c1.AAAA.BBBB.CCCC",
                     "shlink:/e30"):
            path = self.programs.file("link", text)
            done = self.vault.run("redeem", "@" + path, "--out", out, check=False)
            expect(done.status == 9 and done.code() == "malformed", f"{text!r}: {done.rows}")
            expect("lien" in done.one()["error"]["message"], f"it is the link: {done.rows}")
        dead = "https://127.0.0.1:1/v#c1." + "A" * 22 + "." + "A" * 43 + "." + "A" * 22
        done = self.vault.run("redeem", "@" + self.programs.file("link", dead), "--out", out,
                              check=False)
        expect(done.status == 8 and done.code() == "server_unreachable", f"{done.rows}")

    def no_terminal_tricks(self):
        path = self.programs.file("evil\u202etxt.txt", "titre \x1b]52;c;AAAA\x07 fin\x1b[2J")
        self.vault.run("import", path)
        for words in (["list"], ["search", "titre"], ["show", self.vault.run("list").rows[-1]["id"],
                                                      "--text"]):
            out = self.vault.run(*words, json_out=False).out
            expect(b"\x1b" not in out and "\u202e".encode() not in out, f"{words}: {out!r}")


def main():
    suite = Suite()
    with Programs(sys.argv[1]) as programs:
        contract = Contract(programs)
        for sentence, body in (
                ("every program has --help and --version", contract.help_everywhere),
                ("misuse is exit 2", contract.misuse),
                ("a word that is no command is named", contract.unknown_command),
                ("a vault that could not be made leaves nothing", contract.nothing_left),
                ("no vault: never_initialised, and none is made", contract.never_initialised),
                ("files that are missing or in the way are named", contract.files_named),
                ("two passphrases that differ leave nothing behind", contract.two_passphrases),
                ("where output goes: nobody, a full disk, a file that is there", contract.output),
                ("what is missing is named", contract.told_why),
                ("a new passphrase has eight characters, and a weak one is said to be",
                 contract.short_passphrases),
                ("a locked vault asks for its passphrase", contract.locked),
                ("a wrong passphrase is exit 4", contract.wrong_passphrase),
                ("accents typed two ways are one passphrase", contract.accents_two_ways),
                ("init never touches a vault that is there", contract.already_there),
                ("one daemon per vault", contract.in_use),
                ("text ends its line, and a link that was named is followed", contract.reading),
                ("a damaged keyslot and one of another version are told apart", contract.damaged),
                ("an old copy of the store is noticed", contract.old_copy),
                ("bad documents are refused with a reason and the rest goes on",
                 contract.documents),
                ("odd names and things that are no files", contract.odd_files),
                ("servers: unpinned, used invite, country, unreachable", contract.server),
                ("malformed and dead links", contract.links),
                ("a document cannot reach the terminal", contract.no_terminal_tricks)):
            suite.test(sentence, body)
    return suite.close()


if __name__ == "__main__":
    sys.exit(main())
