// SPDX-License-Identifier: EUPL-1.2
#include "vault/backup/tar.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace coffret::backup {
namespace {

constexpr std::size_t block = tar_block;
constexpr std::size_t name_size = 100;
constexpr std::uint64_t most_octal = 077777777777;  // what 11 octal digits hold

struct Field {
  std::size_t at;
  std::size_t size;
};
constexpr Field name_field{0, name_size};
constexpr Field mode_field{100, 8};
constexpr Field owner_field{108, 8};
constexpr Field group_field{116, 8};
constexpr Field size_field{124, 12};
constexpr Field time_field{136, 12};
constexpr Field checksum_field{148, 8};
constexpr std::size_t type_at = 156;
constexpr Field magic_field{257, 8};

void put(Bytes& header, Field field, std::string_view text) {
  std::copy_n(text.begin(), std::min(text.size(), field.size),
              header.begin() + static_cast<std::ptrdiff_t>(field.at));
}

// Octal digits that fill the field up to its closing zero.
void put_number(Bytes& header, Field field, std::uint64_t value) {
  for (std::size_t i = field.size - 1; i-- > 0; value >>= 3)
    header[field.at + i] = static_cast<std::uint8_t>('0' + (value & 7));
}

Bytes header(std::string_view name, std::uint64_t size, std::uint64_t time, char type) {
  Bytes bytes(block, 0);
  put(bytes, name_field, name);
  put_number(bytes, mode_field, 0600);
  put_number(bytes, owner_field, 0);
  put_number(bytes, group_field, 0);
  put_number(bytes, size_field, size);
  put_number(bytes, time_field, time);
  bytes[type_at] = static_cast<std::uint8_t>(type);
  put(bytes, magic_field, std::string_view{"ustar\00000", 8});
  // The sum is taken with spaces in its own field.
  put(bytes, checksum_field, "        ");
  std::uint64_t sum = 0;
  for (const std::uint8_t byte : bytes) sum += byte;
  put_number(bytes, {checksum_field.at, 7}, sum);
  bytes[checksum_field.at + 6] = 0;
  return bytes;
}

// "27 path=…\n": the number counts the whole record, itself too.
std::string pax_record(std::string_view key, std::string_view value) {
  const std::size_t rest = key.size() + value.size() + 3;
  std::size_t total = rest + 1;
  while (rest + std::to_string(total).size() != total) total = rest + std::to_string(total).size();
  std::string record = std::to_string(total);
  record += ' ';
  record += key;
  record += '=';
  record += value;
  record += '\n';
  return record;
}

bool fits(const std::string& name) {
  return name.size() <= name_size &&
         std::all_of(name.begin(), name.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

std::uint64_t number_in(ByteView header, Field field) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i + 1 < field.size; ++i)
    value = (value << 3) | static_cast<std::uint64_t>(header[field.at + i] - '0');
  return value & most_octal;
}

}  // namespace

Bytes tar_head(const std::string& name, std::uint64_t size, Timestamp time) {
  const auto seconds = static_cast<std::uint64_t>(
      std::clamp<std::int64_t>(time.time_since_epoch().count(), 0, std::int64_t{most_octal}));
  Bytes head;
  if (!fits(name)) {
    const std::string records = pax_record("path", name);
    append(head, header("pax", records.size(), seconds, 'x'));
    append(head, as_bytes(records));
    append(head, tar_padding(records.size()));
  }
  append(head, header(fits(name) ? name : "file", size, seconds, '0'));
  return head;
}

Bytes tar_padding(std::uint64_t size) {
  return Bytes(static_cast<std::size_t>((block - size % block) % block), 0);
}

Bytes tar_end() {
  return Bytes(2 * block, 0);
}

Result<std::optional<TarMember>> read_tar_head(ByteView block_bytes) {
  if (block_bytes.size() != block) return errc::malformed;
  const auto is_zero = [](std::uint8_t byte) { return byte == 0; };
  if (std::all_of(block_bytes.begin(), block_bytes.end(), is_zero))
    return std::optional<TarMember>{};
  TarMember member;
  const auto name = as_text(block_bytes.first(name_size));
  member.name = name.substr(0, name.find('\0'));
  member.size = number_in(block_bytes, size_field);
  const auto time = static_cast<std::int64_t>(number_in(block_bytes, time_field));
  if (member.name.empty() || !fits(member.name)) return errc::malformed;
  // Whatever else the block says must be what we would have written.
  const Bytes again = tar_head(member.name, member.size, from_unix(time));
  if (!std::equal(again.begin(), again.end(), block_bytes.begin(), block_bytes.end()))
    return errc::malformed;
  return std::optional{std::move(member)};
}

}  // namespace coffret::backup
