// SPDX-License-Identifier: EUPL-1.2
//
// How a vault begins and how it starts again, crashed and failed at every durable call: made,
// rebuilt from its log, and unlocked after a crash, which may be cut short in its turn.
#include <doctest/doctest.h>

#include "tests/support/crash_play.hpp"
#include "tests/support/shelf_source.hpp"
#include "vault/store/checkpoints.hpp"

namespace coffret::test {
namespace {

using Begin = std::function<Result<store::Vault>(Stage&)>;

Result<store::Vault> create(Stage& stage) {
  COFFRET_TRY(auto made, stage.machine.create());
  return std::move(made.vault);
}

// The second device, from the sheet and the log of the first.
Result<store::Vault> rebuild(Stage& stage) {
  return stage.machine.rebuild(*stage.seed, stage.shelf.log, "second");
}

// The same from the checkpoint that the first wrote.
Result<store::Vault> begin_at_checkpoint(Stage& stage) {
  COFFRET_TRY(const auto start, start_of(stage.shelf, *stage.seed));
  if (!start.checkpoint) return errc::internal;
  const auto enrolled = [](const protocol::SignedCertificate&) { return Result<void>{}; };
  return store::Vault::rebuild(stage.machine.config("second"), *stage.seed, start,
                               stage.machine.passphrase, stage.machine.environment(), enrolled);
}

void one_vault(Stage& stage) {
  auto made = stage.machine.create();
  REQUIRE(made.has_value());
  stage.seed.emplace(std::move(made->seed));
  auto big = prepared("Gros", std::string((1u << 20) + 9, 'g'));
  big.text = "gros";
  std::vector<store::PreparedDocument> batch;
  batch.push_back(prepared("Premier", "un"));
  batch.push_back(std::move(big));
  REQUIRE(made->vault.put_documents(std::move(batch)).has_value());
  REQUIRE(stage.sync(made->vault).has_value());
}

void one_vault_with_checkpoint(Stage& stage) {
  one_vault(stage);
  auto vault = stage.machine.open();
  REQUIRE(vault.has_value());
  const auto id = vault->documents()->front().id;
  for (const auto* title : {"Deuxième nom", "Troisième nom", "Quatrième nom"})
    REQUIRE(vault->amend({.document = id, .title = title, .date = {}, .kind = {}, .note = {}})
                .has_value());
  REQUIRE(stage.sync(*vault).has_value());
  REQUIRE(store::Checkpoints{*vault}.write().has_value());
  REQUIRE(stage.sync(*vault).has_value());
}

// There is a vault that is whole, or none, and then one can be made.
void judge_beginning(Stage& stage, const std::string& name, const Begin& begin,
                     const std::string& whole, bool acknowledged) {
  auto vault = stage.machine.open(name);
  if (vault.has_error()) {
    CHECK(row(to_errc(vault.error())).code == row(errc::never_initialised).code);
    CHECK(!acknowledged);
    vault = begin(stage);
    CHECK_MESSAGE(vault.has_value(), "cannot be made: " << row(to_errc(vault.error())).code);
    if (vault.has_error()) return;
  }
  CHECK(told(*vault) == whole);
  CHECK(vault->check(true)->empty());
  CHECK(stage.machine.strays(name).empty());
  CHECK(!put(*vault, prepared("Après", "la coupure")).is_zero());
}

void crash_beginning(const std::string& what, const std::string& name, const Begin& begin,
                     const std::function<void(Stage&)>& prepare) {
  Stage stage;
  prepare(stage);
  Recording recording{stage.machine.medium};
  std::string whole;
  {
    auto vault = begin(stage);
    REQUIRE(vault.has_value());
    recording.mark();
    whole = told(*vault);
  }
  recording.stop();
  const auto count = walk(recording, [&](const Crash& crash) {
    stage.machine.medium = crash.left;
    judge_beginning(stage, name, begin, whole, crash.marks > 0);
  });
  MESSAGE(what << ": walked " << count.steps << " durable calls, " << count.crashes << " crashes");
  CHECK(count.crashes > 20);

  std::size_t met = 0;
  Dice dice{number_in_environment("COFFRET_CRASH_SEED", 20261128)};
  for (std::size_t step = 0; step < recording.steps.size(); ++step)
    for (const auto& fault : faults_at(step, dice)) {
      const int kind = static_cast<int>(fault.kind);
      CAPTURE(step);
      CAPTURE(kind);
      stage.machine.medium = recording.start;
      stage.machine.medium.break_at(fault);
      const bool made = begin(stage).has_value();
      if (stage.machine.medium.broken() > 0) ++met;
      stage.machine.medium.break_at(std::nullopt);
      if (dice.below(2) == 0)
        stage.machine.medium =
            stage.machine.medium.after_power_cut(Kept::everything, Kept::nothing, step);
      judge_beginning(stage, name, begin, whole, made);
    }
  MESSAGE(what << ": " << met << " faults met");
}

TEST_SUITE("vault/crash/beginnings") {
  TEST_CASE("a vault whose making is cut short anywhere is whole, or can be made") {
    crash_beginning("init", "vault", create, [](Stage&) {});
  }
  TEST_CASE("a rebuild that is cut short anywhere is whole, or can be done again") {
    crash_beginning("rebuild", "second", rebuild, one_vault);
  }

  TEST_CASE("a start from a checkpoint that is cut short anywhere is whole, or can be done again") {
    crash_beginning("start from a checkpoint", "second", begin_at_checkpoint,
                    one_vault_with_checkpoint);
  }

  TEST_CASE("an unlock after a crash may be cut short anywhere too") {
    Stage stage;
    one_vault(stage);
    std::vector<std::string> states;
    Recording recording{stage.machine.medium};
    {
      auto vault = stage.machine.open();
      REQUIRE(vault.has_value());
      states.push_back(told(*vault));
      auto big = prepared("Second gros", std::string((1u << 20) + 90, 'h'));
      big.text = "gros";
      REQUIRE(!put(*vault, std::move(big)).is_zero());
      states.push_back(told(*vault));
      recording.mark();
      REQUIRE(!put(*vault, prepared("Troisième", "3")).is_zero());
      states.push_back(told(*vault));
      recording.mark();
    }
    recording.stop();
    const auto fits = [&](store::Vault& vault, std::size_t marks) {
      const auto now = told(vault);
      return now == states[marks] || (marks + 1 < states.size() && now == states[marks + 1]);
    };
    // Every ninth crash, and every crash of the unlock that follows it.
    Dice dice{number_in_environment("COFFRET_CRASH_SEED", 20261128)};
    WalkCount inner;
    const auto outer = walk(recording, [&](const Crash& crash) {
      if (dice.below(9) != 0) return;
      stage.machine.medium = crash.left;
      Recording again{stage.machine.medium};
      CHECK(stage.machine.open().has_value());
      again.stop();
      inner += walk(again, [&](const Crash& second) {
        stage.machine.medium = second.left;
        auto vault = stage.machine.open();
        CHECK(vault.has_value());
        if (vault.has_error()) return;
        CHECK(fits(*vault, crash.marks));
        CHECK(vault->check(true)->empty());
        CHECK(stage.machine.strays().empty());
      });
    });
    MESSAGE("unlock after a crash: walked " << inner.steps << " durable calls, " << inner.crashes
                                            << " crashes, after some of " << outer.crashes);
    CHECK(inner.crashes > 20);
  }
}

}  // namespace
}  // namespace coffret::test
