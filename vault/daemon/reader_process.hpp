// SPDX-License-Identifier: EUPL-1.2
//
// reader_process.hpp: foreign files are understood in coffret-reader, a process that can neither
// open nor send anything; this starts it, speaks with it, and believes it as little as it can.
//
// A PDF, also one inside a document, is first turned into text by a second process (mode confine).
// Where that fails or the kernel has no Landlock, the PDF is kept and has no text.
//
// A picture, and a PDF that is a scan or speaks of COVID, is looked at for the QR code of an EU
// certificate: each picture, each of the first pages, by a process of its own (mode qr).
//
// Starting a reader costs 3 to 6 ms, reading a small document 0.1 ms. So one process reads up to
// files_per_process files, one after another. What that concedes: a file that takes over its
// reader can misdescribe those that follow in that process; it still reaches no file, no network
// and no process. A reader that refused anything, or was late, reads nothing more, and a failure in
// a used reader is tried again in a fresh one.
//
// Make one for an import and destroy it after: idle readers hold what they have read.
//
// Units: sizes are in bytes.
// Threads: all calls may be made from several threads at once; each call blocks its own. Nothing
// else in the program may wait for children it did not start.
#ifndef COFFRET_VAULT_DAEMON_READER_PROCESS_HPP
#define COFFRET_VAULT_DAEMON_READER_PROCESS_HPP

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "coffret/bytes.hpp"
#include "coffret/document.hpp"
#include "coffret/error.hpp"
#include "coffret/reading.hpp"
#include "coffret/refusal.hpp"

namespace coffret::daemon {

struct ReaderOptions {
  std::chrono::milliseconds deadline{30'000};  // for one call, all its processes together
  unsigned files_per_process = 32;             // 1 for files from strangers
};

class Reader {
 public:
  // `program`: the path of coffret-reader, beside the daemon's own executable.
  explicit Reader(std::string program, ReaderOptions options = {});
  ~Reader();  // ends idle readers; no call may be running
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // What the file says of itself; within its limits. For DocumentFormat::zip and xdm, go on with
  // unpack. `metadata`: of a reading::Member, as unpack gave it.
  // Errors: reader_failed (dead, killed, late, or it answered nonsense); unsupported (this kernel
  // cannot confine it: nothing was read); those of the file: too_large, malformed, doctype_refused.
  // `why`: set to the cause where it is refused and the reader told one.
  Result<DocumentDescription> describe(ByteView file, const std::string& file_name,
                                       ByteView metadata = {}, Cause* why = nullptr);

  // A page of the documents inside an archive: begin with 0, go on with `next` until that is 0.
  // A member may itself be an archive; whether to look inside it is the caller's decision.
  // Errors: as describe.
  // Causes stay in the errors of the members; `why` is that of the archive.
  Result<reading::Unpacked> unpack(ByteView file, std::uint32_t first, Cause* why = nullptr);

  // The file as one page that a browser shows and in which nothing runs or calls (HTML). Judged by
  // its size only: it is for a browser, under the policy it carries.
  // Errors: as describe; unsupported also where this format has no rendering.
  Result<std::string> render(ByteView file, const std::string& file_name, Language language);

  // What the file says that nobody sees who looks at it: of pictures and PDFs. Errors: as describe.
  Result<std::vector<reading::HiddenDetail>> hidden(ByteView file);

  // What the confined converter makes of a PDF: title, author, date and text as simple HTML.
  // Empty when it makes nothing of it.
  // Errors: unsupported (no Landlock here, or no converter installed); reader_failed.
  Result<Bytes> convert(ByteView pdf);

 private:
  using Deadline = std::chrono::steady_clock::time_point;
  struct Worker;

  // What follows a Request, in the order it is sent.
  struct Material {
    ByteView file, converted, metadata;
  };

  Result<Bytes> ask(const reading::Request& request, const Material& material, Deadline deadline);
  Result<Bytes> ask_worker(Worker& worker, const Bytes& question, const Material& material,
                           Deadline deadline);
  Result<Bytes> convert_by(ByteView pdf, Deadline deadline);
  // What the reader tells in this mode, at most `most` bytes; empty where it makes nothing of it.
  Result<Bytes> run(const std::string& mode, ByteView input, std::size_t most, Deadline deadline);
  // certificates.cpp: the characters of EU certificates whose codes the file shows, a line each.
  Bytes certificates_in(ByteView file, ByteView converted, Deadline deadline);
  Bytes converted_text(ByteView file, Deadline deadline);
  Result<DocumentDescription> describe_by(ByteView file, const std::string& name, ByteView metadata,
                                          Deadline deadline, Cause* why = nullptr);
  void add_attachment_text(DocumentDescription& description, Deadline deadline);
  Result<std::unique_ptr<Worker>> take();
  void give_back(std::unique_ptr<Worker> worker);

  std::string program_;
  ReaderOptions options_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Worker>> idle_;  // guarded by mutex_
};

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_READER_PROCESS_HPP
