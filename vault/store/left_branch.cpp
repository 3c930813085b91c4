// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/left_branch.hpp"

#include <utility>

#include "vault/store/ways_out.hpp"

namespace coffret::store {
namespace {

constexpr std::uint64_t max_branch_file = std::uint64_t{256} << 20;  // bytes

std::string branch_file(const protocol::Head& base, const protocol::Head& end) {
  return "branch-" + std::to_string(base.seq) + "-" + end.hash.text().substr(0, 16) + ".entries";
}

}  // namespace

Result<std::vector<Own>> own_since(Vault::State& state, const protocol::Head& base) {
  std::vector<Own> own;
  COFFRET_CHECK(state.require_behind(base.seq));
  COFFRET_TRY(auto entries, state.log.after(base.seq, static_cast<std::size_t>(state.head.seq)));
  for (auto& entry : entries) {
    COFFRET_TRY(auto opened, state.keyring.open(entry));
    std::optional<DocumentRow> row;
    if (std::holds_alternative<DocumentPut>(opened.payload)) {
      COFFRET_TRY(row, state.documents.by_seq(opened.entry.seq));
    }
    const auto hash = protocol::entry_hash(entry.body);
    own.push_back({std::move(entry), std::move(opened), hash, std::move(row)});
  }
  return own;
}

Result<std::string> keep_left(const Vault::State& state, const protocol::Head& base,
                              const std::vector<Own>& own) {
  if (own.empty()) return std::string{};
  Branch branch{base, {}};
  for (const auto& one : own) branch.entries.push_back(one.entry);
  const std::string name = branch_file(base, state.head);
  const Bytes content = wire::encode(branch);
  if (content.size() > max_branch_file) return errc::too_large;
  COFFRET_CHECK(state.env.disk.replace(state.directory.file(name), content));
  return name;
}

std::set<EntryHash> entries_left(const Vault::State& state) {
  std::set<EntryHash> left;
  const auto names = state.env.disk.list(state.directory.file("."));
  if (names.has_error()) return left;
  for (const auto& name : *names) {
    if (!name.starts_with("branch-") || !name.ends_with(".entries")) continue;
    const auto content = state.env.disk.read(state.directory.file(name), max_branch_file);
    if (content.has_error()) continue;
    const auto branch = wire::decode<Branch>(*content);
    if (branch.has_error()) continue;
    for (const auto& entry : branch->entries) left.insert(protocol::entry_hash(entry.body));
  }
  return left;
}

}  // namespace coffret::store
