#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Makes the pictures of fictitious EU COVID certificates that the tests read.

usage: make_certificates.py FOLDER

Nobody's: the holder is made up, and the key that signs is made here and thrown away, so that no
signature can ever be verified. Needs openssl, libqrencode and libturbojpeg.
"""
import ctypes
import pathlib
import struct
import subprocess
import sys
import tempfile
import zlib

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
MODULE, MARGIN = 6, 24  # pixels


def cbor(value):
    def head(major, number):
        if number < 24:
            return bytes([major << 5 | number])
        for code, form in ((24, ">B"), (25, ">H"), (26, ">I"), (27, ">Q")):
            if number < 1 << 8 * struct.calcsize(form):
                return bytes([major << 5 | code]) + struct.pack(form, number)
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(cbor, value))
    return head(5, len(value)) + b"".join(cbor(k) + cbor(v) for k, v in value.items())


def signature(message):
    """ECDSA over P-256 as COSE writes it, by a key that ends with this function."""
    with tempfile.TemporaryDirectory() as folder:
        key = pathlib.Path(folder, "key.pem")
        subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key], check=True)
        der = subprocess.run(["openssl", "dgst", "-sha256", "-sign", key], input=message,
                             capture_output=True, check=True).stdout
    at, numbers = 2, []
    for _ in range(2):
        size = der[at + 1]
        numbers.append(int.from_bytes(der[at + 2:at + 2 + size], "big").to_bytes(32, "big"))
        at += 2 + size
    return b"".join(numbers)


def base45(data):
    out = ""
    for at in range(0, len(data), 2):
        pair = data[at:at + 2]
        number = int.from_bytes(pair, "big")
        for _ in range(3 if len(pair) == 2 else 2):
            number, digit = divmod(number, 45)
            out += ALPHABET[digit]
    return out


def payload(family, given, dose):
    certificate = {
        "ver": "1.3.0", "dob": "1960-05-14",
        "nam": {"fn": family, "fnt": family.upper(), "gn": given, "gnt": given.upper()},
        "v": [{"tg": "840539006", "vp": "1119349007", "mp": "EU/1/20/1528", "ma": "ORG-100030215", "dn": dose,
               "sd": 2, "dt": f"2021-0{5 + dose}-01", "co": "FR", "is": "Émetteur fictif",
               "ci": f"URN:UVCI:01:FR:EXEMPLE{dose}#{family[0]}"}]}
    claims = cbor({1: "FR", 4: 1700000000, 6: 1625000000, -260: {1: certificate}})
    protected = cbor({1: -7, 4: b"fictif00"})
    signed = signature(cbor(["Signature1", protected, b"", claims]))
    return "HC1:" + base45(zlib.compress(b"\xd2" + cbor([protected, {}, claims, signed]), 9))


def modules(text):
    class QRcode(ctypes.Structure):
        _fields_ = [("version", ctypes.c_int), ("width", ctypes.c_int), ("data", ctypes.POINTER(ctypes.c_ubyte))]
    library = ctypes.CDLL("libqrencode.so.4")
    library.QRcode_encodeString.restype = ctypes.POINTER(QRcode)
    code = library.QRcode_encodeString(text.encode(), 0, 2, 2, 1).contents  # level Q, any mode
    side = code.width
    return side, [[code.data[y * side + x] & 1 for x in range(side)] for y in range(side)]


def picture(text):
    side, dark = modules(text)
    width = side * MODULE + 2 * MARGIN
    blank = bytes([255]) * width
    rows = [blank] * MARGIN
    for row in dark:
        line = b"\xff" * MARGIN + b"".join((b"\x10" if on else b"\xf0") * MODULE for on in row) + b"\xff" * MARGIN
        rows += [line] * MODULE
    return width, rows + [blank] * MARGIN


def png(width, rows):
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, len(rows), 8, 0, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows), 9)) + chunk(b"IEND", b""))


def jpeg(width, rows):
    turbo = ctypes.CDLL("libturbojpeg.so.0")
    turbo.tjInitCompress.restype = ctypes.c_void_p
    out, size = ctypes.POINTER(ctypes.c_ubyte)(), ctypes.c_ulong(0)
    # TJPF_GRAY 6, TJSAMP_GRAY 3
    if turbo.tjCompress2(ctypes.c_void_p(turbo.tjInitCompress()), b"".join(rows), width, 0, len(rows), 6,
                         ctypes.byref(out), ctypes.byref(size), 3, 40, 0):
        raise SystemExit("libturbojpeg refused")
    return bytes(out[:size.value])


def pdf(pages, words):
    """Each page: a picture of 10 cm; the first also the words."""
    objects = [b"<</Type/Catalog/Pages 2 0 R>>",
               b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(pages), b" ".join(b"%d 0 R" % (4 + 3 * i) for i in range(len(pages)))),
               b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]
    for number, (width, rows) in enumerate(pages):
        data = zlib.compress(b"".join(rows), 9)
        content = b"q 283 0 0 283 150 300 cm /I Do Q"
        if number == 0 and words:
            content += b" BT /F 12 Tf 72 760 Td (%s) Tj ET" % words.encode("latin-1")
        first = 4 + 3 * number
        objects += [b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents %d 0 R/Resources<</XObject<</I %d 0 R>>"
                    b"/Font<</F 3 0 R>>>>>>" % (first + 1, first + 2),
                    b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
                    b"<</Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 8/ColorSpace/DeviceGray"
                    b"/Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (width, len(rows), len(data), data)]
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + (b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1) + table +
                  b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, len(out)))


def main(arguments):
    if len(arguments) != 1:
        raise SystemExit(__doc__)
    folder = pathlib.Path(arguments[0])
    first, second = (picture(payload("Exemple", "Camille", dose)) for dose in (1, 2))
    other = picture(payload("Autre", "Noé", 1))
    (folder / "certificate.png").write_bytes(png(*first))
    (folder / "certificate.jpg").write_bytes(jpeg(*first))
    (folder / "certificate_cut.jpg").write_bytes(jpeg(*first)[:-2000])
    (folder / "elsewhere.png").write_bytes(png(*picture("https://exemple.invalid/HC1")))
    (folder / "two_doses.pdf").write_bytes(pdf([first, second], "Certificat COVID numérique de l'UE, personne fictive."))
    (folder / "scan.pdf").write_bytes(pdf([first], ""))
    (folder / "two_holders.pdf").write_bytes(pdf([first, other], ""))


if __name__ == "__main__":
    main(sys.argv[1:])
