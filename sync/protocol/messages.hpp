// SPDX-License-Identifier: EUPL-1.2
//
// messages.hpp: the JSON bodies of the owner's side (PROTOCOL.md §3 to §6). link_messages.hpp has
// those of the reader's side.
//
// to_json writes one form; from_json<T> reads any JSON of that meaning (unknown members ignored)
// within max_message bytes.
// Units: bytes, UTC seconds. Errors of from_json: malformed, too_large.
#ifndef COFFRET_SYNC_PROTOCOL_MESSAGES_HPP
#define COFFRET_SYNC_PROTOCOL_MESSAGES_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "coffret/error.hpp"
#include "coffret/grant.hpp"
#include "coffret/ids.hpp"
#include "sync/protocol/card.hpp"
#include "sync/protocol/device.hpp"
#include "sync/protocol/entry.hpp"

namespace coffret::protocol {

inline constexpr std::size_t max_message = 64 * 1024;          // bytes
inline constexpr std::size_t max_listed_devices = 1000;        // of a status
inline constexpr std::size_t max_listed_objects = 1000;        // of one `objects/missing`
inline constexpr std::size_t max_certificate_size = 4 * 1024;  // bytes

struct AccountRequest {
  InviteToken token;
  SigningPublicKey root_key;
  SignedCertificate certificate;  // of the log's first device, by root_key
  // Of the device that asks, whoever certified it: it gives a log that was written elsewhere.
  // Version 3; none: the first device opens an account for a log that begins.
  std::optional<SignedCertificate> device{};
  bool operator==(const AccountRequest&) const = default;
};

struct AccountAnswer {
  AccountId account;
  std::uint64_t quota = 0;  // bytes
  bool operator==(const AccountAnswer&) const = default;
};

struct DeviceRequest {
  SignedCertificate certificate;
  bool operator==(const DeviceRequest&) const = default;
};

struct VaultAnswer {  // of by-root
  VaultId vault;
  bool operator==(const VaultAnswer&) const = default;
};

struct VaultStatus {
  Head head;
  std::uint64_t quota = 0;    // bytes
  std::uint64_t used = 0;     // bytes
  std::uint64_t objects = 0;  // kept
  // Enrolled for good by another device's word, at this head. None: the server does not tell.
  std::optional<std::vector<DeviceId>> devices{};
  bool operator==(const VaultStatus&) const = default;
};

struct HeadAnswer {  // of an append
  Head head;
  bool operator==(const HeadAnswer&) const = default;
};

struct ObjectsRequest {
  std::vector<ObjectId> objects;
  bool operator==(const ObjectsRequest&) const = default;
};

struct MissingAnswer {
  std::vector<ObjectId> missing;
  bool operator==(const MissingAnswer&) const = default;
};

struct GrantStatus {
  GrantState state = GrantState::scheduled;
  std::uint32_t openings = 0;  // so far
  std::uint32_t wrong_passcodes = 0;
  bool operator==(const GrantStatus&) const = default;
};

std::string to_json(const AccountRequest& message);
std::string to_json(const AccountAnswer& message);
std::string to_json(const DeviceRequest& message);
std::string to_json(const VaultAnswer& message);
std::string to_json(const VaultStatus& message);
std::string to_json(const HeadAnswer& message);
std::string to_json(const ObjectsRequest& message);
std::string to_json(const MissingAnswer& message);
std::string to_json(const GrantStatus& message);

template <class Message>
Result<Message> from_json(ByteView text);

template <>
Result<AccountRequest> from_json<AccountRequest>(ByteView text);
template <>
Result<AccountAnswer> from_json<AccountAnswer>(ByteView text);
template <>
Result<DeviceRequest> from_json<DeviceRequest>(ByteView text);
template <>
Result<VaultAnswer> from_json<VaultAnswer>(ByteView text);
template <>
Result<VaultStatus> from_json<VaultStatus>(ByteView text);
template <>
Result<HeadAnswer> from_json<HeadAnswer>(ByteView text);
template <>
Result<ObjectsRequest> from_json<ObjectsRequest>(ByteView text);
template <>
Result<MissingAnswer> from_json<MissingAnswer>(ByteView text);
template <>
Result<GrantStatus> from_json<GrantStatus>(ByteView text);

}  // namespace coffret::protocol

#endif  // COFFRET_SYNC_PROTOCOL_MESSAGES_HPP
