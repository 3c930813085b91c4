// SPDX-License-Identifier: EUPL-1.2
//
// service.hpp: the local API: one vault and its commands.
//
// A command is a JSON object {"command": name, "lang": "fr"|"en", …} with secrets beside it
// (frame.hpp) and ends in a result object or an error. Names and fields follow cli.md.
// Threads: handle() may be called from several threads; the vault is touched by one at a time.
// Ownership: the environment's members outlive the Service.
#ifndef COFFRET_VAULT_DAEMON_SERVICE_HPP
#define COFFRET_VAULT_DAEMON_SERVICE_HPP

#include <atomic>
#include <boost/json/object.hpp>
#include <mutex>
#include <string>
#include <string_view>

#include "coffret/error.hpp"
#include "sync/client/log.hpp"
#include "sync/client/server.hpp"
#include "vault/daemon/answer.hpp"
#include "vault/daemon/frame.hpp"
#include "vault/daemon/pairing_desk.hpp"
#include "vault/daemon/session.hpp"
#include "vault/daemon/sync_state.hpp"
#include "vault/daemon/watcher.hpp"

namespace coffret::daemon {

struct ServiceConfig {
  std::string directory;       // of the vault
  std::string reader_program;  // coffret-reader
  std::string device_name;
  crypto::CostPolicy cost = crypto::release_cost;
  client::Connect connect = http::make_client;
};

// The result of a command, or its failure with what it concerns (a file, a country; never a
// document's words).
struct Outcome {
  boost::json::object result;
  errc error = errc::ok;
  std::string detail;
};

// How far the reading of images is (ocr.hpp).
struct OcrProgress {
  std::atomic<bool> available{false};
  std::atomic<std::uint64_t> waiting{0};
  std::atomic<std::uint64_t> done{0};  // since the daemon was started
};

struct Call;

class Service {
 public:
  Service(ServiceConfig config, store::Environment environment);

  Outcome handle(LocalRequest& request, Answer& answer);
  // What a command's result is to whoever asked; a refusal leaves its line in the audit log.
  Outcome outcome(Call& call, std::string_view command, Result<boost::json::object> result);

  bool stop_asked() const noexcept { return stop_; }

  // For the command rooms.
  const ServiceConfig& config() const noexcept { return config_; }
  store::Environment& environment() noexcept { return environment_; }
  client::Environment network() const {
    // Nothing that a vault asks for is larger than a page of its log; see client::download.
    return {environment_.clock, environment_.random, config_.connect, client::max_page};
  }
  Session& session() noexcept { return session_; }
  Watcher& watcher() noexcept { return watcher_; }
  OcrProgress& ocr() noexcept { return ocr_; }
  SyncState& sync_state() noexcept { return sync_state_; }
  PairingDesk& pairing() noexcept { return pairing_; }
  std::mutex& syncing() noexcept { return syncing_; }  // one sync at a time
  std::mutex& reading() noexcept { return reading_; }  // of unread documents, a few at a time
  std::mutex& opening() noexcept { return opening_; }  // one init, unlock or rebuild at a time
  void ask_stop() noexcept { stop_ = true; }

 private:
  ServiceConfig config_;
  store::Environment environment_;
  SyncState sync_state_;
  Session session_;
  Watcher watcher_{*this};
  OcrProgress ocr_;
  PairingDesk pairing_;
  std::mutex syncing_;
  std::mutex reading_;
  std::mutex opening_;
  std::atomic<bool> stop_{false};
};

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_SERVICE_HPP
