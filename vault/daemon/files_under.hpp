// SPDX-License-Identifier: EUPL-1.2
//
// files_under.hpp: which files are meant by the files and folders that a person names.
//
// Threads: any; the disk may change meanwhile.
#ifndef COFFRET_VAULT_DAEMON_FILES_UNDER_HPP
#define COFFRET_VAULT_DAEMON_FILES_UNDER_HPP

#include <filesystem>
#include <string>
#include <vector>

namespace coffret::daemon {

// The regular files under `paths`, in order, folders walked by name; links are not followed. Files
// that desktops leave behind (".DS_Store", "__MACOSX", "Thumbs.db", other names that begin with a
// dot) are passed over inside folders, and so is the folder `vault`. A path that does not exist is
// kept, and so is a folder that cannot be read to its end, beside what could: its import says so.
std::vector<std::filesystem::path> files_under(const std::vector<std::string>& paths,
                                               const std::string& vault);

// Whether this is the folder, or lies in it, whatever links lead there.
bool is_within(const std::filesystem::path& path, const std::string& folder);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_FILES_UNDER_HPP
