// SPDX-License-Identifier: EUPL-1.2
//
// Words on pictures are found by the search. The pictures are made here, by poppler's pdftoppm from
// a page written here; without tesseract (Debian: tesseract-ocr-fra) that needs it is skipped.
#include "vault/daemon/ocr.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "coffret/encoding.hpp"
#include "tests/support/daemon_rig.hpp"

namespace coffret::daemon {
namespace {

using test::DaemonRig;
using test::MemberServer;

bool ocr_is_here() {
  const bool here = ocr_is_installed();
  if (!here) MESSAGE("skipped: tesseract or pdftoppm is not installed");
  return here;
}

// A PDF of these objects, numbered from 1; the first is the catalogue.
std::string pdf_of(const std::vector<std::string>& objects) {
  std::string pdf = "%PDF-1.4\n";
  std::vector<std::size_t> offsets;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    offsets.push_back(pdf.size());
    pdf += std::to_string(i + 1) + " 0 obj\n" + objects[i] + "\nendobj\n";
  }
  const auto table = pdf.size();
  pdf += "xref\n0 " + std::to_string(objects.size() + 1) + "\n0000000000 65535 f \n";
  for (const auto offset : offsets) {
    const auto digits = std::to_string(offset);
    pdf += std::string(10 - digits.size(), '0') + digits + " 00000 n \n";
  }
  return pdf + "trailer<</Size " + std::to_string(objects.size() + 1) +
         "/Root 1 0 R>>\nstartxref\n" + std::to_string(table) + "\n%%EOF\n";
}

std::string stream_of(const std::string& dictionary, const std::string& content) {
  return "<<" + dictionary + "/Length " + std::to_string(content.size()) + ">>stream\n" + content +
         "\nendstream";
}

std::string page_of(const std::string& resources, const std::string& content,
                    const std::string& extra) {
  return pdf_of({"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
                 "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 420]/Contents 4 0 R/Resources<<" +
                     resources + ">>>>",
                 stream_of("", content), extra});
}

std::string read_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

// The words as a picture, in the format that pdftoppm calls by this name.
std::string picture_of(const test::Folder& folder, const char* format) {
  const auto page = page_of("/Font<</F1 5 0 R>>",
                            "BT /F1 24 Tf 40 340 Td (Compte rendu de consultation) Tj "
                            "0 -50 Td (Le patient va bien.) Tj "
                            "0 -50 Td (Dernier mot : glyc\\351mie) Tj ET",
                            "<</Type/Font/Subtype/Type1/BaseFont/Helvetica"
                            "/Encoding/WinAnsiEncoding>>");
  std::ofstream{folder / "page.pdf", std::ios::binary} << page;
  const auto command = "pdftoppm -q -r 200 -singlefile -" + std::string{format} + " " +
                       (folder / "page.pdf") + " > " + (folder / "picture");
  REQUIRE(std::system(command.c_str()) == 0);
  return read_file(folder / "picture");
}

// A page that is a picture and nothing else, as a scanner makes it; or with its stamp as text.
std::string scanned_pdf(const std::string& jpeg, const std::string& stamp = "") {
  const auto image = stream_of(
      "/Type/XObject/Subtype/Image/Width 1653/Height 1167/ColorSpace/DeviceRGB"
      "/BitsPerComponent 8/Filter/DCTDecode",
      jpeg);
  const auto text = stamp.empty() ? "" : "BT /F1 9 Tf 400 10 Td (" + stamp + ") Tj ET ";
  return page_of("/XObject<</I 5 0 R>>/Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>",
                 text + "595 0 0 420 0 0 cm /I Do", image);
}

void import_file(DaemonRig& rig, const std::string& name, const std::string& content) {
  const auto path = rig.machine.folder / name;
  std::ofstream{path, std::ios::binary} << content;
  const auto told = rig.ask(
      "import", {{"paths", boost::json::array{boost::json::string{path}}}, {"any_patient", true}});
  REQUIRE(told.error == errc::ok);
  REQUIRE(rig.heard.rows.front().at("outcome") == "imported");
}

// A CDA whose content is a payload.
std::string letter_with(const std::string& payload) {
  return R"(<?xml version="1.0" encoding="UTF-8"?><ClinicalDocument xmlns="urn:hl7-org:v3">)"
         R"(<id root="1.2.3.4" extension="A1"/>)"
         R"(<code code="11488-4" codeSystem="2.16.840.1.113883.6.1"/><title>Lettre</title>)"
         R"(<effectiveTime value="20260314"/><component><nonXMLBody>)"
         R"(<text mediaType="application/pdf" representation="B64">)" +
         to_base64(as_bytes(payload)) + "</text></nonXMLBody></component></ClinicalDocument>";
}

// In place of coffret-reader: the first page has words, the second never ends.
std::string stubborn_reader(const test::Folder& folder) {
  const auto path = folder / "reader";
  std::ofstream{path} << "#!/bin/sh\ncase $1 in\n"
                         "page=1) /bin/cat > /dev/null; printf picture;;\n"
                         "recognise) /bin/cat > /dev/null; printf 'glycemie a jeun';;\n"
                         "*) exec /bin/sleep 600;;\nesac\n";
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  return path;
}

std::size_t waiting(DaemonRig& rig) {
  return rig.ask("status").result.at("ocr").at("waiting").to_number<std::size_t>();
}

std::size_t found(DaemonRig& rig, const char* word) {
  REQUIRE(rig.ask("search", {{"words", boost::json::array{word}}}).error == errc::ok);
  return rig.heard.rows.size();
}

TEST_SUITE("vault/daemon/ocr") {
  TEST_CASE("the last word of a scanned picture and of a scanned PDF is found") {
    if (!ocr_is_here()) return;
    MemberServer server;
    DaemonRig rig{server};
    REQUIRE(rig.init() == errc::ok);
    const test::Folder folder;
    import_file(rig, "scan.png", picture_of(folder, "png"));
    import_file(rig, "scan.pdf", scanned_pdf(picture_of(folder, "jpeg")));
    import_file(rig, "note.txt", "une note");
    CHECK(found(rig, "glycemie") == 0);

    Ocr ocr{rig.service};
    REQUIRE(ocr.look().has_value());
    CHECK(rig.ask("status").result.at("ocr").at("waiting") == 2);
    for (int i = 0; i < 2; ++i) {
      const auto read = ocr.next();
      REQUIRE(read.has_value());
      CHECK(*read);
    }
    CHECK_FALSE(ocr.next().value());
    CHECK(found(rig, "glycemie") == 2);
    CHECK(rig.ask("status").result.at("ocr").at("waiting") == 0);
    CHECK(rig.ask("status").result.at("ocr").at("done") == 2);

    // Read once, not again: neither now nor after the next unlock.
    ocr.forget();
    REQUIRE(ocr.look().has_value());
    CHECK_FALSE(ocr.next().value());
  }

  TEST_CASE("a scan inside a document, or under a stamp, is read, and what was there stays") {
    if (!ocr_is_here()) return;
    MemberServer server;
    DaemonRig rig{server};
    REQUIRE(rig.init() == errc::ok);
    const test::Folder folder;
    const auto jpeg = picture_of(folder, "jpeg");
    import_file(rig, "letter.xml", letter_with(scanned_pdf(jpeg)));
    import_file(rig, "stamped.pdf", scanned_pdf(jpeg, "Tampon du secretariat"));
    CHECK(found(rig, "secretariat") == 1);
    Ocr ocr{rig.service};
    REQUIRE(ocr.look().has_value());
    CHECK(waiting(rig) == 2);
    while (ocr.next().value()) {
    }
    CHECK(found(rig, "glycemie") == 2);
    CHECK(found(rig, "secretariat") == 1);
    ocr.forget();
    REQUIRE(ocr.look().has_value());
    CHECK(waiting(rig) == 0);
    // The letter's payload is still there to be taken out.
    REQUIRE(rig.ask("search", {{"words", boost::json::array{"lettre"}}}).error == errc::ok);
    const auto id = rig.heard.rows.at(0).at("id");
    CHECK(rig.ask("show", {{"id", id}}).result.at("attachments").as_array().size() == 1);
  }

  TEST_CASE("pages that were read are kept when a later one takes too long") {
    MemberServer server;
    DaemonRig rig{server};
    REQUIRE(rig.init() == errc::ok);
    const test::Folder folder;
    import_file(rig, "scan.pdf", "%PDF-1.4 deux pages");
    Ocr ocr{rig.service, {.program = stubborn_reader(folder), .deadline = std::chrono::seconds{3}}};
    REQUIRE(ocr.look().has_value());
    CHECK(ocr.next().value());
    CHECK(found(rig, "glycemie") == 1);
  }

  TEST_CASE("where time ran out before the first word, it is tried again after the next unlock") {
    MemberServer server;
    DaemonRig rig{server};
    REQUIRE(rig.init() == errc::ok);
    const test::Folder folder;
    import_file(rig, "scan.pdf", "%PDF-1.4 une page");
    Ocr ocr{rig.service, {.program = stubborn_reader(folder), .deadline = std::chrono::seconds{0}}};
    REQUIRE(ocr.look().has_value());
    CHECK(waiting(rig) == 1);
    CHECK(ocr.next().value());
    REQUIRE(ocr.look().has_value());
    CHECK(waiting(rig) == 0);  // not again and again
    ocr.forget();
    REQUIRE(ocr.look().has_value());
    CHECK(waiting(rig) == 1);
  }

  TEST_CASE("a look reads what came since the last one, and nothing twice") {
    MemberServer server;
    DaemonRig rig{server};
    REQUIRE(rig.init() == errc::ok);
    import_file(rig, "a.pdf", "%PDF-1.4 une page");
    Ocr ocr{rig.service};
    REQUIRE(ocr.look().has_value());
    CHECK(waiting(rig) == 1);
    CHECK(ocr.arriving());
    REQUIRE(ocr.look().has_value());
    CHECK_FALSE(ocr.arriving());
    import_file(rig, "b.pdf", "%PDF-1.4 autre page");
    REQUIRE(ocr.look().has_value());
    CHECK(ocr.arriving());
    REQUIRE(ocr.look().has_value());
    CHECK_FALSE(ocr.arriving());
    CHECK(waiting(rig) == 2);
    const auto arrived = [&](std::int64_t number) {
      std::vector<std::int64_t> numbers;
      REQUIRE(rig.service.session()
                  .with([&](store::Vault& vault) -> Result<void> {
                    COFFRET_TRY(const auto all, vault.arrived_after(number, 1));
                    for (const auto& one : all) numbers.push_back(one.number);
                    return {};
                  })
                  .has_value());
      return numbers;
    };
    const auto first = arrived(0);
    REQUIRE(first.size() == 1);
    const auto second = arrived(first[0]);
    REQUIRE(second.size() == 1);
    CHECK(second[0] > first[0]);
    CHECK(arrived(second[0]).empty());
  }

  TEST_CASE("what has no words is looked at once") {
    if (!ocr_is_here()) return;
    MemberServer server;
    DaemonRig rig{server};
    REQUIRE(rig.init() == errc::ok);
    import_file(rig, "blank.pdf", page_of("", "", "<<>>"));
    Ocr ocr{rig.service};
    REQUIRE(ocr.look().has_value());
    CHECK(ocr.next().value());
    ocr.forget();
    REQUIRE(ocr.look().has_value());
    CHECK_FALSE(ocr.next().value());
  }

  TEST_CASE("a locked vault is not read") {
    MemberServer server;
    DaemonRig rig{server};
    REQUIRE(rig.init() == errc::ok);
    Ocr ocr{rig.service};
    REQUIRE(rig.error_of("lock") == errc::ok);
    CHECK(ocr.look().error() == errc::locked);
    CHECK_FALSE(ocr.next().value());
  }
}

}  // namespace
}  // namespace coffret::daemon
