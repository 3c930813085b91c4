// SPDX-License-Identifier: EUPL-1.2
//
// `caregiver pair`, `list`, `rename`, `remove`: whose keys grants may be sealed to.
#include <algorithm>
#include <optional>
#include <utility>

#include "coffret/time.hpp"
#include "sync/protocol/caregiver.hpp"
#include "vault/crypto/caregiver.hpp"
#include "vault/crypto/wiping.hpp"
#include "vault/daemon/caregivers.hpp"
#include "vault/daemon/commands.hpp"
#include "vault/daemon/plain_words.hpp"

namespace coffret::daemon {
namespace {

using store::CaregiverPaired;

constexpr std::size_t shortest_id = 4;  // characters of an identifier

std::string_view said(const Call& call, std::string_view french, std::string_view english) {
  return call.language == Language::french ? french : english;
}

bool look_alike(const std::string& a, const std::string& b) {
  return plain_words(a) == plain_words(b);
}

Object caregiver_json(const CaregiverPaired& caregiver) {
  return {{"id", caregiver.caregiver.text()},
          {"name", caregiver.name},
          {"organisation", caregiver.organisation},
          {"fingerprint", fingerprint_of(caregiver)},
          {"paired_at", to_rfc3339(from_unix(caregiver.at))}};
}

Result<std::vector<CaregiverPaired>> caregivers_of(Call& call) {
  return call.with([](store::Vault& vault) -> Result<std::vector<CaregiverPaired>> {
    return vault.caregivers();
  });
}

// Another key under a name that is known is never taken for the same person's.
Result<void> judge_name(Call& call, const CaregiverPaired& fresh) {
  if (fresh.name.size() > protocol::max_caregiver_text) return errc::too_large;
  COFFRET_TRY(const auto known, caregivers_of(call));
  for (const auto& one : known) {
    if (one.caregiver == fresh.caregiver || !look_alike(one.name, fresh.name)) continue;
    call.detail = said(call,
                       "Un soignant de ce nom est déjà appairé avec une autre clé. Si c'est une "
                       "autre personne, donnez-lui un autre nom avec --name ; si sa clé a changé, "
                       "retirez d'abord l'ancienne avec « coffret caregiver remove ».",
                       "A caregiver of that name is paired with another key. If this is another "
                       "person, give them another name with --name; if their key has changed, "
                       "first remove the old one with \"coffret caregiver remove\".");
    return errc::key_changed;
  }
  return {};
}

// What the patient calls someone whose card they take again; empty: not known yet.
Result<std::string> name_kept(Call& call, const protocol::CaregiverId& caregiver) {
  COFFRET_TRY(const auto known, caregivers_of(call));
  for (const auto& one : known)
    if (one.caregiver == caregiver) return one.name;
  return std::string{};
}

// That the person compared the words, or was asked and said so.
Result<void> judge_words(Call& call, const std::string& fingerprint) {
  const auto words = call.text("words");
  if (!call.request.arguments.contains("words"))
    return call.flag("agreed") ? Result<void>{} : errc::not_confirmed;
  if (!crypto::are_check_words(words)) return errc::unknown_word;
  return same_spoken(words, fingerprint) ? Result<void>{} : errc::words_differ;
}

Result<void> append(Call& call, store::Operation operation) {
  operation.ignorable = true;  // a build that knows no caregivers only leaves them out
  return call.with([&](store::Vault& vault) -> Result<void> {
    COFFRET_TRY([[maybe_unused]] const auto head, vault.append(operation));
    return {};
  });
}

// The root that manifests of this device lead to.
Result<SigningPublicKey> own_root(store::Vault& vault) {
  const auto ours = vault.device(vault.device());
  return ours ? ours->root : vault.root_key();
}

// This vault's introduction to the caregiver: what their card's secret vouches for.
Result<Bytes> introduction_to(Call& call, const protocol::CaregiverCard& card,
                              const crypto::PairingSecret& secret) {
  return call.with([&](store::Vault& vault) -> Result<Bytes> {
    protocol::Introduction introduction;
    introduction.serial = card.serial;
    introduction.vault = vault.id();
    COFFRET_TRY(introduction.root, own_root(vault));
    Bytes record = wire::encode(introduction);
    coffret::append(record,
                    crypto::introduction_mac(secret, protocol::key_bytes(card.keys), record));
    return record;
  });
}

}  // namespace

std::string fingerprint_of(const CaregiverPaired& caregiver) {
  return crypto::eight_words(protocol::key_bytes(caregiver.keys));
}

Result<CaregiverPaired> find_caregiver(Call& call, const std::string& wanted) {
  COFFRET_TRY(const auto known, caregivers_of(call));
  const auto only = [&](const auto& meant) -> Result<CaregiverPaired> {
    std::optional<CaregiverPaired> found;
    for (const auto& one : known) {
      if (!meant(one)) continue;
      if (found) return errc::ambiguous_name;
      found = one;
    }
    if (!found) return errc::not_found;
    return std::move(*found);
  };
  const auto exact = only([&](const CaregiverPaired& one) {
    return one.name == wanted || same_spoken(wanted, fingerprint_of(one)) ||
           (wanted.size() >= shortest_id && one.caregiver.text().starts_with(wanted));
  });
  auto found = exact;
  if (exact.has_error() && exact.error() == errc::not_found)
    found = only([&](const CaregiverPaired& one) { return look_alike(one.name, wanted); });
  if (found.has_error() && found.error() == errc::ambiguous_name)
    call.detail = said(call, "« coffret caregiver list » montre les mots de chaque clé.",
                       "\"coffret caregiver list\" shows the words of each key.");
  if (found.has_error() && found.error() == errc::not_found)
    call.detail = said(call,
                       "Aucun soignant appairé ne porte ce nom : « coffret caregiver pair » prend "
                       "sa carte, de la main à la main.",
                       "No paired caregiver has that name: \"coffret caregiver pair\" takes their "
                       "card, hand to hand.");
  return found;
}

Result<void> address_to_key(Call& call, grants::GrantRequest& request) {
  COFFRET_TRY(auto caregiver, find_caregiver(call, request.caregiver));
  COFFRET_TRY(const auto told, protocol::read_introduction(caregiver.introduction));
  COFFRET_TRY(const auto root, call.with(own_root));
  if (told.root != root) {
    call.detail = said(call,
                       "Ce soignant a été appairé sous une autre fiche de secours que celle de cet "
                       "appareil : appairez-le de nouveau ici, avec une nouvelle carte.",
                       "This caregiver was paired under another recovery sheet than this device's: "
                       "pair them again here, with a new card.");
    return errc::key_changed;
  }
  request.caregiver = std::move(caregiver.name);
  if (request.organisation.empty()) request.organisation = std::move(caregiver.organisation);
  request.holder = grants::KeyHolder{caregiver.keys, std::move(caregiver.introduction)};
  return {};
}

Result<void> with_code_picture(const SecretText& code, bool svg,
                               const std::function<Result<void>(ByteView)>& use) {
  COFFRET_TRY(auto picture, grants::qr_picture(code, svg));
  const auto used = use(picture);
  crypto::wipe(picture);
  return used;
}

Result<Object> caregiver_pair(Call& call) {
  const auto* typed = call.secret("code");
  if (typed == nullptr) return errc::usage;
  COFFRET_TRY(const auto code, crypto::parse_caregiver_code(*typed));
  COFFRET_TRY(const auto card, protocol::read_caregiver_card(code.card));
  CaregiverPaired paired;
  paired.caregiver = protocol::caregiver_id(card.keys);
  paired.name = call.text("name");
  if (paired.name.empty()) {
    COFFRET_TRY(paired.name, name_kept(call, paired.caregiver));
  }
  if (paired.name.empty()) paired.name = card.name;
  paired.organisation = card.organisation;
  paired.keys = card.keys;
  paired.at = to_unix(call.service.environment().clock.now());
  Object shown = caregiver_json(paired);
  COFFRET_CHECK(judge_name(call, paired));
  if (call.flag("preview")) return shown;
  COFFRET_CHECK(judge_words(call, fingerprint_of(paired)));
  COFFRET_TRY(paired.introduction, introduction_to(call, card, code.secret));
  COFFRET_CHECK(append(call, store::make_operation(paired)));
  return shown;
}

Result<Object> caregiver_list(Call& call) {
  COFFRET_TRY(const auto known, caregivers_of(call));
  for (const auto& one : known) COFFRET_CHECK(call.answer.row(caregiver_json(one)));
  return Object{{"count", known.size()}};
}

Result<Object> caregiver_rename(Call& call) {
  COFFRET_TRY(auto caregiver, find_caregiver(call, call.text("id")));
  caregiver.name = call.text("name");
  if (caregiver.name.empty()) return errc::usage;
  COFFRET_CHECK(judge_name(call, caregiver));
  COFFRET_CHECK(append(call, store::make_operation(caregiver)));
  return caregiver_json(caregiver);
}

Result<Object> caregiver_remove(Call& call) {
  COFFRET_TRY(const auto caregiver, find_caregiver(call, call.text("id")));
  COFFRET_CHECK(append(
      call, store::make_operation(store::CaregiverRemoved{.caregiver = caregiver.caregiver})));
  return caregiver_json(caregiver);
}

}  // namespace coffret::daemon
