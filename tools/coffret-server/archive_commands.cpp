// SPDX-License-Identifier: EUPL-1.2
//
// The operator's backup, its return, and the check of what is kept.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <chrono>
#include <thread>

#include "sync/server/archive.hpp"
#include "tools/coffret-server/commands.hpp"

namespace coffret::server_program {
namespace {

boost::json::object counts(const server::BackupCount& count) {
  return {{"accounts", count.accounts},
          {"entries", count.entries},
          {"objects", count.objects},
          {"bytes", count.bytes},
          {"date", to_rfc3339(from_unix(count.backup_at))}};
}

std::string spelled(const Output& output, const server::BackupCount& count) {
  return fmt::format("{}: {}\n{}: {}\n{}: {}\n{}: {}", output.say("comptes", "accounts"),
                     count.accounts, output.say("entrées", "entries"), count.entries,
                     output.say("objets", "objects"), count.objects, output.say("octets", "bytes"),
                     count.bytes);
}

// What members sign in the second of the restoration is refused (PROTOCOL.md §12): a `serve` that
// is started now begins behind it.
void wait_for_the_next_second(const Clock& clock) {
  const auto restored = to_unix(clock.now());
  for (unsigned tries = 0; tries < 30 && to_unix(clock.now()) <= restored; ++tries)
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
}

}  // namespace

Result<void> backup_command(const Context& context, const std::string& to) {
  std::string where;
  const auto made = server::back_up(context.directory, to, context.machine, where);
  if (made.has_error()) {
    context.output.about(std::move(where));
    return made.error();
  }
  auto fields = counts(*made);
  fields["out"] = to;
  fields["verified"] = made->objects;
  context.output.result(
      fields, fmt::format("{}\n{}", spelled(context.output, *made),
                          context.output.say(
                              "Sauvegarde faite et relue. Elle contient la clé du serveur : gardez-"
                              "la comme elle. Les moitiés des liens n'y sont pas.",
                              "Backup made and read again. It holds the server's key: keep it like "
                              "that key. The halves of links are not in it.")));
  return {};
}

Result<void> restore_command(const Context& context, const std::string& from) {
  std::string where;
  const auto restored = server::put_back(from, context.directory, context.machine, where);
  if (restored.has_error()) {
    context.output.about(std::move(where));
    return restored.error();
  }
  wait_for_the_next_second(context.machine.clock);
  auto fields = counts(*restored);
  fields["data"] = context.directory;
  fields["verified"] = restored->objects;
  context.output.result(
      fields,
      fmt::format("{}\n{}", spelled(context.output, *restored),
                  context.output.say(
                      "Restauré. Prévenez les membres : « coffret sync --heal » renvoie ce qui "
                      "manque ; leurs partages restent fermés jusque-là.",
                      "Restored. Tell the members: \"coffret sync --heal\" sends what is missing; "
                      "their grants stay closed until then.")));
  return {};
}

Result<void> check_command(const Context& context, const server::CheckOptions& options) {
  COFFRET_TRY(const auto problems,
              server::check_stored(context.directory, options, context.machine));
  boost::json::array named;
  std::string text;
  for (const auto& problem : problems) {
    named.push_back(boost::json::object{{"kind", problem.kind}, {"item", problem.item}});
    text += problem.kind + ": " + problem.item + "\n";
  }
  const bool ok = problems.empty();
  const auto last = ok ? context.output.say("Tout est en ordre.", "All is in order.")
                       : context.output.say(
                             "Les membres renvoient un objet perdu : « coffret check "
                             "--against-server --repair ». Sinon, restaurez une sauvegarde.",
                             "Members send a lost object again: \"coffret check "
                             "--against-server --repair\". Else restore a backup.");
  context.output.result({{"ok", ok}, {"problems", std::move(named)}}, text + std::string{last});
  context.problems = !ok;
  return {};
}

}  // namespace coffret::server_program
