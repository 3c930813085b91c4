// SPDX-License-Identifier: EUPL-1.2
#include <algorithm>

#include "sync/client/links.hpp"
#include "sync/protocol/caregiver.hpp"
#include "vault/crypto/caregiver.hpp"
#include "vault/redeem/caregiver.hpp"
#include "vault/redeem/door.hpp"

namespace coffret::redeem {
namespace {

protocol::OpeningStatement statement_of(const client::Server& server, const LinkId& link,
                                        protocol::OpeningAct act,
                                        const client::Environment& environment) {
  protocol::OpeningStatement said;
  said.act = act;
  said.server = server.identity().fingerprint;
  said.link = link;
  said.time = to_unix(server.server_now());
  said.nonce = environment.random.make<protocol::Nonce>();
  return said;
}

// Not being able to say so does not keep anybody from reading.
void prove(client::Server& server, const crypto::KeyLink& link, const protocol::OpenAnswer& answer,
           const Caregiver& caregiver, const Sha256& proof,
           const client::Environment& environment) {
  auto said = statement_of(server, link.id, protocol::OpeningAct::read, environment);
  said.version = answer.version;
  said.proof = proof;
  const protocol::ReadProof told{proof, protocol::sign_statement(said, caregiver.signer())};
  (void)client::prove_read(server, link.id, answer.reader, told).has_error();
}

Result<Redeemed> read_parcel(client::Server& server, const crypto::KeyLink& link,
                             const protocol::OpenAnswer& answer, Caregiver& caregiver,
                             const AgreeToRoot& agree, const client::Environment& environment) {
  if (answer.files.size() < 2) return errc::malformed;
  const auto& key_file = answer.files.front();
  if (key_file.size > crypto::max_key_jwe) return errc::too_large;
  COFFRET_TRY(const auto jwe, fetch_twice(server, link.id, key_file, answer.reader));
  COFFRET_TRY(auto key, caregiver.open_key(link.id, jwe));
  Opening opening{server, link.id, answer, std::move(key)};
  COFFRET_TRY(auto verified, opening.manifest(answer.files[1].id));
  COFFRET_CHECK(caregiver.admit(verified.manifest, server.identity().fingerprint, agree));
  // By the server's clock: the reader's own may be wrong.
  if (verified.manifest.expires_at <= answer.server_time) return errc::link_not_active;
  prove(server, link, answer, caregiver, opening.proof(), environment);
  return read_all(opening, verified, Delivery::key);
}

}  // namespace

Result<Answer> redeem_key_link(const crypto::KeyLink& link, const RedeemOptions& options,
                               const client::Environment& environment) {
  if (!options.caregiver) return errc::never_initialised;
  COFFRET_TRY(auto* caregiver, options.caregiver());
  COFFRET_TRY(auto server, meet(link.base_url, options, environment, [&](const auto& fingerprint) {
                return std::equal(link.server.begin(), link.server.end(),
                                  fingerprint.bytes.begin());
              }));
  const auto info = client::link_info(server, link.id);
  // As for a protected link: who asks for what has ended is written down.
  const bool over = info.has_error() && info.error() == errc::link_not_active;
  if (info.has_error() && !over) return info.error();
  if (!over && info->delivery != Delivery::key) return errc::malformed;
  const auto said = statement_of(server, link.id, protocol::OpeningAct::open, environment);
  protocol::OpenRequest request;
  request.statement = protocol::sign_statement(said, caregiver->signer());
  const auto opened = client::open_link(server, link.id, request);
  if (over && opened.has_error()) return errc::link_not_active;
  if (opened.has_error()) return opened.error();
  if (!opened->answer) return errc::malformed;  // nothing asks for a passcode here
  Answer answer;
  COFFRET_TRY(answer.redeemed, read_parcel(server, link, *opened->answer, *caregiver,
                                           options.agree_to_root, environment));
  return answer;
}

}  // namespace coffret::redeem
