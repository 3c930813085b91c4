// SPDX-License-Identifier: EUPL-1.2
#include "sync/protocol/http_signature.hpp"

#include <algorithm>
#include <charconv>

#include "sync/protocol/signature.hpp"

namespace coffret::protocol {
namespace {

constexpr std::string_view label = "sig1=";
constexpr std::string_view components =
    R"(("@method" "@path" "@query" "content-digest" "coffret-server"))";

std::string content_digest(ByteView body) {
  return "sha-256=:" + to_base64(sha256(body).bytes) + ":";
}

// RFC 9421 §2.3: the inner list with its parameters, in the one order of PROTOCOL.md §2.
std::string signature_params(std::int64_t created, const Nonce& nonce,
                             const SigningPublicKey& key) {
  std::string params{components};
  params += ";created=" + std::to_string(created);
  params += ";nonce=\"" + to_base64url(nonce.bytes) + '"';
  params += ";keyid=\"" + key.text() + '"';
  params += ";alg=\"ed25519\"";
  return params;
}

// RFC 9421 §2.5. @query is "?" alone when there is none (§2.2.7).
std::string signature_base(const SignedParts& parts, std::string_view digest,
                           std::string_view server, std::string_view params) {
  const auto question = parts.target.find('?');
  const auto path = parts.target.substr(0, question);
  const auto query =
      question == std::string_view::npos ? std::string_view{"?"} : parts.target.substr(question);
  std::string base;
  const auto line = [&base](std::string_view name, std::string_view value) {
    base.append("\"").append(name).append("\": ").append(value);
    if (name != "@signature-params") base.push_back('\n');
  };
  line("@method", parts.method);
  line("@path", path);
  line("@query", query);
  line("content-digest", digest);
  line("coffret-server", server);
  line("@signature-params", params);
  return base;
}

// A line break or a blank in a part would let one base be read as another.
bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

// The text between `before` and the next `after`, and the rest behind it.
Result<std::string_view> take(std::string_view& rest, std::string_view before, char after) {
  if (!rest.starts_with(before)) return errc::unauthenticated;
  rest.remove_prefix(before.size());
  const auto end = rest.find(after);
  if (end == std::string_view::npos) return errc::unauthenticated;
  const auto value = rest.substr(0, end);
  rest.remove_prefix(end);
  return value;
}

Result<RequestSignature> parse_params(std::string_view input) {
  std::string_view rest = input;
  COFFRET_TRY(const auto list, take(rest, label, ';'));
  COFFRET_TRY(const auto created, take(rest, ";created=", ';'));
  COFFRET_TRY(const auto nonce, take(rest, ";nonce=\"", '"'));
  COFFRET_TRY(const auto keyid, take(rest, "\";keyid=\"", '"'));
  std::int64_t seconds = 0;
  const auto read = std::from_chars(created.data(), created.data() + created.size(), seconds);
  // 11 digits reach the year 5138 and keep every later sum far from overflow.
  if (list != components || read.ec != std::errc{} || seconds < 0 || created.size() > 11)
    return errc::unauthenticated;
  const auto raw_nonce = from_base64url(nonce);
  const auto key = SigningPublicKey::parse(keyid);
  if (raw_nonce.has_error() || key.has_error()) return errc::unauthenticated;
  const auto id = Nonce::from(*raw_nonce);
  if (id.has_error()) return errc::unauthenticated;
  // Written again it must be the same bytes: one form, whatever was skipped above.
  if (std::string{label} + signature_params(seconds, *id, *key) != input)
    return errc::unauthenticated;
  return RequestSignature{*key, *id, from_unix(seconds)};
}

Result<Signature> parse_signature(std::string_view field) {
  std::string_view rest = field;
  COFFRET_TRY(const auto text, take(rest, "sig1=:", ':'));
  const auto raw = from_base64(text);
  if (rest != ":" || raw.has_error()) return errc::unauthenticated;
  const auto signature = Signature::from(*raw);
  if (signature.has_error()) return errc::unauthenticated;
  return *signature;
}

}  // namespace

SignatureFields sign_request(const SignedParts& parts, Timestamp created, const Nonce& nonce,
                             const Signer& signer) {
  const std::string params = signature_params(to_unix(created), nonce, signer.public_key());
  SignatureFields fields;
  fields.content_digest = content_digest(parts.body);
  fields.server = to_base64url(parts.server.bytes);
  fields.signature_input = std::string{label} + params;
  const std::string base = signature_base(parts, fields.content_digest, fields.server, params);
  const Signature signature = signer.sign(SignatureLabel::http, as_bytes(base));
  fields.signature = std::string{label} + ":" + to_base64(signature.bytes) + ":";
  return fields;
}

Result<RequestSignature> verify_request(const SignedParts& parts, const SignatureFields& fields,
                                        Timestamp now) {
  if (!is_printable(parts.method) || !is_printable(parts.target) || !parts.target.starts_with('/'))
    return errc::unauthenticated;
  COFFRET_TRY(const auto request, parse_params(fields.signature_input));
  COFFRET_TRY(const auto signature, parse_signature(fields.signature));
  if (fields.server != to_base64url(parts.server.bytes) ||
      fields.content_digest != content_digest(parts.body))
    return errc::unauthenticated;
  const auto params = std::string_view{fields.signature_input}.substr(label.size());
  const std::string base = signature_base(parts, fields.content_digest, fields.server, params);
  if (!verify(request.key, SignatureLabel::http, as_bytes(base), signature))
    return errc::unauthenticated;
  // Judged last, so that only who holds the key learns how far the clocks are apart.
  const auto away = request.created > now ? request.created - now : now - request.created;
  if (away > signature_window) return errc::clock_refused;
  return request;
}

}  // namespace coffret::protocol
