// SPDX-License-Identifier: EUPL-1.2
#include <boost/json/array.hpp>

#include <algorithm>

#include "coffret/encoding.hpp"
#include "vault/daemon/files_under.hpp"
#include "vault/daemon/grant_life.hpp"
#include "vault/daemon/import.hpp"

namespace coffret::daemon {
namespace {

boost::json::string_view shown(std::string_view text) {
  return {text.data(), text.size()};
}

// What an export that comes back is worth: `code` is that of the alarm, or null.
boost::json::array exports_json(const std::map<std::string, SignedExport>& exports) {
  boost::json::array all;
  for (const auto& [folder, judged] : exports) {
    Object one{{"folder", folder},
               {"signed_by", shown(name(judged.signer))},
               {"vault", judged.vault},
               {"words", judged.words},
               {"made_at", judged.made_at},
               {"owner", judged.owner},
               {"code", nullptr}};
    if (judged.signer == ExportSigner::invalid)
      one["code"] = shown(coffret::row(errc::list_altered).code);
    all.push_back(std::move(one));
  }
  return all;
}

// What was refused says more than a list that is not the signed one: that took nothing away.
int status_of(const Importer& importer) {
  if (importer.counts().refused != 0) return coffret::row(errc::malformed).exit_status;
  const auto& exports = importer.signed_exports();
  const bool altered = std::any_of(exports.begin(), exports.end(), [](const auto& one) {
    return one.second.signer == ExportSigner::invalid;
  });
  return altered ? coffret::row(errc::list_altered).exit_status : 0;
}

// `take` hands the files over, one after the other.
template <class Take>
Result<Object> import_all(Call& call, Session::Hold& hold, Take take) {
  COFFRET_TRY(auto persons, persons_of(call));
  COFFRET_TRY(const auto wanted, wanted_person(call, persons));
  Importer importer{call,
                    hold,
                    std::move(persons),
                    {.any_patient = call.flag("any_patient"),
                     .person = wanted ? wanted->id : PersonId{},
                     .source = "import"}};
  COFFRET_CHECK(take(importer));
  COFFRET_CHECK(importer.last());
  const auto& counts = importer.counts();
  Object summary{{"imported", counts.imported},
                 {"duplicate", counts.duplicate},
                 {"quarantined", counts.quarantined},
                 {"refused", counts.refused},
                 {"identified", importer.identified()}};
  if (counts.imported != 0) tell_evolved(evolve_now(call), summary);
  summary["exports"] = exports_json(importer.signed_exports());
  return Object{{"summary", std::move(summary)}, {"exit_status", status_of(importer)}};
}

}  // namespace

Result<Object> import_files(Call& call) {
  COFFRET_TRY(auto hold, call.service.session().hold());
  auto paths = call.texts("paths");
  for (const auto& hex : call.texts("paths_hex")) {  // names that are not UTF-8
    COFFRET_TRY(const auto path, from_hex(hex));
    paths.emplace_back(as_text(path));
  }
  const auto& vault = call.service.config().directory;
  for (const auto& path : paths) {
    call.detail = path;
    if (is_within(path, vault)) return errc::own_folder;
  }
  call.detail.clear();
  const auto files = files_under(paths, vault);
  return import_all(call, hold, [&](Importer& importer) -> Result<void> {
    std::uint64_t done = 0;
    for (const auto& file : files) {
      COFFRET_CHECK(importer.take(file));
      (void)call.answer.progress(Object{{"done", ++done}, {"total", files.size()}});
    }
    return {};
  });
}

Result<Object> import_bytes(Call& call, const std::string& name, ByteView bytes) {
  COFFRET_TRY(auto hold, call.service.session().hold());
  const auto today = to_rfc3339(call.service.environment().clock.now()).substr(0, 10);
  return import_all(call, hold, [&](Importer& importer) {
    return importer.take_sent(name, to_bytes(bytes), today);
  });
}

}  // namespace coffret::daemon
