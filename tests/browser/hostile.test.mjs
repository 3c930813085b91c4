// SPDX-License-Identifier: EUPL-1.2
//
// Hostile documents inside an honest link: nothing runs, nothing is asked of anybody, and what can be
// read of them is read. A second server stands where they try to call.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { assert_inert, assert_no_outside_requests, assert_quiet_console, launch, open_page, pass_door, viewer_directory } from './support/browser.mjs';
import { protected_link } from './support/parcel.mjs';
import { cda, collection, pdf, section, summary, whole_body } from './support/samples.mjs';
import { start_server } from './support/server.mjs';

let browser;
let server;
let trap;
let bait; // where a hostile document calls
const calls = [];

before(async () => {
  server = await start_server(viewer_directory);
  trap = createServer((request, response) => {
    calls.push(request.url);
    response.end();
  });
  await new Promise((done) => trap.listen(0, '127.0.0.1', done));
  bait = `http://127.0.0.1:${trap.address().port}`;
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
  trap?.close();
});

const xhtml = 'xmlns:h="http://www.w3.org/1999/xhtml"';
const ran = "window.__ran=1;alert('ran')";

// name → document; `shows`: honest text that must be readable; `refused`: shown as nothing at all.
const cases = () => [
  ['a CDA whose narrative holds scripts', {
    bytes: cda(section('Texte', `<paragraph ${xhtml}>Texte lisible<h:script>${ran}</h:script><h:img src="${bait}/i" onerror="${ran}"/><script>${ran}</script><h:iframe src="${bait}/f"/><h:svg onload="${ran}"/></paragraph>`)),
    type: 'text/xml', shows: 'Texte lisible',
  }],
  ['a CDA whose table carries handlers and styles', {
    bytes: cda(section('Table', `<table onmouseover="${ran}" style="background:url(${bait}/s)" background="${bait}/b"><tbody><tr onclick="${ran}"><td colspan="99999" style="x:expression(${ran})">Cellule</td></tr></tbody></table>`)),
    type: 'text/xml', shows: 'Cellule',
  }],
  ['a CDA with links to scripts and outside', {
    bytes: cda(section('Liens', `<paragraph><linkHtml href="javascript:${ran}">Cliquez ici</linkHtml> <linkHtml href="${bait}/link">et ici</linkHtml></paragraph>`)),
    type: 'text/xml', shows: 'Cliquez ici', act: (page) => page.getByText('Cliquez ici').click(),
  }],
  ['a CDA whose body is HTML', { bytes: cda(whole_body('text/html', `<p>HTML<script>${ran}</script><img src="${bait}/h">`)), type: 'text/xml', shows: 'Modèle', opens: true }],
  ['a CDA whose body is SVG under a PNG’s name', { bytes: cda(whole_body('image/png', `<svg xmlns="http://www.w3.org/2000/svg" onload="${ran}"><image href="${bait}/v"/></svg>`)), type: 'text/xml', shows: 'Modèle', opens: true }],
  ['a CDA whose body refers to a script', { bytes: cda(`<component><nonXMLBody><text><reference value="javascript:${ran}"/></text></nonXMLBody></component>`), type: 'text/xml', shows: 'situé ailleurs' }],
  ['a CDA whose image lies elsewhere', { bytes: cda(section('Image', '<renderMultiMedia referencedObject="m"/>', `<entry><observationMedia ID="m"><value mediaType="image/png"><reference value="${bait}/m.png"/></value></observationMedia></entry>`)), type: 'text/xml', shows: 'situé ailleurs' }],
  ['a CDA with a style sheet elsewhere', { bytes: cda(section('Style', '<paragraph>Lisible</paragraph>'), { prolog: `<?xml-stylesheet type="text/xsl" href="${bait}/x.xsl"?>` }), type: 'text/xml', shows: 'Lisible' }],
  ['a CDA whose title is markup and turns the line around', { bytes: cda(section('A', '<paragraph>Suite</paragraph>'), { title: `&lt;img src=x onerror=${ran}&gt; \u202eesrever` }), type: 'text/xml', shows: 'Suite', refuses_text: /\u202e/ }],
  ['a CDA nested two hundred deep', { bytes: cda(section('Fond', `${'<content>'.repeat(200)}Au fond${'</content>'.repeat(200)}`)), type: 'text/xml', shows: 'Au fond' }],
  ['an XML file with entities from a DOCTYPE', { bytes: cda(section('X', '<paragraph>&e;</paragraph>'), { prolog: `<!-- a --><!DOCTYPE x [<!ENTITY e SYSTEM "${bait}/dtd">]>` }), type: 'text/xml', refused: true }],
  ['an XML file that counts to a billion', { bytes: cda(section('X', '<paragraph>&c;</paragraph>'), { prolog: '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>' }), type: 'text/xml', refused: true }],
  ['an XML file that is cut', { bytes: cda(section('X', '<paragraph>Coupé</paragraph>')).subarray(0, 700), type: 'text/xml', refused: true }],
  ['a FHIR narrative with scripts and outside images', {
    bytes: Buffer.from(JSON.stringify(summary(`<div xmlns="http://www.w3.org/1999/xhtml" onclick="${ran}">Lisible<script>${ran}</script><img src="${bait}/n.png" onerror="${ran}" alt="image"/><a href="javascript:${ran}">Lien</a><iframe src="${bait}/f"></iframe><style>@import '${bait}/c';</style></div>`))),
    type: 'application/fhir+json', shows: 'Lisible', act: (page) => page.locator('.narrative section').first().click(),
  }],
  ['a FHIR narrative that is no XML', { bytes: Buffer.from(JSON.stringify(summary(`<img src=${bait}/q onerror=${ran}>`))), type: 'application/fhir+json', shows: 'ne peut pas être affiché' }],
  ['a FHIR file nested sixty thousand deep', { bytes: Buffer.from(`{"resourceType":"Bundle","x":${'['.repeat(60_000)}${']'.repeat(60_000)}}`), type: 'application/fhir+json', shows: 'rien à lire' }],
  ['a FHIR file with names of the language', { bytes: Buffer.from('{"resourceType":"Bundle","__proto__":{"entry":[]},"constructor":1,"entry":[null,3,{"resource":[]}]}'), type: 'application/fhir+json', shows: 'rien à lire' }],
  ['an HTML file', { bytes: Buffer.from(`<!doctype html><script>${ran}</script><img src="${bait}/i">`), type: 'text/html', shows: 'n’affiche pas ce type' }],
  ['an HTML file that says it is text', { bytes: Buffer.from(`<script>${ran}</script>`), type: 'text/plain', shows: '<script>' }],
  ['an SVG file', { bytes: Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" onload="${ran}"/>`), type: 'image/svg+xml', shows: 'n’affiche pas ce type' }],
  ['a PDF with a script, a form and a link', {
    bytes: pdf(['Texte du PDF'], { extra: `/OpenAction << /S /JavaScript /JS (app.alert\\(1\\); ${ran}) >>`, annotations: `/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 595 842] /A << /S /URI /URI (${bait}/uri) >> >>]` }),
    type: 'application/pdf', shows: 'Texte du PDF', act: (page) => page.locator('.pdf-page').click(),
  }],
  ['a PDF that is cut', { bytes: pdf(['Texte']).subarray(0, 60), type: 'application/pdf', refused: true }],
  ['a PNG of 60,000 by 60,000 that is cut', { bytes: Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xea\x60\0\0\xea\x60\x08\0\0\0\0', 'latin1'), type: 'image/png', shows: '' }],
  ['a FHIR collection with a document elsewhere', { bytes: Buffer.from(JSON.stringify(collection([]))), type: 'application/fhir+json', shows: '' }],
];

describe('hostile documents', () => {
  test('none runs, calls or opens anything', async (t) => {
    const all = cases();
    const documents = all.map(([name, { bytes, type }]) => ({ name, title: name, type, bytes, date: '2026-01-01', author: `<img src=${bait}/a onerror=${ran}>` }));
    const { page, watched } = await open_page(browser);
    await page.goto(server.serve_link(protected_link({ documents, owner: `<script>${ran}</script>`, purpose: `"><img src=${bait}/p onerror=${ran}>` })));
    await pass_door(page);
    await page.locator('.entry').first().waitFor();
    for (const [index, [name, expected]] of all.entries())
      await t.test(name, async () => {
        await page.locator('.entry').nth(index).click();
        await page.locator('.sheet-top h2', { hasText: name }).waitFor();
        const body = page.locator('.sheet-body:not([aria-busy])');
        await body.waitFor();
        if (expected.opens) await body.getByText('n’affiche pas ce type').waitFor();
        await expected.act?.(page);
        const text = await body.innerText();
        if (expected.refused) assert.equal(await body.locator('[data-failure]').getAttribute('data-failure'), 'unreadable');
        else assert.ok(text.includes(expected.shows), text.slice(0, 300));
        if (expected.refuses_text) assert.doesNotMatch(text, expected.refuses_text);
        assert.equal(await body.locator('script, iframe, object, embed, svg, style, link, a, form').count(), 0);
        const attributes = await body.locator('.narrative *').evaluateAll((all) => [...new Set(all.flatMap((e) => e.getAttributeNames()))]);
        assert.deepEqual(attributes.filter((n) => !['class', 'tabindex', 'colspan', 'rowspan', 'src', 'alt', 'data-leaf'].includes(n)), []);
      });
    assert.equal(await page.evaluate(() => window.__ran), undefined);
    assert.equal(page.url(), `${server.origin}/v`);
    assert_inert(watched);
    assert_no_outside_requests(watched, server.origin);
    // Of XML that is not well formed Chromium makes a <parsererror> with styles of its own, which the
    // policy refuses: these two hashes are theirs.
    assert_quiet_console(watched, [/^Applying inline style .*'sha256-(ICa0DhwZQJsOd|ZD0chCyBaNHl)/]);
    assert.deepEqual(calls, []);
    await page.context().close();
  });

  test('the page’s own policy refuses what an injected script would try', async () => {
    const { page } = await open_page(browser);
    await page.goto(`${server.origin}/v`);
    await page.getByRole('heading').waitFor();
    const tries = await page.evaluate(async (address) => {
      const outcome = async (act) => { try { await act(); return 'done'; } catch { return 'refused'; } };
      return {
        markup: await outcome(() => { document.body.innerHTML = '<b>x</b>'; }),
        // Later, outside the test's own call, which is above the policy.
        evaluation: await new Promise((done) => setTimeout(() => { try { (0, eval)('1'); done('done'); } catch { done('refused'); } })),
        policy: await outcome(() => window.trustedTypes.createPolicy('other', { createHTML: (x) => x })),
        second: await outcome(() => window.trustedTypes.createPolicy('coffret-xml', { createHTML: (x) => x })),
        worker: await outcome(() => new Worker('/v/pdf.worker.mjs')),
        outside: await outcome(() => fetch(address)),
      };
    }, bait);
    assert.deepEqual(tries, { markup: 'refused', evaluation: 'refused', policy: 'refused', second: 'refused', worker: 'refused', outside: 'refused' });
    assert.deepEqual(calls, []);
    await page.context().close();
  });
});
