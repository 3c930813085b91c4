// SPDX-License-Identifier: EUPL-1.2
#include "vault/crypto/age.hpp"

#include <algorithm>
#include <charconv>

#include "vault/crypto/age_bech32.hpp"
#include "vault/crypto/age_header.hpp"
#include "vault/crypto/kdf.hpp"
#include "vault/crypto/passphrase.hpp"
#include "vault/crypto/wiped.hpp"

namespace coffret::crypto {
namespace {

constexpr std::size_t file_key_size = 16;  // bytes
constexpr std::size_t tag_size = 16;       // bytes, Poly1305
constexpr std::size_t salt_size = 16;      // bytes, scrypt
constexpr std::size_t nonce_size = 16;     // bytes, in front of the payload
constexpr std::size_t wrapped_size = file_key_size + tag_size;
constexpr std::string_view x25519_label = "age-encryption.org/v1/X25519";
constexpr std::string_view scrypt_label = "age-encryption.org/v1/scrypt";

using ChunkNonce = std::array<std::uint8_t, crypto_aead_chacha20poly1305_IETF_NPUBBYTES>;

// 11 bytes of counter, big-endian, and whether this is the last chunk.
ChunkNonce chunk_nonce(std::uint64_t counter, bool last) {
  ChunkNonce nonce{};
  for (std::size_t i = 0; i < 8; ++i) nonce[10 - i] = static_cast<std::uint8_t>(counter >> (8 * i));
  nonce[11] = last ? 1 : 0;
  return nonce;
}

// out has tag_size bytes more than the plaintext.
void seal(std::uint8_t* out, KeyView key, const ChunkNonce& nonce, ByteView plaintext) {
  (void)::crypto_aead_chacha20poly1305_ietf_encrypt(out, nullptr, plaintext.data(),
                                                    plaintext.size(), nullptr, 0, nullptr,
                                                    nonce.data(), key.data());
}

bool unseal(std::uint8_t* out, KeyView key, const ChunkNonce& nonce, ByteView sealed) {
  return ::crypto_aead_chacha20poly1305_ietf_decrypt(out, nullptr, nullptr, sealed.data(),
                                                     sealed.size(), nullptr, 0, nonce.data(),
                                                     key.data()) == 0;
}

// false: the machine has not that much memory now.
[[nodiscard]] bool scrypt_key(KeySpace out, const SecretText& passphrase, ByteView salt,
                              unsigned work_factor) {
  const NfcText text{passphrase.expose()};
  Bytes labelled = to_bytes(as_bytes(scrypt_label));
  append(labelled, salt);
  return ::crypto_pwhash_scryptsalsa208sha256_ll(
             text.view().data(), text.view().size(), labelled.data(), labelled.size(),
             std::uint64_t{1} << work_factor, 8, 1, out.data(), out.size()) == 0;
}

// The key between an ephemeral share and a recipient. false: a point of low order.
[[nodiscard]] bool agreed_key(KeySpace out, KeyView secret, KeyView other, KeyView share,
                              KeyView recipient) {
  Wiped<32> shared;
  if (::crypto_scalarmult_curve25519(shared.data(), secret.data(), other.data()) != 0) return false;
  Bytes salt = to_bytes(share);
  append(salt, recipient);
  hkdf32(out, shared.view(), salt, {as_bytes(x25519_label)});
  return true;
}

Bytes wrap(KeyView key, AgeFileKey file_key) {
  Bytes wrapped(wrapped_size);
  seal(wrapped.data(), key, {}, file_key);
  return wrapped;
}

void header_mac(KeySpace out, AgeFileKey file_key, std::string_view covered) {
  Wiped<32> key;
  hkdf32(key.space(), file_key, {}, {as_bytes("header")});
  hmac_sha256(out, key.view(), {as_bytes(covered)});
}

AgePayloadKey payload_key(AgeFileKey file_key, ByteView nonce) {
  return AgePayloadKey::make(
      [&](auto out) { hkdf32(out, file_key, nonce, {as_bytes("payload")}); });
}

// A decimal number as the format spells it: no sign, no leading zero.
Result<unsigned> work_factor_of(std::string_view word) {
  unsigned value = 0;
  const auto [end, ec] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (ec != std::errc{} || end != word.data() + word.size() || word.starts_with('0') || value > 63)
    return errc::malformed;
  return value;
}

Result<std::string> recipient_stanza(const AgeRecipient& recipient, AgeFileKey file_key,
                                     Random& random) {
  Wiped<32> ephemeral;
  random.fill(ephemeral.space());
  std::array<std::uint8_t, 32> share{};
  (void)::crypto_scalarmult_curve25519_base(share.data(), ephemeral.data());
  Wiped<32> key;
  if (!agreed_key(key.space(), ephemeral.view(), recipient.bytes, share, recipient.bytes))
    return errc::malformed;
  return format_age_stanza({"X25519", age_base64(share)}, wrap(key.view(), file_key));
}

}  // namespace

Result<AgeRecipient> parse_age_recipient(std::string_view text) {
  AgeRecipient recipient;
  if (!text.starts_with("age1") || !read_bech32(recipient.bytes, "age", text))
    return errc::malformed;
  return recipient;
}

Result<AgeIdentity> parse_age_identity(const SecretText& text) {
  bool good = false;
  auto identity = AgeIdentity::make([&](auto out) {
    const auto written = as_text(text.expose());
    good = written.starts_with("AGE-") && read_bech32(out, "age-secret-key-", written);
  });
  if (!good) return errc::malformed;
  return identity;
}

AgeWriter AgeWriter::start(AgeFileKey file_key, std::string_view stanzas, Random& random,
                           Bytes& out) {
  std::string covered{age_version_line};
  covered += stanzas;
  covered += "---";
  std::array<std::uint8_t, 32> mac{};
  header_mac(mac, file_key, covered);
  std::array<std::uint8_t, nonce_size> nonce{};
  random.fill(nonce);
  append(out, as_bytes(covered + " " + age_base64(mac) + "\n"));
  append(out, nonce);
  return AgeWriter{payload_key(file_key, nonce)};
}

Result<AgeWriter> AgeWriter::to_passphrase(const SecretText& passphrase, unsigned work_factor,
                                           Random& random, Bytes& out) {
  if (passphrase.empty() || work_factor == 0 || work_factor > age_work_factor_limit)
    return errc::malformed;
  Wiped<file_key_size> file_key;
  random.fill(file_key.space());
  std::array<std::uint8_t, salt_size> salt{};
  random.fill(salt);
  Wiped<32> key;
  if (!scrypt_key(key.space(), passphrase, salt, work_factor)) throw std::bad_alloc{};
  const auto stanza = format_age_stanza({"scrypt", age_base64(salt), std::to_string(work_factor)},
                                        wrap(key.view(), file_key.view()));
  return start(file_key.view(), stanza, random, out);
}

Result<AgeWriter> AgeWriter::to_recipients(const std::vector<AgeRecipient>& recipients,
                                           Random& random, Bytes& out) {
  if (recipients.empty() || recipients.size() > age_recipient_limit) return errc::malformed;
  Wiped<file_key_size> file_key;
  random.fill(file_key.space());
  std::string stanzas;
  for (const auto& recipient : recipients) {
    COFFRET_TRY(const auto stanza, recipient_stanza(recipient, file_key.view(), random));
    stanzas += stanza;
  }
  return start(file_key.view(), stanzas, random, out);
}

void AgeWriter::seal_chunk(bool last, Bytes& out) {
  const std::size_t at = out.size();
  out.resize(at + held_.size() + tag_size);
  seal(out.data() + at, key_.expose(), chunk_nonce(chunk_++, last), held_);
  ::sodium_memzero(held_.data(), held_.size());
  held_.clear();
}

void AgeWriter::write(ByteView plaintext, Bytes& out) {
  held_.reserve(age_chunk);
  while (!plaintext.empty()) {
    // A full chunk waits until more comes: only then is it known not to be the last.
    if (held_.size() == age_chunk) seal_chunk(false, out);
    const auto piece = plaintext.first(std::min(plaintext.size(), age_chunk - held_.size()));
    append(held_, piece);
    plaintext = plaintext.subspan(piece.size());
  }
}

void AgeWriter::finish(Bytes& out) {
  seal_chunk(true, out);
}

// `unwrap` is called with each stanza until one gives the file key; it says not_found for a stanza
// that is not its kind.
template <class Unwrap>
Result<AgeReader> AgeReader::open_with(ByteView file, Unwrap&& unwrap) {
  COFFRET_TRY(const auto header, read_age_header(as_text(file)));
  if (file.size() < header.size + nonce_size) return errc::malformed;
  const auto scrypt = [](const AgeStanza& s) { return s.words.front() == "scrypt"; };
  if (header.stanzas.size() > 1 &&
      std::any_of(header.stanzas.begin(), header.stanzas.end(), scrypt))
    return errc::malformed;

  Wiped<file_key_size> file_key;
  errc failure = errc::unsupported;
  for (const auto& stanza : header.stanzas) {
    const Result<void> opened = unwrap(stanza, file_key.space());
    if (opened.has_error()) {
      if (opened.error() == errc::not_found) continue;
      if (opened.error() != errc::wrong_passphrase) return opened.error();
      failure = errc::wrong_passphrase;
      continue;
    }
    Wiped<32> mac;
    header_mac(mac.space(), file_key.view(), header.covered);
    if (::sodium_memcmp(mac.data(), header.mac.data(), 32) != 0) return errc::unauthenticated;
    return AgeReader{payload_key(file_key.view(), file.subspan(header.size, nonce_size)),
                     header.size + nonce_size};
  }
  return failure;
}

Result<AgeReader> AgeReader::open(ByteView file, const SecretText& passphrase) {
  return open_with(file, [&](const AgeStanza& stanza, MutableByteView out) -> Result<void> {
    if (stanza.words.front() != "scrypt") return errc::not_found;
    if (stanza.words.size() != 3 || stanza.body.size() != wrapped_size) return errc::malformed;
    COFFRET_TRY(const auto salt, from_age_base64(stanza.words[1]));
    COFFRET_TRY(const unsigned work_factor, work_factor_of(stanza.words[2]));
    if (salt.size() != salt_size || work_factor == 0) return errc::malformed;
    if (work_factor > age_work_factor_limit) return errc::weak_parameters;
    Wiped<32> key;
    if (!scrypt_key(key.space(), passphrase, salt, work_factor)) throw std::bad_alloc{};
    return unseal(out.data(), key.view(), {}, stanza.body) ? Result<void>{}
                                                           : Result<void>{errc::wrong_passphrase};
  });
}

Result<AgeReader> AgeReader::open(ByteView file, const AgeIdentity& identity) {
  AgeRecipient own;
  (void)::crypto_scalarmult_curve25519_base(own.bytes.data(), identity.expose().data());
  return open_with(file, [&](const AgeStanza& stanza, MutableByteView out) -> Result<void> {
    if (stanza.words.front() != "X25519") return errc::not_found;
    if (stanza.words.size() != 2 || stanza.body.size() != wrapped_size) return errc::malformed;
    COFFRET_TRY(const auto raw, from_age_base64(stanza.words[1]));
    COFFRET_TRY(const auto share, AgeRecipient::from(raw));
    Wiped<32> key;
    if (!agreed_key(key.space(), identity.expose(), share.bytes, share.bytes, own.bytes))
      return errc::malformed;
    return unseal(out.data(), key.view(), {}, stanza.body) ? Result<void>{}
                                                           : Result<void>{errc::wrong_passphrase};
  });
}

Result<Bytes> AgeReader::chunk(ByteView sealed, bool last) {
  const bool full = sealed.size() == age_chunk + tag_size;
  if (sealed.size() < tag_size || sealed.size() > age_chunk + tag_size || (!last && !full) ||
      (last && sealed.size() == tag_size && chunk_ > 0))
    return errc::malformed;  // only an empty file ends in an empty chunk
  Bytes plaintext(sealed.size() - tag_size);
  if (!unseal(plaintext.data(), key_.expose(), chunk_nonce(chunk_, last), sealed))
    return errc::unauthenticated;
  ++chunk_;
  return plaintext;
}

}  // namespace coffret::crypto
