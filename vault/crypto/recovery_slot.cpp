// SPDX-License-Identifier: EUPL-1.2
#include "vault/crypto/recovery_slot.hpp"

#include <algorithm>

#include "vault/crypto/sealer.hpp"
#include "vault/crypto/slot_content.hpp"
#include "vault/crypto/small_seal.hpp"

namespace coffret::crypto {
namespace {

// "COFFRETR" ‖ version ‖ vault ‖ device ‖ recovery key ‖ envelope ‖ small seal
constexpr std::string_view magic = "COFFRETR";
constexpr std::uint8_t version = 1;
constexpr std::size_t at_vault = 9;
constexpr std::size_t at_device = at_vault + VaultId::size;
constexpr std::size_t at_recovery = at_device + DeviceId::size;
constexpr std::size_t at_envelope = at_recovery + AgreementPublicKey::size;
constexpr std::size_t envelope_size = 113;
constexpr std::size_t at_seal = at_envelope + envelope_size;
constexpr std::size_t file_size = at_seal + small_seal_overhead + slot_content_size;
// No epoch has this number: a slot's envelope is none of the log's.
constexpr std::uint32_t no_epoch = 0;

Bytes seal_context(ByteView before) {
  return context("coffret.slot...1", {before});
}

}  // namespace

Result<Bytes> make_recovery_slot(const RecoverySlotFacts& facts, const LocalSecrets& secrets,
                                 Random& random) {
  const auto key = make_key<VaultKey>(random);  // of this file alone
  COFFRET_TRY(const auto envelope,
              Sealer::seal_envelope(facts.recovery, {facts.owner.vault, no_epoch}, key, random));
  Bytes file = to_bytes(as_bytes(magic));
  file.push_back(version);
  append(file, facts.owner.vault.view());
  append(file, facts.owner.device.view());
  append(file, facts.recovery.view());
  append(file, envelope);
  Wiped<slot_content_size> content;
  write_slot_content(content.space(), secrets);
  const Bytes sealed = small_seal(key.expose(), seal_context(file), content.view(), random);
  append(file, sealed);
  return file;
}

Result<RecoverySlotFacts> recovery_slot_facts(ByteView file) {
  if (file.size() < at_vault || as_text(file.first(magic.size())) != magic) return errc::damaged;
  if (file[magic.size()] != version) return errc::other_version;
  if (file.size() != file_size) return errc::damaged;
  RecoverySlotFacts facts;
  std::copy_n(file.begin() + at_vault, VaultId::size, facts.owner.vault.bytes.begin());
  std::copy_n(file.begin() + at_device, DeviceId::size, facts.owner.device.bytes.begin());
  std::copy_n(file.begin() + at_recovery, AgreementPublicKey::size, facts.recovery.bytes.begin());
  return facts;
}

Result<OpenedKeyslot> open_recovery_slot(ByteView file, const RecoverySeed& seed) {
  COFFRET_TRY(const auto facts, recovery_slot_facts(file));
  const auto recovery = recovery_agreement_key(seed);
  if (public_key(recovery) != facts.recovery) return errc::wrong_recovery_key;
  const auto key = Sealer::open_envelope(recovery, {facts.owner.vault, no_epoch},
                                         file.subspan(at_envelope, envelope_size));
  if (key.has_error()) return errc::damaged;
  Wiped<slot_content_size> content;
  const auto opened = small_open(content.space(), key->expose(), seal_context(file.first(at_seal)),
                                 file.subspan(at_seal));
  if (opened.has_error()) return errc::damaged;
  return OpenedKeyslot{facts.owner, read_slot_content(content.view())};
}

}  // namespace coffret::crypto
