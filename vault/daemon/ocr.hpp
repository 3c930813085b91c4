// SPDX-License-Identifier: EUPL-1.2
//
// ocr.hpp: the words on images, and on PDFs that have none, for the search. In the background of an
// open vault, one document at a time, by Tesseract in a confined process on this machine.
//
// A document waits when it is an image or a PDF whose text is empty. What Tesseract says is
// cleaned by the confined reader like any text, and kept as what is derived from the body; where it
// says nothing, a line break is kept, so that the document is not looked at again.
// Where Tesseract is not installed, nothing happens, and status and doctor say so.
//
// Bounds: 20 pages of a PDF, at 200 dpi; 30 s and 64 MiB for each program's answer.
// Threads: progress may be read from any thread; next() is one thread's.
#ifndef COFFRET_VAULT_DAEMON_OCR_HPP
#define COFFRET_VAULT_DAEMON_OCR_HPP

#include <condition_variable>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "vault/daemon/reader_process.hpp"
#include "vault/daemon/service.hpp"

namespace coffret::daemon {

// Whether the programs are installed. How they do their work is for next() to find out.
bool ocr_is_installed();

class Ocr {
 public:
  explicit Ocr(Service& service);

  // Looks for what waits, unless nothing changed since. Errors: locked; those of the vault.
  Result<void> look();
  // Reads the next document that waits; false: none does.
  // Errors: locked; stopping (asked to lock: it waits on); those of the vault.
  Result<bool> next();
  // After a lock: what waits is looked for anew.
  void forget();

 private:
  Result<std::string> words_of(const DocumentEntry& entry, ByteView body,
                               const Session::Hold& hold);
  Result<std::string> words_of_pdf(ByteView pdf, const Session::Hold& hold);
  // The answer of coffret-reader in this mode; empty where it made nothing of the file.
  Result<Bytes> run(const std::string& mode, ByteView file, const Session::Hold& hold);
  Result<void> keep(const DocumentId& id, const std::string& raw, ByteView body,
                    const DocumentEntry& entry);
  void count();

  Service& service_;
  Reader reader_;
  std::vector<DocumentId> waiting_;
  std::set<DocumentId> seen_;  // looked at since the vault was opened
  std::uint64_t seq_ = 0;      // of the log's head when it was last looked at
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
  bool sleep();  // false: time to end

  Ocr ocr_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_OCR_HPP
