// SPDX-License-Identifier: EUPL-1.2
//
// METADATA.XML of strangers: each record keeps the limits of what it becomes, has one encoding, and
// a document merged with it keeps them too.
#include "tests/fuzz/vault/description_property.hpp"
#include "vault/reader/archive.hpp"
#include "vault/reader/xml.hpp"

namespace coffret::reader {
namespace {

constexpr std::size_t room = 64;

void check_metadata(ByteView bytes) {
  const auto xml = XmlDocument::parse(bytes);
  if (xml.has_error()) return;
  const auto records = read_xdm_metadata(*xml, "a/", room);
  require(records.size() <= room);
  for (const auto& record : records) {
    require(within_limits(record.entry));
    require(record.path.empty() || record.path.starts_with("a/"));
    const Bytes encoded = wire::encode(record.entry);
    require(encoded.size() <= reading::metadata_size);
    for (const std::string_view document : {"un texte",
                                            "<?xml version='1.0'?><ClinicalDocument "
                                            "xmlns='urn:hl7-org:v3'/>"}) {
      const auto merged = describe(as_bytes(document), "a", {}, encoded);
      require(merged.has_value() && within_limits(*merged));
      require(merged->entry.title == record.entry.title);
    }
  }
}

}  // namespace
}  // namespace coffret::reader

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  coffret::reader::check_metadata({data, size});
  // The same bytes as what a reader may be handed back.
  (void)coffret::reader::describe(coffret::as_bytes("x"), "a", {}, {data, size}).has_value();
  return 0;
}
