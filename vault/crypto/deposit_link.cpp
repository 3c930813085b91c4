// SPDX-License-Identifier: EUPL-1.2
#include <algorithm>

#include "coffret/encoding.hpp"
#include "vault/crypto/deposit.hpp"
#include "vault/crypto/link_fields.hpp"
#include "vault/crypto/secret_encoding.hpp"

namespace coffret::crypto {
namespace {

constexpr std::string_view deposit_form = "d1";

}  // namespace

SecretText format_deposit_link(const DepositLink& link) {
  return make_secret_text([&](SecretWriter& out) {
    out << link.base_url << link_page << "#" << deposit_fragment(link);
  });
}

std::string deposit_fragment(const DepositLink& link) {
  return std::string{deposit_form} + "." + to_base64url(link.id.view()) + "." +
         to_base64url(link.key.view()) + "." + to_base64url(link.server);
}

Result<DepositLink> parse_deposit_link(const SecretText& text) {
  COFFRET_TRY(auto parts, link_fields(trimmed(as_text(text.expose()))));
  const auto& fields = parts.fields;
  if (is_other_form(fields[0], deposit_form)) return errc::unsupported;
  if (fields[0] != deposit_form || fields.size() != 4) return errc::malformed;
  COFFRET_TRY(const auto id_bytes, from_base64url(fields[1]));
  COFFRET_TRY(const auto id, LinkId::from(id_bytes));
  COFFRET_TRY(const auto key_bytes, from_base64url(fields[2]));
  COFFRET_TRY(const auto key, Sha256::from(key_bytes));
  COFFRET_TRY(const auto server, half_fingerprint(fields[3]));
  return DepositLink{std::move(parts.base_url), id, key, server};
}

}  // namespace coffret::crypto
