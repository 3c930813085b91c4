// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/reader_process.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

namespace coffret::daemon {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

const std::string program = COFFRET_BIN_DIR "/coffret-reader";

Bytes sample(const std::string& name) {
  std::ifstream in{fs::path{COFFRET_SOURCE_DIR} / "tools/demo/documents" / name, std::ios::binary};
  const std::string all{std::istreambuf_iterator<char>{in}, {}};
  REQUIRE(!all.empty());
  return to_bytes(as_bytes(all));
}

Bytes shown(const std::string& name) {
  const auto path = fs::path{COFFRET_SOURCE_DIR} / "tests/fuzz/corpus/qr" / name;
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

// A program of the test's own in the reader's place.
class Impostor {
 public:
  explicit Impostor(const std::string& script) {
    folder_ = fs::temp_directory_path() / "coffret-impostor-XXXXXX";
    REQUIRE(::mkdtemp(folder_.data()) != nullptr);
    std::ofstream{path()} << "#!/bin/sh\n" << script;
    REQUIRE(::chmod(path().c_str(), 0700) == 0);
  }
  ~Impostor() { fs::remove_all(folder_); }
  Impostor(const Impostor&) = delete;
  Impostor& operator=(const Impostor&) = delete;
  std::string path() const { return folder_ + "/reader"; }
  std::string folder() const { return folder_; }

 private:
  std::string folder_;
};

TEST_SUITE("vault/daemon/reader") {
  TEST_CASE("the code of a certificate is read off a picture, and off the pages of a PDF") {
    Reader reader{program};
    for (const std::string name : {"certificate.png", "certificate.jpg", "scan.pdf"}) {
      CAPTURE(name);
      const auto read = reader.describe(shown(name), name);
      REQUIRE(read.has_value());
      CHECK(read->entry.type.code == "96874-3");
      CHECK(read->entry.patient.family == "Exemple");
      REQUIRE(read->facts.size() == 1);
      CHECK(read->facts[0].kind == FactKind::vaccine);
      CHECK(read->facts[0].dose == "1/2");
    }
    const auto two = reader.describe(shown("two_doses.pdf"), "two_doses.pdf");
    REQUIRE(two.has_value());
    CHECK(two->entry.format == DocumentFormat::pdf);
    CHECK(two->facts.size() == 2);
    CHECK(two->text.find("personne fictive") != std::string::npos);
    const auto other = reader.describe(shown("two_holders.pdf"), "two_holders.pdf");
    REQUIRE(other.has_value());
    CHECK(other->facts.empty());
    CHECK(other->entry.patient == PatientIdentity{});
    REQUIRE(other->entry.discrepancies.size() == 1);
    CHECK(other->entry.discrepancies[0].field == "patient");
    const auto none = reader.describe(shown("elsewhere.png"), "elsewhere.png");
    REQUIRE(none.has_value());
    CHECK(none->facts.empty());
  }

  TEST_CASE("a picture whose decoder fails is kept, and tells nothing more") {
    Reader reader{program};
    for (const std::string name : {"certificate.png", "certificate_cut.jpg"}) {
      CAPTURE(name);
      Bytes cut = shown(name);
      cut.resize(cut.size() / 2);
      const auto read = reader.describe(cut, name);
      REQUIRE(read.has_value());
      CHECK(read->entry.format == DocumentFormat::image);
      CHECK(read->facts.empty());
    }
  }

  TEST_CASE("a laboratory report is described, with the text of the PDF inside it") {
    Reader reader{program};
    const auto read = reader.describe(sample("compte-rendu-biologie.xml"), "dir/bilan.xml");
    REQUIRE(read.has_value());
    CHECK(read->entry.format == DocumentFormat::cda);
    CHECK(read->entry.file_name == "bilan.xml");
    CHECK(read->entry.patient.family == "EXEMPLE");
    REQUIRE(read->contents.size() == 1);
    CHECK(as_text(read->contents[0].bytes).starts_with("%PDF-"));
    CHECK(read->text.find("zibeline-canari-01") != std::string::npos);  // the narrative's
    CHECK(read->text.find("copie-canari-02") != std::string::npos);     // the PDF copy's
  }

  TEST_CASE("a PDF gives its title, author, date and text") {
    Reader reader{program};
    const auto read = reader.describe(sample("ordonnance.pdf"), "ordonnance.pdf");
    REQUIRE(read.has_value());
    CHECK(read->entry.format == DocumentFormat::pdf);
    CHECK(read->entry.title == "Ordonnance");
    CHECK(read->entry.date.starts_with("2026-02-03T"));
    REQUIRE(read->entry.authors.size() == 1);
    CHECK(read->entry.authors[0].name == "Dr Noé FICTIF");
    CHECK(read->text.find("hermine-canari-03") != std::string::npos);
  }

  TEST_CASE("a PDF that the converter cannot read is kept without text") {
    Reader reader{program};
    const auto read = reader.describe(as_bytes("%PDF-1.4 and then nothing of the kind"), "a.pdf");
    REQUIRE(read.has_value());
    CHECK(read->entry.format == DocumentFormat::pdf);
    CHECK(read->text.empty());
  }

  TEST_CASE("a refused file says why, and the next is read") {
    Reader reader{program};
    const auto bad = reader.describe(as_bytes("<?xml version='1.0'?><!DOCTYPE a []><a/>"), "a.xml");
    REQUIRE(bad.has_error());
    CHECK(bad.error() == errc::doctype_refused);
    const auto good = reader.describe(as_bytes("bonjour"), "a.txt");
    REQUIRE(good.has_value());
    CHECK(good->text == "bonjour");
  }

  TEST_CASE("an oversized file starts no process") {
    Reader reader{"/nonexistent/reader"};
    const Bytes large(limits::file_size + 1);
    CHECK(reader.describe(large, "a").error() == errc::too_large);
    CHECK(reader.unpack(large, 0).error() == errc::too_large);
  }

  TEST_CASE("a reader that is absent, dead, silent or talks nonsense has failed") {
    const struct {
      const char* what;
      const char* script;
      errc expected;
    } cases[] = {
        {"dies at once", "exit 1\n", errc::reader_failed},
        {"dies of a signal", "kill -9 $$\n", errc::reader_failed},
        {"never answers", "exec sleep 60\n", errc::reader_failed},
        {"announces 4 GiB", "printf '\\377\\377\\377\\377'; exec sleep 60\n", errc::reader_failed},
        {"stops in the middle", "printf '\\100\\0\\0\\0abc'\n", errc::reader_failed},
        {"answers no description", "printf '\\4\\0\\0\\0abcd'; exec sleep 60\n",
         errc::reader_failed},
        {"claims our own error", "printf '\\4\\0\\0\\0\\10\\0\\0\\0'; exec sleep 60\n",
         errc::reader_failed},
        {"cannot be confined", "exit 70\n", errc::unsupported},
    };
    for (const auto& c : cases) {
      CAPTURE(c.what);
      const Impostor impostor{c.script};
      Reader reader{impostor.path(), {milliseconds{500}, 32}};
      const auto read = reader.describe(as_bytes("bonjour"), "a.txt");
      REQUIRE(read.has_error());
      CHECK(read.error() == c.expected);
    }
    Reader absent{"/nonexistent/reader"};
    CHECK(absent.describe(as_bytes("bonjour"), "a.txt").error() == errc::reader_failed);
  }

  TEST_CASE("a reader gets no environment and no descriptor of ours") {
    const Impostor impostor{
        "env > \"${0%/*}/environment\"; ls /proc/self/fd > \"${0%/*}/descriptors\"\n"};
    const int leaked = ::dup(0);  // not O_CLOEXEC
    Reader reader{impostor.path(), {milliseconds{5000}, 1}};
    CHECK(reader.describe(as_bytes("x"), "a.txt").has_error());
    (void)::close(leaked);
    std::ifstream env{impostor.folder() + "/environment"};
    for (std::string line; std::getline(env, line);)
      CHECK((line.starts_with("PWD=") || line.starts_with("_=") || line.starts_with("OLDPWD=") ||
             line.starts_with("SHLVL=")));  // the shell's own
    std::ifstream list{impostor.folder() + "/descriptors"};
    int count = 0;
    for (std::string line; std::getline(list, line);) ++count;
    CHECK(count == 4);  // three, and the one that ls opens
  }

  TEST_CASE("files of many threads do not meet") {
    Reader reader{program};
    std::atomic<int> right{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&, t] {
        for (int i = 0; i < 10; ++i) {
          const std::string text = "texte " + std::to_string(t * 10 + i);
          const auto read = reader.describe(as_bytes(text), "a.txt");
          if (read && read->text == text) ++right;
        }
      });
    for (auto& thread : threads) thread.join();
    CHECK(right == 40);
  }
}

}  // namespace
}  // namespace coffret::daemon
