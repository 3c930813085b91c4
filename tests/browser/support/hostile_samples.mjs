// SPDX-License-Identifier: EUPL-1.2
//
// hostile_samples.mjs: documents that try to run something or to call `bait`.
import { cda, collection, pdf, section, summary, whole_body } from './samples.mjs';

const xhtml = 'xmlns:h="http://www.w3.org/1999/xhtml"';
export const ran = "window.__ran=1;alert('ran')";

// name → document; `shows`: honest text that must be readable; `refused`: shown as nothing at all.
export const hostile_documents = (bait) => [
  [
    'a CDA whose narrative holds scripts',
    {
      bytes: cda(
        section(
          'Texte',
          `<paragraph ${xhtml}>Texte lisible<h:script>${ran}</h:script><h:img src="${bait}/i" onerror="${ran}"/><script>${ran}</script><h:iframe src="${bait}/f"/><h:svg onload="${ran}"/></paragraph>`,
        ),
      ),
      type: 'text/xml',
      shows: 'Texte lisible',
    },
  ],
  [
    'a CDA whose table carries handlers and styles',
    {
      bytes: cda(
        section(
          'Table',
          `<table onmouseover="${ran}" style="background:url(${bait}/s)" background="${bait}/b"><tbody><tr onclick="${ran}"><td colspan="99999" style="x:expression(${ran})">Cellule</td></tr></tbody></table>`,
        ),
      ),
      type: 'text/xml',
      shows: 'Cellule',
    },
  ],
  [
    'a CDA with links to scripts and outside',
    {
      bytes: cda(
        section(
          'Liens',
          `<paragraph><linkHtml href="javascript:${ran}">Cliquez ici</linkHtml> <linkHtml href="${bait}/link">et ici</linkHtml></paragraph>`,
        ),
      ),
      type: 'text/xml',
      shows: 'Cliquez ici',
      act: (page) => page.getByText('Cliquez ici').click(),
    },
  ],
  [
    'a CDA whose body is HTML',
    {
      bytes: cda(whole_body('text/html', `<p>HTML<script>${ran}</script><img src="${bait}/h">`)),
      type: 'text/xml',
      shows: 'Modèle',
      opens: true,
    },
  ],
  [
    'a CDA whose body is SVG under a PNG’s name',
    {
      bytes: cda(
        whole_body(
          'image/png',
          `<svg xmlns="http://www.w3.org/2000/svg" onload="${ran}"><image href="${bait}/v"/></svg>`,
        ),
      ),
      type: 'text/xml',
      shows: 'Modèle',
      opens: true,
    },
  ],
  [
    'a CDA whose body refers to a script',
    {
      bytes: cda(
        `<component><nonXMLBody><text><reference value="javascript:${ran}"/></text></nonXMLBody></component>`,
      ),
      type: 'text/xml',
      shows: 'situé ailleurs',
    },
  ],
  [
    'a CDA whose image lies elsewhere',
    {
      bytes: cda(
        section(
          'Image',
          '<renderMultiMedia referencedObject="m"/>',
          `<entry><observationMedia ID="m"><value mediaType="image/png"><reference value="${bait}/m.png"/></value></observationMedia></entry>`,
        ),
      ),
      type: 'text/xml',
      shows: 'situé ailleurs',
    },
  ],
  [
    'a CDA with a style sheet elsewhere',
    {
      bytes: cda(section('Style', '<paragraph>Lisible</paragraph>'), {
        prolog: `<?xml-stylesheet type="text/xsl" href="${bait}/x.xsl"?>`,
      }),
      type: 'text/xml',
      shows: 'Lisible',
    },
  ],
  [
    'a CDA whose title is markup and turns the line around',
    {
      bytes: cda(section('A', '<paragraph>Suite</paragraph>'), {
        title: `&lt;img src=x onerror=${ran}&gt; \u202eesrever`,
      }),
      type: 'text/xml',
      shows: 'Suite',
      refuses_text: /\u202e/,
    },
  ],
  [
    'a CDA nested two hundred deep',
    {
      bytes: cda(section('Fond', `${'<content>'.repeat(200)}Au fond${'</content>'.repeat(200)}`)),
      type: 'text/xml',
      shows: 'Au fond',
    },
  ],
  [
    'an XML file with entities from a DOCTYPE',
    {
      bytes: cda(section('X', '<paragraph>&e;</paragraph>'), {
        prolog: `<!-- a --><!DOCTYPE x [<!ENTITY e SYSTEM "${bait}/dtd">]>`,
      }),
      type: 'text/xml',
      refused: true,
    },
  ],
  [
    'an XML file that counts to a billion',
    {
      bytes: cda(section('X', '<paragraph>&c;</paragraph>'), {
        prolog:
          '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>',
      }),
      type: 'text/xml',
      refused: true,
    },
  ],
  [
    'an XML file that is cut',
    {
      bytes: cda(section('X', '<paragraph>Coupé</paragraph>')).subarray(0, 700),
      type: 'text/xml',
      refused: true,
    },
  ],
  [
    'a FHIR narrative with scripts and outside images',
    {
      bytes: Buffer.from(
        JSON.stringify(
          summary(
            `<div xmlns="http://www.w3.org/1999/xhtml" onclick="${ran}">Lisible<script>${ran}</script><img src="${bait}/n.png" onerror="${ran}" alt="image"/><a href="javascript:${ran}">Lien</a><iframe src="${bait}/f"></iframe><style>@import '${bait}/c';</style></div>`,
          ),
        ),
      ),
      type: 'application/fhir+json',
      shows: 'Lisible',
      act: (page) => page.locator('.narrative section').first().click(),
    },
  ],
  [
    'a FHIR narrative that is no XML',
    {
      bytes: Buffer.from(JSON.stringify(summary(`<img src=${bait}/q onerror=${ran}>`))),
      type: 'application/fhir+json',
      shows: 'ne peut pas être affiché',
    },
  ],
  [
    'a FHIR file nested sixty thousand deep',
    {
      bytes: Buffer.from(
        `{"resourceType":"Bundle","x":${'['.repeat(60_000)}${']'.repeat(60_000)}}`,
      ),
      type: 'application/fhir+json',
      shows: 'rien à lire',
    },
  ],
  [
    'a FHIR file with names of the language',
    {
      bytes: Buffer.from(
        '{"resourceType":"Bundle","__proto__":{"entry":[]},"constructor":1,"entry":[null,3,{"resource":[]}]}',
      ),
      type: 'application/fhir+json',
      shows: 'rien à lire',
    },
  ],
  [
    'an HTML file',
    {
      bytes: Buffer.from(`<!doctype html><script>${ran}</script><img src="${bait}/i">`),
      type: 'text/html',
      shows: 'n’affiche pas ce type',
    },
  ],
  [
    'an HTML file that says it is text',
    { bytes: Buffer.from(`<script>${ran}</script>`), type: 'text/plain', shows: '<script>' },
  ],
  [
    'an SVG file',
    {
      bytes: Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" onload="${ran}"/>`),
      type: 'image/svg+xml',
      shows: 'n’affiche pas ce type',
    },
  ],
  [
    'a PDF with a script, a form and a link',
    {
      bytes: pdf(['Texte du PDF'], {
        extra: `/OpenAction << /S /JavaScript /JS (app.alert\\(1\\); ${ran}) >>`,
        annotations: `/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 595 842] /A << /S /URI /URI (${bait}/uri) >> >>]`,
      }),
      type: 'application/pdf',
      shows: 'Texte du PDF',
      act: (page) => page.locator('.pdf-page').click(),
    },
  ],
  [
    'a PDF that is cut',
    { bytes: pdf(['Texte']).subarray(0, 60), type: 'application/pdf', refused: true },
  ],
  [
    'a PNG of 60,000 by 60,000 that is cut',
    {
      bytes: Buffer.from(
        '\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xea\x60\0\0\xea\x60\x08\0\0\0\0',
        'latin1',
      ),
      type: 'image/png',
      shows: '',
    },
  ],
  [
    'a FHIR collection with a document elsewhere',
    {
      bytes: Buffer.from(JSON.stringify(collection([]))),
      type: 'application/fhir+json',
      shows: '',
    },
  ],
];
