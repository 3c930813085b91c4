// SPDX-License-Identifier: EUPL-1.2
//
// document_json.hpp: a document as the commands and the page show it (fields of cli.md).
#ifndef COFFRET_VAULT_DAEMON_DOCUMENT_JSON_HPP
#define COFFRET_VAULT_DAEMON_DOCUMENT_JSON_HPP

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <string>

#include "coffret/error.hpp"
#include "vault/store/views.hpp"

namespace coffret::daemon {

// What a person calls it: its title, else its file's name.
std::string shown_title(const DocumentEntry& entry);
// The first author's name; the organisation's where no person is named (a laboratory). Or empty.
std::string shown_author(const DocumentEntry& entry);
// "FAMILY Given", or empty.
std::string shown_patient(const PatientIdentity& patient);

// Whether the person typed it into this vault. Only the command that takes it down says so; what a
// file says of its author is a claim of the file's.
bool entered_here(const store::DocumentView& document);

// `list`: id, title, date, kind {code, system, label}, category, author, media_type, size, patient,
// sha256, patient_authored (a document may claim it), entered_here (typed into this vault: no
// document can), date_source ("document", "file", "person").
boost::json::object summary_json(const store::DocumentView& document, Language language);

// `show --json`: also author_id, authors [{name, id, profession, organisation}], patient_id,
// birth_date, class, facility_type, practice_setting, service {start, end}, language,
// confidentiality (codes), restrictions (the same with their words), relations, discrepancies,
// note, changed (what the person changed), attachments [{number, title, media_type, size, sha256}],
// quarantined, replaced_by, provenance. show adds `picture` {width, height} in pixels, or null.
// `versions` holds this one alone; show replaces it by all of
// its set.
boost::json::object whole_json(const store::DocumentView& document, Language language);

// Where what came with it says something else: [{field, envelope, document}].
boost::json::array discrepancies_json(const DocumentEntry& entry);

// One of `versions`: id, version, set_id, number, title, date, received, current.
boost::json::object version_json(const store::DocumentView& document);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_DOCUMENT_JSON_HPP
