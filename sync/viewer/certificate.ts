// SPDX-License-Identifier: EUPL-1.2
//
// certificate.ts: device certificates (sync/protocol/device.hpp) and the chain from the device
// that signed a manifest to the vault's root.
//
// Errors: Failure malformed, other_version, damaged.
import { concat, equal, utf8, type Bytes } from './bytes.ts';
import { Failure } from './failure.ts';
import { verify_ed25519, type Checked } from './jose.ts';

const label = utf8('coffret.device.1');
const size = 1 + 16 + 16 + 32 + 32 + 8 + 1 + 16;

export interface SignedCertificate {
  body: Bytes;
  signature: Bytes;
}

interface Certificate {
  vault: Bytes;
  device: Bytes;
  signing_key: Bytes;
  by_root: boolean;
  issuer: Bytes; // zero when the root signed
}

function decode(body: Bytes): Certificate {
  if (body.length !== size) throw new Failure('malformed');
  if (body[0] !== 1) throw new Failure('other_version');
  const issuer_kind = body[105];
  if (issuer_kind !== 1 && issuer_kind !== 2) throw new Failure('malformed');
  const issuer = body.slice(106, 122);
  if ((issuer_kind === 1) !== issuer.every((byte) => byte === 0)) throw new Failure('malformed');
  return {
    vault: body.slice(1, 17),
    device: body.slice(17, 33),
    signing_key: body.slice(33, 65),
    by_root: issuer_kind === 1,
    issuer,
  };
}

// Walks from the certificate of `signing_key` up to the root; every link of the walk must be
// present, of this vault, and signed. The order in which the chain is written does not matter.
export async function verify_chain(
  chain: SignedCertificate[],
  signing_key: Bytes,
  vault: Bytes,
  root: Bytes,
): Promise<Checked> {
  const known = chain.map((signed) => ({ signed, certificate: decode(signed.body) }));
  let link = known.find(({ certificate }) => equal(certificate.signing_key, signing_key));
  // A walk longer than the chain goes in a circle.
  for (let steps = 0; link && steps < known.length; ++steps) {
    const { signed, certificate } = link;
    if (!equal(certificate.vault, vault)) throw new Failure('damaged');
    const message = concat(label, signed.body);
    if (certificate.by_root) return verify_ed25519(root, message, signed.signature);
    const issuer = known.find((other) => equal(other.certificate.device, certificate.issuer));
    if (!issuer) break;
    await verify_ed25519(issuer.certificate.signing_key, message, signed.signature);
    link = issuer;
  }
  throw new Failure('damaged');
}
