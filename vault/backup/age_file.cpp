// SPDX-License-Identifier: EUPL-1.2
#include "vault/backup/age_file.hpp"

#include <algorithm>
#include <utility>

namespace coffret::backup {
namespace {

constexpr std::size_t tag = 16;  // bytes behind each chunk
constexpr std::size_t sealed_chunk = crypto::age_chunk + tag;
constexpr std::size_t chunks_at_once = 16;  // about 1 MiB

}  // namespace

AgeFile::AgeFile(const Disk& disk, std::string path, crypto::AgeReader reader, std::uint64_t sealed,
                 Damage& damage)
    : disk_(&disk),
      path_(std::move(path)),
      reader_(std::move(reader)),
      damage_(&damage),
      sealed_(sealed),
      chunks_((sealed + sealed_chunk - 1) / sealed_chunk) {}

errc AgeFile::damaged(Fault fault) {
  *damage_ = {fault, path_};
  return errc::backup_damaged;
}

Result<AgeFile> AgeFile::open(const Disk& disk, const std::string& path, const Opener& opener,
                              Damage& damage) {
  const auto size = disk.size(path);
  if (size.has_error()) {
    if (size.error() != errc::not_found) return size.error();
    damage = {Fault::missing, path};
    return errc::file_not_found;
  }
  Bytes beginning(static_cast<std::size_t>(
      std::min<std::uint64_t>(*size, crypto::age_header_limit + sealed_chunk)));
  COFFRET_TRY(const std::size_t have, disk.read_at(path, 0, beginning));
  beginning.resize(have);
  auto reader = opener(beginning);
  if (reader.has_error()) {
    damage = {Fault::altered, path};
    const errc error = to_errc(reader.error());
    if (error == errc::wrong_passphrase || error == errc::unsupported)
      return errc::wrong_recovery_key;
    return error == errc::not_enough_memory ? error : errc::backup_damaged;
  }
  const std::uint64_t sealed = *size - std::min<std::uint64_t>(*size, reader->payload_at());
  AgeFile file{disk, path, std::move(*reader), sealed, damage};
  if (sealed < tag || (sealed % sealed_chunk != 0 && sealed % sealed_chunk < tag))
    return file.damaged(Fault::cut);
  return file;
}

std::uint64_t AgeFile::plaintext_size() const noexcept {
  return sealed_ - chunks_ * tag;
}

Result<void> AgeFile::fetch() {
  const std::uint64_t at = next_ * sealed_chunk;
  Bytes sealed(static_cast<std::size_t>(
      std::min<std::uint64_t>(sealed_ - at, chunks_at_once * sealed_chunk)));
  COFFRET_TRY(const std::size_t have, disk_->read_at(path_, reader_.payload_at() + at, sealed));
  if (have != sealed.size()) return damaged(Fault::cut);
  plain_.clear();
  used_ = 0;
  for (ByteView rest = sealed; !rest.empty();) {
    const auto one = rest.first(std::min(rest.size(), sealed_chunk));
    rest = rest.subspan(one.size());
    const bool last = next_ + 1 == chunks_;
    auto plain = reader_.chunk(one, last);
    // What stands before a bad chunk is good, and may tell what is wrong with the rest.
    if (plain.has_error() && !plain_.empty()) return {};
    if (plain.has_error() && last && one.size() == sealed_chunk) {
      // A file that was cut between two chunks ends in one that was not the last.
      reader_.go_to(next_);
      return damaged(reader_.chunk(one, false).has_value() ? Fault::cut : Fault::altered);
    }
    if (plain.has_error()) return damaged(Fault::altered);
    append(plain_, *plain);
    ++next_;
  }
  return {};
}

Result<Bytes> AgeFile::read(std::size_t size) {
  if (size > plaintext_size() - position_) return damaged(Fault::cut);
  Bytes out;
  out.reserve(size);
  while (out.size() < size) {
    if (used_ == plain_.size()) COFFRET_CHECK(fetch());
    const auto piece =
        ByteView{plain_}.subspan(used_).first(std::min(size - out.size(), plain_.size() - used_));
    append(out, piece);
    used_ += piece.size();
  }
  position_ += size;
  return out;
}

Result<void> AgeFile::finish() {
  if (position_ != plaintext_size()) return damaged(Fault::altered);
  // An empty last chunk is still to be authenticated.
  if (next_ < chunks_) COFFRET_CHECK(fetch());
  return {};
}

}  // namespace coffret::backup
