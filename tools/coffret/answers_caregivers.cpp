// SPDX-License-Identifier: EUPL-1.2
//
// What is said of caregivers with a key of their own.
#include <fmt/format.h>

#include "tools/coffret/sayers.hpp"

namespace coffret::cli {
namespace {

using boost::json::object;

void say_caregiver(const object& row, const Words&) {
  const std::string organisation = text_of(row, "organisation");
  say(fmt::format("{}  {}{}{}\n              {}", text_of(row, "id").substr(0, 8),
                  text_of(row, "name"), organisation.empty() ? "" : ", ", organisation,
                  text_of(row, "fingerprint")));
}

void say_card_seen(const object& r, const Words& words) {
  const std::string organisation = text_of(r, "organisation");
  say(fmt::format("{} {}{}{}", words("Carte de", "Card of"), text_of(r, "name"),
                  organisation.empty() ? "" : ", ", organisation));
  say(fmt::format("{}\n\n    {}\n",
                  words("Le soignant doit montrer ces huit mots :",
                        "The caregiver must show these eight words:"),
                  text_of(r, "fingerprint")));
}

void say_paired(const object& r, const Words& words) {
  say(fmt::format("{} {} ({})", words("Appairé :", "Paired:"), text_of(r, "name"),
                  text_of(r, "id").substr(0, 8)));
}

void say_renamed(const object& r, const Words& words) {
  say(fmt::format("{} {}", words("S'appelle maintenant :", "Now called:"), text_of(r, "name")));
}

void say_forgotten(const object& r, const Words& words) {
  say(fmt::format("{} {}", words("Retiré :", "Removed:"), text_of(r, "name")));
  say(std::string{
      words("Ses partages en cours restent ouverts : « coffret grant revoke » y met fin.",
            "Their grants stay open: \"coffret grant revoke\" ends them.")});
}

constexpr Sayers sayers[] = {
    {.command = "caregiver list", .row = say_caregiver, .result = nullptr},
    {.command = "caregiver preview", .row = nullptr, .result = say_card_seen},
    {.command = "caregiver pair", .row = nullptr, .result = say_paired},
    {.command = "caregiver rename", .row = nullptr, .result = say_renamed},
    {.command = "caregiver remove", .row = nullptr, .result = say_forgotten},
};

}  // namespace

std::span<const Sayers> caregiver_sayers() {
  return sayers;
}

}  // namespace coffret::cli
