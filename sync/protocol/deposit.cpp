// SPDX-License-Identifier: EUPL-1.2
#include "sync/protocol/deposit.hpp"

#include <boost/json/serialize.hpp>

#include "sync/protocol/json_fields.hpp"

namespace coffret::protocol {
namespace {

boost::json::object key_and_end(const DepositPublicKey& key, std::int64_t expires_at) {
  return {{"key", to_base64url(key.bytes)}, {"expires_at", expires_at}};
}

DepositPublicKey read_deposit_key(json::Reader& in) {
  const auto key = in.raw<DepositPublicKey>("key");
  if (key.bytes[0] != 4) in.fail(errc::malformed);
  return key;
}

Result<WaitingDeposit> read_waiting(const boost::json::value& value) {
  json::Reader in{value};
  WaitingDeposit waiting{{in.id<LinkId>("link"), in.id<DepositId>("deposit")}, in.number("size")};
  if (waiting.size == 0 || waiting.size > max_deposit) in.fail(errc::too_large);
  COFFRET_CHECK(in.result());
  return waiting;
}

}  // namespace

std::string to_json(const BoxTerms& message) {
  auto out = key_and_end(message.key, message.expires_at);
  out["deposits"] = message.deposits;
  out["bytes"] = message.bytes;
  return boost::json::serialize(out);
}

template <>
Result<BoxTerms> from_json<BoxTerms>(ByteView text) {
  COFFRET_TRY(const auto value, parse_json(as_text(text), {.bytes = max_message}));
  json::Reader in{value};
  BoxTerms message;
  message.key = read_deposit_key(in);
  message.expires_at = in.time("expires_at");
  message.deposits = in.small_number("deposits");
  message.bytes = in.number("bytes");
  if (message.deposits == 0 || message.bytes == 0) in.fail(errc::malformed);
  if (message.deposits > max_link_deposits || message.bytes > max_link_bytes)
    in.fail(errc::too_large);
  COFFRET_CHECK(in.result());
  return message;
}

std::string to_json(const BoxInfo& message) {
  auto out = key_and_end(message.key, message.expires_at);
  out["bytes"] = message.bytes;
  return boost::json::serialize(out);
}

template <>
Result<BoxInfo> from_json<BoxInfo>(ByteView text) {
  COFFRET_TRY(const auto value, parse_json(as_text(text), {.bytes = max_message}));
  json::Reader in{value};
  BoxInfo message;
  message.key = read_deposit_key(in);
  message.expires_at = in.time("expires_at");
  message.bytes = in.number("bytes");
  COFFRET_CHECK(in.result());
  return message;
}

std::string to_json(const DepositList& message) {
  boost::json::array deposits;
  for (const auto& one : message.deposits)
    deposits.push_back({{"link", one.place.link.text()},
                        {"deposit", one.place.deposit.text()},
                        {"size", one.size}});
  boost::json::array held;
  for (const auto& link : message.held) held.emplace_back(link.text());
  return boost::json::serialize(
      boost::json::object{{"deposits", std::move(deposits)}, {"held", std::move(held)}});
}

template <>
Result<DepositList> from_json<DepositList>(ByteView text) {
  COFFRET_TRY(const auto value, parse_json(as_text(text), {.bytes = max_message}));
  json::Reader in{value};
  DepositList message;
  message.deposits = in.list<WaitingDeposit>("deposits", max_listed_deposits, read_waiting);
  message.held = in.list<LinkId>("held", max_listed_deposits, json::id_of_base32<LinkId>);
  COFFRET_CHECK(in.result());
  return message;
}

}  // namespace coffret::protocol
