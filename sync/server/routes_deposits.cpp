// SPDX-License-Identifier: EUPL-1.2
//
// Deposit boxes and what is left in them (PROTOCOL.md §14).
#include <algorithm>

#include "sync/protocol/deposit.hpp"
#include "sync/protocol/messages.hpp"
#include "sync/server/routes.hpp"

namespace coffret::server {
namespace {

DepositPlace place_of(const Call& call) {
  return {call.target.link, call.target.deposit};
}

}  // namespace

Reply put_box(const Call& call) {
  COFFRET_TRY(const auto terms, protocol::from_json<protocol::BoxTerms>(call.request.body));
  if (terms.expires_at - to_unix(call.now) > protocol::max_box_validity)
    return errc::unknown_policy;
  COFFRET_CHECK(
      call.service.ports.records.put_box(call.target.link, call.target.vault, terms, call.now));
  return empty_answer(204);
}

Reply close_box(const Call& call) {
  COFFRET_CHECK(
      call.service.ports.records.close_box(call.target.link, call.target.vault, call.now));
  return empty_answer(204);
}

Reply list_deposits(const Call& call) {
  COFFRET_TRY(const auto list, call.service.ports.records.deposits(call.target.vault,
                                                                   protocol::max_listed_deposits));
  return json_answer(200, protocol::to_json(list));
}

Reply fetch_deposit(const Call& call) {
  COFFRET_TRY(const BlobRow row, call.service.ports.records.blob(BlobKey::deposit(place_of(call))));
  if (!row.complete || row.vault != call.target.vault) return errc::not_found;
  return ranged_answer(call, row);
}

Reply drop_deposit(const Call& call) {
  COFFRET_CHECK(call.service.ports.records.drop_deposit(place_of(call), call.target.vault));
  return empty_answer(204);
}

Reply box_info(const Call& call) {
  Records& records = call.service.ports.records;
  const auto box = records.box(call.target.link);
  if (box.has_error())
    return box.error() == errc::not_found ? errc::link_not_active : to_errc(box.error());
  COFFRET_TRY(const Account account, records.account(box->vault));
  COFFRET_TRY(const Timestamp last, records.last_time());
  const auto room = box->room(account, to_unix(std::max(call.now, last)));
  if (room == 0) return errc::link_not_active;
  return json_answer(
      200, protocol::to_json(protocol::BoxInfo{box->terms.key, box->terms.expires_at, room}));
}

Reply deposit_status(const Call& call) {
  const auto row = call.service.ports.records.blob(BlobKey::deposit(place_of(call)));
  if (row.has_error())
    return row.error() == errc::not_found ? errc::link_not_active : to_errc(row.error());
  http::Response response = empty_answer(200);
  tell_upload(response, *row);
  return response;
}

Reply upload_deposit(const Call& call) {
  const Ports& ports = call.service.ports;
  const auto place = place_of(call);
  const auto key = BlobKey::deposit(place);
  const ByteView part = call.request.body;
  COFFRET_TRY(const std::uint64_t offset, upload_field(call.request, "Upload-Offset"));
  COFFRET_TRY(const std::uint64_t total, upload_field(call.request, "Upload-Length"));
  COFFRET_CHECK(check_part(part, offset, total, max_deposit));

  const auto guard = call.service.uploads.hold(key);
  COFFRET_TRY(BlobRow row, ports.records.begin_deposit(place, total, call.now));
  if (!row.complete && offset != row.offset) return wrong_offset(row);
  if (!row.complete) {
    COFFRET_CHECK(ports.objects.append(key, offset, part));
    row.offset = offset + part.size();
    if (row.offset == row.total) {
      COFFRET_TRY(const BlobDigest digest, ports.objects.digest(key, row.total));
      COFFRET_CHECK(ports.objects.finish(key, row.total));
      COFFRET_CHECK(ports.records.deposited(place, digest.sha256));
      row.complete = true;
    } else {
      COFFRET_CHECK(ports.records.uploaded(key, row.offset, std::nullopt));
    }
  }
  http::Response response = empty_answer(204);
  tell_upload(response, row);
  return response;
}

}  // namespace coffret::server
