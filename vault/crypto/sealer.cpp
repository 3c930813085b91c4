// SPDX-License-Identifier: EUPL-1.2
#include "vault/crypto/sealer.hpp"

#include <sodium.h>

#include <algorithm>

#include "vault/crypto/body.hpp"
#include "vault/crypto/small_seal.hpp"

namespace coffret::crypto {
namespace {

constexpr std::size_t envelope_size = 1 + 32 + 32 + 32 + tag_size;

Bytes operation_aad(const OperationContext& c) {
  return context("coffret.op.....1", {c.vault.view(), le32(c.epoch)});
}
Bytes previous_aad(const OperationContext& c) {
  return context("coffret.prevkey1", {c.vault.view(), le32(c.epoch)});
}
Bytes file_aad(const VaultId& vault, std::string_view name) {
  return context("coffret.file...1", {vault.view(), as_bytes(name)});
}
Bytes wrap_aad(const WrapContext& c) {
  const auto purpose = static_cast<std::uint8_t>(c.purpose);
  return context("coffret.wrap...1",
                 {c.vault.view(), ByteView{&purpose, 1}, c.id, le32(c.version)});
}

// lp(operation) ‖ zeros, to a multiple of operation_step.
Bytes pad(ByteView operation) {
  Bytes padded;
  append_le(padded, static_cast<std::uint32_t>(operation.size()));
  append(padded, operation);
  padded.resize((padded.size() + operation_step - 1) / operation_step * operation_step);
  return padded;
}

// The only padding that pad makes; any other is refused.
Result<Bytes> unpad(ByteView padded) {
  if (padded.size() < 4) return errc::malformed;
  const std::size_t size = load_le<std::uint32_t>(padded);
  if (size > padded.size() - 4) return errc::malformed;
  Bytes operation = to_bytes(padded.subspan(4, size));
  const Bytes again = pad(operation);
  if (!std::equal(again.begin(), again.end(), padded.begin(), padded.end())) return errc::malformed;
  return operation;
}

// The key of an envelope, from the side that has `mine`; the two public keys are bound into it.
Result<void> with_envelope_key(KeyView mine, KeyView theirs, KeyView ephemeral, KeyView recipient,
                               const OperationContext& c, auto&& use) {
  Wiped<32> shared;
  // Refuses the all-zero secret that a public key of small order gives.
  if (::crypto_scalarmult(shared.data(), mine.data(), theirs.data()) != 0) return errc::malformed;
  const CommittedKey committed{
      shared.view(),
      "coffret.envelope",
      {ByteView{&suite, 1}, ephemeral, recipient, c.vault.view(), le32(c.epoch)}};
  return use(committed);
}

constexpr std::array<std::uint8_t, nonce_size> zero_nonce{};  // an envelope's key seals one thing

}  // namespace

SealedOperation Sealer::seal(const LogKey& key, const OperationContext& context, ByteView operation,
                             Random& random) {
  return SealedOperation{small_seal(key.expose(), operation_aad(context), pad(operation), random)};
}

Result<Bytes> Sealer::open(const LogKey& key, const OperationContext& context,
                           const ReceivedOperation& sealed) {
  COFFRET_TRY(const auto padded, small_open(key.expose(), operation_aad(context), sealed.bytes));
  return unpad(padded);
}

SealedObject Sealer::seal(const DocumentKey& key, const BodyContext& context, ByteView body) {
  return SealedObject{seal_body(key.expose(), context, body)};
}

Result<Bytes> Sealer::open(const DocumentKey& key, const BodyContext& context,
                           const ReceivedObject& sealed, std::uint64_t size) {
  return open_body(key.expose(), context, sealed.bytes, size);
}

Result<SealedObject> Sealer::stored(const DocumentKey& key, const BodyContext& context,
                                    Bytes sealed) {
  if (!is_body_under(key.expose(), context, sealed)) return errc::unauthenticated;
  return SealedObject{std::move(sealed)};
}

Bytes Sealer::seal_file(const ConfigKey& key, const VaultId& vault, std::string_view name,
                        ByteView content, Random& random) {
  return small_seal(key.expose(), file_aad(vault, name), content, random);
}

Result<Bytes> Sealer::open_file(const ConfigKey& key, const VaultId& vault, std::string_view name,
                                ByteView sealed) {
  return small_open(key.expose(), file_aad(vault, name), sealed);
}

Bytes Sealer::wrap_bytes(const LogKey& key, const WrapContext& context,
                         std::span<const std::uint8_t, 32> inner, Random& random) {
  return small_seal(key.expose(), wrap_aad(context), inner, random);
}

Result<void> Sealer::unwrap_bytes(const LogKey& key, const WrapContext& context, ByteView wrapped,
                                  std::span<std::uint8_t, 32> inner) {
  return small_open(inner, key.expose(), wrap_aad(context), wrapped);
}

Result<Bytes> Sealer::seal_envelope(const AgreementPublicKey& recipient,
                                    const OperationContext& context, const VaultKey& key,
                                    Random& random) {
  const auto ephemeral = make_key<AgreementKey>(random);
  const AgreementPublicKey ours = public_key(ephemeral);
  Bytes envelope{suite};
  append(envelope, ours.view());
  const auto fill = [&](const CommittedKey& committed) -> Result<void> {
    append(envelope, committed.commitment());
    const Bytes aad = envelope;
    envelope.resize(envelope_size);
    encrypt(MutableByteView{envelope}.subspan(aad.size()), committed.key(), zero_nonce, aad,
            key.expose());
    return {};
  };
  COFFRET_CHECK(with_envelope_key(ephemeral.expose(), recipient.bytes, ours.bytes, recipient.bytes,
                                  context, fill));
  return envelope;
}

Result<VaultKey> Sealer::open_envelope(const AgreementKey& recipient,
                                       const OperationContext& context, ByteView envelope) {
  if (envelope.empty()) return errc::malformed;
  if (envelope[0] != suite) return errc::other_version;
  if (envelope.size() != envelope_size) return errc::malformed;
  const auto ephemeral = envelope.subspan<1, 32>();
  const auto commitment = envelope.subspan<33, 32>();

  Wiped<32> opened;
  const auto open = [&](const CommittedKey& committed) -> Result<void> {
    if (!equal(committed.commitment(), commitment)) return errc::unauthenticated;
    if (!decrypt(opened.space(), committed.key(), zero_nonce, envelope.first<65>(),
                 envelope.subspan<65>()))
      return errc::unauthenticated;
    return {};
  };
  const auto done = with_envelope_key(recipient.expose(), ephemeral, ephemeral,
                                      public_key(recipient).bytes, context, open);
  if (done.has_error()) return errc::unauthenticated;
  return VaultKey::make([&](auto out) { std::copy_n(opened.data(), out.size(), out.begin()); });
}

Bytes Sealer::seal_previous(const VaultKey& current, const OperationContext& context,
                            const VaultKey& previous, Random& random) {
  Wiped<32> key;
  derive(key.space(), current.expose(), "coffret.previous",
         {context.vault.view(), le32(context.epoch)});
  return small_seal(key.view(), previous_aad(context), previous.expose(), random);
}

Result<VaultKey> Sealer::open_previous(const VaultKey& current, const OperationContext& context,
                                       ByteView sealed) {
  Wiped<32> key;
  derive(key.space(), current.expose(), "coffret.previous",
         {context.vault.view(), le32(context.epoch)});
  Wiped<32> opened;
  COFFRET_CHECK(small_open(opened.space(), key.view(), previous_aad(context), sealed));
  return VaultKey::make([&](auto out) { std::copy_n(opened.data(), out.size(), out.begin()); });
}

}  // namespace coffret::crypto
