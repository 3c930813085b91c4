// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/gap.hpp"

#include <algorithm>

namespace coffret::store {
namespace {

constexpr std::string_view gap_magic = "COFFRETG";
constexpr std::uint8_t gap_version = 1;
constexpr std::size_t gap_prefix = 9;  // bytes: magic and version

// What a writer of ours never writes was not written by one.
bool in_order(const KeptGap& gap) {
  const auto follows = [](const protocol::Head& a, const protocol::Head& b) {
    return a.seq >= b.seq;
  };
  return !gap.live.empty() && gap.live.front().seq == 1 && gap.live.back() == gap.at &&
         std::adjacent_find(gap.live.begin(), gap.live.end(), follows) == gap.live.end();
}

}  // namespace

Bytes encode_gap(const KeptGap& gap, const crypto::HeadKey& key) {
  Bytes file = to_bytes(as_bytes(gap_magic));
  file.push_back(gap_version);
  append(file, wire::encode(gap));
  append(file, crypto::head_mac(key, file));
  return file;
}

Result<KeptGap> decode_gap(ByteView file, const DeviceId& device, const crypto::HeadKey& key) {
  crypto::HeadMac mac{};
  if (file.size() < gap_prefix + mac.size() || file.size() > gap_file_limit)
    return errc::local_state_tampered;
  if (as_text(file.first(gap_magic.size())) != gap_magic) return errc::local_state_tampered;
  if (file[gap_magic.size()] != gap_version) return errc::other_version;

  const ByteView content = file.first(file.size() - mac.size());
  const ByteView kept_mac = file.last(mac.size());
  std::copy(kept_mac.begin(), kept_mac.end(), mac.begin());
  if (!crypto::same(mac, crypto::head_mac(key, content))) return errc::local_state_tampered;

  auto gap = wire::decode<KeptGap>(content.subspan(gap_prefix));
  if (gap.has_error() || gap->device != device || !in_order(*gap))
    return errc::local_state_tampered;
  return gap;
}

}  // namespace coffret::store
