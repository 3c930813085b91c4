// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/import.hpp"

#include <sys/stat.h>

#include <algorithm>

#include "coffret/time.hpp"
#include "sync/protocol/signature.hpp"
#include "vault/crypto/secret_io.hpp"
#include "vault/daemon/same_document.hpp"

namespace coffret::daemon {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t group_length = 64;
constexpr std::string_view typed_here = "own";
constexpr std::string_view typed_elsewhere = "own_elsewhere";
constexpr std::size_t group_limit = 8u << 20;  // bytes

// The day the file was last written, in UTC.
std::string file_date(const fs::path& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return {};
  return to_rfc3339(from_unix(info.st_mtime)).substr(0, 10);
}

// Of age (age-encryption.org/v1), also as letters.
bool is_sealed(ByteView file) {
  const auto text = as_text(file);
  return text.starts_with("age-encryption.org/v1\n") ||
         text.starts_with("-----BEGIN AGE ENCRYPTED FILE-----");
}

bool is_archive(const DocumentDescription& read) {
  return read.entry.format == DocumentFormat::zip || read.entry.format == DocumentFormat::xdm;
}

}  // namespace

std::optional<store::DocumentAmended> amendment_of(const ReturningDocument* returning) {
  if (returning == nullptr) return std::nullopt;
  const auto& r = *returning;
  if (!r.title && !r.amended_date && !r.kind && !r.note) return std::nullopt;
  return store::DocumentAmended{
      .document = {}, .title = r.title, .date = r.amended_date, .kind = r.kind, .note = r.note};
}

namespace {

// Documents, what was learned from them, and what the person had changed of them.
Result<std::vector<store::PutOutcome>> put_group(
    store::Vault& vault, std::vector<store::PreparedDocument> group,
    const std::vector<std::pair<PersonId, PatientIdentity>>& learned,
    std::vector<std::optional<store::DocumentAmended>> amendments) {
  COFFRET_TRY(auto put, vault.put_documents(std::move(group)));
  for (const auto& [person, identity] : learned) COFFRET_CHECK(vault.identify(person, identity));
  for (std::size_t i = 0; i < put.size(); ++i) {
    if (!amendments[i] || put[i].duplicate) continue;
    amendments[i]->document = put[i].id;
    COFFRET_CHECK(vault.amend(*amendments[i]));
  }
  return put;
}

// A vault that is locked meanwhile takes nothing in either.
ReturnsTo this_vault(Call& call) {
  auto known = call.with([](store::Vault& vault) -> Result<ReturnsTo> {
    return ReturnsTo{vault.id(), vault.devices()};
  });
  return known.has_value() ? std::move(*known) : ReturnsTo{};
}

}  // namespace

Importer::Importer(Call& call, Session::Hold& hold, Persons persons, ImportOptions options)
    : call_(call),
      hold_(hold),
      persons_(std::move(persons)),
      options_(std::move(options)),
      reader_(call.service.config().reader_program),
      returning_(this_vault(call)) {}

Result<void> Importer::take(const fs::path& file) {
  if (hold_.asked_to_stop()) return errc::stopping;
  std::error_code ec;
  if (fs::is_directory(file, ec)) return refuse(file.string(), errc::io, Cause::folder_unreadable);
  const auto& disk = call_.service.environment().disk;
  // A large one is held alone, as it is and sealed: what came before it is done with first.
  const auto size = disk.size(file.string());
  if (size.has_value() && *size >= group_limit) COFFRET_CHECK(finish());
  auto bytes = disk.read(file.string(), limits::file_size);
  if (bytes.has_error()) {
    const errc why = to_errc(bytes.error());
    return refuse(file.string(), why == errc::not_found ? errc::file_not_found : why,
                  why == errc::too_large ? Cause::file_size : Cause::none);
  }
  File found{.shown = file.string(),
             .name = file.filename().string(),
             .date = {},
             .bytes = std::move(*bytes),
             .returning = returning_.find(file)};
  if (const auto* returning = found.returning; returning != nullptr) {
    if (!returning->original_name.empty()) found.name = returning->original_name;
    found.date = returning->date;
    found.metadata = returning->entry;
  } else {
    found.date = file_date(file);
  }
  return take_bytes(std::move(found));
}

Result<void> Importer::take_sent(std::string name, Bytes bytes, std::string date) {
  if (hold_.asked_to_stop()) return errc::stopping;
  if (bytes.size() > limits::file_size) return refuse(name, errc::too_large, Cause::file_size);
  if (bytes.size() >= group_limit) COFFRET_CHECK(finish());
  return take_bytes({.shown = name,
                     .name = fs::path{name}.filename().string(),
                     .date = std::move(date),
                     .bytes = std::move(bytes),
                     .sent = true});
}

Result<void> Importer::take_bytes(File file) {
  if (is_sealed(file.bytes)) return refuse(file.shown, errc::unsupported, Cause::sealed_file);
  const Sha256 sha256 = protocol::sha256(file.bytes);
  // A watched folder shows the same files for ever: what the person removed stays removed.
  const bool removed_too = options_.source == "watch";
  COFFRET_TRY(const auto there, call_.with([&](store::Vault& vault) {
    return vault.find_duplicate(sha256, removed_too);
  }));
  if (there) {
    COFFRET_TRY(const bool restored, make_whole(*there, file.bytes));
    return already_there(file, *there, restored);
  }
  Cause why = Cause::none;
  auto read = reader_.describe(file.bytes, file.name, file.metadata, &why);
  if (read.has_error()) return refuse(file.shown, read.error(), why);
  if (is_archive(*read)) {
    if (file.inside_archive)
      return refuse(file.shown, errc::unsupported, Cause::archive_in_archive);
    return take_archive(file);
  }
  return prepare(std::move(file), std::move(*read), sha256);
}

Result<void> Importer::take_archive(const File& archive) {
  std::uint32_t next = 0;
  do {
    if (hold_.asked_to_stop()) return errc::stopping;
    Cause why = Cause::none;
    auto page = reader_.unpack(archive.bytes, next, &why);
    if (page.has_error()) return refuse(archive.shown, page.error(), why);
    for (auto& member : page->members) {
      File file{.shown = archive.shown + "!/" + member.name,
                .name = fs::path{member.name}.filename().string(),
                .date = archive.date,
                .bytes = std::move(member.bytes),
                .inside_archive = true,
                .metadata = std::move(member.metadata)};
      if (member.error != 0)
        COFFRET_CHECK(refuse(file.shown, error_in(member.error), cause_in(member.error)));
      else
        COFFRET_CHECK(take_bytes(std::move(file)));
    }
    next = page->next;
  } while (next != 0);
  return {};
}

// The same document written in another way: only where everything that can be compared agrees.
Result<std::optional<DocumentId>> Importer::same_document(const DocumentDescription& read) {
  const auto& entry = read.entry;
  std::optional<DocumentId> same;
  if (entry.unique_id.value.empty()) return same;
  // Another of this import may carry the id: it has to be in the vault to be compared with.
  const std::pair own_id{entry.unique_id.value, entry.unique_id.system};
  if (own_ids_.contains(own_id) || committing_ids_.contains(own_id)) COFFRET_CHECK(finish());
  COFFRET_TRY(const auto namesakes, call_.with([&](store::Vault& vault) {
    return vault.find_by_unique_id(entry.unique_id);
  }));
  const DocumentContent content{read.text, entry.attachments, read.facts};
  for (const auto& known : namesakes) {
    if (!same_entry(entry, known)) continue;
    const auto compare = [&](store::Vault& vault) -> Result<bool> {
      COFFRET_TRY(const auto text, vault.text(known.id));
      COFFRET_TRY(const auto facts, vault.facts_of(known.id));
      return same_content(content, {text, known.entry.attachments, facts});
    };
    COFFRET_TRY(const bool same_as_known, call_.with(compare));
    if (same_as_known) return std::optional{known.id};
  }
  own_ids_.insert(own_id);
  return same;
}

Result<void> Importer::prepare(File file, DocumentDescription read, const Sha256& sha256) {
  COFFRET_TRY(const auto same, same_document(read));
  if (same) return already_there(file, *same);
  COFFRET_TRY(const auto target, target_of(file));
  if (waits(file, read.entry, target)) return {};
  store::PreparedDocument document;
  document.entry = std::move(read.entry);
  if (document.entry.file_name.empty()) document.entry.file_name = file.name;
  if (document.entry.date.empty() && !file.date.empty()) {
    document.entry.date = file.date;
    document.entry.date_source = DateSource::file;
  }
  document.text = std::move(read.text);
  document.facts = std::move(read.facts);
  document.picture = read.picture;
  for (auto& content : read.contents) document.attachments.push_back(std::move(content.bytes));
  document.body = std::move(file.bytes);
  document.sha256 = sha256;
  const bool altered =
      file.returning != nullptr && file.returning->sha256 && *file.returning->sha256 != sha256;
  const bool returns = file.returning != nullptr && !file.returning->source.empty();
  document.source = returns ? file.returning->source : options_.source;
  // A list is a file like any other: what was typed into this vault it can say only where this
  // vault signed it, and of the very file that it took out.
  const bool typed = returns && file.returning->signed_here && file.returning->sha256 == sha256;
  if (document.source == typed_here && !typed) document.source = typed_elsewhere;
  Object row{{"path", file.shown}};
  if (document.entry.format == DocumentFormat::pdf && document.text.empty()) {
    row["text_missing"] = true;
    row["text_later"] = call_.service.ocr().available.load();
  }
  if (altered) row["altered"] = true;
  this->file(document, target, file, row);
  // A large one is durable before the next is read: the memory of both at once is not ours to take.
  const bool large = document.body.size() >= group_limit;
  group_bytes_ += document.body.size();
  group_.push_back(std::move(document));
  rows_.push_back(std::move(row));
  amendments_.push_back(amendment_of(file.returning));
  if (large) return finish();
  if (group_.size() >= group_length || group_bytes_ >= group_limit) return commit();
  return {};
}

Importer::~Importer() {
  if (committing_.valid()) committing_.wait();
}

Result<void> Importer::commit() {
  COFFRET_CHECK(settle());
  if (group_.empty()) return {};
  committing_rows_ = std::exchange(rows_, {});
  committing_ids_ = std::exchange(own_ids_, {});
  group_bytes_ = 0;
  committing_ =
      std::async(std::launch::async,
                 [this, group = std::exchange(group_, {}), learned = std::exchange(learned_, {}),
                  amendments = std::exchange(amendments_, {})]() mutable -> Outcomes {
                   auto outcomes = call_.with([&](store::Vault& vault) {
                     return put_group(vault, std::move(group), learned, std::move(amendments));
                   });
                   crypto::wipe_stack();
                   return outcomes;
                 });
  return {};
}

Result<void> Importer::settle() {
  if (!committing_.valid()) return {};
  auto rows = std::exchange(committing_rows_, {});
  committing_ids_.clear();
  COFFRET_TRY(const auto outcomes, committing_.get());
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const bool apart = rows[i].contains("reason");
    if (outcomes[i].duplicate) rows[i].erase("reason");
    ++(outcomes[i].duplicate ? counts_.duplicate : apart ? counts_.quarantined : counts_.imported);
    COFFRET_CHECK(tell(std::move(rows[i]),
                       outcomes[i].duplicate ? "duplicate"
                       : apart               ? "quarantined"
                                             : "imported",
                       outcomes[i].id));
  }
  return {};
}

Result<void> Importer::finish() {
  COFFRET_CHECK(commit());
  return settle();
}

Result<void> Importer::last() {
  last_chance_ = true;
  for (const auto& file : std::exchange(waiting_, {})) COFFRET_CHECK(take(file));
  return finish();
}

Result<void> Importer::tell(Object row, std::string_view outcome, const DocumentId& id) {
  row["outcome"] = boost::json::string_view{outcome.data(), outcome.size()};
  row["id"] = id.text();
  if (!row.contains("reason")) row["reason"] = nullptr;
  return call_.answer.row(row);
}

Result<void> Importer::refuse(const std::string& shown, const error_code& error, Cause cause) {
  ++counts_.refused;
  const auto code = coffret::row(to_errc(error)).code;
  Object told{{"path", shown},
              {"outcome", "refused"},
              {"id", nullptr},
              {"reason", boost::json::string_view{code.data(), code.size()}},
              {"cause", nullptr}};
  if (const auto* known = coffret::row(cause))
    told["cause"] = boost::json::string_view{known->code.data(), known->code.size()};
  return call_.answer.row(told);
}

}  // namespace coffret::daemon
