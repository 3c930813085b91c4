// SPDX-License-Identifier: EUPL-1.2
#include <algorithm>

#include "sync/client/links.hpp"
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

Redeemed said_by(protocol::VerifiedManifest& verified, Delivery delivery,
                 const std::string& base_url) {
  auto& manifest = verified.manifest;
  Redeemed redeemed;
  redeemed.delivery = delivery;
  redeemed.patient = {std::move(manifest.patient_name), std::move(manifest.patient_birth_date)};
  redeemed.owner = std::move(manifest.owner);
  redeemed.to = std::move(manifest.to);
  redeemed.purpose = std::move(manifest.purpose);
  redeemed.expires_at = manifest.expires_at;
  redeemed.download = (manifest.rights & static_cast<std::uint8_t>(Right::download)) != 0;
  if (!manifest.reply.empty()) redeemed.reply = base_url + "/v#" + manifest.reply;
  redeemed.signature = SignedBy{manifest.vault, verified.device, manifest.root};
  return redeemed;
}

}  // namespace

Result<ReceivedParcelFile> fetch_twice(client::Server& server, const LinkId& link,
                                       const protocol::OpenFile& file, const std::string& reader) {
  auto jwe = client::fetch_file(server, link, file, reader);
  if (jwe.has_error() &&
      (to_errc(jwe.error()) == errc::server_unreachable || to_errc(jwe.error()) == errc::timed_out))
    jwe = client::fetch_file(server, link, file, reader);
  return jwe;
}

Opening::Opening(client::Server& server, const LinkId& link, const protocol::OpenAnswer& answer,
                 crypto::ContentKey key)
    : server_(server),
      link_(link),
      reader_(answer.reader),
      version_(answer.version),
      key_(std::move(key)) {
  for (const auto& file : answer.files) files_.emplace(file.id, file);
}

Result<Bytes> Opening::file(const FileId& id, std::string_view content_type) {
  const auto found = files_.find(id);
  if (found == files_.end()) return errc::damaged;
  if (found->second.size > largest_jwe) return errc::too_large;
  COFFRET_TRY(const auto jwe, fetch_twice(server_, link_, found->second, reader_));
  COFFRET_TRY(auto opened, crypto::open_jwe(key_, jwe, protocol::parcel_part));
  if (opened.content_type != content_type) return errc::damaged;
  return std::move(opened.content);
}

Result<protocol::VerifiedManifest> Opening::manifest(const FileId& id) {
  COFFRET_TRY(auto padded, file(id, "application/jose"));
  const auto end = std::find(padded.begin(), padded.end(), std::uint8_t{0});
  COFFRET_CHECK(cut(padded, static_cast<std::size_t>(end - padded.begin())));
  return protocol::verify_manifest(as_text(padded), link_, version_);
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

Result<Redeemed> read_all(Opening& opening, protocol::VerifiedManifest& verified,
                          Delivery delivery) {
  Redeemed redeemed = said_by(verified, delivery, opening.base_url());
  Collector files{redeemed};
  for (const auto& file : verified.manifest.files) {
    if (file.size > files.left()) return errc::too_large;
    COFFRET_TRY(auto body, opening.document(file));
    COFFRET_CHECK(files.add(file.name, file.title, file.type, std::move(body)));
  }
  return redeemed;
}

}  // namespace coffret::redeem
