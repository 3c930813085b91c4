// SPDX-License-Identifier: EUPL-1.2
//
// policy.hpp: all that the server knows of a grant (security.md §5, PROTOCOL.md §6).
//
// One encoding; a field, value or bit that this build does not know is refused: unknown_policy.
// Units: times are UTC seconds, the interval is [not_before, expires_at); sizes are bytes of the
// published files (JWE).
// Errors of verify_policy: malformed, unknown_policy, unauthenticated.
#ifndef COFFRET_SYNC_PROTOCOL_POLICY_HPP
#define COFFRET_SYNC_PROTOCOL_POLICY_HPP

#include <string>
#include <vector>

#include "coffret/error.hpp"
#include "coffret/grant.hpp"
#include "coffret/ids.hpp"
#include "coffret/signer.hpp"
#include "coffret/time.hpp"
#include "coffret/wire.hpp"

namespace coffret::protocol {

// A grant for a key is format 2, an emergency card format 3; all others are written as the first
// release wrote them, so that its servers and readers still take them.
inline constexpr std::uint8_t policy_format = 1;
inline constexpr std::uint8_t key_policy_format = 2;
inline constexpr std::uint8_t card_policy_format = 3;
inline constexpr std::uint32_t max_card_delay = 86400;  // seconds
inline constexpr std::uint32_t max_wrong_passcodes = 5;
inline constexpr std::size_t max_parcel_files = 4096;
inline constexpr std::size_t max_parcel_file_size = 40 * 1024 * 1024;    // bytes of one JWE
inline constexpr std::size_t max_policy_size = 512 * 1024;               // bytes, encoded
inline constexpr std::int64_t max_validity = std::int64_t{366} * 86400;  // seconds

using ShlPath = Id<32, struct ShlPathTag>;  // the unguessable path of an SHL; zero for other links

struct PolicyFile {
  FileId id;
  std::uint64_t size = 0;    // bytes of the JWE
  Sha256 sha256;             // of the JWE
  std::string content_type;  // SHL: contentType; native parcels: empty

  template <class A>
  void serialize(A& a) {
    a(id, size, sha256, content_type);
  }
  bool operator==(const PolicyFile&) const = default;
};

struct Policy {
  std::uint8_t format = policy_format;
  VaultId vault;
  LinkId link;
  DeviceId device;
  Delivery delivery = Delivery::link;
  std::uint32_t version = 1;  // n of K_n
  std::int64_t not_before = 0;
  std::int64_t expires_at = 0;
  std::uint32_t openings = 0;  // 0: no limit within the validity
  std::uint8_t rights = 0;     // bits of Right; view is always set
  Bytes passcode;     // empty: none. link: SHA-256 of the proof (32 bytes). shl: Argon2id PHC text
  Sha256 proof_hash;  // link, key: SHA-256 of the read proof; shl: zero
  ShlPath shl;
  bool shl_direct = false;        // flag U: one file by GET
  bool shl_long_term = false;     // flag L
  std::vector<PolicyFile> files;  // key: the sealed K_n first, then the manifest
  SigningPublicKey reader;        // key (format 2 alone): verifies who opens
  std::uint32_t delay = 0;        // card (format 3 alone): seconds until an opening can be read

  template <class A>
  void serialize(A& a) {
    a(format, vault, link, device, delivery, version, not_before, expires_at, openings, rights,
      passcode, proof_hash, shl, shl_direct, shl_long_term, files);
    if (format == key_policy_format) a(reader);
    if (format == card_policy_format) a(delay);
  }
  bool operator==(const Policy&) const = default;
};

// An emergency card: a protected link that nobody opens without a name and a reason.
inline bool asks_reason(const Policy& policy) noexcept {
  return policy.format == card_policy_format;
}

struct SignedPolicy {
  Bytes body;           // wire::encode(Policy)
  Signature signature;  // label `policy`

  template <class A>
  void serialize(A& a) {
    a(body, signature);
  }
  bool operator==(const SignedPolicy&) const = default;
};

struct Publication {
  SignedPolicy policy;
  ServerHalf server_half;  // of a protected link; else zero

  template <class A>
  void serialize(A& a) {
    a(policy, server_half);
  }
  bool operator==(const Publication&) const = default;
};

struct Applied {
  Signature signature;  // label `applied`, over the policy's bytes

  template <class A>
  void serialize(A& a) {
    a(signature);
  }
};

struct Acknowledged {
  LinkId link;
  std::int64_t time = 0;
  Signature signature;  // label `acknowledge`, over link ‖ time (i64 LE)

  template <class A>
  void serialize(A& a) {
    a(link, time, signature);
  }
};

// Consistency of the fields with each other and with the limits; a delivery or right that this
// build does not serve is not understood. Errors: unknown_policy.
Result<void> check_policy(const Policy& policy);

// What a policy says, before anything is known of its device's key.
// Errors: malformed, too_large, unknown_policy.
Result<Policy> decode_policy(ByteView body);
// The body of PROTOCOL.md §6; the policy in it is not yet verified. Errors: malformed, too_large.
Result<Publication> decode_publication(ByteView bytes);

SignedPolicy sign_policy(const Policy& policy, const Signer& device);
// Verifies, then decodes and checks. Errors: unauthenticated, then those of decode_policy.
Result<Policy> verify_policy(const SignedPolicy& policy, const SigningPublicKey& device);

Applied sign_applied(ByteView policy, const Signer& identity);
bool verify_applied(const Applied& applied, ByteView policy, const SigningPublicKey& identity);

Acknowledged sign_acknowledgement(const LinkId& link, Timestamp time, const Signer& identity);
bool verify_acknowledgement(const Acknowledged& acknowledged, const SigningPublicKey& identity);

}  // namespace coffret::protocol

#endif  // COFFRET_SYNC_PROTOCOL_POLICY_HPP
