// SPDX-License-Identifier: EUPL-1.2
//
// grant_life.hpp: a vault with one document, joined to a server that the test drives, and grants
// asked for as the command line does.
#ifndef COFFRET_TESTS_SUPPORT_GRANT_LIFE_HPP
#define COFFRET_TESTS_SUPPORT_GRANT_LIFE_HPP

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "tests/support/daemon_rig.hpp"

namespace coffret::test {

using boost::json::object;
using protocol::Endpoint;

inline object asking(
    std::initializer_list<std::pair<boost::json::string_view, boost::json::value>> more) {
  object arguments{{"to", "Dr Exemple"}, {"for", "7d"}};
  for (const auto& [name, value] : more) arguments[name] = value;
  return arguments;
}

inline object evolving() {
  return asking({{"all", true}, {"evolving", true}});
}

struct Life {
  MemberServer server;
  DaemonRig rig{server};

  Life() {
    REQUIRE(rig.init() == errc::ok);
    REQUIRE(rig.join() == errc::ok);
    (void)rig.put_text("Compte rendu");
    server.asked.clear();
  }

  DocumentId put(store::PreparedDocument document) {
    DocumentId id;
    (void)rig.service.session().with([&](store::Vault& vault) -> Result<void> {
      id = test::put(vault, std::move(document));
      return {};
    });
    return id;
  }
  std::string granted(const object& arguments) {
    const auto made = rig.ask("grant create", arguments);
    REQUIRE(made.error == errc::ok);
    return text(made.result, "id");
  }
  object shown(const std::string& id) {
    const auto told = rig.ask("grant show", {{"id", id}});
    REQUIRE(told.error == errc::ok);
    return told.result;
  }
  std::size_t published() const {
    return static_cast<std::size_t>(
        std::count(server.asked.begin(), server.asked.end(), Endpoint::publish_grant));
  }
  protocol::Policy policy() const {
    REQUIRE(server.policies.size() == 1);
    const auto policy = protocol::decode_policy(server.policies.begin()->second);
    REQUIRE(policy.has_value());
    return *policy;
  }
  std::uint64_t grants() {
    return rig.ask("grant list").result.at("count").to_number<std::uint64_t>();
  }

  static std::string text(const object& from, boost::json::string_view name) {
    return std::string{from.at(name).as_string()};
  }
};

// A document of a sensitive kind.
inline store::PreparedDocument serology() {
  auto document = prepared("Sérologie", "négative");
  Fact fact;
  fact.kind = FactKind::result;
  fact.code = {"56888-1", "2.16.840.1.113883.6.1", "Exemple"};
  fact.label = "Exemple";
  fact.value = "négatif";
  document.facts = {fact};
  return document;
}

}  // namespace coffret::test

#endif  // COFFRET_TESTS_SUPPORT_GRANT_LIFE_HPP
