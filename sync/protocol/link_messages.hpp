// SPDX-License-Identifier: EUPL-1.2
//
// link_messages.hpp: the JSON bodies of the reader's side: protected links (PROTOCOL.md §7) and
// SMART Health Link manifests (§8, HL7 IG 1.0.0).
//
// Readers without an account, and programs we did not write, send and receive these.
// Units: bytes, UTC seconds. Errors of from_json: malformed, too_large.
#ifndef COFFRET_SYNC_PROTOCOL_LINK_MESSAGES_HPP
#define COFFRET_SYNC_PROTOCOL_LINK_MESSAGES_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "coffret/error.hpp"
#include "coffret/grant.hpp"
#include "coffret/ids.hpp"
#include "sync/protocol/access_log.hpp"
#include "sync/protocol/messages.hpp"
#include "sync/protocol/policy.hpp"

namespace coffret::protocol {

inline constexpr std::size_t max_open_answer = 512 * 1024;         // bytes
inline constexpr std::size_t max_shl_manifest = 48 * 1024 * 1024;  // bytes, embedded files included
inline constexpr std::size_t max_shl_files = 1000;                 // of one manifest
inline constexpr std::size_t max_shl_passcode = 256;               // bytes
inline constexpr std::size_t max_reader_token = 64;                // characters of base64url

struct LinkInfo {
  Delivery delivery = Delivery::link;
  bool passcode = false;  // one is asked for
  std::int64_t expires_at = 0;
  bool reason = false;  // an emergency card: who opens it says who they are and why
  bool operator==(const LinkInfo&) const = default;
};

struct OpenRequest {
  std::string recipient;                 // compact JWE, or empty
  std::optional<Sha256> passcode_proof;  // vault/DESIGN.md §9
  std::string reader;                    // token of an earlier opening, or empty
  std::string statement{};               // delivery to a key: JWS of caregiver.hpp; else empty
  std::string reason{};                  // emergency card: compact JWE; else empty
  bool operator==(const OpenRequest&) const = default;
};

struct OpenFile {
  FileId id;
  std::uint64_t size = 0;  // bytes of the JWE
  bool operator==(const OpenFile&) const = default;
};

struct OpenAnswer {
  ServerHalf server_half;       // zero, and not written, for a delivery to a key
  std::uint32_t version = 1;    // n of K_n
  std::vector<OpenFile> files;  // the manifest first; behind K_n for a delivery to a key
  std::string reader;           // token, base64url, opaque to the reader
  std::int64_t reader_until = 0;
  std::int64_t server_time = 0;
  bool operator==(const OpenAnswer&) const = default;
};

// The answer to an opening that can be read later, asked for again with its token.
struct WaitAnswer {
  std::string reader;  // token, as in OpenAnswer
  std::int64_t opens_at = 0;
  std::int64_t server_time = 0;
  bool operator==(const WaitAnswer&) const = default;
};

struct ReadProof {
  Sha256 proof;             // the value whose SHA-256 is the policy's proof_hash
  std::string statement{};  // as in OpenRequest
  bool operator==(const ReadProof&) const = default;
};

// Read by the server only: a program that asks holds its passcode in a SecretText and writes this
// body where that may be seen (vault/crypto).
struct ShlManifestRequest {
  std::string recipient;  // plain text, not empty
  std::optional<std::string> passcode;
  std::optional<std::uint64_t> embedded_length_max;  // characters
};

struct ShlFile {
  std::string content_type;
  std::optional<std::string> location;  // one of the two at least
  std::optional<std::string> embedded;  // compact JWE
  std::string last_updated;             // ISO 8601, may be empty
  std::string status;                   // "finalized", "can-change" …, may be empty
  std::string fhir_version;             // may be empty
  bool operator==(const ShlFile&) const = default;
};

struct ShlManifest {
  std::vector<ShlFile> files;
  bool operator==(const ShlManifest&) const = default;
};

std::string to_json(const LinkInfo& message);
std::string to_json(const OpenRequest& message);
std::string to_json(const OpenAnswer& message);
std::string to_json(const WaitAnswer& message);
std::string to_json(const ReadProof& message);
std::string to_json(const ShlManifest& message);

template <>
Result<LinkInfo> from_json<LinkInfo>(ByteView text);
template <>
Result<OpenRequest> from_json<OpenRequest>(ByteView text);
template <>
Result<OpenAnswer> from_json<OpenAnswer>(ByteView text);
template <>
Result<WaitAnswer> from_json<WaitAnswer>(ByteView text);
template <>
Result<ReadProof> from_json<ReadProof>(ByteView text);
template <>
Result<ShlManifestRequest> from_json<ShlManifestRequest>(ByteView text);
template <>
Result<ShlManifest> from_json<ShlManifest>(ByteView text);

}  // namespace coffret::protocol

#endif  // COFFRET_SYNC_PROTOCOL_LINK_MESSAGES_HPP
