// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/export_manifest.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <map>

#include "coffret/encoding.hpp"
#include "coffret/harmless.hpp"
#include "coffret/json.hpp"
#include "coffret/reading.hpp"
#include "coffret/wire.hpp"

namespace coffret::daemon {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

constexpr std::uint64_t manifest_format = 1;

object coded_json(const CodedValue& code) {
  return {{"code", code.code}, {"system", code.system}, {"display", code.display}};
}

// The entry as an archive would state it beside the file. A date that was only the file's is not
// the document's: it goes under `date`.
std::string stated_entry(DocumentEntry entry) {
  if (entry.date_source == DateSource::file) entry.date.clear();
  entry.date_source = DateSource::document;
  return to_base64url(wire::encode(entry));
}

object document_json(const ExportedDocument& document) {
  const auto& view = document.view;
  object json{{"file", document.file},
              {"id", view.id.text()},
              {"title", document.title},
              {"date", document.entry.date},
              {"date_source", document.entry.date_source == DateSource::file ? "file" : "document"},
              {"original_name", view.entry.file_name},
              {"received", to_rfc3339(from_unix(view.imported_at))},
              {"source", view.source},
              {"person", view.person.is_zero() ? std::string{} : document.person},
              {"entry", stated_entry(document.entry)}};
  if (document.other_patient) json["other_patient"] = true;
  array attachments;
  for (const auto& file : document.attachments) attachments.emplace_back(file);
  json["attachments"] = std::move(attachments);
  if (!view.amended) return json;
  object amended;
  if (view.amended->title) amended["title"] = *view.amended->title;
  if (view.amended->date) amended["date"] = *view.amended->date;
  if (view.amended->kind) amended["kind"] = coded_json(*view.amended->kind);
  if (view.amended->note) amended["note"] = *view.amended->note;
  json["amended"] = std::move(amended);
  return json;
}

std::optional<std::string> optional_text(const object& json, std::string_view name,
                                         bool lines = false) {
  const auto* text = text_member(json, name);
  if (text == nullptr) return std::nullopt;
  return harmless({text->data(), text->size()}, lines);
}

std::string text_of(const object& json, std::string_view name) {
  return optional_text(json, name).value_or(std::string{});
}

// A relative path below the folder: it names no other place.
bool stays_inside(std::string_view path) {
  if (path.empty() || path.size() > 4096 || path.front() == '/') return false;
  while (true) {
    const auto slash = path.find('/');
    const auto part = path.substr(0, slash);
    if (part.empty() || part == "." || part == "..") return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

bool is_short(const std::string& text) {
  return text.size() <= limits::short_text;
}

bool keeps_limits(const ReturningDocument& d) {
  const auto short_or_none = [](const auto& text) { return !text || is_short(*text); };
  return short_or_none(d.title) && short_or_none(d.amended_date) &&
         (!d.note || d.note->size() <= store::max_words) &&
         (!d.kind ||
          (is_short(d.kind->code) && is_short(d.kind->system) && is_short(d.kind->display)));
}

Result<ReturningDocument> read_document(const value& json) {
  if (!json.is_object()) return errc::malformed;
  const auto& from = json.get_object();
  ReturningDocument document;
  document.file = text_of(from, "file");
  document.original_name = text_of(from, "original_name");
  document.date = text_of(from, "date");
  if (text_of(from, "date_source") == "file") document.date_source = DateSource::file;
  document.source = text_of(from, "source");
  document.person = text_of(from, "person");
  const auto* other = from.if_contains("other_patient");
  document.other_patient = other != nullptr && other->is_bool() && other->get_bool();
  if (!stays_inside(document.file) || !is_short(document.original_name) ||
      !is_short(document.date) || !is_short(document.source) || !is_short(document.person))
    return errc::malformed;
  COFFRET_TRY(document.entry, from_base64url(text_of(from, "entry")));
  if (document.entry.size() > reading::metadata_size) return errc::malformed;
  const auto* amended = from.if_contains("amended");
  if (amended == nullptr) return document;
  if (!amended->is_object()) return errc::malformed;
  const auto& changed = amended->get_object();
  document.title = optional_text(changed, "title");
  document.amended_date = optional_text(changed, "date");
  document.note = optional_text(changed, "note", true);
  if (const auto* kind = changed.if_contains("kind"); kind != nullptr && kind->is_object())
    document.kind =
        CodedValue{text_of(kind->get_object(), "code"), text_of(kind->get_object(), "system"),
                   text_of(kind->get_object(), "display")};
  if (!keeps_limits(document)) return errc::malformed;
  return document;
}

}  // namespace

std::string export_manifest(const ExportedRecord& record, const std::vector<ListedFile>& files,
                            const std::vector<protocol::SignedCertificate>& chain,
                            const SigningPublicKey& root) {
  array listed;
  for (const auto& file : files)
    listed.push_back(
        object{{"name", file.name}, {"size", file.size}, {"sha256", to_hex(file.sha256.view())}});
  array documents;
  for (const auto& document : record.documents) documents.push_back(document_json(document));
  array persons;
  for (const auto& person : record.persons)
    persons.push_back(
        object{{"name", person_shown(record, person.id)}, {"owner", person.id.is_zero()}});
  array certificates;
  for (const auto& certificate : chain)
    certificates.push_back(object{{"certificate", to_base64url(certificate.body)},
                                  {"signature", to_base64url(certificate.signature.bytes)}});
  return boost::json::serialize(object{{"coffret_export", manifest_format},
                                       {"vault", record.vault.text()},
                                       {"owner", record.owner},
                                       {"made_at", to_rfc3339(record.made_at)},
                                       {"persons", std::move(persons)},
                                       {"documents", std::move(documents)},
                                       {"files", std::move(listed)},
                                       {"chain", std::move(certificates)},
                                       {"root", to_base64url(root.bytes)}});
}

std::string sha256_sums(const std::vector<ListedFile>& files) {
  std::string sums;
  for (const auto& file : files) {
    sums += to_hex(file.sha256.view());
    sums += "  ";
    sums += file.name;
    sums += '\n';
  }
  return sums;
}

namespace {

// The digests of the files by name, as far as the list states them well.
std::map<std::string, Sha256> digests_in(const object& list) {
  std::map<std::string, Sha256> digests;
  const auto* files = list.if_contains("files");
  if (files == nullptr || !files->is_array()) return digests;
  for (const auto& item : files->get_array()) {
    if (!item.is_object()) continue;
    const auto raw = from_hex(text_of(item.get_object(), "sha256"));
    if (raw.has_error()) continue;
    if (const auto digest = Sha256::from(*raw); digest.has_value())
      digests.emplace(text_of(item.get_object(), "name"), *digest);
  }
  return digests;
}

}  // namespace

Result<std::vector<ReturningDocument>> read_export_manifest(std::string_view json) {
  COFFRET_TRY(const auto whole, parse_json(json, {.bytes = max_export_manifest, .depth = 8}));
  if (!whole.is_object()) return errc::malformed;
  const auto* format = whole.get_object().if_contains("coffret_export");
  if (format == nullptr || !format->is_int64()) return errc::malformed;
  if (format->get_int64() != static_cast<std::int64_t>(manifest_format)) return errc::other_version;
  const auto* documents = whole.get_object().if_contains("documents");
  if (documents == nullptr || !documents->is_array()) return errc::malformed;
  const auto owner = text_of(whole.get_object(), "owner");
  if (!is_short(owner)) return errc::malformed;
  const auto digests = digests_in(whole.get_object());
  std::vector<ReturningDocument> returning;
  for (const auto& item : documents->get_array()) {
    COFFRET_TRY(auto document, read_document(item));
    document.owner = owner;
    if (const auto digest = digests.find(document.file); digest != digests.end())
      document.sha256 = digest->second;
    returning.push_back(std::move(document));
  }
  return returning;
}

}  // namespace coffret::daemon
