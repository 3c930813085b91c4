// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/ways_out.hpp"

#include "vault/store/state.hpp"

namespace coffret::store {
namespace {

constexpr std::size_t max_batch = 4u << 20;  // bytes of entries in one request

// As the person's own list shows it.
std::string shown_title(const DocumentEntry& entry) {
  return entry.title.empty() ? entry.file_name : entry.title;
}

// What it is about, where that has a title.
std::string title_of(Vault::State& state, const Opened& opened) {
  if (const auto* put = std::get_if<DocumentPut>(&opened.payload)) return shown_title(put->entry);
  const DocumentId* about = nullptr;
  if (const auto* removed = std::get_if<DocumentRemoved>(&opened.payload))
    about = &removed->document;
  else if (const auto* restored = std::get_if<DocumentRestored>(&opened.payload))
    about = &restored->document;
  else if (const auto* amended = std::get_if<DocumentAmended>(&opened.payload))
    about = &amended->document;
  else if (const auto* assigned = std::get_if<DocumentAssigned>(&opened.payload))
    about = &assigned->document;
  if (const auto* decided = std::get_if<GrantDecided>(&opened.payload)) return decided->caregiver;
  if (const auto* added = std::get_if<DeviceAdded>(&opened.payload)) return added->name;
  if (const auto* paired = std::get_if<CaregiverPaired>(&opened.payload)) return paired->name;
  if (const auto* made = std::get_if<DepositLinkMade>(&opened.payload)) return made->from;
  if (const auto* removed = std::get_if<DeviceRemoved>(&opened.payload)) {
    const auto device = state.control.devices().find(removed->device);
    return device == state.control.devices().end() ? std::string{} : device->second.name;
  }
  if (about == nullptr) return {};
  const auto row = state.documents.by_prefix(about->text());
  if (row.has_error()) return {};
  const auto document = state.stored(*row);
  return document.has_value() ? shown_title(document->put().entry) : std::string{};
}

BranchEntry shown(Vault::State& state, const Opened& opened) {
  return {.seq = opened.entry.seq,
          .time = opened.entry.time,
          .device = opened.entry.device,
          .type = opened.operation.type,
          .title = title_of(state, opened)};
}

}  // namespace

std::uint64_t WaysOut::server_epoch() const {
  return vault_->state_->control.server_epoch();
}

bool WaysOut::retired() const noexcept {
  return vault_->state_->retired;
}

Result<EntryHash> WaysOut::hash_at(std::uint64_t seq) const {
  return vault_->state_->hash_at(seq);
}

std::uint64_t WaysOut::whole_from() const noexcept {
  return vault_->state_->gap ? vault_->state_->gap->at.seq : 0;
}

Result<std::vector<protocol::SignedEntry>> WaysOut::entries(std::uint64_t after,
                                                            std::size_t limit) const {
  COFFRET_CHECK(vault_->state_->require_behind(after));
  COFFRET_TRY(auto found, vault_->state_->log.after(after, limit));
  std::size_t bytes = 0;
  std::size_t count = 0;
  for (; count < found.size(); ++count) {
    bytes += found[count].body.size() + found[count].operation.size();
    if (bytes > max_batch && count > 0) break;
  }
  found.resize(count);
  return found;
}

Result<std::vector<ObjectId>> WaysOut::without_body(std::uint64_t after) const {
  std::vector<ObjectId> objects;
  COFFRET_TRY(const auto rows, vault_->state_->documents.missing());
  for (const auto& row : rows)
    if (row.seq > after) objects.push_back(row.object);
  return objects;
}

Result<std::vector<BranchEntry>> WaysOut::describe(
    const protocol::Head& base, std::span<const protocol::SignedEntry> entries) const {
  auto& state = *vault_->state_;
  // Judged in a transaction that is dropped: what the log here says since then is out of the way.
  COFFRET_TRY(auto act, Act::begin(state));
  COFFRET_CHECK(act.rewind(base));
  std::vector<BranchEntry> all;
  for (const auto& entry : entries) {
    const auto opened = act.take(entry);
    if (opened.has_error())
      return opened.error() == errc::conflict ? error_code{errc::fork_detected} : opened.error();
    all.push_back(shown(state, *opened));
  }
  return all;
}

Result<std::vector<BranchEntry>> WaysOut::describe_own(std::uint64_t after) const {
  auto& state = *vault_->state_;
  COFFRET_CHECK(state.require_behind(after));
  std::vector<BranchEntry> all;
  for (std::uint64_t at = after; at < state.head.seq;) {
    COFFRET_TRY(const auto next, state.log.after(at, 256));
    if (next.empty()) break;
    for (const auto& entry : next) {
      COFFRET_TRY(const auto opened, state.keyring.open(entry));
      all.push_back(shown(state, opened));
      at = opened.entry.seq;
    }
  }
  return all;
}

}  // namespace coffret::store
