#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Writes the sample documents of the demonstration and the tests, always the same bytes.

usage: make_documents.py [FOLDER]      default: documents/ beside this file

The patient, Camille EXEMPLE, and everyone else here do not exist. Identifiers are of France's test
range (INS-NIR of test, OID 1.2.250.1.213.1.4.10). Each document holds a word of its own that stands
nowhere else; canaries.txt lists them, with the patient's name, for the searches that must find
nothing on a server's disk.
"""
import base64
import json
import pathlib
import struct
import sys
import zlib

HERE = pathlib.Path(__file__).resolve().parent

PATIENT = """<recordTarget><patientRole>
    <id extension="260058815400233" root="1.2.250.1.213.1.4.10"/>
    <addr><houseNumber>1</houseNumber><streetName>rue Imaginaire</streetName><postalCode>00000</postalCode><city>VILLE-FICTIVE</city></addr>
    <patient>
      <name><family qualifier="BR">EXEMPLE</family><given>Camille</given><given qualifier="BR">Camille</given></name>
      <administrativeGenderCode code="F" codeSystem="2.16.840.1.113883.5.1"/>
      <birthTime value="19600514"/>
      <birthplace><place><addr><county>88154</county></addr></place></birthplace>
    </patient>
  </patientRole></recordTarget>"""


def author(time, number, code, words, given, family, organisation):
    return f"""<author><time value="{time}"/><assignedAuthor>
    <id root="1.2.250.1.71.4.2.1" extension="{number}"/>
    <code code="{code}" displayName="{words}" codeSystem="1.2.250.1.213.1.1.4.5"/>
    <assignedPerson><name><prefix>DR</prefix><given>{given}</given><family>{family}</family></name></assignedPerson>
    <representedOrganization><name>{organisation}</name></representedOrganization>
  </assignedAuthor></author>"""


def cda(own_id, code, display, title, time, who, setting, body, template=""):
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <realmCode code="FR"/>
  <typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>
  <templateId root="2.16.840.1.113883.2.8.2.1"/>
  <templateId root="1.2.250.1.213.1.1.1.1"/>{template}
  <id root="{own_id}"/>
  <code code="{code}" displayName="{display}" codeSystem="2.16.840.1.113883.6.1" codeSystemName="LOINC"/>
  <title>{title}</title>
  <effectiveTime value="{time}"/>
  <confidentialityCode code="N" displayName="Normal" codeSystem="2.16.840.1.113883.5.25"/>
  <languageCode code="fr-FR"/>
  <setId root="{own_id}.1"/>
  <versionNumber value="1"/>
  {PATIENT}
  {who}
  <custodian><assignedCustodian><representedCustodianOrganization><id root="1.2.250.1.71.4.2.2" extension="1000000000"/></representedCustodianOrganization></assignedCustodian></custodian>
  <documentationOf><serviceEvent><performer typeCode="PRF"><assignedEntity><id root="1.2.250.1.71.4.2.1" extension="899900000001"/><representedOrganization><standardIndustryClassCode code="{setting}" codeSystem="1.2.250.1.213.1.1.4.9"/></representedOrganization></assignedEntity></performer></serviceEvent></documentationOf>
  <component>{body}</component>
</ClinicalDocument>
"""


def pdf(title, who, date, lines):
    """One A4 page of Helvetica in WinAnsi: real text, which a converter can take out."""

    def escaped(text):
        raw = text.encode("cp1252")
        return raw.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")

    def info(text):
        return b"<FEFF" + text.encode("utf-16-be").hex().upper().encode() + b">"

    content = b"BT /F1 12 Tf 16 TL 60 780 Td\n"
    content += b"".join(b"(" + escaped(line) + b") Tj T*\n" for line in lines) + b"ET\n"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "
        b"/Resources << /Font << /F1 5 0 R >> >> /Contents 4 0 R >>",
        b"<< /Length %d >>\nstream\n%sendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Title %s /Author %s /CreationDate (D:%s) >>"
        % (info(title), info(who), date.encode()),
    ]
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info 6 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1, start)
    return bytes(out)


def laboratory_report():
    copy = pdf("Compte rendu de biologie", "Dr Ada INVENTEE", "20260115093000+01'00'", [
        "LABORATOIRE IMAGINAIRE",
        "Patiente : Camille EXEMPLE, née le 14/05/1960",
        "Glycémie à jeun : 5,2 mmol/L (4,1 - 5,9)",
        "Hémoglobine glyquée : 5,6 % (4,0 - 6,0)",
        "Créatinine : 71 µmol/L (45 - 84)",
        "Repère de cette copie : copie-canari-02",
    ])
    rows = [("Glycémie à jeun", "5,2", "mmol/L", "4,1 - 5,9"),
            ("Hémoglobine glyquée", "5,6", "%", "4,0 - 6,0"),
            ("Créatinine", "71", "µmol/L", "45 - 84")]
    table = "".join(f"<tr><td>{a}</td><td>{b}</td><td>{c}</td><td>{d}</td></tr>" for a, b, c, d in rows)
    value = ('<observation classCode="OBS" moodCode="EVN"><code code="14771-0" displayName="Glucose à jeun" '
             'codeSystem="2.16.840.1.113883.6.1"/><statusCode code="completed"/>'
             '<effectiveTime value="202601150745+0100"/>'
             '<value xsi:type="PQ" value="5.2" unit="mmol/L"/></observation>')
    body = f"""<structuredBody>
    <component><section>
      <code code="18719-5" displayName="Biochimie" codeSystem="2.16.840.1.113883.6.1"/>
      <title>Biochimie</title>
      <text>
        <paragraph>Prélèvement du 15 janvier 2026 à 7 h 45, à jeun.</paragraph>
        <table><thead><tr><th>Examen</th><th>Résultat</th><th>Unité</th><th>Valeurs usuelles</th></tr></thead><tbody>{table}</tbody></table>
        <paragraph>Conclusion : bilan sans particularité. Repère : zibeline-canari-01.</paragraph>
      </text>
      <entry>{value}</entry>
    </section></component>
    <component><section>
      <code code="55108-5" displayName="Copie du document" codeSystem="2.16.840.1.113883.6.1"/>
      <title>Copie du compte rendu</title>
      <text><renderMultiMedia referencedObject="COPIE"/></text>
      <entry><observationMedia classCode="OBS" moodCode="EVN" ID="COPIE"><value mediaType="application/pdf" representation="B64">{base64.encodebytes(copy).decode()}</value></observationMedia></entry>
    </section></component>
  </structuredBody>"""
    return cda("1.2.250.1.213.1.4.10.1.1", "11502-2", "CR d'examens biologiques",
               "Compte rendu d'examens biologiques", "20260115093000+0100",
               author("20260115093000+0100", "899900000001", "G15_10/SM03",
                      "Médecin - Biologie médicale (SM)", "Ada", "INVENTEE", "Laboratoire Imaginaire"),
               "AMBULATOIRE", body,
               '\n  <templateId root="1.3.6.1.4.1.19376.1.3.3"/>'
               '\n  <templateId root="1.2.250.1.213.1.1.1.55" extension="2024.01"/>').encode()


def prescription():
    return pdf("Ordonnance", "Dr Noé FICTIF", "20260203101500+01'00'", [
        "Docteur Noé FICTIF, médecin généraliste",
        "Ordonnance du 3 février 2026",
        "Patiente : Camille EXEMPLE, née le 14/05/1960",
        "",
        "Paracétamol 1 g : 1 comprimé si douleur, 3 par jour au plus, pendant 5 jours",
        "Amoxicilline 500 mg : 1 gélule matin, midi et soir pendant 6 jours",
        "",
        "Repère de ce document : hermine-canari-03",
    ])


def discharge_letter():
    letter = pdf("Lettre de liaison", "Dr Lou SUPPOSEE", "20260310160000+01'00'", [
        "HÔPITAL DE NULLE PART - Service de médecine",
        "Lettre de liaison à la sortie",
        "Patiente : Camille EXEMPLE, née le 14/05/1960",
        "Séjour du 6 au 10 mars 2026 pour une pneumonie aiguë.",
        "Évolution favorable sous antibiotique. Contrôle dans un mois.",
        "Repère de ce document : martre-canari-04",
    ])
    body = ('<nonXMLBody><text mediaType="application/pdf" representation="B64">'
            f"{base64.encodebytes(letter).decode()}</text></nonXMLBody>")
    return cda("1.2.250.1.213.1.4.10.1.2", "11490-0",
               "Lettre de liaison à la sortie d'un établissement de soins",
               "Lettre de liaison à la sortie de l'hôpital", "20260310160000+0100",
               author("20260310160000+0100", "899900000002", "G15_10/SM54",
                      "Médecin - Médecine interne (SM)", "Lou", "SUPPOSEE", "Hôpital de Nulle Part"),
               "ETABLISSEMENT", body,
               '\n  <templateId root="1.3.6.1.4.1.19376.1.2.20"/>').encode()


def patient_summary():
    def narrative(text):
        return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{text}</p></div>'}

    def section(title, code, text, *references):
        return {"title": title, "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
                "text": narrative(text), "entry": [{"reference": r} for r in references]}

    patient = {"resourceType": "Patient", "id": "p1",
               "identifier": [{"system": "urn:oid:1.2.250.1.213.1.4.10", "value": "260058815400233"}],
               "name": [{"use": "official", "family": "EXEMPLE", "given": ["Camille"]}],
               "gender": "female", "birthDate": "1960-05-14"}
    doctor = {"resourceType": "Practitioner", "id": "d1",
              "identifier": [{"system": "urn:oid:1.2.250.1.71.4.2.1", "value": "899900000003"}],
              "name": [{"family": "FICTIF", "given": ["Noé"], "prefix": ["Dr"]}]}
    allergy = {"resourceType": "AllergyIntolerance", "id": "a1",
               "patient": {"reference": "urn:uuid:00000000-0000-4000-8000-000000000001"},
               "code": {"coding": [{"system": "http://snomed.info/sct", "code": "91936005",
                                    "display": "Allergy to penicillin"}], "text": "Allergie à la pénicilline"}}
    medicine = {"resourceType": "MedicationStatement", "id": "m1", "status": "active",
                "subject": {"reference": "urn:uuid:00000000-0000-4000-8000-000000000001"},
                "medicationCodeableConcept": {"text": "Amlodipine 5 mg"}, "effectiveDateTime": "2025-11-02",
                "dosage": [{"text": "1 comprimé le matin"}]}
    composition = {
        "resourceType": "Composition", "id": "c1", "language": "fr-FR", "status": "final",
        "type": {"coding": [{"system": "http://loinc.org", "code": "60591-5", "display": "Patient summary Document"}]},
        "subject": {"reference": "urn:uuid:00000000-0000-4000-8000-000000000001"},
        "date": "2026-04-02T08:30:00+02:00",
        "author": [{"reference": "urn:uuid:00000000-0000-4000-8000-000000000002"}],
        "title": "Résumé médical international", "confidentiality": "N",
        "section": [
            section("Allergies", "48765-2", "Pénicilline. Repère : putois-canari-05.",
                    "urn:uuid:00000000-0000-4000-8000-000000000003"),
            section("Traitements", "10160-0", "Amlodipine 5 mg, un comprimé le matin.",
                    "urn:uuid:00000000-0000-4000-8000-000000000004"),
            section("Problèmes", "11450-4", "Hypertension artérielle."),
        ]}
    resources = [composition, patient, doctor, allergy, medicine]
    bundle = {"resourceType": "Bundle", "type": "document", "timestamp": "2026-04-02T08:30:00+02:00",
              "identifier": {"system": "urn:ietf:rfc:3986",
                             "value": "urn:uuid:00000000-0000-4000-8000-0000000000ff"},
              "entry": [{"fullUrl": f"urn:uuid:00000000-0000-4000-8000-{number:012}", "resource": resource}
                        for number, resource in enumerate(resources)]}
    return (json.dumps(bundle, ensure_ascii=False, indent=1) + "\n").encode()


# Five rows of five dots for each letter the image needs.
LETTERS = {
    " ": "..... ..... ..... ..... .....", "A": ".###. #...# ##### #...# #...#",
    "C": ".#### #.... #.... #.... .####",
    "D": "####. #...# #...# #...# ####.", "E": "##### #.... ###.. #.... #####",
    "F": "##### #.... ###.. #.... #....",
    "H": "#...# #...# ##### #...# #...#",
    "I": ".###. ..#.. ..#.. ..#.. .###.", "L": "#.... #.... #.... #.... #####",
    "M": "#...# ##.## #.#.# #...# #...#", "N": "#...# ##..# #.#.# #..## #...#",
    "O": ".###. #...# #...# #...# .###.", "P": "####. #...# ####. #.... #....",
    "R": "####. #...# ####. #.#.. #..##", "S": ".#### #.... .###. ....# ####.",
    "T": "##### ..#.. ..#.. ..#.. ..#..",
    "V": "#...# #...# #...# .#.#. ..#..", "X": "#...# .#.#. ..#.. .#.#. #...#",
    "-": "..... ..... .###. ..... .....", "0": ".###. #..## #.#.# ##..# .###.",
    "6": ".###. #.... ####. #...# .###.",
}


def scanned_image():
    """A page photographed: its words are pixels. The canary also stands in a tEXt chunk, so that a
    search of bytes could find it."""
    scale, margin = 4, 24
    lines = ["HOPITAL", "CERTIFICAT MEDICAL", "CAMILLE EXEMPLE", "VISON-CANARI-06"]
    columns = max(map(len, lines)) * 6 * scale + 2 * margin
    rows = [["1"] * columns for _ in range(len(lines) * 8 * scale + 2 * margin)]
    for number, line in enumerate(lines):
        for place, letter in enumerate(line):
            for y, dots in enumerate(LETTERS[letter].split()):
                for x, dot in enumerate(dots):
                    if dot != "#":
                        continue
                    top = margin + (number * 8 + y) * scale
                    left = margin + (place * 6 + x) * scale
                    for row in rows[top:top + scale]:
                        row[left:left + scale] = "0" * scale

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    width = (columns + 7) // 8
    raw = b"".join(b"\0" + int("".join(row).ljust(width * 8, "1"), 2).to_bytes(width, "big")
                   for row in rows)
    # Stored, not compressed: the bytes must not depend on a version of zlib.
    packed = bytearray(b"\x78\x01")
    for at in range(0, len(raw), 65535):
        part = raw[at:at + 65535]
        last = at + 65535 >= len(raw)
        packed += struct.pack("<BHH", last, len(part), len(part) ^ 0xFFFF) + part
    packed += struct.pack(">I", zlib.adler32(raw))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", columns, len(rows), 1, 0, 0, 0, 0))
            + chunk(b"tEXt", b"Comment\0Camille EXEMPLE, vison-canari-06")
            + chunk(b"IDAT", bytes(packed)) + chunk(b"IEND", b""))


def plain_text():
    return ("Notes de Camille EXEMPLE\n\n"
            "12 avril 2026 : tension 13/8 le matin, 12/7 le soir.\n"
            "Demander au médecin : faut-il refaire la prise de sang ?\n"
            "Repère de ce document : loutre-canari-07\n").encode()


DOCUMENTS = {
    "compte-rendu-biologie.xml": laboratory_report,
    "ordonnance.pdf": prescription,
    "lettre-de-sortie.xml": discharge_letter,
    "resume-medical-ips.json": patient_summary,
    "certificat-scanne.png": scanned_image,
    "notes.txt": plain_text,
}


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "documents"
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in DOCUMENTS.items():
        (folder / name).write_bytes(make())


if __name__ == "__main__":
    main()
