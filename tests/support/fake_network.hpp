// SPDX-License-Identifier: EUPL-1.2
//
// fake_network.hpp: a network in memory: requests are kept, answers come from the test's function.
//
// Threads: none. Ownership: the transports borrow the FakeNetwork.
#ifndef COFFRET_TESTS_SUPPORT_FAKE_NETWORK_HPP
#define COFFRET_TESTS_SUPPORT_FAKE_NETWORK_HPP

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sync/client/server.hpp"
#include "sync/http/client.hpp"

namespace coffret::test {

struct FixedClock final : Clock {
  Timestamp time = from_unix(1'800'000'000);
  Timestamp now() const override { return time; }
};

// Counts up: every value it makes is another one, and the same in every run.
struct SteppingRandom final : Random {
  std::uint64_t next = 1;
  void fill(MutableByteView into) override {
    for (auto& byte : into) byte = static_cast<std::uint8_t>(next++ * 37 >> 3);
  }
};

class FakeNetwork {
 public:
  using Answer = std::function<Result<http::Response>(const http::Request&)>;

  Answer answer;
  Sha256 spki{};                         // of the server's TLS key
  std::vector<http::Request> requests;   // that were sent
  std::vector<http::ClientConfig> made;  // transports asked for

  client::Connect connect() {
    return [this](const http::ClientConfig& config) -> Result<std::unique_ptr<http::Transport>> {
      made.push_back(config);
      return std::unique_ptr<http::Transport>{std::make_unique<FakeTransport>(*this, config)};
    };
  }

 private:
  class FakeTransport final : public http::Transport {
   public:
    FakeTransport(FakeNetwork& network, http::ClientConfig config)
        : network_(network), config_(std::move(config)) {}
    Result<http::Response> exchange(const http::Request& request) override {
      const auto& pins = config_.spki;
      if (!config_.first_contact &&
          std::find(pins.begin(), pins.end(), network_.spki) == pins.end())
        return errc::unpinned;
      network_.requests.push_back(request);
      return network_.answer(request);
    }
    Sha256 peer_spki() const override { return network_.spki; }

   private:
    FakeNetwork& network_;
    http::ClientConfig config_;
  };
};

inline http::Response response(unsigned status, Bytes body = {}) {
  http::Response made;
  made.status = status;
  made.body = std::move(body);
  return made;
}
inline http::Response response(unsigned status, const std::string& body) {
  return response(status, to_bytes(as_bytes(body)));
}

}  // namespace coffret::test

#endif  // COFFRET_TESTS_SUPPORT_FAKE_NETWORK_HPP
