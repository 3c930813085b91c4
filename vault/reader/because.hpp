// SPDX-License-Identifier: EUPL-1.2
//
// because.hpp: the cause of a refusal, noted where it is known and told with the answer. Beside the
// errors and not in them, so that an error stays one number to compare.
//
// Threads: each has its own note.
#ifndef COFFRET_VAULT_READER_BECAUSE_HPP
#define COFFRET_VAULT_READER_BECAUSE_HPP

#include <utility>

#include "coffret/refusal.hpp"

namespace coffret::reader {

namespace detail {
inline thread_local Cause noted = Cause::none;
}

// Notes the cause; the error that it belongs to. Precondition: the table has the cause.
inline errc because(Cause cause) noexcept {
  detail::noted = cause;
  return row(cause)->error;
}

// The last cause that was noted, once.
inline Cause noted_cause() noexcept {
  return std::exchange(detail::noted, Cause::none);
}

}  // namespace coffret::reader

#endif  // COFFRET_VAULT_READER_BECAUSE_HPP
