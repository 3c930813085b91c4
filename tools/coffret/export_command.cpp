// SPDX-License-Identifier: EUPL-1.2
#include "tools/coffret/export_command.hpp"

#include <filesystem>

#include "coffret/encoding.hpp"
#include "coffret/json.hpp"
#include "coffret/utf8.hpp"
#include "vault/daemon/local_client.hpp"

namespace coffret::cli {
namespace {

Result<SecretText> file_passphrase(const Invocation& invocation, Told& told) {
  if (!invocation.age_passphrase_file.empty())
    return daemon::read_secret_file(invocation.age_passphrase_file);
  if (!invocation.passphrase_file.empty())
    return daemon::read_secret_file(invocation.passphrase_file);
  const Words& words = invocation.words;
  auto typed =
      ask_twice(words, words("Phrase secrète du fichier : ", "Passphrase of the file: "), told);
  if (typed.has_value() || typed.error() != errc::not_found) return typed;
  told.detail = words("Sans terminal, donnez --age-passphrase-file ou --recipient.",
                      "Without a terminal, give --age-passphrase-file or --recipient.");
  return errc::usage;
}

}  // namespace

Result<void> prepare_export(const Invocation& invocation, daemon::LocalRequest& request,
                            Told& told) {
  auto& arguments = request.arguments;
  // The daemon stands in another folder; a name that is not UTF-8 has no place in JSON.
  const auto path = std::filesystem::absolute(invocation.out).lexically_normal().string();
  if (well_formed_utf8(path) == path)
    arguments["out"] = path;
  else
    arguments["out_hex"] = to_hex(as_bytes(path));

  const auto* format = text_member(arguments, "format");
  const bool age = format == nullptr || *format == "age";
  const bool to_recipients = arguments.contains("recipients");
  if (to_recipients && (!age || !invocation.age_passphrase_file.empty())) return errc::usage;
  if (!age || to_recipients) return {};
  COFFRET_TRY(auto passphrase, file_passphrase(invocation, told));
  if (passphrase.empty()) return errc::wrong_passphrase;
  request.secrets.emplace("export_passphrase", std::move(passphrase));
  return {};
}

}  // namespace coffret::cli
