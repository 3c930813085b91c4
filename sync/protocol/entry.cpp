// SPDX-License-Identifier: EUPL-1.2
#include "sync/protocol/entry.hpp"

#include <algorithm>
#include <limits>

#include "sync/protocol/hash.hpp"
#include "sync/protocol/signature.hpp"

namespace coffret::protocol {
namespace {

bool has_duplicates(std::vector<ObjectId> ids) {
  std::sort(ids.begin(), ids.end());
  return std::adjacent_find(ids.begin(), ids.end()) != ids.end();
}

Result<void> check_sizes(const std::vector<SignedEntry>& entries, std::size_t most) {
  if (entries.size() > most) return errc::too_large;
  for (const auto& entry : entries)
    if (entry.body.size() > max_entry_body || entry.operation.size() > max_operation_size)
      return errc::too_large;
  return {};
}

}  // namespace

EntryHash entry_hash(ByteView body) {
  return {blake2b("coffret.entry..1", body)};
}

ObjectId operation_hash(ByteView blob) {
  return {blake2b("coffret.operat.1", blob)};
}

ObjectId object_id(ByteView sealed) {
  return {blake2b("coffret.object.1", sealed)};
}

SignedEntry sign_entry(Entry entry, Bytes operation, const Signer& signer) {
  entry.operation = operation_hash(operation);
  SignedEntry result;
  result.body = wire::encode(entry);
  result.signature = signer.sign(SignatureLabel::entry, result.body);
  result.operation = std::move(operation);
  return result;
}

Result<Entry> decode_entry(ByteView body) {
  if (body.size() > max_entry_body) return errc::too_large;
  if (body.empty()) return errc::malformed;
  if (body[0] != entry_suite) return errc::other_version;
  COFFRET_TRY(auto entry, wire::decode<Entry>(body));
  if (entry.seq == 0) return errc::malformed;
  if (entry.puts.size() > max_objects_per_entry || entry.drops.size() > max_objects_per_entry)
    return errc::too_large;
  // An object counted twice would be paid for, or freed, twice.
  if (has_duplicates(entry.puts) || has_duplicates(entry.drops)) return errc::malformed;
  return entry;
}

Result<EntryPage> decode_entry_page(ByteView bytes) {
  if (bytes.size() > max_page_size) return errc::too_large;
  COFFRET_TRY(auto page, wire::decode<EntryPage>(bytes));
  COFFRET_CHECK(check_sizes(page.entries, max_page_entries));
  return page;
}

Result<Append> decode_append(ByteView bytes) {
  if (bytes.size() > max_page_size) return errc::too_large;
  COFFRET_TRY(auto append, wire::decode<Append>(bytes));
  if (append.entries.empty()) return errc::malformed;
  COFFRET_CHECK(check_sizes(append.entries, max_append_entries));
  return append;
}

Result<Entry> verify_entry(const SignedEntry& entry, const VaultId& vault, const Head& head,
                           const SigningPublicKey& key) {
  if (entry.body.size() > max_entry_body || entry.operation.size() > max_operation_size)
    return errc::too_large;
  if (!verify(key, SignatureLabel::entry, entry.body, entry.signature))
    return errc::unauthenticated;
  COFFRET_TRY(auto decoded, decode_entry(entry.body));
  if (decoded.vault != vault || decoded.operation != operation_hash(entry.operation))
    return errc::unauthenticated;
  const bool full = head.seq == std::numeric_limits<std::uint64_t>::max();
  if (full || decoded.seq != head.seq + 1 || decoded.previous != head.hash) return errc::conflict;
  return decoded;
}

}  // namespace coffret::protocol
