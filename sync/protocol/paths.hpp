// SPDX-License-Identifier: EUPL-1.2
//
// paths.hpp: every request target of the protocol, both ways, from one table (paths.cpp), so that
// client and server cannot disagree.
//
// Errors of parse_target: not_found (no such path, or not with this method), malformed (query).
#ifndef COFFRET_SYNC_PROTOCOL_PATHS_HPP
#define COFFRET_SYNC_PROTOCOL_PATHS_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "coffret/deposit.hpp"
#include "coffret/error.hpp"
#include "coffret/ids.hpp"
#include "sync/protocol/pairing.hpp"
#include "sync/protocol/policy.hpp"

namespace coffret::protocol {

enum class Endpoint : std::uint8_t {
  card,             // GET    /v1/card
  open_account,     // POST   /v1/accounts
  vault_by_root,    // GET    /v1/vaults/by-root
  vault_status,     // GET    /v1/vaults/{vault}
  enrol_device,     // POST   /v1/vaults/{vault}/devices
  remove_device,    // DELETE /v1/vaults/{vault}/devices/{device}
  read_log,         // GET    /v1/vaults/{vault}/log?after=&limit=
  append_log,       // POST   /v1/vaults/{vault}/log
  wait_log,         // GET    /v1/vaults/{vault}/log/wait?after=&seconds=
  append_changes,   // POST   /v1/vaults/{vault}/log/changes
  open_pairing,     // POST   /v1/vaults/{vault}/pairings/{pairing}
  missing_objects,  // POST   /v1/vaults/{vault}/objects/missing
  pack_objects,     // POST   /v1/vaults/{vault}/objects/pack
  fetch_objects,    // POST   /v1/vaults/{vault}/objects/fetch
  object_status,    // HEAD   /v1/vaults/{vault}/objects/{object}
  upload_object,    // PATCH  /v1/vaults/{vault}/objects/{object}
  fetch_object,     // GET    /v1/vaults/{vault}/objects/{object}
  parcel_status,    // HEAD   /v1/vaults/{vault}/parcels/{link}/{file}
  upload_parcel,    // PATCH  /v1/vaults/{vault}/parcels/{link}/{file}
  publish_grant,    // PUT    /v1/vaults/{vault}/grants/{link}
  grant_status,     // GET    /v1/vaults/{vault}/grants/{link}
  revoke_grant,     // POST   /v1/vaults/{vault}/grants/{link}/revoke
  access_log,       // GET    /v1/vaults/{vault}/access-log?after=&limit=
  put_pairing,      // PUT    /v1/pairings/{pairing}/{step}
  get_pairing,      // GET    /v1/pairings/{pairing}/{step}
  epoch_note,       // GET    /v1/vaults/{vault}/epoch
  confirm_grant,    // POST   /v1/vaults/{vault}/grants/{link}/confirm
  link_info,        // GET    /v1/links/{link}
  open_link,        // POST   /v1/links/{link}/open
  link_file,        // GET    /v1/links/{link}/files/{file}
  prove_read,       // POST   /v1/links/{link}/read
  viewer,           // GET    /v, /v/{asset}
  shl_manifest,     // POST   /shl/{shl}
  shl_direct,       // GET    /shl/{shl}?recipient=
  shl_file,         // GET    /shl/{shl}/files/{token}
  put_box,          // PUT    /v1/vaults/{vault}/boxes/{link}
  close_box,        // DELETE /v1/vaults/{vault}/boxes/{link}
  list_deposits,    // GET    /v1/vaults/{vault}/deposits
  fetch_deposit,    // GET    /v1/vaults/{vault}/deposits/{link}/{deposit}
  drop_deposit,     // DELETE /v1/vaults/{vault}/deposits/{link}/{deposit}
  box_info,         // GET    /v1/boxes/{link}
  deposit_status,   // HEAD   /v1/boxes/{link}/deposits/{deposit}
  upload_deposit,   // PATCH  /v1/boxes/{link}/deposits/{deposit}
};

inline constexpr std::uint32_t longest_wait = 50;  // seconds that wait_log may ask for

using ShlFileToken = Id<32, struct ShlFileTokenTag>;  // works once

// What a target names. Only the members that its endpoint's path holds are set.
struct Target {
  Endpoint endpoint = Endpoint::card;
  VaultId vault{};
  DeviceId device{};
  ObjectId object{};
  LinkId link{};
  FileId file{};
  DepositId deposit{};
  PairingId pairing{};
  PairingStep step = PairingStep::hello;
  ShlPath shl{};
  ShlFileToken token{};
  std::string asset{};                     // viewer: path below /v/, empty for the page
  std::uint64_t after = 0;                 // logs
  std::uint32_t limit = 0;                 // logs: 1 to 1000
  std::uint32_t seconds = 0;               // wait_log: 1 to longest_wait
  std::optional<std::string> recipient{};  // shl_direct, decoded; absent when not given
  bool operator==(const Target&) const = default;
};

std::string_view method_of(Endpoint endpoint) noexcept;
std::string format_target(const Target& target);
// `target` is the origin-form of RFC 9112 §3.2.1: path and query.
Result<Target> parse_target(std::string_view method, std::string_view target);

// Whether pages of other origins may call it (CORS): the reader's side, and nothing else.
bool is_reader_side(std::string_view target) noexcept;
// Of those, the side of whoever sends a deposit: its requests have fields and methods of their own.
bool is_sender_side(std::string_view target) noexcept;

}  // namespace coffret::protocol

#endif  // COFFRET_SYNC_PROTOCOL_PATHS_HPP
