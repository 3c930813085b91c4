// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/checkpoint.hpp"

#include <algorithm>
#include <utility>

#include "vault/crypto/sealer.hpp"

namespace coffret::store {
namespace {

// Of a part, in front of its entries: format, head, number, parts and their count.
constexpr std::size_t part_frame = 1 + 8 + 32 + 4 + 4 + 4;
constexpr std::size_t entry_frame =
    4 + 64 + 4;  // the lengths of a body and an operation; signature

std::size_t size_of(const protocol::SignedEntry& entry) {
  return entry.body.size() + entry.operation.size() + entry_frame;
}

// The checkpoint's own name, in the context of every seal: the head's hash, which the vault, the
// place and everything before it went into. A document's key is wrapped for version 1 or higher.
DocumentId name_of(const protocol::Head& at) {
  DocumentId name;
  std::copy_n(at.hash.bytes.begin(), name.bytes.size(), name.bytes.begin());
  return name;
}

crypto::WrapContext wrap_context(const VaultId& vault, const protocol::Head& at) {
  return {.vault = vault,
          .purpose = crypto::WrapPurpose::document,
          .id = to_bytes(name_of(at).view()),
          .version = 0};
}

crypto::BodyContext part_context(const VaultId& vault, const protocol::Head& at,
                                 std::uint32_t number) {
  return {vault, name_of(at), number};
}

// Which sequence numbers entries have: ascending, behind `last`, the last one at or before `end`.
Result<std::uint64_t> ascending(std::span<const protocol::SignedEntry> entries, std::uint64_t last,
                                std::uint64_t end) {
  for (const auto& entry : entries) {
    if (entry.operation.size() > protocol::max_operation_size) return errc::too_large;
    COFFRET_TRY(const auto body, protocol::decode_entry(entry.body));
    if (body.seq <= last || body.seq > end) return errc::malformed;
    last = body.seq;
  }
  return last;
}

// From the vault's first entry to the one at `at`.
Result<void> spans(std::span<const protocol::SignedEntry> entries, const protocol::Head& at) {
  if (entries.empty()) return errc::malformed;
  if (entries.size() > max_checkpoint_entries) return errc::too_large;
  COFFRET_TRY(const auto first, protocol::decode_entry(entries.front().body));
  COFFRET_TRY(const auto last, ascending(entries, 0, at.seq));
  if (first.seq != 1 || last != at.seq || protocol::entry_hash(entries.back().body) != at.hash)
    return errc::malformed;
  return {};
}

using Entries = std::span<const protocol::SignedEntry>;

// As many as fit, one after the other.
Result<std::vector<Entries>> cut(Entries entries) {
  std::vector<Entries> pieces;
  std::size_t begin = 0;
  std::size_t size = part_frame;
  for (std::size_t at = 0; at < entries.size(); ++at) {
    const auto next = size_of(entries[at]);
    if (part_frame + next > max_part) return errc::too_large;
    if (size + next > max_part) {
      pieces.push_back(entries.subspan(begin, at - begin));
      begin = at;
      size = part_frame;
    }
    size += next;
  }
  pieces.push_back(entries.subspan(begin));
  if (pieces.size() > max_checkpoint_parts) return errc::too_large;
  return pieces;
}

// One value, one encoding: what is sealed follows from the entries and their place.
std::vector<Bytes> plain_parts(const protocol::Head& at, const std::vector<Entries>& pieces) {
  std::vector<Bytes> plain;
  plain.reserve(pieces.size());
  for (const auto& piece : pieces)
    plain.push_back(
        wire::encode(CheckpointPart{.at = at,
                                    .number = static_cast<std::uint32_t>(plain.size() + 1),
                                    .parts = static_cast<std::uint32_t>(pieces.size()),
                                    .entries = {piece.begin(), piece.end()}}));
  return plain;
}

// The key of the parts. Errors: not_found (no key for the entry's epoch), unauthenticated.
Result<crypto::DocumentKey> part_key_of(const Opened& announcing, const CheckpointWritten& written,
                                        const Keyring& keyring) {
  const auto* key = keyring.log_key(announcing.entry.epoch);
  if (key == nullptr) return errc::not_found;
  return crypto::Sealer::unwrap<crypto::DocumentKey>(
      *key, wrap_context(announcing.entry.vault, written.at), written.wrapped_key);
}

}  // namespace

Result<CheckpointWritten> decode_checkpoint(ByteView payload) {
  if (payload.size() > max_operation) return errc::too_large;
  COFFRET_TRY(auto written, wire::decode<CheckpointWritten>(payload));
  if (written.format != checkpoint_format || written.rule != live_rule) return errc::other_version;
  if (written.parts.size() > max_checkpoint_parts || written.entries > max_checkpoint_entries)
    return errc::too_large;
  if (written.at.seq == 0 || written.parts.empty() || written.entries < written.parts.size() ||
      written.entries > written.at.seq || written.wrapped_key.size() > max_wrapped)
    return errc::malformed;
  for (const auto& part : written.parts)
    if (part.size > max_part) return errc::too_large;
  return written;
}

Result<CheckpointPart> decode_checkpoint_part(ByteView plaintext) {
  if (plaintext.size() > max_part) return errc::too_large;
  COFFRET_TRY(auto part, wire::decode<CheckpointPart>(plaintext));
  if (part.format != checkpoint_format) return errc::other_version;
  if (part.parts > max_checkpoint_parts) return errc::too_large;
  if (part.number == 0 || part.number > part.parts || part.entries.empty()) return errc::malformed;
  COFFRET_TRY([[maybe_unused]] const auto last, ascending(part.entries, 0, part.at.seq));
  return part;
}

Result<ComposedCheckpoint> compose_checkpoint(const VaultId& vault, const protocol::Head& at,
                                              std::span<const protocol::SignedEntry> live,
                                              const crypto::LogKey& key, Random& random) {
  COFFRET_CHECK(spans(live, at));
  COFFRET_TRY(const auto pieces, cut(live));
  const auto part_key = crypto::make_key<crypto::DocumentKey>(random);
  CheckpointWritten written{
      .at = at,
      .entries = live.size(),
      .parts = {},
      .wrapped_key = crypto::Sealer::wrap(key, wrap_context(vault, at), part_key, random)};
  ComposedCheckpoint composed;
  for (const auto& plain : plain_parts(at, pieces)) {
    const auto number = static_cast<std::uint32_t>(written.parts.size() + 1);
    composed.parts.push_back(
        crypto::Sealer::seal(part_key, part_context(vault, at, number), plain));
    composed.objects.push_back(protocol::object_id(composed.parts.back().view()));
    written.parts.push_back({composed.objects.back(), plain.size()});
  }
  composed.operation.type = checkpoint_written;
  composed.operation.ignorable = true;
  composed.operation.payload = wire::encode(written);
  return composed;
}

Result<CheckpointWritten> announcement_of(const Opened& opened) {
  if (opened.operation.type != checkpoint_written) return errc::not_found;
  COFFRET_TRY(auto written, decode_checkpoint(opened.operation.payload));
  const bool named =
      std::equal(written.parts.begin(), written.parts.end(), opened.entry.puts.begin(),
                 opened.entry.puts.end(),
                 [](const auto& part, const ObjectId& object) { return part.object == object; });
  if (written.at.seq >= opened.entry.seq || !named) return errc::malformed;
  return written;
}

Result<std::vector<protocol::SignedEntry>> open_checkpoint(const Opened& announcing,
                                                           const Keyring& keyring,
                                                           std::span<const ReceivedObject> parts) {
  COFFRET_TRY(const auto written, announcement_of(announcing));
  if (parts.size() != written.parts.size()) return errc::malformed;
  COFFRET_TRY(const auto part_key, part_key_of(announcing, written, keyring));
  const auto& vault = announcing.entry.vault;
  const auto& at = written.at;
  std::vector<protocol::SignedEntry> entries;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (protocol::object_id(parts[i].bytes) != written.parts[i].object)
      return errc::unauthenticated;
    const auto number = static_cast<std::uint32_t>(i + 1);
    COFFRET_TRY(const auto plain, crypto::Sealer::open(part_key, part_context(vault, at, number),
                                                       parts[i], written.parts[i].size));
    COFFRET_TRY(auto part, decode_checkpoint_part(plain));
    if (part.at != at || part.number != number || part.parts != parts.size())
      return errc::malformed;
    if (entries.size() + part.entries.size() > written.entries) return errc::malformed;
    std::move(part.entries.begin(), part.entries.end(), std::back_inserter(entries));
  }
  if (entries.size() != written.entries) return errc::malformed;
  COFFRET_CHECK(spans(entries, at));
  return entries;
}

Result<Unsealed> part_again(const Opened& announcing, const Keyring& keyring,
                            std::span<const protocol::SignedEntry> live, const ObjectId& object) {
  COFFRET_TRY(const auto written, announcement_of(announcing));
  const auto part = std::find_if(written.parts.begin(), written.parts.end(),
                                 [&](const auto& one) { return one.object == object; });
  if (part == written.parts.end()) return errc::not_found;
  COFFRET_TRY(auto key, part_key_of(announcing, written, keyring));
  if (spans(live, written.at).has_error()) return errc::damaged;
  COFFRET_TRY(const auto pieces, cut(live));
  auto plain = plain_parts(written.at, pieces);
  const auto place = static_cast<std::size_t>(part - written.parts.begin());
  if (plain.size() != written.parts.size() || plain[place].size() != part->size)
    return errc::damaged;
  return Unsealed{.object = object,
                  .context = part_context(announcing.entry.vault, written.at,
                                          static_cast<std::uint32_t>(place + 1)),
                  .key = std::move(key),
                  .bytes = std::move(plain[place])};
}

}  // namespace coffret::store
