// SPDX-License-Identifier: EUPL-1.2
//
// Every primitive against values that others published: what we link is what we think it is.
#include <doctest/doctest.h>
#include <sodium.h>

#include "coffret/encoding.hpp"
#include "tests/support/keys.hpp"
#include "vault/crypto/gcm.hpp"
#include "vault/crypto/kdf.hpp"
#include "vault/crypto/keys.hpp"
#include "vault/crypto/parcel.hpp"
#include "vault/crypto/passphrase.hpp"
#include "vault/crypto/passphrase_strength.hpp"
#include "vault/crypto/small_seal.hpp"

namespace coffret::crypto {
namespace {

Bytes hex(std::string_view text) {
  return *from_hex(text);
}

template <class Key>
Key key_of(std::string_view text) {
  const Bytes bytes = hex(text);
  return Key::make([&](auto out) { std::copy_n(bytes.begin(), out.size(), out.begin()); });
}

TEST_SUITE("vault/crypto/primitives") {
  TEST_CASE("BLAKE2b gives the hash of RFC 7693, appendix A") {
    Bytes out(64);
    (void)::crypto_generichash_blake2b(out.data(), out.size(), as_bytes("abc").data(), 3, nullptr,
                                       0);
    CHECK(to_hex(out) ==
          "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
          "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
  }

  // Made with CPython 3.11's hashlib.blake2b (the authors' reference code):
  // key=bytes(range(0x80, 0xa0)), person=b"coffret.logkey.1", message = lp(0x10…0x1f) ‖ lp(3 as
  // u32).
  TEST_CASE("keyed BLAKE2b with a personal label agrees with the reference code") {
    const auto key = test::counting_key<VaultKey>(0x80);
    const auto vault = test::counting_id<VaultId>(0x10);
    CHECK(to_hex(test::shown(log_key(key, vault, 3))) ==
          "222a7ce8ef06860dd50663e191c17e60d01f7c7ef20a54058b67e58a42f2ff1e");
    CHECK(to_hex(test::shown(head_key(key, vault, 3))) ==
          "51a1aa397b30fd92b8e70a75866379419b32ffcf8e53c2c75fd6fb8105c13bc5");
    CHECK(to_hex(test::shown(config_key(key, vault, 3))) ==
          "17533d3f15d154cb29e34004460177db589d3391b47084b7e91a306dfa723909");
  }

  // Made with libargon2 20171227, the reference code of RFC 9106: argon2id_hash_raw, one lane,
  // salt 01…10, 64 bytes. (The RFC's own vector has a secret and additional data, which
  // libsodium's interface does not take.)
  TEST_CASE("Argon2id agrees with the reference code") {
    struct {
      Argon2Cost cost;
      const char* expected;
    } const cases[] = {
        {{64, 3},
         "6005dfc2c479af3ee256f369d14d29917efb998af67d885ccebf61b19ca08b55"
         "039720f5c2ed70e2b80d8576cfcb9801cbca5a227374b63fb2ccc99d5c75394d"},
        {{65536, 3},
         "d770353ec57ca5168a092322aea8c691ca02e6b2aa85b6bb0b899b55df340233"
         "ab53cad1900afffdb1c2ecef803843c71e4b443f11ac5ed9b8ff41d60a8ae9da"},
    };
    std::array<std::uint8_t, 16> salt{};
    std::iota(salt.begin(), salt.end(), std::uint8_t{1});
    for (const auto& c : cases) {
      CAPTURE(c.cost.memory_kib);
      std::array<std::uint8_t, 64> out{};
      REQUIRE(argon2id(out, as_bytes("password"), salt, c.cost));
      CHECK(to_hex(out) == c.expected);
    }
  }

  TEST_CASE("XChaCha20-Poly1305 gives draft-irtf-cfrg-xchacha-03, A.3.1") {
    const Bytes key = hex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
    const Bytes nonce = hex("404142434445464748494a4b4c4d4e4f5051525354555657");
    const Bytes aad = hex("50515253c0c1c2c3c4c5c6c7");
    const auto plain = as_bytes(
        "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the "
        "future, sunscreen would be it.");
    Bytes sealed(plain.size() + tag_size);
    encrypt(sealed, ByteView{key}.first<32>(), ByteView{nonce}.first<24>(), aad, plain);
    CHECK(to_hex(sealed) ==
          "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f"
          "4eda7e39ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f"
          "76b2383565d3fff921f9664c97637da9768812f615c68b13b52e"
          "c0875924c1c7987947deafd8780acf49");
    Bytes opened(plain.size());
    CHECK(decrypt(opened, ByteView{key}.first<32>(), ByteView{nonce}.first<24>(), aad, sealed));
    CHECK(opened == to_bytes(plain));
  }

  TEST_CASE("Ed25519 gives RFC 8032, 7.1") {
    struct {
      const char *seed, *public_key, *message, *signature;
    } const cases[] = {
        {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
         "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
         "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701"
         "c"
         "f9b46bd25bf5f0595bbe24655141438e7a100b"},
        {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
         "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
         "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d"
         "0"
         "f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.message);
      const auto seed = key_of<SigningSeed>(c.seed);
      CHECK(to_hex(public_key(seed).view()) == c.public_key);
      const auto signer = make_signer(seed);
      CHECK(to_hex(signer->public_key().view()) == c.public_key);
      CHECK(to_hex(signer->sign(SignatureLabel::http, hex(c.message)).view()) == c.signature);
    }
  }

  TEST_CASE("X25519 gives RFC 7748, 6.1") {
    const auto alice =
        key_of<AgreementKey>("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
    const auto bob =
        key_of<AgreementKey>("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
    CHECK(to_hex(public_key(alice).view()) ==
          "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    CHECK(to_hex(public_key(bob).view()) ==
          "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
    Bytes shared(32);
    REQUIRE(::crypto_scalarmult(shared.data(), test::shown(alice).data(),
                                public_key(bob).bytes.data()) == 0);
    CHECK(to_hex(shared) == "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
  }

  TEST_CASE("SHA-256 gives FIPS 180-4's examples") {
    CHECK(to_hex(sha256(as_bytes("")).view()) ==
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(to_hex(sha256(as_bytes("abc")).view()) ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(
        to_hex(
            sha256(as_bytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")).view()) ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  }

  TEST_CASE("HMAC-SHA256 gives RFC 4231, in one part or several") {
    struct {
      Bytes key;
      std::string message;
      const char* expected;
    } const cases[] = {
        {Bytes(20, 0x0b), "Hi There",
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {to_bytes(as_bytes("Jefe")), "what do ya want for nothing?",
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {Bytes(20, 0xaa), std::string(50, '\xdd'),
         "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
        {Bytes(131, 0xaa), "Test Using Larger Than Block-Size Key - Hash Key First",
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.expected);
      const auto message = as_bytes(c.message);
      std::array<std::uint8_t, 32> out{};
      hmac_sha256(out, c.key, {message});
      CHECK(to_hex(out) == c.expected);
      hmac_sha256(out, c.key, {message.first(3), message.subspan(3)});
      CHECK(to_hex(out) == c.expected);
    }
  }

  // The RFC's outputs are longer; HKDF's first 32 bytes do not depend on the length asked for.
  TEST_CASE("HKDF-SHA256 gives the first 32 bytes of RFC 5869, A.1 to A.3") {
    const auto run = [](std::uint8_t first, std::size_t size) {
      Bytes bytes(size);
      std::iota(bytes.begin(), bytes.end(), first);
      return bytes;
    };
    struct {
      Bytes input, salt, info;
      const char* expected;
    } const cases[] = {
        {Bytes(22, 0x0b), run(0x00, 13), run(0xf0, 10),
         "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"},
        {run(0x00, 80), run(0x60, 80), run(0xb0, 80),
         "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"},
        {Bytes(22, 0x0b),
         {},
         {},
         "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.expected);
      std::array<std::uint8_t, 32> out{};
      hkdf32(out, c.input, c.salt, {c.info});
      CHECK(to_hex(out) == c.expected);
    }
  }

  TEST_CASE("AES-256-GCM gives test cases 13, 14 and 16 of the GCM specification") {
    const char* const zero_key = "0000000000000000000000000000000000000000000000000000000000000000";
    struct {
      const char *key, *nonce, *aad, *plaintext, *sealed;
    } const cases[] = {
        {zero_key, "000000000000000000000000", "", "", "530f8afbc74536b9a963b4f1c4cb738b"},
        {zero_key, "000000000000000000000000", "", "00000000000000000000000000000000",
         "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"},
        {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
         "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
         "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
         "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
         "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
         "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
         "76fc6ece0f4e1768cddf8853bb2d551b"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.sealed);
      const Bytes key = hex(c.key);
      const Bytes nonce = hex(c.nonce);
      const Bytes plaintext = hex(c.plaintext);
      Bytes sealed(plaintext.size() + gcm_tag_size);
      gcm_encrypt(sealed, ByteView{key}.first<32>(), ByteView{nonce}.first<12>(), hex(c.aad),
                  plaintext);
      CHECK(to_hex(sealed) == c.sealed);

      Bytes opened(plaintext.size());
      CHECK(gcm_decrypt(opened, ByteView{key}.first<32>(), ByteView{nonce}.first<12>(), hex(c.aad),
                        sealed));
      CHECK(opened == plaintext);
      sealed.back() ^= 1;
      CHECK_FALSE(gcm_decrypt(opened, ByteView{key}.first<32>(), ByteView{nonce}.first<12>(),
                              hex(c.aad), sealed));
      CHECK(opened == Bytes(plaintext.size()));
    }
  }

  TEST_CASE("a passphrase is judged by what its characters tell, from below") {
    struct {
      const char* text;
      PassphraseStrength strength;
    } const cases[] = {
        {"", PassphraseStrength::too_short},
        {"x", PassphraseStrength::too_short},
        {"azertyu", PassphraseStrength::too_short},
        {"\u00e9\u00e9\u00e9\u00e9",
         PassphraseStrength::too_short},  // eight bytes, four characters
        {"e\u0301e\u0301e\u0301e\u0301", PassphraseStrength::too_short},  // the same in NFD
        {"\xff\xff\xff", PassphraseStrength::too_short},  // no UTF-8: each byte is one
        {"motdepasse", PassphraseStrength::weak},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", PassphraseStrength::weak},
        {"abababababababababababababababababababab", PassphraseStrength::weak},
        {"abcdefghijklmnopqrstuvwxyz", PassphraseStrength::weak},
        {"9876543210987654321098765432", PassphraseStrength::weak},
        {"Bonjour2026!", PassphraseStrength::weak},
        {"kT7#pQ2!vZ9$mL4&", PassphraseStrength::good},
        {"une phrase secr\u00e8te de d\u00e9monstration", PassphraseStrength::good},
        {"tulipe kayak sorbet radis vapeur ciment", PassphraseStrength::good},
    };
    for (const auto& c : cases) {
      CAPTURE(c.text);
      CHECK(strength_of(test::secret_text(c.text)) == c.strength);
    }
    const std::string long_one(SecretText::max_size, 'x');
    CHECK(strength_of(test::secret_text(long_one)) == PassphraseStrength::weak);
  }

  TEST_CASE("a passphrase that is suggested is six words by chance, and good") {
    test::CountingRandom random{7};
    const auto one = suggested_passphrase(random);
    const auto other = suggested_passphrase(random);
    const auto text = test::shown_text(one);
    CHECK(std::count(text.begin(), text.end(), ' ') == 5);
    CHECK(text != test::shown_text(other));
    CHECK(strength_of(one) == PassphraseStrength::good);
  }
}

}  // namespace
}  // namespace coffret::crypto
