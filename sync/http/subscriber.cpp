// SPDX-License-Identifier: EUPL-1.2
#include "sync/http/subscriber.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace coffret::http {
namespace {

std::string text_of(int family, const void* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const char* written = ::inet_ntop(family, address, text.data(), text.size());
  return written == nullptr ? std::string{} : std::string{written};
}

}  // namespace

std::string subscriber(const std::string& address) {
  in6_addr six{};
  // A zone ("%eth0") is no part of the address.
  if (::inet_pton(AF_INET6, address.substr(0, address.find('%')).c_str(), &six) != 1)
    return address;
  if (IN6_IS_ADDR_V4MAPPED(&six)) return text_of(AF_INET, &six.s6_addr[12]);
  std::fill(std::begin(six.s6_addr) + 8, std::end(six.s6_addr), std::uint8_t{0});
  return text_of(AF_INET6, &six);
}

}  // namespace coffret::http
