// SPDX-License-Identifier: EUPL-1.2
//
// door.hpp: the two kinds of link behind redeem(). Only vault/redeem includes this.
//
// Errors: those of redeem.hpp.
#ifndef COFFRET_VAULT_REDEEM_DOOR_HPP
#define COFFRET_VAULT_REDEEM_DOOR_HPP

#include <functional>
#include <string>

#include "coffret/file_name.hpp"
#include "sync/client/server.hpp"
#include "vault/crypto/parcel.hpp"
#include "vault/redeem/redeem.hpp"

namespace coffret::redeem {

Result<Answer> redeem_protected(const crypto::ProtectedLink& link, const RedeemOptions& options,
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
