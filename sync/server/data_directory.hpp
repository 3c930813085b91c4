// SPDX-License-Identifier: EUPL-1.2
//
// data_directory.hpp: everything the embedded server keeps, in one directory: how it is made, and
// how it is opened.
//
//   identity.key  records.db  halves.db  objects/  uploads/  card.jws  tls/  serving.json
//
// Errors: already_initialised, never_initialised, in_use (another `serve`), malformed (a card's
// text, an address or a certificate), damaged, other_version, io, disk_full.
// Ownership: borrows disk, clock and random. Threads: one.
#ifndef COFFRET_SYNC_SERVER_DATA_DIRECTORY_HPP
#define COFFRET_SYNC_SERVER_DATA_DIRECTORY_HPP

#include <memory>
#include <string>

#include "coffret/disk.hpp"
#include "coffret/random.hpp"
#include "coffret/time.hpp"
#include "sync/http/listener.hpp"
#include "sync/protocol/card.hpp"
#include "sync/server/halves.hpp"
#include "sync/server/identity.hpp"
#include "sync/server/objects.hpp"
#include "sync/server/records.hpp"

namespace coffret::server {

struct Machine {
  Disk& disk;
  const Clock& clock;
  Random& random;
};

struct Operator {
  std::string name, country, law, host, contact;  // of the card
  std::string tls_name;                           // host or address in a self-signed certificate
};

// Where `init` leaves a self-signed certificate, and `serve` looks for one unless told otherwise.
http::TlsFiles own_tls_files(const std::string& directory);

// Makes the directory, the identity key, the card, and a certificate unless one is given. `config`:
// the text of config.toml, if there is to be one. Goes on where an earlier try was interrupted.
Result<void> initialise(const std::string& directory, const Operator& about,
                        const std::optional<http::TlsFiles>& tls, const Machine& machine,
                        ByteView config = {});

struct Storage {
  std::unique_ptr<Identity> identity;
  std::unique_ptr<Records> records;
  std::unique_ptr<Halves> halves;
  std::unique_ptr<Objects> objects;
};
// Brings the records of an older build to this one's format; to be called before `serve` takes its
// lock, since nobody else may have them open. Errors: in_use; those of migration.hpp.
Result<void> upgrade_storage(const std::string& directory, const Machine& machine);

// Errors: other_version (made by a later build, or by an older one and not upgraded yet).
Result<Storage> open_storage(const std::string& directory, const Machine& machine);

Result<std::string> read_card(const std::string& directory, const Disk& disk);

// The card, signed again with the next serial when the certificate's key is not in it.
Result<std::string> card_for(const std::string& directory, const Identity& identity,
                             const http::TlsFiles& tls, const Machine& machine);

// Held by one `serve` at a time; freed when the process ends, however it ends.
class ServeLock {
 public:
  static Result<ServeLock> take(const std::string& directory);
  ServeLock(ServeLock&& other) noexcept;
  ServeLock& operator=(ServeLock&&) = delete;
  ~ServeLock();

 private:
  explicit ServeLock(int descriptor) noexcept : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace coffret::server

#endif  // COFFRET_SYNC_SERVER_DATA_DIRECTORY_HPP
