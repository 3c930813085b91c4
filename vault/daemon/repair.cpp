// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/repair.hpp"

#include <map>

#include "coffret/json.hpp"
#include "sync/client/challenge.hpp"
#include "sync/client/objects.hpp"
#include "vault/daemon/document_json.hpp"
#include "vault/daemon/syncer.hpp"
#include "vault/store/ways_out.hpp"

namespace coffret::daemon {
namespace {

std::string member(const Object& problem, std::string_view name) {
  const auto* text = text_member(problem, name);
  return text == nullptr ? std::string{} : std::string{text->data(), text->size()};
}

struct Way {
  std::string_view kind, french, english;
};
constexpr Way ways[] = {
    {"body", "Abîmé ici : « coffret check --repair » le redemande au serveur.",
     "Damaged here: \"coffret check --repair\" asks the server for it."},
    {"missing_body", "Absent d'ici : « coffret check --repair » le redemande au serveur.",
     "Missing here: \"coffret check --repair\" asks the server for it."},
    {"server_lacks_object",
     "Le serveur ne l'a plus : « coffret check --against-server --repair » le lui renvoie.",
     "The server lost it: \"coffret check --against-server --repair\" sends it again."},
    {"row",
     "L'index diffère du journal : reconstruisez ce coffre avec « coffret rebuild » dans un "
     "autre dossier.",
     "The index differs from the log: rebuild this vault with \"coffret rebuild\" in another "
     "folder."},
    {"database_page",
     "Une page de la base est abîmée : synchronisez, puis « coffret rebuild » dans un autre "
     "dossier ; gardez celui-ci.",
     "A page of the database is damaged: sync, then \"coffret rebuild\" in another folder; keep "
     "this one."},
    {"chain",
     "Le journal local est abîmé : « coffret rebuild » dans un autre dossier ; gardez "
     "celui-ci.",
     "The local log is damaged: \"coffret rebuild\" in another folder; keep this one."},
    {"entry",
     "Une entrée du journal local est abîmée : « coffret rebuild » dans un autre dossier ; "
     "gardez celui-ci.",
     "An entry of the local log is damaged: \"coffret rebuild\" in another folder; keep this one."},
    {"orphan_object", "Reste d'un import interrompu : disparaît à la prochaine ouverture.",
     "Left by an import that was interrupted: gone at the next unlock."},
    {"server_restored",
     "L'association a remis son serveur à une sauvegarde : « coffret sync --heal » lui renvoie ce "
     "qui lui manque.",
     "The association put its server back to a backup: \"coffret sync --heal\" sends it what it "
     "lacks."},
    {"server_rolled_back", "Voyez « coffret fork show » et prévenez l'association.",
     "See \"coffret fork show\" and tell the association."},
    {"fork_detected", "Voyez « coffret fork show », puis « coffret fork merge ».",
     "See \"coffret fork show\", then \"coffret fork merge\"."},
};

// What this command has just tried in vain is no way out: a body that neither this device nor the
// server has is on another device, or nowhere.
constexpr Way elsewhere{
    {},
    "Ni cet appareil ni le serveur ne l'ont entier : sur un autre appareil qui l'a, « coffret "
    "check "
    "--against-server --repair » le renvoie au serveur ; ou réimportez le fichier d'origine.",
    "Neither this device nor the server has it whole: on another device that has it, \"coffret "
    "check --against-server --repair\" sends it to the server; or import the original file again."};

// It says that it holds it, and takes nothing in its place.
constexpr Way kept_damaged{
    {},
    "Le serveur garde ce document abîmé et ne le reprend pas : que l'association lance "
    "« coffret-server check --read-data --repair », puis refaites cette commande.",
    "The server keeps this document damaged and does not take it again: let the association run "
    "\"coffret-server check --read-data --repair\", then run this command again."};

bool is_lost(std::string_view kind, std::string_view error) {
  if (kind == "server_lacks_object") return error == "damaged" || error == "body_missing";
  if (kind == "body" || kind == "missing_body")
    return error == "not_found" || error == "unauthenticated";
  return false;
}

const Way* way_of(std::string_view kind, std::string_view error) {
  if (is_lost(kind, error)) return &elsewhere;
  if (kind == "server_lacks_object" && error == "unsupported") return &kept_damaged;
  for (const auto& way : ways)
    if (way.kind == kind) return &way;
  return nullptr;
}

class Repair {
 public:
  explicit Repair(Call& call) : call_(call) {}

  Result<void> begin() {
    COFFRET_TRY(auto server, pinned_server(call_, Unsettled::allow));
    COFFRET_TRY(signer_, device_signer(call_));
    COFFRET_TRY(vault_,
                call_.with([](store::Vault& open) -> Result<VaultId> { return open.id(); }));
    server_.emplace(std::move(server));
    return {};
  }

  Result<void> put_right(const Object& problem) {
    const auto kind = member(problem, "kind");
    const auto item = member(problem, "item");
    if (kind == "body" || kind == "missing_body") return fetch(item);
    if (kind == "server_lacks_object") return send(item);
    return errc::unsupported;
  }

 private:
  Result<void> fetch(const std::string& document) {
    COFFRET_TRY(const auto view,
                call_.with([&](store::Vault& open) { return open.document(document); }));
    COFFRET_TRY(const auto received, client::download(*server_, *signer_, vault_,
                                                      view.locator.object, view.locator.length));
    return call_.with([&](store::Vault& open) {
      return store::WaysOut{open}.repair_body(view.locator.object, received);
    });
  }
  Result<void> send(const std::string& object) {
    COFFRET_TRY(const auto id, ObjectId::parse(object));
    COFFRET_TRY(const auto sealed, call_.with([&](store::Vault& open) { return open.object(id); }));
    COFFRET_CHECK(client::upload(*server_, *signer_, vault_, sealed, {}, client::Held::doubted));
    // Put right is what it gives back.
    COFFRET_TRY(const bool held, client::still_holds_all(*server_, *signer_, vault_, sealed));
    return held ? Result<void>{} : Result<void>{errc::unsupported};
  }

  Call& call_;
  std::optional<client::Server> server_;
  const Signer* signer_ = nullptr;
  VaultId vault_;
};

}  // namespace

Result<void> repair(Call& call, boost::json::array& problems, boost::json::array& repaired) {
  COFFRET_TRY(const auto hold, call.service.session().hold());
  Repair mending{call};
  const auto begun = mending.begin();
  call.detail.clear();
  boost::json::array left;
  for (auto& item : problems) {
    auto& problem = item.get_object();
    const auto done = begun.has_error() ? begun : mending.put_right(problem);
    if (done.has_value()) {
      repaired.push_back(std::move(item));
      continue;
    }
    const auto code = row(to_errc(done.error())).code;
    problem["error"] = boost::json::string_view{code.data(), code.size()};
    left.push_back(std::move(item));
  }
  problems = std::move(left);
  explain_problems(call, repaired);
  return {};
}

void explain_problems(Call& call, boost::json::array& problems) {
  if (problems.empty()) return;
  std::map<std::string, std::string> titles;
  (void)call.with([&](store::Vault& vault) -> Result<void> {
    for (const bool removed : {false, true}) {
      store::DocumentFilter filter;
      filter.removed = removed;
      filter.superseded = true;
      const auto documents = vault.documents(filter);
      if (documents.has_error()) continue;  // the very thing that is damaged, perhaps
      for (const auto& document : *documents) {
        const auto title = shown_title(document.entry);
        titles[document.id.text()] = title;
        titles[document.locator.object.text()] = title;
      }
    }
    return {};
  });
  const bool french = call.language == Language::french;
  for (auto& item : problems) {
    auto& problem = item.get_object();
    if (const auto title = titles.find(member(problem, "item")); title != titles.end())
      problem["title"] = title->second;
    if (const auto* way = way_of(member(problem, "kind"), member(problem, "error"))) {
      const auto& said = french ? way->french : way->english;
      problem["way_out"] = boost::json::string_view{said.data(), said.size()};
    }
  }
}

}  // namespace coffret::daemon
