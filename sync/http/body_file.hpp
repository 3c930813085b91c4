// SPDX-License-Identifier: EUPL-1.2
//
// body_file.hpp: an open file whose bytes are a response's body.
//
// Errors: not_found (absent, or shorter than asked), io.
#ifndef COFFRET_SYNC_HTTP_BODY_FILE_HPP
#define COFFRET_SYNC_HTTP_BODY_FILE_HPP

#include "coffret/bytes.hpp"
#include "coffret/error.hpp"
#include "sync/http/message.hpp"

namespace coffret::http {

class OpenFile {
 public:
  // Links are not followed in the last component.
  static Result<OpenFile> open(const FileBody& body);
  OpenFile(OpenFile&& other) noexcept;
  OpenFile& operator=(OpenFile&&) = delete;
  ~OpenFile();

  std::uint64_t left() const noexcept { return left_; }
  // The next bytes, as many as fit; none only when none is left or the file was cut meanwhile.
  std::size_t read(MutableByteView into);

 private:
  OpenFile(int fd, std::uint64_t offset, std::uint64_t left) noexcept
      : fd_(fd), offset_(offset), left_(left) {}
  int fd_;
  std::uint64_t offset_;
  std::uint64_t left_;
};

}  // namespace coffret::http

#endif  // COFFRET_SYNC_HTTP_BODY_FILE_HPP
