// SPDX-License-Identifier: EUPL-1.2
//
// Property: a field's value that is accepted means what it says: a number, a range of versions, a
// Content-Range and a cut Range are written back as the very text or window that was read; a Range
// lies within the content; the caller is one element of the chain, none of our proxies, and only
// proxies of ours stand to its right.
//
// Input: two bytes for the content's size and for which addresses are proxies, then the value.
#include <cstdlib>
#include <string>

#include "coffret/bytes.hpp"
#include "sync/protocol/header_values.hpp"
#include "sync/protocol/version.hpp"

using namespace coffret;
using namespace coffret::protocol;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void judge_numbers(std::string_view text, std::uint64_t size) {
  if (const auto number = parse_decimal(text); number.has_value())
    require(std::to_string(*number) == text);
  if (const auto window = parse_range(text, size); window.has_value()) {
    require(window->length > 0 && window->offset < size);
    require(window->length <= size - window->offset);
    const auto again = parse_range(format_range(*window), size);
    require(again.has_value() && *again == *window);
  }
  if (const auto range = parse_content_range(text); range.has_value()) {
    require(range->window.length > 0 && range->window.offset < range->size);
    require(range->window.length <= range->size - range->window.offset);
    require(format_content_range(*range) == text);
  }
}

void judge_versions(std::string_view text) {
  if (const auto version = parse_version(text); version.has_value())
    require(std::to_string(*version) == text && *version >= 1);
  const auto range = parse_versions(text);
  if (range.has_error()) return;
  require(format_versions(*range) == text && range->oldest <= range->newest);
  // Who speaks the newest of what was said is understood by it, who speaks a later one is not.
  const std::string said{text};
  require(check_answer_versions(&said, range->newest).has_value());
  require(check_answer_versions(&said, range->newest + 1).error() == errc::other_version);
}

void judge_caller(std::string_view chain, std::uint8_t ours) {
  const auto is_proxy = [&](std::string_view address) {
    return static_cast<std::uint8_t>(address.front()) % 4 == ours % 4;
  };
  const auto caller = caller_of(chain, is_proxy);
  if (caller.empty()) return;
  require(caller.size() <= max_address && !is_proxy(caller));
  require(caller.find(',') == std::string_view::npos);
  // In the chain itself, and between commas.
  const auto at = static_cast<std::size_t>(caller.data() - chain.data());
  require(at + caller.size() <= chain.size());
  std::string_view right = chain.substr(at + caller.size());
  bool own = true;  // still the caller's own element: white space until the comma
  std::string element;
  for (const char c : std::string{right} + ",") {
    if (c != ',') {
      if (c != ' ' && c != '\t') element += c;
      continue;
    }
    require(own ? element.empty() : (!element.empty() && is_proxy(element)));
    own = false;
    element.clear();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto text = as_text({data + 2, size - 2});
  judge_numbers(text, data[0] == 255 ? ~std::uint64_t{0} : data[0]);
  judge_versions(text);
  judge_caller(text, data[1]);
  const auto token = bearer_token(text);
  require(token.empty() || std::string{"Bearer "}.append(token) == text);
  return 0;
}
