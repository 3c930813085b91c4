// SPDX-License-Identifier: EUPL-1.2
//
// vault_machine.hpp: a machine that a test controls: its clock, its randomness, its disk, and one
// directory with a vault in it. Argon2id is cheap here, and nowhere else.
#ifndef COFFRET_TESTS_SUPPORT_VAULT_MACHINE_HPP
#define COFFRET_TESTS_SUPPORT_VAULT_MACHINE_HPP

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "tests/support/folder.hpp"
#include "tests/support/keys.hpp"
#include "tools/system/system.hpp"
#include "vault/crypto/parcel.hpp"
#include "vault/store/vault.hpp"

namespace coffret::test {

inline constexpr crypto::CostPolicy cheap_cost{
    .stated = {8, 1}, .floor = {8, 1}, .ceiling = {1024, 3}};

class SetClock final : public Clock {
 public:
  Timestamp now() const override { return from_unix(time); }
  std::int64_t time = 1'800'000'000;
};

// The same bytes for the same seed and one thread, and no two identifiers alike (splitmix64).
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  void begin(std::uint64_t seed) { state_ = seed; }  // anew
  void fill(MutableByteView into) override {
    for (auto& byte : into) {
      std::uint64_t z = state_.fetch_add(step, std::memory_order_relaxed) + step;
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
      z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
      byte = static_cast<std::uint8_t>(z ^ (z >> 31));
    }
  }

 private:
  static constexpr std::uint64_t step = 0x9e3779b97f4a7c15;
  std::atomic<std::uint64_t> state_;
};

// The machine's disk, which refuses every write from a chosen one on.
class FailingDisk final : public Disk {
 public:
  std::atomic<std::int64_t> writes_left = -1;  // negative: never fails
  std::atomic<std::int64_t> writes = 0;        // tried so far
  std::function<void(const std::string& path)> after_read;

  Result<Bytes> read(const std::string& path, std::uint64_t limit) const override {
    auto content = disk_.read(path, limit);
    if (after_read) after_read(path);
    return content;
  }
  Result<std::size_t> read_at(const std::string& path, std::uint64_t offset,
                              MutableByteView into) const override {
    return disk_.read_at(path, offset, into);
  }
  Result<std::uint64_t> size(const std::string& path) const override { return disk_.size(path); }
  Result<std::vector<std::string>> list(const std::string& directory) const override {
    return disk_.list(directory);
  }
  Result<void> replace(const std::string& path, ByteView content) override {
    return refuses() ? Result<void>{errc::disk_full} : disk_.replace(path, content);
  }
  Result<void> write_at(const std::string& path, std::uint64_t offset, ByteView content) override {
    return refuses() ? Result<void>{errc::disk_full} : disk_.write_at(path, offset, content);
  }
  Result<void> append(const std::string& path, ByteView content, bool durable) override {
    return refuses() ? Result<void>{errc::disk_full} : disk_.append(path, content, durable);
  }
  Result<void> move(const std::string& from, const std::string& to) override {
    return refuses() ? Result<void>{errc::disk_full} : disk_.move(from, to);
  }
  Result<void> remove(const std::string& path) override {
    return refuses() ? Result<void>{errc::disk_full} : disk_.remove(path);
  }
  Result<void> make_directory(const std::string& path) override {
    return refuses() ? Result<void>{errc::disk_full} : disk_.make_directory(path);
  }

 private:
  bool refuses() {
    ++writes;
    auto left = writes_left.load();
    while (left > 0 && !writes_left.compare_exchange_weak(left, left - 1)) {
    }
    return left == 0;
  }
  SystemDisk disk_;
};

struct Machine {
  explicit Machine(std::uint64_t seed = 1) : random(seed) {}

  SetClock clock;
  SeededRandom random;
  FailingDisk disk;
  Folder folder;
  SecretText passphrase = secret_text("une phrase de test");

  store::Environment environment() { return {clock, random, disk}; }
  std::string directory() const { return folder / "vault"; }
  std::string file(const std::string& name) const { return directory() + "/" + name; }

  store::VaultConfig config() const {
    return {.directory = directory(),
            .owner = "Camille Exemple",
            .device_name = "ordinateur",
            .cost = cheap_cost};
  }
  Result<store::CreatedVault> create() {
    return store::Vault::create(config(), passphrase, environment());
  }
  Result<store::Vault> open() {
    return store::Vault::open(directory(), passphrase, cheap_cost, environment());
  }
  Result<store::Vault> rebuild(const crypto::RecoverySeed& seed,
                               const std::vector<protocol::SignedEntry>& log) {
    const auto enrolled = [](const protocol::SignedCertificate&) { return Result<void>{}; };
    return store::Vault::rebuild(config(), seed, log, passphrase, environment(), enrolled);
  }
};

// A document of a patient who does not exist.
inline store::PreparedDocument prepared(const std::string& title, const std::string& text,
                                        const std::string& date = "2026-03-14") {
  store::PreparedDocument document;
  document.entry.format = DocumentFormat::text;
  document.entry.media_type = "text/plain";
  document.entry.title = title;
  document.entry.date = date;
  document.entry.file_name = "note.txt";
  document.entry.category = "other";
  document.body = to_bytes(as_bytes(title + "\n" + text));
  document.sha256 = crypto::sha256(document.body);
  document.text = text;
  return document;
}

// Puts one document and returns its identifier; a zero one when that failed.
inline DocumentId put(store::Vault& vault, store::PreparedDocument document) {
  std::vector<store::PreparedDocument> batch;
  batch.push_back(std::move(document));
  const auto outcome = vault.put_documents(std::move(batch));
  return outcome.has_value() ? outcome->front().id : DocumentId{};
}

}  // namespace coffret::test

#endif  // COFFRET_TESTS_SUPPORT_VAULT_MACHINE_HPP
