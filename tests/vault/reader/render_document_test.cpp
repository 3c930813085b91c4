// SPDX-License-Identifier: EUPL-1.2
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "coffret/encoding.hpp"
#include "coffret/wire.hpp"
#include "tests/fuzz/vault/render_property.hpp"
#include "vault/reader/reader.hpp"

namespace coffret::reader {
namespace {

namespace fs = std::filesystem;

std::string page(const std::string& file, const char* name = "a.xml",
                 Language language = Language::french) {
  const auto html = render(as_bytes(file), name, {}, language);
  REQUIRE(html.has_value());
  const char* broken = broken_promise(*html);
  CAPTURE(broken);
  CHECK(broken == nullptr);
  return *html;
}

std::string section(const std::string& text, const std::string& entries = "") {
  return "<ClinicalDocument xmlns='urn:hl7-org:v3'><title>Essai</title><languageCode "
         "code='fr-FR'/><component><structuredBody><component><section><title>Partie</"
         "title><text>" +
         text + "</text>" + entries +
         "</section></component></structuredBody></component></ClinicalDocument>";
}

bool has(const std::string& html, std::string_view words) {
  return html.find(words) != std::string::npos;
}

TEST_SUITE("vault/reader/render") {
  TEST_CASE("an attachment has its size, in bytes where it is small") {
    const auto wrapped = [](std::size_t size) {
      const std::string pdf = "%PDF-1.4\n" + std::string(size - 9, ' ');
      return "<ClinicalDocument xmlns='urn:hl7-org:v3'><title>Essai</title><component>"
             "<nonXMLBody><text mediaType='application/pdf' representation='B64'>" +
             to_base64(as_bytes(pdf)) + "</text></nonXMLBody></component></ClinicalDocument>";
    };
    struct {
      std::size_t size;
      const char* french;
      const char* english;
    } const cases[] = {{114, "114 octets)", "114 bytes)"},
                       {999, "999 octets)", "999 bytes)"},
                       {1000, "1 ko)", "1 kB)"},
                       {1001, "2 ko)", "2 kB)"}};
    for (const auto& c : cases) {
      CAPTURE(c.size);
      CHECK(has(page(wrapped(c.size)), c.french));
      CHECK(has(page(wrapped(c.size), "a.xml", Language::english), c.english));
    }
  }

  TEST_CASE("narrative elements become their HTML, styles become classes of ours") {
    struct {
      const char* source;
      const char* made;
    } const cases[] = {
        {"<paragraph>a</paragraph>", "<p>a</p>"},
        {"<content styleCode='Bold Italics'>a</content>", "<span class=\"bold italic\">a</span>"},
        {"<content revised='delete'>a</content>", "<del>a</del>"},
        {"H<sub>2</sub>O<br/>", "H<sub>2</sub>O<br/>"},
        {"<list listType='ordered' styleCode='BigAlpha'><item>a</item></list>",
         "<ol class=\"alpha-upper\"><li>a</li></ol>"},
        {"<table><thead><tr><th colspan='2'>a</th></tr></thead><tbody><tr><td rowspan='3'>b</td>"
         "</tr></tbody></table>",
         "<div class=\"scroll\" tabindex=\"0\"><table><thead><tr><th colspan=\"2\" "
         "scope=\"col\">a</th></tr></thead><tbody><tr><td rowspan=\"3\">b</td></tr></tbody>"
         "</table></div>"},
        {"<linkHtml href='https://exemple.invalid/'>ici</linkHtml>",
         "ici<span class=\"address\"> (https://exemple.invalid/)</span>"},
        {"a<footnoteRef IDREF='n'/><footnote ID='n'>b</footnote>",
         "a<sup>[1]</sup><sup>[1]</sup><small>b</small>"},
        {"<inconnu>a</inconnu>", ">a</section>"},
        {"<paragraph>a<table><tbody><tr><td>b</td></tr></tbody></table></paragraph>",
         "<div class=\"p\">a<div class=\"scroll\""},
    };
    for (const auto& c : cases) {
      const std::string html = page(section(c.source));
      CAPTURE(c.source);
      CAPTURE(html);
      CHECK(has(html, c.made));
    }
  }

  TEST_CASE("nothing of a hostile narrative survives but its words") {
    struct {
      const char* source;
      const char* gone;
    } const cases[] = {
        {"<script>alert(1)</script>mot", "alert"},
        {"<paragraph onclick='alert(1)'>mot</paragraph>", "onclick"},
        {"<linkHtml href='javascript:alert(1)'>mot</linkHtml>", "javascript"},
        {"<linkHtml href='data:text/html,x'>mot</linkHtml>", "data:text"},
        {"<content styleCode='x\" onclick=\"y'>mot</content>", "onclick"},
        {"<content style='background:url(http://a.invalid)'>mot</content>", "a.invalid"},
        {"<img src='http://a.invalid/x.png'/>mot", "a.invalid"},
        {"<iframe src='http://a.invalid/'>x</iframe>mot", "iframe"},
        {"<svg><script>alert(1)</script></svg>mot", "svg"},
        {"<td colspan='1\"x'>mot</td>", "colspan"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.source);
      const std::string html = page(section(c.source));
      CHECK(has(html, "mot"));
      CHECK_FALSE(has(html, c.gone));
    }
    CHECK(has(page(section("&lt;script&gt;x&lt;/script&gt;")), "&lt;script&gt;x"));
  }

  TEST_CASE("an image of the document is shown by its bytes, and no other file is") {
    const std::string png =
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E"
        "rkJggg==";
    const auto shown = [&](const std::string& type, const std::string& base64) {
      return page(section("<renderMultiMedia referencedObject='m'/>",
                          "<entry><observationMedia ID='m'><value mediaType='" + type +
                              "' representation='B64'>" + base64 +
                              "</value></observationMedia></entry>"));
    };
    CHECK(has(shown("text/html", png), "<img src=\"data:image/png;base64,iVBOR"));
    CHECK_FALSE(has(shown("image/svg+xml", "PHN2Zy8+"), "<img"));
    CHECK(has(shown("application/pdf", "JVBERi0xLjQ="), "application/pdf"));
  }

  TEST_CASE("a FHIR section without narrative becomes a table of its entries") {
    const std::string file = R"({"resourceType":"Bundle","type":"document","entry":[{"resource":
      {"resourceType":"Composition","title":"Résumé","language":"fr","section":[
       {"title":"Récit","text":{"div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><b onclick=\"x()\">gras</b></div>"}},
       {"title":"Mesures","entry":[{"reference":"Observation/1"}]}]}},
      {"resource":{"resourceType":"Observation","id":"1","status":"final","code":{"text":"Glucose"},
       "valueQuantity":{"value":5.40,"unit":"mmol/L"}}}]})";
    const std::string html = page(file, "a.json", Language::english);
    CHECK(has(html, "<html lang=\"en\">"));
    CHECK(has(html, "<h1 lang=\"fr\">Résumé</h1>"));
    CHECK(has(html, "<strong>gras</strong>"));
    CHECK(has(html, "<th scope=\"row\">Glucose</th><td>5.40 mmol/L</td>"));
  }

  TEST_CASE("a range is shown without the zeros that a system padded it with, and with its own") {
    struct {
      const char* low;
      const char* high;
      const char* shown;
    } const cases[] = {
        {"63.000000", "83.500000", "63 – 83.5"},
        {"3.50", "5.00", "3.50 – 5.00"},
        {"0.0012", "100", "0.0012 – 100"},
    };
    for (const auto& c : cases) {
      CAPTURE(std::string{c.shown});
      const std::string report =
          std::string{R"({"resourceType":"Observation","id":"1","status":"final",
          "code":{"text":"Protéines"},"valueQuantity":{"value":75.0},
          "referenceRange":[{"low":{"value":)"} +
          c.low + R"(},"high":{"value":)" + c.high + "}}]}";
      CHECK(has(page(report, "a.json"), "<td>" + std::string{c.shown} + "</td>"));
    }
  }

  TEST_CASE("what has no rendering says so, and a refused file stays refused") {
    const auto why = [](const std::string& file, const char* name) {
      return to_errc(render(as_bytes(file), name, {}, Language::french).error());
    };
    CHECK(why("%PDF-1.4", "a.pdf") == errc::unsupported);
    CHECK(why("<!DOCTYPE a><a/>", "a.xml") == errc::doctype_refused);
    reading::Request request;
    request.question = reading::Question::render;
    request.file_name = "a.txt";
    const auto rendered =
        wire::decode<reading::Rendered>(answer(request, as_bytes("deux\nlignes"), {}));
    REQUIRE(rendered.has_value());
    CHECK(rendered->error == 0);
    CHECK(has(rendered->html, "deux\nlignes"));
  }

  TEST_CASE("every foreign document of the shared set renders as an inert page") {
    const auto folder = fs::path{COFFRET_SOURCE_DIR} / "../shared/data/documents";
    if (!fs::exists(folder)) {
      MESSAGE("skipped: ../shared/data/documents is not here, so no foreign file was rendered");
      return;
    }
    int rendered = 0;
    for (const auto& item : fs::recursive_directory_iterator(folder)) {
      if (!item.is_regular_file()) continue;
      CAPTURE(item.path().string());
      std::ifstream in{item.path(), std::ios::binary};
      const std::string file{std::istreambuf_iterator<char>{in}, {}};
      const auto html =
          render(as_bytes(file), item.path().filename().string(), {}, Language::french);
      if (html.has_error()) continue;
      ++rendered;
      CHECK(broken_promise(*html) == nullptr);
    }
    CHECK(rendered >= 45);
  }
}

}  // namespace
}  // namespace coffret::reader
