// SPDX-License-Identifier: EUPL-1.2
#include "sync/client/links.hpp"
#include "sync/protocol/link_messages.hpp"
#include "sync/protocol/status.hpp"
#include "vault/crypto/passcode.hpp"
#include "vault/redeem/door.hpp"

namespace coffret::redeem {
namespace {

constexpr std::size_t largest_file = 64u << 20;   // bytes of one file, inflated
constexpr std::size_t embedded_max = 512 * 1024;  // characters that a manifest may embed
constexpr std::string_view path_start = "/shl/";
constexpr std::string_view unnamed = "coffret redeem";  // the standard demands a recipient

struct Place {
  std::string server;
  protocol::ShlPath path;
};

// Where a Coffret server would keep it. Errors: unsupported (another service's link).
Result<Place> place_of(const std::string& url) {
  const auto at = url.rfind(path_start);
  if (at == std::string::npos) return errc::unsupported;
  const auto raw = from_base64url(std::string_view{url}.substr(at + path_start.size()));
  if (raw.has_error()) return errc::unsupported;
  const auto path = protocol::ShlPath::from(*raw);
  if (path.has_error()) return errc::unsupported;
  return Place{url.substr(0, at), *path};
}

class HealthLink {
 public:
  HealthLink(client::Server& server, const crypto::SmartHealthLink& link, protocol::ShlPath path,
             Redeemed& into)
      : server_(server), link_(link), path_(path), patient_(into.patient), files_(into) {}

  Result<void> direct(std::string_view recipient);
  // The tries that are left, when the passcode was refused.
  Result<std::optional<std::uint32_t>> listed(std::string_view recipient,
                                              const SecretText* passcode);

 private:
  Result<void> take(const protocol::ShlFile& file);
  Result<void> keep(const ReceivedParcelFile& jwe, const std::string& listed_type);

  client::Server& server_;
  const crypto::SmartHealthLink& link_;
  protocol::ShlPath path_;
  Patient& patient_;
  Collector files_;
};

Result<void> HealthLink::keep(const ReceivedParcelFile& jwe, const std::string& listed_type) {
  COFFRET_TRY(auto opened, crypto::open_jwe(link_.key, jwe, largest_file));
  // What stands inside the seal is believed; not everybody writes it.
  std::string type = std::move(opened.content_type);
  if (type.empty()) type = listed_type;
  if (type == "application/smart-api-access") return {};  // a key to a live service, no document
  if (type.empty() || type.starts_with("application/fhir+json"))
    return collect_fhir(opened.content, files_, patient_);
  return files_.add(link_.label, link_.label, std::move(type), std::move(opened.content));
}

Result<void> HealthLink::direct(std::string_view recipient) {
  COFFRET_TRY(const auto jwe, client::shl_direct(server_, path_, recipient));
  return keep(jwe, {});
}

Result<void> HealthLink::take(const protocol::ShlFile& file) {
  if (file.embedded) return keep({to_bytes(as_bytes(*file.embedded))}, file.content_type);
  COFFRET_TRY(const auto jwe, client::shl_file(server_, *file.location));
  return keep(jwe, file.content_type);
}

Result<std::optional<std::uint32_t>> HealthLink::listed(std::string_view recipient,
                                                        const SecretText* passcode) {
  COFFRET_TRY(auto body, crypto::shl_manifest_request(recipient, passcode, embedded_max));
  COFFRET_TRY(const auto response, client::shl_manifest(server_, path_, std::move(body)));
  if (response.status == 401) {
    const auto left = protocol::remaining_attempts_of(response.body);
    if (!left) return errc::wrong_passcode;  // none was sent, and one is asked for
    return std::optional<std::uint32_t>{*left};
  }
  if (response.status != 200) return protocol::error_of(response.status, response.body);
  COFFRET_TRY(const auto manifest, protocol::from_json<protocol::ShlManifest>(response.body));
  for (const auto& file : manifest.files) COFFRET_CHECK(take(file));
  return std::optional<std::uint32_t>{};
}

// A host without a Coffret card is not one of ours.
Result<client::Server> meet_any(const std::string& url, const RedeemOptions& options,
                                const client::Environment& environment) {
  auto server = meet(url, options, environment, [](const Fingerprint&) { return true; });
  if (server.has_value()) return server;
  const auto error = to_errc(server.error());
  const bool no_card = error == errc::not_found || error == errc::malformed ||
                       error == errc::too_large || error == errc::server_error;
  if (no_card) return errc::unsupported;
  return server.error();
}

}  // namespace

Result<Answer> redeem_health_link(const crypto::SmartHealthLink& link, const RedeemOptions& options,
                                  const client::Environment& environment) {
  COFFRET_TRY(const auto place, place_of(link.url));
  COFFRET_TRY(auto server, meet_any(place.server, options, environment));
  const std::string_view recipient = options.recipient.empty() ? unnamed : options.recipient;
  Redeemed redeemed;
  redeemed.delivery = Delivery::shl;
  redeemed.expires_at = link.expires_at;
  HealthLink health{server, link, place.path, redeemed};
  Answer answer;
  if (link.flag.find('U') != std::string::npos) {
    COFFRET_CHECK(health.direct(recipient));
  } else if (link.flag.find('P') != std::string::npos) {
    COFFRET_TRY(const auto passcode, Passcode::obtain(options));
    COFFRET_TRY(answer.remaining_attempts, health.listed(recipient, &passcode.text()));
  } else {
    COFFRET_TRY(answer.remaining_attempts, health.listed(recipient, nullptr));
  }
  if (!answer.remaining_attempts) answer.redeemed = std::move(redeemed);
  return answer;
}

}  // namespace coffret::redeem
