// SPDX-License-Identifier: EUPL-1.2
#include "vault/redeem/redeem.hpp"

#include "vault/crypto/recovery.hpp"
#include "vault/redeem/door.hpp"

namespace coffret::redeem {

Result<client::Server> meet(const std::string& url, const RedeemOptions& options,
                            const client::Environment& environment,
                            const std::function<bool(const Fingerprint&)>& expected) {
  COFFRET_TRY(const auto shown, client::shown_card(environment, url));
  if (!expected(shown.fingerprint)) return errc::unpinned;
  if (options.pin && *options.pin != shown.fingerprint) return errc::unpinned;
  client::ServerIdentity identity;
  identity.url = url;
  identity.fingerprint = shown.fingerprint;
  identity.key = shown.card.identity;
  identity.serial = shown.card.card.serial;
  identity.spki = shown.card.card.spki;
  return client::Server{environment, std::move(identity)};
}

Result<Passcode> Passcode::obtain(const RedeemOptions& options) {
  Passcode passcode;
  if (options.passcode) {
    passcode.given_ = &*options.passcode;
    return passcode;
  }
  if (!options.ask_passcode) return errc::wrong_passcode;
  COFFRET_TRY(passcode.typed_, options.ask_passcode());
  return passcode;
}

bool is_link(const SecretText& text) {
  const auto malformed = [](const auto& parsed) {
    return parsed.has_error() && to_errc(parsed.error()) == errc::malformed;
  };
  return !malformed(crypto::parse_link(text)) || !malformed(crypto::parse_key_link(text)) ||
         !malformed(crypto::parse_shl(text));
}

Result<Fingerprint> parse_pin(std::string_view text) {
  return crypto::parse_fingerprint(text);
}

Result<Answer> redeem(const SecretText& link, const RedeemOptions& options,
                      const client::Environment& environment) {
  const auto ours = crypto::parse_link(link);
  if (ours.has_value()) return redeem_protected(*ours, options, environment);
  if (to_errc(ours.error()) != errc::malformed) return ours.error();
  const auto by_key = crypto::parse_key_link(link);
  if (by_key.has_value()) return redeem_key_link(*by_key, options, environment);
  if (to_errc(by_key.error()) != errc::malformed) return by_key.error();
  COFFRET_TRY(const auto health, crypto::parse_shl(link));
  return redeem_health_link(health, options, environment);
}

Result<std::vector<std::string>> save(const Redeemed& redeemed, const std::string& directory,
                                      Disk& disk, Random& random) {
  COFFRET_CHECK(disk.make_directory(directory));
  COFFRET_TRY(const auto there, disk.list(directory));
  DistinctNames names;
  for (const auto& name : there) names.take(name);
  std::vector<std::string> written;
  for (const auto& file : redeemed.files) {
    auto name = names.add(file.name);
    const std::string within = directory + "/";
    const std::string hidden = within + "." + random.make<FileId>().text();
    COFFRET_CHECK(disk.replace(hidden, file.bytes));
    if (const auto named = disk.move(hidden, within + name); named.has_error()) {
      (void)disk.remove(hidden);
      return named.error();
    }
    written.push_back(std::move(name));
  }
  return written;
}

}  // namespace coffret::redeem
