// SPDX-License-Identifier: EUPL-1.2
//
// log-start: what the start of a new device costs when its vault's log is long: the figure of
// tools/bench. A vault with a few documents, of which one was renamed until the log had so many
// entries, and a checkpoint; then a second device from the sheet, to the list of its documents. No
// network: what would be asked of a server is counted. Passphrases cost nothing here.
//
// usage: log-start FOLDER ENTRIES…      prints a JSON object a line, for each number
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tools/system/system.hpp"
#include "vault/crypto/parcel.hpp"
#include "vault/crypto/recovery.hpp"
#include "vault/crypto/sealer.hpp"
#include "vault/store/checkpoint.hpp"
#include "vault/store/history.hpp"
#include "vault/store/live_entries.hpp"
#include "vault/store/log_start.hpp"

namespace {

using namespace coffret;

constexpr std::size_t documents = 64;
constexpr unsigned rounds = 5;  // of which the middle one is told
constexpr crypto::CostPolicy no_cost{.stated = {8, 1}, .floor = {8, 1}, .ceiling = {1024, 3}};
constexpr std::string_view phrase = "une phrase de mesure";

SecretText passphrase() {
  return SecretText::make([](MutableByteView space) {
    std::copy(phrase.begin(), phrase.end(), space.begin());
    return phrase.size();
  });
}

// What a server would hold and answer, and how much of it was asked for.
class Shown final : public store::LogSource {
 public:
  std::vector<protocol::SignedEntry> log;
  std::map<ObjectId, Bytes> objects;
  std::uint64_t requests = 0;
  std::uint64_t bytes = 0;

  protocol::Head head() const { return {log.size(), protocol::entry_hash(log.back().body)}; }
  Result<protocol::EntryPage> page(std::uint64_t after, std::uint32_t limit) override {
    ++requests;
    protocol::EntryPage page{head(), {}};
    const auto count = std::min<std::uint64_t>(limit, log.size() - after);
    const auto begin = log.begin() + static_cast<std::ptrdiff_t>(after);
    page.entries.assign(begin, begin + static_cast<std::ptrdiff_t>(count));
    for (const auto& entry : page.entries) bytes += entry.body.size() + entry.operation.size();
    return page;
  }
  Result<ReceivedObject> object(const ObjectId& id, std::uint64_t) override {
    ++requests;
    const auto found = objects.find(id);
    if (found == objects.end()) return errc::not_found;
    bytes += found->second.size();
    return ReceivedObject{found->second};
  }
};

store::PreparedDocument document(std::size_t number) {
  store::PreparedDocument made;
  made.entry.format = DocumentFormat::text;
  made.entry.media_type = "text/plain";
  made.entry.title = "Document " + std::to_string(number);
  made.entry.date = "2026-03-14";
  made.entry.category = "other";
  const std::string text = "Un texte, " + std::to_string(number) + ".";
  made.body = to_bytes(as_bytes(text));
  made.sha256 = crypto::sha256(made.body);
  made.text = text;
  return made;
}

// Goes on with the log as its device would, without its database.
class Writing {
 public:
  Writing(const store::Vault& vault, const store::Keyring& keyring, Shown& shown, Random& random)
      : vault_(vault), keyring_(keyring), shown_(shown), random_(random) {}

  // What is there already.
  Result<void> read() {
    for (const auto& entry : shown_.log) {
      COFFRET_TRY(const auto opened, keyring_.open(entry));
      live_.take(opened);
    }
    return {};
  }
  Result<void> add(const store::Operation& operation, std::vector<ObjectId> puts = {}) {
    const auto* key = keyring_.log_key(vault_.epoch());
    if (key == nullptr) return errc::not_found;
    const auto sealed =
        crypto::Sealer::seal(*key, {vault_.id(), vault_.epoch()}, wire::encode(operation), random_);
    const Bytes blob =
        wire::encode(store::OperationBlob{.envelopes = {}, .sealed = to_bytes(sealed.view())});
    const auto end = shown_.head();
    protocol::Entry entry;
    entry.vault = vault_.id();
    entry.seq = end.seq + 1;
    entry.previous = end.hash;
    entry.epoch = vault_.epoch();
    entry.device = vault_.device();
    entry.time = 1'800'000'000;
    entry.puts = std::move(puts);
    shown_.log.push_back(protocol::sign_entry(entry, blob, vault_.signer()));
    COFFRET_TRY(const auto opened, keyring_.open(shown_.log.back()));
    live_.take(opened);
    return {};
  }
  Result<void> announce() {
    std::vector<protocol::SignedEntry> entries;
    for (const auto seq : live_.seqs()) entries.push_back(shown_.log[seq - 1]);
    COFFRET_TRY(const auto made,
                store::compose_checkpoint(vault_.id(), shown_.head(), entries,
                                          *keyring_.log_key(vault_.epoch()), random_));
    for (std::size_t i = 0; i < made.parts.size(); ++i)
      shown_.objects[made.objects[i]] = to_bytes(made.parts[i].view());
    return add(made.operation, made.objects);
  }

 private:
  const store::Vault& vault_;
  const store::Keyring& keyring_;
  Shown& shown_;
  Random& random_;
  store::LiveEntries live_;
};

Result<crypto::RecoverySeed> make_log(const std::string& folder, std::uint64_t entries,
                                      store::Environment environment, Shown& shown) {
  const store::VaultConfig config{
      .directory = folder, .owner = "Camille EXEMPLE", .device_name = "un", .cost = no_cost};
  COFFRET_TRY(auto made, store::Vault::create(config, passphrase(), environment));
  auto& vault = made.vault;
  std::vector<store::PreparedDocument> batch;
  for (std::size_t i = 0; i < documents; ++i) batch.push_back(document(i));
  COFFRET_TRY(const auto put, vault.put_documents(std::move(batch)));
  COFFRET_TRY(shown.log, vault.entries_after(0, documents + 1));
  store::Keyring keyring{vault.id(), crypto::recovery_agreement_key(made.seed)};
  keyring.descend(shown.log);
  Writing writing{vault, keyring, shown, environment.random};
  COFFRET_CHECK(writing.read());
  shown.log.reserve(entries + 1);
  while (shown.log.size() < entries)
    COFFRET_CHECK(writing.add(store::make_operation(
        store::DocumentAmended{.document = put.front().id,
                               .title = "Nom " + std::to_string(shown.log.size()),
                               .date = {},
                               .kind = {},
                               .note = {}})));
  COFFRET_CHECK(writing.announce());
  return std::move(made.seed);
}

struct Took {
  double seconds = 0;
  std::uint64_t requests = 0;
  std::uint64_t bytes = 0;
};

// Until its documents are listed.
Result<Took> start(const std::string& folder, const crypto::RecoverySeed& seed,
                   store::Environment environment, Shown& shown) {
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
  const store::VaultConfig config{
      .directory = folder, .owner = {}, .device_name = "deux", .cost = no_cost};
  const auto enrolled = [](const protocol::SignedCertificate&) { return Result<void>{}; };
  shown.requests = shown.bytes = 0;
  const auto begun = std::chrono::steady_clock::now();
  COFFRET_TRY(const auto first, protocol::decode_entry(shown.log.front().body));
  store::Keyring keyring{first.vault, crypto::recovery_agreement_key(seed)};
  COFFRET_TRY(const auto read, store::read_log_start(shown, keyring, {}));
  COFFRET_TRY(auto vault,
              store::Vault::rebuild(config, seed, read, passphrase(), environment, enrolled));
  COFFRET_TRY(const auto listed, vault.documents());
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  if (listed.size() != documents || !store::History{vault}.progress()) return errc::damaged;
  return Took{took.count(), shown.requests, shown.bytes};
}

Result<void> measure(const std::string& folder, std::uint64_t entries) {
  SystemRandom random;
  SystemDisk disk;
  SystemClock clock;
  const store::Environment environment{clock, random, disk};
  Shown shown;
  const std::string name = folder + "/" + std::to_string(entries);
  COFFRET_TRY(const auto seed, make_log(name, entries, environment, shown));
  std::vector<Took> all;
  for (unsigned round = 0; round < rounds; ++round) {
    COFFRET_TRY(const auto took, start(name + "-second", seed, environment, shown));
    all.push_back(took);
  }
  std::sort(all.begin(), all.end(),
            [](const Took& a, const Took& b) { return a.seconds < b.seconds; });
  const auto& middle = all[rounds / 2];
  (void)std::printf("{\"entries\":%zu,\"seconds\":%.4f,\"requests\":%llu,\"bytes\":%llu}\n",
                    shown.log.size(), middle.seconds,
                    static_cast<unsigned long long>(middle.requests),
                    static_cast<unsigned long long>(middle.bytes));
  (void)std::fflush(stdout);
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    (void)std::fputs("usage: log-start FOLDER ENTRIES...\n", stderr);
    return 2;
  }
  for (int i = 2; i < argc; ++i) {
    const auto done = measure(argv[1], std::strtoull(argv[i], nullptr, 10));
    if (done.has_value()) continue;
    const auto code = row(to_errc(done.error())).code;
    (void)std::fprintf(stderr, "%s: %.*s\n", argv[i], static_cast<int>(code.size()), code.data());
    return 1;
  }
  return 0;
}
