// SPDX-License-Identifier: EUPL-1.2
//
// medium_vfs.hpp: SQLite and SQLCipher on a Medium: a VFS that calls it in the order in which
// SQLite's own unix VFS calls the kernel, so that every page, journal and fsync of a database is a
// step of the medium.
//
// While a MediumVfs lives it is the process's default VFS; which medium it uses may be changed when
// no database is open. Locks and the index of the write-ahead log are in memory, as after a start
// of the machine there are none. One program is compiled against one SQLite.
// Threads: as SQLite asks (a connection in one thread at a time; several connections).
#ifndef COFFRET_TESTS_SUPPORT_MEDIUM_VFS_HPP
#define COFFRET_TESTS_SUPPORT_MEDIUM_VFS_HPP

#include <memory>

#include "tests/support/medium.hpp"

namespace coffret::test {

class MediumVfs {
 public:
  explicit MediumVfs(Medium& medium);
  ~MediumVfs();
  MediumVfs(const MediumVfs&) = delete;
  MediumVfs& operator=(const MediumVfs&) = delete;

  void use(Medium& medium);

  class Shared;  // medium_vfs.cpp

 private:
  std::unique_ptr<Shared> shared_;
};

}  // namespace coffret::test

#endif  // COFFRET_TESTS_SUPPORT_MEDIUM_VFS_HPP
