// SPDX-License-Identifier: EUPL-1.2
//
// The log (PROTOCOL.md §4) and the access log (§9).
#include <algorithm>

#include "sync/protocol/changes.hpp"
#include "sync/protocol/messages.hpp"
#include "sync/server/routes.hpp"

namespace coffret::server {
namespace {

constexpr std::size_t page_size = 8 * 1024 * 1024 - 64 * 1024;  // bytes, with room for the frame

// The device that a certificate enrols: by the root, by one of `added`, or by an enrolled one.
Result<Device> judged(Records& records, const Account& account, const std::vector<Device>& added,
                      const protocol::SignedCertificate& certificate) {
  COFFRET_TRY(const auto claimed, protocol::decode_certificate(certificate.body));
  SigningPublicKey issuer = account.root;
  if (claimed.issuer == protocol::Issuer::device) {
    const auto new_one = std::find_if(added.begin(), added.end(), [&](const Device& device) {
      return device.device == claimed.issuer_device;
    });
    if (new_one != added.end()) {
      issuer = new_one->key;
    } else {
      const auto known = records.device(account.vault, claimed.issuer_device);
      if (known.has_error() && known.error() != errc::not_found) return known.error();
      if (known.has_error() || known->removed || known->waiting) return errc::unauthenticated;
      issuer = known->key;
    }
  }
  COFFRET_TRY(const auto stated, protocol::verify_certificate(certificate, issuer));
  if (stated.vault != account.vault) return errc::unauthenticated;
  return Device{stated.vault, stated.device, stated.signing_key, certificate, false};
}

// Whether a device sends again what a server that was put back to a backup held before, or what an
// account held that was erased (`given`).
bool is_sent_again(const Call& call, bool given) {
  return says_again(call.request) &&
         (given || call.service.ports.records.restoration(call.target.vault).has_value());
}

// An account that was given a log is one like any other once a device of that log goes on with it.
// Where that cannot be written down the append is answered with the error, and its repeat tries
// again.
Result<void> end_giving(const Call& call) {
  Records& records = call.service.ports.records;
  if (!call.signer.device) return {};
  COFFRET_TRY(const auto asks, records.device(call.target.vault, *call.signer.device));
  return asks.waiting ? Result<void>{} : records.end_giving(call.target.vault);
}

// The new root's own certificate for the device that asks; or, sent again, for the enrolled one
// that once asked.
Result<SigningPublicKey> judged(const Call& call, const protocol::RootChange& change,
                                const std::vector<Device>& added, bool again) {
  COFFRET_TRY(const auto stated, protocol::verify_certificate(change.certificate, change.root));
  if (stated.vault != call.target.vault || stated.issuer != protocol::Issuer::root)
    return errc::unauthenticated;
  if (stated.signing_key == call.signer.key) return change.root;
  if (!again) return errc::unauthenticated;
  const bool joins = std::any_of(added.begin(), added.end(), [&](const Device& device) {
    return device.device == stated.device && device.key == stated.signing_key;
  });
  if (joins) return change.root;
  COFFRET_TRY(const auto once, call.service.ports.records.signatory(stated.signing_key));
  if (once.vault != call.target.vault || once.device != stated.device) return errc::unauthenticated;
  return change.root;
}

// The entries are the next of this vault after `head`, each signed by an enrolled device or by one
// that joins with them.
Result<void> verify_chain(Records& records, const Account& account,
                          const std::vector<protocol::SignedEntry>& entries,
                          const std::vector<Device>& added) {
  protocol::Head head = account.head;
  std::optional<Device> device;  // entries mostly come from one
  for (const auto& entry : entries) {
    COFFRET_TRY(const protocol::Entry stated, protocol::decode_entry(entry.body));
    if (!device || device->device != stated.device) {
      const auto joins = std::find_if(added.begin(), added.end(), [&](const Device& one) {
        return one.device == stated.device;
      });
      auto found = joins != added.end() ? Result<Device>{*joins}
                                        : records.device(account.vault, stated.device);
      if (found.has_error() && found.error() != errc::not_found) return found.error();
      if (found.has_error() || found->removed) return errc::denied;
      device = std::move(*found);
    }
    COFFRET_CHECK(protocol::verify_entry(entry, account.vault, head, device->key));
    head = {stated.seq, protocol::entry_hash(entry.body)};
  }
  return {};
}

Reply append(const Call& call, const protocol::Changes& changes) {
  Records& records = call.service.ports.records;
  const protocol::Append& asked = changes.append;
  if (asked.entries.empty() || asked.entries.size() > protocol::max_append_entries)
    return errc::malformed;
  COFFRET_TRY(const Account account, records.account(call.target.vault));
  // A repeat after a lost answer: the head already is the last entry sent.
  if (account.head.hash == protocol::entry_hash(asked.entries.back().body))
    return json_answer(200, protocol::to_json(protocol::HeadAnswer{account.head}));
  if (account.head.hash != asked.expected) return errc::conflict;
  SignerChanges signers;
  for (const auto& certificate : changes.added) {
    COFFRET_TRY(auto device, judged(records, account, signers.added, certificate));
    signers.added.push_back(std::move(device));
  }
  signers.removed = changes.removed;
  COFFRET_TRY(const bool given, records.given_again(call.target.vault));
  const bool again = is_sent_again(call, given);
  if (changes.root) {
    COFFRET_TRY(signers.root, judged(call, *changes.root, signers.added, again || given));
  }
  COFFRET_CHECK(verify_chain(records, account, asked.entries, signers.added));
  COFFRET_TRY(const auto head,
              records.append(call.target.vault, account.head, asked.entries, signers, call.now,
                             again ? Puts::may_be_gone : Puts::must_be_here));
  if (given && !again) COFFRET_CHECK(end_giving(call));
  call.service.tell_head(call.target.vault, head);
  return json_answer(200, protocol::to_json(protocol::HeadAnswer{head}));
}

}  // namespace

Reply read_log(const Call& call) {
  COFFRET_TRY(const auto page,
              call.service.ports.records.entries(call.target.vault, call.target.after,
                                                 call.target.limit, page_size));
  auto answer = record_answer(wire::encode(page));
  // A vault that lost nothing has to learn of a restoration all the same: its grants are closed.
  const auto restored = call.service.ports.records.restoration(call.target.vault);
  if (restored.has_value()) answer.fields.set("Coffret-Epoch", std::to_string(restored->epoch));
  return answer;
}

Reply append_log(const Call& call) {
  COFFRET_TRY(auto asked, protocol::decode_append(call.request.body));
  return append(call, {std::move(asked), {}, {}, {}});
}

Reply append_changes(const Call& call) {
  COFFRET_TRY(const auto asked, protocol::decode_changes(call.request.body));
  return append(call, asked);
}

// The head, at once where it is later than the one that is known; else when that happens, or the
// head as it stays when the time is over.
Reply wait_log(const Call& call) {
  COFFRET_TRY(const Account account, call.service.ports.records.account(call.target.vault));
  if (account.head.seq <= call.target.after && call.signer.device)
    call.wait = Wait{call.target.vault, *call.signer.device, call.target.after,
                     std::chrono::seconds{call.target.seconds}};
  return json_answer(200, protocol::to_json(protocol::HeadAnswer{account.head}));
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
