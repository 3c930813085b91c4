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

Result<protocol::OpenRequest> request_to_open(const crypto::ProtectedLink& link, bool passcode,
                                              const RedeemOptions& options,
                                              const client::Environment& environment) {
  protocol::OpenRequest request;
  if (!options.recipient.empty()) {
    const auto sealed =
        crypto::Sealer::seal(crypto::recipient_key(link.secret, link.id), "text/plain",
                             as_bytes(options.recipient), environment.random);
    request.recipient = as_text(sealed.view());
  }
  if (passcode) {
    COFFRET_TRY(const auto typed, Passcode::obtain(options));
    request.passcode_proof = crypto::passcode_proof(link.secret, link.id, typed.text());
  }
  return request;
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
              request_to_open(link, !over && info->passcode, options, environment));
  const auto opened = client::open_link(server, link.id, request);
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
