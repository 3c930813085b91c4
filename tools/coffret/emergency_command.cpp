// SPDX-License-Identifier: EUPL-1.2
#include "tools/coffret/emergency_command.hpp"

#include <unistd.h>

#include <cerrno>

#include "coffret/json.hpp"
#include "tools/coffret/sayers.hpp"
#include "vault/daemon/spelled.hpp"
#include "vault/paper/emergency.hpp"

namespace coffret::cli {
namespace {

Result<void> write_paper(const daemon::Descriptor& file, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(file.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno == ENOSPC ? errc::disk_full : errc::io;
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return ::fsync(file.get()) == 0 || errno == EINVAL || errno == EROFS ? Result<void>{}
                                                                       : Result<void>{errc::io};
}

// The day alone: nobody counts the hours of a year.
std::string day_of_end(const boost::json::object& result, Language language) {
  const auto end = text_of(result, "expires_at");
  return daemon::spelled_date(std::string_view{end}.substr(0, 10), language);
}

}  // namespace

Result<void> write_card(const Invocation& invocation, const boost::json::object& result,
                        const SecretText& link, const daemon::Descriptor& file) {
  const auto& told = object_of(result, "paper");
  const auto& patient = object_of(told, "patient");
  paper::EmergencyPaper sheet;
  sheet.language = invocation.words.language;
  sheet.name = text_of(patient, "name");
  sheet.birth_date =
      daemon::spelled_date(text_of(patient, "birth_date"), invocation.words.language);
  if (const auto* contacts = told.if_contains("contacts");
      contacts != nullptr && contacts->is_array())
    for (const auto& one : contacts->get_array())
      if (one.is_string()) sheet.contacts.emplace_back(one.get_string().c_str());
  sheet.until = day_of_end(result, Language::french);
  sheet.until_english = day_of_end(result, Language::english);
  COFFRET_TRY(const auto pages, paper::emergency_pdf(link, sheet));
  return write_paper(file, pages);
}

}  // namespace coffret::cli
