// SPDX-License-Identifier: EUPL-1.2
#include "vault/backup/chain.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

namespace coffret::backup {
namespace {

errc damaged(Damage& damage, Fault fault, const std::string& path) {
  damage = {fault, path};
  return errc::backup_damaged;
}

// The number behind "name."; 0: it is none.
std::uint32_t number_of(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = ec == std::errc{} && end == text.data() + text.size();
  return whole && !text.starts_with('0') && number >= 2 && number <= max_number ? number : 0;
}

struct Place {
  std::string directory;
  std::string name;
};
Place split(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return {".", path};
  return {slash == 0 ? "/" : path.substr(0, slash), path.substr(slash + 1)};
}

Result<std::set<std::uint32_t>> numbers_there(const Disk& disk, const std::string& base) {
  const auto [directory, name] = split(base);
  COFFRET_TRY(const auto names, disk.list(directory));
  std::set<std::uint32_t> numbers;
  for (const auto& one : names) {
    if (one == name) numbers.insert(1);
    if (!one.starts_with(name + ".")) continue;
    if (const auto number = number_of(std::string_view{one}.substr(name.size() + 1)); number > 0)
      numbers.insert(number);
  }
  return numbers;
}

// The log as the files tell it, by hash, and what each entry keeps and frees.
class Told {
 public:
  struct Step {
    EntryHash hash;
    std::vector<ObjectId> puts;
    std::vector<ObjectId> drops;
  };
  explicit Told(const VaultId& vault) : vault_(vault) {}

  protocol::Head head() const {
    if (steps_.empty()) return {};
    return {.seq = steps_.size(), .hash = steps_.back().hash};
  }
  // Back to this head. false: it is not on the log.
  bool cut(const protocol::Head& to) {
    if (to.seq > steps_.size()) return false;
    steps_.resize(static_cast<std::size_t>(to.seq));
    return head() == to;
  }
  bool add(const protocol::SignedEntry& entry) {
    auto body = protocol::decode_entry(entry.body);
    if (body.has_error() || body->vault != vault_ || body->seq != steps_.size() + 1 ||
        body->previous != head().hash ||
        protocol::operation_hash(entry.operation) != body->operation)
      return false;
    steps_.push_back(
        {protocol::entry_hash(entry.body), std::move(body->puts), std::move(body->drops)});
    return true;
  }
  std::set<ObjectId> kept() const {
    std::set<ObjectId> objects;
    for (const auto& step : steps_) {
      objects.insert(step.puts.begin(), step.puts.end());
      for (const auto& id : step.drops) objects.erase(id);
    }
    return objects;
  }

 private:
  VaultId vault_;
  std::vector<Step> steps_;
};

bool follows(const SignedManifest& next, const SignedManifest& before) {
  return next.manifest.previous == before.hash && next.manifest.vault == before.manifest.vault &&
         next.manifest.set == before.manifest.set;
}

}  // namespace

std::string part_path(const std::string& base, std::uint32_t number) {
  return number == 1 ? base : base + "." + std::to_string(number);
}

std::string base_path(const std::string& path) {
  const auto dot = path.rfind('.');
  if (dot == std::string::npos || path.find('/', dot) != std::string::npos) return path;
  return number_of(std::string_view{path}.substr(dot + 1)) > 0 ? path.substr(0, dot) : path;
}

Result<std::uint32_t> last_number(const Disk& disk, const std::string& base) {
  COFFRET_TRY(const auto numbers, numbers_there(disk, base));
  return numbers.empty() ? 0U : *numbers.rbegin();
}

Result<Chain> open_chain(const Disk& disk, const std::string& base, const Opener& opener,
                         Damage& damage) {
  COFFRET_TRY(const auto numbers, numbers_there(disk, base));
  if (numbers.empty()) {
    damage = {Fault::missing, base};
    return errc::file_not_found;
  }
  Chain chain;
  for (std::uint32_t number = *numbers.rbegin();; --number) {
    const auto path = part_path(base, number);
    if (number == 0 || !numbers.contains(number) || chain.links.size() == max_chain)
      return damaged(damage, Fault::missing, path);
    COFFRET_TRY(const auto part, Part::open(disk, path, opener, damage));
    const auto& manifest = part.manifest();
    if (manifest.manifest.number != number) return damaged(damage, Fault::misplaced, path);
    if (!chain.links.empty() && !follows(chain.links.back().manifest, manifest))
      return damaged(damage, Fault::misplaced, path);
    chain.links.push_back({path, manifest});
    if (manifest.manifest.full()) break;
  }
  std::reverse(chain.links.begin(), chain.links.end());
  for (const auto number : numbers)
    if (number < chain.first().number) chain.outdated.push_back(part_path(base, number));
  return chain;
}

Result<Verified> read_chain(const Disk& disk, const Chain& chain, const Opener& opener,
                            const ChainVisitor& visitor, Damage& damage) {
  Verified verified;
  Told told{chain.first().vault};
  std::set<ObjectId> held;
  for (const auto& link : chain.links) {
    if (visitor.between) COFFRET_CHECK(visitor.between());
    COFFRET_TRY(auto part, Part::open(disk, link.path, opener, damage));
    const auto& manifest = part.manifest().manifest;
    // Between the two looks somebody put another file there.
    if (part.manifest().hash != link.manifest.hash || !told.cut(manifest.after))
      return damaged(damage, Fault::misplaced, link.path);
    if (visitor.entries) COFFRET_CHECK(visitor.entries({manifest.after.seq, {}}));
    const auto page = [&](const protocol::EntryPage& entries) -> Result<void> {
      const auto before = told.head().seq;
      for (const auto& entry : entries.entries)
        if (!told.add(entry)) return damaged(damage, Fault::altered, link.path);
      return visitor.entries ? visitor.entries({before, entries.entries}) : Result<void>{};
    };
    const auto object = [&](const ObjectId& id, Bytes&& bytes) -> Result<void> {
      held.insert(id);
      return visitor.object ? visitor.object(id, std::move(bytes)) : Result<void>{};
    };
    COFFRET_CHECK(part.read({page, object}));
    if (told.head() != manifest.head) return damaged(damage, Fault::altered, link.path);
  }
  verified.entries = told.head().seq;
  verified.objects = held.size();
  for (const auto& id : told.kept())
    if (!held.contains(id)) ++verified.missing;
  if (verified.missing != chain.last().missing)
    return damaged(damage, Fault::incomplete, chain.links.back().path);
  return verified;
}

}  // namespace coffret::backup
