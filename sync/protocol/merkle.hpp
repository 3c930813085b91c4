// SPDX-License-Identifier: EUPL-1.2
//
// merkle.hpp: RFC 6962 §2.1 Merkle tree hashing in compact-range form, and C2SP checkpoints
// (tlog-checkpoint in a signed-note, Ed25519).
//
// A CompactRange holds the roots of the perfect subtrees of the first `size` leaves: at most 64
// hashes. Whoever keeps it can append leaves and compare the root with a signed checkpoint, which
// proves both that the new tree extends the kept one and that every appended leaf is in it.
// Errors: malformed, unauthenticated.
#ifndef COFFRET_SYNC_PROTOCOL_MERKLE_HPP
#define COFFRET_SYNC_PROTOCOL_MERKLE_HPP

#include <string>
#include <string_view>
#include <vector>

#include "coffret/error.hpp"
#include "coffret/ids.hpp"
#include "coffret/signer.hpp"
#include "coffret/wire.hpp"

namespace coffret::protocol {

Sha256 leaf_hash(ByteView leaf);                            // SHA-256(0x00 ‖ leaf)
Sha256 node_hash(const Sha256& left, const Sha256& right);  // SHA-256(0x01 ‖ left ‖ right)

struct CompactRange {
  std::uint64_t size = 0;
  std::vector<Sha256> peaks;  // largest subtree first; as many as bits set in size

  void append(const Sha256& leaf);
  Sha256 root() const;  // of the empty tree: SHA-256 of nothing
  bool valid() const noexcept;

  template <class A>
  void serialize(A& a) {
    a(size, peaks);
  }
  bool operator==(const CompactRange&) const = default;
};

inline constexpr std::size_t max_checkpoint_size = 1024;  // bytes of the signed note

struct Checkpoint {
  std::string origin;
  std::uint64_t size = 0;
  Sha256 root;
  bool operator==(const Checkpoint&) const = default;
};

std::string checkpoint_origin(const Fingerprint& server, const VaultId& vault);
// The signed note's text; the note's key name is the origin. Exactly three lines and one signature.
std::string sign_checkpoint(const Checkpoint& checkpoint, const Signer& identity);
Result<Checkpoint> verify_checkpoint(std::string_view text, std::string_view origin,
                                     const SigningPublicKey& identity);

}  // namespace coffret::protocol

#endif  // COFFRET_SYNC_PROTOCOL_MERKLE_HPP
