// SPDX-License-Identifier: EUPL-1.2
#include "vault/crypto/deposit.hpp"

#include <algorithm>
#include <optional>

#include "coffret/encoding.hpp"
#include "coffret/json.hpp"
#include "vault/crypto/caregiver.hpp"
#include "vault/crypto/gcm.hpp"
#include "vault/crypto/p256.hpp"
#include "vault/crypto/sealer.hpp"
#include "vault/crypto/wiped.hpp"

namespace coffret::crypto {
namespace {

constexpr std::string_view deposit_cipher = "A256GCM";
constexpr std::uint32_t deposit_key_bits = 256;
constexpr std::size_t longest_line_header = 1024;  // characters, encoded
constexpr std::size_t letter_step = 1024;          // bytes
constexpr std::string_view letter_type = "application/json";
constexpr std::string_view part_type = "application/octet-stream";

Bytes place_bytes(const DepositPlace& place, std::uint32_t line) {
  Bytes bytes = to_bytes(place.link.view());
  append(bytes, place.deposit.view());
  for (const int shift : {24, 16, 8, 0}) bytes.push_back(static_cast<std::uint8_t>(line >> shift));
  return bytes;
}

// The key that both sides agree on. false: the other's key is no point of the curve.
[[nodiscard]] bool agree_on(KeySpace out, const DepositKey& key, const DepositPublicKey& other,
                            ByteView party_u, ByteView party_v) {
  Wiped<32> shared;
  if (!p256_agree(shared.space(), key, other)) return false;
  concat_kdf(out, shared.view(), deposit_cipher, party_u, party_v, deposit_key_bits);
  return true;
}

std::string line_header(const DepositPublicKey& ephemeral, ByteView place,
                        std::string_view content_type) {
  const ByteView point = ephemeral.bytes;
  return R"({"alg":"ECDH-ES","enc":"A256GCM","epk":{"kty":"EC","crv":"P-256","x":")" +
         to_base64url(point.subspan(1, 32)) + R"(","y":")" + to_base64url(point.subspan(33, 32)) +
         R"("},"apv":")" + to_base64url(place) + R"(","cty":")" + std::string{content_type} +
         R"("})";
}

bool states(const boost::json::object& from, std::string_view member, std::string_view value) {
  const auto* text = text_member(from, member);
  return text != nullptr && *text == boost::json::string_view{value.data(), value.size()};
}

Result<Bytes> raw_member(const boost::json::object& from, std::string_view member) {
  const auto* text = text_member(from, member);
  if (text == nullptr) return errc::malformed;
  return from_base64url({text->data(), text->size()});
}

struct LineHeader {
  DepositPublicKey ephemeral;
  Bytes party_u;
  Bytes party_v;
  std::string content_type;
};

Result<DepositPublicKey> read_epk(const boost::json::value* value) {
  if (value == nullptr || !value->is_object()) return errc::malformed;
  const auto& epk = value->get_object();
  if (!states(epk, "kty", "EC") || !states(epk, "crv", "P-256")) return errc::unsupported;
  COFFRET_TRY(const auto x, raw_member(epk, "x"));
  COFFRET_TRY(const auto y, raw_member(epk, "y"));
  if (x.size() != 32 || y.size() != 32) return errc::malformed;
  Bytes point{4};
  append(point, x);
  append(point, y);
  return DepositPublicKey::from(point);
}

Result<LineHeader> read_line_header(std::string_view encoded) {
  if (encoded.size() > longest_line_header) return errc::malformed;
  COFFRET_TRY(const auto bytes, from_base64url(encoded));
  COFFRET_TRY(const auto value, parse_json(as_text(bytes)));
  const auto* object = value.if_object();
  if (object == nullptr) return errc::malformed;
  if (!states(*object, "alg", "ECDH-ES") || !states(*object, "enc", deposit_cipher) ||
      object->contains("crit") || object->contains("zip"))
    return errc::unsupported;
  LineHeader header;
  COFFRET_TRY(header.ephemeral, read_epk(object->if_contains("epk")));
  if (object->contains("apu")) {
    COFFRET_TRY(header.party_u, raw_member(*object, "apu"));
  }
  if (object->contains("apv")) {
    COFFRET_TRY(header.party_v, raw_member(*object, "apv"));
  }
  if (const auto* cty = text_member(*object, "cty"))
    header.content_type.assign(cty->data(), cty->size());
  return header;
}

struct JweParts {
  std::string_view header, iv, ciphertext, tag;
};
Result<JweParts> split_jwe(std::string_view jwe) {
  std::array<std::string_view, 5> parts;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto dot = jwe.find('.');
    if ((dot == std::string_view::npos) != (i + 1 == parts.size())) return errc::malformed;
    parts[i] = jwe.substr(0, dot);
    if (dot != std::string_view::npos) jwe.remove_prefix(dot + 1);
  }
  if (!parts[1].empty()) return errc::malformed;
  return JweParts{parts[0], parts[2], parts[3], parts[4]};
}

// `place`: what apv must be; null: anything.
Result<OpenedJwe> open_line(const DepositKey& key, const Bytes* place, std::string_view jwe,
                            std::size_t limit) {
  COFFRET_TRY(const auto parts, split_jwe(jwe));
  COFFRET_TRY(auto header, read_line_header(parts.header));
  if (place != nullptr && (header.party_v != *place || !header.party_u.empty()))
    return errc::unauthenticated;
  COFFRET_TRY(const auto iv, from_base64url(parts.iv));
  COFFRET_TRY(const auto tag, from_base64url(parts.tag));
  if (iv.size() != gcm_nonce_size || tag.size() != gcm_tag_size) return errc::malformed;
  if (parts.ciphertext.size() / 4 > limit / 3 + 1) return errc::too_large;
  COFFRET_TRY(auto sealed, from_base64url(parts.ciphertext));
  if (sealed.size() > limit) return errc::too_large;
  append(sealed, tag);
  Wiped<32> agreed;
  if (!agree_on(agreed.space(), key, header.ephemeral, header.party_u, header.party_v))
    return errc::malformed;
  Bytes content(sealed.size() - tag.size());
  if (!gcm_decrypt(content, agreed.view(), ByteView{iv}.first<gcm_nonce_size>(),
                   as_bytes(parts.header), sealed))
    return errc::unauthenticated;
  return OpenedJwe{std::move(header.content_type), std::move(content)};
}

// The next line, without its end. Errors: malformed (there is none).
Result<std::string_view> next_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  if (end == std::string_view::npos) return errc::malformed;
  const auto line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return line;
}

std::size_t lines_of(std::uint64_t size) {
  return static_cast<std::size_t>(
      std::max<std::uint64_t>((size + deposit_part - 1) / deposit_part, 1));
}

std::size_t part_at(std::uint64_t size, std::size_t index) {
  return static_cast<std::size_t>(
      std::min<std::uint64_t>(deposit_part, size - std::uint64_t{index} * deposit_part));
}

Bytes zero_padded(ByteView part) {
  Bytes padded = to_bytes(part);
  padded.resize(static_cast<std::size_t>(padme(part.size())));
  return padded;
}

// To the size that the padding gives, with zeros: nobody writes anything else there.
bool is_padded(ByteView content, std::size_t size) {
  return content.size() == padme(size) &&
         std::all_of(content.begin() + static_cast<std::ptrdiff_t>(size), content.end(),
                     [](std::uint8_t byte) { return byte == 0; });
}

Result<Letter> letter_in(const DepositKey& key, const DepositPlace& place, std::string_view& rest) {
  COFFRET_TRY(const auto line, next_line(rest));
  COFFRET_TRY(const auto opened, open_deposit_line(key, place, 0, line, max_letter));
  if (opened.content_type != letter_type) return errc::malformed;
  return parse_letter(opened.content);
}

}  // namespace

DepositKey make_deposit_key(Random& random) {
  return DepositKey::make([&](auto out) {
    do random.fill(out);
    while (!is_p256_scalar(out));
  });
}

Sha256 key_hash(const DepositPublicKey& key) {
  return sha256(key.bytes);
}

Result<std::string> seal_deposit_line(const DepositPublicKey& key, const DepositPlace& place,
                                      std::uint32_t line, std::string_view content_type,
                                      ByteView content, Random& random) {
  const auto ephemeral = make_deposit_key(random);
  const Bytes where = place_bytes(place, line);
  Wiped<32> agreed;
  if (!agree_on(agreed.space(), ephemeral, key, {}, where)) return errc::malformed;
  std::string compact =
      to_base64url(as_bytes(line_header(public_key(ephemeral), where, content_type)));
  std::array<std::uint8_t, gcm_nonce_size> iv{};
  random.fill(iv);
  Bytes sealed(content.size() + gcm_tag_size);
  gcm_encrypt(sealed, agreed.view(), iv, as_bytes(compact), content);
  compact += "..";
  compact += to_base64url(iv);
  compact += '.';
  compact += to_base64url(ByteView{sealed}.first(content.size()));
  compact += '.';
  compact += to_base64url(ByteView{sealed}.last(gcm_tag_size));
  return compact;
}

Result<OpenedJwe> open_deposit_line(const DepositKey& key, const DepositPlace& place,
                                    std::uint32_t line, std::string_view jwe, std::size_t limit) {
  const Bytes where = place_bytes(place, line);
  return open_line(key, &where, jwe, limit);
}

Result<OpenedJwe> open_p256_jwe(const DepositKey& key, std::string_view jwe, std::size_t limit) {
  return open_line(key, nullptr, jwe, limit);
}

Result<SealedDeposit> Sealer::seal(const DepositPublicKey& key, const DepositPlace& place,
                                   const Depositor& from, std::int64_t sent_at,
                                   std::span<const DepositedFile> files, Random& random) {
  Letter letter{from, sent_at, {}};
  for (const auto& file : files)
    letter.files.push_back({file.name, file.type, file.bytes.size(), sha256(file.bytes)});
  std::string text = format_letter(letter);
  // What a reader would refuse is not sent.
  COFFRET_CHECK(parse_letter(as_bytes(text)));
  text.resize((text.size() + letter_step - 1) / letter_step * letter_step, ' ');
  std::uint32_t line = 0;
  Bytes lines;
  const auto add = [&](std::string_view type, ByteView content) -> Result<void> {
    COFFRET_TRY(const auto jwe, seal_deposit_line(key, place, line++, type, content, random));
    append(lines, as_bytes(jwe));
    lines.push_back('\n');
    return {};
  };
  COFFRET_CHECK(add(letter_type, as_bytes(text)));
  for (const auto& file : files)
    for (std::size_t i = 0; i < lines_of(file.bytes.size()); ++i)
      COFFRET_CHECK(add(part_type, zero_padded(ByteView{file.bytes}.subspan(
                                       i * deposit_part, part_at(file.bytes.size(), i)))));
  if (lines.size() > max_deposit) return errc::too_large;
  return SealedDeposit{std::move(lines)};
}

Result<Letter> open_letter(const DepositKey& key, const DepositPlace& place, ByteView deposit) {
  std::string_view rest = as_text(deposit);
  return letter_in(key, place, rest);
}

Result<OpenedDeposit> open_deposit(const DepositKey& key, const DepositPlace& place,
                                   const ReceivedDeposit& deposit) {
  if (deposit.bytes.size() > max_deposit) return errc::too_large;
  std::string_view rest = as_text(deposit.bytes);
  OpenedDeposit opened;
  COFFRET_TRY(opened.letter, letter_in(key, place, rest));
  std::uint32_t number = 1;
  for (const auto& file : opened.letter.files) {
    Bytes body;
    for (std::size_t i = 0; i < lines_of(file.size); ++i) {
      COFFRET_TRY(const auto line, next_line(rest));
      COFFRET_TRY(const auto part, open_deposit_line(key, place, number++, line, deposit_part));
      const std::size_t size = part_at(file.size, i);
      if (part.content_type != part_type || !is_padded(part.content, size)) return errc::damaged;
      append(body, ByteView{part.content}.first(size));
    }
    if (sha256(body) != file.sha256) return errc::damaged;
    opened.files.push_back(std::move(body));
  }
  return rest.empty() ? Result<OpenedDeposit>{std::move(opened)}
                      : Result<OpenedDeposit>{errc::damaged};
}

}  // namespace coffret::crypto
