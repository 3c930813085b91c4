// SPDX-License-Identifier: EUPL-1.2
//
// Two devices of one vault and the log between them, in memory.
#include <doctest/doctest.h>

#include <filesystem>
#include <map>

#include "tests/support/two_devices.hpp"
#include "vault/store/keyring.hpp"
#include "vault/store/transfer.hpp"

namespace coffret::store {
namespace {

using test::Machine;
using test::prepared;
using test::put;
using test::Shelf;
using test::TwoDevices;

std::map<DocumentId, Bytes> bodies(Vault& vault) {
  std::map<DocumentId, Bytes> all;
  const auto documents = vault.documents();
  for (const auto& view : *documents) all[view.id] = *vault.body(view.id);
  return all;
}

TEST_SUITE("vault/store/remote") {
  TEST_CASE("what is pushed is remembered, also after a new start") {
    Machine machine;
    Shelf shelf;
    {
      auto made = machine.create();
      CHECK(!put(made->vault, prepared("A", "a")).is_zero());
      CHECK(made->vault.pending()->entries.size() == 2);
      CHECK(made->vault.pending(1)->entries.size() == 1);
      CHECK(shelf.push(made->vault));
      CHECK(made->vault.pending()->entries.empty());
    }
    auto vault = machine.open();
    CHECK(vault->status()->pending == 0);
    CHECK(vault->status()->server_head == shelf.head());
    auto other = shelf.head();
    other.hash.bytes[0] ^= 1;
    CHECK(vault->mark_pushed(other).error() == errc::fork_detected);
    CHECK(vault->mark_pushed({.seq = 1, .hash = {}}).error() == errc::fork_detected);
  }

  TEST_CASE("a device rebuilt from the recovery key has every document, byte for byte") {
    TwoDevices two;
    REQUIRE(two.second.has_value());
    CHECK(two.second->owner() == "Camille Exemple");
    CHECK(two.second->devices().size() == 2);
    CHECK(two.second->documents()->size() == 2);
    CHECK(!two.second->documents()->front().present);
    CHECK(two.second->search("premier")->size() == 1);
    CHECK(two.shelf.fetch(*two.second));
    CHECK(bodies(*two.second) == bodies(*two.first));
    CHECK(two.second->missing_objects()->empty());
    CHECK(two.second->without_text()->size() == 2);
    CHECK(two.second->check(true)->empty());

    // Objects are made again the same on any device.
    for (const auto& [id, bytes] : two.shelf.objects)
      CHECK(to_bytes(two.second->object(id)->view()) == bytes);

    // And the first device learns of the second.
    CHECK(two.shelf.push(*two.second));
    CHECK(two.shelf.pull(*two.first)->entries == 1);
    CHECK(two.first->devices().size() == 2);
    two.second.reset();
    CHECK(two.second_machine.open()->documents()->size() == 2);
  }

  TEST_CASE("another recovery key, and a log that was cut or altered, rebuild nothing") {
    TwoDevices two;
    test::SeededRandom random{9};
    const auto wrong = crypto::make_key<crypto::RecoverySeed>(random);
    Machine machine{3};
    CHECK(machine.rebuild(wrong, two.shelf.log).error() == errc::wrong_recovery_key);
    CHECK(machine.rebuild(*two.seed, {}).error() == errc::malformed);
    auto gap = two.shelf.log;
    gap.erase(gap.begin() + 1);
    CHECK(machine.rebuild(*two.seed, gap).error() == errc::fork_detected);
    auto forged = two.shelf.log;
    forged[1].signature.bytes[3] ^= 1;
    CHECK(machine.rebuild(*two.seed, forged).error() == errc::unauthenticated);
    CHECK(machine.open().error() == errc::never_initialised);
  }

  TEST_CASE("two devices that wrote at once end with the same log and all documents") {
    TwoDevices two;
    REQUIRE(two.shelf.push(*two.second));
    REQUIRE(two.shelf.pull(*two.first).has_value());
    const auto mine = put(*two.first, prepared("De la première", "1"));
    const auto removed = two.first->documents()->back().id;
    CHECK(two.first->remove(removed).has_value());
    const auto theirs = put(*two.second, prepared("De la seconde", "2"));
    REQUIRE(two.shelf.push(*two.second));
    CHECK(!two.shelf.push(*two.first));

    const auto accepted = two.shelf.pull(*two.first);
    REQUIRE(accepted.has_value());
    CHECK(accepted->entries == 1);
    CHECK(accepted->rebased == 2);
    CHECK(accepted->documents == std::vector{theirs});
    CHECK(two.shelf.push(*two.first));
    REQUIRE(two.shelf.pull(*two.second).has_value());
    CHECK(two.shelf.fetch(*two.first));
    CHECK(two.shelf.fetch(*two.second));

    CHECK(two.first->status()->head == two.second->status()->head);
    CHECK(bodies(*two.first) == bodies(*two.second));
    CHECK(two.first->document(mine.text()).has_value());
    CHECK(two.first->document(removed.text())->removed_at.has_value());
    CHECK(two.first->check(true)->empty());
    CHECK(two.second->check(true)->empty());
    two.first.reset();
    auto again = two.first_machine.open();
    REQUIRE(again.has_value());
    CHECK(bodies(*again) == bodies(*two.second));
  }

  TEST_CASE("entries whose acknowledgement was lost are recognised") {
    TwoDevices two;
    CHECK(!put(*two.first, prepared("Perdu", "p")).is_zero());
    CHECK(two.shelf.take(*two.first));
    CHECK(!put(*two.first, prepared("Suivant", "s")).is_zero());
    const auto accepted = two.shelf.pull(*two.first);
    REQUIRE(accepted.has_value());
    CHECK(accepted->entries == 0);
    CHECK(accepted->rebased == 0);
    CHECK(two.first->status()->pending == 1);
    CHECK(two.shelf.push(*two.first));
  }

  TEST_CASE("an older, another or an altered history is refused and changes nothing") {
    TwoDevices two;
    REQUIRE(two.shelf.push(*two.second));
    const auto before = two.first->status()->head;

    Shelf older = two.shelf;
    older.log.pop_back();
    older.log.pop_back();
    CHECK(two.first->accept_remote({older.head(), {}}).error() == errc::server_rolled_back);

    auto other_head = two.first->status()->server_head;
    other_head.hash.bytes[9] ^= 1;
    CHECK(two.first->accept_remote({other_head, {}}).error() == errc::fork_detected);

    const auto good = two.shelf.after(before.seq);
    REQUIRE(good.entries.size() == 1);
    auto page = good;
    page.entries[0].signature.bytes[0] ^= 1;
    CHECK(two.first->accept_remote(page).error() == errc::unauthenticated);
    page = good;
    page.entries[0].operation.back() ^= 1;
    CHECK(two.first->accept_remote(page).error() == errc::unauthenticated);
    page = good;
    page.entries[0].body.pop_back();
    CHECK(two.first->accept_remote(page).has_error());
    page = good;
    page.head.hash.bytes[0] ^= 1;
    CHECK(two.first->accept_remote(page).error() == errc::fork_detected);
    page = two.shelf.after(before.seq - 1);
    CHECK(two.first->accept_remote(page).error() == errc::malformed);

    CHECK(two.first->status()->head == before);
    CHECK(two.first->devices().size() == 1);
    CHECK(two.shelf.pull(*two.first)->entries == 1);
  }

  TEST_CASE("a copy of this device that wrote is found out") {
    TwoDevices two;
    two.first.reset();
    Machine clone{7};
    std::filesystem::copy(two.first_machine.directory(), clone.directory(),
                          std::filesystem::copy_options::recursive);
    std::filesystem::permissions(clone.directory(), std::filesystem::perms::owner_all);
    auto original = two.first_machine.open();
    auto copy = clone.open();
    REQUIRE(copy.has_value());
    CHECK(!put(*copy, prepared("Du double", "d")).is_zero());
    CHECK(two.shelf.push(*copy));
    CHECK(!put(*original, prepared("De l'original", "o")).is_zero());
    CHECK(two.shelf.pull(*original).error() == errc::device_cloned);
    CHECK(original->check(true)->empty());
  }

  TEST_CASE("the first bytes of an object that is still to come are no leftover") {
    TwoDevices two;
    REQUIRE(two.second.has_value());
    const auto missing = two.second->missing_objects();
    REQUIRE_FALSE(missing->empty());
    const auto begun = two.second_machine.file("objects/") + arriving_name(missing->front().object);
    REQUIRE(two.second_machine.disk.write_at(begun, 0, Bytes(100, 1)).has_value());
    CHECK(two.second->check(true)->empty());
    REQUIRE(two.second_machine.disk.write_at(begun + "x", 0, Bytes(100, 1)).has_value());
    CHECK(two.second->check(true)->size() == 1);
  }

  TEST_CASE("objects that are not the named ones are refused") {
    TwoDevices two;
    const auto missing = two.second->missing_objects();
    REQUIRE(missing->size() == 2);
    auto bytes = two.shelf.objects.at(missing->front().object);
    bytes[70] ^= 1;
    CHECK(two.second->store_object(missing->front().object, {bytes}).error() ==
          errc::unauthenticated);
    const auto& other = two.shelf.objects.at(missing->back().object);
    CHECK(two.second->store_object(missing->front().object, {other}).error() ==
          errc::unauthenticated);
    CHECK(two.second->store_object(ObjectId{}, {bytes}).error() == errc::not_found);
    CHECK(two.second->body(missing->front().document).error() == errc::body_missing);
    CHECK(two.second->missing_objects()->size() == 2);
  }

  TEST_CASE(
      "an operation of a later version is skipped if it may be, else the vault is read only") {
    TwoDevices two;
    REQUIRE(two.shelf.push(*two.second));
    REQUIRE(two.shelf.pull(*two.first).has_value());
    Operation later;
    later.type = static_cast<OperationType>(900);
    later.ignorable = true;
    later.extension = {1, 2, 3};
    CHECK(two.second->append(later).has_value());
    CHECK(two.shelf.push(*two.second));
    CHECK(two.shelf.pull(*two.first)->entries == 1);
    CHECK(two.first->check(true)->empty());

    // The same, not ignorable: sealed and signed as a later build of the second device would.
    later.ignorable = false;
    CHECK(two.second->append(later).error() == errc::other_version);
    Keyring keyring{two.first->id(), crypto::recovery_agreement_key(*two.seed)};
    keyring.descend({two.shelf.log.data(), 1});
    REQUIRE(keyring.log_key(1) != nullptr);
    auto sealed = crypto::Sealer::seal(*keyring.log_key(1), {two.first->id(), 1},
                                       wire::encode(later), two.second_machine.random);
    const OperationBlob blob{{}, std::move(sealed).take()};
    protocol::Entry entry;
    entry.vault = two.first->id();
    entry.seq = two.shelf.head().seq + 1;
    entry.previous = two.shelf.head().hash;
    entry.epoch = 1;
    entry.device = two.second->device();
    two.shelf.log.push_back(protocol::sign_entry(entry, wire::encode(blob), two.second->signer()));
    CHECK(two.shelf.pull(*two.first).error() == errc::other_version);
    CHECK(two.first->documents()->size() == 2);
    CHECK(two.first->put_documents({prepared("Non", "n")}).error() == errc::other_version);
  }

  TEST_CASE("grants, server and access checkpoint are what the log says, on every device") {
    TwoDevices two;
    test::SeededRandom random{4};
    const auto grant = random.make<GrantId>();
    GrantDecided decided;
    decided.grant = grant;
    decided.caregiver = "Dr Fictif";
    decided.documents = {two.first->documents()->front().id};
    const auto secret = crypto::make_key<crypto::LinkSecret>(random);
    decided.wrapped_link_secret =
        two.first->wrap(crypto::WrapPurpose::link, grant.view(), 1, secret);
    CHECK(two.first->append(make_operation(decided)).has_value());
    CHECK(two.first->append(make_operation(GrantRevoked{grant, 50})).has_value());
    CHECK(two.first->append(make_operation(GrantRevoked{grant, 60})).has_value());
    CHECK(two.first->append(make_operation(GrantRevoked{GrantId{}, 1})).error() == errc::malformed);
    ServerPinned pinned;
    pinned.url = "https://serveur.example";
    CHECK(two.first->append(make_operation(pinned)).has_value());
    CHECK(two.first->append(make_operation(AccessCheckpoint{{.size = 0, .peaks = {}}, "note"}))
              .has_value());
    CHECK(two.shelf.push(*two.first));
    REQUIRE(two.shelf.pull(*two.second).has_value());

    for (auto* vault : {&*two.first, &*two.second}) {
      const auto view = vault->grant(grant);
      REQUIRE(view.has_value());
      CHECK(view->decision == decided);
      CHECK(view->revoked_at == 50);
      CHECK(!view->acknowledged_at);
      CHECK(vault->grants().size() == 1);
      CHECK(vault->server() == pinned);
      CHECK(vault->access()->note == "note");
      const auto opened =
          vault->unwrap<crypto::LinkSecret>(view->epoch, crypto::WrapPurpose::link, grant.view(), 1,
                                            view->decision.wrapped_link_secret);
      REQUIRE(opened.has_value());
      CHECK(test::shown(*opened) == test::shown(secret));
      CHECK(vault
                ->unwrap<crypto::LinkSecret>(1, crypto::WrapPurpose::parcel, grant.view(), 1,
                                             view->decision.wrapped_link_secret)
                .error() == errc::unauthenticated);
    }
  }
}

}  // namespace
}  // namespace coffret::store
