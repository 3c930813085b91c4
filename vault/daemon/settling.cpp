// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/settling.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "coffret/ascii.hpp"

namespace coffret::daemon {
namespace {

constexpr std::array<std::string_view, 5> unfinished_ends = {".part", ".crdownload", ".tmp",
                                                             ".partial", ".download"};

}  // namespace

bool is_unfinished_name(std::string_view name) {
  const std::string low = ascii_lower(name);
  return low.starts_with('.') ||
         std::any_of(unfinished_ends.begin(), unfinished_ends.end(),
                     [&](std::string_view end) { return low.ends_with(end); });
}

std::vector<std::string> Settling::look(const std::vector<SeenFile>& files, Time now) {
  std::set<std::string> names;
  for (const auto& file : files) names.insert(file.name);
  std::erase_if(files_, [&](const auto& known) { return !names.contains(known.first); });
  // A browser keeps the name it will use with an empty file beside the growing one.
  const auto grows_beside = [&](const std::string& name) {
    return std::any_of(unfinished_ends.begin(), unfinished_ends.end(), [&](std::string_view end) {
      return names.contains(name + std::string{end});
    });
  };
  std::vector<std::string> whole;
  for (const auto& file : files) {
    auto [at, fresh] = files_.try_emplace(file.name);
    auto& known = at->second;
    const bool changed =
        fresh || known.size != file.size || known.modified != file.modified || file.being_written;
    if (changed)
      known = {.size = file.size,
               .modified = file.modified,
               .since = now,
               .unfinished = false,
               .done = false};
    known.unfinished = file.size == 0 || is_unfinished_name(file.name) || grows_beside(file.name);
    if (!known.unfinished && !known.done && now - known.since >= still_for)
      whole.push_back(file.name);
  }
  return whole;
}

void Settling::done(const std::string& name) {
  if (const auto at = files_.find(name); at != files_.end()) at->second.done = true;
}

bool Settling::waiting() const {
  return std::any_of(files_.begin(), files_.end(), [](const auto& known) {
    return !known.second.unfinished && !known.second.done;
  });
}

}  // namespace coffret::daemon
