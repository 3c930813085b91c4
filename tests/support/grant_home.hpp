// SPDX-License-Identifier: EUPL-1.2
//
// grant_home.hpp: a vault with two documents to share, and a reader who has a link and the server's
// half, and nothing else of the vault.
#ifndef COFFRET_TESTS_SUPPORT_GRANT_HOME_HPP
#define COFFRET_TESTS_SUPPORT_GRANT_HOME_HPP

#include <doctest/doctest.h>

#include <map>
#include <utility>

#include "sync/protocol/manifest.hpp"
#include "tests/support/vault_machine.hpp"
#include "vault/crypto/parcel.hpp"
#include "vault/grants/grants.hpp"

namespace coffret::test {

inline const grants::ServerPlace place{"https://coffret.example", counting_id<Fingerprint>(200)};

// A vault with a note and a letter.
struct Home {
  Machine machine;
  store::Vault vault = std::move(machine.create()->vault);
  DocumentId note = put(vault, prepared("Bilan d'automne", "Glycémie normale."));
  DocumentId letter = put(vault, prepared("Lettre", "Cher confrère", "2026-02"));

  grants::GrantRequest request() const {
    grants::GrantRequest request;
    request.caregiver = "Dr Alice Martin";
    request.role = "Cardiologue";
    request.organisation = "Cabinet Exemple";
    request.purpose = "Consultation";
    request.consent = "Je donne accès.";
    request.documents = {note, letter};
    request.not_before = machine.clock.time;
    request.expires_at = machine.clock.time + 86400;
    return request;
  }
  Result<grants::Parcel> prepare(grants::GrantRequest request) {
    return grants::prepare(vault, std::move(request), place, machine.clock, machine.random);
  }
};

inline ReceivedParcelFile received(const SealedParcelFile& file) {
  return {to_bytes(file.view())};
}

// A reader who has the link and the server's half, and nothing else of the vault.
struct Reader {
  explicit Reader(const grants::Parcel& parcel)
      : link(*crypto::parse_link(parcel.link_text)),
        key(crypto::parcel_key(link.secret, parcel.publication.server_half, link.id, 1)) {
    for (const auto& [id, file] : parcel.files) files.emplace(id, received(file));
    const auto opened = crypto::open_jwe(key, received(parcel.files.front().second), 4 << 20);
    REQUIRE(opened.has_value());
    CHECK(opened->content_type == "application/jose");
    const auto text = as_text(opened->content);
    manifest = protocol::verify_manifest(text.substr(0, text.find('\0')), link.id, 1);
    REQUIRE(manifest.has_value());
  }

  Bytes join(const protocol::ManifestFile& file) {
    Bytes all;
    for (const auto& part : file.parts) {
      const auto opened = crypto::open_jwe(key, files.at(part), 4 << 20);
      REQUIRE(opened.has_value());
      CHECK(opened->content_type == "application/octet-stream");
      append(all, opened->content);
    }
    REQUIRE(all.size() >= file.size);
    for (std::size_t i = file.size; i < all.size(); ++i) REQUIRE(all[i] == 0);
    all.resize(file.size);
    return all;
  }
  const protocol::Manifest& said() const { return manifest->manifest; }

  crypto::ProtectedLink link;
  crypto::ContentKey key;
  std::map<FileId, ReceivedParcelFile> files;
  Result<protocol::VerifiedManifest> manifest{errc::internal};
};

}  // namespace coffret::test

#endif  // COFFRET_TESTS_SUPPORT_GRANT_HOME_HPP
