// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/operation.hpp"

#include <algorithm>
#include <utility>

namespace coffret::store {
namespace {

bool is_short(const std::string& text) {
  return text.size() <= limits::short_text;
}

bool keeps_limits(const Genesis& p) {
  return is_short(p.owner) && is_short(p.device_name) && p.device.body.size() <= 1024;
}
bool keeps_limits(const EpochStarted& p) {
  return p.epoch > 1 && p.previous_key.size() <= max_wrapped;
}
bool keeps_limits(const DeviceAdded& p) {
  return is_short(p.name) && p.certificate.body.size() <= 1024;
}
bool keeps_limits(const DocumentPut& p) {
  return p.version > 0 && within_limits(p.entry) && p.size <= limits::file_size &&
         p.wrapped_key.size() <= max_wrapped && is_short(p.source);
}
bool keeps_limits(const DocumentRemoved&) {
  return true;
}
bool keeps_limits(const DocumentRestored&) {
  return true;
}
bool keeps_limits(const GrantDecided& p) {
  return is_short(p.caregiver) && is_short(p.role) && is_short(p.organisation) &&
         p.documents.size() <= max_scope && p.delivery >= Delivery::link &&
         p.delivery <= Delivery::key && p.policy.size() <= max_grant_record &&
         p.wrapped_link_secret.size() <= max_wrapped &&
         p.wrapped_server_half.size() <= max_wrapped && p.purpose.size() <= max_words &&
         p.consent.size() <= max_words;
}
bool keeps_limits(const GrantPublished& p) {
  return p.version > 1 && p.change <= GrantChange::terms && p.documents.size() <= max_scope &&
         p.policy.size() <= max_grant_record && p.wrapped_server_half.size() <= max_wrapped;
}
bool keeps_limits(const GrantTerms& t) {
  const auto all_short = [](const std::vector<std::string>& list) {
    return list.size() <= limits::list_length && std::all_of(list.begin(), list.end(), is_short);
  };
  return t.format == GrantTerms::known_format && t.chosen.size() <= max_scope &&
         all_short(t.categories) && all_short(t.kinds) && is_short(t.since) &&
         is_short(t.consent_form) && is_short(t.language);
}
bool keeps_limits(const GrantRevoked&) {
  return true;
}
bool keeps_limits(const GrantAcknowledged& p) {
  return p.acknowledgement.size() <= 1024;
}
bool keeps_limits(const ServerPinned& p) {
  return is_short(p.url) && p.card.size() <= 8 * 1024 && p.spki.size() <= 8 &&
         p.accepted_country.size() <= 2;
}
bool keeps_limits(const AccessCheckpoint& p) {
  return p.range.valid() && p.note.size() <= max_words;
}
bool keeps_limits(const DocumentAmended& p) {
  const auto all_short = [](const auto&... texts) { return (... && (!texts || is_short(*texts))); };
  return all_short(p.title, p.date) && (!p.note || p.note->size() <= max_words) &&
         (!p.kind ||
          (is_short(p.kind->code) && is_short(p.kind->system) && is_short(p.kind->display)));
}
bool keeps_limits(const DocumentAssigned&) {
  return true;
}
bool keeps_limits(const PersonNamed& p) {
  return !p.person.is_zero() && !p.name.empty() && is_short(p.name);
}
bool keeps_limits(const PersonIdentified& p) {
  return within_limits(p.identity);
}
bool keeps_limits(const DeviceRemoved& p) {
  return keeps_limits(p.epoch) && (!p.replacement || keeps_limits(*p.replacement));
}
bool keeps_limits(const RecoveryReplaced& p) {
  return keeps_limits(p.epoch) && p.certificate.body.size() <= 1024;
}
bool keeps_limits(const ServerRestored& p) {
  return p.epoch > 0 && p.note.size() <= 1024;
}
bool keeps_limits(const BranchMerged& p) {
  return p.branch.seq >= p.base.seq;
}
bool keeps_limits(const CaregiverPaired& p) {
  return p.caregiver == protocol::caregiver_id(p.keys) && !p.name.empty() && is_short(p.name) &&
         is_short(p.organisation) && p.introduction.size() == protocol::introduction_size;
}
bool keeps_limits(const CaregiverRemoved&) {
  return true;
}
bool keeps_limits(const DepositLinkMade& p) {
  return !p.from.empty() && is_short(p.from) && p.wrapped_key.size() <= max_wrapped &&
         p.deposits > 0 && p.deposits <= max_link_deposits && p.bytes > 0 &&
         p.bytes <= max_link_bytes;
}
bool keeps_limits(const DepositLinkClosed&) {
  return true;
}
bool keeps_limits(const DepositSettled& p) {
  return p.documents.size() <= max_accepted;
}
bool keeps_limits(const CardNoted& p) {
  return p.event >= CardEvent::opened && p.event <= CardEvent::printed && is_short(p.who) &&
         is_short(p.why) && p.next.is_zero() == (p.event != CardEvent::renewed);
}

template <class P>
Result<Payload> decode_as(ByteView bytes) {
  COFFRET_TRY(auto payload, wire::decode<P>(bytes));
  if (!keeps_limits(payload)) return errc::malformed;
  return Payload{std::move(payload)};
}

}  // namespace

const EpochStarted* start_of(const Payload& payload) noexcept {
  if (const auto* start = std::get_if<EpochStarted>(&payload)) return start;
  if (const auto* removed = std::get_if<DeviceRemoved>(&payload)) return &removed->epoch;
  if (const auto* replaced = std::get_if<RecoveryReplaced>(&payload)) return &replaced->epoch;
  return nullptr;
}

EpochStarted* start_of(Payload& payload) noexcept {
  return const_cast<EpochStarted*>(start_of(std::as_const(payload)));  // NOLINT: the same object
}

Operation make_operation(const GrantDecided& decided, const GrantTerms& terms) {
  auto operation = make_operation(decided);
  operation.extension = wire::encode(terms);
  return operation;
}

std::optional<GrantTerms> terms_of(const Operation& operation) {
  if (operation.extension.empty()) return std::nullopt;
  auto terms = wire::decode<GrantTerms>(operation.extension);
  if (terms.has_error() || !keeps_limits(*terms)) return std::nullopt;
  return std::move(*terms);
}

Result<Operation> decode_operation(ByteView bytes) {
  if (bytes.size() > max_operation) return errc::too_large;
  COFFRET_TRY(auto operation, wire::decode<Operation>(bytes));
  if (!is_short(operation.acting_for)) return errc::malformed;
  return operation;
}

Result<Payload> decode_payload(const Operation& operation) {
  const ByteView bytes = operation.payload;
  switch (operation.type) {
    case OperationType::genesis:
      return decode_as<Genesis>(bytes);
    case OperationType::epoch_started:
      return decode_as<EpochStarted>(bytes);
    case OperationType::device_added:
      return decode_as<DeviceAdded>(bytes);
    case OperationType::document_put:
      return decode_as<DocumentPut>(bytes);
    case OperationType::document_removed:
      return decode_as<DocumentRemoved>(bytes);
    case OperationType::document_restored:
      return decode_as<DocumentRestored>(bytes);
    case OperationType::grant_decided:
      return decode_as<GrantDecided>(bytes);
    case OperationType::grant_published:
      return decode_as<GrantPublished>(bytes);
    case OperationType::grant_revoked:
      return decode_as<GrantRevoked>(bytes);
    case OperationType::grant_acknowledged:
      return decode_as<GrantAcknowledged>(bytes);
    case OperationType::server_pinned:
      return decode_as<ServerPinned>(bytes);
    case OperationType::access_checkpoint:
      return decode_as<AccessCheckpoint>(bytes);
    case OperationType::document_amended:
      return decode_as<DocumentAmended>(bytes);
    case OperationType::document_assigned:
      return decode_as<DocumentAssigned>(bytes);
    case OperationType::person_named:
      return decode_as<PersonNamed>(bytes);
    case OperationType::person_identified:
      return decode_as<PersonIdentified>(bytes);
    case OperationType::device_removed:
      return decode_as<DeviceRemoved>(bytes);
    case OperationType::recovery_replaced:
      return decode_as<RecoveryReplaced>(bytes);
    case OperationType::server_restored:
      return decode_as<ServerRestored>(bytes);
    case OperationType::branch_merged:
      return decode_as<BranchMerged>(bytes);
    case OperationType::caregiver_paired:
      return decode_as<CaregiverPaired>(bytes);
    case OperationType::caregiver_removed:
      return decode_as<CaregiverRemoved>(bytes);
    case OperationType::deposit_link_made:
      return decode_as<DepositLinkMade>(bytes);
    case OperationType::deposit_link_closed:
      return decode_as<DepositLinkClosed>(bytes);
    case OperationType::deposit_settled:
      return decode_as<DepositSettled>(bytes);
    case OperationType::card_noted:
      return decode_as<CardNoted>(bytes);
  }
  if (operation.ignorable) return Payload{};
  return errc::other_version;
}

}  // namespace coffret::store
