// SPDX-License-Identifier: EUPL-1.2
//
// ktc.mjs LINK_FILE [PASSCODE [EMBEDDED_LENGTH_MAX]]: redeems the SMART Health Link in LINK_FILE with kill-the-clipboard, a
// library we did not write, and prints one line of JSON:
//   {"ok":true,"resources":[…FHIR…],"requests":[{method,path,status}]}
//   {"ok":false,"error":"<class>","status":401,"remainingAttempts":4,"requests":[…]}
// Exit status 0 either way. A server's self-signed certificate: NODE_EXTRA_CA_CERTS.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SHLViewer } from 'kill-the-clipboard';

export async function redeem(
  uri,
  { passcode, recipient = 'Dr Alice Martin', embeddedLengthMax } = {},
) {
  const requests = [];
  let refusal = {};
  // The library reads neither the status nor the body of a refusal into its errors.
  const watched_fetch = async (url, options = {}) => {
    const answer = await fetch(url, options);
    requests.push({
      method: options.method ?? 'GET',
      path: new URL(url).pathname,
      status: answer.status,
    });
    if (!answer.ok) {
      const body = await answer
        .clone()
        .json()
        .catch(() => ({}));
      refusal = { status: answer.status, remainingAttempts: body.remainingAttempts };
    }
    return answer;
  };
  try {
    const viewer = new SHLViewer({ shlinkURI: uri, fetch: watched_fetch });
    const resolved = await viewer.resolveSHL({
      recipient,
      ...(passcode ? { passcode } : {}),
      ...(embeddedLengthMax === undefined ? {} : { embeddedLengthMax }),
    });
    return { ok: true, resources: resolved.fhirResources, requests };
  } catch (error) {
    return { ok: false, error: error.name, message: error.message, ...refusal, requests };
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , file, passcode, longest] = process.argv;
  const embeddedLengthMax = longest ? Number(longest) : undefined;
  const link = readFileSync(file, 'utf8').trim();
  console.log(JSON.stringify(await redeem(link, { passcode, embeddedLengthMax })));
}
