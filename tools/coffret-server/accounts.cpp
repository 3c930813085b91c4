// SPDX-License-Identifier: EUPL-1.2
#include <fmt/format.h>
#include <unistd.h>

#include <iostream>

#include "sync/server/service.hpp"
#include "tools/coffret-server/commands.hpp"

namespace coffret::server_program {
namespace {

constexpr std::size_t shortest_beginning = 6;  // characters

Result<server::Account> find_account(server::Records& records, const std::string& wanted) {
  if (wanted.size() < shortest_beginning) return errc::usage;
  COFFRET_TRY(const auto all, records.accounts());
  std::optional<server::Account> found;
  for (const auto& account : all) {
    if (!account.account.text().starts_with(wanted) && !account.vault.text().starts_with(wanted))
      continue;
    if (found) return errc::usage;  // more than one begins like this
    found = account;
  }
  if (!found) return errc::not_found;
  return *found;
}

void print(const Context& context, const server::Account& a) {
  const boost::json::object fields{
      {"account", a.account.text()}, {"vault", a.vault.text()},
      {"quota", a.quota.bytes},      {"used", a.used.bytes},
      {"objects", a.used.objects},   {"entries", a.head.seq},
      {"suspended", a.suspended},    {"created_at", to_rfc3339(from_unix(a.created_at))}};
  context.output.result(
      fields, fmt::format("{}  {} / {} {}  {}", a.account.text(), a.used.bytes, a.quota.bytes,
                          context.output.say("octets", "bytes"),
                          a.suspended ? context.output.say("suspendu", "suspended") : ""));
}

// Opens the storage, finds the account, lets `act` change it, and prints it as it then stands.
template <class Act>
Result<void> change(const Context& context, const std::string& wanted, Act act) {
  COFFRET_TRY(const auto storage, server::open_storage(context.directory, context.machine));
  COFFRET_TRY(const server::Account account, find_account(*storage.records, wanted));
  COFFRET_CHECK(act(*storage.records, account));
  COFFRET_TRY(const server::Account after, storage.records->account(account.vault));
  print(context, after);
  return {};
}

// What is erased is gone: the operator types which account it is.
bool confirms(const Output& output, const server::Account& found) {
  if (output.json() || ::isatty(STDIN_FILENO) == 0) return false;
  const std::string name = found.account.text();
  std::cerr << output.say("Effacer pour toujours le compte ", "Erase for good the account ") << name
            << " (" << found.used.objects << output.say(" objets, ", " objects, ")
            << found.used.bytes
            << output.say(" octets).\nRetapez son identifiant : ",
                          " bytes).\nType its identifier again: ");
  std::string typed;
  return std::getline(std::cin, typed) && typed == name;
}

}  // namespace

Result<void> account_list(const Context& context) {
  COFFRET_TRY(const auto storage, server::open_storage(context.directory, context.machine));
  COFFRET_TRY(const auto all, storage.records->accounts());
  for (const auto& account : all) print(context, account);
  return {};
}

Result<void> account_show(const Context& context, const std::string& account) {
  return change(context, account,
                [](server::Records&, const server::Account&) { return Result<void>{}; });
}

Result<void> account_quota(const Context& context, const std::string& account,
                           const std::string& size) {
  COFFRET_TRY(const std::uint64_t bytes,
              typed_size(context, context.output.say("la place", "the room"), size));
  return change(context, account, [&](server::Records& records, const server::Account& found) {
    server::Quota quota = found.quota;
    quota.bytes = bytes;
    return records.set_quota(found.vault, quota);
  });
}

Result<void> account_suspend(const Context& context, const std::string& account, bool suspended) {
  return change(context, account, [&](server::Records& records, const server::Account& found) {
    return records.set_suspended(found.vault, suspended);
  });
}

Result<void> account_erase(const Context& context, const std::string& account, bool confirmed) {
  COFFRET_TRY(const auto storage, server::open_storage(context.directory, context.machine));
  COFFRET_TRY(const server::Account found, find_account(*storage.records, account));
  if (!confirmed && !confirms(context.output, found)) return errc::not_confirmed;
  COFFRET_TRY(const auto links, storage.records->erase(found.vault));
  for (const auto& link : links)
    COFFRET_CHECK(storage.halves->destroy(link, server::Halves::all_versions));
  // Beside a running `serve` the files are its to remove, within half a minute: of two sweepers one
  // could remove what the other's members have just sent again.
  const auto alone = server::ServeLock::take(context.directory);
  if (alone.has_error() && alone.error() != errc::in_use) return alone.error();
  server::Service service{{*storage.records, *storage.halves, *storage.objects,
                           context.machine.clock, context.machine.random, *storage.identity},
                          {}};
  if (alone.has_value()) COFFRET_CHECK(service.sweep());
  context.output.result({{"account", found.account.text()}, {"erased", true}},
                        context.output.say("Compte effacé.", "Account erased."));
  return {};
}

}  // namespace coffret::server_program
