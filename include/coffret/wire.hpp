// SPDX-License-Identifier: EUPL-1.2
//
// wire.hpp: the bounded cereal archive for our own records. One encoding per value.
//
//   arithmetic, enum  fixed width, little-endian; bool is one byte, 0 or 1
//   string, vector    u32 count, then the elements
//   array<uint8_t,N>  N bytes            optional<T>  u8 0 | 1, then T
//
// Reading never allocates more than the bytes that are left justify: a count larger than the rest
// is refused before anything is reserved. No pointers, no polymorphic types, no maps. A type names
// its fields in `template <class A> void serialize(A&)`; its limits stand beside it and are checked
// by the decoder that calls decode().
// Errors of decode: malformed (also trailing bytes).
#ifndef COFFRET_WIRE_HPP
#define COFFRET_WIRE_HPP

#include <array>
#include <cereal/cereal.hpp>
#include <cereal/types/common.hpp>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "coffret/bytes.hpp"
#include "coffret/error.hpp"

namespace coffret::wire {

class Output : public cereal::OutputArchive<Output> {
 public:
  explicit Output(Bytes& out) : cereal::OutputArchive<Output>(this), out_(out) {}
  void bytes(const void* data, std::size_t size) {
    if (size == 0) return;
    // Not insert(): g++ 12 takes that of a fixed array into an empty buffer for an overflow.
    const std::size_t before = out_.size();
    out_.resize(before + size);
    std::memcpy(out_.data() + before, data, size);
  }

 private:
  Bytes& out_;
};

class Input : public cereal::InputArchive<Input> {
 public:
  explicit Input(ByteView in) : cereal::InputArchive<Input>(this), rest_(in) {}
  void bytes(void* data, std::size_t size) {
    if (size > rest_.size()) throw cereal::Exception("short");
    if (size > 0) std::memcpy(data, rest_.data(), size);
    rest_ = rest_.subspan(size);
  }
  std::size_t left() const noexcept { return rest_.size(); }
  // A count of elements of at least one byte each.
  std::uint32_t count();

 private:
  ByteView rest_;
};

// Enumerations go as their underlying type: cereal/types/common.hpp.
template <class T>
concept Scalar = std::is_integral_v<T>;
template <Scalar T>
using Wide = std::make_unsigned_t<std::conditional_t<std::is_same_v<T, bool>, std::uint8_t, T>>;

template <Scalar T>
void CEREAL_SAVE_FUNCTION_NAME(Output& out, const T& value) {
  const auto wide = static_cast<std::uint64_t>(static_cast<Wide<T>>(value));
  std::array<std::uint8_t, sizeof(T)> raw{};
  for (std::size_t i = 0; i < raw.size(); ++i) raw[i] = static_cast<std::uint8_t>(wide >> (8 * i));
  out.bytes(raw.data(), raw.size());
}

template <Scalar T>
void CEREAL_LOAD_FUNCTION_NAME(Input& in, T& value) {
  std::array<std::uint8_t, sizeof(T)> raw{};
  in.bytes(raw.data(), raw.size());
  std::uint64_t wide = 0;
  for (std::size_t i = raw.size(); i-- > 0;) wide = (wide << 8) | raw[i];
  if constexpr (std::is_same_v<T, bool>) {
    if (wide > 1) throw cereal::Exception("bool");
    value = wide == 1;
  } else {
    value = static_cast<T>(static_cast<Wide<T>>(wide));
  }
}

inline std::uint32_t Input::count() {
  std::uint32_t n = 0;
  CEREAL_LOAD_FUNCTION_NAME(*this, n);
  if (n > left()) throw cereal::Exception("count");
  return n;
}

inline void save_count(Output& out, std::size_t size) {
  if (size > std::numeric_limits<std::uint32_t>::max()) throw cereal::Exception("count");
  CEREAL_SAVE_FUNCTION_NAME(out, static_cast<std::uint32_t>(size));
}

inline void CEREAL_SAVE_FUNCTION_NAME(Output& out, const std::string& value) {
  save_count(out, value.size());
  out.bytes(value.data(), value.size());
}
inline void CEREAL_LOAD_FUNCTION_NAME(Input& in, std::string& value) {
  value.resize(in.count());
  in.bytes(value.data(), value.size());
}

template <std::size_t N>
void CEREAL_SAVE_FUNCTION_NAME(Output& out, const std::array<std::uint8_t, N>& value) {
  out.bytes(value.data(), N);
}
template <std::size_t N>
void CEREAL_LOAD_FUNCTION_NAME(Input& in, std::array<std::uint8_t, N>& value) {
  in.bytes(value.data(), N);
}

template <class T>
void CEREAL_SAVE_FUNCTION_NAME(Output& out, const std::vector<T>& value) {
  save_count(out, value.size());
  if constexpr (std::is_same_v<T, std::uint8_t>)
    out.bytes(value.data(), value.size());
  else
    for (const auto& element : value) out(element);
}
template <class T>
void CEREAL_LOAD_FUNCTION_NAME(Input& in, std::vector<T>& value) {
  const std::uint32_t n = in.count();
  value.clear();
  if constexpr (std::is_same_v<T, std::uint8_t>) {
    value.resize(n);
    in.bytes(value.data(), n);
  } else {
    // Grown as elements arrive: an element may be larger in memory than on the wire.
    for (std::uint32_t i = 0; i < n; ++i) in(value.emplace_back());
  }
}

template <class T>
void CEREAL_SAVE_FUNCTION_NAME(Output& out, const std::optional<T>& value) {
  out(value.has_value());
  if (value) out(*value);
}
template <class T>
void CEREAL_LOAD_FUNCTION_NAME(Input& in, std::optional<T>& value) {
  bool present = false;
  in(present);
  if (present)
    in(value.emplace());
  else
    value.reset();
}

template <class T>
Bytes encode(const T& value) {
  Bytes out;
  Output archive{out};
  archive(value);
  return out;
}

template <class T>
Result<T> decode(ByteView bytes) {
  try {
    T value;
    Input archive{bytes};
    archive(value);
    if (archive.left() != 0) return errc::malformed;
    return value;
  } catch (const cereal::Exception&) {
    return errc::malformed;
  }
}

}  // namespace coffret::wire

CEREAL_REGISTER_ARCHIVE(coffret::wire::Output)
CEREAL_REGISTER_ARCHIVE(coffret::wire::Input)
CEREAL_SETUP_ARCHIVE_TRAITS(coffret::wire::Input, coffret::wire::Output)

#endif  // COFFRET_WIRE_HPP
