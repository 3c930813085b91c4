// SPDX-License-Identifier: EUPL-1.2
#include "tools/evil/proxy.hpp"

#include <boost/json/serialize.hpp>
#include <thread>

#include "sync/http/client.hpp"
#include "sync/protocol/access_log.hpp"
#include "sync/protocol/header_values.hpp"
#include "sync/protocol/paths.hpp"
#include "sync/protocol/status.hpp"

namespace coffret::evil {
namespace {

constexpr std::chrono::minutes longest_delay{10};

// The signing key that the request names; whose it is was never this server's to doubt.
std::string_view key_of(const http::Request& request) {
  const auto* input = request.fields.find("Signature-Input");
  if (input == nullptr) return {};
  constexpr std::string_view name = "keyid=\"";
  const auto at = input->find(name);
  if (at == std::string::npos) return {};
  const auto begin = at + name.size();
  return std::string_view{*input}.substr(begin, input->find('"', begin) - begin);
}

std::string vault_of(std::string_view path) {
  constexpr std::string_view prefix = "/v1/vaults/";
  if (!path.starts_with(prefix)) return {};
  path.remove_prefix(prefix.size());
  return std::string{path.substr(0, path.find('/'))};
}

http::Response unreachable() {
  http::Response response;
  response.status = 502;
  response.body = to_bytes(as_bytes(protocol::error_body(errc::server_error)));
  return response;
}

// What belongs to one connection and not to the next.
http::Request forwarded(const http::Request& request) {
  http::Request copy = request;
  std::erase_if(copy.fields.list, [](const http::Field& field) {
    return field.name == "Host" || field.name == "Expect" || field.name == "Connection";
  });
  return copy;
}

}  // namespace

Proxy::Proxy(ProxyConfig config) : config_(std::move(config)) {}

std::vector<std::uint64_t> Proxy::obey(Script script) {
  std::vector<Told> told;
  for (auto& rule : script.rules) told.push_back({std::move(rule), 0, 0});
  const std::lock_guard lock{mutex_};
  std::vector<std::uint64_t> done;
  for (const auto& before : rules_) done.push_back(before.done);
  rules_ = std::move(told);
  return done;
}

std::optional<std::size_t> Proxy::decide(const http::Request& request, std::uint64_t client,
                                         Rule& rule) {
  const std::lock_guard lock{mutex_};
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    auto& told = rules_[i];
    if (!told.rule.meets(request.method, request.path(), client)) continue;
    const auto turn = ++told.met;
    const auto& r = told.rule;
    if (turn < r.from || (r.times != 0 && turn - r.from >= r.times)) continue;
    rule = r;
    return i;
  }
  return {};
}

void Proxy::count(std::size_t rule, const Rule& carried_out) {
  const std::lock_guard lock{mutex_};
  // Other rules may have come meanwhile.
  if (rule < rules_.size() && rules_[rule].rule.deed == carried_out.deed) ++rules_[rule].done;
}

http::Response Proxy::forward(const http::Request& request, const std::string& to, Lane& lane) {
  const auto upstream = config_.upstreams.find(to);
  if (upstream == config_.upstreams.end()) return unreachable();
  auto& transport = lane[to];
  if (!transport) {
    http::ClientConfig config;
    config.url = upstream->second;
    auto made = http::make_client(std::move(config));
    if (made.has_error()) return unreachable();
    transport = std::move(*made);
  }
  auto answered = transport->exchange(forwarded(request));
  if (answered.has_error()) {
    transport.reset();
    return unreachable();
  }
  return std::move(*answered);
}

void Proxy::learn(const Scene& scene, const http::Response& response) {
  const auto target = protocol::parse_target(scene.request.method, scene.request.target);
  if (target.has_error() || response.status > 299) return;
  switch (target->endpoint) {
    case protocol::Endpoint::read_log:
      memory_.note_after(scene.client, target->after);
      if (const auto page = protocol::decode_entry_page(response.body); page.has_value())
        memory_.note(scene.vault, page->entries);
      break;
    case protocol::Endpoint::append_log:
      if (const auto asked = protocol::decode_append(scene.request.body); asked.has_value())
        memory_.note(scene.vault, asked->entries);
      break;
    case protocol::Endpoint::fetch_object:
    case protocol::Endpoint::link_file:
      memory_.note_object(scene.request.path(), response.body);
      break;
    case protocol::Endpoint::upload_object:
      memory_.note_object(scene.request.path(), scene.request.body);
      break;
    case protocol::Endpoint::access_log:
      if (const auto page = protocol::decode_access_page(response.body); page.has_value())
        memory_.note_lines(scene.vault, target->after, page->lines);
      break;
    default:
      break;
  }
}

Outgoing Proxy::carry_out(const Scene& scene, const Rule* rule, Lane& lane, Result<void>& done) {
  if (rule != nullptr && is_own_answer(rule->deed)) {
    auto own = own_answer(scene, *rule);
    if (own.has_value()) return std::move(*own);
    done = own.error();
    rule = nullptr;
  }
  if (rule != nullptr && rule->deed == Deed::delay)
    std::this_thread::sleep_for(std::min<std::chrono::milliseconds>(
        longest_delay, std::chrono::milliseconds{rule->number("milliseconds")}));
  const bool elsewhere = rule != nullptr && rule->deed == Deed::route;
  Outgoing out;
  out.response =
      forward(scene.request, elsewhere ? rule->text("to") : std::string{first_upstream}, lane);
  learn(scene, out.response);
  if (rule == nullptr) return out;
  Outgoing spoilt = out;
  done = spoil(scene, *rule, spoilt);
  return done.has_value() ? spoilt : out;
}

Outgoing Proxy::answer(http::Request request, Lane& lane) {
  const std::uint64_t client = memory_.client(key_of(request));
  Rule rule;
  const auto decided = decide(request, client, rule);
  const Scene scene{request,
                    vault_of(request.path()),
                    client,
                    memory_,
                    config_.identity,
                    config_.fingerprint,
                    config_.clock.now()};
  Result<void> done;
  auto out = carry_out(scene, decided ? &rule : nullptr, lane, done);
  if (decided && done.has_value()) count(*decided, rule);
  if (out.response.fields.find("Coffret-Time") == nullptr)
    out.response.fields.set("Coffret-Time", std::to_string(to_unix(scene.now)));
  tell(scene, out, decided ? &rule : nullptr, done);
  return out;
}

void Proxy::tell(const Scene& scene, const Outgoing& out, const Rule* rule,
                 const Result<void>& done) {
  if (!config_.journal) return;
  boost::json::object line{{"request", scene.request.method + " " + scene.request.target},
                           {"client", scene.client},
                           {"status", out.response.status},
                           {"bytes_up", scene.request.body.size()},
                           {"digest", protocol::object_id(scene.request.body).text()},
                           {"bytes_down", out.response.body.size()}};
  if (rule != nullptr) {
    const auto name = name_of(rule->deed);
    line["do"] = boost::json::string_view{name.data(), name.size()};
  }
  if (done.has_error()) {
    const auto code = row(to_errc(done.error())).code;
    line["not_done"] = boost::json::string_view{code.data(), code.size()};
  }
  config_.journal(boost::json::serialize(line));
}

}  // namespace coffret::evil
