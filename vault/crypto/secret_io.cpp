// SPDX-License-Identifier: EUPL-1.2
#include "vault/crypto/secret_io.hpp"

#include <sodium.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <span>

namespace coffret::crypto {
namespace {

// Bytes read into `into`, fewer only at the end of the stream; -1 on failure.
ssize_t read_full(int fd, std::span<std::uint8_t> into) noexcept {
  std::size_t have = 0;
  while (have < into.size()) {
    const ssize_t n = ::read(fd, into.data() + have, into.size() - have);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return -1;
    if (n == 0) break;
    have += static_cast<std::size_t>(n);
  }
  return static_cast<ssize_t>(have);
}

std::size_t without_line_break(std::span<const std::uint8_t> text) noexcept {
  std::size_t size = text.size();
  if (size > 0 && text[size - 1] == '\n') --size;
  if (size > 0 && size < text.size() && text[size - 1] == '\r') --size;
  return size;
}

}  // namespace

Result<SecretText> read_secret(int fd, std::size_t size) {
  if (size > SecretText::max_size) return errc::too_large;
  ssize_t have = 0;
  auto secret = SecretText::make([&](auto bytes) {
    have = read_full(fd, bytes.first(size));
    return size;
  });
  if (have < 0) return errc::io;
  if (static_cast<std::size_t>(have) != size) return errc::server_unreachable;
  return secret;
}

Result<SecretText> read_secret_to_end(int fd) {
  ssize_t have = 0;
  auto secret = SecretText::make([&](auto bytes) -> std::size_t {
    have = read_full(fd, bytes);
    return have < 0 ? 0 : without_line_break(bytes.first(static_cast<std::size_t>(have)));
  });
  if (have < 0) return errc::io;
  if (static_cast<std::size_t>(have) == SecretText::max_size) return errc::too_large;
  return secret;
}

Result<SecretText> read_secret_line(int fd) {
  bool failed = false;
  bool too_long = false;
  auto secret = SecretText::make([&](auto bytes) -> std::size_t {
    std::size_t have = 0;
    for (;;) {
      if (have == bytes.size()) {
        too_long = true;
        return 0;
      }
      const ssize_t n = ::read(fd, bytes.data() + have, 1);
      if (n < 0 && errno == EINTR) continue;
      failed = n < 0;
      if (n <= 0) return have;
      if (bytes[have++] == '\n') return without_line_break(bytes.first(have));
    }
  });
  if (failed) return errc::io;
  if (too_long) return errc::too_large;
  return secret;
}

Result<void> write_secret(int fd, const SecretText& secret) {
  ByteView rest = secret.expose();
  while (!rest.empty()) {
    const ssize_t n = ::write(fd, rest.data(), rest.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno == EPIPE ? errc::server_unreachable : errc::io;
    rest = rest.subspan(static_cast<std::size_t>(n));
  }
  return {};
}

void append_secret(Bytes& into, const SecretText& secret) {
  append(into, secret.expose());
}

SecretText take_secret(char* text) {
  const std::size_t size = ::strnlen(text, SecretText::max_size);
  auto secret = SecretText::make([&](auto bytes) {
    std::memcpy(bytes.data(), text, size);
    return size;
  });
  ::sodium_memzero(text, std::strlen(text));
  return secret;
}

void wipe_stack() noexcept {
  constexpr std::size_t deeper_than_any_command = std::size_t{256} << 10;  // bytes
  ::sodium_stackzero(deeper_than_any_command);
}

bool same(const SecretText& a, const SecretText& b) noexcept {
  return a.size() == b.size() &&
         (a.empty() || ::sodium_memcmp(a.expose().data(), b.expose().data(), a.size()) == 0);
}

}  // namespace coffret::crypto
