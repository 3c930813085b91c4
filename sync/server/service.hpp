// SPDX-License-Identifier: EUPL-1.2
//
// service.hpp: what the association's server answers: from a request to a response, over the
// storage ports. No sockets, no threads of its own.
//
// Units: UTC seconds, bytes. Ownership: borrows all its ports.
// Threads: answer() from any; it blocks on storage.
#ifndef COFFRET_SYNC_SERVER_SERVICE_HPP
#define COFFRET_SYNC_SERVER_SERVICE_HPP

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "coffret/random.hpp"
#include "coffret/time.hpp"
#include "sync/http/message.hpp"
#include "sync/server/exclusive.hpp"
#include "sync/server/halves.hpp"
#include "sync/server/identity.hpp"
#include "sync/server/objects.hpp"
#include "sync/server/pairings.hpp"
#include "sync/server/records.hpp"
#include "sync/server/viewer_files.hpp"
#include "sync/server/waiters.hpp"

namespace coffret::server {

struct Ports {
  Records& records;
  Halves& halves;
  Objects& objects;
  const Clock& clock;
  Random& random;
  const Identity& identity;
  std::int64_t restored_at = 0;  // UTC seconds; what was signed until then is refused
};

struct ServiceConfig {
  std::string public_url;  // "https://host[:port]", no trailing slash: stands in SHL locations
  std::string card;        // the operator's card, JWS compact
  std::span<const ViewerFile> viewer;
  std::span<const ViewerHeader> viewer_headers;
};

// An answer, and the name of the route that gave it: all that logs and figures may say of a path.
// Why it is a refusal is for the operator, who reads it in the log; outsiders read the response.
struct Answer {
  http::Response response;
  std::string_view route;
  errc error = errc::ok;
  std::optional<Wait> wait;  // the response is due when this has ended
  bool put_off = false;      // it is due when the same request was asked with Passcodes::judged
};

// What becomes of an SHL's passcode, which costs Argon2id: 64 MiB, a tenth of a second of a core.
// put_off: nothing is judged or counted, and the answer says put_off.
enum class Passcodes { judged, put_off };

class Service {
 public:
  Service(Ports ports, ServiceConfig config);

  // The caller bounds how many passcodes are judged at once.
  Answer answer(const http::Request& request, Passcodes passcodes = Passcodes::judged);
  // The same response with a newer head in it (wait_log's).
  http::Response head_answer(const protocol::Head& head) const;
  // Called after each append; set before the first request.
  std::function<void(const VaultId&, const protocol::Head&)> on_head;
  void tell_head(const VaultId& vault, const protocol::Head& head) {
    if (on_head) on_head(vault, head);
  }

  // Destroys what has ended, frees what nobody names, closes the access log's day.
  // The first failure is told, the rest is still done.
  Result<void> sweep();
  // The server half and the files of a link that has ended, for good.
  // False: it was already done, or the link lives.
  Result<bool> destroy(const LinkId& link);
  // Server halves without a grant, left by a crash between the two databases; packs that no row
  // lies in, left by one before their rows. Before the first request only.
  Result<void> destroy_orphans();

  void set_card(std::string card);
  std::string card() const;

  Ports ports;
  const ServiceConfig config;
  Exclusive<BlobKey> uploads;
  Exclusive<LinkId> links;      // publishing against destroying
  Exclusive<LinkId> passcodes;  // one Argon2id try of a link after the other
  Pairings pairings;

 private:
  Result<bool> free_blob(const StaleBlob& blob);
  Result<void> drop_orphan_packs();
  Result<void> sweep_grants(Timestamp now);
  Result<void> sweep_blobs(Timestamp now);

  mutable std::mutex mutex_;  // guards card_
  std::string card_;
};

}  // namespace coffret::server

#endif  // COFFRET_SYNC_SERVER_SERVICE_HPP
