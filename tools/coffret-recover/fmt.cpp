// SPDX-License-Identifier: EUPL-1.2
//
// The parts of fmt that are not in its headers: this program is linked without any shared library,
// and Debian's fmt comes as nothing else.
#include <fmt/format-inl.h>

namespace fmt {

template auto detail::thousands_sep_impl<char>(locale_ref) -> thousands_sep_result<char>;
template auto detail::decimal_point_impl<char>(locale_ref) -> char;
template void detail::buffer<char>::append(const char*, const char*);

}  // namespace fmt
