// SPDX-License-Identifier: EUPL-1.2
//
// The letter of a deposit: JSON that a browser writes and this reads, both ways.
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "coffret/encoding.hpp"
#include "coffret/harmless.hpp"
#include "coffret/json.hpp"
#include "coffret/utf8.hpp"
#include "vault/crypto/deposit.hpp"

namespace coffret::crypto {
namespace {

constexpr std::int64_t letter_version = 1;

// Without control characters; lines only where they may be.
bool is_letter_text(std::string_view text, bool lines) {
  while (!text.empty()) {
    const auto [c, length] = next_character(text);
    const bool line_end = lines && (c == '\n' || c == '\r' || c == '\t');
    if (length == 0 || (!line_end && is_control(c))) return false;
    text.remove_prefix(length);
  }
  return true;
}

Result<std::string> letter_text(const boost::json::object& from, std::string_view name,
                                std::size_t limit, bool lines = false) {
  const auto* text = text_member(from, name);
  if (text == nullptr) return errc::malformed;
  if (text->size() > limit) return errc::too_large;
  const std::string_view value{text->data(), text->size()};
  return is_letter_text(value, lines) ? Result<std::string>{harmless(value, lines)}
                                      : Result<std::string>{errc::malformed};
}

Result<std::int64_t> letter_number(const boost::json::object& from, std::string_view name) {
  constexpr std::int64_t largest = (std::int64_t{1} << 53) - 1;
  const auto* value = from.if_contains({name.data(), name.size()});
  if (value == nullptr || !value->is_int64() || value->get_int64() < 0 ||
      value->get_int64() > largest)
    return errc::malformed;
  return value->get_int64();
}

Result<LetterFile> letter_file(const boost::json::value& value) {
  const auto* object = value.if_object();
  if (object == nullptr) return errc::malformed;
  LetterFile file;
  COFFRET_TRY(file.name, letter_text(*object, "name", max_deposited_name));
  COFFRET_TRY(file.type, letter_text(*object, "type", max_depositor_text));
  COFFRET_TRY(const auto size, letter_number(*object, "size"));
  file.size = static_cast<std::uint64_t>(size);
  COFFRET_TRY(const auto hash, letter_text(*object, "sha256", 64));
  COFFRET_TRY(const auto raw, from_base64url(hash));
  COFFRET_TRY(file.sha256, Sha256::from(raw));
  if (file.name.empty()) return errc::malformed;
  return file;
}

}  // namespace

std::string format_letter(const Letter& letter) {
  boost::json::array files;
  for (const auto& file : letter.files)
    files.push_back({{"name", file.name},
                     {"type", file.type},
                     {"size", file.size},
                     {"sha256", to_base64url(file.sha256.view())}});
  return boost::json::serialize(boost::json::object{
      {"v", letter_version},
      {"from", {{"name", letter.from.name}, {"organisation", letter.from.organisation}}},
      {"note", letter.from.note},
      {"sent_at", letter.sent_at},
      {"files", std::move(files)}});
}

Result<Letter> parse_letter(ByteView json) {
  COFFRET_TRY(const auto value, parse_json(as_text(json), {.bytes = max_letter, .depth = 8}));
  const auto* object = value.if_object();
  if (object == nullptr) return errc::malformed;
  COFFRET_TRY(const auto version, letter_number(*object, "v"));
  if (version != letter_version) return errc::other_version;
  const auto* from = object->if_contains("from");
  if (from == nullptr || !from->is_object()) return errc::malformed;
  Letter letter;
  COFFRET_TRY(letter.from.name, letter_text(from->get_object(), "name", max_depositor_text));
  COFFRET_TRY(letter.from.organisation,
              letter_text(from->get_object(), "organisation", max_depositor_text));
  COFFRET_TRY(letter.from.note, letter_text(*object, "note", max_deposit_note, true));
  COFFRET_TRY(letter.sent_at, letter_number(*object, "sent_at"));
  const auto* files = object->if_contains("files");
  if (files == nullptr || !files->is_array() || files->get_array().empty()) return errc::malformed;
  if (files->get_array().size() > max_deposited_files) return errc::too_large;
  std::uint64_t total = 0;
  for (const auto& one : files->get_array()) {
    COFFRET_TRY(auto file, letter_file(one));
    if (file.size > max_deposited - total) return errc::too_large;
    total += file.size;
    letter.files.push_back(std::move(file));
  }
  return letter;
}

}  // namespace coffret::crypto
