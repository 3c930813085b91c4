// SPDX-License-Identifier: EUPL-1.2
//
// ocr.hpp: the words on images, and on PDFs that have few or none, for the search. In the
// background of an open vault, one document at a time, by Tesseract in a confined process on this
// machine.
//
// A document waits when it is a picture or a PDF, or holds some (CDA, FHIR), and has little text
// for its size: a scanner's stamp is not the words of the page. What Tesseract says is cleaned by
// the confined reader like any text and stands behind the document's own, which stays; a line break
// at the end, which no other text has, says that this was done. Pages that were read are kept also
// when a later one fails; where time ran out before the first word, nothing is kept, and it is
// tried again once the vault is next opened. Where Tesseract is not installed, nothing happens, and
// status and doctor say so.
//
// Bounds: 20 pages of a document, at 200 dpi; 30 s and 64 MiB for each program's answer. A look at
// the vault opens the documents that came since the last one, 64 at a time, and no others.
// Threads: progress may be read from any thread; next() is one thread's.
#ifndef COFFRET_VAULT_DAEMON_OCR_HPP
#define COFFRET_VAULT_DAEMON_OCR_HPP

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "vault/daemon/reader_process.hpp"
#include "vault/daemon/service.hpp"

namespace coffret::daemon {

// Whether the programs are installed. How they do their work is for next() to find out.
bool ocr_is_installed();

// Whether a document's text, as the vault has it, has been through this.
bool was_recognised(std::string_view text);

struct OcrOptions {
  std::string program{};                       // coffret-reader; empty: the service's
  std::chrono::milliseconds deadline{30'000};  // for each page, and again for its words
};

class Ocr {
 public:
  explicit Ocr(Service& service, OcrOptions options = {});

  // Looks for what waits among what came since the last look. Errors: locked; those of the vault.
  Result<void> look();
  // Whether documents were coming in at the last look: an import has the machine, and the memory
  // that one large document takes, to itself.
  bool arriving() const noexcept { return arriving_; }
  // Reads the next document that waits; false: none does.
  // Errors: locked; stopping (asked to lock: it waits on); those of the vault.
  Result<bool> next();
  // After a lock: what waits is looked for anew.
  void forget();

 private:
  struct Pictures;  // of one document

  // Remembers it as waiting, done, or still without its body.
  Result<void> judge(const store::Vault& vault, const store::DocumentView& document);
  Result<Pictures> pictures_of(const DocumentId& id);
  Result<std::string> words_of(const Pictures& pictures, const Session::Hold& hold);
  Result<void> add_words(ByteView picture, const Session::Hold& hold, unsigned& pages,
                         std::string& words);
  // The answer of coffret-reader in this mode; empty where it made nothing of the file.
  Result<Bytes> run(const std::string& mode, ByteView file, const Session::Hold& hold);
  Result<void> keep(const DocumentId& id, const std::string& raw, ByteView body,
                    const std::string& file_name);
  void count();

  Service& service_;
  OcrOptions options_;
  Reader reader_;
  std::vector<DocumentId> waiting_;
  std::deque<DocumentId> absent_;  // known, their bodies still to come
  bool arriving_ = false;
  std::int64_t number_ = 0;  // of the last that was looked at: store::Arrival
};

// Runs an Ocr while it lives.
class OcrThread {
 public:
  explicit OcrThread(Service& service);
  ~OcrThread();
  OcrThread(const OcrThread&) = delete;
  OcrThread& operator=(const OcrThread&) = delete;

 private:
  void run();
  bool looks();
  bool sleep();  // false: time to end

  Ocr ocr_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool ending_ = false;
  Service& service_;
  std::thread thread_;
};

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_OCR_HPP
