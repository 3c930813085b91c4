// SPDX-License-Identifier: EUPL-1.2
//
// age v1 against the stock program, both ways, and against files that somebody altered. Without
// the Debian package `age` the two cases that need it say so and are skipped.
#include "vault/crypto/age.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "coffret/encoding.hpp"
#include "tests/support/folder.hpp"
#include "tests/support/keys.hpp"
#include "vault/crypto/parcel.hpp"

namespace coffret::crypto {
namespace {

constexpr unsigned cheap_work = 4;             // 16 passes: nothing to guard here
constexpr std::string_view example_identity =  // made for this test with age-keygen 1.1.1
    "AGE-SECRET-KEY-1EFVAY54J6FHZLSJVJHTLM2T7NNH69X8LUX3L3G4W0RXE0WGPLHXQLZNHV2";

Bytes pattern(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 7 + i / 251);
  return bytes;
}

Bytes written(AgeWriter writer, Bytes out, ByteView plaintext, std::size_t step = 10'000) {
  while (!plaintext.empty()) {
    const auto piece = plaintext.first(std::min(step, plaintext.size()));
    writer.write(piece, out);
    plaintext = plaintext.subspan(piece.size());
  }
  writer.finish(out);
  return out;
}

Bytes locked(ByteView plaintext, std::string_view passphrase = "une phrase") {
  test::CountingRandom random;
  Bytes out;
  auto writer = AgeWriter::to_passphrase(test::secret_text(passphrase), cheap_work, random, out);
  REQUIRE(writer.has_value());
  return written(std::move(*writer), std::move(out), plaintext);
}

Result<Bytes> payload(AgeReader reader, ByteView file) {
  Bytes plaintext;
  auto rest = file.subspan(reader.payload_at());
  do {
    const bool last = rest.size() <= age_chunk + 16;
    const auto sealed = last ? rest : rest.first(age_chunk + 16);
    COFFRET_TRY(const auto chunk, reader.chunk(sealed, last));
    append(plaintext, chunk);
    rest = rest.subspan(sealed.size());
  } while (!rest.empty());
  return plaintext;
}

Result<Bytes> opened(ByteView file, std::string_view passphrase = "une phrase") {
  COFFRET_TRY(auto reader, AgeReader::open(file, test::secret_text(passphrase)));
  return payload(std::move(reader), file);
}

bool stock_age_is_here() {
  const bool here =
      std::system("command -v age >/dev/null && command -v age-keygen >/dev/null") == 0;
  if (!here) MESSAGE("skipped: the Debian package age is not installed");
  return here;
}

void keep(const std::string& path, ByteView bytes) {
  std::ofstream file{path, std::ios::binary};
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

Bytes kept(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  return to_bytes(as_bytes(text));
}

TEST_SUITE("vault/crypto/age") {
  TEST_CASE("what a passphrase locked, it opens, at every size around a chunk") {
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, age_chunk - 1, age_chunk,
                                   age_chunk + 1, 2 * age_chunk, 2 * age_chunk + 17}) {
      CAPTURE(size);
      const Bytes plaintext = pattern(size);
      const auto back = opened(locked(plaintext));
      REQUIRE(back.has_value());
      CHECK(*back == plaintext);
    }
  }

  TEST_CASE("the passphrase is the same however its accents were typed") {
    const auto back = opened(locked(as_bytes("texte"), "caf\xc3\xa9"), "cafe\xcc\x81");
    REQUIRE(back.has_value());
    CHECK(as_text(*back) == "texte");
  }

  TEST_CASE("another passphrase opens nothing") {
    CHECK(opened(locked(as_bytes("texte")), "une autre").error() == errc::wrong_passphrase);
  }

  TEST_CASE("the stock program opens what we wrote to its key") {
    if (!stock_age_is_here()) return;
    const test::Folder folder;
    keep(folder / "key", as_bytes(std::string{example_identity} + "\n"));
    REQUIRE(std::system(("age-keygen -y " + (folder / "key") + " > " + (folder / "to")).c_str()) ==
            0);
    auto line = to_text(kept(folder / "to"));
    line.pop_back();
    const auto recipient = parse_age_recipient(line);
    REQUIRE(recipient.has_value());
    test::CountingRandom random;
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, age_chunk, 3 * age_chunk + 5}) {
      CAPTURE(size);
      Bytes out;
      auto writer = AgeWriter::to_recipients({*recipient, *recipient}, random, out);
      REQUIRE(writer.has_value());
      keep(folder / "file.age", written(std::move(*writer), std::move(out), pattern(size)));
      const auto command = "age -d -i " + (folder / "key") + " -o " + (folder / "file") + " " +
                           (folder / "file.age");
      REQUIRE(std::system(command.c_str()) == 0);
      CHECK(kept(folder / "file") == pattern(size));
    }
  }

  TEST_CASE("we open what the stock program wrote to that key") {
    if (!stock_age_is_here()) return;
    const test::Folder folder;
    keep(folder / "key", as_bytes(std::string{example_identity} + "\n"));
    const Bytes plaintext = pattern(2 * age_chunk + 3);
    keep(folder / "file", plaintext);
    const auto command = "age -r $(age-keygen -y " + (folder / "key") + ") -o " +
                         (folder / "file.age") + " " + (folder / "file");
    REQUIRE(std::system(command.c_str()) == 0);
    const Bytes file = kept(folder / "file.age");
    const auto identity = parse_age_identity(test::secret_text(example_identity));
    REQUIRE(identity.has_value());
    auto reader = AgeReader::open(file, *identity);
    REQUIRE(reader.has_value());
    const auto back = payload(std::move(*reader), file);
    REQUIRE(back.has_value());
    CHECK(*back == plaintext);
  }

  TEST_CASE("a file of the stock program opens with its passphrase") {
    // age 1.1.1, `age -p`, scrypt work factor 18, passphrase "une phrase d'essai": "Bonjour.\n"
    const auto file = from_base64(
        "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCBTTW96MFFCSDJLUGpVOFRIdEcyS1JBIDE4Cnky"
        "RHpkNDhUWXVSMVlzcjNmUmhLOFJyLzBjRVBJcGQ4bC9aQlpHVFFsaUEKLS0tIEFJR05RUWUwOFFXcTFY"
        "V1NFa0R2V292WUxjQzJiMnFFVElIQ2dCT2xHczgKagNvWcrO1yhjfSaDrdxRIc7xVKT/0uH/iLfhNuvU"
        "HsQqWHfOwSBOVGY=");
    REQUIRE(file.has_value());
    const auto back = opened(*file, "une phrase d'essai");
    REQUIRE(back.has_value());
    CHECK(as_text(*back) == "Bonjour.\n");
  }

  TEST_CASE("a file cut, continued or altered anywhere opens for nobody") {
    const Bytes file = locked(pattern(age_chunk + 100));
    for (std::size_t at = 0; at < file.size(); at += at < 400 ? 1 : 997) {
      CAPTURE(at);
      Bytes altered = file;
      altered[at] ^= 1;
      CHECK(opened(altered).has_error());
      CHECK(opened(ByteView{file}.first(at)).has_error());
    }
    Bytes longer = file;
    longer.push_back(0);
    CHECK(opened(longer).has_error());
    // At the end of a chunk, too.
    CHECK(opened(ByteView{file}.first(file.size() - 116)).error() == errc::unauthenticated);
  }

  TEST_CASE("a work factor that would take the machine's memory is refused before it is tried") {
    const Bytes file = locked(as_bytes("x"));
    std::string text = to_text(file);
    const auto at = text.find(" 4\n");
    REQUIRE(at != std::string::npos);
    for (const auto* factor : {"21", "63"}) {
      CAPTURE(factor);
      std::string heavy = text;
      heavy.replace(at + 1, 1, factor);
      CHECK(opened(as_bytes(heavy)).error() == errc::weak_parameters);
    }
    for (const auto* factor : {"04", "+4", "4x", "64", "0", "99999999999"}) {
      CAPTURE(factor);
      std::string odd = text;
      odd.replace(at + 1, 1, factor);
      CHECK(opened(as_bytes(odd)).error() == errc::malformed);
    }
  }

  TEST_CASE("a header has one spelling") {
    const std::string file = to_text(locked(as_bytes("x")));
    struct {
      const char* from;
      const char* to;
      errc expected;
    } const cases[] = {
        {"age-encryption.org/v1\n", "age-encryption.org/v2\n", errc::other_version},
        {"age-encryption.org/v1\n", "age-encryption.org/v1\r\n", errc::other_version},
        {"-> scrypt", "->  scrypt", errc::malformed},
        {"-> scrypt", "-> grease\n\n-> scrypt", errc::malformed},  // scrypt stands alone
        {"-> scrypt", "-> other", errc::unsupported},
        {"\n--- ", "\n\n--- ", errc::malformed},
        {"\n--- ", "=\n--- ", errc::malformed},
        {"\n--- ", "\n---  ", errc::malformed},
    };
    for (const auto& c : cases) {
      CAPTURE(c.to);
      std::string altered = file;
      const auto at = altered.find(c.from);
      REQUIRE(at != std::string::npos);
      altered.replace(at, std::string_view{c.from}.size(), c.to);
      CHECK(opened(as_bytes(altered)).error() == c.expected);
    }
    std::string endless = "age-encryption.org/v1\n-> x ";
    endless.append(age_header_limit, 'y');
    CHECK(opened(as_bytes(endless)).error() == errc::too_large);
  }

  TEST_CASE("keys are read in one case, whole, and with their checksum") {
    const std::string good = "age1ne24ve0y4xdf9q9tt28auyd7z84txh03kw8mnn5mz78zdrudd4ks504zue";
    CHECK(parse_age_recipient(good).has_value());
    std::string wrong = good;
    wrong[10] = 'q';
    CHECK(parse_age_recipient(wrong).error() == errc::malformed);
    CHECK(parse_age_recipient(good.substr(0, good.size() - 1)).error() == errc::malformed);
    CHECK(parse_age_recipient("AGE" + good.substr(3)).error() == errc::malformed);
    CHECK(parse_age_recipient(example_identity).error() == errc::malformed);
    CHECK(parse_age_identity(test::secret_text(good)).has_error());
    CHECK(parse_age_identity(test::secret_text(example_identity)).has_value());
  }

  TEST_CASE("a recipient of low order and an empty passphrase are refused") {
    test::CountingRandom random;
    Bytes out;
    CHECK(AgeWriter::to_recipients({AgeRecipient{}}, random, out).has_error());
    CHECK(AgeWriter::to_recipients({}, random, out).has_error());
    CHECK(AgeWriter::to_passphrase(test::secret_text(""), cheap_work, random, out).has_error());
  }
}

}  // namespace
}  // namespace coffret::crypto
