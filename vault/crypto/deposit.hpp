// SPDX-License-Identifier: EUPL-1.2
//
// deposit.hpp: what a browser can seal to a vault: JWE ECDH-ES on P-256 (RFC 7518 §4.6), A256GCM,
// a key pair per deposit link; and the link (vault/DESIGN.md §19, sync/PROTOCOL.md §14).
//
// A deposit is lines of text, one compact JWE each, ended by a line feed: the letter (who sends
// what), then the parts of the files in their order. `apv` of line n is link ‖ deposit ‖ n, which
// enters the key: no line opens in another link, deposit or place.
// Errors: malformed (not of the form; a point that is not on the curve), unsupported (another alg,
// enc, curve or version), unauthenticated (another key or place, altered), damaged (a file is not
// what the letter says), too_large. Threads: pure functions.
#ifndef COFFRET_VAULT_CRYPTO_DEPOSIT_HPP
#define COFFRET_VAULT_CRYPTO_DEPOSIT_HPP

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "coffret/deposit.hpp"
#include "coffret/error.hpp"
#include "coffret/random.hpp"
#include "coffret/secret.hpp"
#include "vault/crypto/keys.hpp"
#include "vault/crypto/parcel.hpp"

namespace coffret::crypto {

using DepositKey = Secret<32, struct DepositKeyTag>;  // P-256 scalar, big-endian

DepositKey make_deposit_key(Random& random);
DepositPublicKey public_key(const DepositKey& key);
// What a deposit link names the key by: SHA-256 of its 65 bytes.
Sha256 key_hash(const DepositPublicKey& key);

// https://HOST/v#d1.<link id>.<SHA-256 of the key>.<server fingerprint, first 16 bytes>. It opens
// nothing; whoever has it may send.
struct DepositLink {
  std::string base_url;  // "https://host[:port]"
  LinkId id;
  Sha256 key;
  std::array<std::uint8_t, 16> server{};
};
SecretText format_deposit_link(const DepositLink& link);
// What follows its '#'.
std::string deposit_fragment(const DepositLink& link);
Result<DepositLink> parse_deposit_link(const SecretText& text);

// What the sender says of themselves: a claim that nobody vouches for.
struct Depositor {
  std::string name;
  std::string organisation;
  std::string note;
  bool operator==(const Depositor&) const = default;
};
inline constexpr std::size_t max_depositor_text = 256;  // bytes; of the note: 4,096
inline constexpr std::size_t max_deposit_note = 4096;
inline constexpr std::size_t max_deposited_name = 255;
inline constexpr std::size_t max_letter = 64 * 1024;  // bytes, padding included

struct DepositedFile {
  std::string name;
  std::string type;  // media type, as the sender's system says; not believed
  Bytes bytes;
};

// One line. `content` is padded by its maker.
Result<std::string> seal_deposit_line(const DepositPublicKey& key, const DepositPlace& place,
                                      std::uint32_t line, std::string_view content_type,
                                      ByteView content, Random& random);
Result<OpenedJwe> open_deposit_line(const DepositKey& key, const DepositPlace& place,
                                    std::uint32_t line, std::string_view jwe, std::size_t limit);
// A compact JWE of this kind whose `apv` is any: for foreign vectors. Errors: as above.
Result<OpenedJwe> open_p256_jwe(const DepositKey& key, std::string_view jwe, std::size_t limit);

struct LetterFile {
  std::string name;
  std::string type;
  std::uint64_t size = 0;
  Sha256 sha256;
  bool operator==(const LetterFile&) const = default;
};
struct Letter {
  Depositor from;
  std::int64_t sent_at = 0;  // as the sender's clock says
  std::vector<LetterFile> files;
  bool operator==(const Letter&) const = default;
};
std::string format_letter(const Letter& letter);
// Texts without control characters, within their limits; at least one file, within max_deposited.
Result<Letter> parse_letter(ByteView json);

// The first line alone.
Result<Letter> open_letter(const DepositKey& key, const DepositPlace& place, ByteView deposit);
// Every file, compared with what the letter says; nothing behind the last one.
struct OpenedDeposit {
  Letter letter;
  std::vector<Bytes> files;  // in the letter's order
};
Result<OpenedDeposit> open_deposit(const DepositKey& key, const DepositPlace& place,
                                   const ReceivedDeposit& deposit);

}  // namespace coffret::crypto

#endif  // COFFRET_VAULT_CRYPTO_DEPOSIT_HPP
