// SPDX-License-Identifier: EUPL-1.2
//
// ids.hpp: identifiers and public keys as distinct types.
//
// In text an identifier is base32, lower case, without padding (encoding.hpp): 26 characters for
// 16 bytes, 52 for 32. None of these is secret.
#ifndef COFFRET_IDS_HPP
#define COFFRET_IDS_HPP

#include <algorithm>
#include <array>
#include <compare>
#include <string>
#include <string_view>

#include "coffret/bytes.hpp"
#include "coffret/encoding.hpp"
#include "coffret/error.hpp"

namespace coffret {

template <std::size_t N, class Tag>
struct Id {
  static constexpr std::size_t size = N;
  std::array<std::uint8_t, N> bytes{};

  auto operator<=>(const Id&) const = default;

  ByteView view() const noexcept { return bytes; }
  std::string text() const { return to_base32(bytes); }
  bool is_zero() const noexcept {
    return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0; });
  }

  // Errors: malformed (another length).
  static Result<Id> from(ByteView raw) {
    if (raw.size() != N) return errc::malformed;
    Id id;
    std::copy(raw.begin(), raw.end(), id.bytes.begin());
    return id;
  }
  // Errors: malformed (not base32 of exactly N bytes).
  static Result<Id> parse(std::string_view base32) {
    COFFRET_TRY(const auto raw, from_base32(base32));
    return from(raw);
  }

  template <class Archive>
  void serialize(Archive& archive) {
    archive(bytes);
  }
};

using VaultId = Id<16, struct VaultTag>;
using DeviceId = Id<16, struct DeviceTag>;
using PersonId = Id<16, struct PersonTag>;  // whose record within the vault; zero: the owner
using DocumentId = Id<16, struct DocumentTag>;
using GrantId = Id<16, struct GrantTag>;
using LinkId = Id<16, struct LinkTag>;  // of a published link; unrelated to its grant
using FileId = Id<16, struct FileTag>;  // of a file in a parcel; unrelated to its document
using ServerHalf = Id<32, struct ServerHalfTag>;  // S_n: opens nothing without the link's half
using ObjectId = Id<32, struct ObjectTag>;        // BLAKE2b-256 of the sealed bytes
using EntryHash = Id<32, struct EntryTag>;        // of a log entry; zero: before the first
using Sha256 = Id<32, struct Sha256Tag>;
using Fingerprint = Id<32, struct FingerprintTag>;  // RFC 7638 SHA-256 thumbprint of an Ed25519 key

using SigningPublicKey = Id<32, struct SigningTag>;      // Ed25519
using AgreementPublicKey = Id<32, struct AgreementTag>;  // X25519
using Signature = Id<64, struct SignatureTag>;           // Ed25519

}  // namespace coffret

#endif  // COFFRET_IDS_HPP
