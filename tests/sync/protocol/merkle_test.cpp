// SPDX-License-Identifier: EUPL-1.2
#include "sync/protocol/merkle.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "sync/protocol/signature.hpp"
#include "tests/support/flip.hpp"
#include "tests/support/test_signer.hpp"

namespace coffret::protocol {
namespace {

Sha256 hash_of_hex(std::string_view hex) {
  return *Sha256::from(*from_hex(hex));
}

// RFC 6962 §2.1 as it is written: split at the largest power of two below the size.
Sha256 defined_root(const std::vector<Sha256>& leaves, std::size_t first, std::size_t count) {
  if (count == 0) return sha256({});
  if (count == 1) return leaves[first];
  std::size_t left = 1;
  while (left * 2 < count) left *= 2;
  return node_hash(defined_root(leaves, first, left),
                   defined_root(leaves, first + left, count - left));
}

// RFC 8032 §7.1 test 1.
test::TestSigner checkpoint_signer() {
  test::TestSigner::Seed seed;
  const auto raw = *from_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
  std::copy(raw.begin(), raw.end(), seed.begin());
  return test::TestSigner{seed};
}

Checkpoint some_checkpoint() {
  VaultId vault;
  for (std::size_t i = 0; i < vault.bytes.size(); ++i)
    vault.bytes[i] = static_cast<std::uint8_t>(i);
  Checkpoint checkpoint;
  checkpoint.origin = checkpoint_origin(fingerprint(checkpoint_signer().public_key()), vault);
  checkpoint.size = 8;
  checkpoint.root = hash_of_hex("5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
  return checkpoint;
}

// some_checkpoint() signed by another implementation (OpenSSL through node's crypto, from the text
// of the C2SP signed-note specification).
constexpr std::string_view foreign_note =
    "coffret/kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k/aaaqeayeaudaocajbifqydiob4\n"
    "8\n"
    "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n"
    "\n"
    "\u2014 coffret/kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k/aaaqeayeaudaocajbifqydiob4 "
    "NOuXBKgn8r+lmpBZ6NTAyKaD0ViwY8LonFXjd7VWiauldJPC22oyY/"
    "UMfrCBL00lVF0DSIp9GfYxh2SvvzDlEZMZjg8=\n";

TEST_SUITE("sync/protocol/merkle") {
  TEST_CASE("the roots of the Certificate Transparency reference tree come out") {
    struct {
      std::string_view leaf, root;
    } const steps[] = {
        {"", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
        {"00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
        {"10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
        {"2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"},
        {"3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"},
        {"40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"},
        {"5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"},
        {"606162636465666768696a6b6c6d6e6f",
         "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"},
    };
    CompactRange range;
    CHECK(to_hex(range.root().bytes) ==
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for (const auto& step : steps) {
      CAPTURE(step.root);
      range.append(leaf_hash(*from_hex(step.leaf)));
      CHECK(range.valid());
      CHECK(range.root() == hash_of_hex(step.root));
    }
  }

  TEST_CASE("a compact range gives the tree's defined root at every size") {
    std::vector<Sha256> leaves;
    CompactRange range;
    for (std::uint8_t i = 0; i < 130; ++i) {
      leaves.push_back(leaf_hash(Bytes{i}));
      range.append(leaves.back());
      CHECK(range.size == leaves.size());
      CHECK(range.root() == defined_root(leaves, 0, leaves.size()));
    }
  }

  TEST_CASE("a range read back goes on where it was, and a false one is seen") {
    CompactRange range;
    for (std::uint8_t i = 0; i < 11; ++i) range.append(leaf_hash(Bytes{i}));
    auto copy = *wire::decode<CompactRange>(wire::encode(range));
    CHECK(copy == range);
    copy.append(leaf_hash(Bytes{11}));
    range.append(leaf_hash(Bytes{11}));
    CHECK(copy.root() == range.root());
    copy.peaks.pop_back();
    CHECK_FALSE(copy.valid());
  }

  TEST_CASE("a changed, left out, added or moved leaf changes the root") {
    const auto root_of = [](const std::vector<Bytes>& leaves) {
      CompactRange range;
      for (const auto& leaf : leaves) range.append(leaf_hash(leaf));
      return range.root();
    };
    const std::vector<Bytes> leaves = {{1}, {2}, {3}, {4}, {5}};
    const auto root = root_of(leaves);
    for (std::size_t i = 0; i < leaves.size(); ++i) {
      auto changed = leaves;
      changed[i][0] ^= 1;
      CHECK(root_of(changed) != root);
      auto shorter = leaves;
      shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(i));
      CHECK(root_of(shorter) != root);
      auto longer = leaves;
      longer.insert(longer.begin() + static_cast<std::ptrdiff_t>(i), Bytes{9});
      CHECK(root_of(longer) != root);
      auto moved = leaves;
      std::swap(moved[i], moved[(i + 1) % moved.size()]);
      CHECK(root_of(moved) != root);
    }
  }
}

TEST_SUITE("sync/protocol/checkpoint") {
  TEST_CASE("a checkpoint is signed as another implementation signs it, and reads back") {
    const auto signer = checkpoint_signer();
    const auto checkpoint = some_checkpoint();
    CHECK(sign_checkpoint(checkpoint, signer) == foreign_note);
    const auto read = verify_checkpoint(foreign_note, checkpoint.origin, signer.public_key());
    REQUIRE(read.has_value());
    CHECK(*read == checkpoint);
  }

  TEST_CASE("no bit of a checkpoint may change") {
    const auto checkpoint = some_checkpoint();
    const auto key = checkpoint_signer().public_key();
    test::for_each_flip(std::string{foreign_note}, [&](const std::string& changed) {
      CHECK(verify_checkpoint(changed, checkpoint.origin, key).has_error());
    });
  }

  TEST_CASE("a checkpoint of another log or another key is refused") {
    const auto signer = checkpoint_signer();
    const auto checkpoint = some_checkpoint();
    CHECK(verify_checkpoint(foreign_note, checkpoint.origin + "x", signer.public_key()).error() ==
          errc::unauthenticated);
    CHECK(verify_checkpoint(foreign_note, checkpoint.origin, test::TestSigner{4}.public_key())
              .error() == errc::unauthenticated);
  }

  TEST_CASE("signed text in another form is refused") {
    const auto signer = checkpoint_signer();
    const std::string origin = some_checkpoint().origin;
    const std::string root = to_base64(some_checkpoint().root.bytes);
    const std::string id = "NOuXBA==";
    const std::string bodies[] = {
        origin + "\n08\n" + root + "\n",                    // leading zero
        origin + "\n+8\n" + root + "\n",                    // sign
        origin + "\n8 \n" + root + "\n",                    // blank
        origin + "\n8\n" + root + "\nextension\n",          // extension line
        origin + "\n8\n" + root.substr(0, 40) + "\n",       // short root
        origin + "\n18446744073709551616\n" + root + "\n",  // above 64 bits
    };
    for (const auto& body : bodies) {
      CAPTURE(body);
      Bytes blob = *from_base64(id);
      append(blob, signer.sign(SignatureLabel::checkpoint, as_bytes(body)).bytes);
      const std::string note = body + "\n\u2014 " + origin + " " + to_base64(blob) + "\n";
      CHECK(verify_checkpoint(note, origin, signer.public_key()).has_error());
    }
    const std::string good{foreign_note};
    const std::string line = good.substr(good.find("\u2014"));
    for (const std::string& note : {good + line, good + "\n", good.substr(0, good.size() - 1),
                                    std::string{}, std::string(max_checkpoint_size + 1, '\n')}) {
      CAPTURE(note);
      CHECK(verify_checkpoint(note, origin, signer.public_key()).error() == errc::malformed);
    }
  }
}

}  // namespace
}  // namespace coffret::protocol
