// SPDX-License-Identifier: EUPL-1.2
//
// Real and hostile files of other people, where a checkout beside this one has them. They are not
// ours to ship, so their absence is said and is no failure.
#include <doctest/doctest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <sstream>

#include "coffret/wire.hpp"
#include "vault/reader/dicom.hpp"
#include "vault/reader/reader.hpp"

namespace coffret::reader {
namespace {

namespace fs = std::filesystem;
using Row = std::map<std::string, std::string>;

fs::path documents() {
  return fs::path{COFFRET_SOURCE_DIR} / "../shared/data/documents";
}

Bytes load(const fs::path& path) {
  std::ifstream in{path, std::ios::binary};
  const std::string all{std::istreambuf_iterator<char>{in}, {}};
  return to_bytes(as_bytes(all));
}

std::vector<std::string> split(const std::string& line, char at) {
  std::vector<std::string> parts;
  std::string part;
  std::istringstream in{line};
  while (std::getline(in, part, at)) parts.push_back(part);
  return parts;
}

std::vector<Row> rows() {
  std::ifstream in{documents() / "manifest.tsv"};
  std::string line;
  std::vector<Row> all;
  std::vector<std::string> names;
  while (std::getline(in, line)) {
    auto cells = split(line, '\t');
    if (names.empty()) {
      names = cells;
      continue;
    }
    cells.resize(names.size());
    Row row;
    for (std::size_t i = 0; i < names.size(); ++i) row[names[i]] = cells[i];
    all.push_back(row);
  }
  return all;
}

// What the daemon's converter makes of a PDF; nothing where it is not installed.
Bytes convert(const fs::path& pdf) {
  const std::string command = "pdftotext -q -htmlmeta -enc UTF-8 '" + pdf.string() + "' -";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe{::popen(command.c_str(), "r"), &::pclose};
  std::string all;
  std::array<char, 4096> part{};
  while (const std::size_t n = std::fread(part.data(), 1, part.size(), pipe.get()))
    all.append(part.data(), n);
  return to_bytes(as_bytes(all));
}

// The entry of a file; of a member, as it is read with what the archive says of it; or what the
// archive says alone.
Result<DocumentDescription> read_row(const Row& row) {
  const std::string& file = row.at("file");
  const auto bang = file.find('!');
  const fs::path path = documents() / file.substr(0, bang);
  const Bytes bytes = load(path);
  if (bang == std::string::npos)
    return describe(bytes, path.filename().string(),
                    row.at("kind") == "pdf" ? convert(path) : Bytes{});
  const std::string wanted = split(file.substr(bang + 2), '#').front();
  const auto page = unpack(bytes, 0);
  if (!page) return page.error();
  for (const auto& member : page->members) {
    if (member.name != wanted || member.error != 0) continue;
    if (row.at("kind") != "xdm-entry")
      return describe(member.bytes, member.name, {}, member.metadata);
    DocumentDescription stated;
    COFFRET_TRY(stated.entry, wire::decode<DocumentEntry>(member.metadata));
    return stated;
  }
  return errc::not_found;
}

// Refused by describe, or, for an archive, a member of it refused.
bool is_refused(const Row& row) {
  const Bytes bytes = load(documents() / row.at("file"));
  const auto whole = describe(bytes, row.at("file"));
  if (whole.has_error()) return true;
  if (whole->entry.format != DocumentFormat::zip && whole->entry.format != DocumentFormat::xdm)
    return false;
  const auto page = unpack(bytes, 0);
  if (page.has_error()) return true;
  for (const auto& member : page->members)
    if (member.error != 0) return true;
  return false;
}

std::string author_of(const DocumentEntry& entry) {
  if (entry.authors.empty()) return "";
  const Author& first = entry.authors.front();
  return first.name.empty() ? first.organisation : first.name;
}

std::string attachments_of(const DocumentEntry& entry) {
  std::string all;
  for (const auto& a : entry.attachments)
    all += (all.empty() ? "" : " ; ") + a.media_type + ":" + std::to_string(a.size) + ":" +
           to_hex(a.sha256.view());
  return all;
}

struct Tally {
  int matched = 0, asked = 0;
  void count(bool same) {
    ++asked;
    matched += same ? 1 : 0;
  }
};

void compare(const Row& row, const DocumentEntry& e, std::map<std::string, Tally>& tallies) {
  const auto field = [&](const std::string& name, const std::string& got) {
    const bool same = got == row.at(name);
    // The promise is about what the manifest states; where a cell is empty we may know more.
    if (!row.at(name).empty()) tallies[name].count(same);
    if (!same) {
      MESSAGE(row.at("file") << " " << name << ": [" << got << "] not [" << row.at(name) << "]");
    }
  };
  field("title", e.title);
  field("date", e.date);
  // The manifest's word for DICOM's register of UIDs.
  const std::string system = e.type.system == dicom_uid_registry ? "DICOM-UID" : e.type.system;
  field("type", e.type.code.empty() ? "" : e.type.code + "|" + system);
  field("author", author_of(e));
  field("patient_family", e.patient.family);
  if (row.at("kind") != "xdm-entry" && row.at("attachments").find("url:") == std::string::npos &&
      row.at("attachments").find("reference:") == std::string::npos)
    field("attachments", attachments_of(e));
}

TEST_SUITE("vault/reader") {
  TEST_CASE("every file of the shared manifest is read or refused as the manifest asks") {
    if (!fs::exists(documents() / "manifest.tsv")) {
      MESSAGE("skipped: ../shared/data/documents is not here, so no foreign file was tried");
      return;
    }
    std::map<std::string, Tally> tallies;
    for (const Row& row : rows()) {
      CAPTURE(row.at("file"));
      if (row.at("expect") == "reject") {
        CHECK(is_refused(row));
        continue;
      }
      const auto read = read_row(row);
      REQUIRE(read.has_value());
      CHECK(within_limits(*read));
      compare(row, read->entry, tallies);
    }
    for (const auto& [name, tally] : tallies) {
      MESSAGE(name << ": " << tally.matched << " of " << tally.asked);
      // 98 of 100, the promise of the manifest.
      CHECK(tally.matched * 100 >= tally.asked * 98);
    }
  }
}

}  // namespace
}  // namespace coffret::reader
