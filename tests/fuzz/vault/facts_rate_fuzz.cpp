// SPDX-License-Identifier: EUPL-1.2
//
// Words of a dose: a rate that is read is one that can be; what is added to words stands in them,
// and is not added twice.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "coffret/bytes.hpp"
#include "vault/reader/facts_rate.hpp"

using namespace coffret;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

bool can_be(std::optional<double> rate) {
  return !rate || (std::isfinite(*rate) && *rate > 0);
}

}  // namespace

// The words, then what is to be added, apart by the first zero.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view all = as_text({data, size});
  const auto middle = std::min(all.find('\0'), all.size());
  std::string words{all.substr(0, middle)};
  const std::string_view more = all.substr(std::min(middle + 1, all.size()));
  require(can_be(reader::times_a_day(words)));
  require(can_be(reader::coded_times_a_day(words, more, "h")));
  reader::append_unsaid(words, more);
  require(words.size() >= more.size());
  const std::string once = words;
  reader::append_unsaid(words, more);
  require(words == once);
  reader::append_coded(words, more, true);
  const std::string coded = words;
  reader::append_coded(words, more, true);
  require(words == coded && words.starts_with(once));
  return 0;
}
