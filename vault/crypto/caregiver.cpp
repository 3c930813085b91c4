// SPDX-License-Identifier: EUPL-1.2
#include "vault/crypto/caregiver.hpp"

#include <sodium.h>

#include <algorithm>
#include <boost/json/object.hpp>

#include "coffret/encoding.hpp"
#include "coffret/json.hpp"
#include "vault/crypto/gcm.hpp"
#include "vault/crypto/kdf.hpp"
#include "vault/crypto/parcel.hpp"
#include "vault/crypto/sealer.hpp"
#include "vault/crypto/secret_encoding.hpp"

namespace coffret::crypto {
namespace {

constexpr std::string_view content_cipher = "A256GCM";
constexpr std::uint32_t key_bits = 256;

constexpr std::string_view code_mark = "coffret-caregiver:1.";
constexpr std::string_view any_code_mark = "coffret-caregiver:";
constexpr std::size_t code_digits = 32;  // base32 of 20 bytes
constexpr std::string_view check_label = "coffret.cardcheck";
constexpr std::uint8_t introduction_step = 16;  // beyond those of two devices
using CodeDigits = Wiped<code_digits + code_check_digits>;

std::array<std::uint8_t, 4> be32(std::uint32_t value) {
  return {static_cast<std::uint8_t>(value >> 24), static_cast<std::uint8_t>(value >> 16),
          static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
}

// The key that both sides agree on. false: a public key of small order.
[[nodiscard]] bool agree(KeySpace out, KeyView secret, ByteView other, const LinkId& link) {
  Wiped<32> shared;
  if (::crypto_scalarmult(shared.data(), secret.data(), other.data()) != 0) return false;
  concat_kdf(out, shared.view(), content_cipher, {}, link.view(), key_bits);
  return true;
}

std::string header_of(const AgreementPublicKey& ephemeral, const LinkId& link) {
  return R"({"alg":"ECDH-ES","enc":"A256GCM","epk":{"kty":"OKP","crv":"X25519","x":")" +
         to_base64url(ephemeral.bytes) + R"("},"apv":")" + to_base64url(link.bytes) +
         R"(","cty":"application/octet-stream"})";
}

bool says(const boost::json::object& from, std::string_view member, std::string_view value) {
  const auto* text = text_member(from, member);
  return text != nullptr && *text == boost::json::string_view{value.data(), value.size()};
}

// The ephemeral key of a header that is one of ours, for this link.
Result<AgreementPublicKey> read_key_header(std::string_view encoded, const LinkId& link) {
  COFFRET_TRY(const auto bytes, from_base64url(encoded));
  COFFRET_TRY(const auto value, parse_json(as_text(bytes)));
  const auto* header = value.if_object();
  if (header == nullptr) return errc::malformed;
  const auto* epk = header->if_contains("epk");
  if (!says(*header, "alg", "ECDH-ES") || !says(*header, "enc", content_cipher) ||
      header->contains("crit") || header->contains("zip") || header->contains("apu"))
    return errc::unsupported;
  if (epk == nullptr || !epk->is_object()) return errc::malformed;
  const auto& key = epk->get_object();
  if (!says(key, "kty", "OKP") || !says(key, "crv", "X25519")) return errc::unsupported;
  if (!says(*header, "apv", to_base64url(link.bytes))) return errc::unauthenticated;
  const auto* x = text_member(key, "x");
  if (x == nullptr) return errc::malformed;
  COFFRET_TRY(const auto raw, from_base64url({x->data(), x->size()}));
  return AgreementPublicKey::from(raw);
}

}  // namespace

void concat_kdf(std::span<std::uint8_t, 32> out, ByteView shared, std::string_view algorithm,
                ByteView party_u, ByteView party_v, std::uint32_t bits) {
  crypto_hash_sha256_state state;
  (void)::crypto_hash_sha256_init(&state);
  const auto add = [&](ByteView part) {
    (void)::crypto_hash_sha256_update(&state, part.data(), part.size());
  };
  const auto add_prefixed = [&](ByteView part) {
    add(be32(static_cast<std::uint32_t>(part.size())));
    if (!part.empty()) add(part);
  };
  add(be32(1));
  add(shared);
  add_prefixed(as_bytes(algorithm));
  add_prefixed(party_u);
  add_prefixed(party_v);
  add(be32(bits));
  (void)::crypto_hash_sha256_final(&state, out.data());
  ::sodium_memzero(&state, sizeof state);
}

Result<SealedParcelFile> Sealer::seal_to(const AgreementPublicKey& recipient, const LinkId& link,
                                         const ContentKey& key, Random& random) {
  const auto ephemeral = make_key<AgreementKey>(random);
  Wiped<32> agreed;
  if (!agree(agreed.space(), ephemeral.expose(), recipient.view(), link)) return errc::malformed;
  std::string compact = to_base64url(as_bytes(header_of(public_key(ephemeral), link)));
  std::array<std::uint8_t, gcm_nonce_size> iv{};
  random.fill(iv);
  std::array<std::uint8_t, 32 + gcm_tag_size> sealed{};
  gcm_encrypt(sealed, agreed.view(), iv, as_bytes(compact), key.expose());
  compact += "..";
  compact += to_base64url(iv);
  compact += '.';
  compact += to_base64url(ByteView{sealed}.first<32>());
  compact += '.';
  compact += to_base64url(ByteView{sealed}.last<gcm_tag_size>());
  return SealedParcelFile{to_bytes(as_bytes(compact))};
}

Result<ContentKey> open_key_jwe(const AgreementKey& recipient, const LinkId& link,
                                const ReceivedParcelFile& jwe) {
  if (jwe.bytes.size() > max_key_jwe) return errc::too_large;
  std::string_view rest = as_text(jwe.bytes);
  std::array<std::string_view, 5> parts;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto dot = rest.find('.');
    if ((dot == std::string_view::npos) != (i + 1 == parts.size())) return errc::malformed;
    parts[i] = rest.substr(0, dot);
    if (dot != std::string_view::npos) rest.remove_prefix(dot + 1);
  }
  if (!parts[1].empty()) return errc::malformed;
  COFFRET_TRY(const auto ephemeral, read_key_header(parts[0], link));
  COFFRET_TRY(const auto iv, from_base64url(parts[2]));
  COFFRET_TRY(auto sealed, from_base64url(parts[3]));
  COFFRET_TRY(const auto tag, from_base64url(parts[4]));
  if (iv.size() != gcm_nonce_size || sealed.size() != ContentKey::size ||
      tag.size() != gcm_tag_size)
    return errc::malformed;
  append(sealed, tag);

  Wiped<32> agreed;
  if (!agree(agreed.space(), recipient.expose(), ephemeral.view(), link))
    return errc::unauthenticated;
  bool good = false;
  auto key = ContentKey::make([&](auto out) {
    good = gcm_decrypt(out, agreed.view(), ByteView{iv}.first<gcm_nonce_size>(), as_bytes(parts[0]),
                       sealed);
  });
  if (!good) return errc::unauthenticated;
  return key;
}

PairingSecret card_secret(const VaultKey& own, std::uint32_t serial) {
  Wiped<32> derived;
  derive(derived.space(), own.expose(), "coffret.carecard", {le32(serial)});
  return PairingSecret::make(
      [&](auto out) { std::copy_n(derived.data(), out.size(), out.begin()); });
}

PairingMac introduction_mac(const PairingSecret& secret, ByteView keys, ByteView introduction) {
  return pairing_mac(secret, introduction_step, keys, introduction);
}

SecretText caregiver_code(const CaregiverCode& code) {
  const std::string before = std::string{code_mark} + code.card + ".";
  CodeDigits digits;
  write_base32(digits.space().first<code_digits>(), code.secret.expose());
  write_code_check(digits.space().last<code_check_digits>(), check_label, before,
                   digits.view().first<code_digits>());
  return make_secret_text([&](SecretWriter& out) {
    out << before;
    write_groups(out, digits.view());
  });
}

bool is_caregiver_code(const SecretText& text) {
  return trimmed(as_text(text.expose())).starts_with(any_code_mark);
}

Result<CaregiverCode> parse_caregiver_code(const SecretText& text) {
  const auto line = trimmed(as_text(text.expose()));
  if (!line.starts_with(any_code_mark)) return errc::malformed;
  if (!line.starts_with(code_mark)) return errc::other_version;
  const auto dot = line.rfind('.');
  if (dot < code_mark.size()) return errc::wrong_passcode;
  CodeDigits digits;
  if (!read_groups(digits.space(), line.substr(dot + 1))) return errc::wrong_passcode;
  std::array<std::uint8_t, code_check_digits> expected{};
  write_code_check(expected, check_label, line.substr(0, dot + 1),
                   digits.view().first<code_digits>());
  const auto typed = digits.view().last<code_check_digits>();
  if (!std::equal(typed.begin(), typed.end(), expected.begin())) return errc::wrong_passcode;
  bool good = false;
  auto secret = PairingSecret::make(
      [&](auto out) { good = read_base32(out, digits.view().first<code_digits>()); });
  if (!good) return errc::wrong_passcode;
  const auto card = line.substr(code_mark.size(), dot - code_mark.size());
  return CaregiverCode{std::string{card}, std::move(secret)};
}

}  // namespace coffret::crypto
