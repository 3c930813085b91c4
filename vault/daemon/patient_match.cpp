// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/patient_match.hpp"

#include <algorithm>
#include <array>

#include "coffret/kinds.hpp"
#include "vault/daemon/plain_words.hpp"

namespace coffret::daemon {
namespace {

using Tokens = std::vector<std::string>;

// The assigning authorities of the INS: from the NIR, from the NIA, of tests, of demonstrations
// (ANS, référentiel INS); and the older INS-C.
constexpr std::array<std::string_view, 5> ins_systems = {
    "1.2.250.1.213.1.4.8", "1.2.250.1.213.1.4.9", "1.2.250.1.213.1.4.10", "1.2.250.1.213.1.4.11",
    "1.2.250.1.213.1.4.2"};

constexpr std::size_t matricule_length = 13;  // then two digits of key, which may be left out

constexpr std::array<std::string_view, 21> particles = {
    "de",  "du", "des", "d",  "la", "le",  "les", "l",   "von", "van", "der",
    "den", "zu", "zur", "da", "do", "dos", "di",  "del", "el",  "al"};

bool is_ins(const Identifier& id) {
  return std::find(ins_systems.begin(), ins_systems.end(), oid_of(id.system)) != ins_systems.end();
}

std::string matricule(const Identifier& id) {
  std::string kept;
  for (const char c : id.value) {
    if (c >= '0' && c <= '9') kept += c;
    if (c == 'A' || c == 'a') kept += 'A';  // Corsica: 2A, 2B
    if (c == 'B' || c == 'b') kept += 'B';
  }
  if (kept.size() == matricule_length + 2) kept.resize(matricule_length);
  return kept;
}

PatientMatch compare_ins(const PatientIdentity& a, const PatientIdentity& b) {
  auto match = PatientMatch::unknown;
  for (const auto& one : a.ids)
    for (const auto& two : b.ids) {
      if (!is_ins(one) || !is_ins(two) || one.value.empty() || two.value.empty()) continue;
      if (matricule(one) == matricule(two)) return PatientMatch::same;
      if (oid_of(one.system) == oid_of(two.system)) match = PatientMatch::other;
    }
  return match;
}

// As much of a birth date as is known: "1960", "1960-05", "1960-05-14". French registers write 00
// for a month or a day that nobody knows.
std::string_view known_part(std::string_view date) {
  date = date.substr(0, 10);
  return date.substr(0, std::min(date.size(), date.find("-00")));
}

PatientMatch compare_birth(const PatientIdentity& a, const PatientIdentity& b) {
  const auto one = known_part(a.birth_date);
  const auto two = known_part(b.birth_date);
  const auto common = std::min(one.size(), two.size());
  if (common < 4) return PatientMatch::unknown;
  return one.substr(0, common) == two.substr(0, common) ? PatientMatch::same : PatientMatch::other;
}

std::string joined(const Tokens& tokens) {
  std::string all;
  for (const auto& token : tokens) all += token;
  return all;
}

Tokens without_particles(Tokens tokens) {
  Tokens kept;
  for (const auto& token : tokens)
    if (std::find(particles.begin(), particles.end(), token) == particles.end())
      kept.push_back(token);
  return kept.empty() ? tokens : kept;
}

std::vector<std::string> families_of(const PatientIdentity& identity) {
  auto families = identity.families;
  families.push_back(identity.family);
  std::erase_if(families, [](const std::string& family) { return plain_words(family).empty(); });
  return families;
}

bool same_family(const std::string& a, const std::string& b) {
  const auto one = plain_words(a);
  const auto two = plain_words(b);
  return joined(one) == joined(two) ||
         joined(without_particles(one)) == joined(without_particles(two));
}

// An initial stands for any name that begins so.
bool same_given(const std::string& a, const std::string& b) {
  return a == b || (a.size() == 1 && b.starts_with(a)) || (b.size() == 1 && a.starts_with(b));
}

bool all_among(const Tokens& few, const Tokens& many) {
  return std::all_of(few.begin(), few.end(), [&](const std::string& one) {
    return std::any_of(many.begin(), many.end(),
                       [&](const std::string& other) { return same_given(one, other); });
  });
}

bool compatible(const Tokens& a, const Tokens& b) {
  return all_among(a, b) || all_among(b, a) || joined(a) == joined(b);
}

PatientMatch compare_names(const PatientIdentity& a, const PatientIdentity& b) {
  const auto ours = families_of(a);
  const auto theirs = families_of(b);
  if (ours.empty() || theirs.empty()) return PatientMatch::unknown;
  const bool family = std::any_of(ours.begin(), ours.end(), [&](const std::string& one) {
    return std::any_of(theirs.begin(), theirs.end(),
                       [&](const std::string& two) { return same_family(one, two); });
  });
  return family && compatible(plain_words(a.given), plain_words(b.given)) ? PatientMatch::same
                                                                          : PatientMatch::other;
}

// The words of the typed name that are not of this family; nothing when the family is not in it.
std::optional<Tokens> beside_family(Tokens typed, const std::string& family) {
  for (const auto& word : without_particles(plain_words(family))) {
    const auto at = std::find(typed.begin(), typed.end(), word);
    if (at == typed.end()) return std::nullopt;
    typed.erase(at);
  }
  return without_particles(typed);
}

PatientMatch compare_typed(const PatientIdentity& stated, std::string_view name) {
  const auto typed = plain_words(name);
  const auto families = families_of(stated);
  if (typed.empty() || families.empty()) return PatientMatch::unknown;
  const auto given = plain_words(stated.given);
  const bool found = std::any_of(families.begin(), families.end(), [&](const std::string& family) {
    const auto rest = beside_family(typed, family);
    return rest && compatible(*rest, given);
  });
  if (found) return PatientMatch::same;
  if (typed.size() > 1) return PatientMatch::other;
  return all_among(typed, given) ? PatientMatch::same : PatientMatch::unknown;
}

const store::PersonView* find(const std::vector<store::PersonView>& persons, const PersonId& id) {
  const auto at = std::find_if(persons.begin(), persons.end(),
                               [&](const store::PersonView& person) { return person.id == id; });
  return at == persons.end() ? nullptr : &*at;
}

// An owner's record that knows nothing but the name it was made with: of a document that states
// another, even a single word tells. (A relative may well be called "Papa".)
bool differs_from_owner(const PatientIdentity& stated, const store::PersonView& record) {
  return record.id.is_zero() && !plain_words(record.name).empty() &&
         families_of(record.identity).empty() && !families_of(stated).empty();
}

bool has_other_name(const PatientIdentity& stated, const store::PersonView& person) {
  const auto& known = person.identity;
  if (compare_ins(stated, known) != PatientMatch::same) return false;
  const auto by_document = compare_names(stated, known);
  const auto by_hand = compare_typed(stated, person.name);
  if (by_document == PatientMatch::same || by_hand == PatientMatch::same) return false;
  if (by_document != PatientMatch::other && by_hand != PatientMatch::other) return false;
  const auto given = plain_words(stated.given);
  return given.empty() || !compatible(given, plain_words(known.given)) ||
         compare_birth(stated, known) != PatientMatch::same;
}

Filing filed(const PatientIdentity& stated, const store::PersonView& person) {
  return {.person = person.id,
          .quarantined = false,
          .learned = completed(person.identity, stated),
          .other_name = has_other_name(stated, person)};
}

}  // namespace

bool states_someone(const PatientIdentity& identity) {
  return !families_of(identity).empty() ||
         std::any_of(identity.ids.begin(), identity.ids.end(),
                     [](const Identifier& id) { return is_ins(id) && !id.value.empty(); });
}

PatientMatch compare_patient(const PatientIdentity& stated, const PatientIdentity& known,
                             std::string_view name) {
  // A name may change; nobody is born twice: a number that came with another birth date is not
  // trusted, and both are shown.
  const auto ins = compare_ins(stated, known);
  const auto birth = compare_birth(stated, known);
  if (birth == PatientMatch::other) return birth;
  if (ins != PatientMatch::unknown) return ins;
  const auto by_document = compare_names(stated, known);
  const auto by_hand = compare_typed(stated, name);
  if (by_document == PatientMatch::same || by_hand == PatientMatch::same) return PatientMatch::same;
  if (by_document == PatientMatch::other || by_hand == PatientMatch::other)
    return PatientMatch::other;
  return birth;
}

bool are_several(const std::vector<store::DocumentView>& documents) {
  std::vector<const PatientIdentity*> apart;  // what the documents state, each wording once
  for (const auto& document : documents) {
    if (document.person != documents.front().person) return true;
    const auto& stated = document.entry.patient;
    const auto is = [&](const auto* known) { return *known == stated; };
    if (std::any_of(apart.begin(), apart.end(), is)) continue;
    for (const auto* known : apart)
      if (compare_patient(stated, *known, {}) == PatientMatch::other) return true;
    apart.push_back(&stated);
  }
  return false;
}

std::optional<PatientIdentity> completed(const PatientIdentity& known,
                                         const PatientIdentity& stated) {
  if (!states_someone(stated)) return std::nullopt;
  PatientIdentity all = known;
  if (families_of(known).empty()) {
    all.family = stated.family;
    all.families = stated.families;
    all.given = stated.given;
  }
  if (known.birth_date.empty()) all.birth_date = stated.birth_date;
  if (known.gender.empty()) all.gender = stated.gender;
  if (std::none_of(known.ids.begin(), known.ids.end(), is_ins))
    for (const auto& id : stated.ids)
      if (is_ins(id)) all.ids.push_back(id);
  if (all == known || !within_limits(all)) return std::nullopt;
  return all;
}

bool number_may_tell(const PatientIdentity& stated, const store::PersonView& record) {
  const auto& known = record.identity.ids;
  return std::any_of(stated.ids.begin(), stated.ids.end(), is_ins) &&
         std::none_of(known.begin(), known.end(), is_ins) &&
         compare_birth(stated, record.identity) != PatientMatch::other;
}

Filing file_document(const PatientIdentity& stated, const PersonId& target,
                     const std::vector<store::PersonView>& persons) {
  const auto* wanted = find(persons, target);
  if (wanted == nullptr) return {.person = target};
  auto match = compare_patient(stated, wanted->identity, wanted->name);
  if (match == PatientMatch::unknown && differs_from_owner(stated, *wanted))
    match = PatientMatch::other;
  if (match == PatientMatch::same) return filed(stated, *wanted);
  for (const auto& person : persons)
    if (person.id != target &&
        compare_patient(stated, person.identity, person.name) == PatientMatch::same)
      return filed(stated, person);
  if (match == PatientMatch::other) return {.person = target, .quarantined = true};
  return filed(stated, *wanted);
}

}  // namespace coffret::daemon
