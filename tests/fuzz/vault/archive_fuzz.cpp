// SPDX-License-Identifier: EUPL-1.2
//
// ZIP and XDM archives: whatever comes out has a harmless name of its own, keeps its bounds, and
// pages end.
#include <set>

#include "coffret/wire.hpp"
#include "tests/fuzz/vault/description_property.hpp"
#include "vault/reader/archive.hpp"

namespace coffret::reader {
namespace {

void check_name(const std::string& name) {
  require(clean_line(name) == name && name.size() <= reading::member_name);
  require(!name.starts_with('/') && name.find('\\') == std::string::npos);
  require(("/" + name + "/").find("/../") == std::string::npos);
}

void check_archive(ByteView file) {
  std::uint32_t first = 0;
  std::uint64_t total = 0;
  std::size_t pages = 0;
  while (true) {
    const auto page = unpack(file, first);
    if (page.has_error()) return;
    require(within_limits(*page));
    for (const auto& member : page->members) {
      check_name(member.name);
      require(member.error == 0 || member.bytes.empty());
      total += member.bytes.size();
    }
    require(total <= archive_limits::slack + archive_limits::ratio * file.size());
    require(wire::decode<reading::Unpacked>(wire::encode(*page)).has_value());
    if (page->next == 0) return;
    require(page->next > first && ++pages <= archive_limits::members);
    first = page->next;
  }
}

}  // namespace
}  // namespace coffret::reader

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  coffret::reader::check_archive({data, size});
  coffret::reader::check_description({data, size}, "a.zip");
  return 0;
}
