// SPDX-License-Identifier: EUPL-1.2
//
// A caregiver with a key of their own, and every way in which a server, a patient's impostor or
// another caregiver could deceive them.
#include <doctest/doctest.h>

#include <array>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "tests/support/folder.hpp"
#include "tests/support/shared_link.hpp"
#include "vault/crypto/caregiver.hpp"
#include "vault/redeem/caregiver.hpp"

using namespace coffret;
using namespace coffret::test;
using redeem::Caregiver;

namespace {

const std::string right_passphrase = "celle du médecin";

// A caregiver's folder, on a machine of their own.
struct Practice {
  redeem::CaregiverEnvironment environment() {
    return {machine.clock, machine.random, machine.disk, cheap_cost};
  }
  Result<Caregiver> make() {
    return Caregiver::make(folder.path(), "Dr Alice Martin", "Cabinet Exemple",
                           secret_text(right_passphrase), environment());
  }
  Result<Caregiver> open(const std::string& passphrase = right_passphrase) {
    return Caregiver::open(folder.path(), secret_text(passphrase), environment());
  }

  explicit Practice(std::uint64_t seed = 50) : machine(seed) {}
  Machine machine;
  Folder folder;
};

// The vault of a patient who scanned the card, and the server that keeps what they granted.
struct Granted {
  explicit Granted(Caregiver& doctor, std::uint32_t version = 1)
      : keys(doctor.keys()), parcel(std::vector<Document>{}) {
    parcel.manifest.version = version;
    parcel.manifest.introduction = introduction(*doctor.issue_card({}, {}));
    for (const auto& document : two) parcel.add(document);
  }

  Bytes introduction(const SecretText& card_text) {
    const auto code = crypto::parse_caregiver_code(card_text);
    REQUIRE(code.has_value());
    const auto card = protocol::read_caregiver_card(code->card);
    REQUIRE(card.has_value());
    protocol::Introduction said;
    said.serial = card->serial;
    said.vault = parcel.manifest.vault;
    said.root = parcel.manifest.root;
    Bytes record = wire::encode(said);
    append(record, crypto::introduction_mac(code->secret, protocol::key_bytes(card->keys), record));
    return record;
  }

  // Of that vault, under that root.
  void rooted(const VaultId& vault, const TestSigner& root) {
    protocol::DeviceCertificate certificate;
    certificate.vault = vault;
    certificate.device = counting_id<DeviceId>(3);
    certificate.signing_key = parcel.device.public_key();
    parcel.manifest.vault = vault;
    parcel.manifest.root = root.public_key();
    parcel.manifest.chain = {protocol::sign_certificate(certificate, root)};
  }

  void serve() {
    if (!sealed) {
      parcel.seal_manifest();
      if (!key_file)
        key_file = to_text(
            crypto::Sealer::seal_to(keys.agreement, link_id, parcel.key(), parcel.machine.random)
                ->view());
      parcel.files.insert(parcel.files.begin(), {parcel.machine.random.make<FileId>(), *key_file});
    }
    sealed = true;
    auto& server = parcel.server;
    server.on("GET " + base, LinkServer::answer(200, protocol::to_json(protocol::LinkInfo{
                                                         Delivery::key, false, now + 3600})));
    server.on(
        "POST " + base + "/open", [this](const http::Request& request) -> Result<http::Response> {
          const auto ask = protocol::from_json<protocol::OpenRequest>(request.body);
          if (ask.has_error()) return errc::internal;
          const auto said = protocol::read_statement(ask->statement);
          if (said.has_error() ||
              !protocol::is_statement_of(*said, protocol::OpeningAct::open, keys.signing,
                                         parcel.server.fingerprint(), link_id, from_unix(now)))
            return LinkServer::answer(403, protocol::error_body(errc::denied));
          protocol::OpenAnswer answer;
          answer.version = parcel.manifest.version;
          answer.reader = "reader-token";
          answer.reader_until = now + 900;
          answer.server_time = parcel.server_time;
          for (const auto& [id, jwe] : parcel.files) answer.files.push_back({id, jwe.size()});
          return LinkServer::answer(200, protocol::to_json(answer));
        });
    server.on("POST " + base + "/read", [this](const http::Request& request) {
      read = *protocol::from_json<protocol::ReadProof>(request.body);
      return LinkServer::answer(204, "");
    });
    for (const auto& [id, jwe] : parcel.files)
      server.on("GET " + base + "/files/" + id.text(), LinkServer::answer(200, jwe));
  }

  Result<redeem::Answer> open(Caregiver& caregiver) {
    serve();
    redeem::RedeemOptions options;
    if (agrees)
      options.agree_to_root = [this](const redeem::RootChange& change) {
        asked = change;
        return *agrees;
      };
    options.caregiver = [&]() -> Result<Caregiver*> { return &caregiver; };
    crypto::KeyLink link{parcel.server.url, link_id, {}};
    std::copy_n(parcel.server.fingerprint().bytes.begin(), 16, link.server.begin());
    return redeem::redeem(crypto::format_key_link(link), options,
                          parcel.server.environment(parcel.machine.clock, parcel.machine.random));
  }
  errc error(Caregiver& caregiver) {
    const auto answer = open(caregiver);
    return answer.has_value() ? errc::ok : to_errc(answer.error());
  }

  protocol::CaregiverKeys keys;
  Shared parcel;
  bool sealed = false;
  std::optional<std::string> key_file;
  protocol::ReadProof read;
  std::optional<bool> agrees;  // to another root; unset: nobody can be asked
  std::optional<redeem::RootChange> asked;
};

}  // namespace

TEST_SUITE("vault/redeem key link") {
  TEST_CASE("a paired caregiver reads every file, and proves it") {
    Practice practice;
    auto doctor = practice.make();
    REQUIRE(doctor.has_value());
    Granted granted{*doctor};
    const auto answer = granted.open(*doctor);
    REQUIRE(answer.has_value());
    REQUIRE(answer->redeemed.has_value());
    CHECK(answer->redeemed->delivery == Delivery::key);
    REQUIRE(answer->redeemed->files.size() == 2);
    CHECK(as_text(answer->redeemed->files[0].bytes) == "Cher confrère");
    const auto proof = protocol::read_statement(granted.read.statement);
    REQUIRE(proof.has_value());
    CHECK(protocol::is_statement_of(*proof, protocol::OpeningAct::read, granted.keys.signing,
                                    granted.parcel.server.fingerprint(), link_id, from_unix(now)));
    CHECK(proof->statement.proof == granted.read.proof);
    CHECK(granted.read.proof == crypto::read_proof(granted.parcel.key(), link_id));
    REQUIRE(doctor->vaults().size() == 1);
    CHECK(doctor->vaults()[0].root == granted.parcel.root.public_key());
    CHECK(granted.error(*doctor) == errc::ok);
  }

  TEST_CASE("without a key of their own nobody opens it") {
    Practice practice;
    auto doctor = practice.make();
    Granted granted{*doctor};
    granted.serve();
    crypto::KeyLink link{granted.parcel.server.url, link_id, {}};
    const auto answer = redeem::redeem(
        crypto::format_key_link(link), {},
        granted.parcel.server.environment(practice.machine.clock, practice.machine.random));
    CHECK(answer.error() == errc::never_initialised);
  }

  TEST_CASE("another caregiver is refused, and cannot open what they are given all the same") {
    Practice practice;
    Practice other{51};
    auto doctor = practice.make();
    auto colleague = other.make();
    Granted granted{*doctor};
    CHECK(granted.error(*colleague) == errc::denied);
    // A server that takes their signature does not help them.
    granted.keys.signing = colleague->keys().signing;
    CHECK(granted.error(*colleague) == errc::unauthenticated);
  }

  TEST_CASE("a vault that never paired shows nothing") {
    struct {
      const char* name;
      void (*spoil)(Granted&);
    } const cases[] = {
        {"no introduction", [](Granted& g) { g.parcel.manifest.introduction.clear(); }},
        {"one that was altered", [](Granted& g) { g.parcel.manifest.introduction.back() ^= 1; }},
        {"one of a card that was never given",
         [](Granted& g) { g.parcel.manifest.introduction[1] = 99; }},
        {"one for another vault", [](Granted& g) { g.parcel.manifest.introduction[5] ^= 1; }},
        {"one for another root", [](Granted& g) { g.parcel.manifest.introduction[5 + 16] ^= 1; }},
        {"one of another length", [](Granted& g) { g.parcel.manifest.introduction.pop_back(); }},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      Practice practice;
      auto doctor = practice.make();
      Granted granted{*doctor};
      c.spoil(granted);
      CHECK(granted.error(*doctor) == errc::key_changed);
      CHECK(doctor->vaults().empty());
    }
  }

  TEST_CASE("a card that was copied introduces no second vault") {
    Practice practice;
    auto doctor = practice.make();
    Granted first{*doctor};
    const auto card = doctor->issue_card({}, {});
    first.parcel.manifest.introduction = first.introduction(*card);
    REQUIRE(first.error(*doctor) == errc::ok);
    Granted second{*doctor};
    second.parcel.manifest.vault = counting_id<VaultId>(99);
    protocol::DeviceCertificate certificate;
    certificate.vault = second.parcel.manifest.vault;
    certificate.device = counting_id<DeviceId>(3);
    certificate.signing_key = second.parcel.device.public_key();
    second.parcel.manifest.chain = {protocol::sign_certificate(certificate, second.parcel.root)};
    second.parcel.manifest.introduction = second.introduction(*card);
    CHECK(second.error(*doctor) == errc::key_changed);
  }

  TEST_CASE("a vault whose root changed is refused until it is paired anew, in person") {
    Practice practice;
    auto doctor = practice.make();
    Granted granted{*doctor};
    REQUIRE(granted.error(*doctor) == errc::ok);

    Granted impostor{*doctor};
    const auto fresh_root = TestSigner{std::uint8_t{9}};
    protocol::DeviceCertificate certificate;
    certificate.vault = impostor.parcel.manifest.vault;
    certificate.device = counting_id<DeviceId>(3);
    certificate.signing_key = impostor.parcel.device.public_key();
    impostor.parcel.manifest.root = fresh_root.public_key();
    impostor.parcel.manifest.chain = {protocol::sign_certificate(certificate, fresh_root)};
    impostor.parcel.manifest.introduction = granted.parcel.manifest.introduction;
    CHECK(impostor.error(*doctor) == errc::key_changed);

    Granted renewed{*doctor};
    renewed.rooted(counting_id<VaultId>(1), fresh_root);
    renewed.parcel.manifest.owner = "Jeanne Nouvelle";
    renewed.parcel.manifest.introduction = renewed.introduction(*doctor->issue_card({}, {}));
    // Another patient with a card of their own could say that they are this one.
    CHECK(renewed.error(*doctor) == errc::key_changed);
    renewed.agrees = false;
    CHECK(renewed.error(*doctor) == errc::key_changed);
    REQUIRE(renewed.asked.has_value());
    CHECK(renewed.asked->owner_before == "Jeanne Modèle");
    CHECK(renewed.asked->owner_now == "Jeanne Nouvelle");
    CHECK(doctor->vaults()[0].root == granted.parcel.root.public_key());
    renewed.agrees = true;
    CHECK(renewed.error(*doctor) == errc::ok);
    CHECK(doctor->vaults()[0].root == fresh_root.public_key());
  }

  // Whoever has the stolen sheet has the old root, and the old introduction is in the log.
  TEST_CASE("after a new pairing the root and the card of before introduce nothing any more") {
    Practice practice;
    auto doctor = practice.make();
    Granted stolen{*doctor};
    REQUIRE(stolen.error(*doctor) == errc::ok);
    const auto fresh_root = TestSigner{std::uint8_t{9}};
    Granted renewed{*doctor};
    renewed.rooted(counting_id<VaultId>(1), fresh_root);
    renewed.parcel.manifest.introduction = renewed.introduction(*doctor->issue_card({}, {}));
    renewed.agrees = true;
    REQUIRE(renewed.error(*doctor) == errc::ok);

    stolen.agrees = true;
    CHECK(stolen.error(*doctor) == errc::key_changed);
    Granted as_another{*doctor};
    as_another.rooted(counting_id<VaultId>(99), TestSigner{std::uint8_t{1}});
    as_another.parcel.manifest.introduction = stolen.parcel.manifest.introduction;
    CHECK(as_another.error(*doctor) == errc::key_changed);
    CHECK(doctor->vaults()[0].root == fresh_root.public_key());
    CHECK(doctor->vaults().size() == 1);
  }

  TEST_CASE("a vault that is known may not show an introduction that was not made for its reader") {
    Practice practice;
    auto doctor = practice.make();
    Granted granted{*doctor};
    REQUIRE(granted.error(*doctor) == errc::ok);
    Practice other{51};
    auto colleague = other.make();
    Granted theirs{*colleague};
    Granted served_again{*doctor};
    served_again.parcel.manifest.introduction = theirs.parcel.manifest.introduction;
    CHECK(served_again.error(*doctor) == errc::key_changed);
    Granted none{*doctor};
    none.parcel.manifest.introduction.clear();
    CHECK(none.error(*doctor) == errc::key_changed);
    CHECK(granted.error(*doctor) == errc::ok);
  }

  TEST_CASE("a card older than the one that paired a vault gives it no other root") {
    Practice practice;
    auto doctor = practice.make();
    const auto older = doctor->issue_card({}, {});
    Granted granted{*doctor};
    REQUIRE(granted.error(*doctor) == errc::ok);
    Granted renewed{*doctor};
    renewed.agrees = true;
    renewed.rooted(counting_id<VaultId>(1), TestSigner{std::uint8_t{9}});
    renewed.parcel.manifest.introduction = renewed.introduction(*older);
    CHECK(renewed.error(*doctor) == errc::key_changed);
    CHECK_FALSE(renewed.asked.has_value());
  }

  TEST_CASE("a vault that is shown at another server is refused until it is paired anew") {
    Practice practice;
    auto doctor = practice.make();
    Granted granted{*doctor};
    const auto elsewhere = counting_id<Fingerprint>(5);
    const auto& manifest = granted.parcel.manifest;
    REQUIRE(granted.error(*doctor) == errc::ok);
    CHECK(doctor->vaults()[0].server == granted.parcel.server.fingerprint());
    CHECK(doctor->admit(manifest, elsewhere).error() == errc::key_changed);

    Granted moved{*doctor};
    REQUIRE(doctor->admit(moved.parcel.manifest, elsewhere).has_value());
    REQUIRE(doctor->vaults().size() == 1);
    CHECK(doctor->vaults()[0].server == elsewhere);
    CHECK(doctor->admit(manifest, elsewhere).has_value());
    CHECK(granted.error(*doctor) == errc::key_changed);
  }

  TEST_CASE("an older version than was read is refused, also after a restart") {
    Practice practice;
    {
      auto doctor = practice.make();
      Granted newer{*doctor, 3};
      REQUIRE(newer.parcel.manifest.version == 3);
      CHECK(newer.error(*doctor) == errc::ok);
    }
    auto doctor = practice.open();
    REQUIRE(doctor.has_value());
    Granted older{*doctor, 2};
    CHECK(older.error(*doctor) == errc::server_rolled_back);
    Granted same{*doctor, 3};
    CHECK(same.error(*doctor) == errc::ok);
    Granted newest{*doctor, 4};
    CHECK(newest.error(*doctor) == errc::ok);
  }

  TEST_CASE("a server that swaps a file of the parcel is found out") {
    const auto error_with = [](auto spoil) {
      Practice practice;
      auto doctor = practice.make();
      Granted granted{*doctor};
      granted.serve();
      spoil(granted);
      return granted.error(*doctor);
    };
    CHECK(error_with([](Granted&) {}) == errc::ok);
    // K_n of another link, sealed to the same caregiver.
    CHECK(error_with([](Granted& g) {
            g.parcel.files[0].second =
                to_text(crypto::Sealer::seal_to(g.keys.agreement, counting_id<LinkId>(1),
                                                g.parcel.key(), g.parcel.machine.random)
                            ->view());
          }) == errc::unauthenticated);
    // A key of the server's own: what it opens was not sealed under it.
    CHECK(error_with([](Granted& g) {
            g.parcel.files[0].second =
                to_text(crypto::Sealer::seal_to(
                            g.keys.agreement, link_id,
                            crypto::make_key<crypto::ContentKey>(g.parcel.machine.random),
                            g.parcel.machine.random)
                            ->view());
          }) == errc::unauthenticated);
    CHECK(error_with([](Granted& g) { std::swap(g.parcel.files[1], g.parcel.files[2]); }) ==
          errc::damaged);
    CHECK(error_with([](Granted& g) { g.parcel.files.resize(1); }) == errc::malformed);
  }

  TEST_CASE("a whole parcel made by the server is a vault that nobody paired") {
    Practice practice;
    auto doctor = practice.make();
    Granted real{*doctor};
    REQUIRE(real.error(*doctor) == errc::ok);
    // It knows the caregiver's public keys, and every byte that went through it.
    Granted made{*doctor};
    const TestSigner own_root{std::uint8_t{66}};
    protocol::DeviceCertificate certificate;
    certificate.vault = counting_id<VaultId>(120);
    certificate.device = counting_id<DeviceId>(3);
    certificate.signing_key = made.parcel.device.public_key();
    made.parcel.manifest.vault = certificate.vault;
    made.parcel.manifest.root = own_root.public_key();
    made.parcel.manifest.chain = {protocol::sign_certificate(certificate, own_root)};
    made.parcel.manifest.introduction = real.parcel.manifest.introduction;
    CHECK(made.error(*doctor) == errc::key_changed);
  }

  TEST_CASE("the keys open with their passphrase, and their state with nothing else") {
    Practice practice;
    const auto made = practice.make();
    REQUIRE(made.has_value());
    CHECK(practice.make().error() == errc::already_initialised);
    CHECK(practice.open("une autre").error() == errc::wrong_passphrase);
    const auto opened = practice.open();
    REQUIRE(opened.has_value());
    CHECK(opened->keys() == made->keys());
    CHECK(opened->fingerprint() == made->fingerprint());
    CHECK(opened->name() == "Dr Alice Martin");

    const auto state = practice.folder / "caregiver-state";
    auto bytes = *practice.machine.disk.read(state, 1 << 20);
    for (const auto word : {"Alice", "Exemple"})
      CHECK(as_text(bytes).find(word) == std::string_view::npos);
    bytes[bytes.size() / 2] ^= 1;
    REQUIRE(practice.machine.disk.replace(state, bytes).has_value());
    CHECK(practice.open().error() == errc::damaged);
    REQUIRE(practice.machine.disk.remove(practice.folder / "caregiver-keys").has_value());
    CHECK(practice.open().error() == errc::never_initialised);
  }

  TEST_CASE("cards that are made at the same time are still for one patient each") {
    Practice practice;
    REQUIRE(practice.make().has_value());
    constexpr std::size_t hands = 4;
    constexpr std::size_t each = 10;
    std::array<std::vector<std::uint32_t>, hands> serials;
    std::vector<std::thread> threads;
    for (std::size_t hand = 0; hand < hands; ++hand)
      threads.emplace_back([&, hand] {
        Machine machine{100 + hand};
        auto doctor = Caregiver::open(practice.folder.path(), secret_text(right_passphrase),
                                      {machine.clock, machine.random, machine.disk, cheap_cost});
        if (doctor.has_error()) return;
        for (std::size_t i = 0; i < each; ++i) {
          const auto made = doctor->issue_card({}, {});
          if (made.has_error()) return;
          const auto code = crypto::parse_caregiver_code(*made);
          const auto card = protocol::read_caregiver_card(code->card);
          serials[hand].push_back(card->serial);
        }
      });
    for (auto& thread : threads) thread.join();
    std::set<std::uint32_t> all;
    for (const auto& some : serials) {
      CHECK(some.size() == each);
      all.insert(some.begin(), some.end());
    }
    CHECK(all.size() == hands * each);
  }

  TEST_CASE("each card is another, and a name on it may change") {
    Practice practice;
    auto doctor = practice.make();
    const auto one = crypto::parse_caregiver_code(*doctor->issue_card({}, {}));
    const auto two_of_them = crypto::parse_caregiver_code(*doctor->issue_card("Dr A. Martin", {}));
    REQUIRE(one.has_value());
    REQUIRE(two_of_them.has_value());
    CHECK(shown(one->secret) != shown(two_of_them->secret));
    const auto first = protocol::read_caregiver_card(one->card);
    const auto second = protocol::read_caregiver_card(two_of_them->card);
    CHECK(first->serial == 1);
    CHECK(second->serial == 2);
    CHECK(first->name == "Dr Alice Martin");
    CHECK(second->name == "Dr A. Martin");
    CHECK(second->organisation == "Cabinet Exemple");
    CHECK(first->keys == second->keys);
    CHECK(doctor->issue_card("deux\nlignes", {}).error() == errc::usage);
    CHECK(doctor->issue_card(std::string(257, 'x'), {}).error() == errc::too_large);
  }
}
