// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/cbor.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <string>

namespace coffret::reader {
namespace {

namespace json = boost::json;

class Parser {
 public:
  explicit Parser(ByteView rest) : rest_(rest) {}

  Result<json::value> value(int depth) {
    if (depth > cbor_limits::depth || ++items_ > cbor_limits::items) return errc::too_large;
    COFFRET_TRY(const Head head, next());
    switch (head.major) {
      case 0:
        return json::value(head.argument);
      case 1:
        if (head.argument > static_cast<std::uint64_t>(INT64_MAX)) return errc::malformed;
        return json::value(-1 - static_cast<std::int64_t>(head.argument));
      case 2:
      case 3:
        return text(head);
      case 4:
        return array(head, depth);
      case 5:
        return map(head, depth);
      case 6:
        if (head.indefinite) return errc::malformed;
        return value(depth + 1);
      default:
        return simple(head);
    }
  }
  bool done() const { return rest_.empty(); }

 private:
  struct Head {
    std::uint8_t major = 0;
    bool indefinite = false;
    std::uint64_t argument = 0;
  };

  Result<Head> next() {
    if (rest_.empty()) return errc::malformed;
    const std::uint8_t first = rest_[0];
    rest_ = rest_.subspan(1);
    Head head{static_cast<std::uint8_t>(first >> 5), false, first & 0x1FU};
    if (head.argument < 24) return head;
    if (head.argument == 31) {
      if (head.major < 2 || head.major == 6) return errc::malformed;
      head.indefinite = true;
      return head;
    }
    if (head.argument > 27 || (head.major == 7 && head.argument != 24)) return errc::malformed;
    const std::size_t size = std::size_t{1} << (head.argument - 24);
    if (rest_.size() < size) return errc::malformed;
    head.argument = 0;
    for (std::size_t i = 0; i < size; ++i) head.argument = (head.argument << 8) | rest_[i];
    rest_ = rest_.subspan(size);
    return head;
  }

  // Whether the "break" that ends an indefinite length came; it is taken.
  bool ended() {
    if (rest_.empty() || rest_[0] != 0xFF) return false;
    rest_ = rest_.subspan(1);
    return true;
  }

  Result<json::value> text(Head head) {
    std::string all;
    const auto piece = [&](std::uint64_t size) {
      if (size > rest_.size()) return false;
      all += as_text(rest_.first(static_cast<std::size_t>(size)));
      rest_ = rest_.subspan(static_cast<std::size_t>(size));
      return true;
    };
    if (!head.indefinite) {
      if (!piece(head.argument)) return errc::malformed;
      return json::value(json::string(all));
    }
    while (!ended()) {
      if (++items_ > cbor_limits::items) return errc::too_large;
      COFFRET_TRY(const Head inner, next());
      if (inner.major != head.major || inner.indefinite || !piece(inner.argument))
        return errc::malformed;
    }
    return json::value(json::string(all));
  }

  Result<json::value> array(Head head, int depth) {
    json::array all;
    // Each element takes a byte at least: a count beyond that ends in `malformed`, not in memory.
    for (std::uint64_t i = 0; head.indefinite ? !ended() : i < head.argument; ++i) {
      COFFRET_TRY(auto element, value(depth + 1));
      all.push_back(std::move(element));
    }
    return json::value(std::move(all));
  }

  Result<json::value> map(Head head, int depth) {
    json::object all;
    for (std::uint64_t i = 0; head.indefinite ? !ended() : i < head.argument; ++i) {
      COFFRET_TRY(const auto key, value(depth + 1));
      COFFRET_TRY(auto element, value(depth + 1));
      std::string name;
      if (key.is_string())
        name.assign(key.get_string().data(), key.get_string().size());
      else if (key.is_uint64())
        name = std::to_string(key.get_uint64());
      else if (key.is_int64())
        name = std::to_string(key.get_int64());
      else
        return errc::malformed;
      if (!all.emplace(json::string_view{name.data(), name.size()}, std::move(element)).second)
        return errc::malformed;
    }
    return json::value(std::move(all));
  }

  static Result<json::value> simple(Head head) {
    if (head.indefinite) return errc::malformed;  // a break where none can be
    if (head.argument == 20 || head.argument == 21) return json::value(head.argument == 21);
    if (head.argument == 22 || head.argument == 23) return json::value(nullptr);
    return errc::malformed;
  }

  ByteView rest_;
  std::size_t items_ = 0;
};

}  // namespace

Result<json::value> parse_cbor(ByteView bytes) {
  Parser parser{bytes};
  auto value = parser.value(0);
  if (value && !parser.done()) return errc::malformed;
  return value;
}

}  // namespace coffret::reader
