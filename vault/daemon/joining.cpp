// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/joining.hpp"

#include "vault/daemon/same_document.hpp"
#include "vault/store/copies.hpp"

namespace coffret::daemon {
namespace {

using store::Copies;

// Whether the later one is what `import` would have found here already.
Result<bool> are_one(const store::Vault& vault, const Copies::Pair& pair) {
  COFFRET_TRY(const auto known, vault.document(pair.kept.text()));
  COFFRET_TRY(auto read, vault.entry_as_put(pair.copy));
  if (read.date_source == DateSource::file) read.date.clear();
  if (!same_entry(read, known)) return false;
  COFFRET_TRY(const auto its_text, vault.text(pair.copy));
  COFFRET_TRY(const auto its_facts, vault.facts_of(pair.copy));
  COFFRET_TRY(const auto text, vault.text(pair.kept));
  COFFRET_TRY(const auto facts, vault.facts_of(pair.kept));
  return same_content({its_text, read.attachments, its_facts},
                      {text, known.entry.attachments, facts});
}

// Another device may have changed something since they were listed: then they are left alone.
Result<bool> join_one(store::Vault& vault, const Copies::Pair& pair, store::Sameness sameness) {
  const auto joined = Copies{vault}.join(pair, sameness);
  if (joined.has_value()) return true;
  const bool moved = joined.error() == errc::conflict || joined.error() == errc::not_found;
  return moved ? Result<bool>{false} : Result<bool>{joined.error()};
}

// Each against those before it, of which those that were joined are no more.
Result<std::uint64_t> join_namesakes(Call& call, const std::vector<DocumentId>& namesakes) {
  std::uint64_t joined = 0;
  std::vector<DocumentId> kept;
  for (const auto& copy : namesakes) {
    bool is_one = false;
    for (std::size_t i = 0; !is_one && i < kept.size(); ++i) {
      const Copies::Pair pair{kept[i], copy};
      const auto judge = [&](store::Vault& vault) -> Result<bool> {
        Copies copies{vault};
        if (copies.apart(pair)) return false;
        COFFRET_TRY(const bool one, are_one(vault, pair));
        if (one) return join_one(vault, pair, store::Sameness::document);
        copies.found_apart(pair);
        return false;
      };
      COFFRET_TRY(is_one, call.with(judge));
    }
    if (is_one)
      ++joined;
    else
      kept.push_back(copy);
  }
  return joined;
}

}  // namespace

Result<std::uint64_t> join_copies(Call& call, const std::function<bool()>& stop) {
  COFFRET_TRY(const bool looked, call.with([](store::Vault& vault) -> Result<bool> {
    return Copies{vault}.looked();
  }));
  std::uint64_t joined = 0;
  if (looked) return joined;
  COFFRET_TRY(const auto pairs,
              call.with([](store::Vault& vault) { return Copies{vault}.of_same_bytes(); }));
  for (const auto& pair : pairs) {
    if (stop()) return joined;
    COFFRET_TRY(const bool one, call.with([&](store::Vault& vault) {
      return join_one(vault, pair, store::Sameness::bytes);
    }));
    if (one) ++joined;
  }
  COFFRET_TRY(const auto lists,
              call.with([](store::Vault& vault) { return Copies{vault}.of_same_id(); }));
  for (const auto& namesakes : lists) {
    if (stop()) return joined;
    COFFRET_TRY(const auto more, join_namesakes(call, namesakes));
    joined += more;
  }
  COFFRET_CHECK(call.with([](store::Vault& vault) -> Result<void> {
    Copies{vault}.done();
    return {};
  }));
  return joined;
}

}  // namespace coffret::daemon
