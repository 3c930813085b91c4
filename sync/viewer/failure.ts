// SPDX-License-Identifier: EUPL-1.2
//
// failure.ts: everything that can stop an opening, as one closed list. words.ts has a sentence for
// each; from outside, failures to decrypt look alike (`damaged`).

export type FailureCode =
  | 'no_link' // the page was opened without a fragment
  | 'malformed' // the fragment or an answer is not of its form
  | 'other_version' // made for a newer reader
  | 'needs_key' // granted to a caregiver's own key, which no browser holds
  | 'link_not_active' // unknown, expired, used up, revoked: one answer
  | 'wrong_passcode'
  | 'server_unreachable'
  | 'server_error'
  | 'rate_limited'
  | 'damaged' // a seal, signature, size or hash does not match
  | 'too_large'
  | 'other_key' // the server shows another key than the deposit link names
  | 'too_much' // more than a deposit link takes
  | 'cut_off' // a deposit that did not arrive whole
  | 'foreign_host' // a link that another server keeps
  | 'old_browser';

export class Failure extends Error {
  constructor(
    readonly code: FailureCode,
    // wrong_passcode: tries that are left, when the server says so.
    readonly remaining?: number,
  ) {
    super(code);
  }
}

// What went wrong with something that came from the server. A form that is not kept is damage
// there: `malformed` speaks of the link that the person holds.
export function received(error: unknown): Failure {
  if (!(error instanceof Failure) || error.code === 'malformed') return new Failure('damaged');
  return error;
}
