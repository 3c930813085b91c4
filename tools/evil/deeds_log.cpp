// SPDX-License-Identifier: EUPL-1.2
//
// What is done to a page of the log, and to the head that a vault's status tells.
#include <algorithm>

#include "sync/protocol/messages.hpp"
#include "tools/evil/deed.hpp"

namespace coffret::evil {
namespace {

using protocol::EntryPage;
using protocol::SignedEntry;

constexpr std::int64_t most_copies = 1'000'000;
constexpr std::size_t most_bytes = 64u << 20;

// Entries are counted from 1 in a page, or backwards from -1.
Result<std::size_t> chosen(const EntryPage& page, const Rule& rule) {
  const auto number = rule.number("entry", -1);
  if (number == 0) return errc::not_found;
  return place_in(page.entries.size(), number > 0 ? number - 1 : number);
}

// A hostile server tells the head that its own page ends with.
void follow(EntryPage& page, bool was_last) {
  if (!was_last || page.entries.empty()) return;
  const auto& last = page.entries.back();
  const auto entry = protocol::decode_entry(last.body);
  page.head = {entry.has_value() ? entry->seq : page.head.seq, protocol::entry_hash(last.body)};
}

// Signed by the only key that the server has, where the rule asks for it.
void maybe_sign(const Scene& scene, const Rule& rule, SignedEntry& entry) {
  if (rule.text("sign") == "identity")
    entry.signature = scene.identity.sign(SignatureLabel::entry, entry.body);
}

Result<void> end_at(const Scene& scene, const Rule& rule, EntryPage& page) {
  const auto after = static_cast<std::int64_t>(scene.memory.after(scene.client));
  const auto at = static_cast<std::uint64_t>(rule.number("at", after));
  std::erase_if(page.entries, [&](const SignedEntry& one) {
    const auto entry = protocol::decode_entry(one.body);
    return entry.has_error() || entry->seq > at;
  });
  page.head = scene.memory.head(scene.vault, at);
  return {};
}

Result<void> add_copy(const Scene& scene, const Rule& rule, EntryPage& page) {
  const auto seq = static_cast<std::uint64_t>(rule.number("copy"));
  auto copy = scene.memory.entry(scene.vault, seq);
  if (!copy) return errc::not_found;
  if (rule.deed == Deed::log_forge) {
    COFFRET_TRY(auto entry, protocol::decode_entry(copy->body));
    entry.previous = page.head.hash;
    entry.seq = page.head.seq + 1;
    if (rule.text("device") == "other") entry.device.bytes[0] ^= 1;
    copy->body = wire::encode(entry);
    maybe_sign(scene, rule, *copy);
  }
  page.head = {page.head.seq + 1, protocol::entry_hash(copy->body)};
  page.entries.push_back(std::move(*copy));
  return {};
}

Result<void> flip(const Scene& scene, const Rule& rule, EntryPage& page) {
  COFFRET_TRY(const auto at, chosen(page, rule));
  auto& entry = page.entries[at];
  const bool was_last =
      at + 1 == page.entries.size() && page.head.hash == protocol::entry_hash(entry.body);
  const auto part = rule.text("part");
  std::span<std::uint8_t> bytes{entry.operation};
  if (part == "body") bytes = entry.body;
  if (part == "signature") bytes = entry.signature.bytes;
  COFFRET_TRY(const auto place, place_in(bytes.size(), rule.number("at")));
  bytes[place] ^= 1;
  maybe_sign(scene, rule, entry);
  follow(page, was_last);
  return {};
}

Result<void> change_entry(const Scene& scene, const Rule& rule, EntryPage& page,
                          Result<void> (*change)(const Scene&, const Rule&, protocol::Entry&,
                                                 Bytes& operation)) {
  COFFRET_TRY(const auto at, chosen(page, rule));
  auto& chosen_entry = page.entries[at];
  const bool was_last = at + 1 == page.entries.size();
  COFFRET_TRY(auto entry, protocol::decode_entry(chosen_entry.body));
  COFFRET_CHECK(change(scene, rule, entry, chosen_entry.operation));
  chosen_entry.body = wire::encode(entry);
  maybe_sign(scene, rule, chosen_entry);
  follow(page, was_last);
  return {};
}

// The sealed operation of another entry, and the hash that goes with it.
Result<void> splice(const Scene& scene, const Rule& rule, protocol::Entry& entry,
                    Bytes& operation) {
  const auto other =
      scene.memory.entry(scene.vault, static_cast<std::uint64_t>(rule.number("copy")));
  if (!other) return errc::not_found;
  operation = other->operation;
  if (!rule.text("sign").empty()) entry.operation = protocol::operation_hash(operation);
  return {};
}

Result<void> change_field(const Scene&, const Rule& rule, protocol::Entry& entry, Bytes&) {
  const auto name = rule.text("name");
  if (name == "suite")
    entry.suite = static_cast<std::uint8_t>(entry.suite + 1);
  else if (name == "vault")
    entry.vault.bytes[0] ^= 1;
  else if (name == "seq")
    ++entry.seq;
  else if (name == "previous")
    entry.previous.bytes[0] ^= 1;
  else if (name == "epoch")
    ++entry.epoch;
  else if (name == "device")
    entry.device.bytes[0] ^= 1;
  else if (name == "time")
    entry.time += 86400;
  else if (name == "puts")
    entry.puts.push_back(protocol::object_id(as_bytes(name)));
  else if (name == "drops")
    entry.drops.push_back(protocol::object_id(as_bytes(name)));
  else
    return errc::malformed;
  return {};
}

Result<void> many(const Rule& rule, EntryPage& page) {
  if (page.entries.empty()) return errc::not_found;
  const auto count = std::min(rule.number("entries"), most_copies);
  std::size_t bytes = 0;
  const SignedEntry last = page.entries.back();
  const auto each = last.body.size() + last.operation.size() + last.signature.size;
  for (std::int64_t i = 0; i < count && (bytes += each) < most_bytes; ++i)
    page.entries.push_back(last);
  page.head.seq += static_cast<std::uint64_t>(rule.number("entries"));
  return {};
}

Result<void> change_page(const Scene& scene, const Rule& rule, EntryPage& page) {
  if (rule.deed == Deed::log_replay || rule.deed == Deed::log_forge)
    return add_copy(scene, rule, page);
  if (rule.deed == Deed::log_flip) return flip(scene, rule, page);
  if (rule.deed == Deed::log_splice) return change_entry(scene, rule, page, splice);
  if (rule.deed == Deed::log_field) return change_entry(scene, rule, page, change_field);
  if (rule.deed == Deed::log_many) return many(rule, page);
  COFFRET_TRY(const auto at, chosen(page, rule));
  const auto place = page.entries.begin() + static_cast<std::ptrdiff_t>(at);
  if (rule.deed == Deed::log_drop) {
    page.entries.erase(place);
  } else if (rule.deed == Deed::log_repeat) {
    page.entries.insert(place, SignedEntry{*place});
  } else {
    if (at + 1 == page.entries.size()) return errc::not_found;
    std::swap(*place, *(place + 1));
  }
  return {};
}

// What is said of the head alone, in a page and in a status.
Result<bool> change_head(const Scene& scene, const Rule& rule, protocol::Head& head) {
  if (rule.deed == Deed::log_claim) {
    head.seq += static_cast<std::uint64_t>(rule.number("more"));
  } else if (rule.deed == Deed::log_head) {
    head.hash.bytes[0] ^= 1;
  } else if (rule.deed == Deed::log_end) {
    const auto after = static_cast<std::int64_t>(scene.memory.after(scene.client));
    head = scene.memory.head(scene.vault, static_cast<std::uint64_t>(rule.number("at", after)));
  } else {
    return false;
  }
  return true;
}

}  // namespace

Result<void> spoil_log(const Scene& scene, const Rule& rule, Outgoing& out) {
  auto& body = out.response.body;
  if (out.response.status != 200) return errc::malformed;
  if (auto status = protocol::from_json<protocol::VaultStatus>(body); status.has_value()) {
    COFFRET_TRY(const bool changed, change_head(scene, rule, status->head));
    if (!changed) return errc::malformed;
    body = to_bytes(as_bytes(protocol::to_json(*status)));
    return {};
  }
  COFFRET_TRY(auto page, protocol::decode_entry_page(body));
  if (rule.deed == Deed::log_end) {
    COFFRET_CHECK(end_at(scene, rule, page));
  } else {
    COFFRET_TRY(const bool changed, change_head(scene, rule, page.head));
    if (!changed) COFFRET_CHECK(change_page(scene, rule, page));
  }
  body = wire::encode(page);
  return {};
}

}  // namespace coffret::evil
