// SPDX-License-Identifier: EUPL-1.2
//
// simulated_world.hpp: devices of one vault, each with its own disk, clock and luck, and a server
// that is honest, or shows what it likes. The real store runs over a Medium; nothing waits, nothing
// is random but by the seed, so that a seed is the whole story.
//
// The server keeps one true log. What an evil one does is in what it shows: an older log, the log
// with an entry that it had refused in place of the true one, a changed byte; or it answers
// nothing.
#ifndef COFFRET_TESTS_SUPPORT_SIMULATED_WORLD_HPP
#define COFFRET_TESTS_SUPPORT_SIMULATED_WORLD_HPP

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/crash_play.hpp"

namespace coffret::test {

// What happened in a run, for the line that is printed.
struct SimulationCount {
  std::size_t actions = 0;
  std::size_t power_cuts = 0;
  std::size_t full_disks = 0;
  std::size_t clock_jumps = 0;
  std::size_t lies = 0;              // that a device could have seen
  std::size_t detected = 0;          // all of these
  std::size_t misled = 0;            // devices that followed a fork that they could not see
  std::size_t from_checkpoints = 0;  // devices that began at one
  std::size_t histories = 0;         // that such devices read to the end
  std::size_t joined = 0;            // documents that two devices had put apart
  void add(const SimulationCount& other) {
    actions += other.actions;
    power_cuts += other.power_cuts;
    full_disks += other.full_disks;
    clock_jumps += other.clock_jumps;
    lies += other.lies;
    detected += other.detected;
    misled += other.misled;
    from_checkpoints += other.from_checkpoints;
    histories += other.histories;
    joined += other.joined;
  }
};

class SimulatedDevice {
 public:
  SimulatedDevice(std::string folder, std::uint64_t seed, MediumVfs& vfs)
      : random(seed), folder_(std::move(folder)), vfs_(vfs) {
    (void)::mkdir(folder_.c_str(), 0700);
    (void)disk.make_directory(folder_.substr(0, folder_.rfind('/')));
  }
  store::Environment environment() { return {clock, random, disk}; }
  store::VaultConfig config() const {
    return {.directory = folder_,
            .owner = "Camille Exemple",
            .device_name = folder_.substr(folder_.rfind('/') + 1),
            .cost = cheap_cost};
  }
  // The disk that SQLite means from here on.
  void enter() { vfs_.use(medium); }
  bool open() {
    enter();
    auto opened = store::Vault::open(folder_, secret_text("phrase"), cheap_cost, environment());
    if (opened.has_error()) return false;
    vault.emplace(std::move(*opened));
    return true;
  }
  void close() {
    enter();
    vault.reset();
  }

  SetClock clock;
  SeededRandom random;
  Medium medium;
  DurableDisk disk{medium};
  std::optional<store::Vault> vault;
  bool misled = false;     // follows a fork
  std::size_t number = 0;  // never used again

 private:
  std::string folder_;
  MediumVfs& vfs_;
};

class SimulatedWorld {
 public:
  SimulatedWorld(std::uint64_t seed, std::size_t devices);
  ~SimulatedWorld();
  // One thing that happens to one device. False: an invariant is broken, and `broken` says which.
  bool act();
  // Everybody meets an honest server until nobody has anything to say; then all must agree.
  bool converge();

  SimulationCount count;
  std::string broken;

 private:
  using Step = std::function<Result<void>(store::Vault&)>;

  bool fail(std::string what) {
    if (broken.empty()) broken = std::move(what);
    return false;
  }
  bool add_device();
  // The step, perhaps cut short. Its error, or what the bad luck makes of it.
  Result<void> strike(SimulatedDevice& device, const Step& step, const std::function<void()>& done);
  Result<void> lose_power(SimulatedDevice& device, const Step& step,
                          const std::function<void()>& done);
  bool edit(SimulatedDevice& device);
  bool change(SimulatedDevice& device);
  bool decide(SimulatedDevice& device);
  bool synchronise(SimulatedDevice& device, bool honest);
  bool pull(SimulatedDevice& device);
  bool hear_a_lie(SimulatedDevice& device);
  bool read_back(SimulatedDevice& device, bool all);
  bool write_checkpoint(SimulatedDevice& device);
  bool retire(SimulatedDevice& device);
  bool push(SimulatedDevice& device);
  bool join(SimulatedDevice& device);
  bool fetch(SimulatedDevice& device, bool honest);
  bool note(const std::vector<protocol::SignedEntry>& entries);
  bool all_agree();
  bool nothing_twice();
  bool meet_newcomer();
  bool acknowledged_holds(store::Vault& vault);

  Dice dice_;
  bool lucky_ = false;  // nothing happens to a step
  bool cut_ = false;    // a step was, since this was last cleared
  Folder folder_;
  Medium none_;
  MediumVfs vfs_{none_};
  std::int64_t server_time_ = 1'800'000'000;
  std::vector<std::unique_ptr<SimulatedDevice>> devices_;
  std::optional<crypto::RecoverySeed> seed_;
  Shelf shelf_;                                 // the truth
  std::vector<protocol::SignedEntry> refused_;  // signed for a place that another one has
  Sent sent_;
  std::map<Bytes, Bytes> nonces_;                   // of a sealed operation → the sealed bytes
  std::map<Bytes, ObjectId> commitments_;           // of a sealed body → its object
  std::map<DocumentId, std::size_t> acknowledged_;  // put, and by which device
  std::set<DocumentId> removed_;                    // somebody asked for it
  std::map<GrantId, std::size_t> revoked_;          // and by which device
  std::set<std::size_t> retired_;                   // devices that were misled: theirs is theirs
  std::size_t made_ = 0;
};

}  // namespace coffret::test

#endif  // COFFRET_TESTS_SUPPORT_SIMULATED_WORLD_HPP
