// SPDX-License-Identifier: EUPL-1.2
//
// xml.ts: bytes to an inert XML tree.
//
// A tree made by DOMParser runs nothing and loads nothing; its nodes are read, never adopted into
// the page. A DOCTYPE is refused before parsing: it is the door of every entity attack.
// Errors: Failure damaged (not well formed, DOCTYPE, encoding), too_large.
import { from_utf8, type Bytes } from './bytes.ts';
import { Failure } from './failure.ts';

const limit = 32 << 20; // characters

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createHTML?(text: string): string; createScriptURL?(url: string): string },
  ): { createHTML(text: string): string; createScriptURL(url: string): string };
}
export const trusted_types = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;

// With Trusted Types, DOMParser takes only what this policy let through: text without a DOCTYPE,
// which parse_xml below then parses as XML. Nothing else in the page turns text into a tree.
const policy = trusted_types?.createPolicy('coffret-xml', { createHTML: refuse_doctype });

// Names are read without their namespace. Without these, elements are plain XML, of which a browser
// knows no handler or style: there is nothing for the page's policy to block and report.
const acting_namespaces = /http:\/\/www\.w3\.org\/(?:1999\/xhtml|2000\/svg|1998\/Math\/MathML)/g;

export function parse_xml(text: string): Document {
  if (text.length > limit) throw new Failure('too_large');
  const inert = text.replace(acting_namespaces, 'urn:inert');
  const checked = policy ? policy.createHTML(inert) : refuse_doctype(inert);
  const tree = new DOMParser().parseFromString(checked, 'application/xml');
  if (tree.doctype || tree.getElementsByTagName('parsererror').length > 0)
    throw new Failure('damaged');
  return tree;
}

// A DOCTYPE may stand only before the root element, among comments and instructions.
function refuse_doctype(text: string): string {
  const prolog = /^\uFEFF?(?:\s+|<\?[\s\S]*?\?>|<!--[\s\S]*?-->)*/.exec(text)?.[0] ?? '';
  if (/^<!/.test(text.slice(prolog.length, prolog.length + 2))) throw new Failure('damaged');
  return text;
}

const encodings = ['utf-8', 'utf-16', 'iso-8859-1', 'iso-8859-15', 'windows-1252', 'us-ascii'];

// As the byte order mark or the XML declaration says; UTF-8 otherwise.
export function decode_xml(bytes: Bytes): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  if (bytes[0] === 0x3c && bytes[1] === 0) return new TextDecoder('utf-16le').decode(bytes);
  const head = String.fromCharCode(...bytes.subarray(0, 200));
  const named = /^(?:\xef\xbb\xbf)?<\?xml[^>]*?encoding=["']([\w.-]+)["']/.exec(head)?.[1];
  const encoding = named?.toLowerCase() ?? 'utf-8';
  if (!encodings.includes(encoding)) throw new Failure('damaged');
  return encoding === 'utf-8' ? from_utf8(bytes) : new TextDecoder(encoding).decode(bytes);
}

export const children = (parent: Element, name: string): Element[] =>
  Array.from(parent.children).filter((child) => child.localName === name);

// The first element down a path of local names.
export function find(parent: Element | undefined, path: string): Element | undefined {
  let at = parent;
  for (const name of path.split('/')) at = at && children(at, name)[0];
  return at;
}
