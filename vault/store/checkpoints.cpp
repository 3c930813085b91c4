// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/checkpoints.hpp"

#include <algorithm>
#include <utility>

#include "vault/crypto/sealer.hpp"
#include "vault/store/live_entries.hpp"
#include "vault/store/state.hpp"
#include "vault/store/ways_out.hpp"

namespace coffret::store {
namespace {

constexpr std::uint64_t at_a_time = 256;          // entries
constexpr std::uint64_t checkpoint_retry = 1024;  // entries, behind one that found no room

// Every entry up to `at`, opened, one after the other.
Result<LiveEntries> folded_until(const Vault::State& state, std::uint64_t at) {
  LiveEntries live;
  for (std::uint64_t seq = 0; seq < at;) {
    COFFRET_TRY(const auto next, state.log.after(seq, std::min(at_a_time, at - seq)));
    if (next.empty()) return errc::local_state_tampered;
    for (const auto& entry : next) {
      COFFRET_TRY(const auto opened, state.keyring.open(entry));
      live.take(opened);
      seq = opened.entry.seq;
    }
  }
  return live;
}

Result<std::vector<protocol::SignedEntry>> entries_of(const Vault::State& state,
                                                      const LiveEntries& live) {
  std::vector<protocol::SignedEntry> entries;
  for (const auto seq : live.seqs()) {
    COFFRET_TRY(auto entry, state.log.at(seq));
    entries.push_back(std::move(entry));
  }
  return entries;
}

// The pending entry that puts this object, which is no document's. Errors: not_found.
Result<Opened> announcing(const Vault::State& state, const ObjectId& object) {
  for (std::uint64_t seq = state.head.seq; seq > state.server.seq; --seq) {
    COFFRET_TRY(const auto entry, state.log.at(seq));
    COFFRET_TRY(const auto body, protocol::decode_entry(entry.body));
    if (std::find(body.puts.begin(), body.puts.end(), object) != body.puts.end())
      return state.keyring.open(entry);
  }
  return errc::not_found;
}

}  // namespace

bool announces_checkpoint(const Opened& opened) noexcept {
  return opened.operation.type == checkpoint_written;
}

Checkpoints::Checkpoints(Vault& vault) noexcept : state_(&WaysOut::state_of(vault)) {}

Result<bool> Checkpoints::due() {
  auto& state = *state_;
  if (state.gap || state.read_only || state.retired) return false;
  if (state.head.seq < state.no_checkpoint_until) return false;
  const auto& folded = state.control;
  COFFRET_TRY(const auto documents, state.documents.count_kept());
  if (!checkpoint_due(state.head.seq - folded.checkpoint(), documents)) return false;
  COFFRET_TRY(const auto live, folded_until(state, state.head.seq));
  const std::uint64_t entries = live.seqs().size();
  if (checkpoint_due(state.head.seq - live.checkpoint(), entries)) return true;
  // What is live now stays so, but for what is erased: no look before there are as many.
  state.no_checkpoint_until = live.checkpoint() + 2 * entries;
  return false;
}

Result<void> Checkpoints::write(std::uint64_t room) {
  auto& state = *state_;
  if (state.head != state.server) return errc::conflict;
  COFFRET_CHECK(state.require_behind(0));
  COFFRET_TRY(const auto live, folded_until(state, state.head.seq));
  COFFRET_TRY(const auto entries, entries_of(state, live));
  std::vector<ObjectId> drops;
  if (live.checkpoint() != 0) {
    COFFRET_TRY(const auto before, state.log.at(live.checkpoint()));
    COFFRET_TRY(auto opened, state.keyring.open(before));
    drops = std::move(opened.entry.puts);
  }
  const auto* key = state.keyring.log_key(state.control.epoch());
  if (key == nullptr) return errc::not_found;
  COFFRET_TRY(const auto composed,
              compose_checkpoint(state.owner.vault, state.head, entries, *key, state.env.random));
  std::uint64_t size = 0;
  for (const auto& part : composed.parts) size += part.size();
  if (size > room) {
    state.no_checkpoint_until = state.head.seq + checkpoint_retry;
    return errc::too_large;
  }
  COFFRET_TRY(auto act, Act::begin(state));
  COFFRET_TRY([[maybe_unused]] const auto opened,
              act.append(composed.operation, composed.objects, std::move(drops)));
  return act.commit();
}

Result<Unsealed> unsealed_part(const Vault::State& state, const ObjectId& object) {
  COFFRET_TRY(const auto opened, announcing(state, object));
  COFFRET_TRY(const auto written, announcement_of(opened));
  COFFRET_TRY(const auto live, folded_until(state, written.at.seq));
  COFFRET_TRY(const auto entries, entries_of(state, live));
  return part_again(opened, state.keyring, entries, object);
}

Result<std::uint64_t> part_size(const Vault::State& state, const ObjectId& object) {
  COFFRET_TRY(const auto opened, announcing(state, object));
  COFFRET_TRY(const auto written, announcement_of(opened));
  for (const auto& part : written.parts)
    if (part.object == object) return crypto::object_size(part.size);
  return errc::not_found;
}

}  // namespace coffret::store
