// SPDX-License-Identifier: EUPL-1.2
//
// What is said of devices, and of the keys that open the vault.
#include <fmt/format.h>

#include "tools/coffret/sayers.hpp"

namespace coffret::cli {
namespace {

using boost::json::object;

void say_device(const object& row, const Words& words) {
  const std::string_view mark = flag_of(row, "removed") ? words("  (retiré)", "  (removed)")
                                : flag_of(row, "this")  ? words("  (celui-ci)", "  (this one)")
                                                        : "";
  say(fmt::format("{}  {}  — {} {}{}", text_of(row, "id").substr(0, 8), text_of(row, "name"),
                  words("depuis le", "since"), instant_of(row, "since", words.language), mark));
}

void say_words(const object& row, const Words& words) {
  say(fmt::format("{} {}", words("Appareil :", "Device:"), text_of(row, "device")));
  say(fmt::format("{}\n\n    {}\n",
                  words("Les deux appareils doivent montrer ces huit mots :",
                        "Both devices must show these eight words:"),
                  text_of(row, "words")));
}

void say_invited(const object& r, const Words& words) {
  say(fmt::format("{} {}", words("Ajouté au coffre :", "Added to the vault:"), text_of(r, "name")));
}

// How it ends is told where the invitation waits: what comes now can still fail.
void say_confirmed(const object& r, const Words& words) {
  say(std::string{flag_of(r, "same")
                      ? words("C'est noté. « device invite » dira si l'appareil est ajouté.",
                              "It is noted. \"device invite\" tells whether the device is added.")
                      : words("C'est noté : l'appareil n'est pas ajouté.",
                              "It is noted: the device is not added.")});
}

void say_came(const object& r, const Words& words) {
  say(fmt::format(
      "{} {}.", words("Cet appareil fait partie du coffre :", "This device is part of the vault:"),
      counted(number_of(r, "documents"), "document", "documents")));
}

void say_removed(const object& r, const Words& words) {
  say(fmt::format("{} {}", words("Retiré :", "Removed:"), text_of(r, "name")));
  say(std::string{words("Il garde ce qu'il a déjà, et ne lira rien de nouveau.",
                        "It keeps what it has already, and reads nothing new.")});
}

void say_compared(const object& r, const Words& words) {
  say(fmt::format("{}  ({} {})", text_of(r, "words"), words("entrée", "entry"),
                  number_of(r, "at")));
  if (flag_of(r, "same"))
    say(std::string{words("Les deux appareils voient la même histoire.",
                          "Both devices see the same history.")});
}

void say_changed(const object& r, const Words& words) {
  say(std::string{words("La phrase secrète est changée.", "The passphrase is changed.")});
  if (flag_of(r, "compromised"))
    say(std::string{
        words("Toutes les clés de cet appareil aussi : l'ancienne phrase n'ouvre plus "
              "rien de nouveau.",
              "So are all keys of this device: the old passphrase opens nothing new.")});
}

void say_renewed(const object& r, const Words& words) {
  say(fmt::format(
      "{} {}",
      words("Nouvelle fiche de secours. Mots de contrôle :", "New recovery sheet. Check words:"),
      text_of(r, "recovery_key_check")));
  say(std::string{words(
      "La précédente ouvre encore les sauvegardes faites avec elle. Refaites d'abord une "
      "sauvegarde\n(« coffret backup ») ; ensuite détruisez la précédente, et ces sauvegardes.",
      "The one before still opens the backups that were made with it. First make a new backup\n"
      "(\"coffret backup\"); then destroy the one before, and those backups.")});
}

constexpr Sayers sayers[] = {
    {.command = "device list", .row = say_device, .result = nullptr},
    {.command = "device invite", .row = say_words, .result = say_invited},
    {.command = "device confirm", .row = nullptr, .result = say_confirmed},
    {.command = "device join", .row = say_words, .result = say_came},
    {.command = "device remove", .row = nullptr, .result = say_removed},
    {.command = "device compare", .row = nullptr, .result = say_compared},
    {.command = "passphrase change", .row = nullptr, .result = say_changed},
    {.command = "recovery renew", .row = nullptr, .result = say_renewed},
};

}  // namespace

std::span<const Sayers> device_sayers() {
  return sayers;
}

}  // namespace coffret::cli
