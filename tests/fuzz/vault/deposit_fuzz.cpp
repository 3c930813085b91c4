// SPDX-License-Identifier: EUPL-1.2
//
// Input: one byte that chooses, then bytes of a stranger's. Properties: a letter that is read is
// written and read the same, and keeps its limits; under a header of any kind, with a tag that is
// right for no key, nothing opens; a deposit whose lines are any bytes never opens, since its seals
// are made here alone; a link that is read is written back as the very text.
#include <cstdlib>

#include "coffret/encoding.hpp"
#include "coffret/harmless.hpp"
#include "tests/support/keys.hpp"
#include "vault/crypto/deposit.hpp"

using namespace coffret;
using namespace coffret::crypto;

namespace {

const DepositKey& deposit_key() {
  static const auto instance = [] {
    test::CountingRandom random;
    return make_deposit_key(random);
  }();
  return instance;
}

void as_letter(ByteView text) {
  const auto letter = parse_letter(text);
  if (letter.has_error()) return;
  if (letter->files.empty() || letter->files.size() > max_deposited_files) std::abort();
  std::uint64_t total = 0;
  for (const auto& file : letter->files) {
    if (file.name.empty() || file.name != harmless(file.name, false)) std::abort();
    total += file.size;
  }
  if (total > max_deposited) std::abort();
  const auto written = format_letter(*letter);
  const auto again = parse_letter(as_bytes(written));
  // Escapes may make a written text longer than the limit of what is read.
  if (again.has_error() ? again.error() != errc::too_large : *again != *letter) std::abort();
}

void as_header(ByteView bytes) {
  const std::string jwe = to_base64url(bytes) + "..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA";
  if (open_p256_jwe(deposit_key(), jwe, 4096).has_value()) std::abort();
}

void as_deposit(ByteView bytes) {
  const DepositPlace place{};
  if (open_letter(deposit_key(), place, bytes).has_value()) std::abort();
  if (open_deposit(deposit_key(), place, {to_bytes(bytes)}).has_value()) std::abort();
}

void as_deposit_link(ByteView bytes) {
  if (bytes.size() > SecretText::max_size) return;
  std::string_view text = as_text(bytes);
  const auto link = parse_deposit_link(test::secret_text(text));
  if (link.has_error()) return;
  constexpr std::string_view space = " \t\r\n";
  text.remove_prefix(text.find_first_not_of(space));
  text = text.substr(0, text.find_last_not_of(space) + 1);
  if (test::shown_text(format_deposit_link(*link)) != text) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView rest{data + 1, size - 1};
  switch (data[0] % 4) {
    case 0:
      as_letter(rest);
      break;
    case 1:
      as_header(rest);
      break;
    case 2:
      as_deposit(rest);
      break;
    default:
      as_deposit_link(rest);
  }
  return 0;
}
