// SPDX-License-Identifier: EUPL-1.2
//
// output.hpp: how the operator's commands speak: JSON on standard output when asked for, sentences
// in French or English else; exit statuses of cli.md.
#ifndef COFFRET_TOOLS_COFFRET_SERVER_OUTPUT_HPP
#define COFFRET_TOOLS_COFFRET_SERVER_OUTPUT_HPP

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "coffret/error.hpp"

namespace coffret::server_program {

class Output {
 public:
  Output(bool json, Language language) : json_(json), language_(language) {}
  bool json() const noexcept { return json_; }
  // The sentence in the person's language.
  std::string_view say(std::string_view french, std::string_view english) const noexcept {
    return language_ == Language::french ? french : english;
  }
  // One result: a JSON line, or `text` and a newline.
  void result(const boost::json::object& object, std::string_view text) const;
  // Tells the error; returns its exit status.
  int fail(errc error) const;

 private:
  bool json_;
  Language language_;
};

// fr or en, from LC_ALL, LC_MESSAGES or LANG.
Language language_of_locale();

}  // namespace coffret::server_program

#endif  // COFFRET_TOOLS_COFFRET_SERVER_OUTPUT_HPP
