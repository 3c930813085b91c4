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
    call.detail = text;
    COFFRET_TRY(*date, typed_date(text));
  }
  call.detail = missing(entry);
  if (const auto* measure = implausible(entry); kind == OwnKind::measure && measure != nullptr)
    call.detail += ", " + plausible_words(*measure, call.language);
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
