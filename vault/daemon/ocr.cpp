// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/ocr.hpp"

#include <unistd.h>

#include <algorithm>

#include "coffret/reading.hpp"
#include "vault/daemon/confined_child.hpp"
#include "vault/daemon/forgetting.hpp"

namespace coffret::daemon {
namespace {

using namespace std::chrono_literals;

constexpr unsigned most_pages = 20;
constexpr std::size_t most_answer = 64u << 20;  // bytes: the picture of a page, or its words
constexpr auto pause = 2s;                      // between two looks at the vault
constexpr std::size_t at_once = 64;             // documents, while the vault is held
constexpr char done_mark = '\n';

// Of text: fewer bytes than this, or than one for so many of the pictures, are no page's words.
constexpr std::size_t few_words = 120;
constexpr std::size_t picture_bytes_per_letter = 3000;

bool is_picture(std::string_view media_type) {
  return media_type.starts_with("image/") || media_type == "application/pdf";
}

bool holds_pictures(DocumentFormat format) {
  return format == DocumentFormat::cda || format == DocumentFormat::fhir;
}

// The bytes that may hold words to be read off.
std::uint64_t picture_size(const store::DocumentView& document) {
  const auto& entry = document.entry;
  if (entry.format == DocumentFormat::image || entry.format == DocumentFormat::pdf)
    return document.size;
  std::uint64_t size = 0;
  if (holds_pictures(entry.format))
    for (const auto& attachment : entry.attachments)
      if (is_picture(attachment.media_type)) size += attachment.size;
  return size;
}

bool has_few_words(std::string_view text, std::uint64_t pictures) {
  return text.size() < few_words || text.size() < pictures / picture_bytes_per_letter;
}

}  // namespace

bool ocr_is_installed() {
  return ::access("/usr/bin/tesseract", X_OK) == 0 && ::access("/usr/bin/pdftoppm", X_OK) == 0;
}

struct Ocr::Pictures {
  Bytes body;
  std::string file_name;
  std::vector<Bytes> inside;  // the attachments to read; none: the body itself
};

bool was_recognised(std::string_view text) {
  return text.ends_with(done_mark);
}

Ocr::Ocr(Service& service, OcrOptions options)
    : service_(service),
      options_(std::move(options)),
      reader_(service.config().reader_program, {.deadline = 30'000ms, .files_per_process = 1}) {
  if (options_.program.empty()) options_.program = service.config().reader_program;
  service_.ocr().available = ocr_is_installed();
}

void Ocr::count() {
  service_.ocr().waiting = waiting_.size();
}

void Ocr::forget() {
  waiting_.clear();
  absent_.clear();
  number_ = 0;
  count();
}

Result<void> Ocr::judge(const store::Vault& vault, const store::DocumentView& document) {
  const auto pictures = picture_size(document);
  if (pictures == 0 || document.removed_at) return {};
  if (!document.present) {
    absent_.push_back(document.id);
    return {};
  }
  COFFRET_TRY(const auto text, vault.text(document.id));
  if (!was_recognised(text) && has_few_words(text, pictures)) waiting_.push_back(document.id);
  return {};
}

Result<void> Ocr::look() {
  auto& session = service_.session();
  // Bodies come later than the log that names them, and nothing tells: a few are asked for.
  const auto come = session.with_quietly([&](store::Vault& vault) -> Result<void> {
    for (auto left = std::min(absent_.size(), at_once); left > 0; --left) {
      const auto id = absent_.front();
      absent_.pop_front();
      const auto document = vault.document(id.text());
      if (document.has_error() && document.error() == errc::not_found) continue;
      if (document.has_error()) return document.error();
      COFFRET_CHECK(judge(vault, *document));
    }
    return {};
  });
  COFFRET_CHECK(come);
  arriving_ = false;
  for (bool more = true; more;) {
    const auto look = [&](store::Vault& vault) -> Result<void> {
      COFFRET_TRY(const auto arrived, vault.arrived_after(number_, at_once));
      more = arrived.size() == at_once;
      arriving_ = arriving_ || !arrived.empty();
      for (const auto& [number, document] : arrived) {
        COFFRET_CHECK(judge(vault, document));
        number_ = number;
      }
      return {};
    };
    COFFRET_CHECK(session.with_quietly(look));
  }
  count();
  return {};
}

// A scan of 50 MB is read and opened off the vault's strand: a search meanwhile does not wait.
Result<Ocr::Pictures> Ocr::pictures_of(const DocumentId& id) {
  auto& session = service_.session();
  Pictures found;
  const auto take = [&](store::Vault& vault) -> Result<store::StoredBody> {
    COFFRET_TRY(const auto document, vault.document(id.text()));
    found.file_name = document.entry.file_name;
    const auto& attachments = document.entry.attachments;
    for (std::size_t i = 0; holds_pictures(document.entry.format) && i < attachments.size(); ++i) {
      if (!is_picture(attachments[i].media_type)) continue;
      COFFRET_TRY(found.inside.emplace_back(), vault.attachment(id, i));
    }
    return vault.stored_body(id);
  };
  COFFRET_TRY(auto body, session.with_quietly(take));
  COFFRET_TRY(found.body, std::move(body).read());
  return found;
}

Result<bool> Ocr::next() {
  if (waiting_.empty()) return false;
  COFFRET_TRY(const auto hold, service_.session().hold_quietly());
  const DocumentId id = waiting_.back();
  const auto pictures = pictures_of(id);
  if (pictures.has_error() && pictures.error() == errc::locked) return errc::locked;
  if (pictures.has_error()) {
    waiting_.pop_back();
    count();
    return pictures.error() == errc::not_found ? Result<bool>{true} : pictures.error();
  }
  const auto words = words_of(*pictures, hold);
  if (words.has_error() && words.error() == errc::stopping) return errc::stopping;
  // What could not be read once will not be read better in a moment.
  waiting_.pop_back();
  count();
  if (words.has_error() && words.error() == errc::timed_out) return true;
  COFFRET_CHECK(
      keep(id, words.has_value() ? *words : std::string{}, pictures->body, pictures->file_name));
  ++service_.ocr().done;
  return true;
}

Result<Bytes> Ocr::run(const std::string& mode, ByteView file, const Session::Hold& hold) {
  const auto deadline = std::chrono::steady_clock::now() + options_.deadline;
  COFFRET_TRY(auto child, ConfinedChild::start(options_.program, mode));
  const auto wanted = [&](ByteView so_far) -> Result<std::size_t> {
    if (hold.asked_to_stop()) return errc::stopping;
    return most_answer - std::min(most_answer, so_far.size());
  };
  COFFRET_TRY(auto answer, child.talk({file}, true, wanted, deadline));
  if (answer.size() >= most_answer) return errc::too_large;
  return child.finish(deadline) == 0 ? std::move(answer) : Bytes{};
}

// What was read before an error stays in `words`.
Result<void> Ocr::add_words(ByteView picture, const Session::Hold& hold, unsigned& pages,
                            std::string& words) {
  const bool pdf = reading::looks_like_pdf(picture);
  for (unsigned page = 1; pages > 0; ++page, --pages) {
    Bytes image;
    if (pdf) {
      COFFRET_TRY(image, run("page=" + std::to_string(page), picture, hold));
      if (image.empty()) break;  // past the last one
    }
    COFFRET_TRY(const auto found, run("recognise", pdf ? ByteView{image} : picture, hold));
    words += as_text(found);
    words += '\n';
    if (!pdf) {
      --pages;
      break;
    }
  }
  return {};
}

Result<std::string> Ocr::words_of(const Pictures& pictures, const Session::Hold& hold) {
  std::vector<ByteView> all{pictures.inside.begin(), pictures.inside.end()};
  if (all.empty()) all.emplace_back(pictures.body);
  std::string words;
  unsigned pages = most_pages;
  for (const auto picture : all) {
    const auto read = add_words(picture, hold, pages, words);
    if (!read.has_error()) continue;
    if (read.error() == errc::stopping || words.empty()) return read.error();
    break;
  }
  return words;
}

Result<void> Ocr::keep(const DocumentId& id, const std::string& raw, ByteView body,
                       const std::string& file_name) {
  // What else is derived from the body stays as the reader draws it.
  auto whole = reader_.describe(body, file_name);
  if (whole.has_error() || whole->error != 0) return {};
  std::string text = std::move(whole->text);
  if (raw.find_first_not_of(" \t\r\n\f") != std::string::npos) {
    // A stranger's words like any other: the confined reader cleans them.
    const auto cleaned = reader_.describe(as_bytes(raw), "ocr.txt");
    const bool fits = cleaned.has_value() && cleaned->error == 0 &&
                      text.size() + cleaned->text.size() + 2 <= limits::text_size;
    if (fits && !text.empty()) text += '\n';
    if (fits) text += cleaned->text;
  }
  if (text.size() < limits::text_size) text += done_mark;
  std::vector<Bytes> attachments;
  for (auto& content : whole->contents) attachments.push_back(std::move(content.bytes));
  return service_.session().with_quietly([&](store::Vault& vault) {
    return vault.set_derived(id, text, attachments, whole->facts, whole->picture);
  });
}

OcrThread::OcrThread(Service& service) : ocr_(service), service_(service) {
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

// Whether now is the time to read.
bool OcrThread::looks() {
  if (service_.sync_state().running()) return false;
  if (ocr_.look().has_value()) return !ocr_.arriving();
  ocr_.forget();
  return false;
}

void OcrThread::run() {
  while (sleep()) {
    bool more = false;
    forgetting([&] { more = looks(); });
    while (more) {
      forgetting([&] {
        const auto read = ocr_.next();
        more = read.has_value() && *read && looks();
      });
      const std::lock_guard guard{mutex_};
      if (ending_) return;
    }
  }
}

}  // namespace coffret::daemon
