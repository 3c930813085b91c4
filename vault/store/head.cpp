// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/head.hpp"

#include <algorithm>

namespace coffret::store {
namespace {

constexpr std::string_view magic = "COFFRETH";
constexpr std::uint8_t version = 1;
constexpr std::size_t prefix_size = 9;  // bytes: magic and version

}  // namespace

Bytes encode_head(const KeptHead& head, const crypto::HeadKey& key) {
  Bytes file = to_bytes(as_bytes(magic));
  file.push_back(version);
  append(file, wire::encode(head));
  append(file, crypto::head_mac(key, file));
  return file;
}

Result<KeptHead> decode_head(ByteView file, const DeviceId& device, const crypto::HeadKey& key) {
  crypto::HeadMac mac{};
  if (file.size() < prefix_size + mac.size() || file.size() > head_file_limit)
    return errc::local_state_tampered;
  if (as_text(file.first(magic.size())) != magic) return errc::local_state_tampered;
  if (file[magic.size()] != version) return errc::other_version;

  const ByteView content = file.first(file.size() - mac.size());
  const ByteView kept_mac = file.last(mac.size());
  std::copy(kept_mac.begin(), kept_mac.end(), mac.begin());
  if (!crypto::same(mac, crypto::head_mac(key, content))) return errc::local_state_tampered;

  const auto head = wire::decode<KeptHead>(content.subspan(prefix_size));
  // Another device of the same vault makes valid MACs too.
  if (head.has_error() || head->device != device) return errc::local_state_tampered;
  return *head;
}

}  // namespace coffret::store
