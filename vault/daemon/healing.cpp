// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/healing.hpp"

#include <algorithm>

#include "coffret/time.hpp"
#include "sync/client/account.hpp"
#include "sync/client/epochs.hpp"
#include "sync/client/grants.hpp"
#include "sync/client/objects.hpp"
#include "vault/crypto/handover.hpp"
#include "vault/daemon/branch_json.hpp"
#include "vault/daemon/evidence.hpp"
#include "vault/daemon/sending.hpp"
#include "vault/daemon/shown_branch.hpp"
#include "vault/store/ways_out.hpp"

namespace coffret::daemon {
namespace {

constexpr unsigned max_rounds = 20;  // another device may be healing at the same time
constexpr std::size_t documents_at_a_time = 500;

// S_n as it stands in the log: a key, which was wrapped like one.
using HalfKey = Secret<32, struct HalfKeyTag>;

struct Known {
  VaultId vault;
  protocol::Head server;
  std::uint64_t epoch = 0;
  // Of this device, and before it of who vouched for it, and so on from the root.
  std::vector<protocol::SignedCertificate> certificates;
};

Result<Known> known(Call& call) {
  return call.with([](store::Vault& vault) -> Result<Known> {
    COFFRET_TRY(const auto status, vault.status());
    const auto own = vault.device(vault.device());
    if (!own) return errc::damaged;
    Known ours{vault.id(), status.server_head, store::WaysOut{vault}.server_epoch(), {}};
    for (auto device = own; device;) {
      ours.certificates.push_back(device->certificate);
      COFFRET_TRY(const auto stated, protocol::decode_certificate(device->certificate.body));
      device.reset();
      if (stated.issuer == protocol::Issuer::device) device = vault.device(stated.issuer_device);
    }
    std::reverse(ours.certificates.begin(), ours.certificates.end());
    return ours;
  });
}

// A device that was enrolled after the backup is a stranger to the server: its certificate makes it
// known again, behind those of the devices that vouched for it. Where that does not help either,
// the whole account is unknown there.
Result<client::ShownNote> newer_note(client::Server& server, const Signer& signer,
                                     const Known& ours) {
  auto shown = client::epoch_note(server, signer, ours.vault);
  if (shown.has_error() && shown.error() == errc::not_found) {
    for (const auto& certificate : ours.certificates)
      (void)client::enrol_device(server, signer, ours.vault, certificate);
    shown = client::epoch_note(server, signer, ours.vault);
  }
  if (shown.has_error() && shown.error() == errc::not_found) {  // no note, or nobody to have one
    const auto state = client::vault_state(server, signer, ours.vault);
    if (state.has_error() && state.error() == errc::not_found) return errc::account_unknown;
  }
  COFFRET_CHECK(shown);
  if (shown->note.epoch <= ours.epoch) return errc::not_found;
  return shown;
}

class Healing {
 public:
  Healing(Call& call, Session::Hold& hold, client::Server& server)
      : call_(call), hold_(hold), server_(server) {}

  Result<HealCount> run() {
    COFFRET_CHECK(begin());
    COFFRET_TRY(note_, newer_note(server_, *signer_, ours_));
    COFFRET_CHECK(send_objects());
    COFFRET_CHECK(send_log(note_.note.head));
    COFFRET_CHECK(grants());
    return std::move(count_);
  }

  // To an account that was opened just now.
  Result<HealCount> run_from_nothing() {
    COFFRET_CHECK(begin());
    COFFRET_CHECK(send_objects());
    COFFRET_CHECK(send_log({}));
    COFFRET_CHECK(grants_are_lost());
    return std::move(count_);
  }

  // Once the log is in step: the note becomes a part of it, so that every device knows it.
  Result<void> record() {
    return call_.with([&](store::Vault& vault) -> Result<void> {
      if (store::WaysOut{vault}.server_epoch() >= note_.note.epoch) return {};
      auto operation = store::make_operation(
          store::ServerRestored{.epoch = note_.note.epoch,
                                .at = to_unix(call_.service.environment().clock.now()),
                                .note = note_.record});
      operation.ignorable = true;
      COFFRET_CHECK(vault.append(operation));
      return {};
    });
  }

 private:
  Result<void> begin() {
    COFFRET_TRY(signer_, device_signer(call_));
    COFFRET_TRY(ours_, known(call_));
    return {};
  }

  Result<void> go_on() const {
    return hold_.asked_to_stop() ? Result<void>{errc::stopping} : Result<void>{};
  }

  // Every body that is here and that the server lacks: also those whose entries the backup held.
  Result<void> send_objects() {
    Line line{call_, hold_};
    Sending sending{call_, line, server_, *signer_, ours_.vault};
    std::uint64_t batch = 0;
    for (std::int64_t number = 0;; ++batch) {
      COFFRET_TRY(const auto arrived, call_.with([&](store::Vault& vault) {
        return vault.arrived_after(number, documents_at_a_time);
      }));
      if (arrived.empty()) return {};
      number = arrived.back().number;
      std::vector<ObjectId> objects;
      for (const auto& one : arrived)
        if (one.document.present && one.document.seq <= ours_.server.seq)
          objects.push_back(one.document.locator.object);
      if (objects.empty()) continue;
      COFFRET_TRY(auto lacking, client::missing(server_, *signer_, ours_.vault, objects));
      std::sort(lacking.begin(), lacking.end());
      for (const auto& one : arrived)
        if (std::binary_search(lacking.begin(), lacking.end(), one.document.locator.object))
          line.expect(one.document.locator.length);
      sending.add(batch, lacking);
      COFFRET_CHECK(sending.finish(batch));
      count_.objects += lacking.size();
    }
  }

  // What follows the last entry that the server holds for certain.
  Result<void> send_log(const protocol::Head& held) {
    for (unsigned round = 0; round < max_rounds; ++round) {
      COFFRET_CHECK(go_on());
      COFFRET_TRY(const auto shown, shown_branch(call_, server_, *signer_, held));
      if (shown.base.seq >= ours_.server.seq) return {};
      if (!shown.entries.empty()) return follow(shown);
      COFFRET_TRY(const bool all, send_entries(shown.base));
      if (all) return {};
    }
    return errc::conflict;
  }

  // False: another device was first.
  Result<bool> send_entries(protocol::Head at) {
    while (at.seq < ours_.server.seq) {
      COFFRET_CHECK(go_on());
      const auto left = static_cast<std::size_t>(ours_.server.seq - at.seq);
      COFFRET_TRY(const auto batch, call_.with([&](store::Vault& vault) {
        return vault.pending_after(at, std::min(left, client::max_append));
      }));
      COFFRET_TRY(const auto appended, client::append_again(server_, *signer_, ours_.vault, at.hash,
                                                            batch.entries, changes_of(batch)));
      if (!appended.accepted) return false;
      at = appended.head;
      count_.entries += batch.entries.size();
    }
    return true;
  }

  Result<void> follow(const store::Branch& shown) {
    COFFRET_TRY(const auto followed, follow_branch(call_, server_, *signer_, shown));
    count_.carried = followed.carried;
    count_.left_out = branch_json(call_, followed.left_out);
    return {};
  }

  Result<std::vector<store::GrantView>> all_grants() {
    return call_.with([](store::Vault& vault) -> Result<std::vector<store::GrantView>> {
      return vault.grants();
    });
  }

  void lose(const store::GrantView& grant) {
    count_.lost.push_back(
        Object{{"id", grant.decision.grant.text()}, {"to", grant.decision.caregiver}});
  }

  Result<void> grants_are_lost() {
    COFFRET_TRY(const auto all, all_grants());
    const auto now = to_unix(server_.server_now());
    for (const auto& grant : all)
      if (!grant.revoked_at && grant.decision.expires_at > now) lose(grant);
    return {};
  }

  Result<void> grants() {
    COFFRET_TRY(const auto all, all_grants());
    const auto now = to_unix(server_.server_now());
    for (const auto& grant : all) {
      if (grant.decision.expires_at <= now) continue;
      if (grant.revoked_at) {
        COFFRET_CHECK(client::revoke(server_, *signer_, ours_.vault, grant.decision.link));
        ++count_.revoked;
      } else {
        COFFRET_CHECK(confirm(grant));
      }
    }
    return {};
  }

  Result<void> confirm(const store::GrantView& grant) {
    const auto& decision = grant.decision;
    COFFRET_TRY(const auto policy, wire::decode<protocol::SignedPolicy>(decision.policy));
    protocol::Confirmation confirmation{
        .epoch = note_.note.epoch, .openings = 0, .wrong_passcodes = 0, .server_half = {}};
    if (!decision.wrapped_server_half.empty()) {
      COFFRET_TRY(const auto half, call_.with([&](store::Vault& vault) {
        return vault.unwrap<HalfKey>(grant.half_epoch, crypto::WrapPurpose::server_half,
                                     decision.link.view(), grant.version,
                                     decision.wrapped_server_half);
      }));
      crypto::hand_over(half, [&](ByteView bytes) {
        std::copy(bytes.begin(), bytes.end(), confirmation.server_half.bytes.begin());
        return 0;
      });
    }
    const auto confirmed = client::confirm_grant(server_, *signer_, ours_.vault, decision.link,
                                                 confirmation, policy.body);
    if (confirmed.has_value()) {
      ++count_.grants;
      return {};
    }
    // Used up meanwhile: nothing to open.
    if (confirmed.error() == errc::link_not_active) return {};
    if (confirmed.error() == errc::unauthenticated && grant.version > 1) return end(grant);
    if (confirmed.error() != errc::not_found) return confirmed.error();
    lose(grant);
    return {};
  }

  // The backup has an earlier version of it: another end, other documents. That one is nobody's to
  // open, and the files of the later one are gone: it is to be given again.
  Result<void> end(const store::GrantView& grant) {
    const store::GrantRevoked revoked{.grant = grant.decision.grant,
                                      .at = to_unix(server_.server_now())};
    COFFRET_CHECK(call_.with(
        [&](store::Vault& vault) { return vault.append(store::make_operation(revoked)); }));
    COFFRET_CHECK(client::revoke(server_, *signer_, ours_.vault, grant.decision.link));
    lose(grant);
    return {};
  }

  Call& call_;
  Session::Hold& hold_;
  client::Server& server_;
  const Signer* signer_ = nullptr;
  Known ours_;
  client::ShownNote note_;
  HealCount count_;
};

std::string giving_file(const Call& call) {
  return call.service.config().directory + "/giving";
}

}  // namespace

Object told_healed(const HealCount& healed) {
  return {{"entries", healed.entries},  {"objects", healed.objects}, {"grants", healed.grants},
          {"revoked", healed.revoked},  {"carried", healed.carried}, {"lost_grants", healed.lost},
          {"left_out", healed.left_out}};
}

errc explained(Call& call, client::Server& server, errc error) {
  const bool stranger = error == errc::not_found || error == errc::denied;
  if (!is_alarm(error) && !stranger) return error;
  const auto signer = device_signer(call);
  const auto ours = known(call);
  if (signer.has_error() || ours.has_error()) return error;
  const auto note = newer_note(server, **signer, *ours);
  if (note.has_error())
    return note.error() == errc::account_unknown ? errc::account_unknown : error;
  restate_evidence(call, errc::server_restored);
  return errc::server_restored;
}

Result<void> tell_restored(Call& call, client::Server& server) {
  COFFRET_TRY(const auto epoch, call.with([](store::Vault& vault) -> Result<std::uint64_t> {
    return store::WaysOut{vault}.server_epoch();
  }));
  return server.told_epoch() <= epoch ? Result<void>{} : check_restored(call, server);
}

Result<void> check_restored(Call& call, client::Server& server) {
  const errc told = explained(call, server, errc::server_rolled_back);
  return told == errc::server_restored ? Result<void>{told} : Result<void>{};
}

Result<AccountThere> account_there(Call& call, client::Server& server) {
  COFFRET_TRY(const auto* signer, device_signer(call));
  COFFRET_TRY(const auto ours, known(call));
  const auto note = newer_note(server, *signer, ours);
  if (note.has_value()) return AccountThere::whole;  // for `sync --heal`
  if (note.error() == errc::account_unknown) return AccountThere::none;
  if (note.error() != errc::not_found) return note.error();
  COFFRET_TRY(const auto state, client::vault_state(server, *signer, ours.vault));
  if (state.head.seq >= ours.server.seq) return AccountThere::whole;
  COFFRET_TRY(const auto here, call.with([&](store::Vault& vault) {
    return store::WaysOut{vault}.hash_at(state.head.seq);
  }));
  return here == state.head.hash ? AccountThere::beginning : AccountThere::whole;
}

Result<HealCount> give_all(Call& call, Session::Hold& hold, client::Server& server) {
  COFFRET_TRY(auto count, Healing(call, hold, server).run_from_nothing());
  COFFRET_CHECK(Syncer(call, hold, server).run());
  COFFRET_CHECK(call.service.environment().disk.remove(giving_file(call)));
  return count;
}

Result<void> begin_giving(Call& call) {
  return call.service.environment().disk.replace(giving_file(call), {});
}

Result<std::optional<HealCount>> finish_giving(Call& call, Session::Hold& hold,
                                               client::Server& server) {
  auto& disk = call.service.environment().disk;
  const auto begun = disk.size(giving_file(call));
  if (begun.has_error())
    return begun.error() == errc::not_found ? Result<std::optional<HealCount>>{std::nullopt}
                                            : Result<std::optional<HealCount>>{begun.error()};
  COFFRET_TRY(const auto there, account_there(call, server));
  // No account: the invitation was not used. The sync says so.
  if (there == AccountThere::none) return std::optional<HealCount>{};
  if (there == AccountThere::beginning) {
    COFFRET_TRY(auto given, give_all(call, hold, server));
    return std::optional<HealCount>{std::move(given)};
  }
  COFFRET_CHECK(disk.remove(giving_file(call)));
  return std::optional<HealCount>{};
}

Result<HealCount> heal(Call& call, Session::Hold& hold, client::Server& server) {
  Healing healing{call, hold, server};
  COFFRET_TRY(auto count, healing.run());
  COFFRET_CHECK(Syncer(call, hold, server).run());
  COFFRET_CHECK(healing.record());
  COFFRET_CHECK(Syncer(call, hold, server).run());
  return count;
}

Result<Object> heal_preview(Call& call) {
  COFFRET_TRY(const auto hold, call.service.session().hold());
  COFFRET_TRY(auto server, pinned_server(call, Unsettled::allow));
  COFFRET_TRY(const auto* signer, device_signer(call));
  COFFRET_TRY(const auto ours, known(call));
  COFFRET_TRY(const auto shown, newer_note(server, *signer, ours));
  const auto& note = shown.note;
  const auto now = to_unix(server.server_now());
  COFFRET_TRY(const auto grants, call.with([&](store::Vault& vault) -> Result<boost::json::array> {
    boost::json::array named;
    for (const auto& grant : vault.grants())
      if (!grant.revoked_at && grant.decision.expires_at > now)
        named.push_back(
            Object{{"id", grant.decision.grant.text()}, {"to", grant.decision.caregiver}});
    return named;
  }));
  const std::uint64_t missing =
      ours.server.seq > note.head.seq ? ours.server.seq - note.head.seq : 0;
  return Object{{"backup_at", to_rfc3339(from_unix(note.backup_at))},
                {"restored_at", to_rfc3339(from_unix(note.restored_at))},
                {"entries", missing},
                {"grants", grants}};
}

}  // namespace coffret::daemon
