// SPDX-License-Identifier: EUPL-1.2
//
// commands.hpp: what the operator can do. None of it can read a document or speak for a member.
//
// All but `serve` also work beside a running `serve`. Each prints its result; errors are told by
// main. Errors: those of sync/server/data_directory.hpp; not_found (no such account); usage.
#ifndef COFFRET_TOOLS_COFFRET_SERVER_COMMANDS_HPP
#define COFFRET_TOOLS_COFFRET_SERVER_COMMANDS_HPP

#include <string>

#include "coffret/error.hpp"
#include "sync/server/archive.hpp"
#include "sync/server/data_directory.hpp"
#include "tools/coffret-server/output.hpp"
#include "tools/coffret-server/settings.hpp"

namespace coffret::server_program {

struct Context {
  std::string directory;
  const Settings& settings;
  const server::Machine& machine;
  const Output& output;
  mutable bool problems = false;  // a check found some: exit status 7
};

Result<void> init_command(const Context& context);
Result<void> serve_command(const Context& context);  // returns when told to stop
Result<void> card_command(const Context& context);
Result<void> stats_command(const Context& context);
// A size as it is typed, in bytes. Errors: usage, told as `name`'s.
Result<std::uint64_t> typed_size(const Context& context, std::string_view name,
                                 const std::string& size);
Result<void> invite_command(const Context& context, unsigned count, const std::string& quota,
                            const std::string& lifetime);
// errc file_exists, file_not_found, backup_damaged: sync/server/archive.hpp.
Result<void> backup_command(const Context& context, const std::string& to);
Result<void> restore_command(const Context& context, const std::string& from);
Result<void> check_command(const Context& context, const server::CheckOptions& options);
// `account`: an account's or vault's identifier, or the only beginning of one.
Result<void> account_list(const Context& context);
Result<void> account_show(const Context& context, const std::string& account);
Result<void> account_quota(const Context& context, const std::string& account,
                           const std::string& size);
Result<void> account_suspend(const Context& context, const std::string& account, bool suspended);
Result<void> account_erase(const Context& context, const std::string& account, bool confirmed);

}  // namespace coffret::server_program

#endif  // COFFRET_TOOLS_COFFRET_SERVER_COMMANDS_HPP
