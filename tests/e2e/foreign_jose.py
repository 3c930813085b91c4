# SPDX-License-Identifier: EUPL-1.2
"""Our sealed files in the hands of software that is not ours: Debian's python3-jwcrypto and the
command jose. Where one of them is not here, what needs it is skipped aloud."""
import json
import shutil
import subprocess
import tempfile

try:
    from jwcrypto import jwe, jwk
except ImportError:  # python3-jwcrypto
    jwe = jwk = None

MISSING = None if jwe else "python3-jwcrypto is not here (tools/setup --tests)"
JOSE = shutil.which("jose")


def opened_by_jwcrypto(token, key):
    """(protected header, content) of a compact JWE; `key` is 32 bytes in base64url, or a JWK."""
    member = jwk.JWK(**(key if isinstance(key, dict) else {"kty": "oct", "k": key}))
    sealed = jwe.JWE()
    sealed.deserialize(token, key=member)
    return json.loads(sealed.objects["protected"]), sealed.payload


def sealed_by_jwcrypto(content, key, **header):
    """A compact JWE as another creator of links makes it: dir, A256GCM."""
    made = jwe.JWE(content, json.dumps({"alg": "dir", "enc": "A256GCM", **header}))
    made.add_recipient(jwk.JWK(kty="oct", k=key))
    return made.serialize(compact=True)


def opened_by_jose(token, key):
    """The content, by the command of Debian's package jose."""
    with tempfile.NamedTemporaryFile("w", suffix=".jwk") as file:
        json.dump(key if isinstance(key, dict) else {"kty": "oct", "k": key}, file)
        file.flush()
        done = subprocess.run([JOSE, "jwe", "dec", "-i", "-", "-k", file.name],
                              input=token.encode(), capture_output=True, check=True)
    return done.stdout


def is_refused(token, key):
    """Whether the key opens nothing of it."""
    try:
        opened_by_jwcrypto(token, key)
    except (jwe.InvalidJWEData, ValueError):
        return True
    return False
