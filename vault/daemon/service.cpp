// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/service.hpp"

#include <map>

#include "coffret/json.hpp"
#include "vault/daemon/commands.hpp"

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
    {"inbox list", inbox_list},
    {"inbox accept", inbox_accept},
    {"inbox refuse", inbox_refuse},
    {"person add", person_add},
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
    {"grant create", grant_create},
    {"grant list", grant_list},
    {"grant show", grant_show},
    {"grant revoke", grant_revoke},
    {"access-log", access_log},
    {"export", export_record},
};

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

Service::Service(ServiceConfig config, store::Environment environment)
    : config_(std::move(config)), environment_(environment) {}

Outcome Service::handle(LocalRequest& request, Answer& answer) {
  Call call{*this, request, answer, Language::french, {}};
  if (call.text("lang") == "en") call.language = Language::english;
  const std::string name = call.text("command");
  const auto handler = handlers.find(std::string_view{name});
  if (handler == handlers.end()) return {{}, errc::usage, name};

  auto result = handler->second(call);
  if (result.has_value()) return {std::move(*result), errc::ok, std::move(call.detail)};
  const errc error = to_errc(result.error());
  // Refusals leave a line (security.md §7): wrong secrets, policy, tampering.
  const int exit_status = coffret::row(error).exit_status;
  if (exit_status == 4 || exit_status == 6 || exit_status == 7)
    store::audit(config_.directory, error, environment_);
  return {{}, error, std::move(call.detail)};
}

}  // namespace coffret::daemon
