// SPDX-License-Identifier: EUPL-1.2
#include "sync/http/head.hpp"

#include <doctest/doctest.h>

#include "tests/support/ambiguous_requests.hpp"

namespace coffret::http {
namespace {

RequestHead parse(std::string_view text) {
  const auto scan = scan_head(as_bytes(text), 0);
  if (scan.state != HeadState::complete) {
    RequestHead refused;
    refused.refusal = scan.state == HeadState::bad ? 400 : 408;
    return refused;
  }
  return parse_request_head(as_bytes(text).first(scan.size));
}

Result<Response> read_response(std::string_view text, std::size_t step, bool to_head = false,
                               bool* complete = nullptr) {
  ResponseReader reader{{1024, 4096}, to_head};
  auto progress = Progress::more;
  for (std::size_t at = 0; at < text.size(); at += step) {
    COFFRET_TRY(progress, reader.feed(as_bytes(text.substr(at, step))));
  }
  if (complete != nullptr) *complete = progress == Progress::complete;
  if (progress == Progress::more) return errc::incomplete_upload;
  return reader.take();
}

}  // namespace

TEST_SUITE("sync/http/head") {
  TEST_CASE("every ambiguous request is refused with its status") {
    for (const auto& c : test::ambiguous_requests()) {
      CAPTURE(c.what);
      CHECK(parse(c.bytes).refusal == c.status);
    }
  }

  TEST_CASE("a head is found at the same place however it is cut") {
    const std::string text = "GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n\r\nrest";
    const auto bytes = as_bytes(text);
    for (std::size_t cut = 0; cut < text.size() - 4; ++cut) {
      CAPTURE(cut);
      CHECK(scan_head(bytes.first(cut), 0).state == HeadState::more);
      const auto scan = scan_head(bytes, cut);
      CHECK(scan.state == HeadState::complete);
      CHECK(scan.size == text.size() - 4);
    }
  }

  TEST_CASE("plain requests are read as they are meant") {
    struct {
      std::string_view text, method, target, path, query;
      std::uint64_t length;
      bool keep_alive, expects;
    } const cases[] = {
        {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET", "/", "/", "", 0, true, false},
        {"GET /a?b=c HTTP/1.1\r\nHost: a:8443\r\nConnection: close\r\n\r\n", "GET", "/a?b=c", "/a",
         "b=c", 0, false, false},
        {"HEAD /a? HTTP/1.1\r\nHost: [::1]:1\r\n\r\n", "HEAD", "/a?", "/a", "", 0, true, false},
        {"PATCH /x HTTP/1.1\r\nHost: a\r\nContent-Length: 4194304\r\nExpect: 100-Continue\r\n\r\n",
         "PATCH", "/x", "/x", "", 4194304, true, true},
        {"POST /x HTTP/1.1\r\nHost: a\r\n\r\n", "POST", "/x", "/x", "", 0, true, false},
        {"GET / HTTP/1.0\r\n\r\n", "GET", "/", "/", "", 0, false, false},
        {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "GET", "/", "/", "", 0, false, false},
        {"BREW /pot HTTP/1.1\r\nHost: a\r\n\r\n", "BREW", "/pot", "/pot", "", 0, true, false},
    };
    for (const auto& c : cases) {
      CAPTURE(c.text);
      const auto head = parse(c.text);
      REQUIRE(head.refusal == 0);
      CHECK(head.request.method == c.method);
      CHECK(head.request.target == c.target);
      CHECK(head.request.path() == c.path);
      CHECK(head.request.query() == c.query);
      CHECK(head.content_length == c.length);
      CHECK(head.keep_alive == c.keep_alive);
      CHECK(head.expects_continue == c.expects);
    }
  }

  TEST_CASE("a field is found by its name in any case, and not when it is repeated") {
    Fields fields{{{"Upload-Offset", "3"}, {"A", "1"}, {"a", "2"}}};
    REQUIRE(fields.find("upload-offset") != nullptr);
    CHECK(*fields.find("UPLOAD-OFFSET") == "3");
    CHECK(fields.find("A") == nullptr);
    CHECK(fields.find("B") == nullptr);
    fields.set("a", "4");
    REQUIRE(fields.find("A") != nullptr);
    CHECK(*fields.find("A") == "4");
  }

  TEST_CASE("more than 64 fields are refused") {
    std::string text = "GET / HTTP/1.1\r\nHost: a\r\n";
    for (int i = 0; i < 63; ++i) text += "A: b\r\n";
    CHECK(parse(text + "\r\n").refusal == 0);
    CHECK(parse(text + "A: b\r\n\r\n").refusal == 431);
  }

  TEST_CASE("a response is read the same whole and byte by byte") {
    struct {
      std::string_view text;
      unsigned status;
      std::string_view body;
    } const cases[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello"},
        {"HTTP/1.1 204 No Content\r\nA: b\r\n\r\n", 204, ""},
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, ""},
        {"HTTP/1.1 404 Not Found\r\nContent-Length: 1\r\n\r\nx", 404, "x"},
        {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, "ok"},
    };
    for (const auto& c : cases) {
      for (const std::size_t step : {std::size_t{1}, std::size_t{7}, c.text.size()}) {
        CAPTURE(c.text);
        CAPTURE(step);
        const auto response = read_response(c.text, step);
        REQUIRE(response.has_value());
        CHECK(response->status == c.status);
        CHECK(as_text(response->body) == c.body);
      }
    }
  }

  TEST_CASE("the answer to HEAD has a length and no body") {
    const auto response = read_response("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", 5, true);
    REQUIRE(response.has_value());
    CHECK(response->body.empty());
  }

  TEST_CASE("responses that could be read in two ways, or never end, are refused") {
    struct {
      std::string_view what;
      std::string text;
      errc error;
    } const cases[] = {
        {"not HTTP", "SSH-2.0-OpenSSH_9.2\r\n\r\n", errc::malformed},
        {"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok",
         errc::malformed},
        {"length and coding",
         "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
         errc::malformed},
        {"no length", "HTTP/1.1 200 OK\r\nA: b\r\n\r\nok", errc::malformed},
        {"HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", errc::malformed},
        {"bytes after it", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK",
         errc::malformed},
        {"a folded field", "HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 0\r\n\r\n",
         errc::malformed},
        {"a bare line feed", "HTTP/1.1 200 OK\nContent-Length: 0\n\n", errc::malformed},
        {"a chunked body", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
         errc::malformed},
        {"another protocol", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
         errc::malformed},
        {"a declared body over the limit", "HTTP/1.1 200 OK\r\nContent-Length: 4097\r\n\r\n",
         errc::too_large},
        {"a head over the limit", "HTTP/1.1 200 OK\r\nA: " + std::string(1100, 'a') + "\r\n\r\n",
         errc::too_large},
        {"a head that never ends", "HTTP/1.1 200 OK\r\nA: " + std::string(2100, 'a'),
         errc::too_large},
    };
    for (const auto& c : cases) {
      for (const std::size_t step : {std::size_t{1}, c.text.size()}) {
        CAPTURE(c.what);
        CAPTURE(step);
        const auto response = read_response(c.text, step);
        REQUIRE(response.has_error());
        CHECK(response.error() == c.error);
      }
    }
    std::string interim;
    for (int i = 0; i < 9; ++i) interim += "HTTP/1.1 103 Early Hints\r\n\r\n";
    CHECK(read_response(interim, interim.size()).error() == errc::malformed);
  }

  TEST_CASE("what would split a head is not written") {
    Response response;
    response.fields.set("A", "b\r\nContent-Length: 5");
    CHECK(format_response_head(response, 0, true).empty());
    response.fields = {{{"A b", "c"}}};
    CHECK(format_response_head(response, 0, true).empty());
    Request request;
    request.method = "GET";
    for (const std::string target : {"", "a", "/a b", "/a\r\nB: c", "http://b/"}) {
      CAPTURE(target);
      request.target = target;
      CHECK(format_request_head(request, "a").empty());
    }
    request.target = "/a";
    CHECK_FALSE(format_request_head(request, "a").empty());
    CHECK(format_request_head(request, "a\r\nB: c").empty());
  }

  TEST_CASE("framing fields are ours alone") {
    Response response;
    response.fields = {{{"Content-Length", "7"}, {"transfer-encoding", "chunked"}, {"A", "b"}}};
    CHECK(format_response_head(response, 3, false) ==
          "HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 3\r\nConnection: close\r\n\r\n");
    response.status = 204;
    CHECK(format_response_head(response, 0, true) == "HTTP/1.1 204 No Content\r\nA: b\r\n\r\n");
  }
}

}  // namespace coffret::http
