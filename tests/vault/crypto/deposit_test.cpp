// SPDX-License-Identifier: EUPL-1.2
#include "vault/crypto/deposit.hpp"

#include <doctest/doctest.h>

#include <string>

#include "coffret/encoding.hpp"
#include "tests/support/keys.hpp"
#include "vault/crypto/caregiver.hpp"
#include "vault/crypto/p256.hpp"
#include "vault/crypto/sealer.hpp"

using namespace coffret;
using namespace coffret::crypto;
using namespace coffret::test;

namespace {

const DepositPlace deposit_place{counting_id<LinkId>(40), counting_id<DepositId>(60)};
const Depositor deposit_sender{"Dr Alice Martin", "Laboratoire Exemple", "Bonjour,\nvoici."};

DepositKey key_of_text(std::string_view base64url) {
  const auto raw = from_base64url(base64url);
  REQUIRE(raw.has_value());
  return DepositKey::make([&](auto out) { std::copy(raw->begin(), raw->end(), out.begin()); });
}

DepositPublicKey point(std::string_view x, std::string_view y) {
  Bytes bytes{4};
  append(bytes, *from_base64url(x));
  append(bytes, *from_base64url(y));
  return *DepositPublicKey::from(bytes);
}

std::vector<DepositedFile> two_files() {
  Bytes large(deposit_part + 5);
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<std::uint8_t>(i * 7);
  return {{"bilan.pdf", "application/pdf", to_bytes(as_bytes("%PDF-1.4 bilan"))},
          {"image.dcm", "", std::move(large)},
          {"vide.txt", "text/plain", {}}};
}

struct DepositRig {
  CountingRandom random{3};
  DepositKey key = make_deposit_key(random);
  Bytes sealed = seal(two_files());

  Bytes seal(const std::vector<DepositedFile>& files) {
    auto made =
        Sealer::seal(public_key(key), deposit_place, deposit_sender, 1'764'000'000, files, random);
    REQUIRE(made.has_value());
    return std::move(*made).take();
  }
  std::vector<std::string> lines() const {
    std::vector<std::string> all;
    std::string_view rest = as_text(sealed);
    for (auto end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
      all.emplace_back(rest.substr(0, end));
      rest.remove_prefix(end + 1);
    }
    return all;
  }
  Result<OpenedDeposit> open(const std::vector<std::string>& all,
                             const DepositPlace& where = deposit_place) const {
    std::string text;
    for (const auto& line : all) text += line + "\n";
    return open_deposit(key, where, {to_bytes(as_bytes(text))});
  }
};

}  // namespace

TEST_SUITE("vault/crypto/deposit") {
  TEST_CASE("the agreement is that of RFC 7518, appendix C") {
    const auto alice = key_of_text("0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo");
    const auto alice_point = point("gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0",
                                   "SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps");
    const auto bob = key_of_text("VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw");
    const auto bob_point = point("weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
                                 "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck");
    CHECK(public_key(alice) == alice_point);
    CHECK(public_key(bob) == bob_point);
    std::array<std::uint8_t, 32> shared{};
    std::array<std::uint8_t, 32> other{};
    REQUIRE(p256_agree(shared, alice, bob_point));
    REQUIRE(p256_agree(other, bob, alice_point));
    CHECK(shared == other);
    std::array<std::uint8_t, 32> key{};
    concat_kdf(key, shared, "A128GCM", as_bytes("Alice"), as_bytes("Bob"), 128);
    CHECK(to_base64url(ByteView{key}.first(16)) == "VqqN6vgjbSBcIijNcacQGg");
  }

  // jose 11 (Debian 12): jose jwe enc -c, with the private key of RFC 7518 appendix C.
  TEST_CASE("a line that the jose program sealed opens, in its place alone") {
    const auto bob = key_of_text("VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw");
    const std::string jwe =
        "eyJhbGciOiJFQ0RILUVTIiwiYXB2IjoiS0NrcUt5d3RMaTh3TVRJek5EVTJOenc5UGo5QVFVSkRSRVZH"
        "UjBoSlNrc0FBQUFCIiwiY3R5IjoidGV4dC9wbGFpbiIsImVuYyI6IkEyNTZHQ00iLCJlcGsiOnsiY3J2"
        "IjoiUC0yNTYiLCJrdHkiOiJFQyIsIngiOiJhZy1IMFVxTmJ4bS1vaHpfb3NmRm5HQUx1UUtoMGJWa2hP"
        "Tmc4ejRaRjRZIiwieSI6IktmREJKM3V5SnRMSVQ0b2s3SlBtdXlCcDJTeWIzTDdfVmg5SE1tZERTckUi"
        "fX0..-MZ5OrCjKBXf8dsD.VFeW4I2bWCwIuKwGgmFCnnePQiX-gnZhK6rc.5BOCE7TxoYjh9HD8E6u7U"
        "A";
    const auto opened = open_deposit_line(bob, deposit_place, 1, jwe, 4096);
    REQUIRE(opened.has_value());
    CHECK(opened->content_type == "text/plain");
    CHECK(as_text(opened->content) == "sealed by jose, opened here");
    CHECK(open_p256_jwe(bob, jwe, 4096).has_value());
    CHECK(open_deposit_line(bob, deposit_place, 2, jwe, 4096).error() == errc::unauthenticated);
    CHECK(open_deposit_line(bob, deposit_place, 1, jwe, 8).error() == errc::too_large);
  }

  TEST_CASE("what is no key and no point of the curve is refused") {
    const std::array<std::uint8_t, 32> zero{};
    std::array<std::uint8_t, 32> all{};
    all.fill(0xff);
    CHECK_FALSE(is_p256_scalar(zero));
    CHECK_FALSE(is_p256_scalar(all));
    DepositRig rig;
    auto bent = public_key(rig.key);
    bent.bytes[64] ^= 1;
    std::array<std::uint8_t, 32> shared{};
    CHECK_FALSE(p256_agree(shared, rig.key, bent));
    auto compressed = public_key(rig.key);
    compressed.bytes[0] = 2;
    CHECK_FALSE(p256_agree(shared, rig.key, compressed));
    CHECK(Sealer::seal(bent, deposit_place, deposit_sender, 1, two_files(), rig.random).error() ==
          errc::malformed);
  }

  TEST_CASE("a deposit opens whole, with the sender's words") {
    DepositRig rig;
    const auto opened = open_deposit(rig.key, deposit_place, {rig.sealed});
    REQUIRE(opened.has_value());
    CHECK(opened->letter.from == deposit_sender);
    const auto files = two_files();
    REQUIRE(opened->files.size() == files.size());
    for (std::size_t i = 0; i < files.size(); ++i) {
      CHECK(opened->files[i] == files[i].bytes);
      CHECK(opened->letter.files[i].name == files[i].name);
    }
    const auto letter = open_letter(rig.key, deposit_place, rig.sealed);
    REQUIRE(letter.has_value());
    CHECK(*letter == opened->letter);
    CHECK(rig.lines().size() == 5);  // letter, one part, two parts, one empty part
  }

  TEST_CASE("attack 32: no line opens for another link, deposit, place or key") {
    DepositRig rig;
    const auto good = rig.lines();
    REQUIRE(rig.open(good).has_value());
    DepositPlace elsewhere = deposit_place;
    elsewhere.link.bytes[0] ^= 1;
    CHECK(rig.open(good, elsewhere).error() == errc::unauthenticated);
    elsewhere = deposit_place;
    elsewhere.deposit.bytes[0] ^= 1;
    CHECK(rig.open(good, elsewhere).error() == errc::unauthenticated);
    const auto stranger = make_deposit_key(rig.random);
    CHECK(open_deposit(stranger, deposit_place, {rig.sealed}).error() == errc::unauthenticated);
    auto exchanged = good;
    std::swap(exchanged[2], exchanged[3]);
    CHECK(rig.open(exchanged).error() == errc::unauthenticated);
    auto doubled = good;
    doubled.push_back(good.back());
    CHECK(rig.open(doubled).error() == errc::damaged);
    for (std::size_t left = 0; left < good.size(); ++left)
      CHECK(rig.open({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(left)}).has_error());
  }

  TEST_CASE("a deposit with any character changed, or cut, does not open") {
    DepositRig rig;
    rig.sealed = rig.seal({{"a.txt", "", to_bytes(as_bytes("bonjour"))}});
    for (std::size_t i = 0; i < rig.sealed.size(); ++i) {
      CAPTURE(i);
      auto bad = rig.sealed;
      bad[i] ^= 1;
      CHECK(open_deposit(rig.key, deposit_place, {bad}).has_error());
      bad.resize(i);
      CHECK(open_deposit(rig.key, deposit_place, {bad}).has_error());
    }
  }

  TEST_CASE("sizes of one step look alike") {
    DepositRig rig;
    const auto sealed_size = [&](std::size_t size) {
      return rig.seal({{"a.txt", "", Bytes(size, 1)}}).size();
    };
    CHECK(sealed_size(48'213) == sealed_size(48'300));
    CHECK(sealed_size(48'213) < sealed_size(60'000));
  }

  TEST_CASE("the letter keeps its limits, whoever writes it") {
    const std::string hash = to_base64url(Sha256{}.view());
    const auto letter = [&](std::string_view from, std::string_view files) {
      return R"({"v":1,"from":)" + std::string{from} + R"(,"note":"","sent_at":1,"files":)" +
             std::string{files} + "}";
    };
    const std::string me = R"({"name":"A","organisation":""})";
    const auto file = [&](std::string_view name, std::string_view size) {
      return R"([{"name":")" + std::string{name} + R"(","type":"","size":)" + std::string{size} +
             R"(,"sha256":")" + hash + R"("}])";
    };
    struct Case {
      const char* what;
      std::string text;
      errc error;
    };
    const Case cases[] = {
        {"no file", letter(me, "[]"), errc::malformed},
        {"a file without a name", letter(me, file("", "1")), errc::malformed},
        {"a line in a file's name", letter(me, file("a\\nb", "1")), errc::malformed},
        {"an escape in a name", letter(R"({"name":"\u001b[2J","organisation":""})", file("a", "1")),
         errc::malformed},
        {"a size below zero", letter(me, file("a", "-1")), errc::malformed},
        {"a size that is a fraction", letter(me, file("a", "1.5")), errc::malformed},
        {"more than a deposit holds", letter(me, file("a", "29360129")), errc::too_large},
        {"a name too long", letter(me, file(std::string(256, 'a'), "1")), errc::too_large},
        {"no sender", letter("null", file("a", "1")), errc::malformed},
        {"no JSON", "coffret", errc::malformed},
        {"another version", R"({"v":2})", errc::other_version},
    };
    REQUIRE(parse_letter(as_bytes(letter(me, file("a", "29360128")))).has_value());
    for (const auto& one : cases) {
      CAPTURE(one.what);
      CHECK(parse_letter(as_bytes(one.text)).error() == one.error);
    }
    const auto read = parse_letter(as_bytes(letter(me, file("a", "1"))));
    REQUIRE(read.has_value());
    CHECK(*parse_letter(as_bytes(format_letter(*read))) == *read);
  }

  TEST_CASE("marks that turn the direction of writing are taken from a sender's words") {
    const auto read = parse_letter(as_bytes(
        R"({"v":1,"from":{"name":"A\u202e","organisation":"\u2066B"},"note":"one\n\u200ftwo",)"
        R"("sent_at":1,"files":[{"name":"bilan\u202efdp.exe","type":"","size":1,"sha256":")" +
        to_base64url(Sha256{}.view()) + R"("}]})"));
    REQUIRE(read.has_value());
    CHECK(read->from.name == "A ");
    CHECK(read->from.organisation == " B");
    CHECK(read->from.note == "one\n two");
    CHECK(read->files[0].name == "bilan fdp.exe");
  }

  TEST_CASE("a deposit link has one spelling, and says when it is another version's") {
    const DepositLink link{
        "https://serveur.example:8443", counting_id<LinkId>(1), counting_id<Sha256>(7), {1, 2, 3}};
    const auto text = shown_text(format_deposit_link(link));
    const auto read = parse_deposit_link(secret_text(text));
    REQUIRE(read.has_value());
    CHECK(read->base_url == link.base_url);
    CHECK(read->id == link.id);
    CHECK(read->key == link.key);
    CHECK(read->server == link.server);
    const auto error_of = [&](std::string bad) {
      return to_errc(parse_deposit_link(secret_text(bad)).error());
    };
    auto newer = text;
    newer.replace(newer.find("#d1."), 4, "#d2.");
    CHECK(error_of(newer) == errc::unsupported);
    CHECK(error_of(text + ".more") == errc::malformed);
    CHECK(error_of(text.substr(0, text.size() - 4)) == errc::malformed);
    auto reading = text;
    reading.replace(reading.find("#d1."), 4, "#c1.");
    CHECK(error_of(reading) == errc::malformed);
    CHECK(parse_link(secret_text(text)).error() == errc::malformed);
    CHECK(error_of("http://serveur.example/v#" + text.substr(text.find('#') + 1)) ==
          errc::malformed);
  }
}
