// SPDX-License-Identifier: EUPL-1.2
//
// door.hpp: the two kinds of link behind redeem(). Only vault/redeem includes this.
//
// Errors: those of redeem.hpp.
#ifndef COFFRET_VAULT_REDEEM_DOOR_HPP
#define COFFRET_VAULT_REDEEM_DOOR_HPP

#include <functional>
#include <map>
#include <string>

#include "coffret/file_name.hpp"
#include "sync/client/server.hpp"
#include "sync/protocol/link_messages.hpp"
#include "sync/protocol/manifest.hpp"
#include "vault/crypto/parcel.hpp"
#include "vault/redeem/redeem.hpp"

namespace coffret::redeem {

Result<Answer> redeem_protected(const crypto::ProtectedLink& link, const RedeemOptions& options,
                                const client::Environment& environment);
Result<Answer> redeem_key_link(const crypto::KeyLink& link, const RedeemOptions& options,
                               const client::Environment& environment);
Result<Answer> redeem_health_link(const crypto::SmartHealthLink& link, const RedeemOptions& options,
                                  const client::Environment& environment);

// Looks at the server's card and, when `expected` agrees with its fingerprint and so does the pin,
// gives the server to talk to. Nothing of the link has been sent by then. Errors: also unpinned.
Result<client::Server> meet(const std::string& url, const RedeemOptions& options,
                            const client::Environment& environment,
                            const std::function<bool(const Fingerprint&)>& expected);

// The passcode given, or asked for. Errors: wrong_passcode (there is none).
class Passcode {
 public:
  static Result<Passcode> obtain(const RedeemOptions& options);
  const SecretText& text() const noexcept { return typed_ ? *typed_ : *given_; }

 private:
  const SecretText* given_ = nullptr;
  std::optional<SecretText> typed_;
};

// What an opening gave: the files that the server holds, and the key that opens them. Borrows the
// server and the answer.
class Opening {
 public:
  Opening(client::Server& server, const LinkId& link, const protocol::OpenAnswer& answer,
          crypto::ContentKey key);

  // The file that says what the others are. Errors: damaged, unauthenticated, malformed.
  Result<protocol::VerifiedManifest> manifest(const FileId& id);
  Result<Bytes> document(const protocol::ManifestFile& file);
  const std::string& base_url() const { return server_.identity().url; }
  Sha256 proof() const { return crypto::read_proof(key_, link_); }

 private:
  Result<Bytes> file(const FileId& id, std::string_view content_type);

  client::Server& server_;
  const LinkId link_;
  const std::string& reader_;
  const std::uint32_t version_;
  crypto::ContentKey key_;
  std::map<FileId, protocol::OpenFile> files_;
};
// A file as the server holds it. The opening is counted: a connection that breaks must not cost it,
// and asking again is not counted.
Result<ReceivedParcelFile> fetch_twice(client::Server& server, const LinkId& link,
                                       const protocol::OpenFile& file, const std::string& reader);

// What the manifest says, and every file of it. Errors: too_large, and those of Opening.
Result<Redeemed> read_all(Opening& opening, protocol::VerifiedManifest& verified,
                          Delivery delivery);

// Collects files under names that are safe and apart, up to max_redeemed bytes.
class Collector {
 public:
  explicit Collector(Redeemed& into) : into_(into) {}
  // `wanted` and `title` are from outside. Errors: too_large.
  Result<void> add(std::string_view wanted, std::string title, std::string content_type,
                   Bytes bytes);
  std::size_t left() const noexcept { return left_; }  // bytes

 private:
  Redeemed& into_;
  DistinctNames names_;
  std::size_t left_ = max_redeemed;
};

// The files of one FHIR JSON text: every attachment that it carries, and the text itself where it
// says more than they do. The first patient named is kept. Errors: malformed, too_large.
Result<void> collect_fhir(ByteView json, Collector& files, Patient& patient);

}  // namespace coffret::redeem

#endif  // COFFRET_VAULT_REDEEM_DOOR_HPP
