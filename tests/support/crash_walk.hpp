// SPDX-License-Identifier: EUPL-1.2
//
// crash_walk.hpp: every crash of an act, from one recording of it.
//
// A Recording holds the medium as it was before, every step since, and marks: at mark n, what the
// act had acknowledged so far was acknowledged. walk() replays it, cuts the power before each step
// and after the last, and hands each different medium that this can leave to a judge.
//
// The ordinary run judges, at each step, what is left when nothing, and when everything that was
// not synced is kept, and one more way chosen by the seed. The long run judges all of them, and as
// many mixtures as the environment variable COFFRET_CRASH_LONG says:
//   COFFRET_CRASH_LONG=8 build/dev/bin/vault_tests -ts='vault/crash*' --no-intro
// COFFRET_CRASH_SEED chooses other mixtures; a failure names the step, the way and the seed.
#ifndef COFFRET_TESTS_SUPPORT_CRASH_WALK_HPP
#define COFFRET_TESTS_SUPPORT_CRASH_WALK_HPP

#include <doctest/doctest.h>

#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/medium.hpp"

namespace coffret::test {

class Recording {
 public:
  explicit Recording(Medium& live) : start(live), live_(live) { live_.record(&steps); }
  ~Recording() { stop(); }
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;
  void mark() { marks.push_back(steps.size()); }
  void stop() { live_.record(nullptr); }

  Medium start;
  std::vector<Step> steps;
  std::vector<std::size_t> marks;  // the number of steps made before each

 private:
  Medium& live_;
};

struct Crash {
  Medium left;            // what the machine finds when it starts again
  std::size_t step = 0;   // the power went before this one
  std::size_t marks = 0;  // reached by then
};

inline std::uint64_t number_in_environment(const char* name, std::uint64_t otherwise) {
  // Read before any thread of a test is started.
  const char* text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

struct WalkCount {
  std::size_t steps = 0;
  std::size_t crashes = 0;  // judged; what leaves the same medium and marks is judged once
  WalkCount& operator+=(const WalkCount& other) {
    steps += other.steps;
    crashes += other.crashes;
    return *this;
  }
};

// What a power cut may keep: of names, and of bytes.
using Keeping = std::pair<Kept, Kept>;

inline std::vector<Keeping> keepings(std::uint64_t longer, Dice& dice) {
  static const std::vector<Keeping> others{
      {Kept::everything, Kept::torn},    {Kept::torn, Kept::everything},
      {Kept::everything, Kept::nothing}, {Kept::nothing, Kept::everything},
      {Kept::everything, Kept::some},    {Kept::some, Kept::some}};
  std::vector<Keeping> ways{{Kept::nothing, Kept::nothing}, {Kept::everything, Kept::everything}};
  if (longer == 0) {
    ways.push_back(others[dice.below(others.size())]);
    return ways;
  }
  ways.insert(ways.end(), others.begin(), others.end());
  ways.insert(ways.end(), longer, {Kept::some, Kept::some});
  return ways;
}

template <class Judge>
WalkCount walk(const Recording& recording, Judge&& judge) {
  const auto longer = number_in_environment("COFFRET_CRASH_LONG", 0);
  const auto seed = number_in_environment("COFFRET_CRASH_SEED", 20261128);
  Dice dice{seed};
  Medium medium = recording.start;
  std::set<std::pair<std::uint64_t, std::size_t>> seen;
  WalkCount count{recording.steps.size(), 0};
  std::size_t marks = 0;
  for (std::size_t step = 0; step <= recording.steps.size(); ++step) {
    while (marks < recording.marks.size() && recording.marks[marks] <= step) ++marks;
    for (const auto& [names, bytes] : keepings(longer, dice)) {
      Crash crash{medium.after_power_cut(names, bytes, dice.roll()), step, marks};
      if (!seen.emplace(crash.left.fingerprint(), marks).second) continue;
      ++count.crashes;
      const int names_kept = static_cast<int>(names);
      const int bytes_kept = static_cast<int>(bytes);
      CAPTURE(seed);
      CAPTURE(step);
      CAPTURE(marks);
      CAPTURE(names_kept);
      CAPTURE(bytes_kept);
      judge(crash);
    }
    if (step < recording.steps.size()) medium.apply(recording.steps[step]);
  }
  return count;
}

// The faults of one step. Short runs take each step once, with the fault that the seed chooses.
inline std::vector<Medium::Fault> faults_at(std::uint64_t step, Dice& dice) {
  using Kind = Medium::Fault::Kind;
  const std::vector<Medium::Fault> all{{Kind::error, step, false},
                                       {Kind::full, step, true},
                                       {Kind::full, step, false},
                                       {Kind::short_write, step, true}};
  if (number_in_environment("COFFRET_CRASH_LONG", 0) > 0) return all;
  return {all[dice.below(all.size())]};
}

}  // namespace coffret::test

#endif  // COFFRET_TESTS_SUPPORT_CRASH_WALK_HPP
