# SPDX-License-Identifier: EUPL-1.2
"""A member of the association whose software is not ours: keys by python3-cryptography, requests,
records and signatures written from the text of sync/PROTOCOL.md. It asks what the real command never
would, and as often as a test or tools/bench wants."""
import base64
import hashlib
import hmac
import http.client
import json
import os
import ssl
import struct
import time
from dataclasses import dataclass

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def b64u(raw):
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def unb64u(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def b32(raw):
    return base64.b32encode(raw).decode().rstrip("=").lower()


def unb32(text):
    return base64.b32decode(text.upper() + "=" * (-len(text) % 8))


def sized(raw):
    return struct.pack("<I", len(raw)) + raw


def hkdf(secret, salt, info):
    extracted = hmac.new(salt, secret, hashlib.sha256).digest()
    return hmac.new(extracted, info + b"\1", hashlib.sha256).digest()


def parcel_key(secret, half, link, version):
    """K_n of a protected link (vault/DESIGN.md §9)."""
    return hkdf(secret + half, link, b"coffret parcel 1" + struct.pack("<I", version))


def public_of(key):
    return key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


@dataclass
class Grant:
    """A protected link that was published: where it is opened, and the half that the server keeps."""
    link: bytes
    half: bytes
    files: list
    expires_at: int = 0  # by the server's clock

    @property
    def path(self):
        return "/v1/links/" + b32(self.link)


class Member:
    """One account with one device. `url` and `fingerprint` are the server's."""

    def __init__(self, url, fingerprint, source="127.0.0.1"):
        self.host, _, port = url.removeprefix("https://").partition(":")
        self.port = int(port)
        self.fingerprint, self.source = fingerprint, source
        self.root, self.key = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
        self.public = public_of(self.key)
        self.vault, self.device = os.urandom(16), os.urandom(16)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.context.check_hostname, self.context.verify_mode = False, ssl.CERT_NONE
        self.connection = None
        self.shift = 0  # seconds by which the server's clock is moved

    def now(self):
        return int(time.time()) + self.shift

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    def signed(self, method, target, body):
        """The fields of RFC 9421 and RFC 9530, in the one form of PROTOCOL.md §2."""
        path, question, query = target.partition("?")
        digest = "sha-256=:" + base64.b64encode(hashlib.sha256(body).digest()).decode() + ":"
        params = ('("@method" "@path" "@query" "content-digest" "coffret-server");created='
                  f'{self.now()};nonce="{b64u(os.urandom(16))}"'
                  f';keyid="{b32(self.public)}";alg="ed25519"')
        base = (f'"@method": {method}\n"@path": {path}\n"@query": {question + query or "?"}\n'
                f'"content-digest": {digest}\n"coffret-server": {self.fingerprint}\n'
                f'"@signature-params": {params}')
        signature = base64.b64encode(self.key.sign(base.encode())).decode()
        return {"Content-Digest": digest, "Coffret-Server": self.fingerprint,
                "Signature-Input": "sig1=" + params, "Signature": f"sig1=:{signature}:"}

    def ask(self, method, target, body=b"", fields=(), signed=True):
        """(status, body) on a connection that is kept. None where the server closed it."""
        headers = {"Coffret-Protocol": "1", **dict(fields)}
        if signed:
            headers.update(self.signed(method, target, body))
        if isinstance(body, bytes) and "Content-Type" not in headers:
            headers["Content-Type"] = "application/octet-stream"
        for _ in range(2):
            if self.connection is None:
                self.connection = http.client.HTTPSConnection(
                    self.host, self.port, timeout=60, context=self.context,
                    source_address=(self.source, 0))
            try:
                self.connection.request(method, target, body=body, headers=headers)
                answer = self.connection.getresponse()
                self.fields = answer.headers
                return answer.status, answer.read()
            except (OSError, http.client.HTTPException):
                self.close()
                if signed:
                    headers.update(self.signed(method, target, body))
        return None

    def join(self, code):
        """With an invitation's line."""
        body = (b"\1" + self.vault + self.device + self.public + os.urandom(32) +
                struct.pack("<qB", self.now(), 1) + bytes(16))
        signature = self.root.sign(b"coffret.device.1" + body)
        text = json.dumps({"token": code.strip().rsplit(".", 1)[1], "root_key":
                           b64u(public_of(self.root)), "certificate": b64u(body),
                           "certificate_signature": b64u(signature)}).encode()
        return self.ask("POST", "/v1/accounts", text, {"Content-Type": "application/json"})

    @property
    def at(self):
        return "/v1/vaults/" + b32(self.vault)

    def upload(self, link, content, total=None):
        """One file of a parcel; (file id, answer)."""
        file = os.urandom(16)
        return file, self.ask("PATCH", f"{self.at}/parcels/{b32(link)}/{b32(file)}", content,
                              {"Upload-Offset": "0",
                               "Upload-Length": str(len(content) if total is None else total)})

    def policy(self, link, files, lasts=3600, openings=0, passcode=b"", shl=None):
        """Of a protected link; with `shl`, the 32 bytes of its path, of a SMART Health Link."""
        now = self.now()
        self.expires_at = now + lasts
        kind = sized(b"application/fhir+json" if shl else b"")
        listed = b"".join(file + struct.pack("<Q", len(content)) + hashlib.sha256(content).digest() + kind
                          for file, content in files)
        return (b"\1" + self.vault + link + self.device +
                struct.pack("<BIqqIB", 2 if shl else 1, 1, now, self.expires_at, openings, 1) +
                sized(passcode) + (bytes(32) if shl else os.urandom(32)) + (shl or bytes(32)) +
                b"\0\0" + struct.pack("<I", len(files)) + listed)

    def publication(self, policy, half):
        return sized(policy) + self.key.sign(b"coffret.policy.1" + policy) + half

    def grant(self, contents, **more):
        """Uploads files that need not be sealed, and publishes them behind a protected link."""
        link, files = os.urandom(16), []
        half = bytes(32) if more.get("shl") else os.urandom(32)
        for content in contents:
            file, answer = self.upload(link, content)
            if answer is None or answer[0] != 204:
                raise OSError(f"upload: {answer}")
            files.append((file, content))
        answer = self.ask("PUT", f"{self.at}/grants/{b32(link)}",
                          self.publication(self.policy(link, files, **more), half))
        if answer is None or answer[0] != 200:
            raise OSError(f"publish: {answer}")
        return Grant(link, half, files, self.expires_at)

    def revoke(self, grant):
        return self.ask("POST", f"{self.at}/grants/{b32(grant.link)}/revoke")

    def open(self, grant, **more):
        return self.ask("POST", grant.path + "/open", json.dumps({"recipient": "", **more}).encode(),
                        {"Content-Type": "application/json"}, signed=False)
