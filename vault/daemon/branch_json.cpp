// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/branch_json.hpp"

#include <algorithm>
#include <map>

#include "coffret/time.hpp"

namespace coffret::daemon {
namespace {

struct Word {
  store::OperationType type;
  std::string_view kind, french, english;
};
using enum store::OperationType;
constexpr Word words[] = {
    {genesis, "genesis", "création du coffre", "the vault was made"},
    {epoch_started, "epoch_started", "nouvelles clés", "new keys"},
    {device_added, "device_added", "appareil ajouté", "a device was added"},
    {document_put, "document_put", "document ajouté", "a document was added"},
    {document_removed, "document_removed", "document retiré", "a document was removed"},
    {document_restored, "document_restored", "document remis", "a document was put back"},
    {grant_decided, "grant_decided", "partage donné", "a grant was given"},
    {grant_revoked, "grant_revoked", "partage révoqué", "a grant was revoked"},
    {grant_acknowledged, "grant_acknowledged", "fin de partage confirmée",
     "the end of a grant was confirmed"},
    {server_pinned, "server_pinned", "serveur noté", "the server was noted"},
    {access_checkpoint, "access_checkpoint", "journal des accès vérifié",
     "the access log was verified"},
    {document_amended, "document_amended", "document modifié", "a document was edited"},
    {document_assigned, "document_assigned", "document classé", "a document was filed"},
    {person_named, "person_named", "personne ajoutée", "a person was added"},
    {person_identified, "person_identified", "identité notée", "an identity was noted"},
    {device_removed, "device_removed", "appareil retiré", "a device was removed"},
    {recovery_replaced, "recovery_replaced", "nouvelle fiche de secours", "a new recovery sheet"},
    {server_restored, "server_restored", "serveur restauré", "the server was restored"},
    {branch_merged, "branch_merged", "deux histoires réunies", "two histories were joined"},
    {caregiver_paired, "caregiver_paired", "soignant appairé", "a caregiver was paired"},
    {caregiver_removed, "caregiver_removed", "soignant retiré", "a caregiver was removed"},
    {deposit_link_made, "deposit_link_made", "lien de dépôt fait", "a deposit link was made"},
    {deposit_link_closed, "deposit_link_closed", "lien de dépôt fermé",
     "a deposit link was closed"},
    {deposit_settled, "deposit_settled", "dépôt accepté ou refusé",
     "a deposit was accepted or refused"},
    {card_noted, "card_noted", "carte d'urgence : usage noté", "emergency card: a use was noted"},
};

const Word* word_of(store::OperationType type) noexcept {
  const auto* found = std::find_if(std::begin(words), std::end(words),
                                   [&](const Word& word) { return word.type == type; });
  return found == std::end(words) ? nullptr : found;
}

}  // namespace

std::string_view kind_of(store::OperationType type) noexcept {
  const auto* word = word_of(type);
  return word == nullptr ? "other" : word->kind;
}

std::string_view said_of(store::OperationType type, Language language) noexcept {
  const bool french = language == Language::french;
  const auto* word = word_of(type);
  if (word == nullptr) return french ? "autre changement" : "another change";
  return french ? word->french : word->english;
}

boost::json::array branch_json(Call& call, const std::vector<store::BranchEntry>& entries) {
  std::map<DeviceId, std::string> names;
  (void)call.with([&](store::Vault& vault) -> Result<void> {
    for (const auto& device : vault.devices()) names[device.id] = device.name;
    return {};
  });
  const auto view = [](std::string_view text) {
    return boost::json::string_view{text.data(), text.size()};
  };
  boost::json::array rows;
  for (const auto& entry : entries) {
    const auto named = names.find(entry.device);
    rows.push_back(Object{{"seq", entry.seq},
                          {"time", to_rfc3339(from_unix(entry.time))},
                          {"device", named == names.end() ? entry.device.text() : named->second},
                          {"kind", view(kind_of(entry.type))},
                          {"what", view(said_of(entry.type, call.language))},
                          {"title", entry.title}});
  }
  return rows;
}

}  // namespace coffret::daemon
