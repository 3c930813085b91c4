// SPDX-License-Identifier: EUPL-1.2
//
// age_file.hpp: an age file on a disk, read from its beginning to its end in bounded memory.
//
// Every byte was authenticated before it is given. Units: bytes.
// Errors: file_not_found; wrong_recovery_key (made for other keys); backup_damaged, with the fault
// in a Damage; those of the Disk.
// Ownership: the Disk outlives the file. Threads: one.
#ifndef COFFRET_VAULT_BACKUP_AGE_FILE_HPP
#define COFFRET_VAULT_BACKUP_AGE_FILE_HPP

#include <cstdint>
#include <functional>
#include <string>

#include "coffret/disk.hpp"
#include "coffret/error.hpp"
#include "vault/crypto/age.hpp"

namespace coffret::backup {

// What is wrong with a backup, and where.
enum class Fault : std::uint8_t {
  none,
  missing,     // a file of the set is not there
  cut,         // ends before its end
  altered,     // bytes are not those that were written
  misplaced,   // a file of another set, or under another number
  incomplete,  // a document that the log names is in no file
  stale,       // the newest files, which this vault remembers having written, are not there
};
struct Damage {
  Fault fault = Fault::none;
  std::string file;  // path
};

// Opens the header with whatever keys there are. Errors: wrong_passphrase (none of them),
// malformed.
using Opener = std::function<Result<crypto::AgeReader>(ByteView beginning)>;

class AgeFile {
 public:
  static Result<AgeFile> open(const Disk& disk, const std::string& path, const Opener& opener,
                              Damage& damage);

  // Exactly `size` bytes.
  Result<Bytes> read(std::size_t size);
  // Errors when anything is left.
  Result<void> finish();

  // Of the whole plaintext, as the file's length has it.
  std::uint64_t plaintext_size() const noexcept;
  std::uint64_t position() const noexcept { return position_; }
  errc damaged(Fault fault);

 private:
  AgeFile(const Disk& disk, std::string path, crypto::AgeReader reader, std::uint64_t sealed,
          Damage& damage);
  Result<void> fetch();

  const Disk* disk_;
  std::string path_;
  crypto::AgeReader reader_;
  Damage* damage_;
  std::uint64_t sealed_;  // bytes of payload in the file
  std::uint64_t chunks_;
  std::uint64_t next_ = 0;  // chunk
  std::uint64_t position_ = 0;
  Bytes plain_;
  std::size_t used_ = 0;  // of plain_
};

}  // namespace coffret::backup

#endif  // COFFRET_VAULT_BACKUP_AGE_FILE_HPP
