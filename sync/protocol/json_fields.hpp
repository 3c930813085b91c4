// SPDX-License-Identifier: EUPL-1.2
//
// json_fields.hpp: reading the members of one JSON object into a struct, strictly.
//
// A Reader keeps the first error and then answers empty values, so that a decoder reads as a list
// of fields and is judged once, by result(). Unknown members are ignored.
// Units: numbers are integers from 0 to 2^53 - 1 (I-JSON, RFC 7493 §2.2).
// Errors: malformed (missing member, another type, a number out of range), too_large (a text or a
// list over its limit). Ownership: borrows the value.
#ifndef COFFRET_SYNC_PROTOCOL_JSON_FIELDS_HPP
#define COFFRET_SYNC_PROTOCOL_JSON_FIELDS_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coffret/ids.hpp"
#include "coffret/json.hpp"

namespace coffret::protocol::json {

inline constexpr std::uint64_t max_number = (std::uint64_t{1} << 53) - 1;

Result<std::uint64_t> number_of(const boost::json::value& value);

template <class IdType>
Result<IdType> id_of_base32(const boost::json::value& value) {
  const auto* text = value.if_string();
  if (text == nullptr) return errc::malformed;
  return IdType::parse({text->data(), text->size()});
}

template <class IdType>
Result<IdType> id_of_base64url(const boost::json::value& value) {
  const auto* text = value.if_string();
  if (text == nullptr) return errc::malformed;
  COFFRET_TRY(const auto raw, from_base64url({text->data(), text->size()}));
  return IdType::from(raw);
}

class Reader {
 public:
  explicit Reader(const boost::json::value& value) : object_(value.if_object()) {
    if (object_ == nullptr) fail(errc::malformed);
  }

  bool has(std::string_view name) const { return find(name) != nullptr; }
  bool boolean(std::string_view name);
  std::uint64_t number(std::string_view name);
  std::int64_t time(std::string_view name) { return static_cast<std::int64_t>(number(name)); }
  std::uint32_t small_number(std::string_view name);
  std::string text(std::string_view name, std::size_t limit);  // bytes
  Bytes bytes(std::string_view name, std::size_t limit);       // base64url
  const boost::json::value& member(std::string_view name);     // null value when missing
  void fail(errc error) {
    if (error_ == errc::ok) error_ = error;
  }

  template <class IdType>
  IdType id(std::string_view name) {  // base32
    return keep(id_of_base32<IdType>(member(name)));
  }
  template <class IdType>
  IdType raw(std::string_view name) {  // base64url
    return keep(id_of_base64url<IdType>(member(name)));
  }
  template <class IdType>
  std::optional<IdType> optional_raw(std::string_view name) {
    if (!has(name)) return std::nullopt;
    return raw<IdType>(name);
  }
  template <class T, class Element>
  std::vector<T> list(std::string_view name, std::size_t limit, Element element) {
    std::vector<T> result;
    const auto* array = member(name).if_array();
    if (array == nullptr) {
      fail(errc::malformed);
      return result;
    }
    if (array->size() > limit) {
      fail(errc::too_large);
      return result;
    }
    for (const auto& value : *array) result.push_back(keep(element(value)));
    return result;
  }

  Result<void> result() const {
    if (error_ != errc::ok) return error_;
    return {};
  }

 private:
  const boost::json::value* find(std::string_view name) const {
    return object_ == nullptr ? nullptr : object_->if_contains({name.data(), name.size()});
  }
  template <class T>
  T keep(Result<T> result) {
    if (result.has_value()) return std::move(*result);
    fail(to_errc(result.error()));
    return T{};
  }

  const boost::json::object* object_;
  errc error_ = errc::ok;
};

}  // namespace coffret::protocol::json

#endif  // COFFRET_SYNC_PROTOCOL_JSON_FIELDS_HPP
