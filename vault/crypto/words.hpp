// SPDX-License-Identifier: EUPL-1.2
//
// words.hpp: the 256 check words. Only vault/crypto includes this.
//
// Plain French words of 4 to 8 letters without accents, in alphabetical order. No two begin with
// the same four letters, and any two differ in at least three: the start of a word says which it
// is, and a slip of the pen gives none of the others. The list is part of the format: it never
// changes.
#ifndef COFFRET_VAULT_CRYPTO_WORDS_HPP
#define COFFRET_VAULT_CRYPTO_WORDS_HPP

#include <array>
#include <string_view>

namespace coffret::crypto {

inline constexpr std::array<std::string_view, 256> words = {
    "abeille",  "abricot",  "acier",    "adresse",  "affiche",  "agenda",   "agneau",   "aigle",
    "alouette", "amande",   "ambre",    "amiral",   "ananas",   "antenne",  "archet",   "ardoise",
    "arrosoir", "atelier",  "autruche", "avenue",   "avion",    "azur",     "bagage",   "baguette",
    "balance",  "balcon",   "bambou",   "basilic",  "bateau",   "batterie", "beignet",  "berceau",
    "berger",   "beurre",   "bijou",    "billet",   "biscuit",  "blouson",  "bocal",    "bouchon",
    "bougie",   "bouquet",  "boussole", "branche",  "brebis",   "brosse",   "buffet",   "buisson",
    "cabane",   "cacao",    "cadran",   "caillou",  "canard",   "cannelle", "caravane", "carotte",
    "carton",   "cascade",  "cerise",   "chameau",  "chariot",  "chat",     "chemin",   "cheval",
    "chiffre",  "chocolat", "ciment",   "citron",   "clairon",  "clavier",  "cloche",   "colline",
    "colombe",  "compas",   "copain",   "corbeau",  "corde",    "couleur",  "courrier", "crabe",
    "crayon",   "crocus",   "cuisine",  "cuivre",   "culture",  "cygne",    "dauphin",  "dentelle",
    "dessin",   "domino",   "dossier",  "drapeau",  "encre",    "enfant",   "escalier", "falaise",
    "famille",  "farine",   "fauteuil", "fenouil",  "ferme",    "ficelle",  "flacon",   "fleuve",
    "fontaine", "fourmi",   "fromage",  "fruit",    "galet",    "gazelle",  "gazon",    "girafe",
    "globe",    "gomme",    "gouache",  "grange",   "grenier",  "grillon",  "guidon",   "guitare",
    "hamster",  "harpe",    "hiver",    "homard",   "horloge",  "hublot",   "huile",    "humour",
    "image",    "indigo",   "iris",     "ivoire",   "jaguar",   "jardin",   "jeton",    "jongleur",
    "journal",  "jungle",   "jupe",     "kayak",    "kimono",   "kiosque",  "koala",    "lapin",
    "laurier",  "lilas",    "linge",    "liquide",  "logis",    "losange",  "loutre",   "lundi",
    "lunette",  "machine",  "magasin",  "mandarin", "mangue",   "matelot",  "message",  "miel",
    "minute",   "miroir",   "moineau",  "monnaie",  "moulin",   "mousse",   "muraille", "musique",
    "narval",   "navire",   "neige",    "nougat",   "octobre",  "odeur",    "olive",    "opale",
    "oreiller", "ours",     "outil",    "palmier",  "panda",    "parasol",  "parfum",   "pavot",
    "paysage",  "peluche",  "pendule",  "perdrix",  "persil",   "piano",    "pierre",   "pigeon",
    "pinceau",  "pingouin", "placard",  "plume",    "poivron",  "pont",     "poterie",  "poussin",
    "prairie",  "puzzle",   "quartz",   "question", "radis",    "recette",  "robinet",  "robot",
    "rocher",   "roman",    "roulotte", "ruelle",   "ruisseau", "sable",    "salade",   "samedi",
    "sandale",  "saumon",   "sentier",  "serrure",  "sifflet",  "signal",   "silence",  "sirop",
    "soleil",   "sonnette", "sorbet",   "spirale",  "statue",   "tableau",  "tabouret", "taxi",
    "terrasse", "tisane",   "toiture",  "tomate",   "toucan",   "tracteur", "train",    "tramway",
    "tulipe",   "tunnel",   "uniforme", "univers",  "vapeur",   "velours",  "vendredi", "vernis",
    "violette", "virgule",  "vitrine",  "voilier",  "voisin",   "voyage",   "yaourt",   "zigzag",
};

}  // namespace coffret::crypto

#endif  // COFFRET_VAULT_CRYPTO_WORDS_HPP
