// SPDX-License-Identifier: EUPL-1.2
//
// share.ts: what both kinds of link become, so that one screen shows them: a Door (before anybody
// acted) and, behind it, a Share.
import type { Bytes } from './bytes.ts';
import type { Checked } from './jose.ts';

// A link that was understood. Making one and knock() change nothing anywhere; open() is the
// opening that the patient sees, and is called from a person's gesture only.
export interface Door {
  kind: 'link' | 'shl';
  label: string; // of a SMART Health Link; empty otherwise
  // Asks whether the link is active and needs a passcode. Errors: any Failure.
  knock(): Promise<DoorState>;
  open(claim: Claim): Promise<Share>;
}

export interface DoorState {
  passcode: boolean;
  reason: boolean; // an emergency card: who opens it says why
  expires_at?: number; // epoch seconds
}

export interface Claim {
  reader: string; // what the reader says of themselves
  passcode: string;
  reason: string;
  // Told while the patient's delay lasts: epoch seconds from which on it can be read.
  waiting?: (opens_at: number) => void;
}

export interface Share {
  kind: 'link' | 'shl';
  owner: string; // who shares; empty: unknown
  to: string;
  purpose: string;
  expires_at?: number;
  // Milliseconds to add to this machine's clock to have the server's.
  clock_offset: number;
  patient: Patient;
  // unsigned: a SMART Health Link carries no signature of ours.
  signature: Checked | 'unsigned';
  may_download: boolean;
  documents: SharedDocument[];
  // Where documents may be sent back, as a deposit link's fragment; empty: nowhere.
  reply: string;
}

export interface Patient {
  name: string;
  birth_date: string; // YYYY-MM-DD or empty
}

export interface SharedDocument {
  title: string;
  name: string; // file name, from outside: see safe_name
  media_type: string;
  date: string; // ISO 8601, or empty
  author: string;
  size?: number;
  // Verified bytes; kept in memory from the first success on. Errors: any Failure.
  load(): Promise<Bytes>;
}

// The same promise for everybody who asks; a failure is forgotten, so that asking again tries again.
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let kept: Promise<T> | undefined;
  return () => {
    kept ??= make().catch((error: unknown) => {
      kept = undefined;
      throw error;
    });
    return kept;
  };
}
