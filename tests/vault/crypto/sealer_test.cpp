// SPDX-License-Identifier: EUPL-1.2
//
// Known answers "from DESIGN.md" were made by a program written from vault/DESIGN.md alone, in
// Python on hashlib's BLAKE2b and libsodium's XChaCha20-Poly1305 and X25519.
#include "vault/crypto/sealer.hpp"

#include <doctest/doctest.h>

#include <functional>

#include "tests/support/keys.hpp"
#include "vault/crypto/keyslot.hpp"
#include "vault/crypto/parcel.hpp"

namespace coffret::crypto {
namespace {

using test::counting_id;
using test::counting_key;
using test::CountingRandom;

const VaultId vault = counting_id<VaultId>(0x10);
const DocumentId document = counting_id<DocumentId>(0x20);
const OperationContext third_epoch{vault, 3};
const WrapContext document_wrap{vault, WrapPurpose::document, to_bytes(document.view()), 2};

TEST_SUITE("vault/crypto/sealer") {
  TEST_CASE("every small seal is byte for byte what DESIGN.md describes") {
    const auto vault_key = counting_key<VaultKey>(0x80);
    const auto log = log_key(vault_key, vault, 3);
    CountingRandom a, b, c, d, e;
    CHECK(
        to_hex(sha256(Sealer::seal(log, third_epoch, as_bytes("an operation"), a).view()).view()) ==
        "894dcea340df5cea57ab01c667e97f3fe64a5b1a43068c33223125cdabd7c1e8");
    CHECK(to_hex(Sealer::seal_file(config_key(vault_key, vault, 3), vault, "store.json",
                                   as_bytes("{}"), b)) ==
          "01000102030405060708090a0b0c0d0e0f1011121314151617e116dc37a703aabfba54cea977277f893c71ad"
          "eb203b9384bc268fa37d786145d0566fb3b6b406aac3e049f245d2d2d4ecc3");
    CHECK(to_hex(Sealer::wrap(log, document_wrap, counting_key<DocumentKey>(0xa0), c)) ==
          "01000102030405060708090a0b0c0d0e0f101112131415161709c2fcde1acbaa8c1d3882d8ca29a0a183cabe"
          "f8b23b16b0b02f7c09fe78b5c8a228da84c0728000cee356cf83af6b97ce041b26930944ae0eb241f7e0e7f7"
          "0b34986bc19425c6778dfdc0aec41f1f5a");
    CHECK(to_hex(Sealer::seal_previous(vault_key, third_epoch, counting_key<VaultKey>(0x60), d)) ==
          "01000102030405060708090a0b0c0d0e0f101112131415161776840c0ced5e118c4de0351ee7f3335ff9502d"
          "85f1171d9d975ba512afac6985f487d9f40fd80c2a89ce096d90be440cdc1f62abf5455a58455b157ac2b436"
          "5b42f80119c13456d95cb13f448dd21a66");
    const auto recipient = public_key(counting_key<AgreementKey>(0xc0));
    CHECK(to_hex(*Sealer::seal_envelope(recipient, third_epoch, vault_key, e)) ==
          "018f40c5adb68f25624ae5b214ea767a6ec94d829d3d7b5e1ad1ba6f3e2138285fa076398af30b23f096179d"
          "43d29a7d722bbfbbe2c4ba73b0e078e65ca6199ac2497642388c5ccbdf17e885f2ea7b516b6526e1ae857d3d"
          "58464f5dd68c0a661d406502f1e2d92b74ece234c72984f8a0");
  }

  TEST_CASE("derived keys and the head's MAC are what DESIGN.md describes") {
    const auto seed = counting_key<RecoverySeed>(0x40);
    CHECK(to_hex(test::shown(root_seed(seed))) ==
          "324236ac2491a76558e1ac572bca1cbe85ee9dcb3fea76962423ec2bb089f295");
    CHECK(to_hex(test::shown(recovery_agreement_key(seed))) ==
          "942c50b0e7d788077cafc61fa8328b4b9e8d3887c850868375765d78701376ec");
    const auto head = head_key(counting_key<VaultKey>(0x80), vault, 3);
    const auto mac = head_mac(head, as_bytes("seq 7"));
    CHECK(to_hex(mac) == "0a6b0c3c9c25ce4a80a5c937a0aa044886684eb2da05165a952d87767bb091f6");
    CHECK(same(mac, head_mac(head, as_bytes("seq 7"))));
    CHECK_FALSE(same(mac, head_mac(head, as_bytes("seq 8"))));
  }

  TEST_CASE("SQLCipher's literal is the key in hex between x'…'") {
    CHECK(test::shown_text(sqlcipher_key_literal(counting_key<StoreKey>(0x00))) ==
          "x'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'");
  }

  TEST_CASE("a labelled signature differs for each label and is over label and bytes") {
    const auto signer = make_signer(counting_key<SigningSeed>(0x00));
    const auto message = as_bytes("the same bytes");
    const Bytes by_hand = [&] {
      Bytes bytes = to_bytes(as_bytes(text(SignatureLabel::entry)));
      append(bytes, message);
      return bytes;
    }();
    CHECK(signer->sign(SignatureLabel::entry, message) ==
          signer->sign(SignatureLabel::http, by_hand));
    CHECK(signer->sign(SignatureLabel::entry, message) !=
          signer->sign(SignatureLabel::policy, message));
  }

  TEST_CASE("an operation comes back whole, and shows only its size in 1 KiB steps") {
    const auto key = counting_key<LogKey>(0);
    CountingRandom random;
    struct {
      std::size_t size, steps;
    } const cases[] = {{0, 1}, {1, 1}, {1020, 1}, {1021, 2}, {2044, 2}, {2045, 3}};
    for (const auto& c : cases) {
      CAPTURE(c.size);
      const Bytes operation(c.size, 0x5a);
      const auto sealed = Sealer::seal(key, third_epoch, operation, random);
      CHECK(sealed.size() == c.steps * operation_step + 1 + 24 + 32 + 16);
      CHECK(*Sealer::open(key, third_epoch, {to_bytes(sealed.view())}) == operation);
    }
  }

  TEST_CASE("a fresh nonce makes two seals of one thing unlike") {
    const auto key = counting_key<LogKey>(0);
    CountingRandom random;
    const auto first = Sealer::seal(key, third_epoch, as_bytes("x"), random);
    const auto second = Sealer::seal(key, third_epoch, as_bytes("x"), random);
    CHECK(to_bytes(first.view()) != to_bytes(second.view()));
  }

  TEST_CASE("an envelope opens for its recipient alone") {
    CountingRandom random;
    const auto device = make_local_secrets(random);
    const auto other = make_local_secrets(random);
    const auto envelope = Sealer::seal_envelope(public_key(device.agreement_key), third_epoch,
                                                device.vault_key, random);
    REQUIRE(envelope.has_value());
    const auto opened = Sealer::open_envelope(device.agreement_key, third_epoch, *envelope);
    REQUIRE(opened.has_value());
    CHECK(test::shown(*opened) == test::shown(device.vault_key));
    CHECK(Sealer::open_envelope(other.agreement_key, third_epoch, *envelope).error() ==
          errc::unauthenticated);
  }

  TEST_CASE("a public key of small order is refused by the sealing and the opening side") {
    CountingRandom random;
    const auto key = counting_key<VaultKey>(0);
    AgreementPublicKey zero;
    AgreementPublicKey one;
    one.bytes[0] = 1;
    const auto mine = counting_key<AgreementKey>(1);
    auto envelope = *Sealer::seal_envelope(public_key(mine), third_epoch, key, random);
    for (const auto& point : {zero, one}) {
      CHECK(Sealer::seal_envelope(point, third_epoch, key, random).error() == errc::malformed);
      std::copy(point.bytes.begin(), point.bytes.end(), envelope.begin() + 1);
      CHECK(Sealer::open_envelope(mine, third_epoch, envelope).error() == errc::unauthenticated);
    }
  }
}

// One way of sealing, with every key made of the same 32 bytes: only the role tells them apart.
struct Role {
  const char* name;
  std::function<Bytes()> seal;
  std::function<error_code(const Bytes&)> open;
};

template <class T>
error_code code_of(const Result<T>& result) {
  return result.has_error() ? result.error() : error_code{};
}

WrapContext with_purpose(WrapPurpose purpose) {
  WrapContext context = document_wrap;
  context.purpose = purpose;
  return context;
}

std::vector<Role> roles() {
  static CountingRandom random;
  const auto wrap = [](const char* name, WrapPurpose purpose) {
    return Role{name,
                [=] {
                  return Sealer::wrap(counting_key<LogKey>(0), with_purpose(purpose),
                                      counting_key<DocumentKey>(9), random);
                },
                [=](const Bytes& b) {
                  return code_of(Sealer::unwrap<DocumentKey>(counting_key<LogKey>(0),
                                                             with_purpose(purpose), b));
                }};
  };
  return {
      {"operation",
       [] {
         return Sealer::seal(counting_key<LogKey>(0), third_epoch, as_bytes("op"), random).take();
       },
       [](const Bytes& b) {
         return code_of(Sealer::open(counting_key<LogKey>(0), third_epoch, ReceivedOperation{b}));
       }},
      {"local file",
       [] { return Sealer::seal_file(counting_key<ConfigKey>(0), vault, "a", Bytes(32), random); },
       [](const Bytes& b) {
         return code_of(Sealer::open_file(counting_key<ConfigKey>(0), vault, "a", b));
       }},
      wrap("wrapped document key", WrapPurpose::document),
      wrap("wrapped link secret", WrapPurpose::link),
      wrap("wrapped server half", WrapPurpose::server_half),
      wrap("wrapped parcel key", WrapPurpose::parcel),
      {"previous key",
       [] {
         return Sealer::seal_previous(counting_key<VaultKey>(0), third_epoch,
                                      counting_key<VaultKey>(9), random);
       },
       [](const Bytes& b) {
         return code_of(Sealer::open_previous(counting_key<VaultKey>(0), third_epoch, b));
       }},
      {"envelope",
       [] {
         return *Sealer::seal_envelope(public_key(counting_key<AgreementKey>(0)), third_epoch,
                                       counting_key<VaultKey>(9), random);
       },
       [](const Bytes& b) {
         return code_of(Sealer::open_envelope(counting_key<AgreementKey>(0), third_epoch, b));
       }},
      {"body",
       [] {
         return Sealer::seal(counting_key<DocumentKey>(0), BodyContext{vault, document, 1},
                             as_bytes("x"))
             .take();
       },
       [](const Bytes& b) {
         return code_of(Sealer::open(counting_key<DocumentKey>(0), BodyContext{vault, document, 1},
                                     ReceivedObject{b}, 1));
       }},
      {"parcel file",
       [] {
         return Sealer::seal(counting_key<ContentKey>(0), "text/plain", as_bytes("x"), random)
             .take();
       },
       [](const Bytes& b) {
         return code_of(open_jwe(counting_key<ContentKey>(0), ReceivedParcelFile{b}, 1 << 20));
       }},
  };
}

TEST_SUITE("vault/crypto/roles") {
  TEST_CASE("attack 11: what is sealed in one role opens in no other, even under one key") {
    const auto all = roles();
    for (const auto& made : all) {
      const Bytes sealed = made.seal();
      for (const auto& shown : all) {
        CAPTURE(made.name);
        CAPTURE(shown.name);
        CHECK((shown.open(sealed) == error_code{}) == (made.name == shown.name));
      }
    }
  }

  TEST_CASE("attack 15: a flip of any bit of any byte of a small object is detected") {
    for (const auto& role : roles()) {
      Bytes sealed = role.seal();
      if (sealed.size() > 4096) continue;  // bodies: body_test.cpp
      CAPTURE(role.name);
      for (std::size_t i = 0; i < sealed.size(); ++i) {
        CAPTURE(i);
        sealed[i] ^= static_cast<std::uint8_t>(1U << (i % 8));
        const bool version = i == 0 && std::string_view{role.name} != "parcel file";
        if (version)
          CHECK(role.open(sealed) == errc::other_version);
        else
          CHECK(role.open(sealed) != error_code{});
        sealed[i] ^= static_cast<std::uint8_t>(1U << (i % 8));
      }
      CHECK(role.open(sealed) == error_code{});
    }
  }

  TEST_CASE("attacks 16 and 17: a small object cut or extended anywhere is refused") {
    for (const auto& role : roles()) {
      const Bytes sealed = role.seal();
      if (sealed.size() > 4096) continue;
      CAPTURE(role.name);
      for (std::size_t n = 0; n < sealed.size(); ++n)
        CHECK(role.open({sealed.begin(), sealed.begin() + static_cast<std::ptrdiff_t>(n)}) !=
              error_code{});
      Bytes longer = sealed;
      longer.push_back(0);
      CHECK(role.open(longer) != error_code{});
    }
  }

  TEST_CASE("attack 22: a seal opens in its own place only") {
    CountingRandom random;
    const auto key = counting_key<LogKey>(0);
    const auto config = counting_key<ConfigKey>(0);
    const auto operation = Sealer::seal(key, third_epoch, as_bytes("op"), random).take();
    const VaultId other_vault = counting_id<VaultId>(0x11);
    CHECK(Sealer::open(key, {other_vault, 3}, {operation}).error() == errc::unauthenticated);
    CHECK(Sealer::open(key, {vault, 4}, {operation}).error() == errc::unauthenticated);

    const Bytes file = Sealer::seal_file(config, vault, "store.json", as_bytes("{}"), random);
    CHECK(Sealer::open_file(config, vault, "store.json2", file).has_error());
    CHECK(Sealer::open_file(config, other_vault, "store.json", file).has_error());

    const Bytes wrapped = Sealer::wrap(key, document_wrap, counting_key<DocumentKey>(9), random);
    for (const auto& moved : {WrapContext{other_vault, WrapPurpose::document, document_wrap.id, 2},
                              WrapContext{vault, WrapPurpose::link, document_wrap.id, 2},
                              WrapContext{vault, WrapPurpose::document, Bytes(16), 2},
                              WrapContext{vault, WrapPurpose::document, document_wrap.id, 3}})
      CHECK(Sealer::unwrap<DocumentKey>(key, moved, wrapped).error() == errc::unauthenticated);
    const auto back = Sealer::unwrap<DocumentKey>(key, document_wrap, wrapped);
    REQUIRE(back.has_value());
    CHECK(test::shown(*back) == test::shown(counting_key<DocumentKey>(9)));
  }
}

}  // namespace
}  // namespace coffret::crypto
