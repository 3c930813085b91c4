// SPDX-License-Identifier: EUPL-1.2
//
// folder.hpp: a folder that is removed at the end of a test.
#ifndef COFFRET_TESTS_SUPPORT_FOLDER_HPP
#define COFFRET_TESTS_SUPPORT_FOLDER_HPP

#include <stdlib.h>

#include <filesystem>
#include <stdexcept>
#include <string>

namespace coffret::test {

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "coffret-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace coffret::test

#endif  // COFFRET_TESTS_SUPPORT_FOLDER_HPP
