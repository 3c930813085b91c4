// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/branch_file.hpp"

#include <algorithm>

namespace coffret::daemon {
namespace {

constexpr std::string_view magic = "COFFRETB";
constexpr std::uint8_t version = 1;
constexpr std::size_t length_size = 8;  // bytes

class Pieces {
 public:
  Pieces(const std::string& path, const Disk& disk, std::uint64_t size)
      : path_(path), disk_(disk), size_(size) {}

  bool at_end() const noexcept { return at_ == size_; }
  Result<Bytes> bytes(std::uint64_t count) {
    if (count > size_ - at_) return errc::malformed;
    Bytes read(static_cast<std::size_t>(count));
    for (std::size_t got = 0; got < read.size();) {
      COFFRET_TRY(const std::size_t more,
                  disk_.read_at(path_, at_ + got, MutableByteView{read}.subspan(got)));
      if (more == 0) return errc::malformed;
      got += more;
    }
    at_ += count;
    return read;
  }
  Result<Bytes> next(std::size_t limit) {
    COFFRET_TRY(const auto length, bytes(length_size));
    const auto size = load_le<std::uint64_t>(length);
    if (size > limit) return errc::too_large;
    return bytes(size);
  }

 private:
  const std::string& path_;
  const Disk& disk_;
  const std::uint64_t size_;
  std::uint64_t at_ = 0;
};

}  // namespace

Bytes branch_file_start(const VaultId& vault, const store::Branch& branch) {
  Bytes start = to_bytes(as_bytes(magic));
  start.push_back(version);
  append(start, vault.view());
  const Bytes record = wire::encode(branch);
  append_le<std::uint64_t>(start, record.size());
  append(start, record);
  return start;
}

Result<VaultId> decode_branch_prefix(ByteView prefix) {
  if (prefix.size() != branch_prefix || as_text(prefix.first(magic.size())) != magic)
    return errc::malformed;
  if (prefix[magic.size()] != version) return errc::other_version;
  return VaultId::from(prefix.subspan(magic.size() + 1));
}

Result<store::Branch> decode_branch(ByteView record) {
  if (record.size() > max_branch_record) return errc::too_large;
  COFFRET_TRY(auto branch, wire::decode<store::Branch>(record));
  if ((branch.base.seq == 0) != branch.base.hash.is_zero()) return errc::malformed;
  protocol::Head at = branch.base;
  for (const auto& signed_entry : branch.entries) {
    COFFRET_TRY(const auto entry, protocol::decode_entry(signed_entry.body));
    if (entry.seq != at.seq + 1 || entry.previous != at.hash ||
        signed_entry.operation.size() > protocol::max_operation_size)
      return errc::malformed;
    at = {entry.seq, protocol::entry_hash(signed_entry.body)};
  }
  return branch;
}

Result<void> read_branch_file(const std::string& path, const Disk& disk, const TakeBranch& branch,
                              const TakeObject& object) {
  const auto size = disk.size(path);
  if (size.has_error())
    return size.error() == errc::not_found ? errc::file_not_found : to_errc(size.error());
  if (*size > max_branch_size) return errc::too_large;
  Pieces pieces{path, disk, *size};
  COFFRET_TRY(const auto prefix, pieces.bytes(branch_prefix));
  BranchFile file;
  COFFRET_TRY(file.vault, decode_branch_prefix(prefix));
  COFFRET_TRY(const auto record, pieces.next(max_branch_record));
  COFFRET_TRY(file.branch, decode_branch(record));
  COFFRET_CHECK(branch(file));
  while (!pieces.at_end()) {
    COFFRET_TRY(auto bytes, pieces.next(max_branch_object));
    COFFRET_CHECK(object(ReceivedObject{std::move(bytes)}));
  }
  return {};
}

}  // namespace coffret::daemon
