// SPDX-License-Identifier: EUPL-1.2
#include "tools/speech/language.hpp"

#include <cstdlib>

namespace coffret::speech {

Language language_of_locale() {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): before any thread
    if (value == nullptr || *value == '\0') continue;
    return std::string_view{value}.starts_with("fr") ? Language::french : Language::english;
  }
  return Language::english;
}

Words words_of(int argc, const char* const* argv) {
  constexpr std::string_view flag = "--lang";
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    std::string_view value;
    if (argument.starts_with("--lang="))
      value = argument.substr(flag.size() + 1);
    else if (argument == flag && i + 1 < argc)
      value = argv[i + 1];
    if (value == "fr") return {Language::french};
    if (value == "en") return {Language::english};
  }
  return {language_of_locale()};
}

}  // namespace coffret::speech
