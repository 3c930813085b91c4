// SPDX-License-Identifier: EUPL-1.2
#include "sync/server/admin.hpp"

#include "sync/protocol/status.hpp"
#include "sync/server/routes.hpp"

namespace coffret::server {

http::Response stopping_answer() {
  return json_answer(protocol::http_status(errc::stopping), protocol::error_body(errc::stopping));
}

http::Response admin_answer(const http::Request& request, const Storage& storage,
                            const Figures& figures, bool open, std::size_t in_flight) {
  if (request.method != "GET") return empty_answer(405);
  if (request.path() == "/healthz") return text_answer(200, "text/plain", "ok\n");
  const auto totals = storage.records->totals();
  if (request.path() == "/readyz") {
    const bool ready = open && totals.has_value() && storage.objects->probe().has_value();
    return text_answer(ready ? 200 : 503, "text/plain", ready ? "ready\n" : "not ready\n");
  }
  if (request.path() != "/metrics") return empty_answer(404);
  if (totals.has_error()) return empty_answer(503);
  return text_answer(200, "text/plain; version=0.0.4", figures.text(*totals, in_flight));
}

}  // namespace coffret::server
