// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/shown_branch.hpp"

#include "sync/client/account.hpp"
#include "sync/client/log.hpp"
#include "sync/client/objects.hpp"

namespace coffret::daemon {
namespace {

struct Ours {
  VaultId vault;
  protocol::Head server;
};

Result<Ours> ours_of(Call& call) {
  return call.with([](store::Vault& vault) -> Result<Ours> {
    COFFRET_TRY(const auto status, vault.status());
    return Ours{status.vault, status.server_head};
  });
}

Result<EntryHash> hash_at(Call& call, std::uint64_t seq) {
  return call.with([&](store::Vault& vault) { return store::WaysOut{vault}.hash_at(seq); });
}

class Reading {
 public:
  Reading(Call& call, const Ours& ours, const protocol::Head& from)
      : call_(call), ours_(ours), end_(from), branch_{from, {}} {}

  Result<void> take(protocol::SignedEntry& next) {
    COFFRET_TRY(const auto entry, protocol::decode_entry(next.body));
    if (entry.seq != end_.seq + 1 || entry.previous != end_.hash) return errc::fork_detected;
    end_ = {entry.seq, protocol::entry_hash(next.body)};
    if (branch_.entries.empty() && entry.seq <= ours_.server.seq) {
      COFFRET_TRY(const auto here, hash_at(call_, entry.seq));
      if (here == end_.hash) {
        branch_.base = end_;
        return {};
      }
    }
    bytes_ += next.body.size() + next.operation.size();
    if (bytes_ > bounds_.bytes || branch_.entries.size() >= bounds_.entries) return errc::too_large;
    branch_.entries.push_back(std::move(next));
    return {};
  }
  const protocol::Head& end() const noexcept { return end_; }
  store::Branch finish() { return std::move(branch_); }

 private:
  Call& call_;
  const Ours& ours_;
  protocol::Head end_;
  store::Branch branch_;
  std::size_t bytes_ = 0;
  const client::LogBounds bounds_{};
};

// From where on the log here is whole. A device that began at a checkpoint can compare only what
// lies behind it. Errors: history_unread (the server shows another history there already).
Result<protocol::Head> beginning_of_ours(Call& call, client::Server& server, const Signer& signer,
                                         const Ours& ours) {
  COFFRET_TRY(const auto seq, call.with([](store::Vault& vault) -> Result<std::uint64_t> {
    return store::WaysOut{vault}.whole_from();
  }));
  if (seq == 0) return protocol::Head{};
  COFFRET_TRY(const auto here, hash_at(call, seq));
  COFFRET_TRY(const auto page, client::pull(server, signer, ours.vault, seq - 1, 1));
  const bool same =
      page.entries.size() == 1 && protocol::entry_hash(page.entries.front().body) == here;
  if (!same) return errc::history_unread;
  return protocol::Head{seq, here};
}

}  // namespace

Result<store::Branch> shown_branch(Call& call, client::Server& server, const Signer& signer,
                                   const protocol::Head& from) {
  COFFRET_TRY(const auto ours, ours_of(call));
  protocol::Head start = from;
  if (start.seq > ours.server.seq) {
    start = ours.server;
  } else {
    COFFRET_TRY(const auto here, hash_at(call, start.seq));
    if (here != start.hash) return errc::fork_detected;
  }
  Reading reading{call, ours, start};
  for (;;) {
    COFFRET_TRY(auto page, client::pull(server, signer, ours.vault, reading.end().seq));
    if (page.head.seq < reading.end().seq) return errc::server_rolled_back;
    for (auto& entry : page.entries) COFFRET_CHECK(reading.take(entry));
    if (reading.end().seq < page.head.seq) continue;
    if (reading.end() != page.head) return errc::fork_detected;
    return reading.finish();
  }
}

Result<protocol::Head> parting(Call& call, client::Server& server, const Signer& signer) {
  COFFRET_TRY(const auto ours, ours_of(call));
  COFFRET_TRY(const auto there, client::vault_state(server, signer, ours.vault));
  // An entry names the one before it: where one agrees, all before it do.
  COFFRET_TRY(protocol::Head agreed, beginning_of_ours(call, server, signer, ours));
  std::uint64_t low = agreed.seq;
  std::uint64_t high = std::min(there.head.seq, ours.server.seq);
  while (low < high) {
    const std::uint64_t middle = low + (high - low + 1) / 2;
    COFFRET_TRY(const auto page, client::pull(server, signer, ours.vault, middle - 1, 1));
    if (page.entries.empty()) return errc::fork_detected;
    COFFRET_TRY(const auto entry, protocol::decode_entry(page.entries.front().body));
    if (entry.seq != middle) return errc::malformed;
    const auto hash = protocol::entry_hash(page.entries.front().body);
    COFFRET_TRY(const auto here, hash_at(call, middle));
    if (hash == here) {
      agreed = {middle, hash};
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return agreed;
}

Result<store::Followed> follow_branch(Call& call, client::Server& server, const Signer& signer,
                                      const store::Branch& shown) {
  COFFRET_TRY(const auto ours, ours_of(call));
  COFFRET_TRY(const auto absent, call.with([&](store::Vault& vault) {
    return store::WaysOut{vault}.without_body(shown.base.seq);
  }));
  std::vector<ObjectId> lacking;
  if (!absent.empty()) {
    COFFRET_TRY(lacking, client::missing(server, signer, ours.vault, absent));
  }
  const std::set<ObjectId> nowhere{lacking.begin(), lacking.end()};
  return follow_here(call, shown, nowhere);
}

Result<store::Followed> follow_here(Call& call, const store::Branch& branch,
                                    const std::set<ObjectId>& nowhere) {
  auto followed = call.with([&](store::Vault& vault) {
    return store::WaysOut{vault}.follow(branch.base, branch.entries, nowhere);
  });
  if (followed.has_value() || followed.error() != errc::denied) return followed;
  call.detail = call.language == Language::french
                    ? "L'autre histoire ne connaît pas cet appareil. Rien n'a changé ici : qu'elle "
                      "soit d'abord suivie sur l'appareil qui l'a invité."
                    : "The other history does not know this device. Nothing has changed here: let "
                      "the device that invited this one follow it first.";
  return errc::fork_detected;
}

}  // namespace coffret::daemon
