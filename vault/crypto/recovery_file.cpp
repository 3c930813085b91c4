// SPDX-License-Identifier: EUPL-1.2
#include <algorithm>
#include <charconv>
#include <string>

#include "coffret/encoding.hpp"
#include "coffret/time.hpp"
#include "vault/crypto/recovery.hpp"
#include "vault/crypto/recovery_key.hpp"
#include "vault/crypto/recovery_lines.hpp"
#include "vault/crypto/secret_encoding.hpp"

namespace coffret::crypto {
namespace {

constexpr std::string_view form = "1";
constexpr std::size_t longest_url = 1024;  // characters
constexpr std::size_t most_lines = 64;

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

Result<std::uint64_t> parse_seq(std::string_view text) {
  std::uint64_t seq = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), seq);
  const bool canonical = text == "0" || !text.starts_with('0');
  if (ec != std::errc{} || end != text.data() + text.size() || !canonical) return errc::malformed;
  return seq;
}

}  // namespace

Result<Lines> read_lines(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) continue;
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || lines.size() == most_lines) return errc::malformed;
    if (!lines.emplace(line.substr(0, colon), trimmed(line.substr(colon + 1))).second)
      return errc::malformed;
  }
  return lines;
}

std::string_view value_of(const Lines& lines, std::string_view name) {
  const auto found = lines.find(name);
  return found == lines.end() ? std::string_view{} : found->second;
}

Result<Fingerprint> parse_fingerprint(std::string_view text) {
  if (const auto former = Fingerprint::parse(text); former.has_value()) return *former;
  COFFRET_TRY(const auto raw, from_base64url(text));
  return Fingerprint::from(raw);
}

Result<RecoveryFacts> read_facts(const Lines& lines) {
  RecoveryFacts facts;
  COFFRET_TRY(facts.vault, VaultId::parse(value_of(lines, "vault")));
  COFFRET_TRY(facts.seq, parse_seq(value_of(lines, "seq")));
  COFFRET_TRY(facts.head, EntryHash::parse(value_of(lines, "head")));
  facts.date = value_of(lines, "date");
  COFFRET_CHECK(from_rfc3339(facts.date));
  facts.server_url = value_of(lines, "server");
  if (facts.server_url.size() > longest_url || !is_printable(facts.server_url))
    return errc::malformed;
  if (const auto text = value_of(lines, "fingerprint"); !text.empty()) {
    COFFRET_TRY(facts.server_fingerprint, parse_fingerprint(text));
  }
  return facts;
}

void write_facts(SecretWriter& out, const RecoveryFacts& facts) {
  if (!facts.server_url.empty()) out << "\nserver: " << facts.server_url;
  if (facts.server_fingerprint)
    out << "\nfingerprint: " << to_base64url(facts.server_fingerprint->view());
  out << "\nseq: " << std::to_string(facts.seq) << "\nhead: " << facts.head.text()
      << "\ndate: " << facts.date << "\n";
}

SecretText recovery_file(const RecoverySeed& seed, const RecoveryFacts& facts) {
  return make_secret_text([&](SecretWriter& out) {
    out << "coffret-recovery: " << form << "\nvault: " << facts.vault.text() << "\nkey: ";
    write_key_groups(out, seed);
    out << "\ncheck: " << check_words(seed);
    write_facts(out, facts);
  });
}

Result<RecoverySheet> parse_recovery_file(const SecretText& file) {
  COFFRET_TRY(const auto lines, read_lines(as_text(file.expose())));
  const auto version = value_of(lines, "coffret-recovery");
  if (version.empty()) return errc::malformed;
  if (version != form) return errc::other_version;

  COFFRET_TRY(auto facts, read_facts(lines));
  COFFRET_TRY(auto seed, read_key(as_bytes(value_of(lines, "key"))));
  const auto check = value_of(lines, "check");
  if (!check.empty() && !same_words(as_bytes(check), check_words(seed)))
    return errc::wrong_recovery_key;
  return RecoverySheet{std::move(seed), std::move(facts)};
}

}  // namespace coffret::crypto
