// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/import.hpp"

#include <sys/stat.h>

#include <algorithm>

#include "coffret/encoding.hpp"
#include "coffret/time.hpp"
#include "sync/protocol/signature.hpp"
#include "vault/crypto/secret_io.hpp"

namespace coffret::daemon {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t group_length = 64;
constexpr std::size_t group_limit = 16u << 20;  // bytes

bool left_by_a_desktop(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.starts_with('.') || name == "__MACOSX" || name == "Thumbs.db";
}

void walk(const fs::path& directory, std::vector<fs::path>& files) {
  std::vector<fs::path> names;
  std::error_code ec;
  for (fs::directory_iterator it{directory, ec}, end; !ec && it != end; it.increment(ec))
    if (!left_by_a_desktop(it->path())) names.push_back(it->path());
  std::sort(names.begin(), names.end());
  for (const auto& path : names) {
    const auto status = fs::symlink_status(path, ec);
    if (fs::is_directory(status))
      walk(path, files);
    else if (fs::is_regular_file(status))
      files.push_back(path);
  }
}

// The day the file was last written, in UTC.
std::string file_date(const fs::path& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return {};
  return to_rfc3339(from_unix(info.st_mtime)).substr(0, 10);
}

bool is_archive(const DocumentDescription& read) {
  return read.entry.format == DocumentFormat::zip || read.entry.format == DocumentFormat::xdm;
}

}  // namespace

std::vector<fs::path> files_under(const std::vector<std::string>& paths) {
  std::vector<fs::path> files;
  for (const auto& path : paths) {
    std::error_code ec;
    if (fs::is_directory(fs::status(path, ec)))
      walk(path, files);
    else
      files.emplace_back(path);
  }
  return files;
}

Importer::Importer(Call& call, Session::Hold& hold)
    : call_(call), hold_(hold), reader_(call.service.config().reader_program) {}

Result<void> Importer::take(const fs::path& file) {
  if (hold_.asked_to_stop()) return errc::stopping;
  auto bytes = call_.service.environment().disk.read(file.string(), limits::file_size);
  if (bytes.has_error()) return refuse(file.string(), bytes.error());
  return take_bytes({.shown = file.string(),
                     .name = file.filename().string(),
                     .date = file_date(file),
                     .bytes = std::move(*bytes)});
}

Result<void> Importer::take_bytes(File file) {
  const Sha256 sha256 = protocol::sha256(file.bytes);
  COFFRET_TRY(const auto there,
              call_.with([&](store::Vault& vault) { return vault.find_duplicate(sha256); }));
  if (there) {
    ++counts_.duplicate;
    return tell(file.shown, "duplicate", &*there);
  }
  auto read = reader_.describe(file.bytes, file.name, file.metadata);
  if (read.has_error()) return refuse(file.shown, read.error());
  if (read->error != 0) return refuse(file.shown, static_cast<errc>(read->error));
  if (is_archive(*read)) {
    if (file.inside_archive) return refuse(file.shown, errc::unsupported);
    return take_archive(file);
  }
  return prepare(std::move(file), std::move(*read), sha256);
}

Result<void> Importer::take_archive(const File& archive) {
  std::uint32_t next = 0;
  do {
    if (hold_.asked_to_stop()) return errc::stopping;
    auto page = reader_.unpack(archive.bytes, next);
    if (page.has_error()) return refuse(archive.shown, page.error());
    if (page->error != 0) return refuse(archive.shown, static_cast<errc>(page->error));
    for (auto& member : page->members) {
      File file{.shown = archive.shown + "!/" + member.name,
                .name = fs::path{member.name}.filename().string(),
                .date = archive.date,
                .bytes = std::move(member.bytes),
                .inside_archive = true,
                .metadata = std::move(member.metadata)};
      if (member.error != 0)
        COFFRET_CHECK(refuse(file.shown, static_cast<errc>(member.error)));
      else
        COFFRET_CHECK(take_bytes(std::move(file)));
    }
    next = page->next;
  } while (next != 0);
  return {};
}

Result<void> Importer::prepare(File file, DocumentDescription read, const Sha256& sha256) {
  store::PreparedDocument document;
  document.entry = std::move(read.entry);
  if (document.entry.file_name.empty()) document.entry.file_name = file.name;
  if (document.entry.date.empty()) document.entry.date = file.date;
  document.text = std::move(read.text);
  for (auto& content : read.contents) document.attachments.push_back(std::move(content.bytes));
  document.body = std::move(file.bytes);
  document.sha256 = sha256;
  group_bytes_ += document.body.size();
  group_.push_back(std::move(document));
  shown_.push_back(std::move(file.shown));
  if (group_.size() >= group_length || group_bytes_ >= group_limit) return commit();
  return {};
}

Importer::~Importer() {
  if (committing_.valid()) committing_.wait();
}

Result<void> Importer::commit() {
  COFFRET_CHECK(settle());
  if (group_.empty()) return {};
  committing_shown_ = std::exchange(shown_, {});
  group_bytes_ = 0;
  committing_ = std::async(
      std::launch::async, [this, group = std::exchange(group_, {})]() mutable -> Outcomes {
        auto outcomes =
            call_.with([&](store::Vault& vault) { return vault.put_documents(std::move(group)); });
        crypto::wipe_stack();
        return outcomes;
      });
  return {};
}

Result<void> Importer::settle() {
  if (!committing_.valid()) return {};
  const auto shown = std::exchange(committing_shown_, {});
  COFFRET_TRY(const auto outcomes, committing_.get());
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    ++(outcomes[i].duplicate ? counts_.duplicate : counts_.imported);
    COFFRET_CHECK(
        tell(shown[i], outcomes[i].duplicate ? "duplicate" : "imported", &outcomes[i].id));
  }
  return {};
}

Result<void> Importer::finish() {
  COFFRET_CHECK(commit());
  return settle();
}

Result<void> Importer::tell(const std::string& shown, std::string_view outcome,
                            const DocumentId* id) {
  Object row{{"path", shown},
             {"outcome", boost::json::string_view{outcome.data(), outcome.size()}},
             {"id", nullptr},
             {"reason", nullptr}};
  if (id != nullptr) row["id"] = id->text();
  return call_.answer.row(row);
}

Result<void> Importer::refuse(const std::string& shown, const error_code& why) {
  ++counts_.refused;
  const auto code = coffret::row(to_errc(why)).code;
  return call_.answer.row(Object{{"path", shown},
                                 {"outcome", "refused"},
                                 {"id", nullptr},
                                 {"reason", boost::json::string_view{code.data(), code.size()}}});
}

Result<Object> import_files(Call& call) {
  COFFRET_TRY(auto hold, call.service.session().hold());
  auto paths = call.texts("paths");
  for (const auto& hex : call.texts("paths_hex")) {  // names that are not UTF-8
    COFFRET_TRY(const auto path, from_hex(hex));
    paths.emplace_back(as_text(path));
  }
  const auto files = files_under(paths);
  Importer importer{call, hold};
  std::uint64_t done = 0;
  for (const auto& file : files) {
    COFFRET_CHECK(importer.take(file));
    (void)call.answer.progress(Object{{"done", ++done}, {"total", files.size()}});
  }
  COFFRET_CHECK(importer.finish());
  const auto& counts = importer.counts();
  return Object{
      {"summary",
       {{"imported", counts.imported},
        {"duplicate", counts.duplicate},
        {"quarantined", counts.quarantined},
        {"refused", counts.refused}}},
      {"exit_status", counts.refused == 0 ? 0 : coffret::row(errc::malformed).exit_status}};
}

}  // namespace coffret::daemon
