// SPDX-License-Identifier: EUPL-1.2
//
// biologics.cpp: which medicines are biological, which are vaccines.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "coffret/kinds.hpp"
#include "vault/daemon/plain_words.hpp"
#include "vault/daemon/record_facts.hpp"

namespace coffret::daemon {
namespace {

// ATC classes (WHO Collaborating Centre for Drug Statistics Methodology) of the substances in the
// French reference list of similar biological groups (ANSM), each widened to its whole class:
// insulins, heparins, epoetins, growth hormones, follitropins, teriparatide, colony stimulating
// factors, interferons, monoclonal antibodies, TNF and interleukin inhibitors.
constexpr std::array<std::string_view, 12> biologic_classes = {"A10A",  "B01AB", "B03XA", "H01AC",
                                                               "G03GA", "H05AA", "L03AA", "L03AB",
                                                               "L01F",  "L01XC", "L04AB", "L04AC"};
constexpr std::string_view vaccine_class = "J07";

// Substances, as French, English and Latin name them: ends of words (WHO, "The use of stems in the
// selection of International Nonproprietary Names"), and whole beginnings. Folded: no accents.
constexpr std::array<std::string_view, 5> biologic_ends = {"mab", "ercept", "bercept", "tacept",
                                                           "grastim"};
constexpr std::array<std::string_view, 15> biologic_starts = {
    "insulin",     "heparin",    "enoxaparin",    "dalteparin",  "tinzaparin",
    "nadroparin",  "interferon", "peginterferon", "teriparatid", "epoetin",
    "darbepoetin", "somatropin", "follitropin",   "lutropin",    "choriogonadotropin"};
// Brands, folded, of the product that each group began with: what a pharmacy's label says where its
// code is a presentation's. `source`: E, the EMA's register of centrally authorised medicines (the
// product's EPAR names the substance); A, the ANSM's reference list of similar biological groups.
struct Brand {
  std::string_view name;
  std::string_view substance;
  char source;
};
constexpr std::array<Brand, 52> brands = {{
    {"abasaglar", "insulin glargine", 'E'},
    {"apidra", "insulin glulisine", 'E'},
    {"humalog", "insulin lispro", 'E'},
    {"lantus", "insulin glargine", 'E'},
    {"levemir", "insulin detemir", 'E'},
    {"novorapid", "insulin aspart", 'E'},
    {"toujeo", "insulin glargine", 'E'},
    {"tresiba", "insulin degludec", 'E'},
    {"insulatard", "insulin human", 'E'},
    {"actrapid", "insulin human", 'E'},
    {"lovenox", "enoxaparin", 'A'},
    {"inhixa", "enoxaparin", 'E'},
    {"eprex", "epoetin alfa", 'A'},
    {"binocrit", "epoetin alfa", 'E'},
    {"retacrit", "epoetin zeta", 'E'},
    {"neorecormon", "epoetin beta", 'E'},
    {"aranesp", "darbepoetin alfa", 'E'},
    {"mircera", "methoxy PEG-epoetin beta", 'E'},
    {"genotonorm", "somatropin", 'A'},
    {"omnitrope", "somatropin", 'E'},
    {"gonal", "follitropin alfa", 'E'},
    {"ovaleap", "follitropin alfa", 'E'},
    {"forsteo", "teriparatide", 'E'},
    {"neupogen", "filgrastim", 'A'},
    {"zarzio", "filgrastim", 'E'},
    {"neulasta", "pegfilgrastim", 'E'},
    {"avonex", "interferon beta-1a", 'E'},
    {"rebif", "interferon beta-1a", 'E'},
    {"betaferon", "interferon beta-1b", 'E'},
    {"humira", "adalimumab", 'E'},
    {"enbrel", "etanercept", 'E'},
    {"benepali", "etanercept", 'E'},
    {"remicade", "infliximab", 'E'},
    {"simponi", "golimumab", 'E'},
    {"cimzia", "certolizumab pegol", 'E'},
    {"roactemra", "tocilizumab", 'E'},
    {"orencia", "abatacept", 'E'},
    {"stelara", "ustekinumab", 'E'},
    {"cosentyx", "secukinumab", 'E'},
    {"mabthera", "rituximab", 'E'},
    {"herceptin", "trastuzumab", 'E'},
    {"avastin", "bevacizumab", 'E'},
    {"tysabri", "natalizumab", 'E'},
    {"prolia", "denosumab", 'E'},
    {"xgeva", "denosumab", 'E'},
    {"xolair", "omalizumab", 'E'},
    {"dupixent", "dupilumab", 'E'},
    {"praluent", "alirocumab", 'E'},
    {"repatha", "evolocumab", 'E'},
    {"eylea", "aflibercept", 'E'},
    {"lucentis", "ranibizumab", 'E'},
    {"soliris", "eculizumab", 'E'},
}};
constexpr std::size_t stem_of_a_word = 2;  // letters that an end needs before it

bool names_biologic(const std::string& words) {
  std::size_t at = 0;
  while (at < words.size()) {
    const auto end = std::min(words.find(' ', at), words.size());
    const std::string_view word = std::string_view{words}.substr(at, end - at);
    at = end + 1;
    const auto ends = [&](std::string_view stem) {
      return word.ends_with(stem) && word.size() >= stem.size() + stem_of_a_word;
    };
    const auto starts = [&](std::string_view stem) { return word.starts_with(stem); };
    if (std::any_of(biologic_ends.begin(), biologic_ends.end(), ends) ||
        std::any_of(biologic_starts.begin(), biologic_starts.end(), starts) ||
        std::any_of(brands.begin(), brands.end(), [&](auto& brand) { return brand.name == word; }))
      return true;
  }
  return false;
}

bool is_atc(std::string_view system) {
  system = oid_of(system);
  return system == "2.16.840.1.113883.6.73" || system == "http://www.whocc.no/atc";
}

// Its ATC class, given as its code or beside it.
std::string_view atc_of(const Fact& fact) {
  if (is_atc(fact.code.system)) return fact.code.code;
  return fact.kind == FactKind::medicine ? std::string_view{fact.flag} : std::string_view{};
}

}  // namespace

bool is_biologic(const Fact& fact) {
  const auto atc = atc_of(fact);
  return std::any_of(biologic_classes.begin(), biologic_classes.end(),
                     [&](std::string_view known) { return atc.starts_with(known); }) ||
         names_biologic(plain_text(fact.label)) || names_biologic(plain_text(fact.code.display));
}

bool is_vaccine(const Fact& fact) {
  return atc_of(fact).starts_with(vaccine_class);
}

}  // namespace coffret::daemon
