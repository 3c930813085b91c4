// SPDX-License-Identifier: EUPL-1.2
#include "coffret/encoding.hpp"
#include "vault/daemon/import.hpp"

namespace coffret::daemon {

Result<Object> import_files(Call& call) {
  COFFRET_TRY(auto hold, call.service.session().hold());
  auto paths = call.texts("paths");
  for (const auto& hex : call.texts("paths_hex")) {  // names that are not UTF-8
    COFFRET_TRY(const auto path, from_hex(hex));
    paths.emplace_back(as_text(path));
  }
  const auto files = files_under(paths);
  COFFRET_TRY(auto persons, persons_of(call));
  COFFRET_TRY(const auto wanted, wanted_person(call, persons));
  Importer importer{call,
                    hold,
                    std::move(persons),
                    {.any_patient = call.flag("any_patient"),
                     .person = wanted ? wanted->id : PersonId{},
                     .source = "import"}};
  std::uint64_t done = 0;
  for (const auto& file : files) {
    COFFRET_CHECK(importer.take(file));
    (void)call.answer.progress(Object{{"done", ++done}, {"total", files.size()}});
  }
  COFFRET_CHECK(importer.finish());
  const auto& counts = importer.counts();
  return Object{
      {"summary",
       {{"imported", counts.imported},
        {"duplicate", counts.duplicate},
        {"quarantined", counts.quarantined},
        {"refused", counts.refused},
        {"identified", importer.identified()}}},
      {"exit_status", counts.refused == 0 ? 0 : coffret::row(errc::malformed).exit_status}};
}

}  // namespace coffret::daemon
