// SPDX-License-Identifier: EUPL-1.2
//
// halves.hpp: the server halves S_n of protected links, in a database of their own.
//
// A half is destroyed for good when its link ends: the file overwrites what it deletes, keeps no
// history, and no backup ever copies it (security.md §5).
// Errors: not_found, and those of sqlite.hpp.
// Threads: any.
#ifndef COFFRET_SYNC_SERVER_HALVES_HPP
#define COFFRET_SYNC_SERVER_HALVES_HPP

#include <memory>
#include <string>
#include <vector>

#include "coffret/error.hpp"
#include "coffret/ids.hpp"

namespace coffret::server {

class Halves {
 public:
  virtual ~Halves() = default;
  // Durable when it returns. Replaces a half of the same version: nobody was given it, because the
  // policy that names the version is stored afterwards.
  virtual Result<void> put(const LinkId& link, std::uint32_t version, const ServerHalf& half) = 0;
  virtual Result<ServerHalf> get(const LinkId& link, std::uint32_t version) = 0;
  // Destroys the halves of versions below `before`, or one. Absent is success.
  virtual Result<void> destroy(const LinkId& link, std::uint32_t before) = 0;
  virtual Result<void> destroy_one(const LinkId& link, std::uint32_t version) = 0;
  virtual Result<std::vector<LinkId>> links() = 0;

  static constexpr std::uint32_t all_versions = 0xffffffffU;
};

// One SQLite file, made when absent.
Result<std::unique_ptr<Halves>> open_sqlite_halves(const std::string& path);

}  // namespace coffret::server

#endif  // COFFRET_SYNC_SERVER_HALVES_HPP
