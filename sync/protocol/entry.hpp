// SPDX-License-Identifier: EUPL-1.2
//
// entry.hpp: the vault's hash-chained signed log as the server sees it (security.md §3,
// PROTOCOL.md §4).
//
// An entry's body is signed as bytes and never re-serialised to verify. Its hash chains it to the
// next. The operation is sealed; the server sees its hash and size.
// Units: seq counts from 1; time is UTC seconds, a claim of the device.
// Errors of decode_entry: malformed, too_large, other_version (suite).
#ifndef COFFRET_SYNC_PROTOCOL_ENTRY_HPP
#define COFFRET_SYNC_PROTOCOL_ENTRY_HPP

#include <cstdint>
#include <vector>

#include "coffret/error.hpp"
#include "coffret/ids.hpp"
#include "coffret/signer.hpp"
#include "coffret/wire.hpp"

namespace coffret::protocol {

inline constexpr std::uint8_t entry_suite = 1;
inline constexpr std::size_t max_objects_per_entry = 1024;      // puts, and drops
inline constexpr std::size_t max_operation_size = 1024 * 1024;  // bytes, sealed, with envelopes
inline constexpr std::size_t max_entry_body = 96 * 1024;        // bytes
inline constexpr std::size_t max_page_entries = 1000;           // of one EntryPage
inline constexpr std::size_t max_append_entries = 100;          // of one Append, at least 1
inline constexpr std::size_t max_page_size = 8 * 1024 * 1024;   // bytes of an EntryPage or Append

struct Entry {
  std::uint8_t suite = entry_suite;
  VaultId vault;
  std::uint64_t seq = 0;
  EntryHash previous;  // zero for seq 1
  std::uint32_t epoch = 0;
  DeviceId device;
  std::int64_t time = 0;
  std::vector<ObjectId> puts;
  std::vector<ObjectId> drops;
  ObjectId operation;  // operation_hash of the blob

  template <class A>
  void serialize(A& a) {
    a(suite, vault, seq, previous, epoch, device, time, puts, drops, operation);
  }
  bool operator==(const Entry&) const = default;
};

struct SignedEntry {
  Bytes body;           // wire::encode(Entry)
  Signature signature;  // label `entry`, over body
  Bytes operation;      // the operation blob

  template <class A>
  void serialize(A& a) {
    a(body, signature, operation);
  }
  bool operator==(const SignedEntry&) const = default;
};

struct Head {
  std::uint64_t seq = 0;  // 0: empty log
  EntryHash hash;         // zero when empty

  template <class A>
  void serialize(A& a) {
    a(seq, hash);
  }
  bool operator==(const Head&) const = default;
};

struct EntryPage {
  Head head;
  std::vector<SignedEntry> entries;

  template <class A>
  void serialize(A& a) {
    a(head, entries);
  }
  bool operator==(const EntryPage&) const = default;
};

struct Append {
  EntryHash expected;
  std::vector<SignedEntry> entries;

  template <class A>
  void serialize(A& a) {
    a(expected, entries);
  }
  bool operator==(const Append&) const = default;
};

EntryHash entry_hash(ByteView body);     // BLAKE2b-256, personal "coffret.entry..1"
ObjectId operation_hash(ByteView blob);  // BLAKE2b-256, personal "coffret.operat.1"
ObjectId object_id(ByteView sealed);     // BLAKE2b-256, personal "coffret.object.1"

// Signs. The entry's operation hash is set here from the blob.
SignedEntry sign_entry(Entry entry, Bytes operation, const Signer& signer);

Result<Entry> decode_entry(ByteView body);

// The two bodies of PROTOCOL.md §4 within their limits; the entries in them are not yet verified.
// Errors: malformed, too_large.
Result<EntryPage> decode_entry_page(ByteView bytes);
Result<Append> decode_append(ByteView bytes);

// The entry, if it is the next one of `vault` after `head`, its operation is the hashed one, and
// `key` signed it.
// Errors: malformed, too_large, other_version; unauthenticated (signature, operation hash, another
// vault); conflict (does not extend head).
Result<Entry> verify_entry(const SignedEntry& entry, const VaultId& vault, const Head& head,
                           const SigningPublicKey& key);

}  // namespace coffret::protocol

#endif  // COFFRET_SYNC_PROTOCOL_ENTRY_HPP
