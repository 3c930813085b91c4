// SPDX-License-Identifier: EUPL-1.2
//
// settings.hpp: the operator's configuration: a TOML file that `init` writes, every key also a
// flag. What a flag says wins over the file, the file over the default.
//
// Errors: malformed (not TOML, an unknown key, a value of another kind), too_large, not_found, io.
#ifndef COFFRET_TOOLS_COFFRET_SERVER_SETTINGS_HPP
#define COFFRET_TOOLS_COFFRET_SERVER_SETTINGS_HPP

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "coffret/disk.hpp"
#include "coffret/error.hpp"
#include "sync/server/running.hpp"
#include "tools/speech/language.hpp"

namespace coffret::server_program {

struct Key {
  std::string_view name;      // in the file; as a flag with '-' for '_'
  std::string_view value;     // the word for its value (tools/speech/command_line.hpp)
  std::string_view standard;  // default
  std::string_view french;    // what it is
  std::string_view english;
};

// Every key there is.
const std::vector<Key>& keys();

class Settings {
 public:
  // Reads the file into what is not set yet. `where`: the file, and the key, of an error.
  Result<void> read_file(const std::string& path, const Disk& disk, std::string& where);
  void set(std::string_view key, std::string value) { values_[std::string{key}] = value; }
  std::string get(std::string_view key) const;  // or its default
  bool has(std::string_view key) const { return values_.contains(std::string{key}); }
  // The file's text: what is set, and the rest as comments, explained in the operator's language.
  std::string text(const speech::Words& words) const;

 private:
  std::map<std::string, std::string> values_;
};

// "2GiB", "500MiB", "1TiB", or bytes. Errors: malformed.
Result<std::uint64_t> parse_size(std::string_view text);

std::optional<http::TlsFiles> tls_files(const Settings& settings);
Result<server::RunningConfig> running_config(const Settings& settings,
                                             const std::string& directory);

}  // namespace coffret::server_program

#endif  // COFFRET_TOOLS_COFFRET_SERVER_SETTINGS_HPP
