// SPDX-License-Identifier: EUPL-1.2
//
// Who reads what after a device was removed, the sheet renewed or an epoch begun, whichever device
// did it and whoever met the server first.
#include <doctest/doctest.h>

#include "tests/support/test_signer.hpp"
#include "tests/support/two_devices.hpp"
#include "vault/store/control.hpp"

namespace coffret::store {
namespace {

using test::prepared;
using test::put;
using test::TwoDevices;

// Two devices that know of each other and have the same.
struct Apart : TwoDevices {
  Apart() {
    REQUIRE(second.has_value());
    REQUIRE(shelf.sync(*second));
    REQUIRE(shelf.sync(*first));
  }
  bool meet() { return shelf.sync(*first) && shelf.sync(*second) && shelf.sync(*first) && agree(); }
  bool agree() {
    return first->status()->head == second->status()->head && first->check(true)->empty() &&
           second->check(true)->empty();
  }
  static std::uint64_t documents(Vault& vault) { return vault.status()->documents; }
  // Locked and unlocked again.
  bool reopen() {
    first.reset();
    second.reset();
    auto one = first_machine.open();
    auto other = second_machine.open();
    if (one.has_error() || other.has_error()) return false;
    first.emplace(std::move(*one));
    second.emplace(std::move(*other));
    return first->check(true)->empty() && second->check(true)->empty();
  }
};

// An entry as somebody would make it who has that key and knows what the server knows.
protocol::SignedEntry forged(const Apart& two, const DeviceId& device, const Signer& signer,
                             std::uint32_t epoch, const OperationBlob& blob) {
  protocol::Entry entry;
  entry.vault = two.first->id();
  entry.seq = two.shelf.head().seq + 1;
  entry.previous = two.shelf.head().hash;
  entry.epoch = epoch;
  entry.device = device;
  return protocol::sign_entry(entry, wire::encode(blob), signer);
}

TEST_SUITE("vault/store/epoch") {
  TEST_CASE("an epoch that a stranger starts leaves no key behind") {
    Apart two;
    test::SeededRandom random{9};
    const auto planted = crypto::make_key<crypto::VaultKey>(random);
    const auto reader = two.second->device(two.second->device())->agreement_key;
    auto envelope = crypto::Sealer::seal_envelope(reader, {two.first->id(), 2}, planted, random);
    auto sealed =
        crypto::Sealer::seal(crypto::log_key(planted, two.first->id(), 2), {two.first->id(), 2},
                             wire::encode(make_operation(EpochStarted{2, {}})), random);
    const OperationBlob blob{{{reader, *envelope}}, std::move(sealed).take()};
    const test::TestSigner stranger{7};
    auto evil = two.shelf;
    evil.log.push_back(forged(two, two.first->device(), stranger, 2, blob));
    CHECK(evil.pull(*two.second).error() == errc::unauthenticated);
    evil.log.back() = forged(two, test::counting_id<DeviceId>(9), stranger, 2, blob);
    CHECK(evil.pull(*two.second).error() == errc::unauthenticated);

    // The true second epoch is not taken for the planted one.
    REQUIRE(two.first->start_epoch().has_value());
    CHECK(!put(*two.first, prepared("Après", "a")).is_zero());
    CHECK(two.meet());
    CHECK(two.second->epoch() == 2);
    CHECK(two.documents(*two.second) == 3);
  }

  TEST_CASE("a new epoch is taken over by every device, and old epochs stay readable") {
    Apart two;
    for (int i = 0; i < 3; ++i) {
      auto& vault = i % 2 == 0 ? *two.first : *two.second;
      REQUIRE(vault.start_epoch().has_value());
      CHECK(!put(vault, prepared("Époque " + std::to_string(i), "mot" + std::to_string(i)))
                 .is_zero());
      REQUIRE(two.meet());
    }
    CHECK(two.first->epoch() == 4);
    CHECK(two.reopen());
    CHECK(two.first->epoch() == 4);
    CHECK(two.documents(*two.second) == 5);
    test::Machine third{3};
    auto made = third.rebuild(*two.seed, two.shelf.log);
    REQUIRE(made.has_value());
    std::optional<Vault> again{std::move(*made)};
    CHECK(two.shelf.push(*again));
    CHECK(two.shelf.fetch(*again));
    CHECK(two.documents(*again) == 5);
    again.reset();
    auto reopened = third.open();
    REQUIRE(reopened.has_value());
    CHECK(reopened->check(true)->empty());
    CHECK(reopened->epoch() == 4);
  }

  TEST_CASE("a removed device reads nothing newer, and nothing of its own comes in any more") {
    Apart two;
    const auto removed = two.second->device();
    CHECK(!put(*two.second, prepared("En attente", "p")).is_zero());
    REQUIRE(two.first->remove_device(removed).has_value());
    CHECK(two.first->remove_device(removed).has_value());  // once is enough
    CHECK(two.first->remove_device(two.first->device()).error() == errc::denied);
    CHECK(two.first->remove_device(DeviceId{}).error() == errc::not_found);
    CHECK(!put(*two.first, prepared("Après", "a")).is_zero());
    const auto before = two.shelf.log.size();
    REQUIRE(two.shelf.push(*two.first));
    REQUIRE(two.shelf.log.size() == before + 2);

    // A server that is its accomplice gives it everything.
    CHECK(two.shelf.pull(*two.second).error() == errc::device_removed);
    CHECK(two.documents(*two.second) == 3);
    CHECK(two.second->status()->pending == 1);
    CHECK(two.second->check(true)->empty());
    for (std::size_t at = before; at < two.shelf.log.size(); ++at) {
      auto opened = crypto::open_keyslot(
          *two.second_machine.disk.read(two.second_machine.file("keyslot"), 4096),
          two.second_machine.passphrase, test::cheap_cost);
      Keyring ring{two.first->id(), opened->secrets};
      ring.descend(two.shelf.log);
      CHECK(ring.open_new(two.shelf.log[at]).error() == errc::not_found);
      CHECK(ring.latest() == 1);
    }

    // What it signs behind its removal is refused, whatever the epoch it claims.
    OperationBlob blob;
    for (const std::uint32_t epoch : {1u, 2u}) {
      auto evil = two.shelf;
      evil.log.push_back(forged(two, removed, two.second->signer(), epoch, blob));
      CHECK(evil.pull(*two.first).error() == errc::unauthenticated);
    }
    // Its identifier never returns.
    const auto view = *two.first->device(removed);
    CHECK(view.removed == before + 1);
    CHECK(two.first->add_device({view.certificate, "encore"}).has_error());
    CHECK(two.first->devices().size() == 2);
  }

  TEST_CASE("what was written off line before a removal is sealed anew behind it") {
    for (const bool grants : {false, true}) {
      CAPTURE(grants);
      Apart two;
      test::Machine machine{3};
      auto third = machine.rebuild(*two.seed, two.shelf.log);
      REQUIRE(third.has_value());
      REQUIRE(two.shelf.sync(*third));
      REQUIRE(two.meet());

      const auto id = put(*two.second, prepared("Hors ligne", "o"));
      const auto secret = crypto::make_key<crypto::LinkSecret>(two.second_machine.random);
      GrantDecided decided;
      decided.grant = two.second_machine.random.make<GrantId>();
      decided.link = two.second_machine.random.make<LinkId>();
      decided.wrapped_link_secret =
          two.second->wrap(crypto::WrapPurpose::link, decided.link.view(), 1, secret);
      if (grants) CHECK(two.second->append(make_operation(decided)).has_value());
      GrantPublished published;
      published.grant = decided.grant;
      published.link = decided.link;
      published.version = 2;
      published.wrapped_server_half =
          two.second->wrap(crypto::WrapPurpose::server_half, decided.link.view(), 2, secret);
      auto next = make_operation(published);
      next.ignorable = true;
      if (grants) CHECK(two.second->append(next).has_value());
      REQUIRE(two.first->remove_device(third->device()).has_value());
      const auto before = two.shelf.log.size();
      REQUIRE(two.meet());
      CHECK(two.shelf.log.size() == before + (grants ? 4 : 2));

      CHECK(two.shelf.pull(*third).error() == errc::device_removed);
      auto slot = crypto::open_keyslot(*machine.disk.read(machine.file("keyslot"), 4096),
                                       machine.passphrase, test::cheap_cost);
      Keyring ring{two.first->id(), slot->secrets};
      for (std::size_t at = before; at < two.shelf.log.size(); ++at)
        CHECK(ring.open(two.shelf.log[at]).error() == errc::not_found);
      for (auto* vault : {&*two.first, &*two.second}) CHECK(vault->body(id).has_value());
      if (!grants) continue;
      for (auto* vault : {&*two.first, &*two.second}) {
        const auto kept = vault->grant(decided.grant);
        REQUIRE(kept.has_value());
        CHECK(kept->epoch == 2);
        const auto opened = vault->unwrap<crypto::LinkSecret>(
            kept->epoch, crypto::WrapPurpose::link, decided.link.view(), 1,
            kept->decision.wrapped_link_secret);
        REQUIRE(opened.has_value());
        CHECK(test::shown(*opened) == test::shown(secret));
        CHECK(kept->half_epoch == 2);
        const auto half = vault->unwrap<crypto::LinkSecret>(
            kept->half_epoch, crypto::WrapPurpose::server_half, decided.link.view(), 2,
            kept->decision.wrapped_server_half);
        REQUIRE(half.has_value());
        CHECK(test::shown(*half) == test::shown(secret));
      }
    }
  }

  TEST_CASE("epochs that two devices start at once follow each other") {
    for (const bool removal : {false, true}) {
      CAPTURE(removal);
      Apart two;
      test::Machine machine{3};
      auto third = machine.rebuild(*two.seed, two.shelf.log);
      REQUIRE(third.has_value());
      REQUIRE(two.shelf.sync(*third));
      REQUIRE(two.meet());
      CHECK(!put(*two.first, prepared("Avant", "1")).is_zero());
      CHECK(!put(*two.second, prepared("Avant aussi", "2")).is_zero());
      for (auto* vault : {&*two.first, &*two.second})
        REQUIRE(
            (removal ? vault->remove_device(third->device()) : vault->start_epoch()).has_value());
      CHECK(!put(*two.first, prepared("Derrière", "3")).is_zero());
      CHECK(!put(*two.second, prepared("Derrière aussi", "4")).is_zero());
      REQUIRE(two.meet());
      CHECK(two.first->epoch() == (removal ? 2u : 3u));
      CHECK(two.documents(*two.first) == 6);
      CHECK(two.documents(*two.second) == 6);
      CHECK(two.reopen());
      CHECK(two.shelf.pull(*third).has_value() == !removal);
    }
  }

  TEST_CASE("a renewed sheet opens everything, and the one before is told that it was replaced") {
    Apart two;
    const auto old_root = two.first->root_key();
    CHECK(!put(*two.first, prepared("Avant", "1")).is_zero());
    auto fresh = two.first->renew_recovery();
    REQUIRE(fresh.has_value());
    CHECK(!put(*two.first, prepared("Après", "2")).is_zero());
    REQUIRE(two.meet());
    CHECK(two.second->root_key() == crypto::public_key(crypto::root_seed(*fresh)));
    CHECK(two.second->root_key() != old_root);
    CHECK(two.second->device(two.second->device())->root == old_root);

    test::Machine machine{3};
    CHECK(machine.rebuild(*two.seed, two.shelf.log).error() == errc::recovery_replaced);
    auto made = machine.rebuild(*fresh, two.shelf.log);
    REQUIRE(made.has_value());
    std::optional<Vault> again{std::move(*made)};
    CHECK(two.shelf.push(*again));
    CHECK(two.shelf.fetch(*again));
    CHECK(two.documents(*again) == 4);
    again.reset();
    auto reopened = machine.open();
    REQUIRE(reopened.has_value());
    CHECK(reopened->check(true)->empty());
    CHECK(two.shelf.pull(*two.first).has_value());
    CHECK(two.first->devices().size() == 3);

    const auto other = crypto::make_key<crypto::RecoverySeed>(machine.random);
    test::Machine fourth{4};
    CHECK(fourth.rebuild(other, two.shelf.log).error() == errc::wrong_recovery_key);
  }

  TEST_CASE("a device that the old sheet enrols behind its renewal is refused") {
    Apart two;
    test::Machine machine{3};
    auto thief = machine.rebuild(*two.seed, two.shelf.log);  // signed by the old root, not pushed
    REQUIRE(thief.has_value());
    REQUIRE(two.first->renew_recovery().has_value());
    REQUIRE(two.meet());
    CHECK(two.shelf.pull(*thief).has_error());
    const auto entry = protocol::decode_entry(thief->pending()->entries.front().body);
    auto evil = two.shelf;
    auto blob = wire::decode<OperationBlob>(thief->pending()->entries.front().operation);
    evil.log.push_back(forged(two, entry->device, thief->signer(), 1, *blob));
    CHECK(evil.pull(*two.first).has_error());
    CHECK(two.first->devices().size() == 2);
  }

  TEST_CASE("two sheets renewed at once: the later in the log counts, on both devices") {
    Apart two;
    auto one = two.first->renew_recovery();
    auto other = two.second->renew_recovery();
    REQUIRE(one.has_value());
    REQUIRE(other.has_value());
    REQUIRE(two.meet());
    CHECK(two.first->root_key() == crypto::public_key(crypto::root_seed(*other)));
    CHECK(two.first->root_key() == two.second->root_key());
    test::Machine machine{3};
    CHECK(machine.rebuild(*one, two.shelf.log).error() == errc::recovery_replaced);
    CHECK(machine.rebuild(*two.seed, two.shelf.log).error() == errc::recovery_replaced);
    CHECK(machine.rebuild(*other, two.shelf.log).has_value());
  }

  TEST_CASE("pending entries say which devices and which root the server is to know") {
    Apart two;
    CHECK(!put(*two.first, prepared("A", "a")).is_zero());
    CHECK(!two.first->pending()->changes_signers());
    REQUIRE(two.first->remove_device(two.second->device()).has_value());
    auto fresh = two.first->renew_recovery();
    CHECK(!put(*two.first, prepared("B", "b")).is_zero());
    const auto pending = two.first->pending();
    CHECK(pending->removed == std::vector{two.second->device()});
    CHECK(pending->recovery->root == crypto::public_key(crypto::root_seed(*fresh)));
    CHECK(pending->entries.size() == 3);  // what follows goes with the next append
  }

  TEST_CASE("a machine that stops at any write of a removal leaves a vault that opens") {
    for (int writes = 0; writes < 4; ++writes) {
      CAPTURE(writes);
      Apart two;
      two.first_machine.disk.writes_left = writes;
      const auto done = two.first->remove_device(two.second->device());
      two.first_machine.disk.writes_left = -1;
      two.first.reset();
      auto again = two.first_machine.open();
      REQUIRE(again.has_value());
      two.first.emplace(std::move(*again));
      CHECK(two.first->check(true)->empty());
      if (done.has_value()) CHECK(two.first->epoch() == 2);
      REQUIRE(two.first->remove_device(two.second->device()).has_value());
      CHECK(!put(*two.first, prepared("Après", "a")).is_zero());
      CHECK(two.shelf.push(*two.first));
      CHECK(two.shelf.pull(*two.second).error() == errc::device_removed);
    }
  }

  TEST_CASE("an act that fails leaves the keys as they were") {
    Apart two;
    REQUIRE(two.second->start_epoch().has_value());
    CHECK(!put(*two.second, prepared("À moi", "m")).is_zero());
    REQUIRE(two.first->start_epoch().has_value());
    REQUIRE(two.shelf.push(*two.first));
    auto evil = two.shelf;
    const test::TestSigner stranger{7};
    evil.log.push_back(forged(two, two.first->device(), stranger, 2, {}));
    CHECK(evil.pull(*two.second).error() == errc::unauthenticated);
    CHECK(two.second->check(true)->empty());
    CHECK(two.second->epoch() == 2);
    CHECK(!put(*two.second, prepared("Encore", "e")).is_zero());
    CHECK(two.meet());
    CHECK(two.documents(*two.first) == 4);
  }
}

}  // namespace
}  // namespace coffret::store
