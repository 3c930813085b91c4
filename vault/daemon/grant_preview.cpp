// SPDX-License-Identifier: EUPL-1.2
//
// `grant preview`: what would be seen, in the words of the reader's page, and what travels with it
// unseen. It makes nothing and needs no server.
#include <set>
#include <utility>

#include "coffret/file_name.hpp"
#include "coffret/kinds.hpp"
#include "vault/daemon/document_json.hpp"
#include "vault/daemon/grant_parts.hpp"
#include "vault/daemon/grant_request.hpp"
#include "vault/daemon/nir.hpp"
#include "vault/daemon/reader_process.hpp"
#include "vault/grants/packing.hpp"

namespace coffret::daemon {
namespace {

using boost::json::array;

std::string_view kind_of_warning(reading::HiddenKind kind) {
  switch (kind) {
    case reading::HiddenKind::place:
      return "place";
    case reading::HiddenKind::serial:
      return "camera_serial";
    case reading::HiddenKind::camera_owner:
      return "camera_owner";
    case reading::HiddenKind::document_author:
      return "document_author";
    case reading::HiddenKind::producer:
      return "producer";
  }
  return "";
}

// A PDF says who wrote it where its author is no secret: the list shows that name.
bool is_worth_telling(const reading::HiddenDetail& detail, const DocumentEntry& entry) {
  return detail.kind != reading::HiddenKind::document_author ||
         detail.value != grants::author_shown(entry);
}

// The programs' names alone are told, but are no reason to leave a document out.
bool is_a_reason(std::string_view kind) {
  return kind != "producer";
}

class Lint {
 public:
  explicit Lint(Call& call) : call_(call), reader_(call.service.config().reader_program) {}

  Result<void> look(const store::DocumentView& document) {
    COFFRET_CHECK(look_at_file(document));
    const auto text = call_.with([&](store::Vault& vault) { return vault.text(document.id); });
    if (text.has_value() && holds_nir(*text)) add(document, "national_number", {});
    return {};
  }
  void add(const store::DocumentView& document, std::string_view kind, const std::string& value) {
    warnings_.push_back(Object{{"kind", text_view(kind)},
                               {"id", document.id.text()},
                               {"title", shown_title(document.entry)},
                               {"value", value}});
    if (is_a_reason(kind)) named_.insert(document.id);
  }
  bool named(const DocumentId& id) const { return named_.contains(id); }
  bool any() const { return !named_.empty(); }
  array take() { return std::move(warnings_); }

 private:
  Result<void> look_at_file(const store::DocumentView& document) {
    const auto format = document.entry.format;
    if (format == DocumentFormat::other) add(document, "not_looked_at", {});  // HEIC, for instance
    if (format == DocumentFormat::image || format == DocumentFormat::pdf) {
      COFFRET_TRY(const auto body,
                  call_.with([&](store::Vault& vault) { return vault.body(document.id); }));
      COFFRET_CHECK(look_at_bytes(document, body));
    }
    const auto& inside = document.entry.attachments;
    for (std::size_t i = 0; i < inside.size(); ++i) {
      if (!is_looked_at(inside[i].media_type)) continue;
      const auto content =
          call_.with([&](store::Vault& vault) { return vault.attachment(document.id, i); });
      if (content.has_value())
        COFFRET_CHECK(look_at_bytes(document, *content));
      else
        add(document, "not_looked_at", {});
    }
    return {};
  }

  static bool is_looked_at(std::string_view media_type) {
    return media_type.starts_with("image/") || media_type == "application/pdf";
  }

  Result<void> look_at_bytes(const store::DocumentView& document, const Bytes& file) {
    const auto details = reader_.hidden(file);
    if (details.has_error()) {
      add(document, "not_looked_at", {});
      return {};
    }
    for (const auto& detail : *details)
      if (is_worth_telling(detail, document.entry))
        add(document, kind_of_warning(detail.kind), detail.value);
    return {};
  }

  Call& call_;
  Reader reader_;
  array warnings_;
  std::set<DocumentId> named_;
};

// One of the reader's list, as the manifest will have it.
Object document_json(const store::DocumentView& document, const std::string& name,
                     Language language) {
  const auto& entry = document.entry;
  const auto* kind = kind_of(entry.type.code, entry.type.system);
  return {{"id", document.id.text()},
          {"title", grants::title_shown(entry)},
          {"date", entry.date},
          {"author", grants::author_shown(entry)},
          {"kind", kind == nullptr ? entry.type.display : std::string{kind->label(language)}},
          {"media_type", entry.media_type},
          {"size", document.size},
          {"name", name}};
}

Object patient_json(Call& call, const Asked& asked) {
  const auto patient = call.with([&](store::Vault& vault) -> Result<grants::PatientShown> {
    return grants::patient_shown(asked.scope.documents, vault.persons(),
                                 asked.request.several_persons);
  });
  if (patient.has_error()) return {};
  return {{"name", patient->name}, {"birth_date", patient->birth_date}};
}

}  // namespace

Result<Object> grant_preview(Call& call) {
  COFFRET_TRY(const auto hold, call.service.session().hold());
  COFFRET_TRY(const auto asked, asked_of(call, call.service.environment().clock.now()));
  const auto& request = asked.request;
  Lint lint{call};
  array documents;
  DistinctNames names;
  std::uint64_t size = 0;
  for (const auto& document : asked.scope.documents) {
    COFFRET_CHECK(lint.look(document));
    const auto& entry = document.entry;
    const auto name = names.add(safe_file_name(grants::title_shown(entry), entry.media_type));
    documents.push_back(document_json(document, name, call.language));
    size += document.size;
    (void)call.answer.progress(
        Object{{"done", documents.size()}, {"total", asked.scope.documents.size()}});
  }
  for (const auto& one : asked.scope.chosen_sensitive)
    for (const auto kind : one.why) lint.add(one.document, "sensitive", std::string{name(kind)});
  array smaller;
  for (const auto& document : asked.scope.documents)
    if (lint.any() && !lint.named(document.id)) smaller.emplace_back(document.id.text());
  Object result{{"to", request.caregiver},
                {"purpose", request.purpose},
                {"delivery", text_view(name(request.delivery))},
                {"download", request.download},
                {"not_before", to_rfc3339(from_unix(request.not_before))},
                {"expires_at", to_rfc3339(from_unix(request.expires_at))},
                {"evolving", request.terms.evolving},
                {"patient", patient_json(call, asked)},
                {"several_persons", request.several_persons},
                {"documents", std::move(documents)},
                {"size", size},
                {"warnings", lint.take()},
                {"smaller", std::move(smaller)},
                {"left_out", left_out_json(asked.scope.left_out)},
                {"other_persons", asked.scope.others},
                {"uncoded", asked.scope.uncoded},
                {"consent", request.consent}};
  if (request.openings != 0) result["openings"] = request.openings;
  return result;
}

}  // namespace coffret::daemon
