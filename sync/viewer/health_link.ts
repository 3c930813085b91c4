// SPDX-License-Identifier: EUPL-1.2
//
// health_link.ts: the receiver's side of SMART Health Links (HL7 IG 1.0.0; R1 to R7 of its duties:
// unknown members ignored, a newer version told, U by GET, P with the passcode, locations used at
// once, DEF inflated).
//
// Only links that this page's own server keeps are opened: the page asks nothing of any other host
// (its Content-Security-Policy sees to that). For others: `coffret redeem`.
import { from_base64url, from_utf8, type Bytes } from './bytes.ts';
import { Failure } from './failure.ts';
import { read_fhir_share } from './fhir_share.ts';
import { open_jwe } from './jose.ts';
import { Json } from './json.ts';
import { request, request_json } from './request.ts';
import type { Claim, Door, Share } from './share.ts';

const file_limit = 64 << 20; // bytes of one file, inflated
const jwe_limit = 90 << 20; // bytes of one compact JWE
const embedded_max = 500_000; // characters we ask to have embedded in a manifest

export interface HealthLink {
  url: string;
  key: Bytes;
  expires_at?: number;
  flag: string;
  label: string;
}

export function parse_health_link(fragment: string): HealthLink {
  if (!fragment.startsWith('shlink:/')) throw new Failure('malformed');
  const payload = Json.parse(from_utf8(from_base64url(fragment.slice('shlink:/'.length))));
  if (payload.at('v').present && payload.at('v').count() > 1) throw new Failure('other_version');
  const expires = payload.at('exp');
  return {
    url: payload.at('url').text(128),
    key: payload.at('key').base64url(32),
    // A hint to the receiver; some producers write a fraction.
    ...(expires.present ? { expires_at: Math.floor(expires.number()) } : {}),
    flag: payload.at('flag').text_or_empty(),
    label: payload.at('label').text_or_empty().slice(0, 80),
  };
}

export function health_door(fragment: string): Door {
  const link = parse_health_link(fragment);
  if (origin_of(link.url) !== location.origin) throw new Failure('foreign_host');
  return {
    kind: 'shl',
    label: link.label,
    // The standard has no question that changes nothing: what the link says must do.
    knock: () =>
      Promise.resolve({
        passcode: link.flag.includes('P'),
        reason: false,
        ...(link.expires_at === undefined ? {} : { expires_at: link.expires_at }),
      }),
    open: (claim) => open(link, claim),
  };
}

function origin_of(url: string): string {
  try {
    return new URL(url).origin;
  } catch {
    throw new Failure('malformed');
  }
}

async function open(link: HealthLink, claim: Claim): Promise<Share> {
  const files = link.flag.includes('U') ? [await direct(link, claim)] : await listed(link, claim);
  const readable = files.filter((file) => file.content_type !== 'application/smart-api-access');
  return read_fhir_share(readable, link.expires_at);
}

export interface HealthFile {
  content_type: string;
  content: Bytes;
}

async function direct(link: HealthLink, claim: Claim): Promise<HealthFile> {
  const url = new URL(link.url);
  url.searchParams.set('recipient', claim.reader);
  const jwe = await request({ url: url.href, limit: jwe_limit });
  return decrypt(link, from_utf8(jwe), '');
}

async function listed(link: HealthLink, claim: Claim): Promise<HealthFile[]> {
  const manifest = await request_json({
    url: link.url,
    method: 'POST',
    body: {
      recipient: claim.reader,
      ...(claim.passcode === '' ? {} : { passcode: claim.passcode }),
      embeddedLengthMax: embedded_max,
    },
    limit: jwe_limit,
  });
  const files: HealthFile[] = [];
  for (const file of manifest.at('files').list(100)) {
    const type = file.at('contentType').text_or_empty();
    if (file.at('embedded').present) {
      files.push(await decrypt(link, file.at('embedded').text(jwe_limit), type));
    } else {
      const url = file.at('location').text();
      if (origin_of(url) !== location.origin) throw new Failure('foreign_host');
      files.push(await decrypt(link, from_utf8(await request({ url, limit: jwe_limit })), type));
    }
  }
  return files;
}

async function decrypt(link: HealthLink, jwe: string, type: string): Promise<HealthFile> {
  const opened = await open_jwe(link.key, jwe.trim(), file_limit);
  return { content_type: type || opened.content_type, content: opened.content };
}
