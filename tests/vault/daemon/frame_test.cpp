// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/frame.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "vault/crypto/secret_io.hpp"
#include "vault/daemon/local_socket.hpp"

namespace coffret::daemon {
namespace {

struct Pair {
  Pair() {
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
    here = Descriptor{ends[0]};
    there = Descriptor{ends[1]};
  }
  Descriptor here, there;
};

SecretText secret_of(std::string_view text) {
  return SecretText::make([&](auto bytes) {
    std::copy(text.begin(), text.end(), bytes.begin());
    return text.size();
  });
}

// What the other side receives when these bytes, and no more, arrive.
Result<LocalRequest> received(ByteView raw) {
  Pair pair;
  REQUIRE(::write(pair.here.get(), raw.data(), raw.size()) == static_cast<ssize_t>(raw.size()));
  pair.here = Descriptor{};
  return receive_request(pair.there.get());
}

Bytes raw_request(std::string_view json, std::vector<std::string> secrets) {
  Bytes raw = to_bytes(as_bytes("CFR1"));
  append_le(raw, static_cast<std::uint32_t>(json.size()));
  append(raw, as_bytes(json));
  raw.push_back(static_cast<std::uint8_t>(secrets.size()));
  for (const auto& secret : secrets) {
    append_le(raw, static_cast<std::uint16_t>(secret.size()));
    append(raw, as_bytes(secret));
  }
  return raw;
}

TEST_SUITE("vault/daemon/frame") {
  TEST_CASE("a request arrives with its arguments and its secrets apart") {
    Pair pair;
    LocalRequest sent;
    sent.arguments = {{"command", "unlock"}, {"lang", "fr"}};
    sent.secrets.emplace("passphrase", secret_of("é à ü"));
    sent.secrets.emplace("passcode", secret_of(""));
    REQUIRE(send_request(pair.here.get(), sent).has_value());
    const auto got = receive_request(pair.there.get());
    REQUIRE(got.has_value());
    CHECK(got->arguments.at("command").as_string() == "unlock");
    REQUIRE(got->secrets.size() == 2);
    CHECK(crypto::same(got->secrets.at("passphrase"), secret_of("é à ü")));
    CHECK(got->secrets.at("passcode").empty());
  }

  TEST_CASE("what is not a request is refused, and a cut one too") {
    const Bytes good = raw_request(R"({"command":"x","secrets":["a"]})", {"s"});
    CHECK(received(good).has_value());
    for (std::size_t n = 0; n < good.size(); ++n) {
      CAPTURE(n);
      CHECK(received(ByteView{good}.first(n)).has_error());
    }
    Bytes other = good;
    other[0] = 'X';
    CHECK(received(other).error() == errc::malformed);
    CHECK(received(raw_request("[]", {})).error() == errc::malformed);
    CHECK(received(raw_request(R"({"secrets":["a","a"]})", {"1", "2"})).error() == errc::malformed);
    CHECK(received(raw_request(R"({"secrets":["a"]})", {})).error() == errc::malformed);
    CHECK(received(raw_request(R"({"secrets":[1]})", {"s"})).error() == errc::malformed);
    CHECK(received(raw_request(R"({"a":1,"a":2,"secrets":[]})", {})).error() == errc::malformed);
  }

  TEST_CASE("a request that announces too much is refused at its head") {
    Bytes head = to_bytes(as_bytes("CFR1"));
    append_le<std::uint32_t>(head, max_request + 1);
    CHECK(parse_request_head(head).error() == errc::too_large);
    CHECK(received(head).error() == errc::too_large);
    CHECK(received(raw_request(R"({"secrets":["a"]})", {std::string(5000, 's')})).error() ==
          errc::too_large);
  }

  TEST_CASE("frames of every type arrive in order, secrets in guarded memory") {
    Pair pair;
    const Bytes piece(70000, 7);
    std::thread sender{[&] {
      CHECK(send_frame(pair.here.get(), FrameType::row, as_bytes("{}")).has_value());
      CHECK(send_frame(pair.here.get(), FrameType::bytes, piece).has_value());
      CHECK(send_secret(pair.here.get(), secret_of("lien")).has_value());
      CHECK(send_frame(pair.here.get(), FrameType::done, as_bytes("{}")).has_value());
    }};
    const int fd = pair.there.get();
    auto head = receive_frame_head(fd);
    REQUIRE(head.has_value());
    CHECK(head->type == FrameType::row);
    CHECK(receive_payload(fd, head->size).has_value());
    head = receive_frame_head(fd);
    REQUIRE(head.has_value());
    CHECK(*receive_payload(fd, head->size) == piece);
    head = receive_frame_head(fd);
    REQUIRE(head.has_value());
    CHECK(head->type == FrameType::secret);
    CHECK(crypto::same(*receive_secret(fd, head->size), secret_of("lien")));
    sender.join();
  }
}

}  // namespace
}  // namespace coffret::daemon
