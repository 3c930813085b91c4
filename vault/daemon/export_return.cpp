// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/export_return.hpp"

#include <fstream>

namespace coffret::daemon {
namespace {

namespace fs = std::filesystem;

// Errors: not_found (or no file of its own); too_large; io.
Result<std::string> text_in(const fs::path& path, std::size_t limit) {
  std::error_code ec;
  if (fs::symlink_status(path, ec).type() != fs::file_type::regular) return errc::not_found;
  const auto size = fs::file_size(path, ec);
  if (ec) return errc::io;
  if (size > limit) return errc::too_large;
  std::string text(static_cast<std::size_t>(size), '\0');
  std::ifstream file{path, std::ios::binary};
  if (!file.read(text.data(), static_cast<std::streamsize>(text.size()))) return errc::io;
  return text;
}

Result<std::string> list_in(const fs::path& folder) {
  return text_in(folder / "manifest.json", max_export_manifest);
}

// One that is there and cannot be read proves nothing: it is judged as an empty one.
std::optional<std::string> signature_in(const fs::path& folder, std::size_t list) {
  auto signature = text_in(folder / "manifest.jws", max_export_signature(list));
  if (signature.has_value()) return std::move(*signature);
  if (signature.error() == errc::not_found) return std::nullopt;
  return std::string{};
}

}  // namespace

std::optional<std::vector<fs::path>> documents_of_export(const fs::path& folder) {
  const auto text = list_in(folder);
  if (text.has_error()) return std::nullopt;
  const auto list = read_export_manifest(*text);
  if (list.has_error()) return std::nullopt;
  std::vector<fs::path> files;
  for (const auto& document : *list) files.push_back(folder / document.file);
  return files;
}

Returning::Documents Returning::read(const fs::path& folder) {
  Documents documents;
  const auto text = list_in(folder);
  if (text.has_error()) return documents;
  auto list = read_export_manifest(*text);
  if (list.has_error()) return documents;
  const auto judged =
      judge_export(*text, signature_in(folder, text->size()), to_.vault, to_.devices);
  for (auto& document : *list) {
    document.signed_here = judged.signer == ExportSigner::this_vault;
    std::string name = document.file;
    documents.emplace(std::move(name), std::move(document));
  }
  signed_.emplace(folder.string(), judged);
  return documents;
}

const ReturningDocument* Returning::find(const fs::path& file) {
  // An export keeps its documents two folders down: documents/2020/name.
  const fs::path documents = file.parent_path().parent_path();
  if (documents.filename() != "documents") return nullptr;
  const fs::path folder = documents.parent_path();
  auto [known, fresh] = exports_.try_emplace(folder.string());
  if (fresh) known->second = read(folder);
  const auto found = known->second.find(file.lexically_relative(folder).generic_string());
  return found == known->second.end() ? nullptr : &found->second;
}

}  // namespace coffret::daemon
