// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/unread.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "vault/daemon/forgetting.hpp"
#include "vault/daemon/ocr.hpp"
#include "vault/daemon/reader_process.hpp"

namespace coffret::daemon {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t at_a_time = 16;  // documents, before another reader has its turn
constexpr auto pause = 2s;             // between two looks
constexpr auto rest = 10min;           // before what failed is tried again
constexpr unsigned most_failures = 8;  // one after another, before a pass ends

class Vaults {
 public:
  Vaults(Service& service, bool quiet) : session_(service.session()), quiet_(quiet) {}
  template <class F>
  auto with(F&& touch) {
    return quiet_ ? session_.with_quietly(std::forward<F>(touch))
                  : session_.with(std::forward<F>(touch));
  }

 private:
  Session& session_;
  bool quiet_;
};

// What is derived from a body.
struct Derived {
  std::string text;
  std::vector<Bytes> attachments;
  std::vector<Fact> facts;
  PictureSize picture;
};

// What was derived before, by an older reader or with the words that were recognised since.
Derived kept(const store::Vault& vault, const store::DocumentView& document) {
  Derived before;
  if (auto text = vault.text(document.id)) before.text = std::move(*text);
  if (auto facts = vault.facts_of(document.id)) before.facts = std::move(*facts);
  if (const auto picture = vault.picture(document.id)) before.picture = *picture;
  const auto count = document.entry.attachments.size();
  for (std::size_t i = 0; i < count; ++i)
    if (auto content = vault.attachment(document.id, i))
      before.attachments.push_back(std::move(*content));
  if (before.attachments.size() != count) before.attachments.clear();
  return before;
}

// Whether it was read, or refused for what it is: true. Otherwise the reader failed, which says
// nothing of the file: it stays unread, with what was known of it, for another time.
Result<bool> read_one(Vaults& vaults, Reader& reader, const DocumentId& id) {
  auto document = vaults.with([&](store::Vault& vault) { return vault.document(id.text()); });
  auto body = vaults.with([&](store::Vault& vault) { return vault.body(id); });
  if (document.has_error() || body.has_error()) return false;  // purged meanwhile, or damaged
  Cause why = Cause::none;
  auto read = reader.describe(*body, document->entry.file_name, {}, &why);
  if (read.has_error() && (read.error() == errc::reader_failed || why == Cause::unconfined))
    return false;
  const auto keep = [&](store::Vault& vault) -> Result<void> {
    Derived now = kept(vault, *document);
    if (read.has_value()) {
      if (!was_recognised(now.text)) now.text = std::move(read->text);
      now.facts = std::move(read->facts);
      now.picture = read->picture;
      now.attachments.clear();
      for (auto& content : read->contents) now.attachments.push_back(std::move(content.bytes));
      if (now.attachments.size() != document->entry.attachments.size()) now.attachments.clear();
    }
    return vault.set_derived(id, now.text, now.attachments, now.facts, now.picture);
  };
  COFFRET_CHECK(vaults.with(keep));
  return true;
}

}  // namespace

Result<void> read_unread(Service& service, bool quiet, const std::function<bool()>& stop,
                         Unreadable* known) {
  Vaults vaults{service, quiet};
  Reader reader{service.config().reader_program};
  std::int64_t number = 0;
  unsigned failures = 0;  // one after another
  for (;;) {
    const std::lock_guard turn{service.reading()};
    COFFRET_TRY(const auto unread, vaults.with([&](store::Vault& vault) {
      return vault.unread_after(number, at_a_time);
    }));
    if (unread.empty()) return {};
    for (const auto& one : unread) {
      number = one.number;
      if (known != nullptr && known->contains(one.document)) continue;
      if (stop()) return {};
      COFFRET_TRY(const bool read, read_one(vaults, reader, one.document));
      failures = read ? 0 : failures + 1;
      if (!read && known != nullptr) known->insert(one.document);
      // The trouble is ours, not the files': the rest is not tried.
      if (failures == most_failures) return {};
    }
  }
}

UnreadThread::UnreadThread(Service& service) : service_(service), thread_([this] { run(); }) {}

UnreadThread::~UnreadThread() {
  {
    const std::lock_guard guard{mutex_};
    ending_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

bool UnreadThread::ending() const {
  const std::lock_guard guard{mutex_};
  return ending_;
}

// Whether there is something to read that did not fail in this round.
bool UnreadThread::looks() {
  const auto now = std::chrono::steady_clock::now();
  if (now >= again_) {
    failed_.clear();
    again_ = now + rest;
  }
  if (now < tired_until_) return false;
  const auto limit = failed_.size() + 1;
  const auto unread = service_.session().with_quietly(
      [&](store::Vault& vault) { return vault.unread_after(0, limit); });
  if (unread.has_error()) {  // locked: an unlock is another try
    again_ = tired_until_ = now;
    return false;
  }
  return std::any_of(unread->begin(), unread->end(),
                     [&](const auto& one) { return !failed_.contains(one.document); });
}

void UnreadThread::run() {
  for (;;) {
    {
      std::unique_lock lock{mutex_};
      if (wake_.wait_for(lock, pause, [this] { return ending_; })) return;
    }
    if (service_.sync_state().running() || !looks()) continue;
    const auto hold = service_.session().hold_quietly();
    if (hold.has_error()) continue;
    forgetting([&] {
      const auto before = failed_.size();
      (void)read_unread(
          service_, true,
          [&] { return ending() || hold->asked_to_stop() || service_.sync_state().running(); },
          &failed_);
      if (failed_.size() >= before + most_failures) tired_until_ = again_;
    });
  }
}

}  // namespace coffret::daemon
