// SPDX-License-Identifier: EUPL-1.2
#include "vault/backup/tar.hpp"

#include <doctest/doctest.h>

namespace coffret::backup {
namespace {

TEST_SUITE("vault/backup/tar") {
  TEST_CASE("a member's head is read as it was written") {
    for (const std::uint64_t size : {0ULL, 1ULL, 512ULL, 80ULL << 20}) {
      CAPTURE(size);
      const auto head = tar_head("coffret-backup/objects/abc", size, from_unix(1'800'000'000));
      const auto read = read_tar_head(head);
      REQUIRE(read.has_value());
      REQUIRE(read->has_value());
      CHECK((*read)->name == "coffret-backup/objects/abc");
      CHECK((*read)->size == size);
    }
  }

  TEST_CASE("an empty block ends an archive, and half a block is none") {
    const auto end = read_tar_head(Bytes(tar_block, 0));
    REQUIRE(end.has_value());
    CHECK_FALSE(end->has_value());
    CHECK(read_tar_head(Bytes(tar_block - 1, 0)).has_error());
  }

  TEST_CASE("no byte of a head can be changed and still be read") {
    const auto good = tar_head("a", 5, from_unix(7));
    for (std::size_t at = 0; at < good.size(); ++at) {
      CAPTURE(at);
      auto bad = good;
      bad[at] ^= 1;
      CHECK(read_tar_head(bad).has_error());
    }
  }
}

}  // namespace
}  // namespace coffret::backup
