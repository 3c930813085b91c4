// SPDX-License-Identifier: EUPL-1.2
//
// The log (PROTOCOL.md §4) and the access log (§9).
#include "sync/protocol/messages.hpp"
#include "sync/server/routes.hpp"

namespace coffret::server {
namespace {

constexpr std::size_t page_size = 8 * 1024 * 1024 - 64 * 1024;  // bytes, with room for the frame
constexpr std::size_t max_entries = 100;                        // of one append

// The entries are the next of this vault after `head`, each signed by an enrolled device.
Result<void> verify_chain(Records& records, const Account& account,
                          const std::vector<protocol::SignedEntry>& entries) {
  protocol::Head head = account.head;
  std::optional<Device> device;  // entries mostly come from one
  for (const auto& entry : entries) {
    COFFRET_TRY(const protocol::Entry stated, protocol::decode_entry(entry.body));
    if (!device || device->device != stated.device) {
      auto found = records.device(account.vault, stated.device);
      if (found.has_error() && found.error() != errc::not_found) return found.error();
      if (found.has_error() || found->removed) return errc::denied;
      device = std::move(*found);
    }
    COFFRET_CHECK(protocol::verify_entry(entry, account.vault, head, device->key));
    head = {stated.seq, protocol::entry_hash(entry.body)};
  }
  return {};
}

}  // namespace

Reply read_log(const Call& call) {
  COFFRET_TRY(const auto page,
              call.service.ports.records.entries(call.target.vault, call.target.after,
                                                 call.target.limit, page_size));
  return record_answer(wire::encode(page));
}

Reply append_log(const Call& call) {
  Records& records = call.service.ports.records;
  COFFRET_TRY(const protocol::Append asked, protocol::decode_append(call.request.body));
  if (asked.entries.empty() || asked.entries.size() > max_entries) return errc::malformed;
  COFFRET_TRY(const Account account, records.account(call.target.vault));
  // A repeat after a lost answer: the head already is the last entry sent.
  if (account.head.hash == protocol::entry_hash(asked.entries.back().body))
    return json_answer(200, protocol::to_json(protocol::HeadAnswer{account.head}));
  if (account.head.hash != asked.expected) return errc::conflict;
  COFFRET_CHECK(verify_chain(records, account, asked.entries));
  COFFRET_TRY(const auto head,
              records.append(call.target.vault, account.head, asked.entries, call.now));
  return json_answer(200, protocol::to_json(protocol::HeadAnswer{head}));
}

Reply access_log(const Call& call) {
  const auto& ports = call.service.ports;
  COFFRET_TRY(auto log,
              ports.records.access_log(call.target.vault, call.target.after, call.target.limit));
  const protocol::Checkpoint checkpoint{
      protocol::checkpoint_origin(ports.identity.fingerprint(), call.target.vault), log.tree.size,
      log.tree.root()};
  protocol::AccessPage page;
  page.lines = std::move(log.lines);
  page.checkpoint = protocol::sign_checkpoint(checkpoint, ports.identity);
  page.size = log.tree.size;
  return record_answer(wire::encode(page));
}

}  // namespace coffret::server
