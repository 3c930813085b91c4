// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/recovery_input.hpp"

#include "vault/crypto/handover.hpp"
#include "vault/crypto/recovery_slip.hpp"
#include "vault/crypto/shares.hpp"
#include "vault/daemon/recovery_typed.hpp"

namespace coffret::daemon {
namespace {

std::string words_for(const crypto::Slip& slip, Language language) {
  const bool french = language == Language::french;
  const auto group = std::to_string(slip.group);
  switch (slip.kind) {
    case crypto::SlipKind::too_short:
      return french ? "il manque des caractères : la clé a quatorze groupes de quatre"
                    : "characters are missing: the key has fourteen groups of four";
    case crypto::SlipKind::character:
      return french ? "le groupe " + group + " contient un caractère qu'aucune clé ne contient"
                    : "group " + group + " holds a character that no key contains";
    case crypto::SlipKind::group:
      return french ? "faute de frappe, très probablement dans le groupe " + group
                    : "a typing slip, most likely in group " + group;
    case crypto::SlipKind::words:
      return french ? "la clé est bien tapée, mais les mots de contrôle sont ceux d'une autre"
                    : "the key is typed well, but the check words are another key's";
    case crypto::SlipKind::unknown:
      return french ? "plusieurs fautes de frappe : comparez chaque groupe avec la fiche"
                    : "several typing slips: compare every group with the sheet";
    case crypto::SlipKind::none:
      break;
  }
  return {};
}

bool is_file(const SecretText& text) {
  return crypto::hand_over(
      text, [](ByteView bytes) { return as_text(bytes).starts_with("coffret-recovery:"); });
}

Result<RecoveryInput> parse(const SecretText& text) {
  if (is_file(text)) {
    COFFRET_TRY(auto sheet, crypto::parse_recovery_file(text));
    return RecoveryInput{std::move(sheet.seed), std::move(sheet.facts)};
  }
  COFFRET_TRY(auto seed, crypto::parse_recovery_text(text));
  return RecoveryInput{std::move(seed), std::nullopt};
}

}  // namespace

Result<void> judge_typed_recovery(const SecretText& text, Language language, std::string& why) {
  const auto input = parse(text);
  if (input.has_value()) return {};
  if (to_errc(input.error()) == errc::wrong_recovery_key)
    why = words_for(crypto::find_slip(text), language);
  return input.error();
}

bool has_recovery(const Call& call) {
  return call.secret("recovery") != nullptr || call.secret("share1") != nullptr;
}

namespace {

Result<RecoveryInput> from_shares(Call& call, const SecretText& one, const SecretText& other) {
  auto combined = crypto::combine_shares(one, other);
  if (combined.has_value())
    return RecoveryInput{std::move(combined->seed), std::move(combined->facts)};
  const bool french = call.language == Language::french;
  if (combined.error() == errc::conflict) {
    call.detail = french ? "deux fois la même part : il en faut deux différentes"
                         : "the same share twice: two different ones are needed";
    return errc::wrong_recovery_key;
  }
  if (combined.error() == errc::wrong_recovery_key)
    call.detail = french ? "une part est mal tapée, ou les deux ne sont pas du même partage"
                         : "a share was mistyped, or the two are not of one split";
  return combined.error();
}

}  // namespace

Result<RecoveryInput> recovery_input(Call& call) {
  const auto* one = call.secret("share1");
  const auto* other = call.secret("share2");
  if (one != nullptr && other != nullptr) return from_shares(call, *one, *other);
  const auto* text = call.secret("recovery");
  if (text == nullptr) return errc::usage;
  auto input = parse(*text);
  if (input.has_error() && to_errc(input.error()) == errc::wrong_recovery_key)
    call.detail = words_for(crypto::find_slip(*text), call.language);
  return input;
}

}  // namespace coffret::daemon
