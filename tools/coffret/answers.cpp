// SPDX-License-Identifier: EUPL-1.2
#include "tools/coffret/answers.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/json/serialize.hpp>
#include <cstdio>

#include "tools/coffret/sayers.hpp"
#include "vault/daemon/local_client.hpp"

namespace coffret::cli {
namespace {

using boost::json::object;

void write_out(std::string_view text) {
  (void)std::fwrite(text.data(), 1, text.size(), stdout);
}

// The link and the passcode go from guarded memory to the descriptor; both are URL-safe or digits,
// so they need no escaping in JSON.
void write_secret_out(const SecretText& secret) {
  (void)std::fflush(stdout);
  (void)daemon::write_secret_to(STDOUT_FILENO, secret);
}

void print_grant(const Invocation& invocation, const object& result,
                 const std::vector<SecretText>& secrets) {
  const Words& words = invocation.words;
  if (invocation.json) {
    std::string json = boost::json::serialize(result);
    json.pop_back();
    write_out(json);
    constexpr std::string_view names[] = {"link", "passcode"};
    for (std::size_t i = 0; i < secrets.size() && i < 2; ++i) {
      write_out(fmt::format(",\"{}\":\"", names[i]));
      write_secret_out(secrets[i]);
      write_out("\"");
    }
    write_out("}\n");
  } else {
    say(fmt::format("{} {}, {} {}", words("Partagé avec", "Shared with"), text_of(result, "to"),
                    words("jusqu'au", "until"), instant_of(result, "expires_at", words.language)));
    if (const auto* several = result.if_contains("several_persons");
        several != nullptr && several->is_bool() && several->get_bool())
      say(std::string{words("Attention : ce partage contient des documents de plusieurs personnes.",
                            "Note: documents of several persons are in this grant.")});
    for (std::size_t i = 0; i < secrets.size(); ++i) {
      if (i == 1)
        write_out(words("\nCode à dire de vive voix, à part du lien : ",
                        "\nPasscode, to be told apart from the link: "));
      write_secret_out(secrets[i]);
      write_out("\n");
    }
  }
  (void)std::fflush(stdout);
}

}  // namespace

void print_row(const Invocation& invocation, const object& row) {
  if (invocation.json) {
    write_out(boost::json::serialize(row) + "\n");
    return;
  }
  if (const auto sayer = sayers_of(invocation.command).row) sayer(row, invocation.words);
}

void print_progress(const Invocation& invocation, const object& progress) {
  if (invocation.json || ::isatty(STDERR_FILENO) == 0) return;
  const auto done = number_of(progress, "done");
  const auto total = number_of(progress, "total");
  fmt::print(stderr, "\r{:>7} / {} {}\x1b[K{}", done, total, text_of(progress, "what"),
             done == total ? "\n" : "");
}

void print_result(const Invocation& invocation, const object& result,
                  const std::vector<SecretText>& secrets) {
  if (invocation.command == "grant create") return print_grant(invocation, result, secrets);
  const auto sayers = sayers_of(invocation.command);
  if (sayers.row != nullptr && sayers.result == nullptr) return;
  if (invocation.json && sayers.rows_only) return;
  if (invocation.json)
    write_out(boost::json::serialize(result) + "\n");
  else if (sayers.result != nullptr)
    sayers.result(result, invocation.words);
  else if (invocation.command != "show")
    say(std::string{invocation.words("C'est fait.", "Done.")});
}

int print_error(const Invocation& invocation, errc error, const std::string& detail,
                std::string_view sentence) {
  const auto& told = row(error);
  if (sentence.empty()) sentence = told.sentence(invocation.words.language);
  if (invocation.json)
    write_out(boost::json::serialize(
                  object{{"error",
                          {{"code", boost::json::string_view{told.code.data(), told.code.size()}},
                           {"message", boost::json::string_view{sentence.data(), sentence.size()}},
                           {"detail", detail}}}}) +
              "\n");
  else
    fmt::print(stderr, "coffret: {}{}{}\n", sentence, detail.empty() ? "" : "\n  ",
               printable(detail));
  return told.exit_status;
}

}  // namespace coffret::cli
