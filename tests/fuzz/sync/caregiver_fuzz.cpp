// SPDX-License-Identifier: EUPL-1.2
//
// Property: whatever JSON a caregiver signs as their card or their statement, what is accepted of
// it is within the limits and, signed again, is accepted again with the same meaning. An
// introduction that is read is its own bytes.
#include <algorithm>
#include <cstdlib>

#include "sync/protocol/caregiver.hpp"
#include "sync/protocol/signature.hpp"
#include "sync/protocol/text.hpp"
#include "tests/support/test_signer.hpp"

using namespace coffret;
using namespace coffret::protocol;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const test::TestSigner signer{1};
  const ByteView bytes{data, size};
  const auto text = as_text(bytes);
  (void)read_caregiver_card(text).has_error();
  (void)read_statement(text).has_error();
  if (const auto said = read_introduction(bytes); said.has_value())
    if (!std::ranges::equal(wire::encode(*said), bytes.first(introduction_size - introduction_mac)))
      std::abort();

  const auto card = read_caregiver_card(sign_jws(caregiver_card_type, text, signer));
  if (card.has_value()) {
    if (card->name.empty() || card->name.size() > max_caregiver_text ||
        !is_plain_text(card->name) || !is_plain_text(card->organisation))
      std::abort();
    const auto again = read_caregiver_card(sign_caregiver_card(*card, signer));
    if (again.has_error() || *again != *card) std::abort();
  }
  const auto statement = read_statement(sign_jws(statement_type, text, signer));
  if (statement.has_value()) {
    const auto again = read_statement(sign_statement(statement->statement, signer));
    if (again.has_error() || again->statement != statement->statement) std::abort();
  }
  return 0;
}
