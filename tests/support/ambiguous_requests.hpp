// SPDX-License-Identifier: EUPL-1.2
//
// ambiguous_requests.hpp: requests that two parsers could read in two ways (request smuggling),
// and the status each is refused with. After each the connection is closed.
#ifndef COFFRET_TESTS_SUPPORT_AMBIGUOUS_REQUESTS_HPP
#define COFFRET_TESTS_SUPPORT_AMBIGUOUS_REQUESTS_HPP

#include <string>
#include <string_view>
#include <vector>

namespace coffret::test {

struct AmbiguousRequest {
  std::string_view what;
  std::string bytes;
  unsigned status;
};

inline std::vector<AmbiguousRequest> ambiguous_requests() {
  using namespace std::string_literals;
  const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n";
  const std::string post = "POST / HTTP/1.1\r\nHost: a\r\n";
  const std::string end = "\r\n";
  const std::string smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
  return {
      // Two statements of the length.
      {"length and chunked",
       post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled, 400},
      {"chunked and length",
       post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + smuggled, 400},
      {"length and identity coding",
       post + "Content-Length: 5\r\nTransfer-Encoding: identity\r\n\r\nhello", 400},
      {"two lengths that differ", post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
       400},
      {"two lengths that agree", post + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", 400},
      {"a list of lengths", post + "Content-Length: 5, 5\r\n\r\nhello", 400},
      {"a length and an empty one", post + "Content-Length: 5\r\nContent-Length:\r\n\r\nhello",
       400},
      // Lengths that are not a plain number.
      {"an empty length", post + "Content-Length:\r\n\r\n", 400},
      {"a negative length", post + "Content-Length: -5\r\n\r\nhello", 400},
      {"a length with a plus", post + "Content-Length: +5\r\n\r\nhello", 400},
      {"a hexadecimal length", post + "Content-Length: 0x5\r\n\r\nhello", 400},
      {"a length with a blank inside", post + "Content-Length: 5 5\r\n\r\nhello", 400},
      {"a fractional length", post + "Content-Length: 5.0\r\n\r\nhello", 400},
      {"a length over 64 bits", post + "Content-Length: 18446744073709551621\r\n\r\nhello", 400},
      // Transfer codings.
      {"chunked alone", post + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411},
      {"chunked in capitals", post + "TRANSFER-ENCODING: CHUNKED\r\n\r\n0\r\n\r\n", 411},
      {"chunked twice",
       post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"chunked not last", post + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", 411},
      {"an unknown coding", post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 411},
      {"a tab before chunked", post + "Transfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n", 411},
      {"chunked from HTTP/1.0",
       "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"a blank before the colon of a coding",
       post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", 400},
      // Line ends and folding.
      {"bare line feeds", "GET / HTTP/1.1\nHost: a\n\n", 400},
      {"a bare line feed after the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400},
      {"a bare line feed between fields", get + "A: b\nContent-Length: 5\r\n\r\n", 400},
      {"a bare line feed at the end", get + "A: b\r\n\n", 400},
      {"a bare carriage return in a field", get + "A: b\rContent-Length: 5\r\n\r\n", 400},
      {"two carriage returns", get + "A: b\r\r\n\r\n", 400},
      {"a folded field", get + "A: b\r\n c\r\n\r\n", 400},
      {"a folded field with a tab", get + "A: b\r\n\tContent-Length: 5\r\n\r\n", 400},
      {"a folded coding", post + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n", 400},
      {"an indented first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
      {"an empty first line", end + get + end, 400},
      // Controls.
      {"NUL in a value", get + "A: b\0c\r\n\r\n"s, 400},
      {"NUL in a name", get + "A\0: b\r\n\r\n"s, 400},
      {"NUL in the target", "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"s, 400},
      {"a vertical tab in a value", get + "A: b\vc\r\n\r\n", 400},
      {"DEL in a value", get + "A: b\x7f\r\n\r\n", 400},
      {"the first bytes of TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s, 400},
      // Fields.
      {"a blank before a colon", get + "Content-Length : 5\r\n\r\nhello", 400},
      {"a field without a colon", get + "Content-Length 5\r\n\r\n", 400},
      {"a field without a name", get + ": b\r\n\r\n", 400},
      {"a blank in a name", get + "Content Length: 5\r\n\r\n", 400},
      {"a letter outside ASCII in a name", get + "C\xc3\xb6ntent-Length: 5\r\n\r\n", 400},
      {"no host", "GET / HTTP/1.1\r\nA: b\r\n\r\n", 400},
      {"two hosts", get + "Host: b\r\n\r\n", 400},
      {"an empty host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
      {"a user in the host", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", 400},
      {"a path in the host", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
      {"two hosts in one", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400},
      {"an expectation that nobody has",
       post + "Content-Length: 5\r\nExpect: miracles\r\n\r\nhello", 417},
      {"two expectations",
       post + "Content-Length: 5\r\nExpect: 100-continue\r\nExpect: 100-continue\r\n\r\n", 417},
      // Request lines.
      {"absolute form", "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"absolute form for another host", "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"authority form", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"asterisk form", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"no leading slash", "GET a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a fragment", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a backslash", "GET /a\\b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a letter outside ASCII in the target", "GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"two blanks after the method", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"two blanks before the version", "GET /  HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"a blank after the version", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400},
      {"a tab for a blank", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"no version", "GET /\r\n\r\n", 400},
      {"HTTP/0.9 with a version", "GET / HTTP/0.9\r\nHost: a\r\n\r\n", 505},
      {"HTTP/2.0", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505},
      {"a version in lower case", "GET / http/1.1\r\nHost: a\r\n\r\n", 400},
      {"a version with two digits", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400},
      {"a method that is not a token", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
  };
}

}  // namespace coffret::test

#endif  // COFFRET_TESTS_SUPPORT_AMBIGUOUS_REQUESTS_HPP
