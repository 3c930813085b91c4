// SPDX-License-Identifier: EUPL-1.2
//
// Input: an age file. Properties: a header that is read is made of exactly what the stanzas read
// say, written back; and nothing that the fuzzer makes opens, unless it begins with the header of a
// file that was made for this key.
#include <cstdlib>

#include "tests/support/keys.hpp"
#include "vault/crypto/age.hpp"
#include "vault/crypto/age_header.hpp"

using namespace coffret;
using namespace coffret::crypto;

namespace {

const AgeIdentity& identity() {
  static const auto key = test::counting_key<AgeIdentity>(1);
  return key;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView file{data, size};
  const auto header = read_age_header(as_text(file));
  if (header.has_value()) {
    std::string again{age_version_line};
    for (const auto& stanza : header->stanzas)
      again += format_age_stanza(stanza.words, stanza.body);
    again += "--- " + age_base64(header->mac) + "\n";
    if (as_text(file.first(header->size)) != again) std::abort();
    if (!again.starts_with(header->covered)) std::abort();
  }
  auto reader = AgeReader::open(file, identity());
  if (header.has_error() && reader.has_value()) std::abort();
  if (reader.has_error()) return 0;
  auto rest = file.subspan(reader->payload_at());
  while (!rest.empty()) {
    const bool last = rest.size() <= age_chunk + 16;
    const auto sealed = last ? rest : rest.first(age_chunk + 16);
    const auto chunk = reader->chunk(sealed, last);
    if (chunk.has_value() && chunk->size() + 16 != sealed.size()) std::abort();
    rest = rest.subspan(sealed.size());
  }
  return 0;
}
