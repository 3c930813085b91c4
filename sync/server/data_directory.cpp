// SPDX-License-Identifier: EUPL-1.2
#include "sync/server/data_directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <utility>

#include "sync/server/migration.hpp"
#include "sync/server/sqlite_records.hpp"

namespace coffret::server {
namespace {

constexpr std::size_t max_pem = 256 * 1024;  // bytes of a certificate chain
constexpr std::size_t max_card = 16 * 1024;  // bytes

std::string identity_path(const std::string& directory) {
  return directory + "/identity.key";
}
std::string card_path(const std::string& directory) {
  return directory + "/card.jws";
}

Result<Sha256> spki_of_file(const std::string& path, const Disk& disk) {
  // Disk follows no links, and a renewed certificate is one: it is resolved anew each time.
  std::error_code ec;
  const auto real = std::filesystem::canonical(path, ec);
  COFFRET_TRY(const Bytes pem, disk.read(ec ? path : real.string(), max_pem));
  return spki_of(as_text(pem));
}

Result<void> keep_own_certificate(const std::string& directory, const std::string& name,
                                  Disk& disk) {
  const http::TlsFiles files = own_tls_files(directory);
  if (disk.size(files.key).has_value() && disk.size(files.certificate).has_value()) return {};
  COFFRET_TRY(const SelfSigned made, make_certificate(name));
  COFFRET_CHECK(disk.make_directory(directory + "/tls"));
  COFFRET_CHECK(disk.replace(files.key, as_bytes(made.key)));
  return disk.replace(files.certificate, as_bytes(made.certificate));
}

}  // namespace

http::TlsFiles own_tls_files(const std::string& directory) {
  return {directory + "/tls/certificate.pem", directory + "/tls/key.pem"};
}

Result<void> initialise(const std::string& directory, const Operator& about,
                        const std::optional<http::TlsFiles>& tls, const Machine& machine,
                        ByteView config) {
  Disk& disk = machine.disk;
  COFFRET_CHECK(disk.make_directory(directory));
  // The card is written last. Without it the directory was never in use, and what an earlier try
  // left there before a crash or on a full disk is kept and completed.
  if (disk.size(card_path(directory)).has_value()) return errc::already_initialised;
  const http::TlsFiles files = tls ? *tls : own_tls_files(directory);
  if (!tls) COFFRET_CHECK(keep_own_certificate(directory, about.tls_name, disk));
  COFFRET_TRY(const Sha256 spki, spki_of_file(files.certificate, disk));
  const auto made = Identity::create(identity_path(directory), disk, machine.random);
  if (made.has_error() && made.error() != errc::already_initialised) return made.error();
  COFFRET_TRY(const auto identity, Identity::load(identity_path(directory), disk));
  const protocol::OperatorCard card{
      1,          about.name,    about.country, about.law,
      about.host, about.contact, {spki},        to_unix(machine.clock.now())};
  const std::string text = protocol::sign_card(card, *identity);
  if (protocol::verify_card(text, identity->fingerprint()).has_error()) return errc::malformed;
  if (!config.empty()) COFFRET_CHECK(disk.replace(directory + "/config.toml", config));
  return disk.replace(card_path(directory), as_bytes(text));
}

Result<void> upgrade_storage(const std::string& directory, const Machine& machine) {
  COFFRET_TRY(const ServeLock lock, ServeLock::take(directory));
  return migrate_records(directory, schema_version, schema_steps(), machine);
}

Result<Storage> open_storage(const std::string& directory, const Machine& machine) {
  Storage storage;
  COFFRET_TRY(storage.identity, Identity::load(identity_path(directory), machine.disk));
  COFFRET_TRY(storage.records, open_sqlite_records(directory + "/records.db"));
  COFFRET_TRY(storage.halves, open_sqlite_halves(directory + "/halves.db"));
  COFFRET_TRY(storage.objects, open_file_objects(directory, machine.disk));
  return storage;
}

Result<std::string> read_card(const std::string& directory, const Disk& disk) {
  auto card = disk.read(card_path(directory), max_card);
  if (card.has_error())
    return card.error() == errc::not_found ? errc::never_initialised : to_errc(card.error());
  return to_text(*card);
}

Result<std::string> card_for(const std::string& directory, const Identity& identity,
                             const http::TlsFiles& tls, const Machine& machine) {
  COFFRET_TRY(const std::string text, read_card(directory, machine.disk));
  COFFRET_TRY(auto verified, protocol::verify_card(text, identity.fingerprint()));
  COFFRET_TRY(const Sha256 spki, spki_of_file(tls.certificate, machine.disk));
  protocol::OperatorCard& card = verified.card;
  if (std::find(card.spki.begin(), card.spki.end(), spki) != card.spki.end()) return text;
  ++card.serial;
  card.spki = {spki};
  card.issued_at = to_unix(machine.clock.now());
  std::string fresh = protocol::sign_card(card, identity);
  COFFRET_CHECK(machine.disk.replace(card_path(directory), as_bytes(fresh)));
  return fresh;
}

Result<ServeLock> ServeLock::take(const std::string& directory) {
  const std::string path = directory + "/serve.lock";
  const int descriptor =
      ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
  if (descriptor < 0) return errno == ENOENT ? errc::never_initialised : errc::io;
  ServeLock lock{descriptor};
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) return errc::in_use;
  return lock;
}

ServeLock::ServeLock(ServeLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

ServeLock::~ServeLock() {
  if (descriptor_ >= 0) (void)::close(descriptor_);
}

}  // namespace coffret::server
