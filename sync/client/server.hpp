// SPDX-License-Identifier: EUPL-1.2
//
// server.hpp: one pinned server, seen from a device: its card, its TLS key, its clock, and the
// exchange of one request with it (PROTOCOL.md §1, §2).
//
// What is pinned is the association's identity key (its fingerprint). The first exchange fetches
// the signed card over a connection whose key is not judged yet, then judges: the card's key has
// the pinned fingerprint, the signature holds, the serial is not lower than one seen, and the TLS
// key just met is named. All else travels over connections whose key was judged before the request
// left. A TLS key that is not known is accepted only when a newer card names it.
//
// Units: bytes; UTC seconds. Threads: none; one Server belongs to one thread.
// Ownership: the Environment's clock and random outlive the Server; Signers live for a call.
// Errors: server_unreachable, timed_out; stopping (given up); unpinned (another identity, or a TLS
// key that no card names); key_changed (an older card); unauthenticated; malformed, too_large; and
// what the server answers (protocol/status.hpp).
#ifndef COFFRET_SYNC_CLIENT_SERVER_HPP
#define COFFRET_SYNC_CLIENT_SERVER_HPP

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "coffret/error.hpp"
#include "coffret/ids.hpp"
#include "coffret/random.hpp"
#include "coffret/signer.hpp"
#include "coffret/time.hpp"
#include "sync/http/client.hpp"
#include "sync/http/message.hpp"
#include "sync/protocol/card.hpp"

namespace coffret::client {

using Connect =
    std::function<Result<std::unique_ptr<http::Transport>>(const http::ClientConfig& config)>;

struct Environment {
  const Clock& clock;
  Random& random;
  Connect connect = http::make_client;
  std::size_t answer = http::ClientLimits{}.body;  // bytes of one answer, the card's apart
  // Asked again and again while an exchange waits for the other side: true ends it (stopping).
  std::function<bool()> give_up{};
};

// What a vault remembers of its server. Public, but to be kept where it cannot be altered.
struct ServerIdentity {
  std::string url;           // "https://host[:port]", no trailing slash
  Fingerprint fingerprint;   // pinned
  SigningPublicKey key;      // of that fingerprint; zero until the card was read
  std::uint64_t serial = 0;  // of the newest card seen
  std::vector<Sha256> spki;  // that card's

  template <class A>
  void serialize(A& a) {
    a(url, fingerprint, key, serial, spki);
  }
  bool operator==(const ServerIdentity&) const = default;
};

// Whether a card of `serial` naming `spki` may come after what is known: an older card may name a
// key that was replaced because it leaked; and one serial is one card.
bool may_follow(const ServerIdentity& known, std::uint64_t serial, const std::vector<Sha256>& spki);

struct Counters {
  std::uint64_t requests = 0;
  std::uint64_t bytes_up = 0;    // bodies of requests
  std::uint64_t bytes_down = 0;  // bodies of answers
};

class Server {
 public:
  Server(Environment environment, ServerIdentity known);

  // Fetches and judges the card; identity() then holds what it says, to be kept by the caller.
  Result<protocol::OperatorCard> contact();
  // The card as last fetched by this object, in its signed form; empty before.
  const std::string& signed_card() const noexcept { return card_; }

  // Sends one request, signed when a signer is given, and returns the answer whatever its status.
  // A signed request is harmless to repeat (the server refuses a nonce it knows), so that a
  // connection lost under it is made again once, with a new signature.
  Result<http::Response> exchange(http::Request request, const Signer* signer);
  // The same; an answer that is not 2xx is its error.
  Result<http::Response> ask(http::Request request, const Signer* signer);

  const ServerIdentity& identity() const noexcept { return known_; }
  const Counters& counters() const noexcept { return counters_; }
  // The newest version of the protocol that the server speaks, as its answers tell; 1 before the
  // first.
  std::uint64_t version() const noexcept { return version_; }
  void assume_version(std::uint64_t version) noexcept { version_ = version; }
  // The newest Coffret-Time of an answer, and how far the server's clock is ahead of ours.
  std::optional<Timestamp> last_server_time() const noexcept { return server_time_; }
  // Of the restoration that the server says this vault went through; 0: none told. Only its signed
  // note (epochs.hpp) makes it true.
  std::uint64_t told_epoch() const noexcept { return told_epoch_; }
  Seconds clock_offset() const noexcept { return offset_; }
  void assume_clock_offset(Seconds offset) noexcept { offset_ = offset; }
  Timestamp server_now() const { return environment_.clock.now() + offset_; }
  const Environment& environment() const noexcept { return environment_; }
  // For what is asked from now on; the connection is made anew.
  void give_up_when(std::function<bool()> give_up);

 private:
  Result<http::Response> exchange_once(http::Request& request, const Signer* signer);
  Result<http::Response> send(http::Request& request, const Signer* signer);
  Result<void> connect();
  void sign(http::Request& request, const Signer& signer);
  void note_answer(const http::Response& response);

  Environment environment_;
  ServerIdentity known_;
  std::unique_ptr<http::Transport> transport_;
  bool transport_used_ = false;
  std::string card_;
  Counters counters_;
  std::uint64_t version_ = 1;
  std::optional<Timestamp> server_time_;
  Seconds offset_{0};
  std::uint64_t told_epoch_ = 0;
};

// The card that a server shows to whoever asks, with a signature that holds under its own key, and
// a TLS key it names. Judged by nobody yet: the caller compares the identity with what it knows (a
// typed fingerprint, the half in a link). Errors: as above.
struct ShownCard {
  protocol::VerifiedCard card;
  Fingerprint fingerprint;
};
Result<ShownCard> shown_card(const Environment& environment, const std::string& url);

}  // namespace coffret::client

#endif  // COFFRET_SYNC_CLIENT_SERVER_HPP
