// SPDX-License-Identifier: EUPL-1.2
//
// coffret-reader: understands foreign files for the daemon, in a process that can do nothing else.
//
//   coffret-reader parse     answers questions (coffret/reading.hpp) from standard input on
//                            standard output until the input ends
//   coffret-reader confine   becomes `pdftotext -htmlmeta - -`: a PDF on standard input, its
//                            title, author, date and text on standard output
//   coffret-reader page=N    becomes `pdftoppm`: a PDF, and its page N as a PNG of 200 dpi
//   coffret-reader grey=N    the same in shades of grey (PGM), 2400 pixels at its longer side
//   coffret-reader qr        a picture, and the EU certificates ("HC1:…") in its QR codes, a line
//   each coffret-reader recognise becomes `tesseract`: an image, and the words on it
//
// Exit status: 0 the input ended; 2 usage; 70 the kernel lacks what confinement needs; 71 the
// converter is not installed; 1 a question broke the protocol.
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <cstdint>
#include <optional>
#include <string_view>

#include "coffret/reading.hpp"
#include "coffret/wire.hpp"
#include "tools/coffret-reader/confinement.hpp"
#include "tools/speech/command_line.hpp"
#include "vault/reader/pixels.hpp"
#include "vault/reader/qr.hpp"
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
    const auto metadata = read_bytes(request->metadata_size);
    if (!metadata) return 1;
    const Bytes answer = reader::answer(*request, *file, *converted, *metadata);
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

// One picture, then the end: what it does to this process, it does to no other file.
int certificates() {
  if (give_up_descriptors_and_limits().has_error() || limit_to_a_picture().has_error() ||
      confine_to_computation().has_error())
    return reading::exit_unconfined;
  Bytes picture;
  std::array<std::uint8_t, 64 * 1024> part{};
  while (picture.size() <= reader::pixel_limits::file) {
    const ssize_t n = ::read(STDIN_FILENO, part.data(), part.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    append(picture, ByteView{part}.first(static_cast<std::size_t>(n)));
  }
  return write_all(as_bytes(reader::certificates_on(picture))) ? 0 : 1;
}

// Becomes the program whose path and arguments these are, ended by a null.
int become(const char* const* arguments) {
  if (give_up_descriptors_and_limits().has_error() || confine_to_system_files().has_error())
    return reading::exit_unconfined;
  // No thread of its own: a converter may start none.
  const char* const environment[] = {"LC_ALL=C.UTF-8", "OMP_THREAD_LIMIT=1", nullptr};
  // exec takes pointers to non-const for C's sake and changes nothing.
  (void)::execve(arguments[0], const_cast<char* const*>(arguments),
                 const_cast<char* const*>(environment));
  return reading::exit_no_converter;
}

int confine() {
  const char* const arguments[] = {
      "/usr/bin/pdftotext", "-q", "-htmlmeta", "-enc", "UTF-8", "-eol", "unix", "-", "-", nullptr};
  return become(arguments);
}

// What nobody waits for gives way to what somebody does.
void step_back() {
  (void)::setpriority(PRIO_PROCESS, 0, 19);
}

int page(const char* number) {
  step_back();
  const char* const arguments[] = {
      "/usr/bin/pdftoppm", "-q", "-r", "200", "-png", "-f", number, "-l", number, "-", nullptr};
  return become(arguments);
}

int grey(const char* number) {
  const char* const arguments[] = {"/usr/bin/pdftoppm",
                                   "-q",
                                   "-gray",
                                   "-scale-to",
                                   "2400",
                                   "-f",
                                   number,
                                   "-l",
                                   number,
                                   "-",
                                   nullptr};
  return become(arguments);
}

int recognise() {
  step_back();
  const char* const arguments[] = {
      "/usr/bin/tesseract", "stdin", "stdout", "-l", "fra+eng", nullptr};
  return become(arguments);
}

// A page's number: digits, few enough to be one.
bool is_page_number(std::string_view text) {
  return !text.empty() && text.size() <= 4 &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

// For whoever calls the program by hand: help, version, manual page, or what is wrong.
int explain(int argc, char** argv) {
  const auto words = speech::words_of(argc, argv);
  CLI::App app{std::string{words("lit les documents pour coffretd, sans réseau ni fichiers",
                                 "read documents for coffretd, without network or files")},
               "coffret-reader"};
  speech::set_up(app, words);
  app.require_subcommand(1);
  app.add_subcommand("parse", std::string{words("répond, sur la sortie standard, aux questions de "
                                                "l'entrée standard (include/coffret/reading.hpp)",
                                                "answer on standard output the questions of "
                                                "standard input (include/coffret/reading.hpp)")})
      ->footer(speech::example(words, "coffret-reader parse < questions"));
  app.add_subcommand("confine",
                     std::string{words("donne le texte d'un PDF lu sur l'entrée standard",
                                       "tell the text of a PDF on standard input")})
      ->footer(speech::example(words, "coffret-reader confine < document.pdf"));
  app.add_subcommand("page",
                     std::string{words("page=N : donne l'image de la page N d'un PDF lu sur "
                                       "l'entrée standard",
                                       "page=N: tell the picture of page N of a PDF on standard "
                                       "input")})
      ->footer(speech::example(words, "coffret-reader page=1 < document.pdf"));
  app.add_subcommand("grey", std::string{words("grey=N : la même page en gris (PGM)",
                                               "grey=N: the same page in shades of grey (PGM)")})
      ->footer(speech::example(words, "coffret-reader grey=1 < document.pdf"));
  app.add_subcommand("qr",
                     std::string{words("donne les certificats européens (« HC1:… ») des codes "
                                       "QR d'une image lue sur l'entrée standard",
                                       "tell the EU certificates (\"HC1:…\") in the QR codes "
                                       "of a picture on standard input")})
      ->footer(speech::example(words, "coffret-reader qr < certificate.png"));
  app.add_subcommand("recognise",
                     std::string{words("donne les mots d'une image lue sur l'entrée standard",
                                       "tell the words of a picture on standard input")})
      ->footer(speech::example(words, "coffret-reader recognise < page.png"));
  app.footer(speech::statuses(
      words, words("0 l'entrée est finie ; 1 question mal formée ; 2 commande mal écrite ; "
                   "70 ce noyau ne permet pas le confinement ; 71 le convertisseur manque",
                   "0 the input ended; 1 a malformed question; 2 misuse; 70 this kernel "
                   "cannot confine; 71 the converter is missing")));
  const auto ended = speech::parse(
      app, argc, argv, words,
      {.section = 1, .common_statuses = false, .see_also = "coffretd(1), pdftotext(1)"});
  return ended.value_or(row(errc::usage).exit_status);
}

}  // namespace
}  // namespace coffret

int main(int argc, char** argv) {
  // A document is in this memory: no dump of it, no tracing by neighbours.
  (void)::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  const std::string_view mode = argc == 2 ? argv[1] : "";
  if (mode == "parse") return coffret::parse();
  if (mode == "confine") return coffret::confine();
  if (mode == "qr") return coffret::certificates();
  if (mode == "recognise") return coffret::recognise();
  if (mode.starts_with("page=") && coffret::is_page_number(mode.substr(5)))
    return coffret::page(argv[1] + 5);
  if (mode.starts_with("grey=") && coffret::is_page_number(mode.substr(5)))
    return coffret::grey(argv[1] + 5);
  return coffret::explain(argc, argv);
}
