// SPDX-License-Identifier: EUPL-1.2
#include <algorithm>
#include <chrono>

#include "vault/daemon/cards.hpp"
#include "vault/daemon/evidence.hpp"
#include "vault/daemon/forgetting.hpp"
#include "vault/daemon/healing.hpp"
#include "vault/daemon/syncer.hpp"
#include "vault/grants/card.hpp"

namespace coffret::daemon {
namespace {

using namespace std::chrono_literals;

constexpr auto first_look = 5s;  // after the daemon's start: an opening of the night is told early
constexpr auto rest_between = 60s;

class CardListener final : public Answer {
 public:
  Result<void> row(const boost::json::object&) override { return {}; }
  Result<void> progress(const boost::json::object&) override { return {}; }
  Result<void> bytes(ByteView) override { return {}; }
  Result<void> secret(const SecretText&) override { return {}; }
};

}  // namespace

namespace {

Result<bool> a_card_calls(Call& call) {
  std::unique_lock<std::mutex> alone{call.service.syncing(), std::try_to_lock};
  // A sync that is under way looks by itself.
  if (!alone || call.service.sync_state().paused()) return false;
  COFFRET_TRY(const auto hold, call.service.session().hold_quietly());
  COFFRET_TRY(auto server, pinned_server(call));
  server.give_up_when([&] { return hold.asked_to_stop() || call.service.stop_asked(); });
  COFFRET_TRY([[maybe_unused]] const auto card, server.contact());
  COFFRET_TRY(const auto* signer, device_signer(call));
  COFFRET_TRY(const auto vault,
              call.with([](store::Vault& open) -> Result<VaultId> { return open.id(); }));
  return cards_call(call, {server, *signer, vault});
}

}  // namespace

// What other devices did comes first, and what is sealed anew is in the server's log before the
// paper is dead: so a sync acts, and this one only asks.
Result<Object> emergency_look(Call& call) {
  call.quiet = true;
  COFFRET_TRY(const bool called, a_card_calls(call));
  if (!called) return Object{{"looked", false}};
  return sync(call);
}

CardThread::CardThread(Service& service) : service_(service), thread_([this] { run(); }) {}

CardThread::~CardThread() {
  {
    const std::lock_guard guard{mutex_};
    ending_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

// Without a card the server is asked nothing.
bool CardThread::stands() const {
  const auto any = service_.session().with_quietly([](store::Vault& vault) -> Result<bool> {
    if (!vault.server()) return false;
    const auto all = vault.grants();
    return std::any_of(all.begin(), all.end(), [](const auto& grant) {
      return !grant.revoked_at && grants::is_card(grant.decision);
    });
  });
  return any.has_value() && *any;
}

void CardThread::run() {
  std::chrono::seconds rest = first_look;
  for (;;) {
    {
      std::unique_lock lock{mutex_};
      if (wake_.wait_for(lock, rest, [this] { return ending_; })) return;
    }
    rest = rest_between;
    if (!stands()) continue;
    LocalRequest request;
    request.arguments["command"] = "emergency look";
    CardListener nobody;
    forgetting([&] { (void)service_.handle(request, nobody); });
  }
}

}  // namespace coffret::daemon
