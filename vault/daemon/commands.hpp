// SPDX-License-Identifier: EUPL-1.2
//
// commands.hpp: the commands of the local API, each a function of its call.
//
// Every handler returns the result object of cli.md or an error, and may set call.detail.
#ifndef COFFRET_VAULT_DAEMON_COMMANDS_HPP
#define COFFRET_VAULT_DAEMON_COMMANDS_HPP

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "coffret/error.hpp"
#include "coffret/secret.hpp"
#include "vault/daemon/service.hpp"

namespace coffret::daemon {

// One command being run.
struct Call {
  Service& service;
  LocalRequest& request;
  Answer& answer;
  Language language = Language::french;
  std::string detail;
  bool quiet = false;  // runs on its own: its touches do not count as use

  std::string text(std::string_view name) const;                // "" when absent
  std::vector<std::string> texts(std::string_view name) const;  // empty when absent
  bool flag(std::string_view name) const;
  // 0 when absent. Errors: usage (no number of this size).
  Result<std::uint32_t> number(std::string_view name) const;
  const SecretText* secret(std::string_view name) const;

  template <class F>
  auto with(F&& touch) {
    return quiet ? service.session().with_quietly(std::forward<F>(touch))
                 : service.session().with(std::forward<F>(touch));
  }
};

// What the new device is to be called: as typed, else the machine's name. Errors: too_large.
Result<std::string> device_name(const Call& call);

using Object = boost::json::object;

Result<Object> init(Call& call);
Result<Object> unlock(Call& call);
Result<Object> unlocked(Call& call);  // nothing but: is it?
Result<Object> lock(Call& call);
Result<Object> status(Call& call);
Result<Object> stop(Call& call);
Result<Object> check(Call& call);
Result<Object> rebuild(Call& call);

Result<Object> import_files(Call& call);
Result<Object> list(Call& call);
Result<Object> search(Call& call);
Result<Object> show(Call& call);
Result<Object> remove_document(Call& call);
Result<Object> restore_document(Call& call);
Result<Object> edit(Call& call);
Result<Object> history(Call& call);

Result<Object> inbox_list(Call& call);
Result<Object> inbox_accept(Call& call);
Result<Object> inbox_refuse(Call& call);
Result<Object> inbox_link(Call& call);  // a link through which others send documents
Result<Object> inbox_links(Call& call);
Result<Object> inbox_close(Call& call);
Result<Object> person_add(Call& call);
Result<Object> person_rename(Call& call);
Result<Object> person_merge(Call& call);  // with "undo": parts them again
Result<Object> person_remove(Call& call);
Result<Object> person_list(Call& call);
Result<Object> own_add(Call& call);  // "note add", "allergy add" …

Result<Object> watch(Call& call);
Result<Object> watch_list(Call& call);
Result<Object> watch_stop(Call& call);

Result<Object> results(Call& call);
Result<Object> medicines(Call& call);
Result<Object> allergies(Call& call);
Result<Object> vaccines(Call& call);
Result<Object> summary(Call& call);

Result<Object> server_preview(Call& call);
Result<Object> server_join(Call& call);
Result<Object> server_card(Call& call);
Result<Object> sync(Call& call);

Result<Object> device_list(Call& call);
Result<Object> device_invite(Call& call);   // shows the code, waits for the other and for confirm
Result<Object> device_confirm(Call& call);  // "words" as seen there, or "no"
Result<Object> device_join(Call& call);
Result<Object> device_remove(Call& call);
Result<Object> device_compare(Call& call);
Result<Object> passphrase_change(Call& call);
Result<Object> recovery_renew(Call& call);  // the new sheet's text is handed out as init does
// Whether a sheet is the newest of this vault, and what a newer one would say of its place.
// Errors: recovery_replaced; wrong_recovery_key (no sheet of this vault's, as far as it knows).
Result<Object> recovery_compare(Call& call);

Result<Object> caregiver_pair(Call& call);  // "preview": only what the card says
Result<Object> caregiver_list(Call& call);
Result<Object> caregiver_rename(Call& call);
Result<Object> caregiver_remove(Call& call);

Result<Object> grant_create(Call& call);
Result<Object> grant_preview(Call& call);
Result<Object> grant_extend(Call& call);
Result<Object> grant_receipt(Call& call);
Result<Object> grant_list(Call& call);
Result<Object> grant_show(Call& call);
Result<Object> grant_revoke(Call& call);
Result<Object> access_log(Call& call);

Result<Object> export_record(Call& call);

Result<Object> make_backup(Call& call);
Result<Object> verify_backup(Call& call);
Result<Object> rehearse(Call& call);
Result<Object> passphrase_reset(Call& call);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_COMMANDS_HPP
