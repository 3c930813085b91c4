// SPDX-License-Identifier: EUPL-1.2
#include <algorithm>

#include "sync/client/links.hpp"
#include "vault/crypto/sealer.hpp"
#include "vault/redeem/door.hpp"

namespace coffret::redeem {
namespace {

Result<Redeemed> read_parcel(client::Server& server, const crypto::ProtectedLink& link,
                             const protocol::OpenAnswer& answer) {
  if (answer.server_half.is_zero()) return errc::malformed;
  Opening opening{server, link.id, answer,
                  crypto::parcel_key(link.secret, answer.server_half, link.id, answer.version)};
  COFFRET_TRY(auto verified, opening.manifest(answer.files.front().id));
  // By the server's clock: the reader's own may be wrong.
  if (verified.manifest.expires_at <= answer.server_time) return errc::link_not_active;
  // Not being able to say so does not keep anybody from reading.
  (void)client::prove_read(server, link.id, answer.reader, {opening.proof()}).has_error();
  return read_all(opening, verified, Delivery::link);
}

Result<protocol::OpenRequest> request_to_open(const crypto::ProtectedLink& link,
                                              const protocol::LinkInfo& info,
                                              const RedeemOptions& options,
                                              const client::Environment& environment) {
  protocol::OpenRequest request;
  const auto sealed = [&](const crypto::ContentKey& key, const std::string& words) {
    return std::string{as_text(
        crypto::Sealer::seal(key, "text/plain", as_bytes(words), environment.random).view())};
  };
  if (!options.recipient.empty())
    request.recipient = sealed(crypto::recipient_key(link.secret, link.id), options.recipient);
  if (info.reason) {
    if (options.recipient.empty() || options.reason.empty()) return errc::usage;
    request.reason = sealed(crypto::reason_key(link.secret, link.id), options.reason);
    if (request.reason.size() > protocol::max_reason) return errc::usage;
  }
  if (info.passcode) {
    COFFRET_TRY(const auto typed, Passcode::obtain(options));
    request.passcode_proof = crypto::passcode_proof(link.secret, link.id, typed.text());
  }
  return request;
}

// Until the delay that the patient chose is over. Their refusal ends it: link_not_active.
Result<client::Opening> open_waiting(client::Server& server, const LinkId& link,
                                     protocol::OpenRequest request, const RedeemOptions& options) {
  for (;;) {
    COFFRET_TRY(auto opened, client::open_link(server, link, request));
    if (!opened.waiting) return opened;
    request.reader = opened.waiting->reader;
    const auto left = opened.waiting->opens_at - opened.waiting->server_time;
    if (!options.wait || !options.wait(left)) return errc::link_not_active;
  }
}

}  // namespace

Result<Answer> redeem_protected(const crypto::ProtectedLink& link, const RedeemOptions& options,
                                const client::Environment& environment) {
  COFFRET_TRY(auto server, meet(link.base_url, options, environment, [&](const auto& fingerprint) {
                return std::equal(link.server.begin(), link.server.end(),
                                  fingerprint.bytes.begin());
              }));
  const auto info = client::link_info(server, link.id);
  // Asking what is there changes nothing. That somebody wanted to open what has ended is told to
  // the patient by asking for it all the same.
  const bool over = info.has_error() && info.error() == errc::link_not_active;
  if (info.has_error() && !over) return info.error();
  if (!over && info->delivery != Delivery::link) return errc::malformed;
  COFFRET_TRY(const auto request,
              request_to_open(link, over ? protocol::LinkInfo{} : *info, options, environment));
  const auto opened = open_waiting(server, link.id, request, options);
  if (over && (opened.has_error() || !opened->answer)) return errc::link_not_active;
  if (opened.has_error()) return opened.error();
  Answer answer;
  if (!opened->answer) {
    answer.remaining_attempts = opened->remaining_attempts;
    return answer;
  }
  COFFRET_TRY(answer.redeemed, read_parcel(server, link, *opened->answer));
  return answer;
}

}  // namespace coffret::redeem
