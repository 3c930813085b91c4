// SPDX-License-Identifier: EUPL-1.2
#include "vault/crypto/keyslot.hpp"

#include <sodium.h>

#include <algorithm>

#include "vault/crypto/passphrase.hpp"
#include "vault/crypto/sealer.hpp"
#include "vault/crypto/slot_content.hpp"
#include "vault/crypto/small_seal.hpp"

namespace coffret::crypto {
namespace {

constexpr std::string_view magic = "COFFRETK";
constexpr std::uint8_t version = 1;

// Where each field of the file begins.
constexpr std::size_t at_version = 8;
constexpr std::size_t at_suite = 9;
constexpr std::size_t at_vault = 10;
constexpr std::size_t at_device = 26;
constexpr std::size_t at_memory = 42;
constexpr std::size_t at_passes = 46;
constexpr std::size_t at_salt = 50;
constexpr std::size_t at_commitment = 66;
constexpr std::size_t at_nonce = 98;
constexpr std::size_t at_sealed = 122;
constexpr std::size_t content_size = slot_content_size;
constexpr std::size_t at_checksum = at_sealed + content_size + tag_size;
constexpr std::size_t file_size = at_checksum + 32;

std::array<std::uint8_t, 32> checksum(ByteView before) {
  std::array<std::uint8_t, 32> sum{};
  (void)::crypto_generichash_blake2b(sum.data(), sum.size(), before.data(), before.size(), nullptr,
                                     0);
  return sum;
}

// The file as far as it can be judged without the passphrase.
Result<void> judge(ByteView file) {
  if (file.size() < at_vault || as_text(file.first(magic.size())) != magic)
    return errc::keyslot_damaged;
  if (file[at_version] != version || file[at_suite] != suite) return errc::other_version;
  if (file.size() != file_size) return errc::keyslot_damaged;
  const auto sum = checksum(file.first(at_checksum));
  if (!std::equal(sum.begin(), sum.end(), file.begin() + at_checksum)) return errc::keyslot_damaged;
  return {};
}

KeyslotOwner owner_of(ByteView file) {
  KeyslotOwner owner;
  std::copy_n(file.begin() + at_vault, VaultId::size, owner.vault.bytes.begin());
  std::copy_n(file.begin() + at_device, DeviceId::size, owner.device.bytes.begin());
  return owner;
}

// The first cost of the ladder that this machine can compute.
Result<Argon2Cost> hash_at_best_cost(Wiped<64>& out, const SecretText& passphrase, Salt salt,
                                     const CostPolicy& policy) {
  const NfcText text{passphrase.expose()};
  for (const Argon2Cost& cost : cost_ladder(policy))
    if (argon2id(out.space(), text.view(), salt, cost)) return cost;
  return errc::weak_parameters;
}

}  // namespace

void write_slot_content(std::span<std::uint8_t, slot_content_size> out,
                        const LocalSecrets& secrets) {
  const auto epoch = le32(secrets.epoch);
  auto to = std::copy(epoch.begin(), epoch.end(), out.begin());
  for (const KeyView key : {secrets.vault_key.expose(), secrets.signing_seed.expose(),
                            secrets.agreement_key.expose(), secrets.store_key.expose()})
    to = std::copy(key.begin(), key.end(), to);
}

LocalSecrets read_slot_content(std::span<const std::uint8_t, slot_content_size> in) {
  const auto key = [&](std::size_t index) {
    return [from = in.subspan(4 + 32 * index, 32)](KeySpace out) {
      std::copy(from.begin(), from.end(), out.begin());
    };
  };
  return {load_le<std::uint32_t>(in), VaultKey::make(key(0)), SigningSeed::make(key(1)),
          AgreementKey::make(key(2)), StoreKey::make(key(3))};
}

LocalSecrets make_local_secrets(Random& random) {
  return {1, make_key<VaultKey>(random), make_key<SigningSeed>(random),
          make_key<AgreementKey>(random), make_key<StoreKey>(random)};
}

Result<MadeKeyslot> make_keyslot(const KeyslotOwner& owner, const LocalSecrets& secrets,
                                 const SecretText& passphrase, const CostPolicy& policy,
                                 Random& random) {
  std::array<std::uint8_t, 16> salt{};
  std::array<std::uint8_t, nonce_size> nonce{};
  random.fill(salt);
  random.fill(nonce);
  Wiped<64> derived;  // key encryption key ‖ commitment
  COFFRET_TRY(const auto cost, hash_at_best_cost(derived, passphrase, salt, policy));

  Bytes file = to_bytes(as_bytes(magic));
  file.push_back(version);
  file.push_back(suite);
  append(file, owner.vault.view());
  append(file, owner.device.view());
  append_le(file, cost.memory_kib);
  append_le(file, cost.passes);
  append(file, salt);
  append(file, derived.view().last<32>());
  append(file, nonce);

  Wiped<content_size> content;
  write_slot_content(content.space(), secrets);
  const Bytes aad = file;
  file.resize(at_checksum);
  encrypt(MutableByteView{file}.subspan(at_sealed), derived.view().first<32>(), nonce, aad,
          content.view());
  append(file, checksum(file));
  return MadeKeyslot{std::move(file), cost};
}

Result<KeyslotOwner> keyslot_owner(ByteView file) {
  COFFRET_CHECK(judge(file));
  return owner_of(file);
}

Result<OpenedKeyslot> open_keyslot(ByteView file, const SecretText& passphrase,
                                   const CostPolicy& policy) {
  COFFRET_CHECK(judge(file));
  const Argon2Cost cost{load_le<std::uint32_t>(file.subspan(at_memory)),
                        load_le<std::uint32_t>(file.subspan(at_passes))};
  if (!accepts(policy, cost)) return errc::weak_parameters;

  Wiped<64> derived;
  const NfcText text{passphrase.expose()};
  if (!argon2id(derived.space(), text.view(), file.subspan<at_salt, 16>(), cost))
    return errc::not_enough_memory;
  if (!equal(derived.view().last<32>(), file.subspan<at_commitment, 32>()))
    return errc::wrong_passphrase;

  Wiped<content_size> content;
  if (!decrypt(content.space(), derived.view().first<32>(), file.subspan<at_nonce, nonce_size>(),
               file.first<at_sealed>(), file.subspan(at_sealed, content_size + tag_size)))
    return errc::keyslot_damaged;
  return OpenedKeyslot{owner_of(file), read_slot_content(content.view())};
}

}  // namespace coffret::crypto
