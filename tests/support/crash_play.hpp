// SPDX-License-Identifier: EUPL-1.2
//
// crash_play.hpp: a play is a vault's acts in order, each acknowledged before the next. It is
// crashed at every step, and it meets a fault at every step; both times what the vault says
// afterwards must be what it said after the last acknowledged act, or after the one under way.
#ifndef COFFRET_TESTS_SUPPORT_CRASH_PLAY_HPP
#define COFFRET_TESTS_SUPPORT_CRASH_PLAY_HPP

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/crash_machine.hpp"
#include "tests/support/crash_walk.hpp"
#include "tests/support/two_devices.hpp"

namespace coffret::test {

// Every entry that was ever sent, by who signed it for which place in the log.
using Sent = std::map<std::pair<DeviceId, std::uint64_t>, EntryHash>;

// False when one place was signed twice with different content.
inline bool note_sent(Sent& sent, const std::vector<protocol::SignedEntry>& entries) {
  bool once = true;
  for (const auto& whole : entries) {
    const auto entry = protocol::decode_entry(whole.body);
    if (entry.has_error()) return false;
    const auto hash = protocol::entry_hash(whole.body);
    const auto [there, fresh] = sent.emplace(std::pair{entry->device, entry->seq}, hash);
    once = once && there->second == hash;
  }
  return once;
}

struct Stage {
  CrashMachine machine;
  Shelf shelf;  // the server; survives the machine
  Sent sent;
  std::optional<crypto::RecoverySeed> seed;

  // To the shelf, as far as it takes it.
  Result<void> send(store::Vault& vault) {
    COFFRET_TRY(const auto pending, vault.pending(10'000));
    if (!note_sent(sent, pending.entries)) return errc::internal;
    (void)shelf.take(vault);
    return {};
  }
  Result<void> sync(store::Vault& vault) {
    COFFRET_TRY([[maybe_unused]] const auto accepted, shelf.pull(vault));
    do {  // a batch ends behind a renewed recovery sheet
      COFFRET_CHECK(send(vault));
      COFFRET_CHECK(vault.mark_pushed(shelf.head()));
    } while (vault.status()->pending > 0);
    return shelf.fetch(vault) ? Result<void>{} : Result<void>{errc::internal};
  }
};

using PlayAct = std::function<Result<void>(Stage&, store::Vault&)>;

struct Play {
  std::string name;
  std::function<void(Stage&)> prepare;  // leaves a locked vault
  std::vector<PlayAct> acts;
  // What else must hold once the vault that went on has synced.
  std::function<void(Stage&, store::Vault&)> afterwards = [](Stage&, store::Vault&) {};
};

// What the vault told before the first act and after each, with the server beside it.
struct Score {
  std::vector<std::string> states;
  std::vector<Shelf> shelves;
  std::vector<Sent> sent;
  void note(Stage& stage, store::Vault& vault) {
    states.push_back(told(vault));
    shelves.push_back(stage.shelf);
    sent.push_back(stage.sent);
  }
  bool fits(const std::string& state, std::size_t acts) const {
    return state == states[acts] || (acts + 1 < states.size() && state == states[acts + 1]);
  }
};

// Only what this device signed is its to push: what others signed the server has.
inline void owes_only_its_own(const store::Vault& vault) {
  const auto owed = vault.pending(10'000);
  CHECK(owed.has_value());
  for (const auto& entry : owed.value().entries)
    CHECK(protocol::decode_entry(entry.body)->device == vault.device());
}

// The vault opens, tells one of two states, is in order, and goes on, with the server too.
inline void judge(const Play& play, Stage& stage, const Score& score, std::size_t acts) {
  auto vault = stage.machine.open();
  CHECK_MESSAGE(vault.has_value(), "does not open: " << row(to_errc(vault.error())).code);
  if (vault.has_error()) return;
  const auto state = told(*vault);
  CHECK_MESSAGE(score.fits(state, acts), "tells\n" << state << "and not\n" << score.states[acts]);
  const auto problems = vault->check(true);
  CHECK(problems.has_value());
  for (const auto& problem : problems.value())
    CHECK_MESSAGE(false, "check finds: " << name(problem.kind) << " " << problem.item);
  CHECK(stage.machine.strays().empty());
  owes_only_its_own(*vault);
  CHECK(!put(*vault, prepared("Après", "la coupure")).is_zero());
  CHECK(stage.sync(*vault).has_value());
  CHECK(vault->status()->pending == 0);
  play.afterwards(stage, *vault);
}

inline Score record(const Play& play, Stage& stage, Recording& recording) {
  Score score;
  auto vault = stage.machine.open();
  REQUIRE(vault.has_value());
  score.note(stage, *vault);
  for (const auto& act : play.acts) {
    REQUIRE(act(stage, *vault).has_value());
    score.note(stage, *vault);
    recording.mark();
  }
  return score;
}

inline WalkCount crash_everywhere(const Play& play) {
  CAPTURE(play.name);
  Stage stage;
  play.prepare(stage);
  Recording recording{stage.machine.medium};
  const auto score = record(play, stage, recording);
  recording.stop();
  const auto count = walk(recording, [&](const Crash& crash) {
    stage.machine.medium = crash.left;
    stage.shelf = score.shelves[crash.marks];
    stage.sent = score.sent[crash.marks];
    judge(play, stage, score, crash.marks);
  });
  MESSAGE(play.name << ": walked " << count.steps << " durable calls, " << count.crashes
                    << " crashes");
  return count;
}

// One run that meets one fault. Half of them go on in the same process once the disk is well again,
// the others lose their power at once.
inline bool meet(const Play& play, Stage& stage, const Score& score, const Medium::Fault& fault,
                 bool goes_on) {
  stage.machine.medium.break_at(fault);
  std::size_t acts = 0;
  bool broken = false;
  std::optional<Medium> cut;
  {
    auto vault = stage.machine.open();
    while (vault.has_value() && acts < play.acts.size()) {
      if (play.acts[acts](stage, *vault).has_error()) break;
      ++acts;
    }
    broken = stage.machine.medium.broken() > 0;
    stage.machine.medium.break_at(std::nullopt);
    if (vault.has_value()) {
      const auto state = told(*vault);
      CHECK_MESSAGE(score.fits(state, acts), "in the same process tells\n" << state);
      owes_only_its_own(*vault);
      for (; goes_on && acts < play.acts.size(); ++acts)
        CHECK(play.acts[acts](stage, *vault).has_value());
    }
    // What the process does while it ends comes too late for the medium.
    if (!goes_on)
      cut = stage.machine.medium.after_power_cut(Kept::everything, Kept::nothing, fault.at);
  }
  if (cut) stage.machine.medium = *cut;
  judge(play, stage, score, acts);
  return broken;
}

inline void fail_everywhere(const Play& play) {
  CAPTURE(play.name);
  Stage stage;
  play.prepare(stage);
  const Medium start = stage.machine.medium;
  const Shelf shelf = stage.shelf;
  const Sent sent = stage.sent;
  std::size_t steps = 0;
  Score score;
  {
    Recording recording{stage.machine.medium};
    score = record(play, stage, recording);
    steps = recording.steps.size();
  }
  std::size_t met = 0;
  Dice dice{number_in_environment("COFFRET_CRASH_SEED", 20261128)};
  for (std::size_t step = 0; step < steps; ++step)
    for (const auto& fault : faults_at(step, dice)) {
      const int kind = static_cast<int>(fault.kind);
      const bool goes_on = dice.below(2) == 0;
      CAPTURE(step);
      CAPTURE(kind);
      CAPTURE(fault.lasts);
      CAPTURE(goes_on);
      stage.machine.medium = start;
      stage.machine.random.begin(1000 + step);
      stage.shelf = shelf;
      stage.sent = sent;
      if (meet(play, stage, score, fault, goes_on)) ++met;
    }
  MESSAGE(play.name << ": " << steps << " durable calls, " << met << " faults met");
  CHECK(met > 0);
}

}  // namespace coffret::test

#endif  // COFFRET_TESTS_SUPPORT_CRASH_PLAY_HPP
