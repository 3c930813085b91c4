// SPDX-License-Identifier: EUPL-1.2
#include <algorithm>
#include <map>

#include "sync/client/links.hpp"
#include "sync/protocol/manifest.hpp"
#include "vault/crypto/sealer.hpp"
#include "vault/redeem/door.hpp"

namespace coffret::redeem {
namespace {

// base64url of a part, and the rest of a compact JWE.
constexpr std::size_t largest_jwe = protocol::parcel_part / 3 * 4 + 1024;

// The first `size` bytes; the rest must be zeros, or someone wrote something there.
Result<void> cut(Bytes& bytes, std::size_t size) {
  if (bytes.size() < size) return errc::damaged;
  const auto rest = bytes.begin() + static_cast<std::ptrdiff_t>(size);
  if (!std::all_of(rest, bytes.end(), [](std::uint8_t byte) { return byte == 0; }))
    return errc::damaged;
  bytes.resize(size);
  return {};
}

// What an opening gave: the files the server holds, and the key that opens them.
class Opening {
 public:
  Opening(client::Server& server, const crypto::ProtectedLink& link,
          const protocol::OpenAnswer& answer)
      : server_(server),
        link_(link),
        answer_(answer),
        key_(crypto::parcel_key(link.secret, answer.server_half, link.id, answer.version)) {
    for (const auto& file : answer.files) files_.emplace(file.id, file);
  }

  Result<protocol::VerifiedManifest> manifest();
  Result<Bytes> document(const protocol::ManifestFile& file);
  void prove() {
    // Not being able to say so does not keep anybody from reading.
    (void)client::prove_read(server_, link_.id, answer_.reader, crypto::read_proof(key_, link_.id))
        .has_error();
  }

 private:
  Result<Bytes> file(const FileId& id, std::string_view content_type);

  client::Server& server_;
  const crypto::ProtectedLink& link_;
  const protocol::OpenAnswer& answer_;
  crypto::ContentKey key_;
  std::map<FileId, protocol::OpenFile> files_;
};

Result<Bytes> Opening::file(const FileId& id, std::string_view content_type) {
  const auto found = files_.find(id);
  if (found == files_.end()) return errc::damaged;
  if (found->second.size > largest_jwe) return errc::too_large;
  auto jwe = client::fetch_file(server_, link_.id, found->second, answer_.reader);
  // The opening is counted: a connection that breaks must not cost it. Asking again is not counted.
  if (jwe.has_error() &&
      (to_errc(jwe.error()) == errc::server_unreachable || to_errc(jwe.error()) == errc::timed_out))
    jwe = client::fetch_file(server_, link_.id, found->second, answer_.reader);
  if (jwe.has_error()) return jwe.error();
  COFFRET_TRY(auto opened, crypto::open_jwe(key_, *jwe, protocol::parcel_part));
  if (opened.content_type != content_type) return errc::damaged;
  return std::move(opened.content);
}

Result<protocol::VerifiedManifest> Opening::manifest() {
  COFFRET_TRY(auto padded, file(answer_.files.front().id, "application/jose"));
  const auto end = std::find(padded.begin(), padded.end(), std::uint8_t{0});
  COFFRET_CHECK(cut(padded, static_cast<std::size_t>(end - padded.begin())));
  return protocol::verify_manifest(as_text(padded), link_.id, answer_.version);
}

Result<Bytes> Opening::document(const protocol::ManifestFile& file) {
  Bytes body;
  for (const auto& part : file.parts) {
    COFFRET_TRY(const auto bytes, this->file(part, "application/octet-stream"));
    append(body, bytes);
  }
  COFFRET_CHECK(cut(body, static_cast<std::size_t>(file.size)));
  if (crypto::sha256(body) != file.sha256) return errc::damaged;
  return body;
}

Redeemed said_by(protocol::VerifiedManifest& verified) {
  auto& manifest = verified.manifest;
  Redeemed redeemed;
  redeemed.delivery = Delivery::link;
  redeemed.patient = {std::move(manifest.patient_name), std::move(manifest.patient_birth_date)};
  redeemed.owner = std::move(manifest.owner);
  redeemed.to = std::move(manifest.to);
  redeemed.purpose = std::move(manifest.purpose);
  redeemed.expires_at = manifest.expires_at;
  redeemed.download = (manifest.rights & static_cast<std::uint8_t>(Right::download)) != 0;
  redeemed.signature = SignedBy{manifest.vault, verified.device, manifest.root};
  return redeemed;
}

Result<Redeemed> read_parcel(Opening& opening, std::int64_t server_time) {
  COFFRET_TRY(auto verified, opening.manifest());
  // By the server's clock: the reader's own may be wrong.
  if (verified.manifest.expires_at <= server_time) return errc::link_not_active;
  opening.prove();
  Redeemed redeemed = said_by(verified);
  Collector files{redeemed};
  for (const auto& file : verified.manifest.files) {
    if (file.size > files.left()) return errc::too_large;
    COFFRET_TRY(auto body, opening.document(file));
    COFFRET_CHECK(files.add(file.name, file.title, file.type, std::move(body)));
  }
  return redeemed;
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
  COFFRET_TRY(const auto info, client::link_info(server, link.id));
  COFFRET_TRY(const auto request, request_to_open(link, info.passcode, options, environment));
  COFFRET_TRY(const auto opened, client::open_link(server, link.id, request));
  Answer answer;
  if (!opened.answer) {
    answer.remaining_attempts = opened.remaining_attempts;
    return answer;
  }
  Opening opening{server, link, *opened.answer};
  COFFRET_TRY(answer.redeemed, read_parcel(opening, opened.answer->server_time));
  return answer;
}

}  // namespace coffret::redeem
