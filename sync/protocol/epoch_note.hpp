// SPDX-License-Identifier: EUPL-1.2
//
// epoch_note.hpp: the association's word that it put its server back to a backup (PROTOCOL.md §12).
//
// One note a vault and restoration, signed by the identity key. It says which log and which access
// log the backup held, so that a device can tell an honest restoration (its own history, cut short)
// from another history. It never makes a device forget: what lies between is sent again.
// Units: UTC seconds of the server. `epoch` only grows: the time of the restoration, or one more
// than the epoch before it.
// Errors: malformed, too_large, other_version (format); unauthenticated.
#ifndef COFFRET_SYNC_PROTOCOL_EPOCH_NOTE_HPP
#define COFFRET_SYNC_PROTOCOL_EPOCH_NOTE_HPP

#include <cstdint>

#include "coffret/error.hpp"
#include "coffret/ids.hpp"
#include "coffret/signer.hpp"
#include "coffret/wire.hpp"
#include "sync/protocol/entry.hpp"

namespace coffret::protocol {

inline constexpr std::uint8_t epoch_note_format = 1;
inline constexpr std::size_t max_epoch_note = 1024;  // bytes of the signed record

struct EpochNote {
  std::uint8_t format = epoch_note_format;
  Fingerprint server;
  VaultId vault;
  std::uint64_t epoch = 0;  // from 1
  std::int64_t backup_at = 0;
  std::int64_t restored_at = 0;
  Head head;                      // of the vault's log in the backup
  std::uint64_t access_size = 0;  // leaves of the vault's access log in the backup
  Sha256 access_root;

  template <class A>
  void serialize(A& a) {
    a(format, server, vault, epoch, backup_at, restored_at, head, access_size, access_root);
  }
  bool operator==(const EpochNote&) const = default;
};

struct SignedEpochNote {
  Bytes body;           // wire::encode(EpochNote)
  Signature signature;  // label `epoch_note`

  template <class A>
  void serialize(A& a) {
    a(body, signature);
  }
  bool operator==(const SignedEpochNote&) const = default;
};

SignedEpochNote sign_epoch_note(const EpochNote& note, const Signer& identity);

// What a signed note says, if `identity` signed it and it is about this server and vault.
Result<EpochNote> verify_epoch_note(ByteView record, const Fingerprint& server,
                                    const VaultId& vault, const SigningPublicKey& identity);

// By which a grant that a restoration closed is open again: S once more, and what its owner's
// device knows of its counters. The higher of both sides' counts.
struct Confirmation {
  std::uint64_t epoch = 0;  // of the note the device has taken in
  std::uint32_t openings = 0;
  std::uint32_t wrong_passcodes = 0;
  ServerHalf server_half;  // zero for SHL

  template <class A>
  void serialize(A& a) {
    a(epoch, openings, wrong_passcodes, server_half);
  }
  bool operator==(const Confirmation&) const = default;
};
// Errors: malformed, too_large.
Result<Confirmation> decode_confirmation(ByteView bytes);

}  // namespace coffret::protocol

#endif  // COFFRET_SYNC_PROTOCOL_EPOCH_NOTE_HPP
