// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/without_body.hpp"

#include <boost/json/array.hpp>
#include <mutex>

#include "vault/daemon/document_json.hpp"

namespace coffret::daemon {
namespace {

constexpr std::size_t most_named = 3;  // documents

}  // namespace

Result<void> tell_missing(store::Vault& vault, Object& result) {
  COFFRET_TRY(const auto missing, vault.missing_objects());
  result["missing"] = missing.size();
  auto& named = result["missing_documents"].emplace_array();
  for (const auto& one : missing) {
    if (named.size() == most_named) break;
    COFFRET_TRY(const auto document, vault.document(one.document.text()));
    named.push_back(Object{{"id", document.id.text()}, {"title", shown_title(document.entry)}});
  }
  return {};
}

Result<void> report_missing(Call& call, boost::json::array& problems) {
  const std::unique_lock no_sync{call.service.syncing(), std::try_to_lock};
  if (!no_sync) return {};
  COFFRET_TRY(const auto missing,
              call.with([](store::Vault& vault) { return vault.missing_objects(); }));
  for (const auto& one : missing)
    problems.push_back(Object{{"kind", "missing_body"}, {"item", one.document.text()}});
  return {};
}

std::string name_of_missing(Call& call, const ObjectId& object) {
  const auto title = call.with([&](store::Vault& vault) -> Result<std::string> {
    COFFRET_TRY(const auto missing, vault.missing_objects());
    for (const auto& one : missing) {
      if (one.object != object) continue;
      COFFRET_TRY(const auto document, vault.document(one.document.text()));
      return shown_title(document.entry);
    }
    return errc::not_found;
  });
  return title.has_value() ? *title : object.text();
}

}  // namespace coffret::daemon
