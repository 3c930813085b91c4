// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/evidence.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "coffret/encoding.hpp"
#include "coffret/json.hpp"
#include "coffret/time.hpp"
#include "sync/client/account.hpp"
#include "vault/store/history.hpp"

namespace coffret::daemon {
namespace {

constexpr std::string_view prefix = "fork-evidence-";
constexpr std::string_view ending = ".json";
constexpr std::string_view settled_ending = ".settled.json";
constexpr std::uint64_t max_file = std::uint64_t{1} << 20;  // bytes

bool is_settled(std::string_view file) {
  return file.starts_with(prefix) && file.ends_with(settled_ending);
}

bool is_unsettled(std::string_view file) {
  return file.starts_with(prefix) && file.ends_with(ending) && !is_settled(file);
}

// The names of those files in the vault's directory, in order.
Result<std::vector<std::string>> files_of(Call& call, bool (*wanted)(std::string_view)) {
  COFFRET_TRY(auto files, call.service.environment().disk.list(call.service.config().directory));
  std::erase_if(files, [&](const std::string& file) { return !wanted(file); });
  std::sort(files.begin(), files.end());
  return files;
}

// What a file says it was. Whatever else it says, it is there because of an alarm.
errc recorded_in(Call& call, const std::string& file) {
  const auto& disk = call.service.environment().disk;
  const auto text = disk.read(call.service.config().directory + "/" + file, max_file);
  if (text.has_error()) return errc::fork_detected;
  const auto value = parse_json(as_text(*text), {.bytes = max_file, .depth = 8});
  if (value.has_error() || !value->is_object()) return errc::fork_detected;
  const auto* code = text_member(value->get_object(), "code");
  for (const errc known : {errc::server_rolled_back, errc::server_restored})
    if (code != nullptr && *code == row(known).code) return known;
  return errc::fork_detected;
}

Object head_json(const protocol::Head& head) {
  return {{"seq", head.seq}, {"hash", head.hash.text()}};
}

boost::json::value entry_json(const protocol::SignedEntry* entry) {
  if (entry == nullptr || entry->body.size() > protocol::max_entry_body) return nullptr;
  return Object{{"hash", protocol::entry_hash(entry->body).text()},
                {"body", to_base64url(entry->body)},
                {"signature", to_base64url(entry->signature.view())}};
}

// As met just now, or else as the log remembers it.
std::string card_of(Call& call, const client::Server& server) {
  if (!server.signed_card().empty()) return server.signed_card();
  const auto kept = call.with([](store::Vault& vault) -> Result<std::string> {
    const auto pinned = vault.server();
    return pinned ? pinned->card : std::string{};
  });
  return kept.has_value() ? *kept : std::string{};
}

}  // namespace

bool is_alarm(errc error) noexcept {
  return error == errc::server_rolled_back || error == errc::fork_detected;
}

errc keep_evidence(Call& call, const client::Server& server, errc error, const Showing& showing) {
  if (!is_alarm(error)) return error;
  const auto& directory = call.service.config().directory;
  auto& disk = call.service.environment().disk;
  const std::string name = std::string{prefix} + std::to_string(showing.shown.seq) + "-" +
                           showing.shown.hash.text().substr(0, 16) + ".json";
  const auto there = files_of(call, is_unsettled);
  if (there.has_error()) return error;
  const bool known = std::find(there->begin(), there->end(), name) != there->end();
  if (!known && there->size() >= max_evidence) return error;

  const auto& identity = server.identity();
  const auto code = row(error).code;
  const Object evidence{{"code", boost::json::string_view{code.data(), code.size()}},
                        {"time", to_rfc3339(call.service.environment().clock.now())},
                        {"server",
                         {{"url", identity.url},
                          {"fingerprint", to_base64url(identity.fingerprint.view())},
                          {"card", card_of(call, server)}}},
                        {"remembered", head_json(showing.remembered)},
                        {"shown", head_json(showing.shown)},
                        {"first_entry", entry_json(showing.first)},
                        {"last_entry", entry_json(showing.last)}};
  const std::string text = boost::json::serialize(evidence) + "\n";
  if (known || disk.replace(directory + "/" + name, as_bytes(text)).has_value()) call.detail = name;
  return error;
}

errc keep_evidence(Call& call, const client::Server& server, errc error,
                   const protocol::Head& remembered, const protocol::EntryPage& page) {
  const bool none = page.entries.empty();
  return keep_evidence(call, server, error,
                       {.remembered = remembered,
                        .shown = page.head,
                        .first = none ? nullptr : &page.entries.front(),
                        .last = none ? nullptr : &page.entries.back()});
}

void restate_evidence(Call& call, errc error) {
  if (!is_unsettled(call.detail)) return;
  auto& disk = call.service.environment().disk;
  const std::string path = call.service.config().directory + "/" + call.detail;
  const auto text = disk.read(path, max_file);
  if (text.has_error()) return;
  auto value = parse_json(as_text(*text), {.bytes = max_file, .depth = 8});
  if (value.has_error() || !value->is_object()) return;
  const auto code = row(error).code;
  value->get_object()["code"] = boost::json::string_view{code.data(), code.size()};
  (void)disk.replace(path, as_bytes(boost::json::serialize(*value) + "\n"));
}

Result<void> refuse_unsettled(Call& call) {
  COFFRET_TRY(const auto files, files_of(call, is_unsettled));
  Result<void> refusal;
  for (const auto& file : files) {
    const errc recorded = recorded_in(call, file);
    if (refusal.has_error() && recorded == errc::server_restored) continue;
    refusal = recorded;
    call.detail = file;
    if (recorded == errc::fork_detected) break;
  }
  return refusal;
}

void settle_evidence(Call& call) {
  // What was read of the history stands against the checkpoint, whatever a sync is shown.
  const auto stands = call.with([](store::Vault& vault) -> Result<bool> {
    const auto history = store::History{vault}.progress();
    return history && history->contradicted;
  });
  if (stands.has_value() && *stands) return;
  auto& disk = call.service.environment().disk;
  const auto files = files_of(call, is_unsettled);
  const auto settled = files_of(call, is_settled);
  if (files.has_error() || settled.has_error()) return;
  auto room = max_evidence - std::min(max_evidence, settled->size());
  for (const auto& file : *files) {
    const std::string path = call.service.config().directory + "/" + file;
    const std::string stem = path.substr(0, path.size() - ending.size());
    if (room > 0) {
      if (disk.move(path, stem + std::string{settled_ending}).has_value()) --room;
    } else {
      (void)disk.remove(path);
    }
  }
}

Result<void> check_head(Call& call, client::Server& server, const Signer& signer) {
  COFFRET_TRY(const auto ours, call.with([](store::Vault& vault) { return vault.status(); }));
  const auto& known = ours.server_head;
  COFFRET_TRY(const auto state, client::vault_state(server, signer, ours.vault));
  const auto judge = [&](errc alarm) -> Result<void> {
    return keep_evidence(call, server, alarm,
                         {.remembered = known, .shown = state.head, .first = {}, .last = {}});
  };
  if (state.head.seq < known.seq) return judge(errc::server_rolled_back);
  if (state.head.seq == known.seq && state.head.hash != known.hash)
    return judge(errc::fork_detected);
  return {};
}

}  // namespace coffret::daemon
