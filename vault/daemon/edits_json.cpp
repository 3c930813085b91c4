// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/edits_json.hpp"

#include <map>
#include <vector>

#include "coffret/time.hpp"

namespace coffret::daemon {
namespace {

struct Change {
  std::string_view field;
  std::string value;
};

std::vector<Change> changes_of(const store::DocumentAmended& amended) {
  std::vector<Change> changes;
  const auto take = [&](std::string_view field, const std::optional<std::string>& value) {
    if (value) changes.push_back({field, *value});
  };
  take("title", amended.title);
  take("date", amended.date);
  if (amended.kind)
    changes.push_back(
        {"kind", amended.kind->display.empty() ? amended.kind->code : amended.kind->display});
  take("note", amended.note);
  return changes;
}

}  // namespace

boost::json::array edits_json(const store::Vault& vault, const DocumentId& id) {
  const auto edits = vault.edits(id);
  std::map<std::string_view, std::uint64_t> standing;  // the last entry that says each field
  for (const auto& edit : edits)
    for (const auto& change : changes_of(edit.change)) standing[change.field] = edit.seq;

  boost::json::array all;
  for (const auto& edit : edits) {
    const auto device = vault.device(edit.device);
    boost::json::array changes;
    for (const auto& change : changes_of(edit.change))
      changes.push_back(boost::json::object{
          {"field", boost::json::string_view{change.field.data(), change.field.size()}},
          {"value", change.value},
          {"stands", standing[change.field] == edit.seq}});
    all.push_back(boost::json::object{{"device", edit.device.text()},
                                      {"device_name", device ? device->name : std::string{}},
                                      {"time", to_rfc3339(from_unix(edit.time))},
                                      {"seq", edit.seq},
                                      {"changes", std::move(changes)}});
  }
  return all;
}

}  // namespace coffret::daemon
