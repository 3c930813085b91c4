#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""What was put in comes out, readable without Coffret, and goes into another vault as it was. The
stock `age` and `openssl` are asked where they are installed; without them, skipped, loudly."""
import base64
import csv
import hashlib
import io
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tarfile
import zipfile
from html.parser import HTMLParser

from harness import DOCUMENTS, Programs, Suite, expect

# METADATA.XML of one PDF: the one place that tells its title, patient and visibility.
METADATA = """<l:SubmitObjectsRequest xmlns:l="urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0"
 xmlns:r="urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"><r:RegistryObjectList>
<r:ExtrinsicObject id="D1" mimeType="application/pdf">
<r:Slot name="creationTime"><r:ValueList><r:Value>202403110830</r:Value></r:ValueList></r:Slot>
<r:Slot name="URI"><r:ValueList><r:Value>D.PDF</r:Value></r:ValueList></r:Slot>
<r:Slot name="sourcePatientInfo"><r:ValueList><r:Value>PID-5|EXEMPLE^Camille^^^^^L</r:Value>
<r:Value>PID-7|19600514</r:Value></r:ValueList></r:Slot>
<r:Name><r:LocalizedString value="Radiographie du genou"/></r:Name>
<r:Classification classificationScheme="urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f"
 nodeRepresentation="INVISIBLE_PATIENT"><r:Slot name="codingScheme"><r:ValueList>
<r:Value>1.2.250.1.213.1.1.4.13</r:Value></r:ValueList></r:Slot></r:Classification>
</r:ExtrinsicObject></r:RegistryObjectList></l:SubmitObjectsRequest>"""


# Titles that a spreadsheet would compute, here or where cells end otherwise.
FORMULAS = ("=1+1", "+1+1", "@SUM(A1)", "-2", "glycémie;=1+1", "glycémie,=HYPERLINK(A1)")


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def files_in(folder):
    return sorted(os.path.relpath(os.path.join(where, name), folder)
                  for where, _, names in os.walk(folder) for name in names)


def entries(vault):
    """All that is told of each document and its text, but what names the vault and the day."""
    told = []
    for row in vault.run("list").rows:
        whole = {**vault.run("show", row["id"]).one(), "person": row["person"]}
        for name in ("id", "versions", "person_id"):
            del whole[name]
        for name in ("received", "device"):
            del whole["provenance"][name]
        whole["edits"] = [edit["changes"] for edit in whole["edits"]]  # on another device, later
        told.append(json.dumps(whole, sort_keys=True))
    return sorted(told)


def letter(given, birth_date):
    """A FHIR document about someone who does not exist."""
    return json.dumps({
        "resourceType": "Bundle", "type": "document",
        "identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:example:{given}"},
        "entry": [
            {"resource": {
                "resourceType": "Composition", "title": "Lettre", "date": "2026-03-14",
                "type": {"coding": [{"system": "http://loinc.org", "code": "11488-4"}]},
                "subject": {"reference": "urn:example:patient"},
                "section": [{"text": {"div": f"<div>Tout va bien, {given}.</div>"}}]}},
            {"fullUrl": "urn:example:patient", "resource": {
                "resourceType": "Patient", "birthDate": birth_date,
                "name": [{"family": "EXEMPLE", "given": [given]}]}}]})


class Page(HTMLParser):
    """What a page links to, and what it could run."""

    def __init__(self):
        super().__init__()
        self.links, self.tags = [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        for name, value in attributes:
            expect(not name.startswith("on"), f"no handler: {name}")
            if name in ("href", "src"):
                self.links.append(value)


def from_base64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def signed_by(jws, scratch):
    """True when openssl agrees with the signature of a compact JWS made by the key in its header."""
    header, payload, signature = jws.split(".")
    key = json.loads(from_base64url(header))["jwk"]["x"]
    spki = bytes.fromhex("302a300506032b6570032100") + from_base64url(key)
    paths = {}
    for name, content in (("key", spki), ("input", f"{header}.{payload}".encode()),
                          ("signature", from_base64url(signature))):
        paths[name] = os.path.join(scratch, "jws-" + name)
        with open(paths[name], "wb") as file:
            file.write(content)
    done = subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey",
                           paths["key"], "-rawin", "-in", paths["input"], "-sigfile",
                           paths["signature"]], capture_output=True, check=False)
    return done.returncode == 0


def folder_tests(programs, suite, vault):
    out = programs.path("out")

    def made():
        told = vault.run("export", "--format", "folder", "--out", out).one()
        expect(told["documents"] == len(vault.run("list").rows), "every document is taken out")
        expect(stat.S_IMODE(os.stat(out).st_mode) == 0o700, "nobody else enters the folder")
        for name in files_in(out):
            mode = stat.S_IMODE(os.stat(os.path.join(out, name)).st_mode)
            expect(mode == 0o600, f"{name}: {mode:o}")
        beside = [name for name in os.listdir(programs.scratch) if name.startswith(".out")]
        expect(not beside, f"nothing is left beside it: {beside}")

    def originals():
        wanted = {digest(os.path.join(DOCUMENTS, name)) for name in os.listdir(DOCUMENTS)}
        kept = {digest(os.path.join(out, name)) for name in files_in(out)
                if name.startswith("documents/")}
        expect(wanted <= kept, "every original byte for byte")

    def not_twice():
        before = {name: digest(os.path.join(out, name)) for name in files_in(out)}
        done = vault.run("export", "--format", "folder", "--out", out, check=False)
        expect(done.status == 1 and done.code() == "file_exists", f"{done.status} {done.rows}")
        expect(before == {name: digest(os.path.join(out, name)) for name in files_in(out)},
               "what was there is untouched")

    def page():
        with open(os.path.join(out, "index.html"), encoding="utf-8") as file:
            text = file.read()
        seen = Page()
        seen.feed(text)
        expect("script" not in seen.tags and "http://" not in text and "https://" not in text,
               "the page needs nothing and calls nobody")
        from urllib.parse import unquote
        for link in seen.links:
            expect(os.path.isfile(os.path.join(out, unquote(link))), f"{link} is there")
        for row in vault.run("list").rows:
            expect(row["sha256"] in text, f"{row['title']} stands in the page")

    def sums():
        done = subprocess.run(["sha256sum", "--quiet", "--strict", "-c", "SHA256SUMS"], cwd=out,
                              capture_output=True, check=False)
        expect(done.returncode == 0, done.stdout.decode() + done.stderr.decode())
        with open(os.path.join(out, "manifest.json"), encoding="utf-8") as file:
            manifest = json.load(file)
        listed = {item["name"]: item for item in manifest["files"]}
        expect(set(listed) | {"manifest.json", "manifest.jws"} == set(files_in(out)),
               "the list names every file")
        for name, item in listed.items():
            path = os.path.join(out, name)
            expect((item["size"], item["sha256"]) == (os.path.getsize(path), digest(path)), name)

    def signature():
        with open(os.path.join(out, "manifest.jws"), encoding="ascii") as file:
            jws = file.read()
        with open(os.path.join(out, "manifest.json"), "rb") as file:
            expect(from_base64url(jws.split(".")[1]) == file.read(), "the signed list is the list")
        expect(signed_by(jws, programs.scratch), "openssl agrees with the signature")
        header, payload, mark = jws.split(".")
        altered = payload[:-6] + ("A" if payload[-6] != "A" else "B") + payload[-5:]
        expect(not signed_by(f"{header}.{altered}.{mark}", programs.scratch), "another list is not")

    def tables():
        for name in ("documents.csv", "results.csv", "medicines.csv"):
            with open(os.path.join(out, name), "rb") as file:
                raw = file.read()
            expect(raw.startswith(b"\xef\xbb\xbf"), f"{name}: a mark for spreadsheets")
            text = raw[3:].decode("utf-8")
            rows = list(csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=";"))
            expect(len({len(row) for row in rows}) == 1, f"{name}: rows of one length")
            for row in rows:
                for cell in row:
                    expect(not re.match(r"[=+\-@\t\r]", cell), f"{name}: {cell!r} is a formula")
            # A spreadsheet that splits elsewhere, whatever quotes stand there.
            for cell in re.split(r"[,;\t\r\n]", text):
                expect(not re.match(r"[ \"]*[=+\-@]", cell), f"{name}: {cell!r} may be a formula")
            if name == "documents.csv":
                expect(len(rows) == 1 + len(vault.run("list").rows), "one row a document")
                for title in FORMULAS:
                    guarded = re.sub(r"(^|[;,])(?=[=+@-])", r"\1'", title)
                    expect(any(guarded in row for row in rows), f"{guarded!r} is in the table")

    def bundle():
        with open(os.path.join(out, "record.fhir.json"), encoding="utf-8") as file:
            told = json.load(file)
        kinds = [entry["resource"]["resourceType"] for entry in told["entry"]]
        expect(told["type"] == "document" and kinds[0] == "Composition" and kinds[1] == "Patient",
               f"a document: {kinds[:2]}")
        urls = [entry["fullUrl"] for entry in told["entry"]]
        expect(len(set(urls)) == len(urls), "every resource has its own address")
        for section in told["entry"][0]["resource"]["section"]:
            for entry in section["entry"]:
                expect(entry["reference"] in urls, f"{section['title']}: {entry}")
        from urllib.parse import unquote
        for entry in told["entry"]:
            if entry["resource"]["resourceType"] != "DocumentReference":
                continue
            attachment = entry["resource"]["content"][0]["attachment"]
            with open(os.path.join(out, unquote(attachment["url"])), "rb") as file:
                body = file.read()
            expect(base64.b64decode(attachment["hash"]) == hashlib.sha1(body).digest(),
                   attachment["url"])

    def round_trip():
        home, other = programs.vault("home"), programs.vault("other")
        for one in (home, other):
            one.init()
        home.run("person", "add", "Léa Exemple")
        with zipfile.ZipFile(programs.path("x.zip"), "w") as archive:
            archive.writestr("IHE_XDM/S/METADATA.XML", METADATA)
            archive.write(os.path.join(DOCUMENTS, "ordonnance.pdf"), "IHE_XDM/S/D.PDF")
        done = home.run("import", programs.path("x.zip"), DOCUMENTS,
                        programs.file("lea.json", letter("Léa", "2015-01-02")))
        expect(done.one()["summary"]["quarantined"] == 0, f"{done.rows}")
        home.run("note", "add", "--text", "Fatigue depuis lundi", "--person", "Léa Exemple")
        home.run("measure", "add", "--what", "poids", "--value", "72,5", "--date", "01/03/2026")
        row = next(row for row in home.run("list").rows if row["media_type"] == "text/plain")
        home.run("edit", row["id"], "--title", "Carnet", "--date", "2019-05-04", "--kind",
                 "ordonnance", "--note", "À revoir")
        back = programs.path("back")
        words = home.run("export", "--format", "folder", "--out", back).one()["signed_by"]["words"]
        done = other.run("import", back)
        summary = done.one()["summary"]
        judged = summary["exports"][0]
        expect((judged["signed_by"], judged["words"]) == ("other_vault", words), f"{judged}")
        expect(summary["imported"] == len(home.run("list").rows) and summary["refused"] ==
               summary["quarantined"] == summary["duplicate"] == 0, f"{done.rows}")
        # A list is a file like any other: it cannot say what was typed into this vault.
        was = sorted(one.replace('"entered_here": true', '"entered_here": false')
                     .replace('"source": "own"', '"source": "own_elsewhere"')
                     for one in entries(home))
        expect(entries(other) == was, "\n".join(sorted(set(entries(other)) ^ set(was))))
        told = "\n".join(entries(other))
        for words in ("Radiographie du genou", "INVISIBLE_PATIENT", "À revoir", "Léa Exemple",
                      '"source": "own_elsewhere"'):
            expect(words in told or json.dumps(words)[1:-1] in told, f"{words} came along")

    def signed():
        home = programs.vault("signer")
        home.init()
        note = home.run("note", "add", "--text", "Fatigue depuis lundi").one()["id"]
        kept = programs.path("kept")
        home.run("export", "--format", "folder", "--out", kept)
        home.run("remove", note)
        done = home.run("import", kept).one()
        expect(done["summary"]["exports"][0]["signed_by"] == "this_vault", f"{done}")
        row = home.run("list").rows[0]
        expect(row["id"] != note and row["entered_here"], f"typed in by the person: {row}")
        with open(os.path.join(kept, "manifest.json"), "a", encoding="utf-8") as file:
            file.write(" ")
        done = home.run("import", kept, check=False)
        judged = done.rows[-1]["summary"]["exports"][0]
        expect((done.status, judged["code"]) == (7, "list_altered"), f"{done.status} {judged}")
        expect(done.rows[-1]["summary"]["duplicate"] == 1, "and loses nothing")
        said = home.run("import", kept, json_out=False, check=False)
        expect("n'est pas celle qui a été signée" in said.err.decode(), f"told: {said.err}")

    suite.test("a folder is made for its owner alone, and nothing beside it", made)
    suite.test("the originals are there byte for byte", originals)
    suite.test("what exists is not written over", not_twice)
    suite.test("the page shows every document and needs nothing else", page)
    suite.test("every file is listed with its digest", sums)
    suite.test("the list is signed by the device", signature)
    suite.test("no cell of a table is a formula", tables)
    suite.test("the record is a FHIR document whose references lead somewhere", bundle)
    suite.test("another vault takes the folder in as the same entries", round_trip)
    suite.test("a list that comes back is judged by its signature", signed)


def other_tests(programs, suite, vault):
    def one_person():
        vault.run("person", "add", "Léa Exemple")
        vault.run("note", "add", "--text", "À elle", "--person", "lea exemple")
        everybody = len(vault.run("list").rows)
        told = vault.run("export", "--format", "fhir", "--out", programs.path("own.json")).one()
        expect((told["documents"], told["left_out"]) == (everybody - 1, 1), f"{told}")
        told = vault.run("export", "--format", "fhir", "--person", "LEA EXEMPLE", "--out",
                         programs.path("hers.json")).one()
        expect((told["documents"], told["left_out"]) == (1, 0), f"{told}")
        with open(programs.path("hers.json"), encoding="utf-8") as file:
            kinds = [one["resource"]["resourceType"] for one in json.load(file)["entry"]]
        expect(kinds.count("DocumentReference") == 1, f"hers alone: {kinds}")
        said = vault.run("export", "--format", "fhir", "--out", programs.path("own2.json"),
                         json_out=False)
        expect("--person" in said.err.decode(), f"whoever is left out is told: {said.err}")

    def fhir():
        path = programs.path("record.json")
        vault.run("export", "--format", "fhir", "--out", path)
        with open(path, encoding="utf-8") as file:
            told = json.load(file)
        bodies = {hashlib.sha256(base64.b64decode(content["attachment"]["data"])).hexdigest()
                  for entry in told["entry"] if entry["resource"]["resourceType"]
                  == "DocumentReference" for content in entry["resource"]["content"]}
        expect(bodies == {row["sha256"] for row in vault.run("list").rows}, "every body is inside")

    def age():
        path, key = programs.path("out.age"), programs.path("key")
        subprocess.run(["age-keygen", "-o", key], check=True, capture_output=True)
        recipient = subprocess.run(["age-keygen", "-y", key], check=True, capture_output=True,
                                   text=True).stdout.strip()
        vault.run("export", "--out", path, "--recipient", recipient)
        with open(path, "rb") as file:
            expect(file.read(22) == b"age-encryption.org/v1\n", "an age file")
        opened = subprocess.run(["age", "-d", "-i", key, path], check=True, capture_output=True)
        with open(programs.path("opened.tar"), "wb") as file:
            file.write(opened.stdout)
        with tarfile.open(programs.path("opened.tar")) as tar:
            sums = {hashlib.sha256(tar.extractfile(member).read()).hexdigest() for member in tar}
            names = [member.name for member in tar]
        expect({row["sha256"] for row in vault.run("list").rows} <= sums, "every original is inside")
        expect(any(name.endswith("/index.html") for name in names), f"{names}")
        done = subprocess.run(["tar", "-tf", programs.path("opened.tar")], capture_output=True,
                              check=False)
        expect(done.returncode == 0 and not done.stderr, "the stock tar has nothing to say")

    def passphrase():
        path = programs.path("pass.age")
        word = programs.file("age.pass", "pour le fichier seulement\n")
        vault.run("export", "--out", path, "--age-passphrase-file", word)
        with open(path, "rb") as file:
            expect(b"\n-> scrypt " in file.read(200), "locked by a passphrase")
        done = vault.run("export", "--out", path + "2", "--age-passphrase-file", word,
                         "--recipient", "age1x", check=False)
        expect(done.status == 2 and not os.path.exists(path + "2"), "one or the other")
        done = vault.run("export", "--out", path + "3", "--recipient", "age1nobody", check=False)
        expect(done.status == 9 and not os.path.exists(path + "3"), f"{done.status} {done.rows}")

    def nowhere():
        done = vault.run("export", "--format", "folder", "--out",
                         programs.path("missing", "out"), check=False)
        expect(done.status == 3, f"{done.status} {done.rows}")
        vault.run("lock")
        done = vault.run("export", "--format", "folder", "--out", programs.path("locked"),
                         check=False)
        expect(done.status == 5 and not os.path.exists(programs.path("locked")), f"{done.status}")
        vault.unlock()

    suite.test("one FHIR Bundle holds the record and every body", fhir)
    sentence = "the stock programs open an age file made to a recipient"
    if shutil.which("age") and shutil.which("age-keygen"):
        suite.test(sentence, age)
    else:
        suite.skip(sentence, "the Debian package age is not installed")
    suite.test("an age file has a passphrase or recipients, never both", passphrase)
    suite.test("one Bundle is one person's, and says whom it leaves out", one_person)
    suite.test("without a place, or an open vault, nothing is made", nowhere)


def main():
    suite = Suite()
    with Programs(sys.argv[1]) as programs:
        vault = programs.vault()
        vault.init()
        hostile = programs.file("hostile.txt", "=HYPERLINK(\"x\") <script>alert(1)</script> & 'x'\n")
        vault.run("import", DOCUMENTS, hostile, "--any-patient")
        for title in FORMULAS:
            vault.run("note", "add", f"--title={title}", "--text", "Sans objet")
        folder_tests(programs, suite, vault)
        other_tests(programs, suite, vault)
    return suite.close()


if __name__ == "__main__":
    sys.exit(main())
