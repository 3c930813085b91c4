#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""The record as a person uses it: whose documents, what is set apart, corrections, facts, own
entries and a watched folder. Everyone here is made up."""
import base64
import hashlib
import json
import os
import pty
import sys
import time

from harness import DOCUMENTS, Programs, Suite, expect


def letter(family, given, birth_date, text="Tout va bien.", number="1"):
    """A FHIR document about someone."""
    return json.dumps({
        "resourceType": "Bundle", "type": "document",
        "identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:example:{number}"},
        "entry": [
            {"resource": {
                "resourceType": "Composition", "title": "Lettre", "date": "2026-03-14",
                "type": {"coding": [{"system": "http://loinc.org", "code": "11488-4"}]},
                "subject": {"reference": "urn:example:patient"},
                "section": [{"text": {"div": f"<div>{text}</div>"}}]}},
            {"fullUrl": "urn:example:patient", "resource": {
                "resourceType": "Patient", "birthDate": birth_date,
                "name": [{"family": family, "given": [given]}]}}]})


PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def wrapped_pdf():
    """A CDA document of level 1 from a laboratory, whose body is a PDF; with who is to be reached."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3">
  <id root="1.2.3.4" extension="n1"/>
  <code code="11502-2" codeSystem="2.16.840.1.113883.6.1" displayName="CR"/>
  <title>Analyses</title>
  <effectiveTime value="20260301"/>
  <confidentialityCode code="R" codeSystem="2.16.840.1.113883.5.25" displayName="Restreint"/>
  <recordTarget><patientRole><id root="1.2.3" extension="1"/><patient>
    <name><family>EXEMPLE</family><given>Camille</given></name><birthTime value="19600514"/>
  </patient></patientRole></recordTarget>
  <author><time value="20260301"/><assignedAuthor><id root="1.2.3" extension="2"/>
    <representedOrganization><name>Laboratoire Exemple</name></representedOrganization>
  </assignedAuthor></author>
  <participant typeCode="IND"><associatedEntity classCode="ECON">
    <associatedPerson><name><family>Exemple</family><given>Alice</given></name></associatedPerson>
  </associatedEntity></participant>
  <component><nonXMLBody><text mediaType="application/pdf" representation="B64">
    {base64.b64encode(PDF).decode()}</text></nonXMLBody></component>
</ClinicalDocument>"""


class Record:
    def __init__(self, programs):
        self.programs = programs
        self.vault = programs.vault()
        self.vault.init()

    def rows(self, *words):
        return self.vault.run(*words).rows

    def said(self, *words):
        """What a person reads."""
        return self.vault.run(*words, json_out=False).out.decode()

    def own_documents(self):
        rows = self.rows("import", DOCUMENTS)
        expect(all(r["outcome"] == "imported" for r in rows[:-1]), f"all are Camille's: {rows}")
        expect(all(r["person_id"] == "owner" for r in self.rows("list")), "in the owner's record")

    def set_apart(self):
        path = self.programs.file("stranger.json", letter("MODÈLE", "Paul", "1999-01-02"))
        done = self.vault.run("import", path)
        row = done.rows[0]
        expect(done.status == 0 and row["outcome"] == "quarantined", f"set apart: {row}")
        expect(row["reason"] == "other_patient" and row["patient"]["name"] == "MODÈLE Paul" and
               "EXEMPLE" in row["expected"]["name"].upper(), f"both identities: {row}")
        expect(all(r["id"] != row["id"] for r in self.rows("list")), "in no list")
        expect("MODÈLE Paul" in self.said("inbox", "list"), "the inbox names whom it is about")
        self.vault.run("inbox", "refuse", row["id"])
        expect("Rien n'est mis à part." in self.said("inbox", "list"), "empty is said in words")

    def records_merged(self):
        self.vault.run("person", "add", "Zoé Modèle")
        self.vault.run("person", "add", "Zoé (bis)")
        self.vault.run("note", "add", "--text", "À elle", "--person", "Zoé (bis)")
        said = self.said("person", "merge", "Zoé Modèle", "Zoé (bis)")
        expect("Dossiers réunis" in said and "--undo" in said, f"how to take it back: {said}")
        expect(len(self.rows("list", "--person", "zoe modele")) == 1, "hers now")
        expect(len(self.rows("person", "list")) == 3, "one less")
        said = self.said("person", "merge", "Zoé Modèle", "Zoé (bis)", "--undo")
        expect("Dossiers séparés" in said, said)
        expect(len(self.rows("list", "--person", "zoe modele")) == 0, "as before")
        self.vault.run("person", "remove", "Zoé Modèle")
        full = self.vault.run("person", "remove", "Zoé (bis)", check=False)
        expect((full.status, full.code()) == (6, "record_not_empty"), f"{full.rows}")
        said = self.said("person", "remove", "Zoé (bis)", "--to-trash")
        expect("1 document à la corbeille" in said, said)
        expect(len(self.rows("person", "list")) == 2, "both are gone")

        self.vault.run("person", "add", "Paul Modèle")
        path = self.programs.file("paul.json", letter("MODÈLE", "Paul", "1999-01-02", number="2"))
        row = self.rows("import", path)[0]
        expect(row["outcome"] == "imported" and row["person"] == "Paul Modèle", f"filed: {row}")
        listed = self.rows("list", "--person", "paul modele")
        expect([r["id"] for r in listed] == [row["id"]], f"in his record alone: {listed}")
        expect("Paul Modèle" in self.said("list"), "the whole list says whose it is")
        expect(len(self.rows("person", "list")) == 2, "two persons")

    def attached(self):
        row = self.rows("import", self.programs.file("n1.xml", wrapped_pdf()))[0]
        ident = row["id"]
        listed = [r for r in self.rows("list") if r["id"] == ident][0]
        expect(listed["author"] == "Laboratoire Exemple", f"a laboratory is an author: {listed}")
        shown = self.vault.run("show", ident).one()
        one = shown["attachments"][0]
        expect(one["number"] == 1 and one["media_type"] == "application/pdf" and
               one["size"] == len(PDF) and one["sha256"] == hashlib.sha256(PDF).hexdigest(),
               f"listed: {one}")
        expect(shown["birth_date"] == "1960-05-14" and
               shown["authors"][0]["organisation"] == "Laboratoire Exemple" and
               shown["restrictions"][0]["label"] == "Confidentialité renforcée", f"{shown}")
        out = self.programs.path("taken.pdf")
        self.vault.run("show", ident, "--attachment", "1", "--out", out)
        with open(out, "rb") as file:
            expect(file.read() == PDF, "byte for byte")
        expect(self.vault.run("show", ident, "--attachment", "1", json_out=False).out == PDF,
               "piped on")
        expect(self.vault.run("show", ident, "--attachment", "2", json_out=False,
                              check=False).status == 3, "there is no second")
        about = self.said("show", ident, "--about")
        for words in ("Pièce jointe 1", "PDF", one["sha256"], "Laboratoire Exemple", "14 mai 1960",
                      "Confidentialité renforcée", "import de fichiers"):
            expect(words in about, f"{words}: {about}")
        told = self.vault.run("show", ident, "--text", json_out=False)
        expect(f"coffret show {ident[:8]} --attachment 1 --out FICHIER" in told.err.decode(),
               f"where the PDF is: {told.err}")
        expect("à prévenir en cas d'urgence" in self.said("summary"), "a role in words")
        status, screen = self.on_a_terminal("show", ident, "--attachment", "1")
        expect(status == 2 and b"application/pdf: --out" in screen and b"%PDF" not in screen,
               f"a PDF is not for a screen: {screen}")

    def on_a_terminal(self, *words):
        """Exit status and what was on the screen, errors included."""
        pid, screen = pty.fork()
        if pid == 0:
            program = self.programs.program("coffret")
            os.execve(program, [program, "--lang", "fr", "--vault", self.vault.directory, *words],
                      self.programs.env)
        shown = b""
        while True:
            try:
                some = os.read(screen, 4096)
            except OSError:  # the other end is closed
                some = b""
            if not some:
                break
            shown += some
        os.close(screen)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown

    def taken_back(self):
        """A removal says until when it can be undone, and by which command."""
        ident = self.vault.run("note", "add", "--text", "Une note de trop").one()["id"]
        said = self.said("remove", ident)
        expect(f"coffret restore {ident[:8]}" in said and "jusqu'au" in said, said)
        expect(ident in [r["id"] for r in self.rows("list", "--removed")], "listed apart")
        self.vault.run("restore", ident)
        expect(ident in [r["id"] for r in self.rows("list")], "and back")

    def same_document(self):
        text = letter("EXEMPLE", "Camille", "1960-05-14", number="3")
        first = self.rows("import", self.programs.file("one.json", text))[0]
        again = self.rows("import", self.programs.file("two.json", text + "\n\n"))[0]
        expect(first["outcome"] == "imported" and again["outcome"] == "duplicate" and
               again["id"] == first["id"], f"one document: {first} {again}")
        other = self.programs.file("three.json", letter("EXEMPLE", "Camille", "1960-05-14",
                                                        "Autre texte.", "3"))
        expect(self.rows("import", other)[0]["outcome"] == "imported", "a reused id loses nothing")

    def corrected(self):
        one = self.rows("list", "--person", "owner")[0]
        self.vault.run("edit", one["id"], "--title", "Mon titre", "--date", "12/03/2020",
                       "--note", "À revoir")
        shown = self.vault.run("show", one["id"]).one()
        expect(shown["title"] == "Mon titre" and shown["date"] == "2020-03-12" and
               shown["sha256"] == one["sha256"], f"changed in the list, not in its bytes: {shown}")
        about = self.said("show", one["id"], "--about")
        expect("12 mars 2020 (donnée par vous)" in about and "inchangé" in about, about)
        history = self.said("history", one["id"])
        expect("note « À revoir »" in history and "titre « Mon titre »" in history,
               f"history tells what was changed, in words: {history}")
        refused = self.vault.run("edit", one["id"], "--date", "31/02/2020", check=False)
        expect(refused.status == 2, "a day that does not exist is refused")

    def own_entries(self):
        for words in (["measure", "add", "--what", "poids", "--value", "72,5"],
                      ["measure", "add", "--what", "tension", "--value", "128/79"],
                      ["allergy", "add", "--what", "arachide", "--reaction", "urticaire"],
                      ["treatment", "add", "--what", "paracétamol", "--dose", "1 g le soir"],
                      ["vaccine", "add", "--what", "DTP", "--date", "06/2019"],
                      ["contact", "add", "--name", "Alice Exemple", "--phone", "06 00 00 00 00"],
                      ["directive", "add", "--text", "Mes volontés."],
                      ["note", "add", "--text", "Fatigue depuis lundi"]):
            made = self.vault.run(*words).one()
            expect(made["patient_authored"], f"{words}: {made}")
        expect("Poids : 72,5 kg" in self.said("list"), "listed under its words")
        expect("(saisi par vous)" in self.said("list"), "marked as the person's")
        expect(self.rows("search", "fatigue"), "found by its words")
        for what, value, why in (("poids", "lourd", "--value : ce n'est pas un nombre"),
                                 ("tension", "12/80", "--value, Tension systolique : 30 – 350 mmHg"),
                                 ("taille", "1720", "--value, Taille : 20 – 272 cm")):
            wrong = self.vault.run("measure", "add", "--what", what, "--value", value, check=False)
            expect(wrong.status == 2 and wrong.one()["error"]["detail"] == why,
                   f"{what} {value}: {wrong.rows}")
        for words, why in ((("measure", "--what", "tension", "--value", "8/12"), "systolique"),
                           (("vaccine", "--what", "DTP", "--date", "2999"), "futur"),
                           (("treatment", "--what", "x", "--date", "2020-02-01", "--until",
                             "2020-01-01"), "--until")):
            wrong = self.vault.run(words[0], "add", *words[1:], check=False)
            expect(wrong.status == 2 and why in wrong.one()["error"]["detail"],
                   f"{words}: {wrong.rows}")
        self.vault.run("treatment", "add", "--what", "au long cours", "--until", "2999")
        self.vault.run("treatment", "add", "--what", "ancien", "--date", "2019", "--until", "2020")
        over = {r["label"]: r["over"] for r in self.rows("medicines")}
        expect(over["au long cours"] is False and over["ancien"] is True, f"by its end: {over}")
        expect("ancien" not in self.said("summary"), "what is over is no treatment")
        self.vault.run("measure", "add", "--what", "tension", "--value", "12/8")
        expect("12/8 cmHg" in self.said("list") and "12 cmHg" in self.said("results"),
               "as people say it")

    def facts(self):
        for command in ("results", "medicines", "allergies", "vaccines", "summary"):
            rows = self.rows(command)
            expect(all(r["document"] and r["person_id"] for r in rows),
                   f"{command}: each fact names its document: {rows}")
        for command in ("allergies", "summary"):
            said = self.said(command, "--person", "Paul Modèle")
            expect("ne veut pas dire qu'il n'y a rien" in said and "aucune allergie" not in said,
                   f"nothing found is not nothing there: {said}")
            expect(self.rows(command, "--person", "vous") == self.rows(command, "--person", "owner"),
                   "the owner by the word that lists show")
        said = self.said("summary")
        expect("Paul Modèle : Rien n'a été trouvé sous : allergie" in said and "== " in said,
               f"nothing found is told of each person: {said}")

    def stated(self):
        """What a document says of a dose, of an allergy and of a suspicion is told whole."""
        about = {"subject": {"reference": "urn:example:patient"}}
        whole = json.loads(letter("EXEMPLE", "Camille", "1960-05-14", number="stated"))
        whole["entry"] += [{"resource": resource} for resource in (
            {"resourceType": "MedicationRequest", "status": "active", "intent": "order", **about,
             "medicationCodeableConcept": {"text": "IMAGINOL"}, "authoredOn": "2026-03-14",
             "dosageInstruction": [{
                 "text": "1 gélule 4 fois par jour", "patientInstruction": "Avec un verre d'eau",
                 "route": {"text": "voie orale"}, "asNeededBoolean": True,
                 "timing": {"repeat": {"period": 16, "periodUnit": "h", "boundsPeriod": {
                     "start": "2026-03-14", "end": "2999-01-01"}}}}]},
            {"resourceType": "Condition", **about, "code": {"text": "Coqueluche"},
             "verificationStatus": {"coding": [{"code": "provisional"}]}},
            {"resourceType": "Condition", **about, "code": {"text": "Rougeole"},
             "verificationStatus": {"coding": [{"code": "refuted"}]}},
            {"resourceType": "AllergyIntolerance", "patient": about["subject"],
             "code": {"text": "Kiwi"}, "criticality": "high",
             "reaction": [{"manifestation": [{"text": "Choc"}], "severity": "severe"}]})]
        row = self.rows("import", self.programs.file("stated.json", json.dumps(whole)))[0]
        expect(row["outcome"] == "imported", f"{row}")
        said = self.said("medicines")
        for words in ("1 gélule 4 fois par jour (codé : toutes les 16 h)", "voie orale",
                      "si besoin", "Avec un verre d'eau", "Lettre"):
            expect(words in said, f"{words}: {said}")
        said = self.said("summary")
        for words in ("Coqueluche, suspecté, à confirmer",
                      "Kiwi, Choc, réaction sévère, risque vital"):
            expect(words in said, f"{words}: {said}")
        expect("Rougeole" not in said, "what is refuted is no diagnosis")
        out = self.programs.path("stated.fhir.json")
        self.vault.run("export", "--format", "fhir", "--out", out)
        with open(out, encoding="utf-8") as file:
            resources = [e["resource"] for e in json.load(file)["entry"]]
        named = {r["code"]["text"]: r for r in resources if "text" in r.get("code", {})}
        expect(named["Kiwi"]["criticality"] == "high" and
               named["Kiwi"]["reaction"][0]["severity"] == "severe", f"{named['Kiwi']}")
        status = named["Coqueluche"]["verificationStatus"]["coding"][0]["code"]
        expect(status == "provisional", f"{named['Coqueluche']}")
        dose = [r for r in resources if r["resourceType"] == "MedicationRequest"
                and r["medicationCodeableConcept"]["text"] == "IMAGINOL"][0]["dosageInstruction"][0]
        expect("voie orale" in dose["text"] and "si besoin" in dose["text"] and
               dose["timing"]["repeat"]["boundsPeriod"]["end"] == "2999-01-01", f"{dose}")
        expect(dose["route"]["text"] == "voie orale" and dose["asNeededBoolean"] is True, f"{dose}")
        # The same document for somebody who reads English: its own words, and ours in English.
        self.vault.lang = "en"
        said = self.said("medicines")
        self.vault.lang = None
        for words in ("1 gélule 4 fois par jour (coded: every 16 h)", "voie orale", "if needed"):
            expect(words in said, f"{words}: {said}")

    def not_silent(self):
        """What is left out or refused is said."""
        sealed = self.programs.file("backup.age", "age-encryption.org/v1\n-> X25519 a\nb\n--- c\n")
        done = self.vault.run("import", sealed, check=False)
        expect(done.status == 9 and done.rows[0]["cause"] == "sealed_file", f"{done.rows}")
        wrong = self.vault.run("unlock", "--passphrase-file",
                               self.programs.file("wrong", "une autre phrase\n"), check=False)
        expect(wrong.status == 4, f"open, and the passphrase wrong: {wrong.status} {wrong.rows}")
        expect(self.rows("list"), "and it stays open")

    def watched(self):
        folder = self.programs.path("scans")
        done = self.programs.path("scans-done")
        os.mkdir(folder)
        self.vault.run("watch", folder, "--move", done)
        path = os.path.join(folder, "scan.txt")
        with open(path, "w", encoding="utf-8") as file:
            file.write("Compte rendu numérisé\n")
        deadline = time.time() + 30  # the daemon waits two seconds for the file to settle
        while os.path.exists(path) and time.time() < deadline:
            time.sleep(0.2)
        row = self.vault.run("watch", "list").one()
        expect(row["imported"] == 1 and os.listdir(done) == ["scan.txt"], f"taken in: {row}")
        expect(self.rows("search", "numérisé"), "and searchable")
        self.vault.run("stop")
        self.vault.unlock()
        expect(self.vault.run("watch", "list").one()["directory"] == folder, "after a restart")
        self.vault.run("watch", "stop", folder)
        expect("Aucun dossier" in self.said("watch", "list"), "stopped")


def main():
    suite = Suite()
    with Programs(sys.argv[1]) as programs:
        record = Record(programs)
        suite.test("the owner's documents are taken in", record.own_documents)
        suite.test("a stranger's document is set apart, named and refused", record.set_apart)
        suite.test("a second person has a record of their own", record.second_person)
        suite.test("two records of one person are merged and parted, an empty one removed",
                   record.records_merged)
        suite.test("an attachment is listed, told of and taken out", record.attached)
        suite.test("what was removed says how it comes back", record.taken_back)
        suite.test("the same document twice is one, whatever its bytes", record.same_document)
        suite.test("a person corrects what is listed, and the original stays", record.corrected)
        suite.test("what a person types in is theirs and is found", record.own_entries)
        suite.test("every fact names its document", record.facts)
        suite.test("doses, allergies and suspicions are told and exported whole", record.stated)
        suite.test("what is refused or left out is said", record.not_silent)
        suite.test("a watched folder is emptied into the vault, also after a restart",
                   record.watched)
    return suite.close()


if __name__ == "__main__":
    sys.exit(main())
