// SPDX-License-Identifier: EUPL-1.2
#include "sync/server/running.hpp"

#include <atomic>
#include <charconv>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "sync/protocol/url.hpp"
#include "sync/server/admin.hpp"

namespace coffret::server {
namespace {

constexpr std::chrono::seconds sweep_every{30};

bool is_loopback(const std::string& address) {
  return address == "::1" || address.starts_with("127.");
}

class Server final : public Running {
 public:
  Server(RunningConfig config, const Machine& machine, ServeLock lock, Storage storage)
      : config_(std::move(config)),
        machine_(machine),
        lock_(std::move(lock)),
        storage_(std::move(storage)),
        journal_(machine.clock, config_.journal) {}

  ~Server() override { stop(std::chrono::seconds{0}); }

  Result<void> open() {
    const bool clear = !config_.proxies.empty();
    if (!is_loopback(config_.admin.address) || (clear && !is_loopback(config_.listen.address)))
      return errc::unsafe_location;
    if (!clear) tls_ = config_.tls ? *config_.tls : own_tls_files(config_.directory);
    COFFRET_TRY(std::string card, current_card());
    COFFRET_CHECK(listen());
    url_ = config_.public_url;
    if (url_.empty())
      url_ = protocol::format_server_url(
          {tls_.has_value(), config_.listen.address, listener_->port()});
    const Ports ports{*storage_.records, *storage_.halves, *storage_.objects,
                      machine_.clock,    machine_.random,  *storage_.identity};
    service_ = std::make_unique<Service>(
        ports, ServiceConfig{url_, std::move(card), viewer_files(), viewer_headers()});
    COFFRET_CHECK(service_->destroy_orphans());
    front_ =
        std::make_unique<Front>(*service_, figures_, journal_, config_.limits, config_.proxies);
    open_for_business_ = true;
    sweeper_ = std::thread{[this] { sweep(); }};
    journal_.event("started");
    return {};
  }

  const std::string& url() const override { return url_; }
  std::string admin_url() const override {
    return "http://" + format_endpoint({config_.admin.address, admin_->port()});
  }
  std::string fingerprint() const override {
    return to_base64url(storage_.identity->fingerprint().bytes);
  }
  std::string certificate() const override { return tls_ ? tls_->certificate : std::string{}; }

  Result<void> reload() override {
    if (!tls_) return {};
    // The card that names the new key is ready before the first connection sees the key.
    COFFRET_TRY(std::string card, current_card());
    COFFRET_CHECK(listener_->reload_certificate());
    service_->set_card(std::move(card));
    journal_.event("reloaded");
    return {};
  }

  void stop(std::chrono::seconds grace) override {
    if (!open_for_business_.exchange(false)) return;
    front_->end_waits();
    listener_->stop(grace);
    admin_->stop(std::chrono::seconds{1});  // it looks at the counter
    front_.reset();
    {
      const std::lock_guard lock{mutex_};
      stopping_ = true;
    }
    wake_.notify_all();
    sweeper_.join();
    journal_.event("stopped");
  }

 private:
  Result<std::string> current_card() const {
    if (!tls_) return read_card(config_.directory, machine_.disk);
    return card_for(config_.directory, *storage_.identity, *tls_, machine_);
  }

  // Both listeners are up before the address is told; until the counter is open they answer 503.
  Result<void> listen() {
    http::ListenerConfig members;
    members.address = config_.listen.address;
    members.port = config_.listen.port;
    members.tls = tls_;
    members.limits.connections = config_.connections;
    // Behind a proxy every peer is the proxy; who is behind it, the counter limits.
    members.limits.connections_per_address =
        config_.proxies.empty() ? config_.connections_per_address : config_.connections;
    if (!config_.proxies.empty()) members.limits.bodies_per_address = members.limits.bodies;
    COFFRET_TRY(listener_,
                http::Listener::start(members, [this](http::Request q, http::Respond respond) {
                  if (!open_for_business_) return respond(stopping_answer());
                  front_->handle(std::move(q), std::move(respond));
                }));
    http::ListenerConfig operators;
    operators.address = config_.admin.address;
    operators.port = config_.admin.port;
    operators.limits.body = 0;
    operators.limits.connections = 16;
    operators.threads = 1;
    COFFRET_TRY(
        admin_, http::Listener::start(operators, [this](const http::Request& q,
                                                        const http::Respond& respond) {
          const bool open = open_for_business_;
          respond(admin_answer(q, storage_, figures_, open, open ? front_->in_flight() : 0));
        }));
    return {};
  }

  void sweep() {
    std::unique_lock lock{mutex_};
    while (!stopping_) {
      lock.unlock();
      if (const auto swept = service_->sweep(); swept.has_error())
        journal_.failure("sweep_failed", to_errc(swept.error()));
      lock.lock();
      wake_.wait_for(lock, sweep_every, [&] { return stopping_; });
    }
  }

  const RunningConfig config_;
  const Machine machine_;
  ServeLock lock_;
  Storage storage_;
  Journal journal_;
  Figures figures_;
  std::optional<http::TlsFiles> tls_;
  std::string url_;
  std::unique_ptr<Service> service_;
  std::unique_ptr<http::Listener> listener_;
  std::unique_ptr<http::Listener> admin_;
  std::unique_ptr<Front> front_;
  std::atomic<bool> open_for_business_ = false;
  std::mutex mutex_;  // guards stopping_
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread sweeper_;
};

}  // namespace

Result<Endpoint> parse_endpoint(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return errc::malformed;
  std::string_view address = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  if (address.starts_with('[') && address.ends_with(']'))
    address = address.substr(1, address.size() - 2);
  else if (address.find(':') != std::string_view::npos)
    return errc::malformed;
  Endpoint endpoint{std::string{address}, 0};
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), endpoint.port);
  if (address.empty() || read.ec != std::errc{} || read.ptr != digits.data() + digits.size())
    return errc::malformed;
  return endpoint;
}

std::string format_endpoint(const Endpoint& endpoint) {
  const bool six = endpoint.address.find(':') != std::string::npos;
  return (six ? "[" + endpoint.address + "]" : endpoint.address) + ":" +
         std::to_string(endpoint.port);
}

Result<std::unique_ptr<Running>> Running::start(RunningConfig config, const Machine& machine) {
  COFFRET_CHECK(upgrade_storage(config.directory, machine));
  COFFRET_TRY(ServeLock lock, ServeLock::take(config.directory));
  COFFRET_TRY(Storage storage, open_storage(config.directory, machine));
  auto server =
      std::make_unique<Server>(std::move(config), machine, std::move(lock), std::move(storage));
  COFFRET_CHECK(server->open());
  return std::unique_ptr<Running>{std::move(server)};
}

}  // namespace coffret::server
