// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/judged_log.hpp"

#include <utility>

#include "vault/crypto/sealer.hpp"
#include "vault/store/documents.hpp"
#include "vault/store/log_pins.hpp"

namespace coffret::store {
namespace {

// A log with its fold and its keys.
struct Judged {
  Keyring keyring;
  Control control;
};
Result<Judged> judged_by_sheet(const crypto::RecoverySeed& seed,
                               const std::vector<protocol::SignedEntry>& log) {
  if (log.empty()) return errc::malformed;
  COFFRET_TRY(const auto first, protocol::decode_entry(log.front().body));
  Keyring keyring{first.vault, crypto::recovery_agreement_key(seed)};
  COFFRET_TRY(auto control, judge_by_sheet(log, keyring, seed));
  return Judged{std::move(keyring), std::move(control)};
}

Result<LoggedDocument> logged(const Opened& opened, const DocumentPut& put, const Control& control,
                              const Keyring& keyring) {
  const auto* log_key = keyring.log_key(opened.entry.epoch);
  if (log_key == nullptr) return errc::not_found;
  COFFRET_TRY(auto key, crypto::Sealer::unwrap<crypto::DocumentKey>(
                            *log_key,
                            {opened.entry.vault, crypto::WrapPurpose::document,
                             to_bytes(put.document.view()), put.version},
                            put.wrapped_key));
  LoggedDocument document{.id = put.document,
                          .version = put.version,
                          .entry = put.entry,
                          .person = {},
                          .removed = control.removed_at(put.document).has_value(),
                          .object = put.locator.object,
                          .size = put.size,
                          .sha256 = put.sha256,
                          .key = std::move(key)};
  apply(control.amended(put.document), document.entry);
  const auto* assigned = control.assigned(put.document);
  const auto person = control.persons().find(assigned ? *assigned : opened.operation.person);
  if (person != control.persons().end()) document.person = person->second.name;
  return document;
}

}  // namespace

Result<std::vector<protocol::SignedEntry>> starts_of(std::span<const protocol::SignedEntry> log) {
  std::vector<protocol::SignedEntry> starts;
  std::uint32_t last = 0;
  for (const auto& entry : log) {
    COFFRET_TRY(const auto body, protocol::decode_entry(entry.body));
    if (std::exchange(last, body.epoch) != body.epoch) starts.push_back(entry);
  }
  return starts;
}

Result<Control> judge(const std::vector<protocol::SignedEntry>& log, Keyring& keyring) {
  COFFRET_TRY(const auto starts, starts_of(log));
  keyring.descend(starts);
  Control control;
  protocol::Head head;
  for (const auto& entry : log) {
    const auto opened = control.admit(entry, head, keyring);
    if (opened.has_error())
      return opened.error() == errc::conflict ? error_code{errc::fork_detected} : opened.error();
    COFFRET_CHECK(control.apply(*opened));
    head = {.seq = opened->entry.seq, .hash = protocol::entry_hash(entry.body)};
  }
  return control;
}

Result<void> judge_root(const Control& control, const crypto::RecoverySeed& seed) {
  const auto root = crypto::public_key(crypto::root_seed(seed));
  if (control.was_root(root)) return errc::recovery_replaced;
  if (control.root() != root) return errc::wrong_recovery_key;
  return {};
}

Result<Control> judge_by_sheet(const std::vector<protocol::SignedEntry>& log, Keyring& keyring,
                               const crypto::RecoverySeed& seed) {
  auto control = judge(log, keyring);
  // No envelope for us, or none that opens: another vault's key.
  if (control.has_error() && control.error() == errc::not_found) return errc::wrong_recovery_key;
  if (control.has_error()) return control.error();
  COFFRET_CHECK(judge_root(*control, seed));
  return control;
}

Result<LogPins> pins_in_log(const crypto::RecoverySeed& seed,
                            const std::vector<protocol::SignedEntry>& log) {
  COFFRET_TRY(const auto judged, judged_by_sheet(seed, log));
  LogPins pins{judged.control.server(), {}};
  for (const auto& [id, device] : judged.control.devices()) pins.devices.push_back(device);
  return pins;
}

Result<std::optional<ServerPinned>> server_in_log(const crypto::RecoverySeed& seed,
                                                  const std::vector<protocol::SignedEntry>& log) {
  COFFRET_TRY(auto pins, pins_in_log(seed, log));
  return std::move(pins.server);
}

Result<std::vector<LoggedDocument>> documents_in_log(
    const crypto::RecoverySeed& seed, const std::vector<protocol::SignedEntry>& log) {
  COFFRET_TRY(const auto judged, judged_by_sheet(seed, log));
  std::vector<LoggedDocument> documents;
  for (const auto& entry : log) {
    COFFRET_TRY(const auto opened, judged.keyring.open(entry));
    const auto* put = std::get_if<DocumentPut>(&opened.payload);
    if (put == nullptr || judged.control.purged(put->document)) continue;
    COFFRET_TRY(auto document, logged(opened, *put, judged.control, judged.keyring));
    documents.push_back(std::move(document));
  }
  return documents;
}

}  // namespace coffret::store
