// SPDX-License-Identifier: EUPL-1.2
//
// deed.hpp: what is done to one exchange: from a request, the honest answer and a rule to what is
// sent. Pure but for the Memory and the identity's signature.
//
// The rule's deed is done to the answer, or an error says why it could not be (the answer is not
// of the kind that the deed is for); then the honest answer goes out.
// Errors: not_found (nothing of that is there or was ever seen), malformed (not that kind of
// answer), and those of the decoders.
// Units: bytes, milliseconds. Ownership: a Scene borrows all it names.
#ifndef COFFRET_TOOLS_EVIL_DEED_HPP
#define COFFRET_TOOLS_EVIL_DEED_HPP

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "coffret/signer.hpp"
#include "coffret/time.hpp"
#include "sync/http/message.hpp"
#include "tools/evil/memory.hpp"
#include "tools/evil/script.hpp"

namespace coffret::evil {

// What goes out, which need not be HTTP, nor end.
struct Outgoing {
  http::Response response;
  bool hang_up = false;                   // nothing is sent, the connection is closed
  bool close = false;                     // after the answer
  std::optional<Bytes> raw;               // instead of an answer; then the connection is closed
  std::optional<std::uint64_t> declared;  // Content-Length, when it is not the body's
  std::uint64_t filler = 0;               // zeros behind the body
  std::size_t step = 0;                   // bytes sent at once; 0: all
  std::chrono::milliseconds pause{0};     // between two steps
};

struct Scene {
  const http::Request& request;
  std::string vault;         // as in the path; empty where it names none
  std::uint64_t client = 0;  // 0: unsigned
  Memory& memory;
  const Signer& identity;   // the association's
  Fingerprint fingerprint;  // of it
  Timestamp now;
};

// Needs no honest answer: nothing is forwarded.
bool is_own_answer(Deed deed) noexcept;
Result<Outgoing> own_answer(const Scene& scene, const Rule& rule);

// Changes the honest answer in `out`.
Result<void> spoil(const Scene& scene, const Rule& rule, Outgoing& out);

// The deeds by what they are done to; `spoil` chooses.
Result<void> spoil_bytes(const Scene& scene, const Rule& rule, Outgoing& out);
Result<void> spoil_log(const Scene& scene, const Rule& rule, Outgoing& out);
Result<void> spoil_access(const Scene& scene, const Rule& rule, Outgoing& out);
Result<void> spoil_card(const Scene& scene, const Rule& rule, Outgoing& out);

// Done as the honest server would have done it, in words only: nothing is kept.
Result<http::Response> pretended(const Scene& scene);

// The place that counts from the end when it is negative. Errors: not_found (outside).
Result<std::size_t> place_in(std::size_t size, std::int64_t at);

}  // namespace coffret::evil

#endif  // COFFRET_TOOLS_EVIL_DEED_HPP
