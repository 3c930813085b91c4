// SPDX-License-Identifier: EUPL-1.2
//
// `sync`: once; again and again as things change (--watch); and its pause.
//
// A watch holds the vault quietly: it does not count as use, so that an unattended vault locks on
// time, which ends the watch. While nothing changes it costs one waiting request. A server that was
// put back to a backup ends it too: its owner has to know, and to say `--heal`.
#include <chrono>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include "coffret/time.hpp"
#include "sync/client/log.hpp"
#include "vault/daemon/cards.hpp"
#include "vault/daemon/commands.hpp"
#include "vault/daemon/freshness.hpp"
#include "vault/daemon/grant_life.hpp"
#include "vault/daemon/healing.hpp"
#include "vault/daemon/last_sync.hpp"
#include "vault/daemon/syncer.hpp"
#include "vault/daemon/without_body.hpp"

namespace coffret::daemon {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t wait_seconds = 25;  // of one waiting request; below the client's patience
constexpr auto long_enough = 20s;           // of those: the server let the time go by
constexpr auto first_pause = 1s;            // after a failure of the line; doubled up to …
constexpr auto longest_pause = 60s;
constexpr auto look_up = 100ms;  // between two looks whether to end a pause

struct Synced {
  Object told;
  protocol::Head server;
  std::uint64_t version = 1;
  bool moved = false;  // anything but the question
};

Result<Session::Hold> hold_for(Call& call) {
  auto& session = call.service.session();
  return call.quiet ? session.hold_quietly() : session.hold();
}

// Nothing to heal is what a second run finds: then this is a sync like any other.
Result<std::optional<HealCount>> heal_where_asked(Call& call, Session::Hold& hold,
                                                  client::Server& server) {
  if (!call.flag("heal")) return std::optional<HealCount>{};
  auto done = heal(call, hold, server);
  if (done.has_error() && done.error() == errc::not_found) return std::optional<HealCount>{};
  if (done.has_error()) return done.error();
  return std::optional<HealCount>{std::move(*done)};
}

Result<Synced> sync_now(Call& call) {
  const std::lock_guard one_at_a_time{call.service.syncing()};
  if (call.service.sync_state().paused()) return errc::sync_paused;
  const SyncState::Running running{call.service.sync_state()};
  COFFRET_TRY(auto hold, hold_for(call));
  COFFRET_TRY(auto server, pinned_server(call, Unsettled::allow));
  COFFRET_TRY(auto healed, finish_giving(call, hold, server));
  if (!healed) {
    COFFRET_TRY(healed, heal_where_asked(call, hold, server));
  }
  const auto run = Syncer(call, hold, server).run();
  if (run.has_error()) return explained(call, server, to_errc(run.error()));
  const auto& count = *run;
  // The vault is in step all the same; its owner has to know, because every grant is closed.
  COFFRET_CHECK(tell_restored(call, server));
  keep_last_sync(call.service, call.service.environment().clock.now());
  keep_freshness(call.service, server.last_server_time());
  COFFRET_TRY(const auto ends, call.with([](store::Vault& vault) -> Result<store::LogEnds> {
    return vault.ends();
  }));
  const auto& counters = count.counters;
  Synced synced{.told = {{"pushed", count.pushed},
                         {"pulled", count.pulled},
                         {"bytes_up", counters.bytes_up},
                         {"bytes_down", counters.bytes_down},
                         {"requests", counters.requests},
                         {"head", {{"seq", ends.head.seq}, {"hash", ends.head.hash.text()}}}},
                .server = ends.server,
                .version = server.version(),
                .moved = count.pushed + count.pulled > 0};
  COFFRET_CHECK(call.with([&](store::Vault& vault) { return tell_missing(vault, synced.told); }));
  COFFRET_TRY(auto cards, call.with([&](store::Vault& vault) -> Result<boost::json::array> {
    return card_news(vault, to_unix(call.service.environment().clock.now()));
  }));
  if (!cards.empty()) synced.told["emergency"] = std::move(cards);
  tell_evolved({count.grants_updated, count.grants_waiting}, synced.told);
  if (healed) synced.told["healed"] = told_healed(*healed);
  return synced;
}

// What it came to is remembered for `status`, which says why the last one stopped.
Result<Synced> sync_once(Call& call) {
  auto synced = sync_now(call);
  call.service.sync_state().ended(synced.has_error() ? to_errc(synced.error()) : errc::ok,
                                  call.service.environment().clock.now());
  return synced;
}

// One watch of a vault at a time: two would take turns at ending each other's waiting request. One
// whose caller has just gone is given the time to notice.
class OnlyWatch {
 public:
  explicit OnlyWatch(std::string vault) : vault_(std::move(vault)) {
    for (unsigned look = 0; !take() && look < looks; ++look) std::this_thread::sleep_for(look_up);
  }
  ~OnlyWatch() {
    const std::lock_guard guard{mutex()};
    if (first_) watched().erase(vault_);
  }
  OnlyWatch(const OnlyWatch&) = delete;
  OnlyWatch& operator=(const OnlyWatch&) = delete;
  bool first() const noexcept { return first_; }

 private:
  static constexpr unsigned looks = 20;

  bool take() {
    const std::lock_guard guard{mutex()};
    return first_ = watched().insert(vault_).second;
  }
  static std::mutex& mutex() {
    static std::mutex guard;
    return guard;
  }
  static std::set<std::string>& watched() {  // directories, of this process
    static std::set<std::string> all;
    return all;
  }

  const std::string vault_;
  bool first_ = false;
};

class Watch {
 public:
  explicit Watch(Call& call) : call_(call) {}

  Result<Object> run() {
    auto pause = std::chrono::duration_cast<std::chrono::milliseconds>(first_pause);
    for (bool first = true;; first = false) {
      auto synced = sync_once(call_);
      if (synced.has_error()) {
        if (!is_of_the_line(to_errc(synced.error()))) return synced.error();
        if (!tell_failure(to_errc(synced.error())) || !sleep(pause)) break;
        pause = std::min<std::chrono::milliseconds>(2 * pause, longest_pause);
        continue;
      }
      pause = first_pause;
      if ((first || synced->moved) && call_.answer.row(synced->told).has_error()) break;
      COFFRET_TRY(const bool go_on, wait(*synced));
      if (!go_on) break;
    }
    return Object{{"watching", false}};
  }

 private:
  // What may be over in a moment; anything else is for the person to hear, and ends the watch.
  static bool is_of_the_line(errc error) noexcept {
    return row(error).exit_status == row(errc::server_unreachable).exit_status &&
           error != errc::stopping;
  }

  bool tell_failure(errc error) {
    const auto code = row(error).code;
    return call_.answer.row(Object{{"stopped", boost::json::string_view{code.data(), code.size()}}})
        .has_value();
  }

  bool over() const { return call_.service.stop_asked() || call_.answer.gone(); }

  bool pending() const {
    const auto ends =
        call_.with([](store::Vault& vault) -> Result<store::LogEnds> { return vault.ends(); });
    return ends.has_value() && ends->pending() > 0;
  }

  bool sleep(std::chrono::milliseconds time) const {
    const auto until = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < until) {
      if (over() || call_.service.session().locked()) return false;
      std::this_thread::sleep_for(look_up);
    }
    return true;
  }

  enum class Woken : std::uint8_t { by_news, by_time, too_early };

  // One waiting request. Too early: it failed, or was answered before its time with nothing new.
  Result<Woken> ask(const Synced& last) const {
    COFFRET_TRY(const auto hold, call_.service.session().hold_quietly());
    COFFRET_TRY(auto server, pinned_server(call_, Unsettled::allow));
    COFFRET_TRY(const auto* signer, device_signer(call_));
    COFFRET_TRY(const auto vault,
                call_.with([](store::Vault& v) -> Result<VaultId> { return v.id(); }));
    const auto wanted_here = [&] { return call_.service.sync_state().paused() || pending(); };
    server.give_up_when([&] { return hold.asked_to_stop() || over() || wanted_here(); });
    const auto begun = std::chrono::steady_clock::now();
    const auto head = client::wait(server, *signer, vault, last.server.seq, wait_seconds);
    if (hold.asked_to_stop()) return errc::locked;
    if (wanted_here() || (head.has_value() && head->seq > last.server.seq)) return Woken::by_news;
    const auto time = std::chrono::steady_clock::now() - begun;
    return head.has_value() && time >= long_enough ? Woken::by_time : Woken::too_early;
  }

  // Until the server's log is longer than it was, or this device has something to send.
  // False: the watch is over.
  Result<bool> wait(const Synced& last) {
    if (last.version < 2) {  // a server that cannot be waited for is asked every other second
      if (over()) return false;
      return sleep(2s) || !over();
    }
    while (!over()) {
      COFFRET_TRY(const auto woken, ask(last));
      if (over()) return false;
      if (woken != Woken::too_early) early_ = first_pause;
      if (woken == Woken::by_news) return true;
      if (woken == Woken::by_time) continue;
      // Another watch of this device, or a server with no room: never at the speed of the line.
      const auto pause = early_;
      early_ = std::min<std::chrono::milliseconds>(2 * early_, longest_pause);
      return sleep(pause) || !over();
    }
    return false;
  }

  std::chrono::milliseconds early_ = first_pause;  // after the next answer that came too early
  Call& call_;
};

}  // namespace

Result<Object> sync(Call& call) {
  if (call.flag("pause")) {
    COFFRET_CHECK(call.service.sync_state().pause());
    return Object{{"paused", true}};
  }
  if (call.flag("resume")) COFFRET_CHECK(call.service.sync_state().resume());
  if (call.flag("watch")) {
    const OnlyWatch only{call.service.config().directory};
    if (!only.first()) {
      call.detail = call.language == Language::french
                        ? "« coffret sync --watch » tourne déjà pour ce coffre."
                        : "\"coffret sync --watch\" already runs for this vault.";
      return errc::in_use;
    }
    call.quiet = true;
    return Watch{call}.run();
  }
  COFFRET_TRY(auto synced, sync_once(call));
  return std::move(synced.told);
}

}  // namespace coffret::daemon
