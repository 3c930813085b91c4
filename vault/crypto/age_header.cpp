// SPDX-License-Identifier: EUPL-1.2
#include "vault/crypto/age_header.hpp"

#include <algorithm>

#include "coffret/encoding.hpp"
#include "vault/crypto/age.hpp"

namespace coffret::crypto {
namespace {

constexpr std::size_t columns = 64;       // of a body's lines; the last one is shorter
constexpr std::size_t max_stanzas = 128;  // of what is read
constexpr std::size_t mac_size = 32;      // bytes

// Takes lines off the front.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  Result<std::string_view> next() {
    const auto end = rest_.find('\n');
    if (end == std::string_view::npos)
      return rest_.size() >= age_header_limit ? errc::too_large : errc::malformed;
    const auto line = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return line;
  }
  std::size_t left() const noexcept { return rest_.size(); }

 private:
  std::string_view rest_;
};

Result<std::vector<std::string_view>> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (true) {
    const auto space = line.find(' ');
    const auto word = line.substr(0, space);
    const bool visible =
        std::all_of(word.begin(), word.end(), [](char c) { return c >= 33 && c <= 126; });
    if (word.empty() || !visible) return errc::malformed;
    words.push_back(word);
    if (space == std::string_view::npos) return words;
    line.remove_prefix(space + 1);
  }
}

Result<Bytes> read_body(Lines& lines) {
  std::string text;
  while (true) {
    COFFRET_TRY(const auto line, lines.next());
    if (line.size() > columns) return errc::malformed;
    text += line;
    if (line.size() < columns) return from_age_base64(text);
  }
}

}  // namespace

std::string age_base64(ByteView bytes) {
  std::string text = to_base64(bytes);
  while (text.ends_with('=')) text.pop_back();
  return text;
}

Result<Bytes> from_age_base64(std::string_view text) {
  if (text.find('=') != std::string_view::npos) return errc::malformed;
  std::string padded{text};
  while (padded.size() % 4 != 0) padded.push_back('=');
  return from_base64(padded);
}

std::string format_age_stanza(const std::vector<std::string_view>& words, ByteView body) {
  std::string text = "->";
  for (const auto word : words) {
    text += ' ';
    text += word;
  }
  text += '\n';
  const std::string encoded = age_base64(body);
  for (std::size_t at = 0; at <= encoded.size(); at += columns) {
    text += encoded.substr(at, columns);
    text += '\n';
  }
  return text;
}

Result<AgeHeader> read_age_header(std::string_view file) {
  const std::size_t given = file.size();
  file = file.substr(0, age_header_limit);
  if (!file.starts_with(age_version_line))
    return file.starts_with("age-encryption.org/") ? errc::other_version : errc::malformed;
  AgeHeader header;
  Lines lines{file.substr(age_version_line.size())};
  while (true) {
    const std::size_t at = file.size() - lines.left();
    auto read = lines.next();
    if (read.has_error()) return given > age_header_limit ? errc::too_large : errc::malformed;
    const std::string_view line = *read;
    if (line.starts_with("--- ")) {
      COFFRET_TRY(header.mac, from_age_base64(line.substr(4)));
      header.covered = file.substr(0, at + 3);
      header.size = file.size() - lines.left();
      if (header.mac.size() != mac_size || header.stanzas.empty()) return errc::malformed;
      return header;
    }
    if (!line.starts_with("-> ") || header.stanzas.size() >= max_stanzas) return errc::malformed;
    AgeStanza stanza;
    COFFRET_TRY(stanza.words, words_of(line.substr(3)));
    COFFRET_TRY(stanza.body, read_body(lines));
    header.stanzas.push_back(std::move(stanza));
  }
}

}  // namespace coffret::crypto
