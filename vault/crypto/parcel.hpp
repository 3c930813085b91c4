// SPDX-License-Identifier: EUPL-1.2
//
// parcel.hpp: what a link carries and what opens a parcel: HKDF-SHA256 (RFC 5869), compact JWE
// (RFC 7516, dir + A256GCM), protected links and SMART Health Link payloads
// (sync/PROTOCOL.md §7, HL7 IG SMART Health Links 1.0.0).
//
// These are the forms a browser or a foreign program opens; nothing else uses them.
// Errors: malformed (not of the form), unauthenticated (JWE), unsupported (an alg, enc, zip or
// version we do not speak), too_large (content over the given limit, before or after inflating).
// Threads: pure functions.
#ifndef COFFRET_VAULT_CRYPTO_PARCEL_HPP
#define COFFRET_VAULT_CRYPTO_PARCEL_HPP

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "coffret/error.hpp"
#include "coffret/sealed.hpp"
#include "vault/crypto/keys.hpp"

namespace coffret::crypto {

ContentKey parcel_key(const LinkSecret& link, const ServerHalf& half, const LinkId& id,
                      std::uint32_t version);
// Shows that a reader decrypted; its SHA-256 (proof_hash) stands in the policy.
Sha256 read_proof(const ContentKey& key, const LinkId& id);
// What a reader sends for a passcode, and what the policy keeps of it is its SHA-256. NFC first.
Sha256 passcode_proof(const LinkSecret& link, const LinkId& id, const SecretText& passcode);
Sha256 sha256(ByteView bytes);
// Key of what a reader says of themselves.
ContentKey recipient_key(const LinkSecret& link, const LinkId& id);

// Key of why they open an emergency card: another, so that the two cannot be changed over.
ContentKey reason_key(const LinkSecret& link, const LinkId& id);

// Opens one compact JWE. Only dir + A256GCM; `zip=DEF` is inflated up to `limit` bytes.
struct OpenedJwe {
  std::string content_type;  // cty, may be empty
  Bytes content;
};
Result<OpenedJwe> open_jwe(const ContentKey& key, const ReceivedParcelFile& jwe, std::size_t limit);

// https://HOST/v#c1.<link id>.<L>.<server fingerprint, first 16 bytes>
struct ProtectedLink {
  std::string base_url;  // "https://host[:port]"
  LinkId id;
  LinkSecret secret;
  std::array<std::uint8_t, 16> server{};  // first bytes of the server's Fingerprint
};
SecretText format_link(const ProtectedLink& link);
Result<ProtectedLink> parse_link(const SecretText& text);

// https://HOST/v#k1.<link id>.<server fingerprint, first 16 bytes>: a grant to a caregiver's key.
// It opens nothing by itself, and is carried like the others all the same.
struct KeyLink {
  std::string base_url;
  LinkId id;
  std::array<std::uint8_t, 16> server{};
};
SecretText format_key_link(const KeyLink& link);
Result<KeyLink> parse_key_link(const SecretText& text);

// shlink:/<base64url JSON>, alone or behind a viewer URL that ends with '#'.
struct SmartHealthLink {
  std::string url;  // at most 128 characters
  ContentKey key;
  std::optional<std::int64_t> expires_at;  // exp: epoch seconds
  std::string flag;                        // of "L", "P", "U", in that order
  std::string label;                       // at most 80 characters
  std::uint32_t version = 1;
};
SecretText format_shl(const SmartHealthLink& link, std::string_view viewer_url);
// Unknown members and flag characters are ignored; a version above 1 is `unsupported`.
Result<SmartHealthLink> parse_shl(const SecretText& text);

}  // namespace coffret::crypto

#endif  // COFFRET_VAULT_CRYPTO_PARCEL_HPP
