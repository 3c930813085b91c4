// SPDX-License-Identifier: EUPL-1.2
#include "tools/coffret-server/output.hpp"

#include <boost/json/serialize.hpp>
#include <cstdio>
#include <cstdlib>

namespace coffret::server_program {
namespace {

void line(std::FILE* to, std::string text) {
  text += '\n';
  (void)std::fwrite(text.data(), 1, text.size(), to);
  (void)std::fflush(to);
}

}  // namespace

void Output::result(const boost::json::object& object, std::string_view text) const {
  line(stdout, json_ ? boost::json::serialize(object) : std::string{text});
}

int Output::fail(errc error) const {
  const ErrorRow& told = row(error);
  const std::string sentence{told.sentence(language_)};
  if (!json_) {
    line(stderr, sentence);
    return told.exit_status;
  }
  const boost::json::object inner{
      {"code", boost::json::string_view{told.code.data(), told.code.size()}},
      {"message", sentence}};
  line(stdout, boost::json::serialize(boost::json::object{{"error", inner}}));
  return told.exit_status;
}

Language language_of_locale() {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): before any thread
    if (value != nullptr && *value != '\0')
      return std::string_view{value}.starts_with("fr") ? Language::french : Language::english;
  }
  return Language::english;
}

}  // namespace coffret::server_program
