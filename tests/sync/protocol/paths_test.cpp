// SPDX-License-Identifier: EUPL-1.2
#include "sync/protocol/paths.hpp"

#include <doctest/doctest.h>

#include "sync/protocol/text.hpp"

namespace coffret::protocol {
namespace {

const std::string vault = "aebagbafaydqqcikbmga2dqpca";  // bytes 1 to 16
const std::string other = std::string(26, 'a');          // zero
const std::string object = std::string(52, 'a');         // zero
const std::string shl = std::string(43, 'A');            // zero

TEST_SUITE("sync/protocol/paths") {
  TEST_CASE("every endpoint has its own target, which reads back to it") {
    struct {
      Endpoint endpoint;
      std::string_view method;
      std::string target;
    } const cases[] = {
        {Endpoint::card, "GET", "/v1/card"},
        {Endpoint::open_account, "POST", "/v1/accounts"},
        {Endpoint::vault_by_root, "GET", "/v1/vaults/by-root"},
        {Endpoint::vault_status, "GET", "/v1/vaults/" + vault},
        {Endpoint::enrol_device, "POST", "/v1/vaults/" + vault + "/devices"},
        {Endpoint::remove_device, "DELETE", "/v1/vaults/" + vault + "/devices/" + other},
        {Endpoint::read_log, "GET", "/v1/vaults/" + vault + "/log?after=0&limit=1000"},
        {Endpoint::append_log, "POST", "/v1/vaults/" + vault + "/log"},
        {Endpoint::wait_log, "GET", "/v1/vaults/" + vault + "/log/wait?after=0&seconds=50"},
        {Endpoint::pack_objects, "POST", "/v1/vaults/" + vault + "/objects/pack"},
        {Endpoint::fetch_objects, "POST", "/v1/vaults/" + vault + "/objects/fetch"},
        {Endpoint::append_changes, "POST", "/v1/vaults/" + vault + "/log/changes"},
        {Endpoint::open_pairing, "POST", "/v1/vaults/" + vault + "/pairings/" + other},
        {Endpoint::put_pairing, "PUT", "/v1/pairings/" + vault + "/hello"},
        {Endpoint::put_pairing, "PUT", "/v1/pairings/" + vault + "/result"},
        {Endpoint::get_pairing, "GET", "/v1/pairings/" + vault + "/state"},
        {Endpoint::missing_objects, "POST", "/v1/vaults/" + vault + "/objects/missing"},
        {Endpoint::object_status, "HEAD", "/v1/vaults/" + vault + "/objects/" + object},
        {Endpoint::upload_object, "PATCH", "/v1/vaults/" + vault + "/objects/" + object},
        {Endpoint::fetch_object, "GET", "/v1/vaults/" + vault + "/objects/" + object},
        {Endpoint::parcel_status, "HEAD",
         "/v1/vaults/" + vault + "/parcels/" + other + "/" + vault},
        {Endpoint::upload_parcel, "PATCH",
         "/v1/vaults/" + vault + "/parcels/" + other + "/" + vault},
        {Endpoint::publish_grant, "PUT", "/v1/vaults/" + vault + "/grants/" + other},
        {Endpoint::grant_status, "GET", "/v1/vaults/" + vault + "/grants/" + other},
        {Endpoint::revoke_grant, "POST", "/v1/vaults/" + vault + "/grants/" + other + "/revoke"},
        {Endpoint::access_log, "GET",
         "/v1/vaults/" + vault + "/access-log?after=18446744073709551615&limit=1"},
        {Endpoint::link_info, "GET", "/v1/links/" + vault},
        {Endpoint::open_link, "POST", "/v1/links/" + vault + "/open"},
        {Endpoint::link_file, "GET", "/v1/links/" + vault + "/files/" + other},
        {Endpoint::prove_read, "POST", "/v1/links/" + vault + "/read"},
        {Endpoint::viewer, "GET", "/v"},
        {Endpoint::viewer, "GET", "/v/app.js"},
        {Endpoint::viewer, "GET", "/v/pdf/pdf.worker.min-4.0_1.mjs"},
        {Endpoint::shl_manifest, "POST", "/shl/" + shl},
        {Endpoint::shl_direct, "GET", "/shl/" + shl},
        {Endpoint::shl_direct, "GET", "/shl/" + shl + "?recipient=Dr%20Th%C3%A9o"},
        {Endpoint::shl_direct, "GET", "/shl/" + shl + "?recipient="},
        {Endpoint::shl_file, "GET", "/shl/" + shl + "/files/" + shl},
    };
    for (const auto& c : cases) {
      CAPTURE(c.target);
      const auto target = parse_target(c.method, c.target);
      REQUIRE(target.has_value());
      CHECK(target->endpoint == c.endpoint);
      CHECK(method_of(c.endpoint) == c.method);
      CHECK(format_target(*target) == c.target);
    }
  }

  TEST_CASE("identifiers land in their own members") {
    const auto target =
        parse_target("PATCH", "/v1/vaults/" + vault + "/parcels/" + other + "/" + vault);
    REQUIRE(target.has_value());
    CHECK(target->vault.text() == vault);
    CHECK(target->link.text() == other);
    CHECK(target->file.text() == vault);
    CHECK(target->device.is_zero());
    const auto log = parse_target("GET", "/v1/vaults/" + vault + "/log?after=3&limit=10");
    REQUIRE(log.has_value());
    CHECK(log->after == 3);
    CHECK(log->limit == 10);
  }

  TEST_CASE("a path that is not exactly one of ours is not found") {
    for (const std::string& wrong : {std::string{},
                                     std::string{"/"},
                                     std::string{"/v1"},
                                     std::string{"/v1/card/"},
                                     std::string{"//v1/card"},
                                     std::string{"/v1//card"},
                                     std::string{"/V1/card"},
                                     "/v1/pairings/" + vault,
                                     "/v1/pairings/" + vault + "/result/",
                                     "/v1/pairings/" + vault + "/Hello",
                                     "/v1/pairings/" + vault + "/3",
                                     std::string{"v1/card"},
                                     std::string{"/v2/card"},
                                     std::string{"/v1/card#x"},
                                     std::string{"/v1/%63ard"},
                                     std::string{"/v1/./card"},
                                     std::string{"*"},
                                     "/v1/vaults/" + vault + "/",
                                     "/v1/vaults/" + vault + "a",
                                     "/v1/vaults/" + vault.substr(1),
                                     std::string{"/v1/vaults/AEBAGBAFAYDQQCIKBMGA2DQPCA"},
                                     "/v1/vaults//" + vault,
                                     "/v1/vaults/" + vault + "/objects/" + vault,
                                     "/v1/vaults/" + vault + "/unknown",
                                     "/shl/" + shl + "=",
                                     "/shl/" + shl + "/files/",
                                     "/shl/" + object,
                                     std::string{"/v/"},
                                     std::string{"/v/.env"},
                                     std::string{"/v/../v1/card"},
                                     std::string{"/v/a/../b"},
                                     std::string{"/v/a..b"},
                                     std::string{"/v//a"},
                                     std::string{"/v/a/"},
                                     std::string{"/v/a."},
                                     std::string{"/v/a%2fb"},
                                     std::string{"/va"},
                                     "/v/" + std::string(300, 'a')}) {
      CAPTURE(wrong);
      CHECK(parse_target("GET", wrong).error() == errc::not_found);
    }
    CHECK(parse_target("GET", "/" + std::string(9000, 'a')).error() == errc::too_large);
  }

  TEST_CASE("a path with another method is not found") {
    for (const std::string_view method : {"POST", "HEAD", "get", "", "OPTIONS", "TRACE"}) {
      CAPTURE(method);
      CHECK(parse_target(method, "/v1/card").error() == errc::not_found);
    }
    // One GET opens a link of flag U; a HEAD must not.
    CHECK(parse_target("HEAD", "/shl/" + shl + "?recipient=x").error() == errc::not_found);
  }

  TEST_CASE("a query has one spelling where it is ours, and none where none belongs") {
    const std::string log = "/v1/vaults/" + vault + "/log";
    for (const std::string_view wrong :
         {"", "?", "?after=1", "?limit=1", "?limit=1&after=1", "?after=1&limit=0",
          "?after=1&limit=1001", "?after=01&limit=1", "?after=1&limit=+1", "?after=-1&limit=1",
          "?after=18446744073709551616&limit=1", "?after=1&limit=1&x=1", "?after=1&limit=1 "}) {
      CAPTURE(wrong);
      CHECK(parse_target("GET", log + std::string{wrong}).error() == errc::malformed);
    }
    for (const std::string_view wrong :
         {"", "?after=1", "?after=1&seconds=0", "?after=1&seconds=51", "?after=1&limit=1",
          "?seconds=1&after=1", "?after=1&seconds=01"}) {
      CAPTURE(wrong);
      CHECK(parse_target("GET", log + "/wait" + std::string{wrong}).error() == errc::malformed);
    }
    CHECK(parse_target("GET", "/v1/card?x").error() == errc::malformed);
    CHECK(parse_target("GET", "/v1/card?").has_value());
  }

  TEST_CASE("a recipient is decoded as browsers encode it") {
    struct {
      std::string_view query;
      std::optional<std::string> recipient;
    } const cases[] = {
        {"", std::nullopt},
        {"?x=1", std::nullopt},
        {"?recipient", ""},
        {"?recipient=", ""},
        {"?recipient=Dr+Th%C3%A9o", "Dr Th\u00e9o"},
        {"?a=1&recipient=x%26y&b", "x&y"},
        {"?recipient=a=b", "a=b"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.query);
      const auto target = parse_target("GET", "/shl/" + shl + std::string{c.query});
      REQUIRE(target.has_value());
      CHECK(target->recipient == c.recipient);
    }
    for (const std::string_view wrong :
         {"?recipient=%", "?recipient=%4", "?recipient=%zz", "?recipient=%0A", "?recipient=%FF",
          "?recipient=%C3", "?recipient=%ED%A0%80", "?recipient=a&recipient=b"}) {
      CAPTURE(wrong);
      CHECK(parse_target("GET", "/shl/" + shl + std::string{wrong}).error() == errc::malformed);
    }
    CHECK(parse_target("GET", "/shl/" + shl + "?recipient=" + std::string(2049, 'a')).error() ==
          errc::too_large);
  }

  TEST_CASE("other origins may call the reader's side only") {
    CHECK(is_reader_side("/v1/links/" + vault + "/open"));
    CHECK(is_reader_side("/shl/" + shl));
    CHECK_FALSE(is_reader_side("/v1/vaults/" + vault));
    CHECK_FALSE(is_reader_side("/v"));
    CHECK_FALSE(is_reader_side("/v1/card"));
  }
}

TEST_SUITE("sync/protocol/text") {
  TEST_CASE("plain text is UTF-8 without control characters") {
    for (const std::string_view good : {"", "a b", "\u00e9", "\u20ac", "\U0001f49a", "\u00a0",
                                        "\ud7ff", "\ue000", "\U0010ffff"}) {
      CAPTURE(good);
      CHECK(is_plain_text(good));
    }
    for (const std::string_view wrong :
         {std::string_view{"\0", 1}, std::string_view{"\n"}, std::string_view{"\x1b"},
          std::string_view{"\x7f"}, std::string_view{"\xc2\x80"}, std::string_view{"\xc2\x9f"},
          std::string_view{"\x80"}, std::string_view{"\xc3"}, std::string_view{"\xc0\x80"},
          std::string_view{"\xc1\xbf"}, std::string_view{"\xe0\x80\x80"},
          std::string_view{"\xe2\x82"}, std::string_view{"\xed\xa0\x80"},
          std::string_view{"\xf0\x80\x80\x80"}, std::string_view{"\xf4\x90\x80\x80"},
          std::string_view{"\xf5\x80\x80\x80"}, std::string_view{"\xff"},
          std::string_view{"\xc3\x28"}}) {
      CAPTURE(wrong);
      CHECK_FALSE(is_plain_text(wrong));
    }
  }
}

}  // namespace
}  // namespace coffret::protocol
