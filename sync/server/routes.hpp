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
Reply missing_objects(const Call& call);
Reply blob_status(const Call& call);  // objects and parcels alike
Reply upload_blob(const Call& call);
Reply fetch_object(const Call& call);
Reply publish_grant(const Call& call);
Reply grant_status(const Call& call);
Reply revoke_grant(const Call& call);
Reply access_log(const Call& call);
Reply link_info(const Call& call);
Reply open_link(const Call& call);
Reply link_file(const Call& call);
Reply prove_read(const Call& call);
Reply get_viewer(const Call& call);
Reply shl_manifest(const Call& call);
Reply shl_direct(const Call& call);
Reply shl_file(const Call& call);

http::Response empty_answer(unsigned status);
http::Response text_answer(unsigned status, std::string_view media_type, std::string_view text);
http::Response json_answer(unsigned status, std::string_view json);
http::Response record_answer(Bytes record);
// A wrong or missing passcode, in our form and in that of an SHL at once.
http::Response passcode_answer(unsigned attempts_left);
// A finished blob's bytes.
Reply blob_answer(Objects& objects, const BlobKey& key, std::string_view media_type,
                  std::uint64_t offset, std::uint64_t length);

}  // namespace coffret::server

#endif  // COFFRET_SYNC_SERVER_ROUTES_HPP
