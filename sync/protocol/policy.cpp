// SPDX-License-Identifier: EUPL-1.2
#include "sync/protocol/policy.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "sync/protocol/signature.hpp"

namespace coffret::protocol {
namespace {

constexpr std::uint8_t bit(Right right) {
  return static_cast<std::uint8_t>(right);
}
// A deposit is not served by this build, so a policy that allows one is not understood.
constexpr std::uint8_t known_rights = bit(Right::view) | bit(Right::download);

// HL7 IG SMART Health Links 1.0.0: nothing else may stand in a manifest.
constexpr std::array<std::string_view, 3> shl_content_types = {
    "application/smart-health-card", "application/fhir+json", "application/smart-api-access"};

constexpr std::uint32_t max_argon_memory = 64 * 1024;  // KiB
constexpr std::uint32_t max_argon_passes = 10;

// A whole number after `before`, without leading zeros.
bool take_number(std::string_view& rest, std::string_view before, std::uint32_t& value) {
  if (!rest.starts_with(before)) return false;
  rest.remove_prefix(before.size());
  const auto read = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  if (read.ec != std::errc{} || rest.front() == '0') return false;
  rest.remove_prefix(static_cast<std::size_t>(read.ptr - rest.data()));
  return true;
}

// The PHC text of an Argon2id hash whose cost the server accepts to pay for a stranger's guess.
bool is_argon_text(std::string_view text) {
  std::uint32_t memory = 0;
  std::uint32_t passes = 0;
  std::uint32_t lanes = 0;
  if (text.size() > 128 || !take_number(text, "$argon2id$v=19$m=", memory) ||
      !take_number(text, ",t=", passes) || !take_number(text, ",p=", lanes))
    return false;
  const auto base64 = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
  };
  if (!text.starts_with('$')) return false;
  const auto second = text.find('$', 1);
  if (second == std::string_view::npos) return false;
  const auto salt = text.substr(1, second - 1);
  const auto hash = text.substr(second + 1);
  return memory <= max_argon_memory && passes <= max_argon_passes && lanes == 1 &&
         salt.size() >= 22 && hash.size() >= 22 && std::all_of(salt.begin(), salt.end(), base64) &&
         std::all_of(hash.begin(), hash.end(), base64);
}

bool good_interval(const Policy& p) {
  return p.not_before >= 0 && p.expires_at > p.not_before &&
         p.expires_at - p.not_before <= max_validity;
}

bool good_link(const Policy& p) {
  const bool passcode = p.passcode.empty() || p.passcode.size() == Sha256::size;
  const auto untyped = [](const PolicyFile& f) { return f.content_type.empty(); };
  return passcode && !p.proof_hash.is_zero() && p.shl.is_zero() && !p.shl_direct &&
         !p.shl_long_term && std::all_of(p.files.begin(), p.files.end(), untyped);
}

// As a link, but who may open is known by a key: nothing is asked, and K_n is a file of its own.
bool good_key(const Policy& p) {
  return good_link(p) && p.passcode.empty() && !p.reader.is_zero() && p.files.size() >= 2;
}

// What is asked of whoever opens a card: a paper has no second channel for a passcode, and who is
// unconscious answers no question about it.
bool good_card(const Policy& p) {
  return p.delivery == Delivery::link && p.passcode.empty() && p.openings == 0 &&
         p.rights == bit(Right::view) && p.delay <= max_card_delay;
}

bool good_format(const Policy& p) {
  switch (p.format) {
    case policy_format:
      return p.delivery != Delivery::key;
    case key_policy_format:
      return p.delivery == Delivery::key;
    case card_policy_format:
      return good_card(p);
    default:
      return false;
  }
}

bool good_shl(const Policy& p) {
  const auto typed = [](const PolicyFile& f) {
    return std::find(shl_content_types.begin(), shl_content_types.end(), f.content_type) !=
           shl_content_types.end();
  };
  if (!p.passcode.empty() && !is_argon_text(as_text(p.passcode))) return false;
  // Flag U is one file by one GET: no passcode (never U with P), nothing to count.
  if (p.shl_direct && (p.files.size() != 1 || !p.passcode.empty() || p.openings != 0)) return false;
  return p.proof_hash.is_zero() && !p.shl.is_zero() &&
         std::all_of(p.files.begin(), p.files.end(), typed);
}

bool good_files(const std::vector<PolicyFile>& files) {
  if (files.empty() || files.size() > max_parcel_files) return false;
  std::vector<FileId> ids;
  ids.reserve(files.size());
  for (const auto& file : files) {
    if (file.size == 0 || file.size > max_parcel_file_size) return false;
    ids.push_back(file.id);
  }
  std::sort(ids.begin(), ids.end());
  return std::adjacent_find(ids.begin(), ids.end()) == ids.end();
}

Bytes acknowledged_bytes(const LinkId& link, std::int64_t time) {
  Bytes message = to_bytes(link.bytes);
  append_le(message, time);
  return message;
}

}  // namespace

Result<void> check_policy(const Policy& policy) {
  const bool rights =
      (policy.rights & bit(Right::view)) != 0 && (policy.rights & ~unsigned{known_rights}) == 0;
  if (!good_format(policy) || policy.version == 0 || !rights || !good_interval(policy) ||
      !good_files(policy.files))
    return errc::unknown_policy;
  switch (policy.delivery) {
    case Delivery::link:
      if (good_link(policy)) return {};
      break;
    case Delivery::shl:
      if (good_shl(policy)) return {};
      break;
    case Delivery::key:
      if (good_key(policy)) return {};
      break;
  }
  return errc::unknown_policy;
}

Result<Policy> decode_policy(ByteView body) {
  if (body.size() > max_policy_size) return errc::too_large;
  if (body.empty()) return errc::malformed;
  if (body[0] < policy_format || body[0] > card_policy_format) return errc::unknown_policy;
  COFFRET_TRY(auto policy, wire::decode<Policy>(body));
  COFFRET_CHECK(check_policy(policy));
  return policy;
}

Result<Publication> decode_publication(ByteView bytes) {
  if (bytes.size() > max_policy_size + 1024) return errc::too_large;
  return wire::decode<Publication>(bytes);
}

SignedPolicy sign_policy(const Policy& policy, const Signer& device) {
  SignedPolicy result;
  result.body = wire::encode(policy);
  result.signature = device.sign(SignatureLabel::policy, result.body);
  return result;
}

Result<Policy> verify_policy(const SignedPolicy& policy, const SigningPublicKey& device) {
  if (!verify(device, SignatureLabel::policy, policy.body, policy.signature))
    return errc::unauthenticated;
  return decode_policy(policy.body);
}

Applied sign_applied(ByteView policy, const Signer& identity) {
  return {identity.sign(SignatureLabel::applied, policy)};
}

bool verify_applied(const Applied& applied, ByteView policy, const SigningPublicKey& identity) {
  return verify(identity, SignatureLabel::applied, policy, applied.signature);
}

Acknowledged sign_acknowledgement(const LinkId& link, Timestamp time, const Signer& identity) {
  Acknowledged result;
  result.link = link;
  result.time = to_unix(time);
  result.signature =
      identity.sign(SignatureLabel::acknowledge, acknowledged_bytes(link, result.time));
  return result;
}

bool verify_acknowledgement(const Acknowledged& acknowledged, const SigningPublicKey& identity) {
  return verify(identity, SignatureLabel::acknowledge,
                acknowledged_bytes(acknowledged.link, acknowledged.time), acknowledged.signature);
}

}  // namespace coffret::protocol
