// SPDX-License-Identifier: EUPL-1.2
//
// crash_machine.hpp: a machine whose files and databases lie on a Medium, with vaults on it.
//
// Only the lock files are real, in a folder of the same path, because a lock is the kernel's and
// gone with the machine anyway.
#ifndef COFFRET_TESTS_SUPPORT_CRASH_MACHINE_HPP
#define COFFRET_TESTS_SUPPORT_CRASH_MACHINE_HPP

#include <sys/stat.h>

#include <set>
#include <string>
#include <utility>

#include "tests/support/medium_vfs.hpp"
#include "tests/support/vault_machine.hpp"
#include "tools/system/durable_disk.hpp"

namespace coffret::test {

struct CrashMachine {
  Folder folder;
  SetClock clock;
  SeededRandom random{1};
  Medium medium;
  DurableDisk disk{medium};
  MediumVfs vfs{medium};
  SecretText passphrase = secret_text("une phrase de test");

  CrashMachine() {
    for (const char* name : {"vault", "second", "third"})
      (void)::mkdir((folder / name).c_str(), 0700);
    (void)disk.make_directory(folder.path());
  }
  store::Environment environment() { return {clock, random, disk}; }
  std::string directory(const std::string& name = "vault") const { return folder / name; }

  store::VaultConfig config(const std::string& name = "vault") const {
    return {.directory = directory(name),
            .owner = "Camille Exemple",
            .device_name = name == "vault" ? "ordinateur" : "tablette",
            .cost = cheap_cost};
  }
  Result<store::CreatedVault> create() {
    return store::Vault::create(config(), passphrase, environment());
  }
  Result<store::Vault> open(const std::string& name = "vault") {
    return store::Vault::open(directory(name), passphrase, cheap_cost, environment());
  }
  Result<store::Vault> rebuild(const crypto::RecoverySeed& seed,
                               const std::vector<protocol::SignedEntry>& log,
                               const std::string& name) {
    const auto enrolled = [](const protocol::SignedCertificate&) { return Result<void>{}; };
    return store::Vault::rebuild(config(name), seed, log, passphrase, environment(), enrolled);
  }
  // The files of a vault's directory that no part of DESIGN.md §8 is.
  std::set<std::string> strays(const std::string& name = "vault") const {
    static const std::set<std::string> known{
        "keyslot", "recovery-slot", "store.db",  "store.db-wal", "store.json",
        "head",    "audit.log",     "last_sync", "freshness",    "history"};
    std::set<std::string> found;
    const auto prefix = directory(name) + "/";
    for (const auto& [path, content] : medium.files()) {
      if (path.compare(0, prefix.size(), prefix) != 0) continue;
      const auto rest = path.substr(prefix.size());
      // check() judges what lies in objects/.
      if (!known.contains(rest) && rest.compare(0, 8, "objects/") != 0) found.insert(rest);
    }
    return found;
  }
};

// What a person would see of a vault, as text, so that two states can be compared. Identifiers that
// an act makes anew when it is tried again are left out.
inline std::string told(store::Vault& vault) {
  std::multiset<std::string> lines;
  const auto documents = [&](store::DocumentFilter filter, const char* list) {
    filter.superseded = !filter.removed && !filter.quarantined;
    const auto views = vault.documents(filter);
    if (views.has_error()) {
      lines.insert(std::string{list} + " cannot be listed");
      return;
    }
    for (const auto& view : *views) {
      const auto body = vault.body(view.id);
      const auto text = vault.text(view.id);
      lines.insert(std::string{list} + " " + view.entry.title + " " + view.entry.date + " " +
                   to_base32(view.sha256.view()) + (body.has_value() ? " here " : " absent ") +
                   (text.has_value() ? *text : std::string{"no text"}));
    }
  };
  documents({}, "listed");
  documents({.removed = true}, "removed");
  documents({.quarantined = true}, "quarantined");
  for (const auto& person : vault.persons()) lines.insert("person " + person.name);
  for (const auto& device : vault.devices())
    lines.insert("device " + device.name + (device.removed ? " removed" : ""));
  lines.insert("epoch " + std::to_string(vault.epoch()));
  for (const auto& grant : vault.grants())
    lines.insert("grant " + grant.decision.caregiver + (grant.revoked_at ? " revoked" : "") +
                 (grant.acknowledged_at ? " acknowledged" : ""));
  const auto facts = vault.facts({});
  lines.insert("facts " + (facts.has_value() ? std::to_string(facts->size()) : "?"));
  if (const auto server = vault.server()) lines.insert("server " + server->url);
  std::string all;
  for (const auto& line : lines) all += line + "\n";
  return all;
}

}  // namespace coffret::test

#endif  // COFFRET_TESTS_SUPPORT_CRASH_MACHINE_HPP
