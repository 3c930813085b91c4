// SPDX-License-Identifier: EUPL-1.2
#include "sync/protocol/status.hpp"

#include <doctest/doctest.h>

namespace coffret::protocol {
namespace {

TEST_SUITE("sync/protocol/status") {
  TEST_CASE("every error has an HTTP status and comes back as itself or as server_error") {
    for (const auto& r : error_table) {
      CAPTURE(r.code);
      const unsigned status = http_status(r.value);
      CHECK(status >= 400);
      CHECK(status < 600);
      const errc expected = status == 500 ? errc::server_error : r.value;
      CHECK(error_of(status, as_bytes(error_body(r.value))) == expected);
    }
  }

  TEST_CASE("what fails inside the server has one word outside") {
    for (const auto error : {errc::internal, errc::io, errc::disk_full, errc::damaged,
                             errc::server_error, errc::wrong_passphrase}) {
      CHECK(error_body(error) == R"({"error":{"code":"server_error"}})");
    }
  }

  TEST_CASE("a wrong passcode tells how many tries are left") {
    const auto body = error_body(errc::wrong_passcode, 3);
    CHECK(body == R"({"error":{"code":"wrong_passcode"},"remainingAttempts":3})");
    CHECK(http_status(errc::wrong_passcode) == 401);
    CHECK(error_of(401, as_bytes(body)) == errc::wrong_passcode);
    CHECK(remaining_attempts_of(as_bytes(body)) == 3);
    for (const std::string_view none :
         {"", "{}", "x", R"({"remainingAttempts":-1})", R"({"remainingAttempts":"3"})",
          R"({"remainingAttempts":4294967296})", R"({"remainingAttempts":1.5})"}) {
      CAPTURE(none);
      CHECK_FALSE(remaining_attempts_of(as_bytes(none)).has_value());
    }
  }

  TEST_CASE("unknown, not yours, expired and revoked look alike to a stranger") {
    CHECK(http_status(errc::link_not_active) == 404);
    CHECK(http_status(errc::not_found) == 404);
  }

  TEST_CASE("a server without room says so in a status alone, and is asked again later") {
    CHECK(error_of(503, {}) == errc::rate_limited);
    CHECK(error_of(503, as_bytes("<html>busy</html>")) == errc::rate_limited);
    CHECK(error_of(503, as_bytes(error_body(errc::stopping))) == errc::stopping);
    CHECK(error_of(503, as_bytes(R"({"error":{"code":"not_found"}})")) == errc::server_error);
  }

  TEST_CASE("an answer that says nothing we know is a server error") {
    struct {
      unsigned status;
      std::string_view body;
    } const cases[] = {
        {404, ""},
        {502, ""},
        {404, "<html>not found</html>"},
        {404, R"({"error":"not_found"})"},
        {404, R"({"error":{"code":"no_such_code"}})"},
        {404, R"({"error":{"code":7}})"},
        {404, R"({"code":"not_found"})"},
        // A server does not make the vault speak of its own passphrase.
        {404, R"({"error":{"code":"wrong_passphrase"}})"},
        {500, R"({"error":{"code":"wrong_passphrase"}})"},
        {200, R"({"error":{"code":"not_found"}})"},
        {409, R"({"error":{"code":"not_found"}})"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.body);
      CHECK(error_of(c.status, as_bytes(c.body)) == errc::server_error);
    }
    const std::string deep(4000, '[');
    CHECK(error_of(404, as_bytes(deep)) == errc::server_error);
    const std::string large =
        R"({"error":{"code":"not_found"},"x":")" + std::string(5000, 'x') + "\"}";
    CHECK(error_of(404, as_bytes(large)) == errc::server_error);
    CHECK(error_of(404, as_bytes(R"({"error":{"code":"not_found","more":1},"more":[]})")) ==
          errc::not_found);
  }
}

}  // namespace
}  // namespace coffret::protocol
