// SPDX-License-Identifier: EUPL-1.2
//
// error.hpp: one error enumeration (error.def) and Result<T>, which may not be dropped.
//
// COFFRET_TRY(auto key, keys.unwrap(id)) declares key, or returns the error at once.
// COFFRET_CHECK(db.execute(sql)) does the same for a Result<void>.
// Neither works in a coroutine: there, write the if.
#ifndef COFFRET_ERROR_HPP
#define COFFRET_ERROR_HPP

#include <boost/system/error_category.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace coffret {

enum class errc : int {
  ok = 0,
#define COFFRET_ERROR(number, code, exit_status, french, english) code = number,
#include "coffret/error.def"
#undef COFFRET_ERROR
};

enum class Language : unsigned char { french, english };

struct ErrorRow {
  errc value;
  std::string_view code;  // stable, snake_case
  int exit_status;        // of cli.md
  std::string_view french;
  std::string_view english;

  std::string_view sentence(Language language) const noexcept {
    return language == Language::french ? french : english;
  }
};

inline constexpr ErrorRow error_table[] = {
#define COFFRET_ERROR(number, code, exit_status, french, english) \
  {errc::code, #code, exit_status, french, english},
#include "coffret/error.def"
#undef COFFRET_ERROR
};

// The row of an error; the row of `internal` for a number this build does not know.
constexpr const ErrorRow& row(errc value) noexcept {
  for (const auto& candidate : error_table)
    if (candidate.value == value) return candidate;
  return error_table[0];
}

// The row with this stable code, as read from a peer; null when unknown.
constexpr const ErrorRow* row_of(std::string_view code) noexcept {
  for (const auto& candidate : error_table)
    if (candidate.code == code) return &candidate;
  return nullptr;
}

namespace detail {
class Category final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "coffret"; }
  std::string message(int value) const override {
    return value == 0 ? "ok" : std::string{row(static_cast<errc>(value)).english};
  }
};
inline constexpr Category category_instance;
}  // namespace detail

inline const boost::system::error_category& error_category() noexcept {
  return detail::category_instance;
}

inline boost::system::error_code make_error_code(errc value) noexcept {
  return {static_cast<int>(value), error_category()};
}

using error_code = boost::system::error_code;

// The table's value of any error code: ours as it is, the system's by what it means to a person.
inline errc to_errc(const error_code& code) noexcept {
  if (!code) return errc::ok;
  if (code.category() == error_category()) return static_cast<errc>(code.value());
  if (code == boost::system::errc::no_space_on_device) return errc::disk_full;
  if (code == boost::system::errc::timed_out) return errc::timed_out;
  return errc::io;
}

// boost::system::result may be dropped without a word in 1.81; ours may not.
template <class T>
class [[nodiscard]] Result : public boost::system::result<T> {
 public:
  using Base = boost::system::result<T>;
  using Base::Base;
  // Named, because Boost's own is ambiguous for T = bool: an error code converts to bool, too.
  Result(const error_code& error) : Base(boost::system::in_place_error, error) {}
  Result(errc error) : Base(boost::system::in_place_error, make_error_code(error)) {}
};

}  // namespace coffret

template <>
struct boost::system::is_error_code_enum<coffret::errc> : std::true_type {};

#define COFFRET_JOIN_TOKENS(a, b) a##b
#define COFFRET_JOIN(a, b) COFFRET_JOIN_TOKENS(a, b)
#define COFFRET_TRY(decl, expr) COFFRET_TRY_INTO(decl, expr, COFFRET_JOIN(coffret_try_, __LINE__))
#define COFFRET_TRY_INTO(decl, expr, outcome)      \
  auto&& outcome = (expr);                         \
  if (outcome.has_error()) return outcome.error(); \
  decl = std::move(*outcome)
#define COFFRET_CHECK(expr)                                           \
  do {                                                                \
    if (auto&& coffret_outcome = (expr); coffret_outcome.has_error()) \
      return coffret_outcome.error();                                 \
  } while (false)

#endif  // COFFRET_ERROR_HPP
