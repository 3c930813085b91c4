// SPDX-License-Identifier: EUPL-1.2
#include "sync/protocol/manifest.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "sync/protocol/caregiver.hpp"
#include "sync/protocol/json_fields.hpp"
#include "sync/protocol/signature.hpp"

namespace coffret::protocol {
namespace {

using boost::json::object;

constexpr std::uint64_t manifest_format = 1;
constexpr std::size_t max_certificate = 4 * 1024;  // bytes

constexpr std::uint8_t bit(Right right) {
  return static_cast<std::uint8_t>(right);
}

object file_object(const ManifestFile& file) {
  boost::json::array parts;
  for (const auto& part : file.parts) parts.emplace_back(part.text());
  return {{"name", file.name},
          {"type", file.type},
          {"title", file.title},
          {"date", file.date},
          {"author", file.author},
          {"size", file.size},
          {"sha256", to_base64url(file.sha256.bytes)},
          {"parts", std::move(parts)}};
}

Result<ManifestFile> read_file(const boost::json::value& value) {
  json::Reader in{value};
  ManifestFile file;
  file.name = in.text("name", max_manifest_text);
  file.type = in.text("type", max_manifest_text);
  file.title = in.text("title", max_manifest_text);
  file.date = in.text("date", max_manifest_text);
  file.author = in.text("author", max_manifest_text);
  file.size = in.number("size");
  file.sha256 = in.raw<Sha256>("sha256");
  file.parts = in.list<FileId>("parts", max_manifest_parts, json::id_of_base32<FileId>);
  // So that a size can never promise more than the parts could hold.
  if (file.parts.empty() || file.size > file.parts.size() * parcel_part) in.fail(errc::malformed);
  COFFRET_CHECK(in.result());
  return file;
}

Result<SignedCertificate> read_certificate(const boost::json::value& value) {
  json::Reader in{value};
  SignedCertificate certificate;
  certificate.body = in.bytes("certificate", max_certificate);
  certificate.signature = in.raw<Signature>("signature");
  COFFRET_CHECK(in.result());
  return certificate;
}

Result<std::uint8_t> read_right(const boost::json::value& value) {
  const auto* text = value.if_string();
  if (text == nullptr) return errc::malformed;
  if (*text == "view") return bit(Right::view);
  if (*text == "download") return bit(Right::download);
  return errc::unknown_policy;
}

void read_patient(json::Reader& in, Manifest& manifest) {
  json::Reader patient{in.member("patient")};
  manifest.patient_name = patient.text("name", max_manifest_text);
  manifest.patient_birth_date = patient.text("birth_date", max_manifest_text);
  if (const auto read = patient.result(); read.has_error()) in.fail(to_errc(read.error()));
}

// Walks from the certificate of `key` up to the root. The order of the chain does not matter.
Result<DeviceId> verify_chain(const Manifest& manifest, const SigningPublicKey& key) {
  std::vector<DeviceCertificate> known;
  for (const auto& signed_one : manifest.chain) {
    COFFRET_TRY(known.emplace_back(), decode_certificate(signed_one.body));
  }
  const auto holder = std::find_if(known.begin(), known.end(),
                                   [&](const auto& one) { return one.signing_key == key; });
  auto at = holder;
  // A walk longer than the chain goes in a circle.
  for (std::size_t steps = 0; at != known.end() && steps < known.size(); ++steps) {
    const auto& signed_one = manifest.chain[static_cast<std::size_t>(at - known.begin())];
    if (at->vault != manifest.vault) return errc::unauthenticated;
    if (at->issuer == Issuer::root) {
      COFFRET_CHECK(verify_certificate(signed_one, manifest.root));
      return holder->device;
    }
    const auto issuer = std::find_if(known.begin(), known.end(), [&](const auto& one) {
      return one.device == at->issuer_device;
    });
    if (issuer == known.end()) break;
    COFFRET_CHECK(verify_certificate(signed_one, issuer->signing_key));
    at = issuer;
  }
  return errc::unauthenticated;
}

}  // namespace

std::string manifest_json(const Manifest& m) {
  boost::json::array rights{"view"};
  if ((m.rights & bit(Right::download)) != 0) rights.emplace_back("download");
  boost::json::array files;
  for (const auto& file : m.files) files.emplace_back(file_object(file));
  boost::json::array chain;
  for (const auto& certificate : m.chain)
    chain.emplace_back(object{{"certificate", to_base64url(certificate.body)},
                              {"signature", to_base64url(certificate.signature.bytes)}});
  object out{{"v", manifest_format},
             {"link", m.link.text()},
             {"n", m.version},
             {"vault", m.vault.text()},
             {"issued_at", m.issued_at},
             {"expires_at", m.expires_at},
             {"owner", m.owner},
             {"to", m.to},
             {"purpose", m.purpose},
             {"rights", std::move(rights)},
             {"patient", {{"name", m.patient_name}, {"birth_date", m.patient_birth_date}}},
             {"files", std::move(files)},
             {"chain", std::move(chain)},
             {"root", to_base64url(m.root.bytes)}};
  if (!m.introduction.empty()) out["introduction"] = to_base64url(m.introduction);
  if (!m.reply.empty()) out["reply"] = m.reply;
  return boost::json::serialize(out);
}

Result<Manifest> read_manifest(std::string_view payload) {
  COFFRET_TRY(const auto value, parse_json(payload, {.bytes = max_manifest}));
  json::Reader in{value};
  if (in.number("v") != manifest_format) in.fail(errc::other_version);
  Manifest m;
  m.link = in.id<LinkId>("link");
  m.version = in.small_number("n");
  m.vault = in.id<VaultId>("vault");
  m.issued_at = in.time("issued_at");
  m.expires_at = in.time("expires_at");
  m.owner = in.text("owner", max_manifest_text);
  m.to = in.text("to", max_manifest_text);
  m.purpose = in.text("purpose", max_manifest_text);
  for (const auto right : in.list<std::uint8_t>("rights", 8, read_right)) m.rights |= right;
  if ((m.rights & bit(Right::view)) == 0) in.fail(errc::malformed);
  read_patient(in, m);
  m.files = in.list<ManifestFile>("files", max_manifest_files, read_file);
  std::size_t parts = 0;
  for (const auto& file : m.files) parts += file.parts.size();
  if (parts > max_manifest_parts) in.fail(errc::too_large);
  m.chain = in.list<SignedCertificate>("chain", max_chain, read_certificate);
  m.root = in.raw<SigningPublicKey>("root");
  if (in.has("introduction")) m.introduction = in.bytes("introduction", introduction_size);
  if (in.has("reply")) m.reply = in.text("reply", max_reply);
  COFFRET_CHECK(in.result());
  return m;
}

std::string sign_manifest(const Manifest& manifest, const Signer& device) {
  return sign_jws(manifest_type, manifest_json(manifest), device);
}

Result<VerifiedManifest> verify_manifest(std::string_view compact, const LinkId& link,
                                         std::uint32_t version) {
  COFFRET_TRY(const auto jws, verify_jws(compact, manifest_type, max_manifest));
  COFFRET_TRY(auto manifest, read_manifest(jws.payload));
  if (manifest.link != link || manifest.version != version) return errc::unauthenticated;
  COFFRET_TRY(const auto device, verify_chain(manifest, jws.key));
  return VerifiedManifest{std::move(manifest), device};
}

}  // namespace coffret::protocol
