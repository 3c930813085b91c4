// SPDX-License-Identifier: EUPL-1.2
//
// script.hpp: what evil-server is told to do, as one JSON file (tools/evil/README.md).
//
//   {"rules": [{"on": "GET /v1/vaults/*/log", "client": 1, "from": 2, "times": 3,
//               "do": "log_drop", "entry": 1}]}
//
// A rule meets a request by its method and path (`*` is one segment; alone, everything), the client
// (devices are counted by their keys, in the order in which they come) and its turn among the
// requests that meet it. Of several rules that meet a request the first decides.
// Units: bytes, milliseconds. Errors of parse_script: malformed, too_large.
// Ownership: plain values.
#ifndef COFFRET_TOOLS_EVIL_SCRIPT_HPP
#define COFFRET_TOOLS_EVIL_SCRIPT_HPP

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coffret/bytes.hpp"
#include "coffret/error.hpp"

namespace coffret::evil {

inline constexpr std::size_t max_script = 1 << 20;  // bytes
inline constexpr std::size_t max_rules = 256;

// In the order of the table in script.cpp, which names them and their parameters.
enum class Deed : std::uint8_t {
  pass,
  refuse,
  lose,
  delay,
  answer,
  raw,
  flood,
  pretend,
  replay,
  route,
  remember,
  fields,
  json,
  flip,
  cut,
  append,
  exchange,
  splice,
  swap,
  declare,
  drip,
  log_end,
  log_drop,
  log_swap,
  log_repeat,
  log_replay,
  log_forge,
  log_flip,
  log_splice,
  log_field,
  log_claim,
  log_head,
  log_many,
  access_alter,
  access_drop,
  access_invent,
  access_end,
  card,
};

struct Rule {
  std::string on = "*";
  std::uint64_t client = 0;  // 0: any; 1: the first device that came
  std::uint64_t from = 1;    // its first turn among the requests that meet it
  std::uint64_t times = 0;   // 0: always
  Deed deed = Deed::pass;
  boost::json::object with;  // the deed's parameters, checked against the table

  bool meets(std::string_view method, std::string_view path, std::uint64_t who) const;
  // A parameter that may be left out; `otherwise` where it was.
  std::int64_t number(std::string_view name, std::int64_t otherwise = 0) const;
  std::string text(std::string_view name) const;
  bool has(std::string_view name) const { return with.contains({name.data(), name.size()}); }
};

struct Script {
  std::vector<Rule> rules;
};

Result<Script> parse_script(std::string_view text);
std::string format_script(const Script& script);  // one form, which parses to the same
std::string_view name_of(Deed deed) noexcept;

}  // namespace coffret::evil

#endif  // COFFRET_TOOLS_EVIL_SCRIPT_HPP
