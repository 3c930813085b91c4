// SPDX-License-Identifier: EUPL-1.2
//
// certificates.cpp: EU certificates that a picture or a PDF shows as QR codes, for the reader to
// describe. Decoding pixels costs more than all else that an import does, and its decoders are
// large; so it is done once for each picture, in a process that reads nothing else, and for those
// PDFs that may show one: scans, and those that speak of COVID.
//
// Bounds: files of 16 MiB; the first 4 pages of a PDF; 10 s of a file's own deadline.
#include <algorithm>

#include "coffret/ascii.hpp"
#include "vault/daemon/reader_process.hpp"

namespace coffret::daemon {
namespace {

constexpr std::size_t most_file = 16u << 20;    // bytes
constexpr std::size_t most_page = 8u << 20;     // bytes of a page as PGM
constexpr std::size_t most_codes = 64u * 1024;  // bytes that one picture's certificates take
constexpr unsigned most_pages = 4;
constexpr std::chrono::seconds most_time{10};
constexpr std::ptrdiff_t few_letters = 120;  // fewer: a scan, with a stamp at most

bool is_picture(ByteView file) {
  const auto text = as_text(file);
  return text.starts_with("\xFF\xD8\xFF") || text.starts_with("\x89PNG\r\n\x1A\n");
}

bool is_letter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

// By the words that the converter found (HTML).
bool may_show_certificate(std::string_view html) {
  const auto body = html.substr(std::min(html.find("<body>"), html.size()));
  constexpr std::string_view word = "covid";
  const auto spoken = std::search(html.begin(), html.end(), word.begin(), word.end(),
                                  [](char a, char b) { return ascii_lower(a) == b; });
  return spoken != html.end() || std::count_if(body.begin(), body.end(), is_letter) < few_letters;
}

}  // namespace

Bytes Reader::certificates_in(ByteView file, ByteView converted, Deadline deadline) {
  if (file.size() > most_file) return {};
  deadline = std::min(deadline, std::chrono::steady_clock::now() + most_time);
  if (is_picture(file)) {
    auto codes = run("qr", file, most_codes, deadline);
    return codes ? std::move(*codes) : Bytes{};
  }
  Bytes all;
  // Without a converter there are no pages either.
  if (!reading::looks_like_pdf(file) || converted.empty() ||
      !may_show_certificate(as_text(converted)))
    return all;
  for (unsigned page = 1; page <= most_pages; ++page) {
    const auto grey = run("grey=" + std::to_string(page), file, most_page, deadline);
    if (grey.has_error() || grey->empty()) break;  // past the last one
    if (const auto codes = run("qr", *grey, most_codes, deadline)) append(all, *codes);
  }
  return all;
}

}  // namespace coffret::daemon
