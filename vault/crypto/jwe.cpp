// SPDX-License-Identifier: EUPL-1.2
#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>

#include "coffret/encoding.hpp"
#include "coffret/json.hpp"
#include "vault/crypto/gcm.hpp"
#include "vault/crypto/inflate.hpp"
#include "vault/crypto/parcel.hpp"
#include "vault/crypto/sealer.hpp"

namespace coffret::crypto {
namespace {

constexpr std::size_t longest_header = 4096;  // characters, encoded

struct Header {
  std::string content_type;
  bool deflated = false;
};

// Members we do not know are ignored (RFC 7516 §4), unless `crit` says that they may not be.
Result<Header> read_header(std::string_view encoded) {
  if (encoded.size() > longest_header) return errc::malformed;
  COFFRET_TRY(const auto bytes, from_base64url(encoded));
  COFFRET_TRY(const auto value, parse_json(as_text(bytes)));
  const auto* object = value.if_object();
  if (object == nullptr) return errc::malformed;

  const auto* alg = text_member(*object, "alg");
  const auto* enc = text_member(*object, "enc");
  if (alg == nullptr || enc == nullptr) return errc::malformed;
  if (*alg != "dir" || *enc != "A256GCM" || object->contains("crit")) return errc::unsupported;
  Header header;
  if (object->contains("zip")) {
    const auto* zip = text_member(*object, "zip");
    if (zip == nullptr || *zip != "DEF") return errc::unsupported;
    header.deflated = true;
  }
  if (object->contains("cty")) {
    const auto* cty = text_member(*object, "cty");
    if (cty == nullptr) return errc::malformed;
    header.content_type.assign(cty->data(), cty->size());
  }
  return header;
}

// header . (no encrypted key) . iv . ciphertext . tag
using Parts5 = std::array<std::string_view, 5>;
Result<Parts5> split(std::string_view compact) {
  Parts5 parts;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool is_last = i + 1 == parts.size();
    const auto dot = compact.find('.');
    if ((dot == std::string_view::npos) != is_last) return errc::malformed;
    parts[i] = compact.substr(0, dot);
    if (!is_last) compact.remove_prefix(dot + 1);
  }
  if (!parts[1].empty()) return errc::malformed;
  return parts;
}

}  // namespace

SealedParcelFile Sealer::seal(const ContentKey& key, std::string_view content_type,
                              ByteView content, Random& random) {
  const boost::json::string cty{content_type.data(), content_type.size()};
  const std::string header =
      R"({"alg":"dir","enc":"A256GCM","cty":)" + boost::json::serialize(cty) + "}";
  std::string compact = to_base64url(as_bytes(header));
  std::array<std::uint8_t, gcm_nonce_size> iv{};
  random.fill(iv);
  Bytes sealed(content.size() + gcm_tag_size);
  gcm_encrypt(sealed, key.expose(), iv, as_bytes(compact), content);

  const auto tag = ByteView{sealed}.last(gcm_tag_size);
  const auto ciphertext = ByteView{sealed}.first(content.size());
  compact += "..";
  compact += to_base64url(iv);
  compact += '.';
  compact += to_base64url(ciphertext);
  compact += '.';
  compact += to_base64url(tag);
  return SealedParcelFile{to_bytes(as_bytes(compact))};
}

Result<OpenedJwe> open_jwe(const ContentKey& key, const ReceivedParcelFile& jwe,
                           std::size_t limit) {
  COFFRET_TRY(const auto parts, split(as_text(jwe.bytes)));
  COFFRET_TRY(auto header, read_header(parts[0]));
  COFFRET_TRY(const auto iv, from_base64url(parts[2]));
  COFFRET_TRY(const auto tag, from_base64url(parts[4]));
  if (iv.size() != gcm_nonce_size || tag.size() != gcm_tag_size) return errc::malformed;
  // DEFLATE adds at most a few bytes per block to what does not compress.
  const std::size_t most = header.deflated ? limit + limit / 1024 + 64 : limit;
  if (parts[3].size() / 4 > most / 3 + 1) return errc::too_large;
  COFFRET_TRY(auto sealed, from_base64url(parts[3]));
  if (sealed.size() > most) return errc::too_large;

  append(sealed, tag);
  Bytes content(sealed.size() - tag.size());
  if (!gcm_decrypt(content, key.expose(), ByteView{iv}.first<gcm_nonce_size>(), as_bytes(parts[0]),
                   sealed))
    return errc::unauthenticated;
  if (header.deflated) {
    COFFRET_TRY(content, inflate_raw(content, limit));
  }
  return OpenedJwe{std::move(header.content_type), std::move(content)};
}

}  // namespace coffret::crypto
