// SPDX-License-Identifier: EUPL-1.2
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include "coffret/refusal.hpp"

#include "coffret/kinds.hpp"
#include "coffret/refusal.hpp"
#include "coffret/wire.hpp"
#include "vault/reader/reader.hpp"
#include "vault/reader/xml.hpp"

namespace coffret::reader {
namespace {

Bytes sample(const std::string& name) {
  std::ifstream in{std::filesystem::path{COFFRET_SOURCE_DIR} / "tools/demo/documents" / name,
                   std::ios::binary};
  const std::string all{std::istreambuf_iterator<char>{in}, {}};
  REQUIRE(!all.empty());
  return to_bytes(as_bytes(all));
}

DocumentDescription read(std::string_view file, std::string_view name) {
  const auto description = describe(as_bytes(file), name);
  REQUIRE(description.has_value());
  CHECK(within_limits(*description));
  return *description;
}

std::string cda(std::string_view header, std::string_view body = "", std::string_view prefix = "") {
  const std::string p{prefix};
  return "<" + p + "ClinicalDocument xmlns" + (p.empty() ? "" : ":" + p.substr(0, p.size() - 1)) +
         "=\"urn:hl7-org:v3\">" + std::string{header} + std::string{body} + "</" + p +
         "ClinicalDocument>";
}

TEST_SUITE("vault/reader") {
  TEST_CASE("a French laboratory report gives its header, its narrative and its PDF copy") {
    const auto d = describe(sample("compte-rendu-biologie.xml"), "x/bilan.xml");
    REQUIRE(d.has_value());
    const auto& e = d->entry;
    CHECK(e.format == DocumentFormat::cda);
    CHECK(e.file_name == "bilan.xml");
    CHECK(e.title == "Compte rendu d'examens biologiques");
    CHECK(e.date == "2026-01-15T09:30:00+01:00");
    CHECK(e.type == CodedValue{"11502-2", "2.16.840.1.113883.6.1", "CR d'examens biologiques"});
    CHECK(e.category == "laboratory");
    CHECK(e.language == "fr-FR");
    REQUIRE(e.authors.size() == 1);
    CHECK(e.authors[0].name == "Ada INVENTEE");
    CHECK(e.authors[0].id == Identifier{"899900000001", "1.2.250.1.71.4.2.1"});
    CHECK(e.authors[0].organisation == "Laboratoire Imaginaire");
    CHECK(e.patient.family == "EXEMPLE");
    CHECK(e.patient.given == "Camille");
    CHECK(e.patient.birth_date == "1960-05-14");
    CHECK(e.patient.gender == "F");
    REQUIRE(e.patient.ids.size() == 1);
    CHECK(e.patient.ids[0].system == "1.2.250.1.213.1.4.10");
    CHECK(e.practice_setting.code == "AMBULATOIRE");
    CHECK(e.version_number == "1");
    REQUIRE(e.attachments.size() == 1);
    CHECK(e.attachments[0].media_type == "application/pdf");
    CHECK(e.attachments[0].size == d->contents[0].bytes.size());
    CHECK(as_text(d->contents[0].bytes).starts_with("%PDF-1.4"));
    CHECK(d->text.find("Glycémie à jeun | 5,2 | mmol/L | 4,1 - 5,9\n") != std::string::npos);
    CHECK(d->text.find("zibeline-canari-01") != std::string::npos);
  }

  TEST_CASE("a level 1 letter carries its PDF as attachment") {
    const auto d = describe(sample("lettre-de-sortie.xml"), "lettre.xml");
    REQUIRE(d.has_value());
    CHECK(d->entry.category == "discharge");
    CHECK(d->entry.practice_setting.code == "ETABLISSEMENT");
    REQUIRE(d->contents.size() == 1);
    CHECK(d->entry.attachments[0].title == "Lettre de liaison à la sortie de l'hôpital");
  }

  TEST_CASE("an IPS Bundle gives its Composition, its narrative and its people") {
    const auto d = describe(sample("resume-medical-ips.json"), "ips.json");
    REQUIRE(d.has_value());
    const auto& e = d->entry;
    CHECK(e.format == DocumentFormat::fhir);
    CHECK(e.title == "Résumé médical international");
    CHECK(e.date == "2026-04-02T08:30:00+02:00");
    CHECK(e.category == "patient-summary");
    REQUIRE(e.authors.size() == 1);
    CHECK(e.authors[0].name == "Noé FICTIF");
    CHECK(e.patient.family == "EXEMPLE");
    CHECK(e.patient.ids[0].value == "260058815400233");
    CHECK(e.confidentiality[0].code == "N");
    CHECK(d->text.find("putois-canari-05") != std::string::npos);
    CHECK(d->text.find("<p>") == std::string::npos);
  }

  TEST_CASE("any namespace prefix is the same document, another namespace is not one") {
    CHECK(read(cda("<title>t</title>"), "a.xml").entry.title == "t");
    CHECK(read(cda("<h:title>t</h:title>", "", "h:"), "a.xml").entry.title == "t");
    CHECK(read("<ClinicalDocument><title>t</title></ClinicalDocument>", "a.xml").entry.format ==
          DocumentFormat::other);
  }

  TEST_CASE("UTF-16 is read in both orders, with and without a byte order mark") {
    const std::string plain =
        "<?xml version='1.0' encoding='UTF-16'?>" + cda("<title>titre</title>");
    for (const bool big : {false, true})
      for (const bool mark : {false, true}) {
        CAPTURE(big);
        CAPTURE(mark);
        std::string wide = !mark ? "" : big ? "\xFE\xFF" : "\xFF\xFE";
        for (const char c : plain)
          big ? wide.append(1, '\0').push_back(c) : wide.append(1, c).push_back('\0');
        CHECK(read(wide, "a.xml").entry.title == "titre");
      }
  }

  TEST_CASE("the document inside a self-presentable one is read, its style sheet is not") {
    const auto d = read(
        "<?xml version='1.0'?><xsl:stylesheet xmlns:xsl='http://www.w3.org/1999/XSL/Transform' "
        "version='1.0'><xsl:include href='file:///etc/passwd'/><xsl:template match='/'>"
        "<xsl:value-of select=\"document('file:///etc/passwd')\"/></xsl:template>" +
            cda("<title>dedans</title>") + "</xsl:stylesheet>",
        "a.xml");
    CHECK(d.entry.format == DocumentFormat::cda);
    CHECK(d.entry.title == "dedans");
    CHECK(d.text.empty());
  }

  TEST_CASE("the birth name and the first person lead; a device or an organisation follows") {
    const auto d = read(
        cda("<recordTarget><patientRole><id extension='1' root='1.2.3'/>"
            "<id extension='2' root='1.2.250.1.213.1.4.8'/><id nullFlavor='NI'/><patient><name>"
            "<family qualifier='SP'>ÉPOUX</family><family qualifier='BR'>NAISSANCE</family>"
            "<given>A B</given><given qualifier='BR CL'>A</given></name></patient></patientRole>"
            "</recordTarget>"
            "<author><assignedAuthor><representedOrganization><name>Org</name>"
            "</representedOrganization></assignedAuthor></author>"
            "<author><assignedAuthor><assignedAuthoringDevice><softwareName>Soft</softwareName>"
            "</assignedAuthoringDevice></assignedAuthor></author>"
            "<author><assignedAuthor/></author>"
            "<author><assignedAuthor><assignedPerson><name>En un mot</name></assignedPerson>"
            "</assignedAuthor></author>"),
        "a.xml");
    CHECK(d.entry.patient.family == "NAISSANCE");
    CHECK(d.entry.patient.families == std::vector<std::string>{"ÉPOUX", "NAISSANCE"});
    CHECK(d.entry.patient.given == "A");
    REQUIRE(d.entry.patient.ids.size() == 2);
    CHECK(d.entry.patient.ids[0].value == "2");  // the INS
    REQUIRE(d.entry.authors.size() == 3);
    CHECK(d.entry.authors[0].name == "En un mot");
    CHECK(d.entry.authors[1].name == "Soft");
    CHECK(d.entry.authors[2].organisation == "Org");
  }

  TEST_CASE("a CDA tells where, when, what it replaces, and whether the person wrote it") {
    const auto d =
        read(cda("<setId root='1.2' extension='s'/><versionNumber value='2'/>"
                 "<relatedDocument typeCode='RPLC'><parentDocument><id root='1.2' extension='old'/>"
                 "</parentDocument></relatedDocument>"
                 "<relatedDocument typeCode='APND'><parentDocument><id root='1.2.3'/>"
                 "</parentDocument></relatedDocument>"
                 "<documentationOf><serviceEvent><effectiveTime><low value='20240310'/>"
                 "<high value='20240311'/></effectiveTime></serviceEvent></documentationOf>"
                 "<componentOf><encompassingEncounter><effectiveTime value='2023'/><location>"
                 "<healthCareFacility><code code='SA01' codeSystem='1.2.250.1.71.4.2.4'/>"
                 "</healthCareFacility></location></encompassingEncounter></componentOf>"
                 "<author><assignedAuthor><id root='1.9' extension='local'/>"
                 "<id root='1.2.250.1.71.4.2.1' extension='899900000001'/><assignedPerson><name>X"
                 "</name></assignedPerson></assignedAuthor></author>"),
             "a.xml");
    const auto& e = d.entry;
    CHECK(e.set_id == "1.2^s");
    CHECK(e.relations == std::vector<Relation>{{RelationKind::replaces, {"old", "1.2"}},
                                               {RelationKind::appends, {"1.2.3", ""}}});
    CHECK(e.service_start == "2024-03-10");
    CHECK(e.service_end == "2024-03-11");
    CHECK(e.facility_type.code == "SA01");
    CHECK(e.authors[0].id.value == "899900000001");
    CHECK(!e.patient_authored);
    for (const std::string_view own :
         {"<code code='EXPPAT_3' codeSystem='1.2.250.1.213.1.1.4.12'/>",
          "<author><assignedAuthor><code code='EXP_PATIENT'/><assignedPerson><name>X</name>"
          "</assignedPerson></assignedAuthor></author>",
          "<recordTarget><patientRole><id root='1' extension='2'/></patientRole></recordTarget>"
          "<author><assignedAuthor><id root='1' extension='2'/><assignedPerson><name>X</name>"
          "</assignedPerson></assignedAuthor></author>"}) {
      CAPTURE(own);
      CHECK(read(cda(own), "a.xml").entry.patient_authored);
    }
  }

  TEST_CASE("FHIR tells relations, care, and the category of a single resource") {
    const auto d = read(
        R"({"resourceType":"DocumentReference","relatesTo":[{"code":"replaces","target":
        {"identifier":{"system":"s","value":"old"}}},{"code":"signs","target":{"reference":"x"}}],
        "securityLabel":[{"coding":[{"code":"V"}]}],"author":[{"reference":"Patient/1"}],
        "category":[{"coding":[{"code":"10"}]}],"context":{"facilityType":{"coding":[{"code":"SA05"}
        ]},"period":{"start":"2024-03-10","end":"2024-03-11"}}})",
        "a.json");
    CHECK(d.entry.relations == std::vector<Relation>{{RelationKind::replaces, {"old", "s"}}});
    CHECK(d.entry.facility_type.code == "SA05");
    CHECK(d.entry.class_code.code == "10");
    CHECK(d.entry.service_start == "2024-03-10");
    CHECK(d.entry.confidentiality[0].code == "V");
    CHECK(d.entry.patient_authored);
    const auto bundle = read(
        R"({"resourceType":"Bundle","type":"document","identifier":{"value":"v2"},"entry":[{
        "resource":{"resourceType":"Composition","identifier":{"system":"s","value":"set"},
        "relatesTo":[{"code":"replaces","targetIdentifier":{"value":"v1"}}]}}]})",
        "a.json");
    CHECK(bundle.entry.unique_id.value == "v2");
    CHECK(bundle.entry.set_id == "s^set");
    CHECK(bundle.entry.relations == std::vector<Relation>{{RelationKind::replaces, {"v1", ""}}});
    CHECK(read(R"({"resourceType":"Immunization"})", "a.json").entry.category == "patient-summary");
    CHECK(read(R"({"resourceType":"MedicationDispense"})", "a.json").entry.category ==
          "edispensation");
  }

  TEST_CASE("payloads: base64 with line ends, plain text, references, and what is not base64") {
    const auto body = [](std::string_view text) {
      return cda("", "<component><nonXMLBody>" + std::string{text} + "</nonXMLBody></component>");
    };
    const auto b64 = read(body("<text mediaType='text/plain' representation='B64'>Ym9u\n am91\tcg=="
                               "</text>"),
                          "a.xml");
    REQUIRE(b64.contents.size() == 1);
    CHECK(as_text(b64.contents[0].bytes) == "bonjour");
    CHECK(b64.text == "bonjour");
    CHECK(b64.entry.attachments[0].sha256.view()[0] == 0x2c);  // printf bonjour | sha256sum
    CHECK(read(body("<text>en clair</text>"), "a.xml").text == "en clair");
    for (const std::string_view none :
         {"<text representation='B64'>*</text>", "<text representation='B64'></text>",
          "<text representation='B64'><reference value='file:///etc/passwd'/></text>"})
      CHECK(read(body(none), "a.xml").contents.empty());
    const auto html = read(body("<text mediaType='text/html' representation='B64'>"
                                "PHNjcmlwdD5ldmlsKCk8L3NjcmlwdD5tb3Q=</text>"),
                           "a.xml");
    CHECK(html.text == "mot");
  }

  TEST_CASE("a large payload is read in any encoding") {
    const std::string base64(12u << 20, 'A');
    const auto d = read("<?xml version='1.0' encoding='ISO-8859-1'?>" +
                            cda("<title>\xE9</title>",
                                "<component><nonXMLBody><text mediaType='application/pdf' "
                                "representation='B64'>" +
                                    base64 + "</text></nonXMLBody></component>"),
                        "a.xml");
    CHECK(d.entry.title == "é");
    REQUIRE(d.contents.size() == 1);
    CHECK(d.contents[0].bytes.size() == 9u << 20);
  }

  TEST_CASE("hostile XML is refused with its reason") {
    std::string deep;
    for (int i = 0; i < 200; ++i) deep += "<a>";
    std::string wide = "<?xml version='1.0'?><a";
    for (int i = 0; i < 300; ++i) wide += " a" + std::to_string(i) + "=\">\"";
    const struct {
      std::string what, xml;
      errc why;
    } cases[] = {
        {"a DOCTYPE", "<?xml version='1.0'?><!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
         errc::doctype_refused},
        {"an inner DOCTYPE", "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", errc::doctype_refused},
        {"depth", "<?xml version='1.0'?>" + deep, errc::too_large},
        {"attributes", wide + "/>", errc::too_large},
        {"an undeclared entity", "<?xml version='1.0'?><a>&x;</a>", errc::malformed},
        {"a cut", "<?xml version='1.0'?><a><b>", errc::malformed},
        {"an unknown encoding", "<?xml version='1.0' encoding='no-such'?><a/>", errc::malformed},
        {"bytes that break the encoding", "<?xml version='1.0'?><a>\xFF</a>", errc::malformed},
        {"nothing", "", errc::malformed},
    };
    for (const auto& c : cases) {
      CAPTURE(c.what);
      const auto refused = describe(as_bytes(c.xml), "a.xml");
      REQUIRE(refused.has_error());
      CHECK(refused.error() == c.why);
    }
  }

  TEST_CASE("equal signs in comments, sections and text are not attributes") {
    const std::string many(2000, '=');
    CHECK(XmlDocument::parse(as_bytes("<?p " + many + "?><a b='" + many + "'><!--" + many + "> -" +
                                      many + "--><![CDATA[<" + many + "]]>" + many + "</a>"))
              .has_value());
  }

  TEST_CASE("hostile JSON is refused, JSON of others is a text") {
    const std::string deep(100, '[');
    CHECK(describe(as_bytes(deep), "a.json").error() == errc::malformed);
    CHECK(describe(as_bytes(R"({"resourceType":"Patient","resourceType":"Bundle"})"), "a.json")
              .error() == errc::malformed);
    const auto other = read(R"({"mot":"belette"})", "a.json");
    CHECK(other.entry.format == DocumentFormat::text);
    CHECK(other.text.find("belette") != std::string::npos);
  }

  TEST_CASE("a DocumentReference carries its payload; an XML resource is read like a JSON one") {
    const auto d = read(R"({"resourceType":"DocumentReference","type":{"coding":[{"system":
      "http://loinc.org","code":"11490-0"}]},"date":"2026-01-01T00:00:00Z","subject":{"reference":
      "#p"},"contained":[{"resourceType":"Patient","id":"p","name":[{"text":"x","family":"F"}]}],
      "content":[{"attachment":{"contentType":"text/plain","title":"T","data":"Ym9uam91cg==",
      "creation":"2025-12-31"}}]})",
                        "a.json");
    CHECK(d.entry.title == "T");
    CHECK(d.entry.date == "2025-12-31");
    CHECK(d.entry.category == "discharge");
    CHECK(d.entry.patient.family == "F");
    CHECK(d.text == "bonjour");
    const auto x = read(
        "<Patient xmlns='http://hl7.org/fhir'><id value='1'/><text><div xmlns="
        "'http://www.w3.org/1999/xhtml'><p>a &lt; b</p></div></text><name><use value='old'/>"
        "<family value='V'/></name><name><use value='official'/><family value='F'/>"
        "<given value='G'/></name></Patient>",
        "a.xml");
    CHECK(x.entry.media_type == "application/fhir+xml");
    CHECK(x.entry.patient.family == "F");
    CHECK(x.entry.patient.given == "G");
    CHECK(x.text == "a < b");
  }

  TEST_CASE("each shape of file has its format, and a chance likeness is a text") {
    const struct {
      std::string_view bytes, name;
      DocumentFormat format;
      std::string_view media_type;
    } cases[] = {
        {"\xFF\xD8\xFF\xE0", "a.jpg", DocumentFormat::image, "image/jpeg"},
        {"\x89PNG\r\n\x1A\n...", "a", DocumentFormat::image, "image/png"},
        {{"II*\0....", 8}, "a", DocumentFormat::image, "image/tiff"},
        {"{\\rtf1 x}", "a.rtf", DocumentFormat::rtf, "application/rtf"},
        {"junk\n%PDF-1.7", "a", DocumentFormat::pdf, "application/pdf"},
        {"<html><body>x</body></html>", "a", DocumentFormat::other, "text/html"},
        {"<!DOCTYPE html><p>x", "a.html", DocumentFormat::other, "text/html"},
        {"<3 merci", "a.txt", DocumentFormat::text, "text/plain"},
        {"{pas du JSON", "a.txt", DocumentFormat::text, "text/plain"},
        {{"\1\2\3\0", 4}, "a.bin", DocumentFormat::other, "application/octet-stream"},
        {"<a/>", "a.xml", DocumentFormat::other, "application/xml"},
    };
    for (const auto& c : cases) {
      CAPTURE(c.bytes);
      const auto d = read(c.bytes, c.name);
      CHECK(d.entry.format == c.format);
      CHECK(d.entry.media_type == c.media_type);
      CHECK(d.entry.file_name == c.name);
      CHECK(d.entry.title.empty());
    }
  }

  TEST_CASE("the converter's output gives a PDF its words") {
    const auto d =
        describe(as_bytes("%PDF-1.4"), "a.pdf",
                 as_bytes("<head><title>T &amp; U</title>\n<meta name=\"Author\" "
                          "content=\"A\"/>\n<meta name=\"CreationDate\" "
                          "content=\"2026-02-03T10:15:00+01\"/>\n</head>\n<body>\n<pre>a "
                          "&lt;title&gt;\fb</pre></body>"));
    REQUIRE(d.has_value());
    CHECK(d->entry.title == "T & U");
    CHECK(d->entry.date == "2026-02-03T10:15:00+01:00");
    CHECK(d->entry.authors[0].name == "A");
    CHECK(d->text == "a <title>\nb");
  }

  TEST_CASE("what a PDF says of itself in XMP alone is read, and of a picture inside is not") {
    const std::string packet =
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF "
        "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description rdf:about='' "
        "xmlns:xmp='http://ns.adobe.com/xap/1.0/' xmlns:dc='http://purl.org/dc/elements/1.1/' "
        "xmp:CreateDate='2026-02-03T10:15:00+01:00'><dc:title><rdf:Alt><rdf:li "
        "xml:lang='x-default'>Lettre de sortie</rdf:li></rdf:Alt></dc:title><dc:creator><rdf:Seq>"
        "<rdf:li>Dr Exemple</rdf:li></rdf:Seq></dc:creator></rdf:Description></rdf:RDF>"
        "</x:xmpmeta>";
    const auto read = [](const std::string& file, std::string_view converted = "") {
      const auto d = describe(as_bytes(file), "a.pdf", as_bytes(converted));
      REQUIRE(d.has_value());
      return d->entry;
    };
    const std::string file = "%PDF-2.0\n1 0 obj\nstream\n" + packet + "\nendstream\n";
    const auto entry = read(file);
    CHECK(entry.title == "Lettre de sortie");
    CHECK(entry.date == "2026-02-03T10:15:00+01:00");
    REQUIRE(entry.authors.size() == 1);
    CHECK(entry.authors[0].name == "Dr Exemple");
    // The Info dictionary counts where it says something.
    const auto both = read(file,
                           "<head><title>T</title>\n<meta name=\"CreationDate\" "
                           "content=\"2020-01-01\"/></head>\n<body>\n<pre>a</pre></body>");
    CHECK(both.title == "T");
    CHECK(both.date == "2020-01-01");
    CHECK(both.authors.at(0).name == "Dr Exemple");
    // As an element; two packets, one that breaks off, and one with a DOCTYPE are none.
    std::string element = packet;
    const std::string shorthand = " xmp:CreateDate='2026-02-03T10:15:00+01:00'>";
    element.replace(element.find(shorthand), shorthand.size(),
                    "><xmp:CreateDate>2026-02-03</xmp:CreateDate>");
    CHECK(read("%PDF-2.0\n" + element).date == "2026-02-03");
    CHECK(read("%PDF-2.0\n" + packet + packet).date.empty());
    CHECK(read("%PDF-2.0\n" + packet.substr(0, packet.size() - 12)).date.empty());
  }

  TEST_CASE("what stands behind a \"<\" in a PDF is its text like the rest") {
    const auto d = describe(as_bytes("%PDF-1.4"), "a.pdf",
                            as_bytes("<head></head>\n<body>\n<pre>CRP <5 mg/L (normale)\nTSH 2,1 "
                                     "<avant> &amp; </pre> fin\n</pre>\n</body>"));
    REQUIRE(d.has_value());
    CHECK(d->text == "CRP <5 mg/L (normale)\nTSH 2,1 <avant> &amp; </pre> fin");
  }

  TEST_CASE("an answer is the encoded description, a refusal only its number") {
    reading::Request request;
    request.file_name = "a.txt";
    const auto good = wire::decode<DocumentDescription>(answer(request, as_bytes("bonjour"), {}));
    REQUIRE(good.has_value());
    CHECK(good->error == 0);
    CHECK(good->text == "bonjour");
    const auto bad =
        wire::decode<DocumentDescription>(answer(request, as_bytes("<!DOCTYPE a><a/>"), {}));
    REQUIRE(bad.has_value());
    CHECK(error_in(bad->error) == errc::doctype_refused);
    CHECK(bad->entry == DocumentEntry{});
  }

  TEST_CASE("the table of kinds names each code once, in both languages, by any spelling") {
    for (const auto& kind : kind_table) {
      CAPTURE(kind.code);
      CHECK(kind_of(kind.code, kind.system) == &kind);
      CHECK(!kind.french.empty());
      CHECK(!kind.english.empty());
    }
    CHECK(kind_of("57833-6", "http://loinc.org") == kind_of("57833-6", kinds::loinc));
    CHECK(kind_of("57833-6", "urn:oid:2.16.840.1.113883.6.1")->category == "eprescription");
    CHECK(kind_of("57833-6", "1.2.3") == nullptr);
  }
}

}  // namespace
}  // namespace coffret::reader
