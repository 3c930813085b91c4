// SPDX-License-Identifier: EUPL-1.2
#include "tools/coffret/receipt_command.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/json/serialize.hpp>
#include <cerrno>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "coffret/json.hpp"
#include "vault/daemon/local_socket.hpp"

namespace coffret::cli {
namespace {

Result<void> write_new(const std::string& path, std::string_view content, Told& told) {
  told.detail = path;
  const daemon::Descriptor file{
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
  if (!file) return errno == EEXIST ? errc::file_exists : errc::io;
  while (!content.empty()) {
    const ssize_t written = ::write(file.get(), content.data(), content.size());
    if (written < 0) return errno == ENOSPC ? errc::disk_full : errc::io;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  told.detail.clear();
  return {};
}

std::string content_of(const boost::json::object& result, std::string_view ending) {
  if (ending == ".json") {
    const auto* consent = result.if_contains("consent");
    return consent == nullptr ? std::string{} : boost::json::serialize(*consent) + "\n";
  }
  const auto* text = text_member(result, ending == ".txt" ? "text" : "receipt");
  return text == nullptr ? std::string{} : std::string{text->data(), text->size()} + "\n";
}

constexpr std::string_view endings[] = {".jws", ".json", ".txt"};

}  // namespace

bool asks_consent(const Invocation& invocation) {
  return !invocation.json && !invocation.yes && ::isatty(STDIN_FILENO) != 0;
}

Result<void> write_receipt(const std::string& out, const boost::json::object& result, Told& told) {
  for (const auto ending : endings)
    if (out.ends_with(ending) && !std::filesystem::is_directory(out))
      return write_new(out, content_of(result, ending), told);
  // A folder named like a file of another form is nobody's wish.
  if (std::filesystem::path{out}.has_extension() && !std::filesystem::is_directory(out)) {
    told.detail = "--out : .txt, .json, .jws";
    return errc::usage;
  }
  std::error_code ec;
  std::filesystem::create_directories(out, ec);
  if (ec) {
    told.detail = out;
    return errc::io;
  }
  const auto* id = text_member(result, "id");
  std::string beginning = out + "/receipt";
  if (id != nullptr)
    beginning.append("-").append(std::string_view{id->data(), id->size()}.substr(0, 8));
  for (const auto ending : endings)
    COFFRET_CHECK(
        write_new(std::string{beginning}.append(ending), content_of(result, ending), told));
  return {};
}

}  // namespace coffret::cli
