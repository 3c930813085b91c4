// SPDX-License-Identifier: EUPL-1.2
//
// Everything compared with everything: the chain, each entry, each row, each body, each page.
#include <set>

#include "vault/store/state.hpp"

namespace coffret::store {
namespace {

class Check {
 public:
  explicit Check(Vault::State& state) noexcept : state_(state) {}

  Result<std::vector<Problem>> run(bool read_data) {
    // A step that damage cuts short is a finding; the next ones may name more.
    for (const auto& outcome : {pages(read_data), chain(), rows(read_data), objects(), facts()}) {
      if (outcome.has_value()) continue;
      if (outcome.error() != errc::damaged) return outcome.error();
      report(ProblemKind::database_page, "structure");
    }
    return std::move(problems_);
  }

 private:
  void report(ProblemKind kind, std::string item) { problems_.push_back({kind, std::move(item)}); }

  // SQLCipher's pragma gives a row per page whose MAC fails; SQLite's gives "ok" or what is wrong.
  Result<void> pages(bool read_data) {
    if (read_data) {
      // It looks at the file alone. A page that a power cut tore on its way there is whole in the
      // write-ahead log: first it is brought home, where the disk has room for it.
      (void)state_.db.execute("PRAGMA wal_checkpoint(FULL)");
      COFFRET_TRY(auto macs, state_.db.prepare("PRAGMA cipher_integrity_check"));
      for (;;) {
        COFFRET_TRY(const bool more, macs.step());
        if (!more) break;
        report(ProblemKind::database_page, std::string{macs.text(0)});
      }
    }
    COFFRET_TRY(auto structure, state_.db.prepare("PRAGMA quick_check(1)"));
    const auto step = structure.step();
    if (step.has_error() || !*step || structure.text(0) != "ok")
      report(ProblemKind::database_page, "structure");
    return {};
  }

  Result<void> chain() {
    std::uint64_t reached = 0;
    const auto end = state_.log.walk([&](const Link& link) -> Result<void> {
      reached = link.at.seq;
      entry(link);
      return {};
    });
    if (end.has_error())
      report(ProblemKind::chain, "entry " + std::to_string(reached + 1));
    else if (*end != state_.head)
      report(ProblemKind::chain, "head");
    return {};
  }

  // Every entry as if it came from a stranger.
  void entry(const Link& link) {
    const auto item = "entry " + std::to_string(link.at.seq);
    const auto whole = state_.log.at(link.at.seq);
    if (whole.has_error()) return report(ProblemKind::entry, item);
    if (link.history) return history(*whole, link, item);
    const auto opened = control_.admit(*whole, link.before, state_.keyring);
    if (opened.has_error() || control_.apply(*opened).has_error())
      return report(ProblemKind::entry, item);
    if (const auto* put = std::get_if<DocumentPut>(&opened->payload)) {
      const auto row = state_.documents.by_seq(link.at.seq);
      if (row.has_error() || compare(*row, *opened, *put).has_error() ||
          (row->place == Place::purged) != state_.control.purged(put->document))
        report(ProblemKind::row, put->document.text());
    }
  }

  // Judged and chained when it came; the fold up to it is made when all of it is here. Who signed
  // it is known: the checkpoint has every device that ever was.
  void history(const protocol::SignedEntry& whole, const Link& link, const std::string& item) {
    const auto opened = state_.keyring.open(whole);
    if (opened.has_error()) return report(ProblemKind::entry, item);
    const auto& devices = state_.control.devices();
    const auto device = devices.find(opened->entry.device);
    const bool is_control = opened->operation.type != OperationType::document_put;
    if (device == devices.end() || is_control != link.control ||
        protocol::verify_entry(whole, state_.owner.vault, link.before, device->second.signing_key)
            .has_error())
      report(ProblemKind::entry, item);
  }

  Result<void> rows(bool read_data) {
    COFFRET_TRY(const auto all, state_.documents.all());
    if (all.size() != control_.puts()) report(ProblemKind::row, "count");
    for (const auto& row : all) {
      if (row.place == Place::missing) named_.insert(arriving_name(row.object));
      // Still to be fetched, or gone on purpose.
      if (row.place == Place::missing || row.place == Place::purged) continue;
      if (row.place == Place::file) named_.insert(row.object.text());
      if (!read_data && row.place == Place::row) continue;
      if (!read_data) {
        const auto size = state_.env.disk.size(state_.directory.object(row.object));
        if (size.has_error())
          report(ProblemKind::missing_body, row.name);
        else if (*size != crypto::object_size(row.size))
          report(ProblemKind::body, row.name);
        continue;
      }
      const auto document = state_.stored(row);
      if (document.has_error()) continue;  // reported with its entry
      const auto body = state_.body(*document);
      if (body.has_error()) report(ProblemKind::body, row.name);
    }
    return {};
  }

  Result<void> objects() {
    COFFRET_TRY(const auto names, state_.env.disk.list(state_.directory.objects()));
    for (const auto& name : names)
      if (!named_.contains(name)) report(ProblemKind::orphan_object, name);
    return {};
  }

  Result<void> facts() {
    COFFRET_TRY(const auto wrong, state_.facts.count_wrong());
    if (wrong > 0) report(ProblemKind::row, "facts");
    return {};
  }

  Vault::State& state_;
  Control control_;
  std::set<std::string> named_;
  std::vector<Problem> problems_;
};

}  // namespace

Result<std::vector<Problem>> Vault::check(bool read_data) const {
  return Check{*state_}.run(read_data);
}

}  // namespace coffret::store
