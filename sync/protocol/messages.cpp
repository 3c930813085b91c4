// SPDX-License-Identifier: EUPL-1.2
#include "sync/protocol/messages.hpp"

#include <boost/json/serialize.hpp>

#include "sync/protocol/json_fields.hpp"

namespace coffret::protocol {
namespace {

using boost::json::object;
using boost::json::serialize;

object head_object(const Head& head) {
  return {{"seq", head.seq}, {"hash", head.hash.text()}};
}

void put_certificate(object& out, const SignedCertificate& certificate) {
  out["certificate"] = to_base64url(certificate.body);
  out["certificate_signature"] = to_base64url(certificate.signature.bytes);
}

template <class IdType>
boost::json::array id_array(const std::vector<IdType>& ids) {
  boost::json::array array;
  for (const auto& id : ids) array.emplace_back(id.text());
  return array;
}

Head read_head(json::Reader& in) {
  json::Reader inner{in.member("head")};
  Head head;
  head.seq = inner.number("seq");
  head.hash = inner.id<EntryHash>("hash");
  if (inner.result().has_error()) in.fail(to_errc(inner.result().error()));
  // An empty log has no last entry, and only an empty log.
  if ((head.seq == 0) != head.hash.is_zero()) in.fail(errc::malformed);
  return head;
}

SignedCertificate read_certificate(json::Reader& in) {
  SignedCertificate certificate;
  certificate.body = in.bytes("certificate", max_certificate_size);
  certificate.signature = in.raw<Signature>("certificate_signature");
  return certificate;
}

std::vector<ObjectId> read_ids(json::Reader& in, std::string_view name) {
  return in.list<ObjectId>(name, max_listed_objects, json::id_of_base32<ObjectId>);
}

GrantState read_state(json::Reader& in) {
  const std::string word = in.text("state", 16);
  for (const auto state :
       {GrantState::scheduled, GrantState::live, GrantState::used_up, GrantState::expired,
        GrantState::revoking, GrantState::revoked, GrantState::locked})
    if (name(state) == word) return state;
  in.fail(errc::malformed);
  return GrantState::scheduled;
}

// Parses `text`, lets `fill` read the members into a fresh Message, and judges once.
template <class Message, class Fill>
Result<Message> read(ByteView text, Fill fill) {
  COFFRET_TRY(const auto value, parse_json(as_text(text), {.bytes = max_message}));
  json::Reader in{value};
  Message message;
  fill(in, message);
  COFFRET_CHECK(in.result());
  return message;
}

}  // namespace

std::string to_json(const AccountRequest& message) {
  object out{{"token", message.token.text()}, {"root_key", to_base64url(message.root_key.bytes)}};
  put_certificate(out, message.certificate);
  if (message.device) {
    out["device_certificate"] = to_base64url(message.device->body);
    out["device_certificate_signature"] = to_base64url(message.device->signature.bytes);
  }
  return serialize(out);
}

template <>
Result<AccountRequest> from_json<AccountRequest>(ByteView text) {
  return read<AccountRequest>(text, [](json::Reader& in, AccountRequest& m) {
    m.token = in.id<InviteToken>("token");
    m.root_key = in.raw<SigningPublicKey>("root_key");
    m.certificate = read_certificate(in);
    if (!in.has("device_certificate")) return;
    auto& device = m.device.emplace();
    device.body = in.bytes("device_certificate", max_certificate_size);
    device.signature = in.raw<Signature>("device_certificate_signature");
  });
}

std::string to_json(const AccountAnswer& message) {
  return serialize(object{{"account", message.account.text()}, {"quota", message.quota}});
}

template <>
Result<AccountAnswer> from_json<AccountAnswer>(ByteView text) {
  return read<AccountAnswer>(text, [](json::Reader& in, AccountAnswer& m) {
    m.account = in.id<AccountId>("account");
    m.quota = in.number("quota");
  });
}

std::string to_json(const DeviceRequest& message) {
  object out;
  put_certificate(out, message.certificate);
  return serialize(out);
}

template <>
Result<DeviceRequest> from_json<DeviceRequest>(ByteView text) {
  return read<DeviceRequest>(
      text, [](json::Reader& in, DeviceRequest& m) { m.certificate = read_certificate(in); });
}

std::string to_json(const VaultAnswer& message) {
  return serialize(object{{"vault", message.vault.text()}});
}

template <>
Result<VaultAnswer> from_json<VaultAnswer>(ByteView text) {
  return read<VaultAnswer>(
      text, [](json::Reader& in, VaultAnswer& m) { m.vault = in.id<VaultId>("vault"); });
}

std::string to_json(const VaultStatus& message) {
  object status{{"head", head_object(message.head)},
                {"quota", message.quota},
                {"used", message.used},
                {"objects", message.objects}};
  if (message.devices) status["devices"] = id_array(*message.devices);
  return serialize(status);
}

template <>
Result<VaultStatus> from_json<VaultStatus>(ByteView text) {
  return read<VaultStatus>(text, [](json::Reader& in, VaultStatus& m) {
    m.head = read_head(in);
    m.quota = in.number("quota");
    m.used = in.number("used");
    m.objects = in.number("objects");
    if (in.has("devices"))
      m.devices = in.list<DeviceId>("devices", max_listed_devices, json::id_of_base32<DeviceId>);
  });
}

std::string to_json(const HeadAnswer& message) {
  return serialize(object{{"head", head_object(message.head)}});
}

template <>
Result<HeadAnswer> from_json<HeadAnswer>(ByteView text) {
  return read<HeadAnswer>(text, [](json::Reader& in, HeadAnswer& m) { m.head = read_head(in); });
}

std::string to_json(const ObjectsRequest& message) {
  return serialize(object{{"objects", id_array(message.objects)}});
}

template <>
Result<ObjectsRequest> from_json<ObjectsRequest>(ByteView text) {
  return read<ObjectsRequest>(
      text, [](json::Reader& in, ObjectsRequest& m) { m.objects = read_ids(in, "objects"); });
}

std::string to_json(const MissingAnswer& message) {
  return serialize(object{{"missing", id_array(message.missing)}});
}

template <>
Result<MissingAnswer> from_json<MissingAnswer>(ByteView text) {
  return read<MissingAnswer>(
      text, [](json::Reader& in, MissingAnswer& m) { m.missing = read_ids(in, "missing"); });
}

std::string to_json(const GrantStatus& message) {
  const auto state = name(message.state);
  return serialize(object{{"state", boost::json::string_view{state.data(), state.size()}},
                          {"openings", message.openings},
                          {"wrong_passcodes", message.wrong_passcodes}});
}

template <>
Result<GrantStatus> from_json<GrantStatus>(ByteView text) {
  return read<GrantStatus>(text, [](json::Reader& in, GrantStatus& m) {
    m.state = read_state(in);
    m.openings = in.small_number("openings");
    m.wrong_passcodes = in.small_number("wrong_passcodes");
  });
}

}  // namespace coffret::protocol
