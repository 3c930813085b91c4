// SPDX-License-Identifier: EUPL-1.2
//
// proxy.hpp: from a request to what is answered: the rule that meets it, the honest server behind,
// what is remembered of both, and the deed.
//
// Threads: `answer` from any thread, each with a Lane of its own; `obey` from any.
// Errors of start: malformed (an upstream's address).
#ifndef COFFRET_TOOLS_EVIL_PROXY_HPP
#define COFFRET_TOOLS_EVIL_PROXY_HPP

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "tools/evil/deed.hpp"

namespace coffret::evil {

inline constexpr std::string_view first_upstream = "main";

struct ProxyConfig {
  std::map<std::string, std::string> upstreams;  // name → "http://127.0.0.1:port"
  const Signer& identity;
  Fingerprint fingerprint;
  const Clock& clock;
  std::function<void(const std::string&)> journal;  // one JSON object a call
};

// The connections of one client's connection to the honest servers.
using Lane = std::map<std::string, std::unique_ptr<http::Transport>>;

class Proxy {
 public:
  explicit Proxy(ProxyConfig config);

  // From now on. Returns how often each of the rules before was carried out.
  std::vector<std::uint64_t> obey(Script script);
  Outgoing answer(http::Request request, Lane& lane);

 private:
  struct Told {  // a rule, and how far it is
    Rule rule;
    std::uint64_t met = 0;   // requests
    std::uint64_t done = 0;  // deeds
  };
  // The place of the rule that decides, or none.
  std::optional<std::size_t> decide(const http::Request& request, std::uint64_t client, Rule& rule);
  void count(std::size_t rule, const Rule& carried_out);
  Outgoing carry_out(const Scene& scene, const Rule* rule, Lane& lane, Result<void>& done);
  http::Response forward(const http::Request& request, const std::string& to, Lane& lane);
  void learn(const Scene& scene, const http::Response& response);
  void tell(const Scene& scene, const Outgoing& out, const Rule* rule, const Result<void>& done);

  ProxyConfig config_;
  Memory memory_;
  std::mutex mutex_;  // guards the rules
  std::vector<Told> rules_;
};

}  // namespace coffret::evil

#endif  // COFFRET_TOOLS_EVIL_PROXY_HPP
