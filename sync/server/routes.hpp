// SPDX-License-Identifier: EUPL-1.2
//
// routes.hpp: one function per endpoint of paths.hpp. Private to the service.
//
// Each gets a target already parsed and, where the endpoint is signed, the signatory already
// judged. An error becomes the answer that status.hpp gives it.
#ifndef COFFRET_SYNC_SERVER_ROUTES_HPP
#define COFFRET_SYNC_SERVER_ROUTES_HPP

#include <string>

#include "sync/protocol/paths.hpp"
#include "sync/server/service.hpp"

namespace coffret::server {

struct Call {
  Service& service;
  const http::Request& request;
  const protocol::Target& target;
  Signatory signer;  // open_account: only its key is set
  Timestamp now;
  std::optional<Wait>& wait;  // set by a route whose answer is due later
  Passcodes passcodes;
  bool& put_off;  // set by a route that did
};

using Reply = Result<http::Response>;

Reply get_card(const Call& call);
Reply open_account(const Call& call);
Reply vault_by_root(const Call& call);
Reply vault_status(const Call& call);
Reply enrol_device(const Call& call);
Reply remove_device(const Call& call);
Reply read_log(const Call& call);
Reply append_log(const Call& call);
Reply wait_log(const Call& call);
Reply append_changes(const Call& call);
Reply open_pairing(const Call& call);
Reply put_pairing(const Call& call);
Reply get_pairing(const Call& call);
Reply missing_objects(const Call& call);
Reply pack_objects(const Call& call);
Reply fetch_objects(const Call& call);
Reply blob_status(const Call& call);  // objects and parcels alike
Reply upload_blob(const Call& call);
Reply fetch_object(const Call& call);
Reply publish_grant(const Call& call);
Reply grant_status(const Call& call);
Reply revoke_grant(const Call& call);
Reply access_log(const Call& call);
Reply epoch_note(const Call& call);
Reply confirm_grant(const Call& call);
Reply link_info(const Call& call);
Reply open_link(const Call& call);
Reply link_file(const Call& call);
Reply prove_read(const Call& call);
Reply get_viewer(const Call& call);
Reply shl_manifest(const Call& call);
Reply shl_direct(const Call& call);
Reply shl_file(const Call& call);
Reply put_box(const Call& call);
Reply close_box(const Call& call);
Reply list_deposits(const Call& call);
Reply fetch_deposit(const Call& call);
Reply drop_deposit(const Call& call);
Reply box_info(const Call& call);
Reply deposit_status(const Call& call);
Reply upload_deposit(const Call& call);

// Whether a device says that it sends again what the server held once (`Coffret-Again: ?1`).
bool says_again(const http::Request& request);

http::Response empty_answer(unsigned status);
http::Response text_answer(unsigned status, std::string_view media_type, std::string_view text);
http::Response json_answer(unsigned status, std::string_view json);
http::Response record_answer(Bytes record);
// A wrong or missing passcode, in our form and in that of an SHL at once.
http::Response passcode_answer(unsigned attempts_left);
// A complete object's bytes, wherever they lie.
Result<http::BodyPart> object_content(Objects& objects, const BlobRow& row, std::uint64_t offset,
                                      std::uint64_t length);
// A field of an upload, as a number. Errors: malformed.
Result<std::uint64_t> upload_field(const http::Request& request, std::string_view name);
// How far an upload is, in the fields of its answer.
void tell_upload(http::Response& response, const BlobRow& row);
// Of a part: 1 byte to 4 MiB, within the whole. Errors: malformed, too_large.
Result<void> check_part(ByteView part, std::uint64_t offset, std::uint64_t total,
                        std::uint64_t limit);
// Not where the upload is: it says where.
http::Response wrong_offset(const BlobRow& row);
// All of a complete blob, or the range that was asked for.
Reply ranged_answer(const Call& call, const BlobRow& row);
// A finished blob's bytes.
Reply blob_answer(Objects& objects, const BlobKey& key, std::string_view media_type,
                  std::uint64_t offset, std::uint64_t length);

}  // namespace coffret::server

#endif  // COFFRET_SYNC_SERVER_ROUTES_HPP
