// SPDX-License-Identifier: EUPL-1.2
#include "sync/server/viewer_files.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>

namespace coffret::server {
namespace {

std::string_view as_text(const ViewerFile& file) {
  return {reinterpret_cast<const char*>(file.bytes.data()), file.bytes.size()};
}

const ViewerFile* find(std::string_view path) {
  const auto files = viewer_files();
  const auto at = std::find_if(files.begin(), files.end(),
                               [&](const ViewerFile& file) { return file.path == path; });
  return at == files.end() ? nullptr : &*at;
}

std::string_view header(std::string_view name) {
  for (const auto& header : viewer_headers())
    if (header.name == name) return header.value;
  return {};
}

TEST_SUITE("sync/server/viewer_files") {
  TEST_CASE("the page is built in, and every file of its own that it names") {
    const auto* page = find("");
    REQUIRE(page != nullptr);
    CHECK(page->media_type == "text/html; charset=utf-8");
    const auto text = as_text(*page);
    CHECK(text.ends_with("</html>\n"));
    std::size_t named = 0;
    for (auto at = text.find("\"/v/"); at != text.npos; at = text.find("\"/v/", at + 1)) {
      const auto start = at + 4;
      const std::string path{text.substr(start, text.find('"', start) - start)};
      CAPTURE(path);
      CHECK(find(path) != nullptr);
      ++named;
    }
    CHECK(named >= 3);
    CHECK(find("pdf.worker.mjs") != nullptr);
  }

  TEST_CASE("files are sorted, none is empty, and no two of different bytes share an etag") {
    const auto files = viewer_files();
    std::set<std::string_view> etags;
    std::set<std::string_view> bodies;
    for (const auto& file : files) {
      CAPTURE(file.path);
      CHECK_FALSE(file.bytes.empty());
      CHECK_FALSE(file.media_type.empty());
      CHECK((file.etag.size() == 34 && file.etag.front() == '"' && file.etag.back() == '"'));
      etags.insert(file.etag);
      bodies.insert(as_text(file));
    }
    CHECK(etags.size() == bodies.size());
    CHECK(std::is_sorted(files.begin(), files.end(),
                         [](const auto& a, const auto& b) { return a.path < b.path; }));
  }

  TEST_CASE("the page's policy allows its own files and nothing inline, outside or evaluated") {
    const auto policy = header("Content-Security-Policy");
    for (const auto* part : {"default-src 'none'", "script-src 'self';", "frame-ancestors 'none'",
                             "base-uri 'none'", "require-trusted-types-for 'script'"}) {
      CAPTURE(part);
      CHECK(policy.find(part) != policy.npos);
    }
    for (const auto* part : {"unsafe", "http", "*", "data:"}) {
      CAPTURE(part);
      CHECK(policy.find(part) == policy.npos);
    }
    CHECK(header("Referrer-Policy") == "no-referrer");
    CHECK(header("X-Content-Type-Options") == "nosniff");
  }
}

}  // namespace
}  // namespace coffret::server
