#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""The confined reader, as it is released: what the kernel says of it, and what hostile files do to it.

usage: reader_confined.py BIN_DIR

Nothing here traces the reader or asks it to test itself: the kernel's own account in /proc is read
while it waits for its first byte, and its answers are read off the socket as the daemon reads them.
"""
import contextlib
import io
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
HOSTILE = ROOT / "../shared/data/documents/hostile"
DESCRIBE, UNPACK = 1, 2
DOCTYPE_REFUSED, MALFORMED, TOO_LARGE, UNAUTHENTICATED = 33, 25, 26, 22
PATIENCE = 10  # seconds; a reader that is not there by then is a failure
# What a hostile file may cost.
SECONDS, MEGABYTES = 1, 100

passed = failed = skipped = 0


def check(what, ok, detail=""):
    global passed, failed
    passed, failed = passed + bool(ok), failed + (not ok)
    print(("ok      " if ok else "FAILED  ") + what + (f"  [{detail}]" if detail and not ok else ""), flush=True)


def skip(why):
    global skipped
    skipped += 1
    print(f"skipped: {why}", flush=True)


class Reader:
    def __init__(self, program, mode="parse"):
        self.process = subprocess.Popen([program, mode], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, pass_fds=[LEAK])
        self.pid = self.process.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def status(self):
        lines = pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}

    def processor_seconds(self):
        """What it has used so far, so that a busy machine changes no verdict."""
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def peak_megabytes(self):
        """Of its own memory: a child's ru_maxrss would count what this script held when it began."""
        return int(self.status().get("VmHWM", "0 kB").split()[0]) / 1000

    def wait_until(self, condition):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if condition(self.status()):
                return True
            time.sleep(0.005)
        return False

    def ask(self, question, name, file, first=0):
        """The answer's bytes, or None when the reader ended."""
        name = name.encode()
        request = struct.pack("<BI", question, len(name)) + name + struct.pack("<IIIBI", len(file), 0, first, 0, 0)
        try:
            self.process.stdin.write(struct.pack("<I", len(request)) + request + file)
            self.process.stdin.flush()
        except BrokenPipeError:
            return None
        head = self.process.stdout.read(4)
        if len(head) < 4:
            return None
        size = struct.unpack("<I", head)[0]
        return self.process.stdout.read(size)


def error_of(answer):
    """Of an answer; its cause stands in the upper half (include/coffret/refusal.hpp)."""
    return None if answer is None else struct.unpack("<I", answer[:4])[0] & 0xFFFF


def member_errors(answer):
    """Of an Unpacked: the error of each member."""
    count = struct.unpack("<I", answer[4:8])[0]
    at, errors = 8, []
    for _ in range(count):
        at += 4 + struct.unpack("<I", answer[at:at + 4])[0]
        error, size = struct.unpack("<II", answer[at:at + 8])
        errors.append(error & 0xFFFF)
        at += 8 + size
        at += 4 + struct.unpack("<I", answer[at:at + 4])[0]  # what the archive says of it
    return errors


@contextlib.contextmanager
def bounded(what, reader):
    """What is asked inside costs little time and the reader, ever, little memory."""
    before = reader.processor_seconds()
    yield
    seconds, peak = reader.processor_seconds() - before, reader.peak_megabytes()
    check(f"{what} costs less than {SECONDS} s", seconds < SECONDS, f"{seconds:.2f} s")
    check(f"{what} stays under {MEGABYTES} MB", 0 < peak < MEGABYTES, f"{peak:.0f} MB")


def is_confined(status):
    return status.get("Seccomp") == "2" and status.get("NoNewPrivs") == "1"


def limits_of(pid):
    text = pathlib.Path(f"/proc/{pid}/limits").read_text()
    return {line[:26].strip(): line[26:46].strip() for line in text.splitlines()[1:]}


def test_parse_mode(program):
    with Reader(program) as reader:
        check("parse: confined before the first byte is sent", reader.wait_until(is_confined), reader.status())
        check("parse: one thread", reader.status()["Threads"] == "1")
        limits = limits_of(reader.pid)
        check("parse: no core file", limits["Max core file size"] == "0", limits)
        check("parse: address space bounded", limits["Max address space"].isdigit(), limits)
        check("parse: processor time bounded", limits["Max cpu time"].isdigit(), limits)
        check("parse: writes no file", limits["Max file size"] == "0", limits)
        try:
            descriptors = sorted(os.listdir(f"/proc/{reader.pid}/fd"))
            check("parse: nothing open but its pipes", descriptors == ["0", "1", "2"], descriptors)
        except PermissionError:
            # It is not dumpable, so its descriptors are root's to see.
            skip("parse: descriptors are visible to root only")
        check("parse: reads a text", error_of(reader.ask(DESCRIBE, "a.txt", b"bonjour")) == 0)
        latin = "<?xml version='1.0' encoding='{0}'?><ClinicalDocument xmlns='urn:hl7-org:v3'><title>été</title></ClinicalDocument>"
        for encoding in ("ISO-8859-1", "ISO-8859-15", "windows-1252", "UTF-16", "UTF-32", "IBM850", "IBM037", "IBM500",
                         "IBM1140", "GB18030", "UTF-7"):
            answer = reader.ask(DESCRIBE, "a.xml", latin.format(encoding).encode(encoding))
            check(f"parse: {encoding} is understood behind the filter", answer and "été".encode() in answer)
        check("parse: still confined after work", is_confined(reader.status()))
    for what, header in (("a size too large", struct.pack("<I", 5000)), ("nonsense", struct.pack("<I", 3) + b"abc"),
                         ("an unknown question", struct.pack("<IBIIII", 17, 9, 0, 0, 0, 0)),
                         ("a file over the limit", struct.pack("<IBIIII", 17, 1, 0, (64 << 20) + 1, 0, 0))):
        with Reader(program) as reader:
            reader.process.stdin.write(header)
            reader.process.stdin.close()
            check(f"parse: {what} ends it", reader.process.wait(PATIENCE) == 1)


def test_confine_mode(program):
    with Reader(program, "confine") as reader:
        becomes = reader.wait_until(lambda s: s.get("Name") == "pdftotext" and is_confined(s))
        if not becomes and reader.process.poll() == 71:
            skip("confine: pdftotext is not installed")
            return
        if not becomes and reader.process.poll() == 70:
            skip("confine: this kernel has no Landlock; no text is extracted here")
            return
        check("confine: pdftotext waits for its first byte confined", becomes, reader.status())
        limits = limits_of(reader.pid)
        check("confine: no core file, bounded memory and time",
              limits["Max core file size"] == "0" and limits["Max address space"].isdigit()
              and limits["Max cpu time"].isdigit(), limits)
        pdf = (ROOT / "tools/demo/documents/ordonnance.pdf").read_bytes()
        output, _ = reader.process.communicate(pdf, PATIENCE)
        check("confine: the text of a PDF comes out", b"hermine-canari-03" in output, output[:200])
    test_landlock(program)


def test_landlock(program):
    """Puts a shell script in pdftotext's place, in a mount namespace of our own. Landlock keeps the
    script's interpreter from being executed; without it the script would speak."""
    place = "/usr/bin/pdftotext"
    if not shutil.which("unshare") or subprocess.run(
            ["unshare", "-rm", "true"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        skip("confine: no mount namespaces here to try Landlock in")
        return
    with tempfile.TemporaryDirectory() as folder:
        script = pathlib.Path(folder) / "script"
        script.write_text("#!/bin/sh\necho spoken\n")
        script.chmod(0o755)

        def run_with_script(*command):
            inner = 'mount --bind "$1" "$2" && shift 2 && exec "$@"'
            return subprocess.run(["unshare", "-rm", "sh", "-c", inner, "sh", str(script), place, *command],
                                  stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False)

        free = run_with_script(place)
        if free.stdout != b"spoken\n":
            skip(f"confine: cannot replace {place} in a namespace: {free.stderr.decode().strip()}")
            return
        held = run_with_script(program, "confine")
        check("confine: Landlock keeps a shell from being executed",
              held.stdout == b"" and held.returncode == 71, (held.returncode, held.stdout))


def test_picture_mode(program):
    """A process that decodes one picture: confined like parse, with less memory and time."""
    picture = (ROOT / "tests/fuzz/corpus/qr/certificate.png").read_bytes()
    with Reader(program, "qr") as reader:
        check("qr: confined before the first byte is sent", reader.wait_until(is_confined), reader.status())
        limits = limits_of(reader.pid)
        check("qr: memory and time are bounded more closely",
              limits["Max data size"] == str(96 << 20) and limits["Max cpu time"] == "4", limits)
        told, _ = reader.process.communicate(picture, PATIENCE)
        check("qr: the certificate comes out", told.startswith(b"HC1:"), told[:40])
    for name in ("certificate.jpg", "elsewhere.png", "certificate_cut.jpg"):
        content = (ROOT / "tests/fuzz/corpus/qr" / name).read_bytes()
        done = subprocess.run([program, "qr"], input=content, capture_output=True, timeout=PATIENCE, check=False)
        check(f"qr: {name} is answered and ends", done.returncode == 0, done.returncode)
    done = subprocess.run([program, "grey=1"], input=(ROOT / "tests/fuzz/corpus/qr/scan.pdf").read_bytes(),
                          capture_output=True, timeout=PATIENCE, check=False)
    if done.returncode == 0:
        check("grey: a page of a PDF comes out as shades of grey", done.stdout.startswith(b"P5"), done.stdout[:20])
    else:
        skip("grey: no converter, or no Landlock here")


def bomb_laughs():
    lines = ["<!ENTITY a0 'ha'>"] + [f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10)]
    return f"<?xml version='1.0'?><!DOCTYPE a [{''.join(lines)}]><a>&a9;</a>".encode()


def bomb_zip():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.txt", bytes(60 << 20))
    return packed.getvalue()


def climbing_zip(name):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), b"content")
    return packed.getvalue()


def conditions(number):
    """A well-formed Bundle, about 100 bytes each."""
    entries = ",".join('{"fullUrl":"urn:c:%d","resource":{"resourceType":"Condition","id":"%d","code":{"text":"E%d"},'
                       '"subject":{"reference":"Patient/1"}}}' % (i, i, i) for i in range(number))
    return ('{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient","id":"1"}},'
            + entries + "]}").encode()


def test_bombs(program):
    deep = 100_000
    cases = [
        ("a billion laughs", "a.xml", bomb_laughs(), DOCTYPE_REFUSED),
        ("deep XML", "a.xml", b"<?xml version='1.0'?>" + b"<a>" * deep + b"</a>" * deep, TOO_LARGE),
        ("many attributes", "a.xml", b"<?xml version='1.0'?><a " + b"".join(b"a%d='' " % i for i in range(200_000)) + b"/>",
         TOO_LARGE),
        ("many elements", "a.xml", b"<?xml version='1.0'?><a>" + b"<b/>" * 3_000_000 + b"</a>", TOO_LARGE),
        ("thirty million numbers", "a.json", b'{"resourceType":"Patient","x":[' + b"0," * 30_000_000 + b"0]}", TOO_LARGE),
        ("many attributes on many elements", "a.xml",
         b"<?xml version='1.0'?><a>" + b"<b c='x' d='y' e='z'/>" * 500_000 + b"</a>", TOO_LARGE),
        ("just too many numbers", "a.json", b'{"resourceType":"Patient","x":[' + b"0," * 1_600_001 + b"0]}", TOO_LARGE),
        ("XML as large as is read", "a.xml", b"<?xml version='1.0'?><a>" + b"<b/>x" * 319_000 + b"</a>", 0),
        ("JSON as large as is read", "a.json", b'{"resourceType":"Patient","x":[' + b"{}," * 1_590_000 + b"0]}", 0),
        ("two hundred thousand conditions", "a.json", conditions(200_000), None),
        ("deep JSON", "a.json", b"[" * deep + b"]" * deep, MALFORMED),
        ("an archive that unpacks a thousandfold", "a.zip", bomb_zip(), TOO_LARGE),
        ("an archive with a name that climbs", "a.zip", climbing_zip("a/../../b"), MALFORMED),
        ("an archive with an absolute name", "a.zip", climbing_zip("/etc/b"), MALFORMED),
    ]
    for what, name, file, expected in cases:
        with Reader(program) as reader:
            reader.wait_until(is_confined)
            with bounded(f"bomb: {what}", reader):
                error = error_of(reader.ask(DESCRIBE, name, file))
            if expected is None:  # either, as long as it costs no more
                check(f"bomb: {what} are read or refused", error in (0, TOO_LARGE), error)
            else:
                check(f"bomb: {what} is {'refused' if expected else 'read'}", error == expected, error)


def test_nested_bomb(program):
    """Archives in an archive: each member is refused or handed over, and the whole is bounded."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(20):
            inner = io.BytesIO()
            with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as bomb:
                bomb.writestr("IHE_XDM/S/METADATA.XML", "<a/>")
                bomb.writestr("IHE_XDM/S/zeros.txt", bytes(6 << 20))
            archive.writestr(f"{number}.zip", inner.getvalue())
    with Reader(program) as reader:
        reader.wait_until(is_confined)
        with bounded("bomb: twenty archives in one", reader):
            answer = reader.ask(UNPACK, "a.zip", packed.getvalue())
        check("bomb: the archives inside stay as they are packed",
              error_of(answer) == 0 and len(answer) < 2 * len(packed.getvalue()), answer and len(answer))


def test_hostile(program):
    if not HOSTILE.is_dir():
        skip("hostile: ../shared/data/documents/hostile is not here, so no foreign hostile file was tried")
        return
    refused = {"h01": DOCTYPE_REFUSED, "h02": DOCTYPE_REFUSED, "h06": MALFORMED, "h09": MALFORMED, "h10": MALFORMED}
    for path in sorted(HOSTILE.iterdir()):
        with Reader(program) as reader:
            reader.wait_until(is_confined)
            with bounded(f"hostile: {path.name}", reader):
                answer = reader.ask(DESCRIBE, path.name, path.read_bytes())
                if path.suffix == ".zip":
                    reader.ask(UNPACK, path.name, path.read_bytes())
            check(f"hostile: {path.name} is answered as it deserves",
                  error_of(answer) == refused.get(path.name[:3], 0), error_of(answer))
            if path.name.startswith("h07"):
                answer = reader.ask(UNPACK, path.name, path.read_bytes())
                check("hostile: the document with another hash is refused", member_errors(answer) == [UNAUTHENTICATED])
            check(f"hostile: {path.name} brought nothing of this machine",
                  answer and b"root:x:" not in answer)
            check(f"hostile: the reader of {path.name} lives and is confined",
                  reader.process.poll() is None and is_confined(reader.status()))


def main():
    program = os.path.join(sys.argv[1], "coffret-reader")
    for test in (test_parse_mode, test_confine_mode, test_picture_mode, test_bombs, test_nested_bomb, test_hostile):
        test(program)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    # A descriptor that a careless parent leaves open: the reader must close it.
    LEAK = os.open("/dev/null", os.O_RDONLY)
    sys.exit(main())
