// SPDX-License-Identifier: EUPL-1.2
//
// words_en.ts: the page in English.
import type { Words } from './words_fr.ts';

export const english: Words = {
  page_title: 'Shared documents · Coffret',
  other_language: 'Français',
  door: {
    title: 'Health documents are shared with you',
    lead_link: 'Someone is letting you into a part of their health vault, for a limited time.',
    lead_shl: 'Someone is sharing a SMART Health Link with you.',
    until: (instant) => `This link is valid until ${instant}.`,
    label: (text) => `Label of the link: ${text}`,
    untouched: 'Nothing has been opened yet. The person who shares will see that you opened it.',
    title_card: 'Emergency card',
    lead_card:
      'The person whose card this is chose a few documents for whoever gives them first aid or care.',
    untouched_card:
      'Nothing has been opened yet. Your name and your reason are written down, and the person is told.',
    reader: 'Your name and organisation',
    reader_hint: 'For example: Dr Camille Exemple, Lime Trees Health Centre',
    reader_missing: 'Say who you are: the person who shares will see it.',
    reason: 'Why you open it',
    reason_hint: 'In a few words. For example: found unconscious, road accident',
    reason_missing: 'Say why you open this card: the person will see it.',
    waits: (instant) =>
      `The person was told and may refuse. It can be read from ${instant} on: leave this page open.`,
    passcode: 'Passcode',
    passcode_hint: 'The person who shares gave it to you separately.',
    passcode_missing: 'Enter the passcode.',
    shl_told: 'With this kind of link, the server can read the name you give.',
    open: 'Open',
    opening: 'Opening…',
    knocking: 'Checking the link…',
  },
  paste: {
    title: 'Open a shared link',
    lead: 'Open the link again as you received it, or paste it here. This page keeps nothing: after a reload, the link must be opened again.',
    field: 'Link received',
    go: 'Continue',
  },
  deposit: {
    title: 'Send health documents',
    lead: 'Someone gave you this link to receive documents in their health vault.',
    until: (instant) => `This link is valid until ${instant}.`,
    promise:
      'The documents, your name and your message are sealed in this browser. Only the person ' +
      'who gave you the link can read them.',
    name: 'Your name',
    organisation: 'Your organisation',
    note: 'A word to the person (optional)',
    files: 'Documents',
    hints: {
      name: 'For example: Dr Camille Exemple',
      organisation: 'For example: Lime Trees Laboratory',
      note: 'They read it before they accept the documents.',
      files: (size) => `PDF, images, CDA, FHIR… ${size} in all at most.`,
    },
    no_file: 'Choose at least one document.',
    too_many: (size, count) => `This is too much: ${size} in all and ${count} files at most.`,
    remove: 'Remove',
    remove_file: (name) => `Remove ${name}`,
    send: 'Send',
    sending: 'Sending…',
    sent: (part) => `Sent: ${Math.round(part * 100)}%`,
    done_title: 'It is sent',
    done: 'The documents have arrived, sealed. The person decides whether to put them into their vault.',
    again: 'Send something else',
    privacy: 'Sealed in your browser. This page keeps nothing.',
    reply_title: 'Reply with documents',
    reply_lead: 'They go to the health vault of the person who shares, in reply to this share.',
    back: 'Back to the documents',
  },
  failure_title: 'This cannot be opened',
  failures: {
    no_link: 'The link is missing.',
    malformed: 'This link is not complete. Copy all of it, or ask for it again.',
    other_version: 'This link was made by a newer version. This page cannot read it.',
    needs_key:
      'This grant opens with your caregiver’s key, not in a browser: use your Coffret program.',
    link_not_active:
      'This link is no longer active. Ask the person who gave it to you for another one.',
    wrong_passcode: 'This passcode is wrong.',
    server_unreachable: 'The server does not answer. Check the connection, then try again.',
    server_error: 'The server met an error. Try again in a moment.',
    rate_limited: 'Too many requests at once. Try again in a moment.',
    damaged:
      'What was received is damaged or was altered. Nothing is shown. Tell the person who shares.',
    too_large: 'This is larger than this page can open.',
    other_key:
      'The server shows another key than the link’s: nothing was sent. Tell the person who gave it to you.',
    too_much: 'This is more than the link can still take. Nothing was sent.',
    cut_off:
      'It did not arrive whole: nothing of it will be shown. Check the connection, then do it again.',
    foreign_host:
      'These data are kept by another server. This page opens only what its own server keeps.',
    old_browser:
      'This browser is too old, or the page was not opened over https. Try an up-to-date browser.',
  },
  tries_left: (count) =>
    count === 0
      ? 'No tries are left.'
      : count === 1
        ? 'One try is left.'
        : `${count} tries are left.`,
  retry: 'Try again',
  share: {
    title: 'Shared documents',
    born: (date) => `born ${date}`,
    by: 'Shared by',
    by_patient: 'the patient',
    to: 'For',
    purpose: 'Purpose',
    until: 'Until',
    no_end: 'not stated',
    documents: (count) => (count === 1 ? '1 document' : `${count} documents`),
    choose: 'Choose a document to read it.',
    none: 'Nothing was shared here.',
    verified: 'Signature verified: nothing was altered since it was sent.',
    unchecked: 'This browser cannot check the signature. The contents decrypted and are intact.',
    unsigned: 'This kind of link is not signed: the sender is not verified.',
    no_patient: 'The patient is not named',
    ended: 'This share has come to its end. The documents are no longer shown.',
    reply: 'Reply with a document',
    reply_hint: 'It is sealed in this browser; only this person can read it.',
  },
  document: {
    untitled: 'Untitled document',
    summary: 'Health summary',
    kinds: {
      pdf: 'PDF',
      image: 'Image',
      text: 'Text',
      cda: 'Medical document',
      fhir: 'Summary',
      other: 'File',
    },
    dated: (date) => date,
    by: (author) => author,
    loading: 'Decrypting…',
    print: 'Print',
    download: 'Save',
    unreadable: 'This document cannot be shown: it is damaged, or protected by a password.',
    not_shown: 'To be safe, this page does not show this kind of file.',
    open_inner: 'Show the attached document',
    more_pages: 'Show the next pages',
    to_list: 'List',
    other_patient: (date) =>
      `Caution: this document is about a person born ${date}, another date than the share’s. Check who it is about.`,
    page: (number, of) => `Page ${number} of ${of}`,
    printed_from: (until) => `Shared by the patient until ${until}`,
    printed_from_link: 'Shared by the patient',
  },
  cda: {
    patient: 'Patient',
    born: 'Born',
    date: 'Date',
    author: 'Author',
    custodian: 'Kept by',
    attachment: 'Attachment',
    outside: 'This document points to a file elsewhere, which is not loaded.',
    unreadable: 'A part of this document cannot be shown.',
  },
  fhir: {
    empty: 'There is nothing to read in this file.',
    unreadable: 'The text of this section cannot be shown.',
    nothing: 'Nothing is stated.',
  },
  privacy: 'Decrypted in your browser. Nothing is kept once this page is closed.',
};
