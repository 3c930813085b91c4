// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/history_reading.hpp"

#include <algorithm>
#include <utility>

#include "sync/client/log.hpp"
#include "vault/daemon/evidence.hpp"
#include "vault/daemon/forgetting.hpp"
#include "vault/daemon/healing.hpp"
#include "vault/daemon/syncer.hpp"
#include "vault/store/history.hpp"

namespace coffret::daemon {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t stored_at_a_time = 256;  // entries judged again in one touch of the vault
constexpr auto between_looks = std::chrono::milliseconds{2s};
constexpr auto first_rest = std::chrono::milliseconds{4s};  // after a failure; doubled up to …
constexpr auto longest_rest = std::chrono::milliseconds{60s};
constexpr auto alarm_rest = std::chrono::milliseconds{10min};  // the person has to do something

class NoListener final : public Answer {
 public:
  Result<void> row(const boost::json::object&) override { return {}; }
  Result<void> progress(const boost::json::object&) override { return {}; }
  Result<void> bytes(ByteView) override { return {}; }
  Result<void> secret(const SecretText&) override { return {}; }
};

class HistoryReading {
 public:
  HistoryReading(Call& call, const Session::Hold& hold) : call_(call), hold_(hold) {}

  Result<void> run() {
    COFFRET_TRY(const bool caught_up, catch_up());
    if (!caught_up) return {};
    COFFRET_TRY(auto server, pinned_server(call_, Unsettled::allow));
    server.give_up_when([this] { return wanted_elsewhere(); });
    const auto read = pages(server);
    // A request that was given up says only that it was given up.
    if (read.has_error() && wanted_elsewhere()) return {};
    return read;
  }

 private:
  bool wanted_elsewhere() const {
    auto& sync = call_.service.sync_state();
    return hold_.asked_to_stop() || call_.service.stop_asked() || sync.running() || sync.paused();
  }

  Result<std::optional<store::HistoryProgress>> progress() {
    return call_.with([](store::Vault& vault) -> Result<std::optional<store::HistoryProgress>> {
      return store::History{vault}.progress();
    });
  }

  // False: not all of it, something else is to be done first.
  Result<bool> catch_up() {
    while (!wanted_elsewhere()) {
      COFFRET_TRY(const bool done, call_.with([](store::Vault& vault) {
        return store::History{vault}.catch_up(stored_at_a_time);
      }));
      if (done) return true;
    }
    return false;
  }

  Result<void> pages(client::Server& server) {
    COFFRET_TRY(const auto* signer, device_signer(call_));
    COFFRET_TRY(const auto vault_id,
                call_.with([](store::Vault& vault) -> Result<VaultId> { return vault.id(); }));
    while (!wanted_elsewhere()) {
      COFFRET_TRY(const auto at, progress());
      if (!at) return {};
      COFFRET_TRY(const auto page, client::pull(server, *signer, vault_id, at->read));
      const auto taken =
          call_.with([&](store::Vault& vault) { return store::History{vault}.take(page); });
      if (taken.has_error()) return alarm(server, to_errc(taken.error()), page);
      (void)call_.answer.progress(Object{{"done", at->read}, {"total", at->of}});
    }
    return {};
  }

  errc alarm(client::Server& server, errc error, const protocol::EntryPage& page) {
    const auto ends =
        call_.with([](store::Vault& vault) -> Result<store::LogEnds> { return vault.ends(); });
    const auto known = ends.has_value() ? ends->server : protocol::Head{};
    return explained(call_, server, keep_evidence(call_, server, error, known, page));
  }

  Call& call_;
  const Session::Hold& hold_;
};

}  // namespace

Object told_history(store::Vault& vault) {
  const auto progress = store::History{vault}.progress();
  if (!progress) return Object{{"complete", true}};
  Object told{{"complete", false},
              {"read", progress->read},
              {"of", progress->of},
              {"contradicted", progress->contradicted}};
  if (!progress->contradicted) return told;
  const auto writer = vault.device(progress->writer);
  told["writer"] = writer ? writer->name : progress->writer.text();
  return told;
}

Result<Object> history_read(Call& call) {
  call.quiet = true;
  COFFRET_TRY(const auto hold, call.service.session().hold_quietly());
  COFFRET_CHECK(HistoryReading(call, hold).run());
  return call.with([](store::Vault& vault) -> Result<Object> { return told_history(vault); });
}

HistoryThread::HistoryThread(Service& service)
    : service_(service), after_failure_(first_rest), thread_([this] { run(); }) {}

HistoryThread::~HistoryThread() {
  {
    const std::lock_guard guard{mutex_};
    ending_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

// Whether something is left to be read, and nothing else wants the line.
bool HistoryThread::looks() {
  if (service_.sync_state().running() || service_.sync_state().paused()) return false;
  const auto left = service_.session().with_quietly([](store::Vault& vault) -> Result<bool> {
    return vault.server() && store::History{vault}.progress().has_value();
  });
  return left.has_value() && *left;
}

// One reading. Returns how long to rest.
std::chrono::milliseconds HistoryThread::read() {
  LocalRequest request;
  request.arguments["command"] = "history read";
  NoListener nobody;
  const auto outcome = service_.handle(request, nobody);
  if (outcome.error == errc::ok || outcome.error == errc::locked ||
      outcome.error == errc::stopping) {
    after_failure_ = first_rest;
    return between_looks;
  }
  if (row(outcome.error).exit_status == row(errc::fork_detected).exit_status) return alarm_rest;
  return std::exchange(after_failure_, std::min(2 * after_failure_, longest_rest));
}

void HistoryThread::run() {
  auto rest = between_looks;
  for (;;) {
    {
      std::unique_lock lock{mutex_};
      if (wake_.wait_for(lock, rest, [this] { return ending_; })) return;
    }
    rest = between_looks;
    if (looks()) forgetting([&] { rest = read(); });
  }
}

}  // namespace coffret::daemon
