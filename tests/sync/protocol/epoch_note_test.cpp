// SPDX-License-Identifier: EUPL-1.2
#include <doctest/doctest.h>

#include "sync/protocol/epoch_note.hpp"
#include "sync/protocol/signature.hpp"
#include "tests/support/test_signer.hpp"

namespace coffret::protocol {
namespace {

const test::TestSigner identity{1};
const Fingerprint server = fingerprint(identity.public_key());

EpochNote a_note() {
  EpochNote note;
  note.server = server;
  note.vault.bytes.fill(7);
  note.epoch = 3;
  note.backup_at = 100;
  note.restored_at = 200;
  note.head.seq = 5;
  note.head.hash.bytes.fill(9);
  return note;
}

Result<EpochNote> read(const EpochNote& note, const Signer& signer = identity) {
  return verify_epoch_note(wire::encode(sign_epoch_note(note, signer)), server, a_note().vault,
                           identity.public_key());
}

TEST_SUITE("sync/protocol/epoch_note") {
  TEST_CASE("a note that the identity signed says what it says") {
    const auto note = read(a_note());
    REQUIRE(note.has_value());
    CHECK(*note == a_note());
  }

  TEST_CASE("a note of another signer, server or vault is nobody's") {
    CHECK(read(a_note(), test::TestSigner{2}).error() == errc::unauthenticated);
    auto other = a_note();
    other.vault.bytes[0] ^= 1;
    CHECK(read(other).error() == errc::unauthenticated);
    other = a_note();
    other.server.bytes[0] ^= 1;
    CHECK(read(other).error() == errc::unauthenticated);
  }

  TEST_CASE("a note that says what cannot be is malformed") {
    struct {
      const char* name;
      void (*spoil)(EpochNote&);
      errc expected;
    } const cases[] = {
        {"no epoch", [](EpochNote& n) { n.epoch = 0; }, errc::malformed},
        {"restored before it was backed up", [](EpochNote& n) { n.restored_at = 99; },
         errc::malformed},
        {"an empty log with a hash", [](EpochNote& n) { n.head.seq = 0; }, errc::malformed},
        {"an entry without one", [](EpochNote& n) { n.head.hash = {}; }, errc::malformed},
        {"another format", [](EpochNote& n) { n.format = 2; }, errc::other_version},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      auto note = a_note();
      c.spoil(note);
      CHECK(read(note).error() == c.expected);
    }
  }

  TEST_CASE("no byte of a note can be altered, and none cut off or added") {
    const Bytes whole = wire::encode(sign_epoch_note(a_note(), identity));
    for (std::size_t i = 0; i < whole.size(); ++i) {
      CAPTURE(i);
      auto bytes = whole;
      bytes[i] ^= 1;
      CHECK(verify_epoch_note(bytes, server, a_note().vault, identity.public_key()).has_error());
      bytes = whole;
      bytes.resize(i);
      CHECK(verify_epoch_note(bytes, server, a_note().vault, identity.public_key()).has_error());
    }
    auto longer = whole;
    longer.push_back(0);
    CHECK(verify_epoch_note(longer, server, a_note().vault, identity.public_key()).error() ==
          errc::malformed);
    CHECK(
        verify_epoch_note(Bytes(max_epoch_note + 1), server, a_note().vault, identity.public_key())
            .error() == errc::too_large);
  }

  TEST_CASE("a confirmation is one encoding, about an epoch") {
    const Confirmation confirmation{
        .epoch = 4, .openings = 2, .wrong_passcodes = 1, .server_half = {}};
    const auto bytes = wire::encode(confirmation);
    REQUIRE(decode_confirmation(bytes).has_value());
    CHECK(*decode_confirmation(bytes) == confirmation);
    CHECK(decode_confirmation(wire::encode(Confirmation{})).error() == errc::malformed);
    CHECK(decode_confirmation(Bytes(max_epoch_note + 1)).error() == errc::too_large);
  }
}

}  // namespace
}  // namespace coffret::protocol
