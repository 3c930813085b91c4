// SPDX-License-Identifier: EUPL-1.2
//
// A caregiver whose software is not ours: keys, card, statements and opening by the npm package jose
// alone. One task as JSON on standard input, its result as JSON on standard output.
import { CompactSign, compactDecrypt, compactVerify, exportJWK, generateKeyPair, importJWK } from 'jose';

const bytes = (text) => new TextEncoder().encode(text);
const text = (array) => new TextDecoder().decode(array);
const b64 = (array) => Buffer.from(array).toString('base64url');

async function sign({ keys, typ, payload }) {
  const { kty, crv, x } = keys.signing;
  return new CompactSign(bytes(JSON.stringify(payload)))
    .setProtectedHeader({ alg: 'EdDSA', typ, jwk: { kty, crv, x } })
    .sign(await importJWK(keys.signing, 'EdDSA'));
}

const tasks = {
  async make() {
    const signing = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
    const agreement = await generateKeyPair('ECDH-ES', { crv: 'X25519', extractable: true });
    return {
      signing: await exportJWK(signing.privateKey),
      agreement: await exportJWK(agreement.privateKey),
    };
  },
  sign,
  // The sealed key, then what it opens: manifest and parts.
  async open({ keys, key_jwe, jwes }) {
    const own = await importJWK(keys.agreement, 'ECDH-ES');
    const { plaintext: key, protectedHeader } = await compactDecrypt(key_jwe, own);
    const opened = [];
    for (const jwe of jwes) opened.push((await compactDecrypt(jwe, key)).plaintext);
    const manifest = text(opened[0]).replace(/\0+$/, '');
    const header = JSON.parse(text(Buffer.from(manifest.split('.')[0], 'base64url')));
    const verified = await compactVerify(manifest, await importJWK(header.jwk, 'EdDSA'));
    return {
      header: protectedHeader,
      key: b64(key),
      manifest: JSON.parse(text(verified.payload)),
      parts: opened.slice(1).map(b64),
    };
  },
};

let input = '';
for await (const chunk of process.stdin) input += chunk;
const task = JSON.parse(input);
process.stdout.write(JSON.stringify(await tasks[task.do](task)));
