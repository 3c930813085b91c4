// SPDX-License-Identifier: EUPL-1.2
//
// coffret-reader: understands foreign files for the daemon, in a process that can do nothing else.
//
//   coffret-reader parse     answers questions (coffret/reading.hpp) from standard input on
//                            standard output until the input ends
//   coffret-reader confine   becomes `pdftotext -htmlmeta - -`: a PDF on standard input, its
//                            title, author, date and text on standard output
//
// Exit status: 0 the input ended; 2 usage; 70 the kernel lacks what confinement needs; 71 the
// converter is not installed; 1 a question broke the protocol.
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <optional>
#include <string_view>

#include "coffret/reading.hpp"
#include "coffret/wire.hpp"
#include "tools/coffret-reader/confinement.hpp"
#include "vault/reader/reader.hpp"

namespace coffret {
namespace {

// False when the input ended first.
bool read_exactly(MutableByteView into) {
  while (!into.empty()) {
    const ssize_t n = ::read(STDIN_FILENO, into.data(), into.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    into = into.subspan(static_cast<std::size_t>(n));
  }
  return true;
}

bool write_all(ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
  return true;
}

// The bytes that a question announced, which were judged by within_limits first.
std::optional<Bytes> read_bytes(std::uint32_t size) {
  Bytes bytes(size);
  if (!read_exactly(bytes)) return std::nullopt;
  return bytes;
}

int answer_questions() {
  while (true) {
    const auto head = read_bytes(4);
    if (!head) return 0;
    const auto size = load_le<std::uint32_t>(*head);
    if (size > reading::request_size) return 1;
    const auto encoded = read_bytes(size);
    if (!encoded) return 1;
    const auto request = wire::decode<reading::Request>(*encoded);
    if (!request || !within_limits(*request)) return 1;
    const auto file = read_bytes(request->file_size);
    if (!file) return 1;
    const auto converted = read_bytes(request->converted_size);
    if (!converted) return 1;
    const Bytes answer = reader::answer(*request, *file, *converted);
    Bytes framed;
    append_le(framed, static_cast<std::uint32_t>(answer.size()));
    if (!write_all(framed) || !write_all(answer)) return 1;
  }
}

int parse() {
  reader::warm_up();
  if (give_up_descriptors_and_limits().has_error() || confine_to_computation().has_error())
    return reading::exit_unconfined;
  return answer_questions();
}

int confine() {
  if (give_up_descriptors_and_limits().has_error() || confine_to_system_files().has_error())
    return reading::exit_unconfined;
  static constexpr const char* converter = "/usr/bin/pdftotext";
  const char* const arguments[] = {converter, "-q",   "-htmlmeta", "-enc", "UTF-8",
                                   "-eol",    "unix", "-",         "-",    nullptr};
  const char* const environment[] = {"LC_ALL=C.UTF-8", nullptr};
  // exec takes pointers to non-const for C's sake and changes nothing.
  (void)::execve(converter, const_cast<char* const*>(arguments),
                 const_cast<char* const*>(environment));
  return reading::exit_no_converter;
}

}  // namespace
}  // namespace coffret

int main(int argc, char** argv) {
  // A document is in this memory: no dump of it, no tracing by neighbours.
  (void)::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  const std::string_view mode = argc == 2 ? argv[1] : "";
  if (mode == "parse") return coffret::parse();
  if (mode == "confine") return coffret::confine();
  return 2;
}
