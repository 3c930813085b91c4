// SPDX-License-Identifier: EUPL-1.2
//
// What is shown, and asked, before a command that needs the person's word.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

#include "coffret/json.hpp"
#include "tools/coffret/answers.hpp"
#include "tools/coffret/run.hpp"
#include "tools/coffret/sayers.hpp"

namespace coffret::cli {

// Shows the operator's card before anything is pinned, and asks.
daemon::LocalFailure Run::confirm_card() {
  const auto command = std::exchange(request_.arguments["command"], "server preview");
  const auto answer = daemon::ask(place_, request_, {});
  request_.arguments["command"] = command;
  if (answer.failure.error == errc::locked) {
    // The ordinary way unlocks; then look again.
    daemon::LocalRequest status;
    std::swap(status, request_);
    request_.arguments["command"] = "unlocked";
    const auto opened = ask_daemon();
    std::swap(status, request_);
    if (opened.failure.error != errc::ok) return opened.failure;
    return confirm_card();
  }
  if (answer.failure.error != errc::ok) return answer.failure;
  Invocation shown;
  shown.words = invocation_.words;
  shown.command = "server card";
  if (!invocation_.json) print_result(shown, answer.result, {});
  if (invocation_.yes) return {errc::ok, {}};
  return agreed("Faire confiance à cette association ? (oui/non) ",
                "Trust this association? (yes/no) ");
}

daemon::LocalAnswer Run::look_first(std::string_view command) {
  daemon::LocalRequest asked;
  asked.arguments = request_.arguments;
  asked.arguments["command"] = boost::json::string_view{command.data(), command.size()};
  std::swap(asked, request_);
  auto answer = ask_daemon();
  std::swap(asked, request_);
  return answer;
}

// Whose vault it is, for the sheet, where no name was given.
void Run::name_owner() {
  if (text_member(invocation_.arguments, "owner") != nullptr) return;
  if (look_first("unlocked").failure.error != errc::ok) return;
  const auto status = look_first("status");
  if (const auto* owner = text_member(status.result, "owner"); owner != nullptr)
    invocation_.arguments["owner"] = *owner;
}

daemon::LocalFailure Run::agreed(std::string_view french, std::string_view english) {
  daemon::LocalFailure not_agreed{errc::not_confirmed, {}};
  if (::isatty(STDIN_FILENO) == 0) return not_agreed;
  fmt::print(stderr, "{}", invocation_.words(french, english));
  char reply[16] = {};
  if (std::fgets(reply, sizeof reply, stdin) == nullptr) return not_agreed;
  if (std::string_view{"oOyY"}.find(reply[0]) != std::string_view::npos) return {errc::ok, {}};
  // Who says no is not to be told how to say yes.
  told_.sentence = invocation_.words("Vous n'avez pas dit oui : rien n'a été fait.",
                                     "You did not say yes: nothing was done.");
  return not_agreed;
}

// Says what the association's note says, and what would be sent again, and asks.
daemon::LocalFailure Run::confirm_heal() {
  if (invocation_.yes) return {errc::ok, {}};
  const auto looked = look_first("sync heal preview");
  // Nothing to heal: an ordinary sync, which needs no word.
  if (looked.failure.error == errc::not_found) return {errc::ok, {}};
  if (looked.failure.error != errc::ok) return looked.failure;
  Invocation shown;
  shown.words = invocation_.words;
  shown.command = "sync heal preview";
  if (!invocation_.json) print_result(shown, looked.result, {});
  return agreed("Renvoyer ce qui manque et rouvrir ces partages ? (oui/non) ",
                "Send what is missing and open these grants again? (yes/no) ");
}

// Shows what the card says and the words of its key, and asks.
daemon::LocalFailure Run::confirm_caregiver() {
  request_.arguments["preview"] = true;
  const auto looked = ask_daemon();  // the same request: the card goes with it
  request_.arguments.erase("preview");
  if (looked.failure.error != errc::ok) return looked.failure;
  Invocation shown;
  shown.words = invocation_.words;
  shown.command = "caregiver preview";
  if (!invocation_.json) print_result(shown, looked.result, {});
  request_.arguments["agreed"] = true;
  return agreed("Sont-ils les mêmes chez le soignant ? (oui/non) ",
                "Are they the same at the caregiver's? (yes/no) ");
}

// Where the table's sentence speaks of something else.
void Run::retell(errc error) {
  if (invocation_.command != "caregiver pair") return;
  const Words& words = invocation_.words;
  if (error == errc::words_differ)
    told_.sentence = words(
        "Ces mots ne sont pas ceux de cette carte : ce n'est pas la clé du "
        "soignant. Rien n'a été appairé ; reprenez la carte de sa main.",
        "These words are not those of this card: it is not the caregiver's key. "
        "Nothing was paired; take the card from their hand again.");
  if (error == errc::wrong_passcode)
    told_.sentence = words("Cette carte est incomplète ou mal recopiée.",
                           "This card is incomplete or was copied wrongly.");
}

// Shows both histories where the server shows the other one, and asks.
daemon::LocalFailure Run::confirm_merge() {
  if (!invocation_.arguments.contains("branch")) {
    const auto looked = look_first("fork show");
    if (looked.failure.error != errc::ok) return looked.failure;
    Invocation shown;
    shown.words = invocation_.words;
    shown.command = "fork show";
    if (!invocation_.json) print_result(shown, looked.result, {});
  }
  return agreed(
      "Suivre l'autre histoire et y reprendre tout ce que celle-ci a de plus ? (oui/non) ",
      "Follow the other history and take into it all that this one has? (yes/no) ");
}

// Shows what would be seen and what is agreed to, and asks. What was shown goes along: it is what
// is made and kept, or nothing is.
daemon::LocalFailure Run::confirm_grant(std::string_view preview) {
  const auto looked = look_first(preview);
  if (looked.failure.error != errc::ok) return looked.failure;
  Invocation shown;
  shown.words = invocation_.words;
  shown.command = "grant preview";
  print_result(shown, looked.result, {});
  auto word = agreed("D'accord ? (oui/non) ", "Agreed? (yes/no) ");
  if (word.error != errc::ok) return word;
  auto& seen = request_.arguments["seen"].emplace_array();
  if (const auto* documents = looked.result.if_contains("documents");
      documents != nullptr && documents->is_array())
    for (const auto& one : documents->get_array())
      if (one.is_object()) seen.emplace_back(text_of(one.get_object(), "id"));
  // The interval that the text says: the daemon's next look would be another moment's.
  for (const auto* name : {"not_before", "expires_at"})
    if (const auto* time = text_member(looked.result, name); time != nullptr)
      request_.arguments[name] = *time;
  // As it is: shown line by line.
  if (const auto* consent = text_member(looked.result, "consent"); consent != nullptr)
    request_.arguments["consent"] = *consent;
  return {errc::ok, {}};
}

}  // namespace coffret::cli
