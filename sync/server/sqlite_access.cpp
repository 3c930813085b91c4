// SPDX-License-Identifier: EUPL-1.2
//
// The access log of the records port: leaves, and the compact range that covers them.
#include "sync/server/sqlite_records.hpp"

namespace coffret::server {
namespace {

constexpr std::int64_t day = 86400;  // seconds
constexpr std::size_t vaults_per_round = 1000;

Result<protocol::CompactRange> tree_of(ByteView stored) {
  if (stored.empty()) return protocol::CompactRange{};
  auto tree = wire::decode<protocol::CompactRange>(stored);
  if (tree.has_error() || !tree->valid()) return errc::damaged;
  return tree;
}

// Attempts beyond a day's lines become one line with their count, once that day is over.
Result<void> tell_held_back(Connection& db, std::int64_t now) {
  std::vector<std::pair<VaultId, protocol::AccessLine>> held;
  {
    auto q = db.query(
        "SELECT vault, link, version, attempts_today FROM grants "
        "WHERE attempts_day < ?1 AND attempts_today > ?2",
        now / day, lines_per_day);
    for (;;) {
      COFFRET_TRY(const bool more, q.step());
      if (!more) break;
      auto& [vault, line] = held.emplace_back();
      q.read(0, vault);
      q.read(1, line.link);
      line.version = q.number<std::uint32_t>(2);
      line.time = now;
      line.outcome = OpeningOutcome::many_attempts;
      line.count = q.number<std::uint32_t>(3) - lines_per_day;
      line.recipient_sealed = false;
    }
  }
  for (const auto& [vault, line] : held) {
    COFFRET_CHECK(append_lines(db, vault, {line}));
    COFFRET_CHECK(
        db.query("UPDATE grants SET attempts_today = 0 WHERE link = ?1", line.link).run());
  }
  return {};
}

// A head a day for trees that did not grow today; tells how many vaults it did.
Result<std::size_t> grow_quiet(Connection& db, std::int64_t now) {
  std::vector<VaultId> quiet;
  {
    auto q = db.query("SELECT vault FROM accounts WHERE tree_day < ?1 LIMIT ?2", now / day,
                      vaults_per_round);
    for (;;) {
      COFFRET_TRY(const bool more, q.step());
      if (!more) break;
      q.read(0, quiet.emplace_back());
    }
  }
  protocol::AccessLine line;
  line.time = now;
  line.outcome = OpeningOutcome::daily_head;
  line.recipient_sealed = false;
  for (const auto& vault : quiet) COFFRET_CHECK(append_lines(db, vault, {line}));
  return quiet.size();
}

}  // namespace

Result<protocol::CompactRange> load_tree(Connection& db, const VaultId& vault) {
  auto q = db.query("SELECT tree FROM accounts WHERE vault = ?1", vault);
  COFFRET_TRY(const bool found, q.step());
  if (!found) return errc::not_found;
  return tree_of(q.blob(0));
}

Result<void> append_lines(Connection& db, const VaultId& vault,
                          std::vector<protocol::AccessLine> lines) {
  if (lines.empty()) return {};
  COFFRET_TRY(protocol::CompactRange tree, load_tree(db, vault));
  for (auto& line : lines) {
    line.index = tree.size;
    const Bytes leaf = wire::encode(line);
    COFFRET_CHECK(
        db.query("INSERT INTO access_lines VALUES(?1, ?2, ?3)", vault, line.index, leaf).run());
    tree.append(protocol::leaf_hash(leaf));
  }
  return db
      .query("UPDATE accounts SET tree = ?2, tree_day = ?3 WHERE vault = ?1", vault,
             wire::encode(tree), lines.back().time / day)
      .run();
}

Result<SqliteRecords::AccessLog> SqliteRecords::access_log(const VaultId& vault,
                                                           std::uint64_t after, std::size_t limit) {
  return engine_->read([&](Connection& db) -> Result<AccessLog> {
    // One snapshot for both: lines and the tree that covers them.
    COFFRET_CHECK(db.execute("BEGIN"));
    auto log = [&]() -> Result<AccessLog> {
      COFFRET_TRY(protocol::CompactRange tree, load_tree(db, vault));
      AccessLog found{{}, std::move(tree)};
      auto q = db.query(
          "SELECT line FROM access_lines WHERE vault = ?1 AND leaf >= ?2 ORDER BY leaf LIMIT ?3",
          vault, after, limit);
      for (;;) {
        COFFRET_TRY(const bool more, q.step());
        if (!more) return found;
        found.lines.push_back(to_bytes(q.blob(0)));
      }
    }();
    COFFRET_CHECK(db.execute("COMMIT"));
    return log;
  });
}

Result<void> SqliteRecords::close_day(Timestamp now) {
  COFFRET_CHECK(engine_->write([&](Connection& db) { return tell_held_back(db, to_unix(now)); }));
  for (;;) {
    COFFRET_TRY(const std::size_t grown,
                engine_->write([&](Connection& db) { return grow_quiet(db, to_unix(now)); }));
    if (grown < vaults_per_round) return {};
  }
}

}  // namespace coffret::server
