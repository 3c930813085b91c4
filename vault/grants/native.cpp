// SPDX-License-Identifier: EUPL-1.2
#include <algorithm>

#include "coffret/file_name.hpp"
#include "vault/crypto/parcel.hpp"
#include "vault/crypto/sealer.hpp"
#include "vault/grants/chain.hpp"
#include "vault/grants/packing.hpp"

namespace coffret::grants {
namespace {

using protocol::parcel_part;

// The parts of one body, each under an identifier of its own.
std::vector<FileId> add_parts(Packed& packed, ByteView body, const Sources& sources) {
  std::vector<FileId> ids;
  do {
    const auto part = body.first(std::min(body.size(), parcel_part));
    body = body.subspan(part.size());
    ids.push_back(sources.random.make<FileId>());
    add_file(packed, ids.back(),
             crypto::Sealer::seal(sources.key, "application/octet-stream", padded(part, 0),
                                  sources.random),
             {});
  } while (!body.empty());
  return ids;
}

std::size_t parts_of(std::uint64_t size) {
  return static_cast<std::size_t>(
      std::max<std::uint64_t>((size + parcel_part - 1) / parcel_part, 1));
}

Result<void> check_count(const std::vector<store::DocumentView>& documents) {
  std::size_t parts = 0;
  for (const auto& document : documents) parts += parts_of(document.size);
  return parts <= protocol::max_manifest_parts ? Result<void>{} : Result<void>{errc::too_large};
}

}  // namespace

Result<Packed> pack_native(const Sources& sources, protocol::Manifest manifest) {
  COFFRET_CHECK(check_count(sources.documents));
  Packed parts;
  DistinctNames names;
  for (const auto& document : sources.documents) {
    COFFRET_TRY(const auto body, sources.vault.body(document.id));
    const auto& entry = document.entry;
    const std::string title = title_shown(entry);
    manifest.files.push_back({.name = names.add(safe_file_name(title, entry.media_type)),
                              .type = entry.media_type,
                              .title = title,
                              .date = entry.date,
                              .author = author_shown(entry),
                              .size = body.size(),
                              .sha256 = crypto::sha256(body),
                              .parts = add_parts(parts, body, sources)});
  }
  const auto patient =
      patient_shown(sources.documents, sources.vault.persons(), sources.several_persons);
  manifest.patient_name = patient.name;
  manifest.patient_birth_date = patient.birth_date;
  COFFRET_TRY(manifest.chain, chain_to_root(sources.vault));

  const std::string jws = protocol::sign_manifest(manifest, sources.vault.signer());
  if (crypto::padme(jws.size()) > protocol::max_manifest) return errc::too_large;
  Packed packed;
  add_file(packed, sources.random.make<FileId>(),
           crypto::Sealer::seal(sources.key, "application/jose", padded(as_bytes(jws), 0),
                                sources.random),
           {});
  std::move(parts.files.begin(), parts.files.end(), std::back_inserter(packed.files));
  std::move(parts.listed.begin(), parts.listed.end(), std::back_inserter(packed.listed));
  return packed;
}

}  // namespace coffret::grants
