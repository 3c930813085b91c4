// SPDX-License-Identifier: EUPL-1.2
//
// sealer.hpp: the only maker of sealed values (include/coffret/sealed.hpp) and the only opener of
// received ones. Formats: vault/DESIGN.md §2 to §4.
//
// Units: bytes. Bodies are at most limits::file_size; they are held in memory.
// Errors: unauthenticated (wrong key, altered, moved from another role or place; nothing is
// released), other_version (suite byte), malformed (too short to be one, or opened but not padded
// as the format says).
// Threads: pure functions; Random must be thread-safe.
#ifndef COFFRET_VAULT_CRYPTO_SEALER_HPP
#define COFFRET_VAULT_CRYPTO_SEALER_HPP

#include <cstdint>
#include <span>
#include <string_view>

#include "coffret/deposit.hpp"
#include "coffret/error.hpp"
#include "coffret/random.hpp"
#include "coffret/sealed.hpp"
#include "vault/crypto/keys.hpp"

namespace coffret::crypto {

inline constexpr std::uint8_t suite = 1;
inline constexpr std::size_t operation_step = 1024;        // bytes; operations are padded to this
inline constexpr std::size_t chunk_size = 64 * 1024;       // bytes of plaintext
inline constexpr std::size_t smallest_object = 64 * 1024;  // bytes, sealed

struct OperationContext {
  VaultId vault;
  std::uint32_t epoch = 0;
};

struct BodyContext {
  VaultId vault;
  DocumentId document;
  std::uint32_t version = 1;
};

// What a wrapped key is for; part of its authenticated context.
enum class WrapPurpose : std::uint8_t {
  document = 1,
  link = 2,
  server_half = 3,
  parcel = 4,
  deposit = 5
};

struct WrapContext {
  VaultId vault;
  WrapPurpose purpose = WrapPurpose::document;
  Bytes id;  // of the thing it opens
  std::uint32_t version = 0;
};

// Padmé (Nikitin et al., PETS 2019): the size an object of at least `size` bytes is padded to.
std::uint64_t padme(std::uint64_t size) noexcept;

// How large the sealed object of a body of this size is.
std::uint64_t object_size(std::uint64_t body) noexcept;

struct Depositor;      // deposit.hpp
struct DepositedFile;  // deposit.hpp

class Sealer {
 public:
  // Operations. The plaintext is padded here and unpadded on opening.
  static SealedOperation seal(const LogKey& key, const OperationContext& context,
                              ByteView operation, Random& random);
  static Result<Bytes> open(const LogKey& key, const OperationContext& context,
                            const ReceivedOperation& sealed);

  // Bodies. open gets exactly the located slice of the object and the true size.
  static SealedObject seal(const DocumentKey& key, const BodyContext& context, ByteView body);
  static Result<Bytes> open(const DocumentKey& key, const BodyContext& context,
                            const ReceivedObject& sealed, std::uint64_t size);
  // An object as it was sealed before, from a file: that it was made under this key its commitment
  // shows; whether all of it is unaltered its name tells whoever compares it.
  // Errors: unauthenticated.
  static Result<SealedObject> stored(const DocumentKey& key, const BodyContext& context,
                                     Bytes sealed);

  // Local files, bound to the vault and their name.
  static Bytes seal_file(const ConfigKey& key, const VaultId& vault, std::string_view name,
                         ByteView content, Random& random);
  static Result<Bytes> open_file(const ConfigKey& key, const VaultId& vault, std::string_view name,
                                 ByteView sealed);

  // Keys inside operations: Key is a 32-byte Secret.
  template <class Key>
  static Bytes wrap(const LogKey& key, const WrapContext& context, const Key& inner,
                    Random& random) {
    return wrap_bytes(key, context, inner.expose(), random);
  }
  template <class Key>
  static Result<Key> unwrap(const LogKey& key, const WrapContext& context, ByteView wrapped) {
    Result<void> opened;
    auto inner = Key::make([&](auto out) { opened = unwrap_bytes(key, context, wrapped, out); });
    if (opened.has_error()) return opened.error();
    return inner;
  }

  // VMK_e sealed to a device's or the recovery public key (DESIGN.md §3). The recipient opens it
  // with the key in its LocalSecrets, or with recovery_agreement_key.
  // Errors of seal_envelope: malformed (a public key of small order, which anyone could open for).
  static Result<Bytes> seal_envelope(const AgreementPublicKey& recipient,
                                     const OperationContext& context, const VaultKey& key,
                                     Random& random);
  static Result<VaultKey> open_envelope(const AgreementKey& recipient,
                                        const OperationContext& context, ByteView envelope);

  // VMK_{e-1} sealed under VMK_e; context.epoch is e.
  static Bytes seal_previous(const VaultKey& current, const OperationContext& context,
                             const VaultKey& previous, Random& random);
  static Result<VaultKey> open_previous(const VaultKey& current, const OperationContext& context,
                                        ByteView sealed);

  // One file of a parcel: compact JWE, alg=dir, enc=A256GCM, cty (RFC 7516, 7518 §4.5, §5.3).
  static SealedParcelFile seal(const ContentKey& key, std::string_view content_type,
                               ByteView content, Random& random);
  // K_n for one caregiver: compact JWE, ECDH-ES on X25519 (caregiver.hpp).
  // Errors: malformed (a public key of small order, which anyone could open for).
  static Result<SealedParcelFile> seal_to(const AgreementPublicKey& recipient, const LinkId& link,
                                          const ContentKey& key, Random& random);
  // Files for a deposit link's key, as a browser seals them (deposit.hpp).
  // Errors: malformed (no point of the curve, no file, a text over its limit), too_large.
  static Result<SealedDeposit> seal(const DepositPublicKey& key, const DepositPlace& place,
                                    const Depositor& from, std::int64_t sent_at,
                                    std::span<const DepositedFile> files, Random& random);

 private:
  static Bytes wrap_bytes(const LogKey& key, const WrapContext& context,
                          std::span<const std::uint8_t, 32> inner, Random& random);
  static Result<void> unwrap_bytes(const LogKey& key, const WrapContext& context, ByteView wrapped,
                                   std::span<std::uint8_t, 32> inner);
};

}  // namespace coffret::crypto

#endif  // COFFRET_VAULT_CRYPTO_SEALER_HPP
