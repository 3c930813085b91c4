// SPDX-License-Identifier: EUPL-1.2
//
// Input: the list of an export. Property: no file that it names stands outside the folder, and no
// text of it is longer than an entry may hold.
#include <cstdlib>
#include <filesystem>

#include "vault/daemon/export_manifest.hpp"

using namespace coffret;
using namespace coffret::daemon;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto list = read_export_manifest(as_text({data, size}));
  if (list.has_error()) return 0;
  for (const auto& document : *list) {
    const auto path = (std::filesystem::path{"/folder"} / document.file).lexically_normal();
    if (!path.string().starts_with("/folder/") || path == "/folder/") std::abort();
    if (document.original_name.size() > limits::short_text ||
        document.date.size() > limits::short_text || document.person.size() > limits::short_text)
      std::abort();
  }
  return 0;
}
