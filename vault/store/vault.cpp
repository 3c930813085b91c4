// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/vault.hpp"

#include <algorithm>
#include <set>

#include "vault/crypto/backup_keys.hpp"
#include "vault/store/state.hpp"

namespace coffret::store {

Vault::Vault(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
Vault::Vault(Vault&&) noexcept = default;
Vault& Vault::operator=(Vault&&) noexcept = default;
Vault::~Vault() = default;

Result<VaultStatus> Vault::status() {
  VaultStatus status{.vault = id(),
                     .device = device(),
                     .owner = owner(),
                     .documents = 0,
                     .missing = 0,
                     .pending = state_->head.seq - state_->server.seq,
                     .head = state_->head,
                     .server_head = state_->server,
                     .quarantined = 0};
  COFFRET_TRY(const auto rows, state_->documents.current());
  for (const auto& row : rows) {
    COFFRET_TRY(const auto document_id, DocumentId::parse(row.name));
    const bool accepted =
        !row.lineage.quarantined || state_->control.assigned(document_id) != nullptr;
    if (!state_->control.removed_at(document_id))
      ++(accepted ? status.documents : status.quarantined);
    if (row.place == Place::missing) ++status.missing;
  }
  return status;
}

const VaultId& Vault::id() const noexcept {
  return state_->owner.vault;
}
const DeviceId& Vault::device() const noexcept {
  return state_->owner.device;
}
const SigningPublicKey& Vault::root_key() const noexcept {
  return state_->control.root();
}
const std::string& Vault::owner() const noexcept {
  return state_->control.genesis().owner;
}
const Signer& Vault::signer() const noexcept {
  return *state_->signer;
}

std::vector<DeviceView> Vault::devices() const {
  std::vector<DeviceView> devices;
  for (const auto& [id, view] : state_->control.devices()) devices.push_back(view);
  return devices;
}

std::optional<DeviceView> Vault::device(const DeviceId& id) const {
  const auto& devices = state_->control.devices();
  const auto found = devices.find(id);
  if (found == devices.end()) return std::nullopt;
  return found->second;
}

std::vector<DocumentEdit> Vault::edits(const DocumentId& id) const {
  const auto& control = state_->control;
  const auto there = state_->standing(id);
  std::vector<DocumentEdit> edits;
  const auto add = [&](const DocumentId& of) {
    if (const auto* made = control.edits(of)) edits.insert(edits.end(), made->begin(), made->end());
  };
  add(there);
  // What was changed of a copy was changed of this document.
  for (const auto& [copy, kept] : control.copies())
    if (copy != there && control.stands_for(copy) == there) add(copy);
  std::stable_sort(edits.begin(), edits.end(),
                   [](const auto& a, const auto& b) { return a.seq < b.seq; });
  return edits;
}

Result<protocol::Head> Vault::append(const Operation& operation) {
  COFFRET_TRY(auto act, Act::begin(*state_));
  // What it wraps may have been wrapped before an epoch began.
  COFFRET_TRY([[maybe_unused]] const auto opened,
              act.append(state_->rewrapped(operation, state_->keyring, epoch())));
  COFFRET_CHECK(act.commit());
  return state_->head;
}

Result<protocol::Head> Vault::head_at(std::uint64_t seq) const {
  if (seq > state_->head.seq) return errc::not_found;
  COFFRET_TRY(const auto hash, state_->hash_at(seq));
  return protocol::Head{.seq = seq, .hash = hash};
}

std::vector<GrantView> Vault::grants() const {
  return state_->control.grants();
}

std::optional<GrantView> Vault::grant(const GrantId& id) const {
  for (const auto& grant : state_->control.grants())
    if (grant.decision.grant == id) return grant;
  return std::nullopt;
}

std::vector<CaregiverPaired> Vault::caregivers() const {
  return state_->control.caregivers();
}

std::vector<DepositLinkView> Vault::deposit_links() const {
  return state_->control.deposit_links();
}

std::optional<SettledDeposit> Vault::settled(const DepositPlace& place) const {
  const auto& settled = state_->control.settled();
  const auto found = settled.find(place);
  return found == settled.end() ? std::nullopt : std::optional{found->second};
}

std::vector<DocumentId> Vault::accepted_twice() const {
  std::vector<DocumentId> documents;
  for (const auto& [seq, document] : state_->control.doubled())
    if (seq > state_->server.seq && !state_->control.removed_at(document))
      documents.push_back(document);
  return documents;
}

std::optional<ServerPinned> Vault::server() const {
  return state_->control.server();
}

std::optional<AccessCheckpoint> Vault::access() const {
  return state_->control.access();
}

Result<std::vector<protocol::SignedEntry>> Vault::entries_after(std::uint64_t seq,
                                                                std::size_t limit) const {
  COFFRET_CHECK(state_->require_behind(seq));
  return state_->log.after(seq, limit);
}

Result<EntryHash> Vault::entry_hash(std::uint64_t seq) const {
  return state_->hash_at(seq);
}

Result<std::vector<ObjectId>> Vault::kept_objects() const {
  std::set<ObjectId> kept;
  const auto walked = state_->log.walk([&](const Link& link) -> Result<void> {
    // What it put and the checkpoint has not was dropped by an entry that may not be here yet.
    if (link.history) return {};
    COFFRET_TRY(const auto entry, protocol::decode_entry(link.body));
    kept.insert(entry.puts.begin(), entry.puts.end());
    for (const auto& id : entry.drops) kept.erase(id);
    return {};
  });
  if (walked.has_error()) return walked.error();
  return std::vector<ObjectId>{kept.begin(), kept.end()};
}

std::uint32_t Vault::epoch() const noexcept {
  return state_->control.epoch();
}

AgreementPublicKey Vault::recovery_key() const noexcept {
  return state_->control.recovery();
}

Result<crypto::AgeIdentity> Vault::export_identity(std::uint32_t epoch) const {
  const auto* key = state_->keyring.vault_key(epoch);
  if (key == nullptr) return errc::not_found;
  return crypto::export_identity(*key, state_->owner.vault, epoch);
}

const crypto::LogKey& Vault::log_key() const noexcept {
  return *state_->keyring.log_key(state_->control.epoch());
}

const crypto::LogKey* Vault::log_key(std::uint32_t epoch) const noexcept {
  return state_->keyring.log_key(epoch);
}

crypto::WrapContext Vault::wrap_context(crypto::WrapPurpose purpose, ByteView id,
                                        std::uint32_t version) const {
  return {.vault = state_->owner.vault, .purpose = purpose, .id = to_bytes(id), .version = version};
}

Random& Vault::random() const noexcept {
  return state_->env.random;
}

void audit(const std::string& directory, errc code, Environment& environment) noexcept {
  try {
    const std::string line =
        to_rfc3339(environment.clock.now()) + " " + std::string{row(code).code} + "\n";
    (void)environment.disk.append(directory + "/audit.log", as_bytes(line), false);
  } catch (...) {  // NOLINT(bugprone-empty-catch): a refusal is not undone for want of its line
  }
}

}  // namespace coffret::store
