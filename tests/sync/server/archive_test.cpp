// SPDX-License-Identifier: EUPL-1.2
//
// The operator's backup beside a running server, its return, and what members then see.
#include <doctest/doctest.h>

#include <filesystem>

#include "sync/protocol/changes.hpp"
#include "sync/protocol/epoch_note.hpp"
#include "sync/protocol/pack.hpp"
#include "sync/server/archive.hpp"
#include "tests/support/server_rig.hpp"

namespace coffret::server {
namespace {

using test::bytes_of;
using test::code_of;
using test::Member;
using test::ServerRig;

Member joined(ServerRig& rig, std::uint8_t number = 1) {
  Member m{number};
  REQUIRE(rig.join(m, rig.invite()).status == 201);
  return m;
}

protocol::SignedEntry entry_of(const Member& m, const protocol::Head& head,
                               std::vector<ObjectId> puts = {}) {
  protocol::Entry entry;
  entry.vault = m.vault;
  entry.seq = head.seq + 1;
  entry.previous = head.hash;
  entry.epoch = 1;
  entry.device = m.device_id;
  entry.puts = std::move(puts);
  return protocol::sign_entry(entry, bytes_of("sealed"), m.device);
}

http::Response append(ServerRig& rig, Member& m, const protocol::SignedEntry& entry,
                      bool again = false) {
  auto request = rig.sign(m.device, "POST", rig.target(m, "/log"),
                          wire::encode(protocol::Append{m.head.hash, {entry}}));
  if (again) request.fields.set("Coffret-Again", "?1");
  auto response = rig.send(std::move(request));
  if (response.status == 200) m.head = {m.head.seq + 1, protocol::entry_hash(entry.body)};
  return response;
}

// The server of `rig` put back to a backup in another directory, and opened there.
struct Restored {
  Restored(ServerRig& rig, const std::string& backup) : directory(rig.folder / "restored") {
    std::string where;
    rig.clock.pass(60);
    const auto put = put_back(backup, directory, rig.machine(), where);
    CAPTURE(where);
    REQUIRE(put.has_value());
    count = *put;
    rig.service.reset();
    rig.storage = {};
    auto opened = open_storage(directory, rig.machine());
    REQUIRE(opened.has_value());
    rig.storage = std::move(*opened);
    const Ports ports{*rig.storage.records, *rig.storage.halves,  *rig.storage.objects, rig.clock,
                      rig.random,           *rig.storage.identity};
    rig.service =
        std::make_unique<Service>(ports, ServiceConfig{"https://vault.example", "card", {}, {}});
    rig.clock.pass(60);
  }
  std::string directory;
  BackupCount count;
};

std::vector<ObjectId> put_pack(ServerRig& rig, const Member& m, const std::vector<Bytes>& objects) {
  std::vector<protocol::PackItem> items;
  std::vector<ObjectId> ids;
  for (const auto& bytes : objects) {
    ids.push_back(protocol::object_id(bytes));
    items.push_back({ids.back(), static_cast<std::uint32_t>(bytes.size())});
  }
  Bytes pack = protocol::pack_head(items);
  for (const auto& bytes : objects) coffret::append(pack, bytes);
  REQUIRE(
      rig.signed_ask(m.device, "POST", rig.target(m, "/objects/pack"), std::move(pack)).status ==
      200);
  return ids;
}

std::string back_up_to(ServerRig& rig, const std::string& name) {
  std::string where;
  const auto made = back_up(rig.folder / "data", rig.folder / name, rig.machine(), where);
  CAPTURE(where);
  REQUIRE(made.has_value());
  return rig.folder / name;
}

TEST_SUITE("sync/server/archive") {
  TEST_CASE("a backup holds all that was acknowledged, and none of the server halves") {
    ServerRig rig;
    Member m = joined(rig);
    auto policy = rig.policy(m, 9, 3);
    REQUIRE(rig.publish(m, policy, 0x5a).status == 200);
    REQUIRE(append(rig, m, entry_of(m, m.head)).status == 200);
    const auto backup = back_up_to(rig, "backup");

    const std::string half(32, '\x5a');
    std::size_t files = 0;
    for (const auto& file : std::filesystem::recursive_directory_iterator(backup)) {
      if (!file.is_regular_file()) continue;
      ++files;
      const auto content = rig.disk.read(file.path().string(), 1u << 24);
      REQUIRE(content.has_value());
      CHECK(as_text(*content).find(half) == std::string_view::npos);
    }
    CHECK(files >= 5);
    CHECK_FALSE(std::filesystem::exists(backup + "/halves.db"));
    std::string where;
    CHECK(back_up(rig.folder / "data", backup, rig.machine(), where).error() == errc::file_exists);
  }

  TEST_CASE("a restored server knows what the backup knew, and says so in a signed note") {
    ServerRig rig;
    Member m = joined(rig);
    REQUIRE(append(rig, m, entry_of(m, m.head)).status == 200);
    const auto backup = back_up_to(rig, "backup");
    const auto kept = m.head;
    const auto later = entry_of(m, m.head);
    REQUIRE(append(rig, m, later).status == 200);
    CHECK(rig.signed_ask(m.device, "GET", rig.target(m, "/epoch")).status == 404);
    const Restored restored{rig, backup};

    const auto answer = rig.signed_ask(m.device, "GET", rig.target(m, "/epoch"));
    REQUIRE(answer.status == 200);
    const auto note = protocol::verify_epoch_note(answer.body, rig.storage.identity->fingerprint(),
                                                  m.vault, rig.storage.identity->public_key());
    REQUIRE(note.has_value());
    CHECK(note->head == kept);
    CHECK(note->epoch >= static_cast<std::uint64_t>(note->restored_at));
    CHECK(note->backup_at < note->restored_at);

    // The very entries that it had are taken again.
    m.head = kept;
    CHECK(append(rig, m, later).status == 200);
    const auto status = rig.signed_ask(m.device, "GET", rig.target(m, ""));
    CHECK(protocol::from_json<protocol::VaultStatus>(status.body)->head == m.head);
    const auto page = rig.signed_ask(m.device, "GET", rig.target(m, "/log?after=0&limit=10"));
    REQUIRE(page.fields.find("Coffret-Epoch") != nullptr);
    CHECK(*page.fields.find("Coffret-Epoch") == std::to_string(note->epoch));
  }

  TEST_CASE("a second restoration of the same backup is a newer epoch") {
    ServerRig rig;
    Member m = joined(rig);
    const auto backup = back_up_to(rig, "backup");
    std::string where;
    REQUIRE(put_back(backup, rig.folder / "first", rig.machine(), where).has_value());
    rig.clock.pass(5);
    REQUIRE(put_back(backup, rig.folder / "second", rig.machine(), where).has_value());
    const auto epoch_in = [&](const char* name) {
      const auto records = open_sqlite_records((rig.folder / name) + "/records.db");
      REQUIRE(records.has_value());
      return (*records)->restoration(m.vault)->epoch;
    };
    CHECK(epoch_in("second") > epoch_in("first"));
  }

  TEST_CASE("after a restoration every grant is closed until its owner confirms it") {
    ServerRig rig;
    Member m = joined(rig);
    const auto policy = rig.policy(m, 9, 3);
    REQUIRE(rig.publish(m, policy).status == 200);
    REQUIRE(rig.open_link(policy.link).status == 200);
    const auto backup = back_up_to(rig, "backup");
    const Restored restored{rig, backup};
    CHECK(rig.open_link(policy.link).status == 404);

    const auto note = rig.storage.records->restoration(m.vault);
    REQUIRE(note.has_value());
    protocol::Confirmation word{
        .epoch = note->epoch, .openings = 2, .wrong_passcodes = 1, .server_half = {}};
    word.server_half.bytes.fill(9);
    const auto confirm = [&](const protocol::Confirmation& c) {
      return rig.signed_ask(m.device, "POST",
                            rig.target(m, "/grants/" + policy.link.text() + "/confirm"),
                            wire::encode(c));
    };
    auto old_word = word;
    old_word.epoch -= 1;
    CHECK(confirm(old_word).status == 409);
    CHECK(rig.open_link(policy.link).status == 404);
    REQUIRE(confirm(word).status == 200);
    // The higher of both counts: one opening is in the backup, the device knows of two.
    CHECK(rig.storage.records->grant(policy.link)->openings_used == 2);
    CHECK(rig.storage.records->grant(policy.link)->wrong_passcodes == 1);
    CHECK(rig.open_link(policy.link).status == 200);
    // Said twice it is said once.
    CHECK(confirm(word).status == 200);
    CHECK(rig.storage.records->grant(policy.link)->openings_used == 3);
  }

  TEST_CASE("no further version opens what a restoration closed") {
    ServerRig rig;
    Member m = joined(rig);
    auto policy = rig.policy(m, 9, 2);
    REQUIRE(rig.publish(m, policy).status == 200);
    REQUIRE(rig.open_link(policy.link).status == 200);
    const auto backup = back_up_to(rig, "backup");
    REQUIRE(rig.open_link(policy.link).status == 200);  // the last one, which the backup lacks
    const Restored restored{rig, backup};
    // The same again is a repeat, and opens nothing.
    CHECK(rig.publish(m, policy).status == 200);
    CHECK(rig.open_link(policy.link).status == 404);
    policy.version = 2;
    CHECK(code_of(rig.publish(m, policy)) == "link_not_active");
    CHECK(rig.open_link(policy.link).status == 404);
    CHECK(rig.storage.records->grant(policy.link)->closed);
    const auto note = rig.storage.records->restoration(m.vault);
    REQUIRE(note.has_value());
    protocol::Confirmation word{
        .epoch = note->epoch, .openings = 1, .wrong_passcodes = 0, .server_half = {}};
    word.server_half.bytes.fill(9);
    REQUIRE(rig.signed_ask(m.device, "POST",
                           rig.target(m, "/grants/" + policy.link.text() + "/confirm"),
                           wire::encode(word))
                .status == 200);
    CHECK(rig.publish(m, policy).status == 200);
    CHECK(rig.storage.records->grant(policy.link)->openings_used == 1);
  }

  TEST_CASE("a request that was signed before the restoration is refused after it") {
    ServerRig rig;
    const Member m = joined(rig);
    const auto backup = back_up_to(rig, "backup");
    auto recorded = rig.sign(m.device, "GET", rig.target(m, ""));
    REQUIRE(rig.send(recorded).status == 200);
    const Restored restored{rig, backup};
    const auto again = rig.send(recorded);
    CHECK(again.status == 401);
    CHECK(code_of(again) == "clock_refused");
    CHECK(rig.signed_ask(m.device, "GET", rig.target(m, "")).status == 200);
  }

  TEST_CASE("a device that the backup does not know comes back by its certificate, and no other") {
    ServerRig rig;
    Member m = joined(rig);
    const auto backup = back_up_to(rig, "backup");
    Member second = m;
    second.device = test::TestSigner{std::uint8_t{201}};
    second.device_id.bytes.fill(201);
    second.certificate.device = second.device_id;
    second.certificate.signing_key = second.device.public_key();
    // By a device: what the root certified comes in at any time.
    second.certificate.issuer = protocol::Issuer::device;
    second.certificate.issuer_device = m.device_id;
    const auto enrol = [&](const Signer& signer) {
      const protocol::DeviceRequest asked{protocol::sign_certificate(second.certificate, m.device)};
      return rig.signed_ask(signer, "POST", rig.target(m, "/devices"),
                            bytes_of(protocol::to_json(asked)));
    };
    CHECK(enrol(second.device).status == 404);  // nothing was restored
    const Restored restored{rig, backup};
    CHECK(rig.signed_ask(second.device, "GET", rig.target(m, "/epoch")).status == 404);
    // Nobody else becomes anybody by bringing it.
    const test::TestSigner other{std::uint8_t{202}};
    CHECK(enrol(other).status == 201);
    CHECK(rig.signed_ask(other, "GET", rig.target(m, "/epoch")).status == 404);
    CHECK(enrol(second.device).status == 201);
    CHECK(rig.signed_ask(second.device, "GET", rig.target(m, "/epoch")).status == 200);
  }

  TEST_CASE("devices of after the backup come back in the order in which they were vouched for") {
    ServerRig rig;
    Member m = joined(rig);
    const auto backup = back_up_to(rig, "backup");
    const Restored restored{rig, backup};
    const test::TestSigner second{std::uint8_t{201}};
    const test::TestSigner third{std::uint8_t{202}};
    const auto certified = [&](std::uint8_t number, const Signer& device, const DeviceId& by,
                               const Signer& issuer) {
      auto certificate = m.certificate;
      certificate.device.bytes.fill(number);
      certificate.signing_key = device.public_key();
      certificate.issuer = protocol::Issuer::device;
      certificate.issuer_device = by;
      return protocol::sign_certificate(certificate, issuer);
    };
    const auto by_first = certified(201, second, m.device_id, m.device);
    const auto by_second =
        certified(202, third, protocol::decode_certificate(by_first.body)->device, second);
    const auto bring = [&](const protocol::SignedCertificate& certificate) {
      return rig.signed_ask(third, "POST", rig.target(m, "/devices"),
                            bytes_of(protocol::to_json(protocol::DeviceRequest{certificate})));
    };
    CHECK(bring(by_second).status == 404);  // nobody here vouches for it
    CHECK(bring(by_first).status == 201);
    CHECK(bring(by_second).status == 201);
    CHECK(rig.signed_ask(third, "GET", rig.target(m, "/epoch")).status == 200);
  }

  TEST_CASE("who may sign changes again with the entries that said so, whoever sends them") {
    ServerRig rig;
    Member m = joined(rig);
    // A second device of the root, before the backup; then a new sheet, by the first.
    const test::TestSigner second{std::uint8_t{201}};
    auto certificate = m.certificate;
    certificate.device.bytes.fill(201);
    certificate.signing_key = second.public_key();
    const protocol::DeviceRequest asked{protocol::sign_certificate(certificate, m.root)};
    REQUIRE(rig.signed_ask(m.root, "POST", rig.target(m, "/devices"),
                           bytes_of(protocol::to_json(asked)))
                .status == 201);
    const auto backup = back_up_to(rig, "backup");
    const test::TestSigner fresh{std::uint8_t{60}};
    const protocol::RootChange root{fresh.public_key(),
                                    protocol::sign_certificate(m.certificate, fresh)};
    const protocol::Changes changes{
        .append = {m.head.hash, {entry_of(m, m.head)}}, .added = {}, .removed = {}, .root = root};
    const auto send = [&](const Signer& who, bool again) {
      auto request = rig.sign(who, "POST", rig.target(m, "/log/changes"), wire::encode(changes));
      if (again) request.fields.set("Coffret-Again", "?1");
      return rig.send(std::move(request)).status;
    };
    CHECK(send(second, true) == 401);  // nothing was restored
    REQUIRE(send(m.device, false) == 200);
    const Restored restored{rig, backup};
    CHECK(send(second, false) == 401);
    CHECK(send(second, true) == 200);
    CHECK(rig.signed_ask(fresh, "GET", "/v1/vaults/by-root").status == 200);
    CHECK(code_of(rig.signed_ask(m.root, "GET", "/v1/vaults/by-root")) == "recovery_replaced");
  }

  TEST_CASE("objects that came in a pack are backed up with it, and come back") {
    ServerRig rig;
    Member m = joined(rig);
    const auto ids = put_pack(rig, m, {Bytes(1000, 1), Bytes(70'000, 2)});
    const auto backup = back_up_to(rig, "backup");
    std::string where;
    const auto again = put_back(backup, rig.folder / "again", rig.machine(), where);
    REQUIRE(again.has_value());
    CHECK(again->objects == 2);
    CHECK(again->bytes == 71'000);
    const Restored restored{rig, backup};
    const auto answer = rig.signed_ask(m.device, "GET", rig.target(m, "/objects/" + ids[1].text()));
    REQUIRE(answer.file.has_value());
    Bytes read(70'000);
    REQUIRE(rig.disk.read_at(answer.file->path, answer.file->offset, read).has_value());
    CHECK(read == Bytes(70'000, 2));
    CHECK(check_stored(restored.directory, {.read_data = true}, rig.machine())->empty());
  }

  TEST_CASE("one object of a pack that is altered is named and given up, the others stay") {
    ServerRig rig;
    Member m = joined(rig);
    const auto ids = put_pack(rig, m, {Bytes(1000, 1), Bytes(70'000, 2)});
    REQUIRE(rig.append(m, ids).status == 200);
    std::filesystem::path pack;
    for (const auto& file :
         std::filesystem::recursive_directory_iterator(rig.folder / "data/objects"))
      if (file.is_regular_file()) pack = file.path();
    auto content = *rig.disk.read(pack.string(), 1u << 20);
    content[500] ^= 1;
    REQUIRE(rig.disk.replace(pack.string(), content).has_value());
    std::string where;
    CHECK(back_up(rig.folder / "data", rig.folder / "b", rig.machine(), where).error() ==
          errc::damaged);
    const auto problems =
        check_stored(rig.folder / "data", {.read_data = true, .give_up_bad = true}, rig.machine());
    REQUIRE(problems.has_value());
    REQUIRE(problems->size() == 1);
    CHECK(problems->front().kind == "blob");
    CHECK(problems->front().item == ids[0].text());
    const auto missing = rig.storage.records->missing(m.vault, ids);
    REQUIRE(missing.has_value());
    CHECK(*missing == std::vector<ObjectId>{ids[0]});
    CHECK(rig.put_object(m, Bytes(1000, 1)) == ids[0]);
    CHECK(check_stored(rig.folder / "data", {.read_data = true}, rig.machine())->empty());
  }

  TEST_CASE("what a later entry dropped need not be there when the log is sent again") {
    ServerRig rig;
    Member m = joined(rig);
    const auto backup = back_up_to(rig, "backup");
    ObjectId gone;
    gone.bytes.fill(3);
    const auto put = entry_of(m, m.head, {gone});
    CHECK(append(rig, m, put, true).status == 409);  // nothing was restored
    const Restored restored{rig, backup};
    CHECK(append(rig, m, put).status == 409);
    CHECK(append(rig, m, put, true).status == 200);
  }

  TEST_CASE("a backup with any file altered, cut or missing is not put back") {
    ServerRig rig;
    Member m = joined(rig);
    REQUIRE(rig.publish(m, rig.policy(m, 9, 3)).status == 200);
    const auto backup = back_up_to(rig, "backup");
    std::vector<std::filesystem::path> files;
    for (const auto& file : std::filesystem::recursive_directory_iterator(backup))
      if (file.is_regular_file()) files.push_back(file.path());
    REQUIRE(files.size() >= 5);
    for (const auto& file : files)
      for (const bool removed : {false, true}) {
        CAPTURE(file.string());
        CAPTURE(removed);
        const auto spoilt = rig.folder / "spoilt";
        std::filesystem::remove_all(spoilt);
        std::filesystem::copy(backup, spoilt, std::filesystem::copy_options::recursive);
        const auto target = std::filesystem::path{spoilt} / std::filesystem::relative(file, backup);
        auto content = *rig.disk.read(target.string(), 1u << 24);
        if (removed) {
          std::filesystem::remove(target);
        } else {
          content[content.size() / 2] ^= 1;
          REQUIRE(rig.disk.replace(target.string(), content).has_value());
        }
        std::string where;
        const auto put = put_back(spoilt, rig.folder / "never", rig.machine(), where);
        REQUIRE(put.has_error());
        const bool known = put.error() == errc::backup_damaged ||
                           put.error() == errc::file_not_found ||
                           put.error() == errc::other_version;
        CHECK(known);
        CHECK_FALSE(std::filesystem::exists(rig.folder / "never"));
      }
  }

  TEST_CASE("a check names a blob that is missing, altered or nobody's") {
    ServerRig rig;
    Member m = joined(rig);
    REQUIRE(rig.publish(m, rig.policy(m, 9, 3)).status == 200);
    REQUIRE(append(rig, m, entry_of(m, m.head)).status == 200);
    const auto found = [&](bool read_data) {
      const auto problems =
          check_stored(rig.folder / "data", {.read_data = read_data}, rig.machine());
      REQUIRE(problems.has_value());
      std::string kinds;
      for (const auto& problem : *problems) kinds += problem.kind + " ";
      return kinds;
    };
    CHECK(found(true).empty());
    std::filesystem::path blob;
    for (const auto& file :
         std::filesystem::recursive_directory_iterator(rig.folder / "data/objects"))
      if (file.is_regular_file()) blob = file.path();
    auto content = *rig.disk.read(blob.string(), 1u << 20);
    content[0] ^= 1;
    REQUIRE(rig.disk.replace(blob.string(), content).has_value());
    CHECK(found(false).empty());
    CHECK(found(true) == "blob ");
    std::filesystem::rename(blob, blob.string() + "x");
    CHECK(found(false) == "missing_blob orphan_blob ");
    std::string where;
    CHECK(back_up(rig.folder / "data", rig.folder / "b", rig.machine(), where).error() ==
          errc::damaged);
    CHECK(where.starts_with("objects/"));
  }
}

}  // namespace
}  // namespace coffret::server
