// SPDX-License-Identifier: EUPL-1.2
//
// Property: a script that is accepted has one form, which parses to the same rules; its rules are
// within their bounds, and matching any request with them ends.
#include <cstdlib>

#include "tools/evil/script.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace coffret;
  const auto script = evil::parse_script(as_text({data, size}));
  if (script.has_error()) return 0;
  if (script->rules.size() > evil::max_rules) std::abort();
  const std::string form = evil::format_script(*script);
  const auto again = evil::parse_script(form);
  if (again.has_error() || evil::format_script(*again) != form) std::abort();
  for (const auto& rule : script->rules) {
    if (rule.from == 0) std::abort();
    (void)rule.meets("GET", as_text({data, size}), 1);
    (void)rule.meets("GET", "/v1/card", 0);
  }
  return 0;
}
