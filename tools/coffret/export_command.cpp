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

void send_path(boost::json::object& arguments, const std::string& name, const std::string& given) {
  auto path = std::filesystem::absolute(given).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();  // "stick/" is "stick"
  if (well_formed_utf8(path.string()) == path.string())
    arguments[name] = path.string();
  else
    arguments[name + "_hex"] = to_hex(as_bytes(path.string()));
}

Result<void> prepare_export(const Invocation& invocation, daemon::LocalRequest& request,
                            Told& told) {
  auto& arguments = request.arguments;
  send_path(arguments, "out", invocation.out);
  const auto* format = text_member(arguments, "format");
  const bool age = format == nullptr || *format == "age";
  const bool to_recipients = arguments.contains("recipients");
  if (to_recipients && (!age || !invocation.age_passphrase_file.empty())) return errc::usage;
  if (!age || to_recipients) return {};
  COFFRET_TRY(auto passphrase, file_passphrase(invocation, told));
  if (passphrase.empty()) return errc::wrong_passphrase;
  COFFRET_CHECK(judge_passphrase(invocation.words, passphrase, !invocation.json, told));
  request.secrets.emplace("export_passphrase", std::move(passphrase));
  return {};
}

}  // namespace coffret::cli
