// SPDX-License-Identifier: EUPL-1.2
//
// redeem.hpp: the reader's side of a link, without a vault: a protected link or a SMART Health Link
// becomes verified files (PROTOCOL.md §7, §8).
//
// A protected link names its server by half of its fingerprint: the server's card is compared
// before anything else is asked. A SMART Health Link names no key, so that without `pin` the card
// is believed as shown; what it carries is sealed under the key in the link all the same, but a
// passcode and the reader's name go to whoever answers. Nothing but the link's own host is ever
// contacted, and only a host that shows a Coffret card: the client below knows pinned keys, no
// certificate authorities. Links of other services are `unsupported`.
//
// A grant to a caregiver's key opens with that key alone (caregiver.hpp); each opening is signed.
//
// Errors of redeem: usage (an emergency card, and no name or no reason was given, or a longer one
// than a line of the access log takes); denied (granted to another key), key_changed (another vault
// or server than was paired, or none was), server_rolled_back (an older version than seen);
// malformed (no link), unsupported; unpinned (another server than the link or the pin names);
// link_not_active; wrong_passcode (one is asked for and none was given); unauthenticated, damaged
// (altered: a seal, signature, size or hash does not match); too_large; and those of
// sync/client/server.hpp. Units: UTC seconds; bytes. Ownership: values. Threads: one call, one
// thread.
#ifndef COFFRET_VAULT_REDEEM_REDEEM_HPP
#define COFFRET_VAULT_REDEEM_REDEEM_HPP

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coffret/disk.hpp"
#include "coffret/error.hpp"
#include "coffret/grant.hpp"
#include "coffret/ids.hpp"
#include "coffret/secret.hpp"
#include "sync/client/server.hpp"

namespace coffret::redeem {

class Caregiver;    // caregiver.hpp
struct RootChange;  // caregiver.hpp

inline constexpr std::size_t max_redeemed = 512u << 20;  // bytes of all files, held in memory

struct RedeemOptions {
  std::string recipient;  // who the reader says they are; sealed, but in clear for an SHL
  std::string reason{};   // why, for an emergency card; sealed
  std::optional<SecretText> passcode;
  // Called once when a passcode is asked for and none is given above.
  std::function<Result<SecretText>()> ask_passcode;
  std::optional<Fingerprint> pin;  // the server's, whole
  // Called while an emergency card with a delay cannot be read yet, with the seconds that are left;
  // comes back when it is to be asked again. Unset, or false: nobody waits (link_not_active).
  std::function<bool(std::int64_t)> wait{};
  // Called when the link is for a caregiver's key. Unset: there is none (never_initialised).
  std::function<Result<Caregiver*>()> caregiver{};
  // Asked before a vault that the caregiver knows gets another root. Unset: it is refused.
  std::function<bool(const RootChange&)> agree_to_root{};
};

struct RedeemedFile {
  std::string name;          // safe (coffret/file_name.hpp), no two alike
  std::string content_type;  // as its maker wrote it
  std::string title;         // from outside, may be empty
  Bytes bytes;
};

struct Patient {
  std::string name;
  std::string birth_date;  // ISO 8601; empty: unknown
};

// Who signed the list of files of a protected link. An SHL carries no signature of ours.
struct SignedBy {
  VaultId vault;
  DeviceId device;
  SigningPublicKey root;  // of the vault: the same for every link of one person
};

struct Redeemed {
  Delivery delivery = Delivery::link;
  std::vector<RedeemedFile> files;
  Patient patient;
  std::string owner;  // empty: not said (SHL)
  std::string to;
  std::string purpose;
  std::optional<std::int64_t> expires_at;
  bool download = true;  // false: the patient allowed viewing only, and asks not to keep copies
  std::optional<SignedBy> signature;
  std::string reply{};  // a deposit link to answer through, as its sender says it; empty: none
};

// The files, or the refusal of a passcode with the tries that are left.
struct Answer {
  std::optional<Redeemed> redeemed;
  std::optional<std::uint32_t> remaining_attempts;
};
// Whether this text has the form of a link of either kind; nobody is contacted.
bool is_link(const SecretText& text);

// A server's fingerprint as typed, in either spelling. Errors: malformed.
Result<Fingerprint> parse_pin(std::string_view text);

Result<Answer> redeem(const SecretText& link, const RedeemOptions& options,
                      const client::Environment& environment);

// Writes every file into `directory` (made if absent, 0700; files 0600). A name that is already
// there is left alone, and the new file gets a number behind its name. Returns the names written,
// in the order of `files`. Each is written whole under a hidden name that nobody can guess, and
// then named: neither that nor a name beside it touches what is there. Errors: those of Disk.
Result<std::vector<std::string>> save(const Redeemed& redeemed, const std::string& directory,
                                      Disk& disk, Random& random);

}  // namespace coffret::redeem

#endif  // COFFRET_VAULT_REDEEM_REDEEM_HPP
