// SPDX-License-Identifier: EUPL-1.2
//
// sheet_words.hpp: the words of the printed sheet, in both languages.
#ifndef COFFRET_VAULT_PAPER_SHEET_WORDS_HPP
#define COFFRET_VAULT_PAPER_SHEET_WORDS_HPP

#include <string_view>

#include "coffret/error.hpp"

namespace coffret::paper {

struct Both {
  std::string_view french;
  std::string_view english;

  constexpr std::string_view in(Language language) const noexcept {
    return language == Language::french ? french : english;
  }
};

// A heading and what stands under it.
struct Passage {
  Both heading;
  Both text;
  Both command;  // may be empty
};

inline constexpr Both sheet_title{"Fiche de secours de mon coffre de santé",
                                  "Recovery sheet of my health vault"};
inline constexpr Both sheet_warning{
    "Qui tient cette feuille ouvre tout : chaque document du coffre, sans autre mot de passe. "
    "Rangez-la comme un testament : chez vous sous clé, ou chez une personne de confiance. Ne la "
    "photographiez pas, ne l'envoyez pas, ne la rangez pas avec une sauvegarde du coffre.",
    "Whoever holds this sheet opens everything: each document of the vault, without any other "
    "password. Keep it like a will: locked away at home, or with a person you trust. Do not take "
    "a photograph of it, do not send it, do not keep it together with a backup of the vault."};
inline constexpr Both key_label{"La clé de secours : quatorze groupes de quatre",
                                "The recovery key: fourteen groups of four"};
inline constexpr Both check_label{"Mots de contrôle (à comparer, à lire à voix haute)",
                                  "Check words (to compare, to read aloud)"};
inline constexpr Both digit_note{
    "Jamais de zéro, de un ni de huit : ce sont les lettres O, I et B. Grandes ou petites lettres, "
    "avec ou sans tirets : peu importe. Dans l'empreinte du serveur, elles comptent.",
    "Never a zero, a one or an eight: they are the letters O, I and B. Capital or small letters, "
    "with or without dashes: it does not matter. In the server's fingerprint it does."};
inline constexpr Both facts_label{"Pour retrouver le coffre", "To find the vault again"};
inline constexpr Both qr_label{"La même clé, à scanner", "The same key, to scan"};
inline constexpr Both no_server{
    "Cette fiche a été faite avant que le coffre ait un serveur. Recopiez ici l'adresse et "
    "l'empreinte que montre « coffret server card », ou refaites une fiche : « coffret recovery "
    "sheet ».",
    "This sheet was made before the vault had a server. Copy here the address and fingerprint "
    "that \"coffret server card\" shows, or make a new sheet: \"coffret recovery sheet\"."};

inline constexpr Both when_title{"Que faire quand…", "What to do when…"};
inline constexpr Passage passages[] = {
    {{"Ma phrase secrète est oubliée", "My passphrase is forgotten"},
     {"Sur l'ordinateur qui a le coffre, cette fiche en donne une neuve ; rien n'est perdu. Les "
      "documents pas encore envoyés au serveur restent aussi.",
      "On the computer that has the vault, this sheet sets a new one; nothing is lost. Documents "
      "that were not sent to the server yet stay as well."},
     {"coffret passphrase reset", "coffret passphrase reset"}},
    {{"Mon ordinateur est perdu, volé ou cassé", "My computer is lost, stolen or broken"},
     {"Sur une autre machine, installez Coffret, puis reconstruisez le coffre du serveur de "
      "l'association, dont l'adresse et l'empreinte sont en première page :",
      "On another machine, install Coffret, then rebuild the vault from the association's server, "
      "whose address and fingerprint are on the first page:"},
     {"coffret rebuild --from-server ADRESSE --pin EMPREINTE",
      "coffret rebuild --from-server ADDRESS --pin FINGERPRINT"}},
    {{"Le serveur n'est plus là, mais j'ai une sauvegarde",
      "The server is gone, but I have a backup"},
     {"La même chose, à partir du fichier de sauvegarde (une clé USB, souvent) :",
      "The same, from the backup's file (often on a USB stick):"},
     {"coffret rebuild --from SAUVEGARDE", "coffret rebuild --from BACKUP"}},
    {{"Cette fiche est perdue, ou quelqu'un l'a vue", "This sheet is lost, or somebody saw it"},
     {"Coffre ouvert, faites-en une neuve : c'est une nouvelle clé, l'ancienne n'ouvre plus rien "
      "de "
      "ce qui vient après. Refaites ensuite une sauvegarde.",
      "With the vault open, make a new one: it is a new key, and the old one opens nothing that "
      "comes after. Then make a new backup."},
     {"coffret recovery sheet --out FICHE.pdf", "coffret recovery sheet --out SHEET.pdf"}},
    {{"La phrase et la fiche sont perdues toutes les deux",
      "The passphrase and the sheet are both lost"},
     {"Alors personne ne peut plus ouvrir le coffre, ni l'association ni nous. Demandez à "
      "l'association d'effacer le compte et une nouvelle invitation, puis recommencez un coffre.",
      "Then nobody can open the vault any more, neither the association nor we. Ask the "
      "association to erase the account and for a new invitation, then begin a new vault."},
     {"coffret init", "coffret init"}},
    {{"Pour être sûr que tout revient", "To be sure that all of it comes back"},
     {"Tous les trois mois, répétez une reconstruction : elle se fait à côté, compare chaque "
      "document, et s'efface.",
      "Every three months rehearse a rebuild: it is made beside the vault, compares every "
      "document, "
      "and is wiped."},
     {"coffret rehearse", "coffret rehearse"}},
};
inline constexpr Both key_is_asked{
    "Chacune de ces commandes demande la clé de la première page : tapez ses quatorze groupes. Une "
    "faute de frappe est dite aussitôt. Qui a gardé la fiche en texte la donne avec "
    "« --recovery-file ».",
    "Each of these commands asks for the key on the first page: type its fourteen groups. A typing "
    "slip is told at once. Whoever kept the sheet as text gives it with \"--recovery-file\"."};

inline constexpr Both family_title{"Pour un proche", "For a relative"};
inline constexpr Both family_text[] = {
    {"Cette feuille est la clé des documents de santé de la personne nommée en première page. Si "
     "elle est morte ou ne peut plus agir, c'est avec cette feuille qu'on ouvre son coffre.",
     "This sheet is the key to the health documents of the person named on the first page. If they "
     "have died or can no longer act, this sheet is what opens their vault."},
    {"Ne l'utilisez que si elle l'a voulu, ou si la loi vous le permet : mandat de protection "
     "future, habilitation familiale, tutelle, ayant droit. Ce que vous lirez est couvert par le "
     "secret de cette personne.",
     "Use it only if they wished so, or if the law lets you: a power of attorney, a guardianship, "
     "an heir's right. What you will read is this person's secret."},
    {"1. Trouvez de l'aide : l'association dont l'adresse est en première page connaît la marche à "
     "suivre. Elle ne peut pas ouvrir le coffre elle-même, et ne doit pas vous demander cette clé.",
     "1. Find help: the association whose address is on the first page knows what to do. It cannot "
     "open the vault itself, and must not ask you for this key."},
    {"2. Sur un ordinateur sûr, avec Coffret : « coffret rebuild », avec l'adresse du serveur ou "
     "une sauvegarde (une clé USB, souvent), puis la clé en quatorze groupes.",
     "2. On a trusted computer, with Coffret: \"coffret rebuild\", with the server's address or a "
     "backup (often a USB stick), then the key in fourteen groups."},
    {"3. Sans installer Coffret, si vous avez une sauvegarde : le programme « coffret-recover » en "
     "sort tous les documents, sans réseau.",
     "3. Without installing Coffret, if you have a backup: the program \"coffret-recover\" takes "
     "all "
     "documents out of it, without a network."},
    {"4. Lisez les mots de contrôle à voix haute et comparez-les avec ceux de l'écran : s'ils sont "
     "les mêmes, la clé est bien tapée. Une faute de frappe est dite, avec le groupe où la "
     "chercher.",
     "4. Read the check words aloud and compare them with those on the screen: if they are the "
     "same, the key was typed well. A typing slip is told, with the group in which to look."},
    {"S'il faut deux parts sur trois pour refaire la clé, chaque part a sa propre feuille : une "
     "seule ne donne rien.",
     "If the key has to be put together from two shares of three, each share has a sheet of its "
     "own: "
     "one alone gives nothing."},
};

inline constexpr Both share_title{"Une part de la clé de secours", "A share of the recovery key"};
inline constexpr Both share_warning{
    "Cette feuille ne donne rien à elle seule. Avec n'importe laquelle des deux autres, elle "
    "refait "
    "la clé qui ouvre tout : ne les rangez jamais ensemble.",
    "This sheet gives nothing by itself. With either of the other two it makes the key that opens "
    "everything: never keep two of them together."};
inline constexpr Both share_key_label{"La part : quinze groupes de quatre",
                                      "The share: fifteen groups of four"};
inline constexpr Both share_qr_label{"La même part, à scanner", "The same share, to scan"};
inline constexpr Both share_holders[] = {
    {"Part 1 : à garder par la personne elle-même", "Share 1: kept by the person"},
    {"Part 2 : à remettre à un proche", "Share 2: handed to a relative"},
    {"Part 3 : à remettre à l'association", "Share 3: handed to the association"},
};
inline constexpr Passage share_passages[] = {
    {{"Comment s'en servir", "How to use it"},
     {"Réunissez deux parts. Avec Coffret, reconstruisez le coffre :",
      "Bring two shares together. With Coffret, rebuild the vault:"},
     {"coffret rebuild --from SAUVEGARDE --share PART1 --share PART2",
      "coffret rebuild --from BACKUP --share SHARE1 --share SHARE2"}},
    {{"Sans installer Coffret", "Without installing Coffret"},
     {"Le programme coffret-recover réunit deux parts, sans réseau, et sort les documents d'une "
      "sauvegarde :",
      "The program coffret-recover puts two shares together, without a network, and takes the "
      "documents out of a backup:"},
     {"coffret-recover open --from SAUVEGARDE --share PART1 --share PART2 --out DOSSIER",
      "coffret-recover open --from BACKUP --share SHARE1 --share SHARE2 --out FOLDER"}},
    {{"Si cette part est perdue", "If this share is lost"},
     {"Prévenez la personne : elle fera une nouvelle fiche, puis un nouveau partage.",
      "Tell the person: they make a new sheet, and share it again."},
     {"coffret recovery sheet --out FICHE.pdf", "coffret recovery sheet --out SHEET.pdf"}},
};

inline constexpr Both others_title{"Qui tient les deux autres parts",
                                   "Who holds the other two shares"};
inline constexpr Both others_label[] = {
    {"Part 1, la personne", "Share 1, the person"},
    {"Part 2, un proche", "Share 2, a relative"},
    {"Part 3, l'association", "Share 3, the association"},
};
inline constexpr Both share_family_text[] = {
    {"Cette feuille est une des trois parts de la clé des documents de santé de la personne nommée "
     "en première page. Seule, elle n'ouvre rien ; avec une deuxième, on ouvre le coffre. Si la "
     "personne est morte ou ne peut plus agir, il faut donc être deux.",
     "This sheet is one of the three shares of the key to the health documents of the person named "
     "on the first page. Alone it opens nothing; with a second one the vault is opened. If the "
     "person has died or can no longer act, it therefore takes two people."},
    {"Ne l'utilisez que si elle l'a voulu, ou si la loi vous le permet : mandat de protection "
     "future, habilitation familiale, tutelle, ayant droit. Ce que vous lirez est couvert par le "
     "secret de cette personne.",
     "Use it only if they wished so, or if the law lets you: a power of attorney, a guardianship, "
     "an heir's right. What you will read is this person's secret."},
    {"1. Trouvez de l'aide : l'association connaît la marche à suivre, et tient peut-être une "
     "part. "
     "Elle ne peut pas ouvrir le coffre avec cette seule part. Ne lui laissez pas la vôtre : "
     "deux parts au même endroit sont la clé.",
     "1. Find help: the association knows what to do, and may hold a share. It cannot open the "
     "vault with that share alone. Do not leave yours with it: two shares in one place are the "
     "key."},
    {"2. Réunissez deux parts sur un ordinateur sûr, avec une sauvegarde (une clé USB, souvent) ou "
     "l'adresse du serveur, et tapez ou scannez chacune : quinze groupes de quatre.",
     "2. Bring two shares together on a trusted computer, with a backup (often a USB stick) or the "
     "server's address, and type or scan each: fifteen groups of four."},
    {"3. Lisez les mots de contrôle de chaque part à voix haute : tapés avec elle, ils disent si "
     "elle l'est bien.",
     "3. Read each share's check words aloud: typed with it, they tell whether it was typed well."},
};

}  // namespace coffret::paper

#endif  // COFFRET_VAULT_PAPER_SHEET_WORDS_HPP
