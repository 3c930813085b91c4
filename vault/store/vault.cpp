// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/vault.hpp"

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
  return state_->control.genesis().root;
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

Result<protocol::Head> Vault::append(const Operation& operation) {
  COFFRET_TRY(auto act, Act::begin(*state_));
  COFFRET_TRY([[maybe_unused]] const auto opened, act.append(operation));
  COFFRET_CHECK(act.commit());
  return state_->head;
}

std::vector<GrantView> Vault::grants() const {
  return state_->control.grants();
}

std::optional<GrantView> Vault::grant(const GrantId& id) const {
  for (const auto& grant : state_->control.grants())
    if (grant.decision.grant == id) return grant;
  return std::nullopt;
}

std::optional<ServerPinned> Vault::server() const {
  return state_->control.server();
}

std::optional<AccessCheckpoint> Vault::access() const {
  return state_->control.access();
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
