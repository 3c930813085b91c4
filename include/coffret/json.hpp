// SPDX-License-Identifier: EUPL-1.2
//
// json.hpp: JSON from strangers (RFC 8259, I-JSON RFC 7493): bounded in size and depth, duplicate
// member names refused, nothing after the value.
//
// Errors: too_large (bytes), malformed (all else, depth included).
#ifndef COFFRET_JSON_HPP
#define COFFRET_JSON_HPP

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/parser.hpp>
#include <boost/json/storage_ptr.hpp>
#include <boost/json/value.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "coffret/error.hpp"

namespace coffret {

struct JsonLimits {
  std::size_t bytes = 64 * 1024;
  std::size_t depth = 16;
};

namespace detail {

// Boost.JSON keeps the last of two equal member names without a word; this handler walks the text
// first and refuses the second.
struct UniqueNames {
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  using error = boost::system::error_code;
  using view = boost::json::string_view;

  std::vector<std::set<std::string, std::less<>>> objects;
  std::string name;

  bool on_document_begin(error&) { return true; }
  bool on_document_end(error&) { return true; }
  bool on_object_begin(error&) {
    objects.emplace_back();
    return true;
  }
  bool on_object_end(std::size_t, error&) {
    objects.pop_back();
    return true;
  }
  bool on_array_begin(error&) { return true; }
  bool on_array_end(std::size_t, error&) { return true; }
  bool on_key_part(view part, std::size_t, error&) {
    name.append(part.data(), part.size());
    return true;
  }
  bool on_key(view part, std::size_t, error& ec) {
    name.append(part.data(), part.size());
    const bool fresh = objects.back().insert(name).second;
    name.clear();
    if (!fresh) ec = errc::malformed;
    return fresh;
  }
  bool on_string_part(view, std::size_t, error&) { return true; }
  bool on_string(view, std::size_t, error&) { return true; }
  bool on_number_part(view, error&) { return true; }
  bool on_int64(std::int64_t, view, error&) { return true; }
  bool on_uint64(std::uint64_t, view, error&) { return true; }
  bool on_double(double, view, error&) { return true; }
  bool on_bool(bool, error&) { return true; }
  bool on_null(error&) { return true; }
  bool on_comment_part(view, error&) { return true; }
  bool on_comment(view, error&) { return true; }
};

}  // namespace detail

// The value, and what parsing needs, live in `memory`; one that wipes serves texts with keys.
inline Result<boost::json::value> parse_json(std::string_view text, JsonLimits limits = {},
                                             boost::json::storage_ptr memory = {}) {
  if (text.size() > limits.bytes) return errc::too_large;
  boost::json::parse_options options;
  options.max_depth = limits.depth;

  boost::json::basic_parser<detail::UniqueNames> names{options};
  boost::system::error_code ec;
  const std::size_t used = names.write_some(false, text.data(), text.size(), ec);
  if (ec || used != text.size() || !names.done()) return errc::malformed;

  boost::json::parser parser{memory, options};
  parser.reset(memory);
  parser.write(text.data(), text.size(), ec);
  if (ec) return errc::malformed;
  return parser.release();
}

// The member when it exists and has the asked type; null otherwise.
inline const boost::json::string* text_member(const boost::json::object& object,
                                              std::string_view name) {
  const auto* member = object.if_contains({name.data(), name.size()});
  return member == nullptr ? nullptr : member->if_string();
}

}  // namespace coffret

#endif  // COFFRET_JSON_HPP
