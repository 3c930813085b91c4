// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/service.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "coffret/document.hpp"
#include "coffret/json.hpp"
#include "vault/daemon/cards.hpp"
#include "vault/daemon/commands.hpp"
#include "vault/daemon/fork_commands.hpp"
#include "vault/daemon/freshness.hpp"
#include "vault/daemon/healing.hpp"
#include "vault/daemon/history_reading.hpp"

namespace coffret::daemon {
namespace {

using Handler = Result<Object> (*)(Call&);

const std::map<std::string_view, Handler> handlers{
    {"init", init},
    {"unlock", unlock},
    {"unlocked", unlocked},
    {"lock", lock},
    {"status", status},
    {"stop", stop},
    {"check", check},
    {"rebuild", rebuild},
    {"import", import_files},
    {"list", list},
    {"search", search},
    {"show", show},
    {"remove", remove_document},
    {"restore", restore_document},
    {"edit", edit},
    {"history", history},
    {"history read", history_read},
    {"inbox list", inbox_list},
    {"inbox accept", inbox_accept},
    {"inbox refuse", inbox_refuse},
    {"inbox link", inbox_link},
    {"inbox links", inbox_links},
    {"inbox close", inbox_close},
    {"person add", person_add},
    {"person rename", person_rename},
    {"person list", person_list},
    {"note add", own_add},
    {"allergy add", own_add},
    {"treatment add", own_add},
    {"vaccine add", own_add},
    {"measure add", own_add},
    {"contact add", own_add},
    {"directive add", own_add},
    {"watch", watch},
    {"watch list", watch_list},
    {"watch stop", watch_stop},
    {"results", results},
    {"medicines", medicines},
    {"allergies", allergies},
    {"vaccines", vaccines},
    {"summary", summary},
    {"server preview", server_preview},
    {"server join", server_join},
    {"server card", server_card},
    {"sync", sync},
    {"device list", device_list},
    {"device invite", device_invite},
    {"device confirm", device_confirm},
    {"device join", device_join},
    {"device remove", device_remove},
    {"device compare", device_compare},
    {"passphrase change", passphrase_change},
    {"recovery renew", recovery_renew},
    {"recovery compare", recovery_compare},
    {"sync heal preview", heal_preview},
    {"fork show", fork_show},
    {"fork merge", fork_merge},
    {"fork export", fork_export},
    {"server stale-after", server_stale_after},
    {"caregiver pair", caregiver_pair},
    {"caregiver list", caregiver_list},
    {"caregiver rename", caregiver_rename},
    {"caregiver remove", caregiver_remove},
    {"grant create", grant_create},
    {"grant preview", grant_preview},
    {"grant extend", grant_extend},
    {"grant receipt", grant_receipt},
    {"grant list", grant_list},
    {"grant show", grant_show},
    {"grant revoke", grant_revoke},
    {"access-log", access_log},
    {"emergency card", emergency_card},
    {"emergency preview", emergency_preview},
    {"emergency show", emergency_show},
    {"emergency remove", emergency_remove},
    {"emergency refuse", emergency_refuse},
    {"emergency look", emergency_look},
    {"export", export_record},
    {"backup", make_backup},
    {"backup verify", verify_backup},
    {"rehearse", rehearse},
    {"passphrase reset", passphrase_reset},
};

// Commands in which only what a server sent can fail to follow its format: a pinned server that
// sends that is not what it says it is.
constexpr std::array<std::string_view, 8> all_from_the_server{
    "sync",         "check",        "access-log",     "grant show",
    "grant revoke", "history read", "emergency show", "emergency look"};

errc as_told(std::string_view command, errc error) noexcept {
  const bool from_the_server = std::find(all_from_the_server.begin(), all_from_the_server.end(),
                                         command) != all_from_the_server.end();
  return from_the_server && error == errc::malformed ? errc::unauthenticated : error;
}

// Refusals leave a line (security.md §7): wrong secrets, policy, tampering, bytes that are not what
// they have to be, and a server that answers without answering. Not that nobody was there.
bool leaves_a_line(errc error) noexcept {
  switch (coffret::row(error).exit_status) {
    case 4:
    case 6:
    case 7:
    case 9:
    case 10:
      return true;
    default:
      return error == errc::timed_out || error == errc::server_error;
  }
}

}  // namespace

std::string Call::text(std::string_view name) const {
  const auto* text = text_member(request.arguments, name);
  return text == nullptr ? std::string{} : std::string{text->data(), text->size()};
}

std::vector<std::string> Call::texts(std::string_view name) const {
  std::vector<std::string> list;
  const auto* member = request.arguments.if_contains({name.data(), name.size()});
  if (member == nullptr || !member->is_array()) return list;
  for (const auto& item : member->get_array())
    if (item.is_string()) list.emplace_back(item.get_string().data(), item.get_string().size());
  return list;
}

bool Call::flag(std::string_view name) const {
  const auto* member = request.arguments.if_contains({name.data(), name.size()});
  return member != nullptr && member->is_bool() && member->get_bool();
}

Result<std::uint32_t> Call::number(std::string_view name) const {
  const auto* member = request.arguments.if_contains({name.data(), name.size()});
  if (member == nullptr) return std::uint32_t{0};
  boost::system::error_code ec;
  const auto value = member->to_number<std::uint32_t>(ec);
  if (ec) return errc::usage;
  return value;
}

const SecretText* Call::secret(std::string_view name) const {
  const auto found = request.secrets.find(name);
  return found == request.secrets.end() ? nullptr : &found->second;
}

Result<std::string> device_name(const Call& call) {
  auto name = call.text("name");
  if (name.find_first_not_of(' ') == std::string::npos) return call.service.config().device_name;
  if (name.size() > limits::short_text) return errc::too_large;
  return name;
}

Service::Service(ServiceConfig config, store::Environment environment)
    : config_(std::move(config)),
      environment_(environment),
      sync_state_(environment.disk, config_.directory) {}

Outcome Service::handle(LocalRequest& request, Answer& answer) {
  Call call{*this, request, answer, Language::french, {}, false};
  if (call.text("lang") == "en") call.language = Language::english;
  const std::string name = call.text("command");
  const auto handler = handlers.find(std::string_view{name});
  if (handler == handlers.end()) return {{}, errc::usage, name};

  return outcome(call, name, handler->second(call));
}

Outcome Service::outcome(Call& call, std::string_view command, Result<Object> result) {
  if (result.has_value()) return {std::move(*result), errc::ok, std::move(call.detail)};
  const errc error = as_told(command, to_errc(result.error()));
  if (leaves_a_line(error)) store::audit(config_.directory, error, environment_);
  return {{}, error, std::move(call.detail)};
}

}  // namespace coffret::daemon
