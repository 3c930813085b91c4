// SPDX-License-Identifier: EUPL-1.2
//
// samples.mjs: small documents for page tests, honest and hostile. All people are fictitious.
import { Buffer } from 'node:buffer';
import { deflateSync, crc32 } from 'node:zlib';

const cda_head = (title = 'Compte rendu de biologie') => `
  <title>${title}</title><effectiveTime value="20260914101500+0200"/>
  <recordTarget><patientRole><patient>
    <name><given>Jeanne</given><family>Modèle</family></name><birthTime value="19540312"/>
  </patient></patientRole></recordTarget>
  <author><assignedAuthor><assignedPerson><name><prefix>Dr</prefix><given>Paul</given><family>Spécimen</family></name></assignedPerson>
    <representedOrganization><name>Laboratoire des Tilleuls</name></representedOrganization></assignedAuthor></author>`;

export const cda = (body, { prolog = '', title } = {}) =>
  Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?>${prolog}<ClinicalDocument xmlns="urn:hl7-org:v3">${cda_head(title)}${body}</ClinicalDocument>`,
  );

export const section = (title, text, more = '') =>
  `<component><structuredBody><component><section><title>${title}</title><text>${text}</text>${more}</section></component></structuredBody></component>`;

export const whole_body = (type, content) =>
  `<component><nonXMLBody><text mediaType="${type}" representation="B64">${Buffer.from(content).toString('base64')}</text></nonXMLBody></component>`;

export const laboratory = () =>
  cda(
    section(
      'Biochimie',
      `<paragraph>Prélèvement du 14/09/2026 à jeun.</paragraph>
       <table><thead><tr><th>Analyse</th><th>Résultat</th><th>Référence</th></tr></thead>
       <tbody><tr><td>Glycémie à jeun</td><td><content styleCode="Bold">5,4 mmol/L</content></td><td>3,9 à 5,8</td></tr>
       <tr><td rowspan="2">Créatinine</td><td>71 µmol/L</td><td>45 à 84</td></tr><tr><td colspan="2">DFG estimé : 82 mL/min</td></tr></tbody></table>
       <list listType="ordered"><item>Contrôle dans six mois</item><item>Aucun traitement modifié</item></list>
       <renderMultiMedia referencedObject="trace"/><renderMultiMedia referencedObject="rapport"/>`,
      `<entry><observationMedia ID="trace"><value mediaType="image/png" representation="B64">${png().toString('base64')}</value></observationMedia></entry>
       <entry><observationMedia ID="rapport"><value mediaType="application/pdf" representation="B64">${pdf(['Annexe du laboratoire']).toString('base64')}</value></observationMedia></entry>`,
    ),
  );

// A PDF of one page with lines of Helvetica, which it does not carry. `extra`: into its catalogue.
export function pdf(lines, { extra = '', annotations = '' } = {}) {
  const text = lines
    .map((line, i) => `BT /F1 ${i === 0 ? 20 : 12} Tf 60 ${780 - i * 26} Td (${line}) Tj ET`)
    .join('\n');
  const objects = [
    `<< /Type /Catalog /Pages 2 0 R ${extra} >>`,
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> ${annotations} >>`,
    `<< /Length ${text.length} >>\nstream\n${text}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>',
  ];
  let out = '%PDF-1.4\n';
  const offsets = objects.map((object, i) => {
    const at = out.length;
    out += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return at;
  });
  const start = out.length;
  out += `xref\n0 6\n0000000000 65535 f \n${offsets.map((at) => `${String(at).padStart(10, '0')} 00000 n \n`).join('')}`;
  out += `trailer << /Size 6 /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(out, 'latin1');
}

// A grey gradient, 240 by 120.
export function png(width = 240, height = 120) {
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const head = Buffer.alloc(4);
    head.writeUInt32BE(data.length);
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([head, body, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; ++y)
    for (let x = 0; x < width; ++x)
      rows[y * (width + 1) + 1 + x] = 255 - Math.floor((x / width) * 160);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

const patient = {
  resourceType: 'Patient',
  id: 'p',
  name: [{ family: 'Modèle', given: ['Jeanne'] }],
  birthDate: '1954-03-12',
};

export const summary = (
  div = '<div xmlns="http://www.w3.org/1999/xhtml"><table><tr><th>Substance</th><th>Réaction</th></tr><tr><td>Pénicilline</td><td>Urticaire</td></tr></table></div>',
) => ({
  resourceType: 'Bundle',
  type: 'document',
  entry: [
    {
      fullUrl: 'urn:uuid:c',
      resource: {
        resourceType: 'Composition',
        title: 'Résumé patient international',
        date: '2026-10-01',
        author: [{ display: 'Dr Paul Spécimen' }],
        section: [
          { title: 'Allergies et intolérances', text: { status: 'generated', div } },
          { title: 'Problèmes', entry: [{ reference: 'urn:uuid:k' }] },
          { title: 'Traitements', emptyReason: { text: 'Aucun traitement connu' } },
        ],
      },
    },
    { fullUrl: 'urn:uuid:p', resource: patient },
    {
      fullUrl: 'urn:uuid:k',
      resource: {
        resourceType: 'Condition',
        id: 'k',
        code: { text: 'Hypertension artérielle' },
        onsetDateTime: '2011-05',
      },
    },
  ],
});

export const collection = (documents) => ({
  resourceType: 'Bundle',
  type: 'collection',
  entry: [
    { fullUrl: 'urn:uuid:p', resource: patient },
    ...documents.map(({ title, type, bytes, date = '2026-09-14T10:15:00Z' }, i) => ({
      fullUrl: `urn:uuid:d${i}`,
      resource: {
        resourceType: 'DocumentReference',
        status: 'current',
        date,
        author: [{ display: 'Dr Paul Spécimen' }],
        content: [
          { attachment: { contentType: type, title, data: Buffer.from(bytes).toString('base64') } },
        ],
      },
    })),
  ],
});

export const honest_documents = () => [
  {
    name: 'biologie.xml',
    type: 'text/xml',
    title: 'Compte rendu de biologie',
    date: '2026-09-14',
    author: 'Laboratoire des Tilleuls',
    bytes: laboratory(),
  },
  {
    name: 'ordonnance.pdf',
    type: 'application/pdf',
    title: 'Ordonnance de sortie',
    date: '2026-09-16',
    author: 'Dr Paul Spécimen',
    bytes: pdf(['Ordonnance', 'Amlodipine 5 mg : un comprim\\351 le matin', 'Pendant trois mois']),
  },
  {
    name: 'resume.json',
    type: 'application/fhir+json',
    title: 'Résumé patient international',
    date: '2026-10-01',
    author: 'Dr Paul Spécimen',
    bytes: Buffer.from(JSON.stringify(summary())),
  },
  {
    name: 'radio.png',
    type: 'image/png',
    title: 'Radiographie du thorax',
    date: '2025-12-02',
    author: 'Imagerie du Parc',
    bytes: png(),
  },
  {
    name: 'note.txt',
    type: 'text/plain',
    title: 'Note de la patiente',
    date: '2026-10-05',
    author: 'Jeanne Modèle',
    bytes: Buffer.from('Vertiges le matin depuis une semaine.\nTension prise à la maison : 13/8.'),
  },
];
