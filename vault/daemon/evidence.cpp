// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/evidence.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "coffret/encoding.hpp"
#include "coffret/time.hpp"

namespace coffret::daemon {
namespace {

constexpr std::string_view prefix = "fork-evidence-";

Object head_json(const protocol::Head& head) {
  return {{"seq", head.seq}, {"hash", head.hash.text()}};
}

boost::json::value entry_json(const protocol::SignedEntry* entry) {
  if (entry == nullptr || entry->body.size() > protocol::max_entry_body) return nullptr;
  return Object{{"hash", protocol::entry_hash(entry->body).text()},
                {"body", to_base64url(entry->body)},
                {"signature", to_base64url(entry->signature.view())}};
}

// Whether it tells of a server that does not keep to one history.
bool is_alarm(errc error) noexcept {
  return error == errc::server_rolled_back || error == errc::fork_detected;
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

errc keep_evidence(Call& call, const client::Server& server, errc error, const Showing& showing) {
  if (!is_alarm(error)) return error;
  const auto& directory = call.service.config().directory;
  auto& disk = call.service.environment().disk;
  const std::string name = std::string{prefix} + std::to_string(showing.shown.seq) + "-" +
                           showing.shown.hash.text().substr(0, 16) + ".json";
  const auto there = disk.list(directory);
  if (there.has_error()) return error;
  const auto kept = std::count_if(there->begin(), there->end(),
                                  [](const std::string& file) { return file.starts_with(prefix); });
  const bool known = std::find(there->begin(), there->end(), name) != there->end();
  if (!known && static_cast<std::size_t>(kept) >= max_evidence) return error;

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

}  // namespace coffret::daemon
