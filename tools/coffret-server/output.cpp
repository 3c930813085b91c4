// SPDX-License-Identifier: EUPL-1.2
#include "tools/coffret-server/output.hpp"

#include <boost/json/serialize.hpp>
#include <cstdio>

namespace coffret::server_program {
namespace {

void line(std::FILE* to, std::string text) {
  text += '\n';
  (void)std::fwrite(text.data(), 1, text.size(), to);
  (void)std::fflush(to);
}

// The table of errors speaks of a vault, in most lines. These are what the same code means here.
struct OperatorsRow {
  errc error;
  std::string_view french, english;
};
constexpr OperatorsRow operators_rows[] = {
    {errc::not_found, "Introuvable : aucun compte ne porte cet identifiant.",
     "Not found: no account has this identifier."},
    {errc::never_initialised,
     "Il n'y a pas de serveur dans ce dossier. Créez-le avec « coffret-server init ».",
     "There is no server in this directory. Make one with \"coffret-server init\"."},
    {errc::in_use,
     "Le dossier de données de ce serveur est déjà utilisé par un autre « coffret-server serve ».",
     "This server's data directory is in use by another \"coffret-server serve\"."},
    {errc::already_initialised, "Il y a déjà un serveur dans ce dossier ; il n'a pas été touché.",
     "There is already a server in this directory; it was not touched."},
    {errc::damaged, "Un fichier du serveur est abîmé. Ne l'effacez pas.",
     "A file of the server is damaged. Do not delete it."},
};

std::string_view sentence_of(const ErrorRow& told, const speech::Words& words) {
  for (const auto& ours : operators_rows)
    if (ours.error == told.value) return words(ours.french, ours.english);
  return told.sentence(words.language);
}

}  // namespace

void Output::result(const boost::json::object& object, std::string_view text) const {
  line(stdout, json_ ? boost::json::serialize(object) : std::string{text});
}

int Output::fail(errc error) const {
  const ErrorRow& told = row(error);
  std::string sentence{sentence_of(told, words_)};
  if (!detail_.empty()) sentence.append(" (").append(detail_).append(")");
  if (!json_) {
    line(stderr, sentence);
    return told.exit_status;
  }
  const boost::json::object inner{
      {"code", boost::json::string_view{told.code.data(), told.code.size()}},
      {"message", sentence}};
  line(stdout, boost::json::serialize(boost::json::object{{"error", inner}}));
  return told.exit_status;
}

}  // namespace coffret::server_program
