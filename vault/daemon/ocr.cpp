// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/ocr.hpp"

#include <unistd.h>

#include <algorithm>

#include "vault/daemon/confined_child.hpp"
#include "vault/daemon/forgetting.hpp"

namespace coffret::daemon {
namespace {

using namespace std::chrono_literals;

constexpr unsigned most_pages = 20;
constexpr auto program_deadline = 30s;
constexpr std::size_t most_answer = 64u << 20;  // bytes: the picture of a page, or its words
constexpr auto pause = 2s;                      // between two looks at the vault
constexpr std::string_view nothing_read = "\n";

bool may_wait(const store::DocumentView& document) {
  const auto format = document.entry.format;
  return document.present && (format == DocumentFormat::image || format == DocumentFormat::pdf);
}

}  // namespace

bool ocr_is_installed() {
  return ::access("/usr/bin/tesseract", X_OK) == 0 && ::access("/usr/bin/pdftoppm", X_OK) == 0;
}

Ocr::Ocr(Service& service)
    : service_(service),
      reader_(service.config().reader_program, {.deadline = 30'000ms, .files_per_process = 1}) {
  service_.ocr().available = ocr_is_installed();
}

void Ocr::count() {
  service_.ocr().waiting = waiting_.size();
}

void Ocr::forget() {
  waiting_.clear();
  seen_.clear();
  seq_ = 0;
  count();
}

Result<void> Ocr::look() {
  auto& session = service_.session();
  const auto found = session.with_quietly([&](store::Vault& vault) -> Result<void> {
    COFFRET_TRY(const auto status, vault.status());
    if (status.head.seq == seq_) return {};
    COFFRET_TRY(const auto documents, vault.documents());
    for (const auto& document : documents) {
      if (!may_wait(document) || !seen_.insert(document.id).second) continue;
      COFFRET_TRY(const auto text, vault.text(document.id));
      if (text.empty()) waiting_.push_back(document.id);
    }
    seq_ = status.head.seq;
    return {};
  });
  count();
  return found;
}

Result<bool> Ocr::next() {
  if (waiting_.empty()) return false;
  COFFRET_TRY(const auto hold, service_.session().hold_quietly());
  const DocumentId id = waiting_.back();
  Bytes body;
  const auto document =
      service_.session().with_quietly([&](store::Vault& vault) -> Result<store::DocumentView> {
        COFFRET_TRY(body, vault.body(id));
        return vault.document(id.text());
      });
  if (document.has_value()) {
    const auto words = words_of(document->entry, body, hold);
    if (words.has_error() && words.error() == errc::stopping) return errc::stopping;
    // What could not be read once will not be read better in a moment.
    waiting_.pop_back();
    count();
    COFFRET_CHECK(keep(id, words.has_value() ? *words : std::string{}, body, document->entry));
    ++service_.ocr().done;
    return true;
  }
  if (document.error() == errc::locked) return errc::locked;
  waiting_.pop_back();
  count();
  return document.error() == errc::not_found ? Result<bool>{true} : document.error();
}

Result<Bytes> Ocr::run(const std::string& mode, ByteView file, const Session::Hold& hold) {
  const auto deadline = std::chrono::steady_clock::now() + program_deadline;
  COFFRET_TRY(auto child, ConfinedChild::start(service_.config().reader_program, mode));
  const auto wanted = [&](ByteView so_far) -> Result<std::size_t> {
    if (hold.asked_to_stop()) return errc::stopping;
    return most_answer - std::min(most_answer, so_far.size());
  };
  COFFRET_TRY(auto answer, child.talk({file}, true, wanted, deadline));
  if (answer.size() >= most_answer) return errc::too_large;
  return child.finish(deadline) == 0 ? std::move(answer) : Bytes{};
}

Result<std::string> Ocr::words_of_pdf(ByteView pdf, const Session::Hold& hold) {
  std::string words;
  for (unsigned page = 1; page <= most_pages; ++page) {
    COFFRET_TRY(const auto picture, run("page=" + std::to_string(page), pdf, hold));
    if (picture.empty()) break;  // past the last one
    COFFRET_TRY(const auto found, run("recognise", picture, hold));
    words += as_text(found);
    words += '\n';
  }
  return words;
}

Result<std::string> Ocr::words_of(const DocumentEntry& entry, ByteView body,
                                  const Session::Hold& hold) {
  if (entry.format == DocumentFormat::pdf) return words_of_pdf(body, hold);
  COFFRET_TRY(const auto found, run("recognise", body, hold));
  return to_text(found);
}

Result<void> Ocr::keep(const DocumentId& id, const std::string& raw, ByteView body,
                       const DocumentEntry& entry) {
  std::string text{nothing_read};
  const bool has_words = raw.find_first_not_of(" \t\r\n\f") != std::string::npos;
  if (has_words) {
    // A stranger's words like any other: the confined reader cleans them.
    const auto cleaned = reader_.describe(as_bytes(raw), "ocr.txt");
    if (cleaned.has_value() && !cleaned->text.empty()) text = cleaned->text;
  }
  // What else is derived from the body stays as the reader draws it.
  DocumentDescription whole;
  if (auto read = reader_.describe(body, entry.file_name); read.has_value())
    whole = std::move(*read);
  std::vector<Bytes> attachments;
  for (auto& content : whole.contents) attachments.push_back(std::move(content.bytes));
  return service_.session().with_quietly(
      [&](store::Vault& vault) { return vault.set_derived(id, text, attachments, whole.facts); });
}

OcrThread::OcrThread(Service& service) : ocr_(service) {
  if (service.ocr().available) thread_ = std::thread{[this] { run(); }};
}

OcrThread::~OcrThread() {
  {
    const std::lock_guard guard{mutex_};
    ending_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool OcrThread::sleep() {
  std::unique_lock guard{mutex_};
  return !wake_.wait_for(guard, pause, [this] { return ending_; });
}

void OcrThread::run() {
  while (sleep()) {
    bool more = false;
    forgetting([&] {
      more = ocr_.look().has_value();
      if (!more) ocr_.forget();
    });
    while (more) {
      forgetting([&] {
        const auto read = ocr_.next();
        more = read.has_value() && *read;
      });
      const std::lock_guard guard{mutex_};
      if (ending_) return;
    }
  }
}

}  // namespace coffret::daemon
