// SPDX-License-Identifier: EUPL-1.2
//
// checkpoint_world.hpp: a vault that went through everything a log can say, and the checkpoints
// that are made of its log.
#ifndef COFFRET_TESTS_SUPPORT_CHECKPOINT_WORLD_HPP
#define COFFRET_TESTS_SUPPORT_CHECKPOINT_WORLD_HPP

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/two_devices.hpp"
#include "vault/crypto/recovery.hpp"
#include "vault/store/checkpoint_judge.hpp"
#include "vault/store/judged_log.hpp"

namespace coffret::test {

using Entries = std::vector<protocol::SignedEntry>;

// Whoever holds the sheet, with the keys of every epoch of this log.
inline store::Keyring keys_of_sheet(const crypto::RecoverySeed& seed, const Entries& log) {
  const auto vault = protocol::decode_entry(log.front().body)->vault;
  store::Keyring keyring{vault, crypto::recovery_agreement_key(seed)};
  REQUIRE(store::judge(log, keyring).has_value());
  return keyring;
}

inline protocol::Head end_of(const Entries& log) {
  return {.seq = log.size(), .hash = protocol::entry_hash(log.back().body)};
}

inline Entries live_of(const Entries& log, const store::Keyring& keyring) {
  store::LiveEntries live;
  for (const auto& entry : log) live.take(*keyring.open(entry));
  Entries kept;
  for (const auto seq : live.seqs()) kept.push_back(log[seq - 1]);
  return kept;
}

// Two devices and what happens to them, one act after the other.
struct CheckpointWorld : TwoDevices {
  std::vector<DocumentId> ids;
  std::vector<PersonId> people;
  std::vector<GrantId> grants;
  std::uint64_t acts = 0;

  CheckpointWorld() {
    REQUIRE(second.has_value());
    REQUIRE(shelf.sync(*second));
    REQUIRE(shelf.sync(*first));
    for (const auto& document : *first->documents()) ids.push_back(document.id);
  }
  DocumentId add() {
    const auto number = std::to_string(acts++);
    ids.push_back(put(*first, prepared("Titre " + number, "texte " + number)));
    return ids.back();
  }
  void amend(const DocumentId& id, bool note) {
    const auto text = "Nom " + std::to_string(acts++);
    store::DocumentAmended change{.document = id, .title = {}, .date = {}, .kind = {}, .note = {}};
    (note ? change.note : change.title) = text;
    REQUIRE(first->amend(change).has_value());
  }
  void person() {
    const auto id = first->add_person("Personne " + std::to_string(acts++));
    REQUIRE(id.has_value());
    people.push_back(*id);
  }
  void identify(const PersonId& who) {
    const PatientIdentity identity{.family = "EXEMPLE " + std::to_string(acts++),
                                   .families = {},
                                   .given = "Camille",
                                   .birth_date = {},
                                   .gender = {},
                                   .ids = {}};
    REQUIRE(first->identify(who, identity).has_value());
  }
  template <class P>
  void say(const P& payload) {
    REQUIRE(first->append(store::make_operation(payload)).has_value());
  }
  void decide() {
    store::GrantDecided decided;
    decided.grant = first_machine.random.make<GrantId>();
    decided.caregiver = "Dr Exemple";
    say(decided);
    grants.push_back(decided.grant);
  }
  void end(const GrantId& grant) {
    say(store::GrantRevoked{.grant = grant, .at = static_cast<std::int64_t>(++acts)});
    say(store::GrantAcknowledged{
        .grant = grant, .at = static_cast<std::int64_t>(++acts), .acknowledgement = {}});
  }
  void look_at_access(std::uint64_t leaves) {
    store::AccessCheckpoint seen{.range = {}, .note = "n" + std::to_string(acts++)};
    for (std::uint64_t leaf = 0; leaf < leaves; ++leaf) seen.range.append({});
    say(seen);
  }
  void pass(std::int64_t seconds) {
    first_machine.clock.time += seconds;
    second_machine.clock.time += seconds;
  }
  // What was removed before, and sent, is erased.
  void purge() {
    REQUIRE(shelf.sync(*first));
    pass(31 * 24 * 3600);
    REQUIRE(first->purge(first_machine.clock.time).has_value());
  }
  // Some of each.
  void live_through() {
    const auto kept = add();
    const auto gone = add();
    const auto back = add();
    for (int i = 0; i < 3; ++i) amend(kept, i == 1);
    person();
    identify(people.back());
    identify(people.back());
    REQUIRE(first->assign(kept, people.back()).has_value());
    REQUIRE(first->assign(kept, PersonId{}).has_value());
    REQUIRE(first->remove(gone).has_value());
    REQUIRE(first->remove(back).has_value());
    REQUIRE(first->restore(back).has_value());
    purge();
    REQUIRE(first->remove(kept).has_value());
    decide();
    end(grants.back());
    decide();
    for (std::uint64_t i = 1; i < 6; ++i) look_at_access(i);
    REQUIRE(first->start_epoch().has_value());
    (void)add();
    REQUIRE(shelf.sync(*first));
    REQUIRE(shelf.sync(*second));
  }
  const Entries& log() const { return shelf.log; }
  store::Keyring keys() const { return keys_of_sheet(*seed, shelf.log); }
};

// An entry that announces a checkpoint of all of `log`, as `vault` would write it behind it.
struct Announced {
  protocol::Head at;
  Entries live;
  store::ComposedCheckpoint composed;
  protocol::SignedEntry entry;
  store::Opened opened;

  std::vector<ReceivedObject> parts() const {
    std::vector<ReceivedObject> received;
    for (const auto& part : composed.parts) received.push_back({to_bytes(part.view())});
    return received;
  }
};

inline protocol::SignedEntry entry_behind(const Entries& log, const store::Vault& vault,
                                          const store::Keyring& keyring,
                                          const store::Operation& operation,
                                          std::vector<ObjectId> puts, Random& random) {
  const auto last = *protocol::decode_entry(log.back().body);
  const auto sealed = crypto::Sealer::seal(*keyring.log_key(last.epoch), {last.vault, last.epoch},
                                           wire::encode(operation), random);
  const Bytes blob =
      wire::encode(store::OperationBlob{.envelopes = {}, .sealed = to_bytes(sealed.view())});
  protocol::Entry entry;
  entry.vault = last.vault;
  entry.seq = last.seq + 1;
  entry.previous = protocol::entry_hash(log.back().body);
  entry.epoch = last.epoch;
  entry.device = vault.device();
  entry.time = last.time;
  entry.puts = std::move(puts);
  return protocol::sign_entry(entry, blob, vault.signer());
}

// Many entries that change one document's title and the access log's end, as `vault` would have
// written them over years.
inline void lengthen(Entries& log, const store::Vault& vault, const store::Keyring& keyring,
                     const DocumentId& document, std::uint64_t count, Random& random) {
  store::AccessCheckpoint seen{.range = {}, .note = "n"};
  for (int leaf = 0; leaf < 6; ++leaf) seen.range.append({});
  for (std::uint64_t i = 0; i < count; ++i) {
    const store::DocumentAmended change{.document = document,
                                        .title = "Nom " + std::to_string(i),
                                        .date = {},
                                        .kind = {},
                                        .note = {}};
    const auto operation = i % 2 == 0 ? store::make_operation(change) : store::make_operation(seen);
    log.push_back(entry_behind(log, vault, keyring, operation, {}, random));
  }
}

inline Announced announce(const Entries& log, Entries live, const store::Vault& vault,
                          const store::Keyring& keyring, Random& random) {
  Announced made{end_of(log), std::move(live), {}, {}, {}};
  const auto epoch = protocol::decode_entry(log.back().body)->epoch;
  auto composed =
      store::compose_checkpoint(vault.id(), made.at, made.live, *keyring.log_key(epoch), random);
  REQUIRE(composed.has_value());
  made.composed = std::move(*composed);
  made.entry =
      entry_behind(log, vault, keyring, made.composed.operation, made.composed.objects, random);
  made.opened = *keyring.open(made.entry);
  return made;
}

}  // namespace coffret::test

#endif  // COFFRET_TESTS_SUPPORT_CHECKPOINT_WORLD_HPP
