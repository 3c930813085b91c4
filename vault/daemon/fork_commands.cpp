// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/fork_commands.hpp"

#include <set>

#include "sync/client/account.hpp"
#include "sync/protocol/hash.hpp"
#include "vault/daemon/branch_file.hpp"
#include "vault/daemon/branch_json.hpp"
#include "vault/daemon/evidence.hpp"
#include "vault/daemon/healing.hpp"
#include "vault/daemon/shown_branch.hpp"
#include "vault/daemon/syncer.hpp"

namespace coffret::daemon {
namespace {

constexpr std::size_t entries_at_a_time = 100;

Object side(Call& call, const std::vector<store::BranchEntry>& entries) {
  std::set<std::string> devices;
  auto rows = branch_json(call, entries);
  for (const auto& row : rows) {
    const auto& name = row.get_object().at("device").get_string();
    devices.emplace(name.data(), name.size());
  }
  boost::json::array named;
  for (const auto& device : devices) named.emplace_back(device);
  Object told{{"count", entries.size()}, {"since", nullptr}};
  if (!rows.empty()) told["since"] = rows.front().get_object().at("time");
  told["devices"] = std::move(named);
  told["entries"] = std::move(rows);
  return told;
}

// What the server shows beyond the last entry that both hold. Errors: as fork_show.
Result<store::Branch> shown_otherwise(Call& call, client::Server& server, const Signer& signer) {
  COFFRET_TRY(const auto base, parting(call, server, signer));
  COFFRET_TRY(auto shown, shown_branch(call, server, signer, base));
  COFFRET_TRY(const auto status, call.with([](store::Vault& vault) { return vault.status(); }));
  if (shown.base.seq >= status.server_head.seq) return errc::not_found;
  if (shown.entries.empty()) return errc::server_rolled_back;
  return shown;
}

// What the association's note, or the lack of an account, explains is told as that.
Result<store::Branch> other_history(Call& call, client::Server& server, const Signer& signer) {
  auto shown = shown_otherwise(call, server, signer);
  if (shown.has_value()) return shown;
  if (shown.error() == errc::not_found) {
    COFFRET_TRY(const auto id,
                call.with([](store::Vault& vault) -> Result<VaultId> { return vault.id(); }));
    if (client::vault_state(server, signer, id).has_value()) return errc::not_found;  // one history
  }
  return explained(call, server, to_errc(shown.error()));
}

Object merged_json(Call& call, const store::Followed& followed) {
  return {{"taken", followed.taken},
          {"carried", followed.carried},
          {"left_out", branch_json(call, followed.left_out)},
          {"evidence", followed.evidence}};
}

// The leading entries that are here already are nothing new.
Result<void> skip_common(Call& call, store::Branch& branch) {
  std::size_t same = 0;
  for (; same < branch.entries.size(); ++same) {
    const protocol::Head next{branch.base.seq + 1, protocol::entry_hash(branch.entries[same].body)};
    const auto here =
        call.with([&](store::Vault& vault) { return store::WaysOut{vault}.hash_at(next.seq); });
    if (here.has_error() && here.error() != errc::not_found) return here.error();
    if (here.has_error() || *here != next.hash) break;
    branch.base = next;
  }
  branch.entries.erase(branch.entries.begin(),
                       branch.entries.begin() + static_cast<std::ptrdiff_t>(same));
  return {};
}

Result<Object> merge_file(Call& call, const std::string& path) {
  COFFRET_TRY(const auto vault_id,
              call.with([](store::Vault& vault) -> Result<VaultId> { return vault.id(); }));
  store::Followed followed;
  const auto take_branch = [&](const BranchFile& file) -> Result<void> {
    if (file.vault != vault_id) return errc::unauthenticated;
    store::Branch branch = file.branch;
    COFFRET_CHECK(skip_common(call, branch));
    if (branch.entries.empty()) return errc::not_found;
    COFFRET_TRY(followed, follow_here(call, branch, {}));
    return {};
  };
  const auto take_object = [&](const ReceivedObject& object) -> Result<void> {
    const auto id = protocol::object_id(object.bytes);
    const auto stored =
        call.with([&](store::Vault& vault) { return vault.store_object(id, object); });
    // One that no entry here names is of no use, and no harm.
    if (stored.has_error() && stored.error() != errc::not_found) return stored.error();
    return {};
  };
  COFFRET_CHECK(read_branch_file(path, call.service.environment().disk, take_branch, take_object));
  return merged_json(call, followed);
}

}  // namespace

Result<Object> fork_show(Call& call) {
  const std::lock_guard one_at_a_time{call.service.syncing()};
  COFFRET_TRY(const auto hold, call.service.session().hold());
  COFFRET_TRY(auto server, pinned_server(call, Unsettled::allow));
  COFFRET_TRY(const auto* signer, device_signer(call));
  COFFRET_TRY(const auto shown, other_history(call, server, *signer));
  COFFRET_TRY(const auto ours, call.with([&](store::Vault& vault) {
    return store::WaysOut{vault}.describe_own(shown.base.seq);
  }));
  COFFRET_TRY(const auto theirs, call.with([&](store::Vault& vault) {
    return store::WaysOut{vault}.describe(shown.base, shown.entries);
  }));
  return Object{{"common", {{"seq", shown.base.seq}, {"hash", shown.base.hash.text()}}},
                {"ours", side(call, ours)},
                {"theirs", side(call, theirs)}};
}

Result<Object> fork_merge(Call& call) {
  const std::lock_guard one_at_a_time{call.service.syncing()};
  COFFRET_TRY(auto hold, call.service.session().hold());
  if (const auto path = call.text("branch"); !path.empty()) return merge_file(call, path);
  COFFRET_TRY(auto server, pinned_server(call, Unsettled::allow));
  COFFRET_TRY(const auto* signer, device_signer(call));
  COFFRET_TRY(const auto shown, other_history(call, server, *signer));
  COFFRET_TRY(const auto followed, follow_branch(call, server, *signer, shown));
  // What was taken in goes to the server, and the evidence is settled: it was shown again.
  COFFRET_CHECK(Syncer(call, hold, server).run());
  return merged_json(call, followed);
}

Result<Object> fork_export(Call& call) {
  COFFRET_TRY(const auto hold, call.service.session().hold());
  COFFRET_TRY(const auto since, call.number("since"));
  const auto path = call.text("branch_out");
  auto& disk = call.service.environment().disk;
  if (disk.size(path).has_value()) return errc::file_exists;
  struct Ours {
    VaultId vault;
    protocol::Head base;
    std::uint64_t end = 0;
  };
  COFFRET_TRY(const auto ours, call.with([&](store::Vault& vault) -> Result<Ours> {
    COFFRET_TRY(const auto status, vault.status());
    if (since >= status.head.seq) return errc::not_found;
    COFFRET_TRY(const auto hash, store::WaysOut{vault}.hash_at(since));
    return Ours{status.vault, {since, hash}, status.head.seq};
  }));
  store::Branch branch{ours.base, {}};
  std::vector<ObjectId> objects;
  for (std::uint64_t at = ours.base.seq; at < ours.end;) {
    COFFRET_TRY(const auto next, call.with([&](store::Vault& vault) {
      return store::WaysOut{vault}.entries(at, entries_at_a_time);
    }));
    for (const auto& entry : next) {
      COFFRET_TRY(const auto body, protocol::decode_entry(entry.body));
      objects.insert(objects.end(), body.puts.begin(), body.puts.end());
      branch.entries.push_back(entry);
      at = body.seq;
    }
  }
  COFFRET_CHECK(disk.replace(path, branch_file_start(ours.vault, branch)));
  std::uint64_t documents = 0;
  for (const auto& id : objects) {
    const auto sealed = call.with([&](store::Vault& vault) { return vault.object(id); });
    if (sealed.has_error() &&
        (sealed.error() == errc::body_missing || sealed.error() == errc::not_found))
      continue;  // not here, or erased since
    COFFRET_CHECK(sealed);
    Bytes piece;
    append_le<std::uint64_t>(piece, sealed->view().size());
    append(piece, sealed->view());
    COFFRET_CHECK(disk.append(path, piece, true));
    ++documents;
  }
  return Object{{"out", path}, {"entries", branch.entries.size()}, {"documents", documents}};
}

}  // namespace coffret::daemon
