// SPDX-License-Identifier: EUPL-1.2
//
// output.hpp: how the operator's commands speak: JSON on standard output when asked for, sentences
// in French or English else; exit statuses of cli.md.
#ifndef COFFRET_TOOLS_COFFRET_SERVER_OUTPUT_HPP
#define COFFRET_TOOLS_COFFRET_SERVER_OUTPUT_HPP

#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "coffret/error.hpp"
#include "tools/speech/language.hpp"

namespace coffret::server_program {

class Output {
 public:
  Output(bool json, speech::Words words) : json_(json), words_(words) {}
  bool json() const noexcept { return json_; }
  const speech::Words& words() const noexcept { return words_; }
  // The sentence in the person's language.
  std::string_view say(std::string_view french, std::string_view english) const noexcept {
    return words_(french, english);
  }
  // One result: a JSON line, or `text` and a newline.
  void result(const boost::json::object& object, std::string_view text) const;
  // Tells the error, from the server's side: its data are no vault. Returns its exit status.
  int fail(errc error) const;
  // What the error that follows is about: a file, a key, an address. Never a secret.
  void about(std::string detail) const { detail_ = std::move(detail); }

 private:
  bool json_;
  speech::Words words_;
  mutable std::string detail_;
};

}  // namespace coffret::server_program

#endif  // COFFRET_TOOLS_COFFRET_SERVER_OUTPUT_HPP
