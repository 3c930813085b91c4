// SPDX-License-Identifier: EUPL-1.2
//
// Another passphrase; and, when the old one may be known, other keys of every kind.
#include <doctest/doctest.h>

#include <filesystem>

#include "tests/support/two_devices.hpp"

namespace coffret::store {
namespace {

using test::prepared;
using test::put;
using test::secret_text;
using test::TwoDevices;

struct Alone : TwoDevices {
  SecretText fresh = secret_text("une autre phrase");
  std::vector<protocol::SignedCertificate> enrolled;

  Alone() {
    REQUIRE(second.has_value());
    REQUIRE(shelf.sync(*second));
    REQUIRE(shelf.sync(*first));
  }
  Result<Vault> rekey() {
    first.reset();
    return Vault::rekey(first_machine.config(), first_machine.passphrase, fresh,
                        first_machine.environment(), [&](const auto& certificate) {
                          enrolled.push_back(certificate);
                          return Result<void>{};
                        });
  }
  Result<Vault> open(const SecretText& passphrase) {
    return Vault::open(first_machine.directory(), passphrase, test::cheap_cost,
                       first_machine.environment());
  }
};

TEST_SUITE("vault/store/rekey") {
  TEST_CASE("a changed passphrase opens, the one before no more, and a failure changes nothing") {
    Alone two;
    CHECK(two.first->change_passphrase(two.fresh, two.fresh, test::cheap_cost).error() ==
          errc::wrong_passphrase);
    two.first_machine.disk.writes_left = 0;
    CHECK(two.first->change_passphrase(two.first_machine.passphrase, two.fresh, test::cheap_cost)
              .error() == errc::disk_full);
    two.first_machine.disk.writes_left = -1;
    two.first.reset();
    CHECK(two.open(two.first_machine.passphrase).has_value());
    two.first.emplace(std::move(*two.open(two.first_machine.passphrase)));
    CHECK(two.first->change_passphrase(two.first_machine.passphrase, two.fresh, test::cheap_cost)
              .has_value());
    two.first.reset();
    CHECK(two.open(two.first_machine.passphrase).error() == errc::wrong_passphrase);
    CHECK(two.open(two.fresh)->check(true)->empty());
  }

  TEST_CASE(
      "after a rekey everything is there under new keys, and the old ones open nothing newer") {
    Alone two;
    const auto before = two.first->device();
    const auto documents = two.first->status()->documents;
    const std::string kept = two.first_machine.folder / "stolen";
    two.first.reset();
    std::filesystem::copy(two.first_machine.directory(), kept,
                          std::filesystem::copy_options::recursive);
    {
      auto renewed = two.rekey();
      REQUIRE(renewed.has_value());
      CHECK(renewed->device() != before);
      CHECK(renewed->device(before)->removed.has_value());
      CHECK(renewed->device(renewed->device())->name == renewed->device(before)->name);
      CHECK(renewed->epoch() == 2);
      CHECK(renewed->check(true)->empty());
      CHECK(two.enrolled.size() == 1);
      CHECK(!put(*renewed, prepared("Après", "a")).is_zero());
      CHECK(renewed->pending()->added.size() == 1);
      CHECK(renewed->pending()->removed == std::vector{before});
      REQUIRE(two.shelf.push(*renewed));
    }
    CHECK(two.open(two.first_machine.passphrase).error() == errc::wrong_passphrase);
    auto again = two.open(two.fresh);
    REQUIRE(again.has_value());
    CHECK(again->status()->documents == documents + 1);
    CHECK(again->check(true)->empty());
    CHECK(two.shelf.sync(*two.second));
    CHECK(two.second->status()->documents == documents + 1);
    CHECK(two.second->device(before)->removed.has_value());

    // The old files and the old passphrase: what was read can be read, nothing newer.
    auto stolen = Vault::open(kept, two.first_machine.passphrase, test::cheap_cost,
                              two.first_machine.environment());
    REQUIRE(stolen.has_value());
    CHECK(stolen->status()->documents == documents);
    CHECK(two.shelf.pull(*stolen).has_error());
    CHECK(stolen->status()->documents == documents);
    // Nor does the old store key open the new store.
    again = errc::locked;
    stolen = errc::locked;
    std::filesystem::copy_file(two.first_machine.file("store.db"), kept + "/store.db",
                               std::filesystem::copy_options::overwrite_existing);
    std::filesystem::remove(kept + "/store.db-wal");
    CHECK(Vault::open(kept, two.first_machine.passphrase, test::cheap_cost,
                      two.first_machine.environment())
              .has_error());
  }

  TEST_CASE(
      "a rekey that stops at any write leaves a vault that one of the two passphrases opens") {
    unsigned old_ones = 0;
    unsigned new_ones = 0;
    for (int writes = 0; writes < 24; ++writes) {
      CAPTURE(writes);
      Alone two;
      const auto documents = two.first->status()->documents;
      two.first.reset();
      two.first_machine.disk.writes_left = writes;
      const auto done = two.rekey().has_value();
      two.first_machine.disk.writes_left = -1;
      auto by_new = two.open(two.fresh);
      if (by_new.has_error()) {
        CHECK(!done);
        by_new = two.open(two.first_machine.passphrase);
        ++old_ones;
      } else {
        ++new_ones;
      }
      REQUIRE(by_new.has_value());
      CHECK(by_new->check(true)->empty());
      CHECK(by_new->status()->documents == documents);
      CHECK(!put(*by_new, prepared("Ensuite", "e")).is_zero());
      CHECK(two.shelf.push(*by_new));
      CHECK(two.shelf.sync(*two.second));
    }
    CHECK(old_ones > 0);
    CHECK(new_ones > 0);
  }

  TEST_CASE("what is pending for a server goes out before") {
    Alone two;
    ServerPinned pinned;
    pinned.url = "https://serveur.example";
    CHECK(two.first->append(make_operation(pinned)).has_value());
    CHECK(two.rekey().error() == errc::conflict);
    CHECK(two.open(two.first_machine.passphrase).has_value());
  }
}

}  // namespace
}  // namespace coffret::store
