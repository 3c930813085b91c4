// SPDX-License-Identifier: EUPL-1.2
//
// export_sink.hpp: where the files of an export go: a folder, or a tar inside an age file.
//
// Everything is written under a name of its own beside the place asked for, and moved there by
// finish(), once durable. Destroyed before that, nothing is left behind. What exists is never
// written over.
//
// Units: bytes. Names of files are relative, with '/' between components.
// Errors: file_exists; those of the Disk.
// Ownership: the environment's members outlive the sink.
// Threads: not thread-safe.
#ifndef COFFRET_VAULT_DAEMON_EXPORT_SINK_HPP
#define COFFRET_VAULT_DAEMON_EXPORT_SINK_HPP

#include <set>
#include <string>
#include <string_view>

#include "coffret/disk.hpp"
#include "coffret/time.hpp"
#include "vault/crypto/age.hpp"
#include "vault/store/vault.hpp"

namespace coffret::daemon {

// The place asked for, and the one beside it that is written to first.
class Staging {
 public:
  // Errors: file_exists.
  static Result<Staging> beside(const std::string& path, store::Environment environment);
  Staging(Staging&& other) noexcept;
  Staging& operator=(Staging&&) = delete;
  ~Staging();  // removes what was not moved

  const std::string& path() const noexcept { return staged_; }
  Result<void> move_into_place();

 private:
  Staging(Disk& disk, std::string path, std::string staged)
      : disk_(&disk), path_(std::move(path)), staged_(std::move(staged)) {}

  Disk* disk_;  // null: nothing to remove
  std::string path_;
  std::string staged_;
};

class ExportSink {
 public:
  virtual ~ExportSink() = default;
  virtual Result<void> file(const std::string& name, ByteView content) = 0;
  virtual Result<void> finish() = 0;
};

class FolderSink final : public ExportSink {
 public:
  static Result<FolderSink> start(const std::string& path, store::Environment environment);
  Result<void> file(const std::string& name, ByteView content) override;
  Result<void> finish() override;

 private:
  FolderSink(Disk& disk, Staging staging) : disk_(disk), staging_(std::move(staging)) {}

  Disk& disk_;
  Staging staging_;
  std::set<std::string> directories_;  // made so far, relative
};

// One file, written from its beginning to its end.
class StreamedFile {
 public:
  static Result<StreamedFile> start(const std::string& path, store::Environment environment);
  Result<void> write(ByteView bytes);
  Result<void> finish();

 private:
  StreamedFile(Disk& disk, Staging staging) : disk_(disk), staging_(std::move(staging)) {}

  Disk& disk_;
  Staging staging_;
  Bytes held_;
};

class AgeSink final : public ExportSink {
 public:
  // `head`: what the writer gave when it was made. Every member of the tar stands in `folder`.
  static Result<AgeSink> start(const std::string& path, std::string folder,
                               crypto::AgeWriter writer, Bytes head,
                               store::Environment environment);
  Result<void> file(const std::string& name, ByteView content) override;
  Result<void> finish() override;

 private:
  AgeSink(StreamedFile file, std::string folder, crypto::AgeWriter writer, Timestamp time)
      : file_(std::move(file)),
        folder_(std::move(folder)),
        writer_(std::move(writer)),
        time_(time) {}
  Result<void> write(ByteView plaintext);

  StreamedFile file_;
  std::string folder_;
  crypto::AgeWriter writer_;
  Timestamp time_;
};

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_EXPORT_SINK_HPP
