// SPDX-License-Identifier: EUPL-1.2
#include "tools/evil/deed.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "coffret/encoding.hpp"
#include "coffret/json.hpp"
#include "sync/protocol/access_log.hpp"
#include "sync/protocol/card.hpp"

namespace coffret::evil {
namespace {

void set_fields(const Rule& rule, http::Response& response) {
  const auto* fields = rule.with.if_contains("fields");
  if (fields == nullptr) return;
  for (const auto& field : fields->get_object())
    response.fields.set(std::string{field.key()}, std::string{field.value().get_string()});
}

Result<Bytes> given_bytes(const Rule& rule, std::string_view text) {
  if (!rule.has("base64")) return to_bytes(as_bytes(rule.text(text)));
  return from_base64url(rule.text("base64"));
}

Result<Outgoing> answer(const Rule& rule) {
  Outgoing out;
  out.response.status = static_cast<unsigned>(rule.number("status"));
  if (out.response.status < 200 || out.response.status > 599) return errc::malformed;
  COFFRET_TRY(out.response.body, given_bytes(rule, "body"));
  set_fields(rule, out.response);
  return out;
}

Outgoing flood(const Rule& rule) {
  Outgoing out;
  out.filler = static_cast<std::uint64_t>(rule.number("bytes"));
  out.declared = static_cast<std::uint64_t>(rule.number("say", rule.number("bytes")));
  out.close = true;
  return out;
}

Result<void> merge_json(const Rule& rule, http::Response& response) {
  COFFRET_TRY(auto value, parse_json(as_text(response.body)));
  if (!value.is_object()) return errc::malformed;
  for (const auto& member : rule.with.at("members").get_object())
    value.get_object()[member.key()] = member.value();
  response.body = to_bytes(as_bytes(boost::json::serialize(value)));
  return {};
}

Result<void> spoil_plain(const Scene& scene, const Rule& rule, Outgoing& out) {
  switch (rule.deed) {
    case Deed::lose:
      out.hang_up = true;
      return {};
    case Deed::remember:
      scene.memory.remember(rule.text("as"), out.response.body);
      return {};
    case Deed::fields:
      set_fields(rule, out.response);
      out.response.status = static_cast<unsigned>(
          rule.number("status", static_cast<std::int64_t>(out.response.status)));
      return {};
    case Deed::json:
      return merge_json(rule, out.response);
    case Deed::declare:
      out.declared = static_cast<std::uint64_t>(rule.number("bytes"));
      out.close = true;
      return {};
    case Deed::drip:
      out.step = static_cast<std::size_t>(std::max<std::int64_t>(1, rule.number("bytes")));
      out.pause = std::chrono::milliseconds{rule.number("milliseconds")};
      return {};
    default:
      return {};  // pass, delay, route: the answer stays as it is
  }
}

}  // namespace

Result<std::size_t> place_in(std::size_t size, std::int64_t at) {
  const auto whole = static_cast<std::int64_t>(size);
  const std::int64_t place = at < 0 ? whole + at : at;
  if (place < 0 || place >= whole) return errc::not_found;
  return static_cast<std::size_t>(place);
}

bool is_own_answer(Deed deed) noexcept {
  return deed == Deed::refuse || deed == Deed::answer || deed == Deed::raw || deed == Deed::flood ||
         deed == Deed::pretend || deed == Deed::replay;
}

Result<Outgoing> own_answer(const Scene& scene, const Rule& rule) {
  if (rule.deed == Deed::answer) return answer(rule);
  if (rule.deed == Deed::flood) return flood(rule);
  Outgoing out;
  if (rule.deed == Deed::raw) {
    COFFRET_TRY(out.raw, given_bytes(rule, "text"));
  } else if (rule.deed == Deed::pretend) {
    COFFRET_TRY(out.response, pretended(scene));
  } else if (rule.deed == Deed::replay) {
    const auto kept = scene.memory.recall(rule.text("as"));
    if (!kept) return errc::not_found;
    out.response.body = *kept;
  } else {
    out.hang_up = true;
  }
  return out;
}

Result<void> spoil(const Scene& scene, const Rule& rule, Outgoing& out) {
  if (rule.deed >= Deed::card) return spoil_card(scene, rule, out);
  if (rule.deed >= Deed::access_alter) return spoil_access(scene, rule, out);
  if (rule.deed >= Deed::log_end) return spoil_log(scene, rule, out);
  if (rule.deed >= Deed::flip && rule.deed <= Deed::swap) return spoil_bytes(scene, rule, out);
  return spoil_plain(scene, rule, out);
}

Result<void> spoil_card(const Scene& scene, const Rule& rule, Outgoing& out) {
  COFFRET_TRY(auto verified, protocol::verify_card(as_text(out.response.body), scene.fingerprint));
  auto& card = verified.card;
  for (const auto& member : rule.with.at("members").get_object()) {
    const std::string_view name{member.key().data(), member.key().size()};
    const auto* text = member.value().if_string();
    const std::string value = text == nullptr ? std::string{} : std::string{*text};
    if (name == "serial" && member.value().is_int64())
      card.serial = static_cast<std::uint64_t>(member.value().get_int64());
    else if (name == "country")
      card.country = value;
    else if (name == "name")
      card.name = value;
    else if (name == "spki")
      card.spki.front().bytes[0] ^= 1;
    else
      return errc::malformed;
  }
  out.response.body = to_bytes(as_bytes(protocol::sign_card(card, scene.identity)));
  return {};
}

}  // namespace coffret::evil
