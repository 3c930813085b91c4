// SPDX-License-Identifier: EUPL-1.2
//
// Input: a media type, a line break, and a wanted name. Property: the name is short UTF-8 that no
// file system refuses, hides or reads as a path; making it again changes nothing; two equal names
// are kept apart.
#include <cstdlib>

#include "coffret/bytes.hpp"
#include "coffret/file_name.hpp"
#include "sync/protocol/text.hpp"

using namespace coffret;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = as_text({data, size});
  const auto end = text.find('\n');
  const auto type = text.substr(0, end);
  const auto wanted = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  const auto name = safe_file_name(wanted, type);

  if (!protocol::is_plain_text(name) || name.size() > max_name_stem + 5) std::abort();
  if (name.find_first_of("/\\:*?\"<>|") != std::string::npos) std::abort();
  for (const std::string_view hidden : {"\u202e", "\u2066", "\u200b", "\ufeff", "\u061c"})
    if (name.find(hidden) != std::string::npos) std::abort();
  if (name.front() == '.' || name.front() == '-' || name.front() == ' ') std::abort();
  const auto extension = extension_of(type);
  if (!name.ends_with(extension) || name.size() <= extension.size()) std::abort();
  if (safe_file_name(name, type) != name) std::abort();

  DistinctNames names;
  if (names.add(name) != name || names.add(name) == name) std::abort();
  return 0;
}
