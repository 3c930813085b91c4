// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/charset.hpp"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <vector>

namespace coffret::reader {
namespace {

constexpr std::array<const char*, 69> known = {
    "ISO-8859-1", "ISO-8859-2", "ISO-8859-3", "ISO-8859-4", "ISO-8859-5", "ISO-8859-7",
    "ISO-8859-9", "ISO-8859-10", "ISO-8859-13", "ISO-8859-14", "ISO-8859-15", "ISO-8859-16",
    "WINDOWS-1250", "WINDOWS-1251", "WINDOWS-1252", "WINDOWS-1253", "CP1254", "CP1255", "CP1256",
    "WINDOWS-1257", "CP437", "CP850", "CP852", "CP858", "CP860", "CP863", "CP865", "CP866",
    "MACINTOSH", "KOI8-R", "UTF-16", "UTF-32", "ISO-8859-6", "ISO-8859-8", "UTF-7", "KOI8-U",
    "CP737", "CP775", "CP855", "CP857", "CP861", "CP862", "CP864", "CP869", "CP874", "CP1258",
    "TIS-620", "ISO-8859-11",
    // EBCDIC: the national ones with and without the euro.
    "IBM037", "IBM1140", "IBM273", "IBM1141", "IBM280", "IBM1144", "IBM284", "IBM1145", "IBM285",
    "IBM1146", "IBM297", "IBM1147", "IBM500", "IBM1148", "IBM1047",
    // Asia's
    "SHIFT_JIS", "EUC-JP", "EUC-KR", "GB18030", "BIG5", "ISO-2022-JP"};

class Converter {
 public:
  explicit Converter(const char* from) : handle_(::iconv_open("UTF-8", from)) {}
  ~Converter() {
    if (*this) (void)::iconv_close(handle_);
  }
  Converter(Converter&& other) noexcept : handle_(other.handle_) { other.handle_ = none(); }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;
  explicit operator bool() const { return handle_ != none(); }
  iconv_t get() const { return handle_; }

 private:
  static iconv_t none() { return reinterpret_cast<iconv_t>(-1); }  // POSIX says so
  iconv_t handle_;
};

}  // namespace

std::optional<std::string> to_utf8(std::string_view charset, std::string_view bytes) {
  const Converter converter{std::string{charset}.c_str()};
  if (!converter) return std::nullopt;
  std::string out(bytes.size() * 4 + 4, '\0');
  // iconv takes pointers to non-const for C's sake and changes nothing.
  char* from = const_cast<char*>(bytes.data());
  std::size_t from_left = bytes.size();
  char* to = out.data();
  std::size_t to_left = out.size();
  if (::iconv(converter.get(), &from, &from_left, &to, &to_left) == static_cast<std::size_t>(-1))
    return std::nullopt;
  out.resize(out.size() - to_left);
  return out;
}

void warm_up_charsets() {
  static const std::vector<Converter> kept = [] {
    std::vector<Converter> loaded;
    loaded.reserve(known.size());
    for (const char* name : known) loaded.emplace_back(name);
    return loaded;
  }();
  (void)kept;
}

}  // namespace coffret::reader
