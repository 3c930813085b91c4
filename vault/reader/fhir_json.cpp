// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/fhir_json.hpp"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>
#include <set>
#include <string>
#include <vector>

#include "vault/reader/because.hpp"

namespace coffret::reader {
namespace {

using View = boost::json::string_view;
using Error = boost::system::error_code;

// What Boost.JSON's values cost behind what they stand in: a value has 24 bytes, a member 40 and
// its name, a string of more than 14 characters its characters and a header, a container a header.
constexpr std::size_t value_cost = 24, member_cost = 40, header_cost = 17, inside = 14;

constexpr std::size_t text_cost(std::size_t size) {
  return size > inside && size < fhir_json_limits::payload ? size + header_cost : 0;
}

struct Building {
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  boost::json::value_stack stack;
  std::vector<std::set<std::string, std::less<>>> names;  // of the objects that are open
  std::string name;
  std::string number;
  std::size_t values = 0;
  std::size_t memory = 0;
  bool too_much = false;

  bool count(std::size_t bytes, Error& ec) {
    memory += bytes;
    too_much = ++values > fhir_json_limits::values || memory > fhir_json_limits::memory;
    if (too_much) ec = errc::too_large;
    return !too_much;
  }

  bool on_document_begin(Error&) { return true; }
  bool on_document_end(Error&) { return true; }
  bool on_object_begin(Error&) {
    names.emplace_back();
    return true;
  }
  bool on_object_end(std::size_t n, Error& ec) {
    stack.push_object(n);
    names.pop_back();
    return count(value_cost + (n > 0 ? header_cost : 0), ec);
  }
  bool on_array_begin(Error&) { return true; }
  bool on_array_end(std::size_t n, Error& ec) {
    stack.push_array(n);
    return count(value_cost + (n > 0 ? header_cost : 0), ec);
  }
  bool on_key_part(View part, std::size_t, Error&) {
    name.append(part.data(), part.size());
    return true;
  }
  bool on_key(View part, std::size_t, Error& ec) {
    name.append(part.data(), part.size());
    memory += member_cost - value_cost + name.size() + 1;
    stack.push_key(name);
    const bool fresh = names.back().insert(name).second;
    name.clear();
    if (!fresh) ec = errc::malformed;
    return fresh;
  }
  bool on_string_part(View part, std::size_t, Error&) {
    stack.push_chars(part);
    return true;
  }
  bool on_string(View part, std::size_t size, Error& ec) {
    stack.push_string(part);
    return count(value_cost + text_cost(size), ec);
  }
  bool on_number_part(View part, Error&) {
    number.append(part.data(), part.size());
    return true;
  }
  bool on_number(View part, Error& ec) {
    number.append(part.data(), part.size());
    stack.push_string(number);
    const std::size_t size = number.size();
    number.clear();
    return count(value_cost + text_cost(size), ec);
  }
  bool on_int64(std::int64_t, View part, Error& ec) { return on_number(part, ec); }
  bool on_uint64(std::uint64_t, View part, Error& ec) { return on_number(part, ec); }
  bool on_double(double, View part, Error& ec) { return on_number(part, ec); }
  bool on_bool(bool value, Error& ec) {
    stack.push_bool(value);
    return count(value_cost, ec);
  }
  bool on_null(Error& ec) {
    stack.push_null();
    return count(value_cost, ec);
  }
  bool on_comment_part(View, Error&) { return true; }
  bool on_comment(View, Error&) { return true; }
};

}  // namespace

Result<boost::json::value> parse_fhir_json(std::string_view text, boost::json::storage_ptr memory) {
  // Each value but the first follows a comma or a colon: what has too many is refused before any of
  // them is built. Commas in texts count too, of which no document has so many.
  if (std::count(text.begin(), text.end(), ',') >
      static_cast<std::ptrdiff_t>(fhir_json_limits::values))
    return because(Cause::json_values);
  boost::json::parse_options options;
  options.max_depth = fhir_json_limits::depth;
  boost::json::basic_parser<Building> parser{options};
  auto& building = parser.handler();
  building.stack.reset(std::move(memory));
  Error ec;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
  if (building.too_much) return because(Cause::json_values);
  if (ec || used != text.size() || !parser.done()) return because(Cause::json_not_well_formed);
  return building.stack.release();
}

}  // namespace coffret::reader
