// SPDX-License-Identifier: EUPL-1.2
//
// own_commands.cpp: what a person types in becomes a document of theirs.
#include "coffret/random.hpp"
#include "sync/protocol/signature.hpp"
#include "vault/daemon/commands.hpp"
#include "vault/daemon/document_json.hpp"
#include "vault/daemon/own_entry.hpp"
#include "vault/daemon/own_resource.hpp"
#include "vault/daemon/persons.hpp"
#include "vault/daemon/reader_process.hpp"
#include "vault/daemon/typed_date.hpp"

namespace coffret::daemon {
namespace {

constexpr std::size_t longest_text = 256 * 1024;  // bytes of a note; other fields are short

// "--value : ce n'est pas un nombre".
std::string with_reason(const Call& call, std::string flag, std::string_view french,
                        std::string_view english) {
  const bool in_french = call.language == Language::french;
  flag += in_french ? " : " : ": ";
  return flag += in_french ? french : english;
}

std::string empty_field(const Call& call, std::string_view flag) {
  return with_reason(call, std::string{flag}, "c'est vide", "it is empty");
}

// What is wrong about the value of a measure, by its flag.
std::string wrong_value(const Call& call, const OwnEntry& entry) {
  const std::string flag = "--value";
  if (entry.value.empty()) return empty_field(call, flag);
  if (const auto* measure = implausible(entry); measure != nullptr)
    return flag + ", " + plausible_words(*measure, call.language);
  if (is_reversed(entry) && entry.value.find('/') != std::string::npos)
    return flag + (call.language == Language::french
                       ? ", le premier nombre (systolique) est le plus grand des deux : 12/8"
                       : ", the first number (systolic) is the larger of the two: 120/80");
  if (is_blood_pressure(entry.what))
    return with_reason(call, flag, "ce ne sont pas deux nombres : 12/8",
                       "these are not two numbers: 120/80");
  return with_reason(call, flag, "ce n'est pas un nombre", "this is not a number");
}

// Which field is empty or cannot be, and why; empty: none.
std::string wrong_field(const Call& call, const OwnEntry& entry) {
  const auto flag = missing(entry);
  if (flag.empty()) return {};
  return flag == "--value" ? wrong_value(call, entry) : empty_field(call, flag);
}

// A date that cannot be, by its flag and with why; empty: none.
std::string in_time(const Call& call, const OwnEntry& entry) {
  std::string flag{misdated(entry, call.service.environment().clock.now())};
  if (flag == "--date") return with_reason(call, flag, "dans le futur", "in the future");
  if (flag == "--until") return with_reason(call, flag, "avant le début", "before the beginning");
  return flag;
}

// The fields as typed, dates checked. Errors: usage, too_large.
Result<OwnEntry> typed(Call& call, OwnKind kind) {
  OwnEntry entry;
  entry.kind = kind;
  entry.what = call.text("what");
  entry.text = call.text("text");
  entry.value = call.text("value");
  entry.unit = call.text("unit");
  entry.dose = call.text("dose");
  entry.lot = call.text("lot");
  entry.reaction = call.text("reaction");
  entry.relation = call.text("relation");
  entry.phone = call.text("phone");
  for (const auto* text : {&entry.what, &entry.value, &entry.unit, &entry.dose, &entry.lot,
                           &entry.reaction, &entry.relation, &entry.phone})
    if (text->size() > limits::short_text / 2) return errc::too_large;
  if (entry.text.size() > longest_text) return errc::too_large;
  for (const auto& [name, date] :
       {std::pair{"date", &entry.date}, std::pair{"until", &entry.end}}) {
    const auto text = call.text(name);
    if (text.empty()) continue;
    call.detail = with_reason(call, std::string{"--"} + name + " " + text,
                              "cette date n'existe pas", "there is no such date");
    COFFRET_TRY(*date, typed_date(text));
  }
  call.detail = wrong_field(call, entry);
  if (call.detail.empty()) call.detail = in_time(call, entry);
  if (!call.detail.empty()) return errc::usage;
  return entry;
}

// Read by the confined reader, as a file that came from elsewhere.
Result<store::PreparedDocument> read_back(Call& call, std::string document, std::string name) {
  Reader reader{call.service.config().reader_program};
  const auto bytes = as_bytes(document);
  COFFRET_TRY(auto read, reader.describe(bytes, name));
  if (read.error != 0) return static_cast<errc>(read.error);
  store::PreparedDocument prepared;
  prepared.entry = std::move(read.entry);
  prepared.entry.file_name = std::move(name);
  prepared.entry.patient_authored = true;
  prepared.text = std::move(read.text);
  prepared.facts = std::move(read.facts);
  prepared.body = to_bytes(bytes);
  prepared.sha256 = protocol::sha256(prepared.body);
  prepared.source = "own";
  return prepared;
}

}  // namespace

Result<Object> own_add(Call& call) {
  const auto command = call.text("command");
  const auto kind = own_kind_of(command.substr(0, command.find(' ')));
  if (!kind) return errc::usage;
  COFFRET_TRY(auto hold, call.service.session().hold());
  COFFRET_TRY(const auto entry, typed(call, *kind));
  COFFRET_TRY(const auto persons, persons_of(call));
  COFFRET_TRY(const auto wanted, wanted_person(call, persons));
  const auto person = wanted ? *wanted : persons.at(0);
  auto& environment = call.service.environment();
  std::array<std::uint8_t, 16> random{};
  environment.random.fill(random);
  const auto document = own_document(entry, {.person = person,
                                             .now = environment.clock.now(),
                                             .identifier = uuid_urn(random),
                                             .language = call.language});
  COFFRET_TRY(auto prepared,
              read_back(call, document, std::string{own_kind_word(*kind)} + ".json"));
  prepared.person = person.id;
  const auto facts = prepared.facts.size();
  std::vector<store::PreparedDocument> batch;
  batch.push_back(std::move(prepared));
  COFFRET_TRY(const auto outcomes, call.with([&](store::Vault& vault) {
    return vault.put_documents(std::move(batch));
  }));
  COFFRET_TRY(const auto kept, call.with([&](store::Vault& vault) {
    return vault.document(outcomes.at(0).id.text());
  }));
  auto result = summary_json(kept, call.language);
  add_person(result, person.id, persons);
  result["facts"] = facts;
  return result;
}

}  // namespace coffret::daemon
