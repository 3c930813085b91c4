// SPDX-License-Identifier: EUPL-1.2
#include <doctest/doctest.h>

#include <filesystem>

#include "tests/support/vault_machine.hpp"
#include "vault/redeem/redeem.hpp"

using namespace coffret;

TEST_SUITE("vault/redeem save") {
  TEST_CASE("files are written beside what is there, which is left alone") {
    test::Machine machine;
    const auto directory = machine.folder / "received";
    REQUIRE(machine.disk.make_directory(directory).has_value());
    REQUIRE(machine.disk.replace(directory + "/Lettre.txt", as_bytes("mine")).has_value());
    redeem::Redeemed redeemed;
    redeemed.files.push_back({"lettre.txt", "text/plain", "", to_bytes(as_bytes("one"))});
    redeemed.files.push_back({"note.txt", "text/plain", "", to_bytes(as_bytes("two"))});
    const auto names = redeem::save(redeemed, directory, machine.disk, machine.random);
    REQUIRE(names.has_value());
    CHECK(*names == std::vector<std::string>{"lettre (2).txt", "note.txt"});
    CHECK(as_text(*machine.disk.read(directory + "/Lettre.txt", 100)) == "mine");
    CHECK(as_text(*machine.disk.read(directory + "/lettre (2).txt", 100)) == "one");
    const auto mode = std::filesystem::status(directory + "/note.txt").permissions();
    CHECK(mode == (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  }

  TEST_CASE("a file of the person's that is named like one being written is left alone") {
    test::Machine machine;
    const auto directory = machine.folder / "received";
    REQUIRE(machine.disk.make_directory(directory).has_value());
    REQUIRE(machine.disk.replace(directory + "/x.pdf.new", as_bytes("mine")).has_value());
    redeem::Redeemed redeemed;
    redeemed.files.push_back({"x.pdf", "application/pdf", "", to_bytes(as_bytes("one"))});
    redeemed.files.push_back({"y.pdf.new", "application/pdf", "", to_bytes(as_bytes("two"))});
    redeemed.files.push_back({"y.pdf", "application/pdf", "", to_bytes(as_bytes("three"))});
    REQUIRE(redeem::save(redeemed, directory, machine.disk, machine.random).has_value());
    CHECK(as_text(*machine.disk.read(directory + "/x.pdf.new", 100)) == "mine");
    CHECK(as_text(*machine.disk.read(directory + "/x.pdf", 100)) == "one");
    CHECK(as_text(*machine.disk.read(directory + "/y.pdf.new", 100)) == "two");
    CHECK(machine.disk.list(directory)->size() == 4);
  }

  TEST_CASE("a full disk is told") {
    test::Machine machine;
    redeem::Redeemed redeemed;
    redeemed.files.push_back({"a.txt", "text/plain", "", to_bytes(as_bytes("one"))});
    machine.disk.writes_left = 1;
    CHECK(
        redeem::save(redeemed, machine.folder / "received", machine.disk, machine.random).error() ==
        errc::disk_full);
  }
}
