// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/page_api.hpp"

#include <doctest/doctest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <sstream>

#include "coffret/encoding.hpp"
#include "tests/support/daemon_rig.hpp"

namespace coffret::daemon {
namespace {

using boost::json::object;

errc error_of(std::string_view name, std::string_view body) {
  const auto understood = understand(name, as_bytes(body));
  return understood.has_error() ? to_errc(understood.error()) : errc::ok;
}

std::vector<object> lines_of(const http::Response& response) {
  std::vector<object> lines;
  std::istringstream text{std::string{as_text(response.body)}};
  for (std::string line; std::getline(text, line);)
    lines.push_back(boost::json::parse(line).as_object());
  return lines;
}

http::Request request(std::string_view body) {
  http::Request made;
  made.body = to_bytes(as_bytes(body));
  return made;
}

http::Request sent_file(const object& arguments, std::string_view body) {
  auto made = request(body);
  made.fields.set("Coffret-Arguments", to_base64url(as_bytes(boost::json::serialize(arguments))));
  return made;
}

TEST_SUITE("vault/daemon/page_api") {
  TEST_CASE("only what the table names is understood, and of its type") {
    const struct {
      const char* name;
      const char* body;
      errc expected;
    } cases[] = {
        {"list", "{}", errc::ok},
        {"access-log", R"({"grant":"abcd"})", errc::ok},
        {"grant-create", R"({"to":"Dr","openings":2,"all":true,"documents":["a"]})", errc::ok},
        {"grant create", R"({"to":"Dr"})", errc::ok},
        {"list", R"({"kind":1})", errc::usage},
        {"list", R"({"paths":["/etc/passwd"]})", errc::usage},
        {"grant-create", R"({"documents":["a",2]})", errc::usage},
        {"grant-create", R"({"openings":"2"})", errc::usage},
        {"sync", R"({"watch":true})", errc::usage},
        {"list", R"({"command":"stop"})", errc::usage},
        {"list", R"({"secrets":{"passphrase":"x"}})", errc::usage},
        {"unlock", R"({"secrets":{"passphrase":"x"}})", errc::ok},
        {"unlock", R"({"secrets":{"passphrase":1}})", errc::usage},
        {"unlock", R"({"secrets":"x"})", errc::usage},
        {"list", "[]", errc::malformed},
        {"list", "", errc::malformed},
        {"list", R"({"kind":"a","kind":"b"})", errc::malformed},
    };
    for (const auto& c : cases) {
      CAPTURE(c.name);
      CAPTURE(c.body);
      CHECK(error_of(c.name, c.body) == c.expected);
    }
  }

  TEST_CASE("no command of the page runs the vault's program, its server or its files") {
    for (const char* never :
         {"stop", "init", "rebuild", "import", "export", "backup", "watch", "server join",
          "device invite", "device remove", "passphrase change", "passphrase reset", "open",
          "recovery renew", "fork merge", "caregiver pair", ""}) {
      CAPTURE(never);
      CHECK(error_of(never, "{}") == errc::usage);
    }
  }

  TEST_CASE("every command of the table is one of the vault's") {
    test::MemberServer server;
    test::DaemonRig rig{server};
    for (const auto& command : page_commands()) {
      CAPTURE(command.name);
      const auto outcome = rig.ask(command.name);
      CHECK_FALSE((outcome.error == errc::usage && outcome.detail == command.name));
    }
  }

  TEST_CASE("rows come line by line and end with what was done, or with both sentences") {
    test::MemberServer server;
    test::DaemonRig rig{server};
    const auto locked = lines_of(run_command(rig.service, "list", request("{}")));
    REQUIRE(locked.size() == 1);
    const auto& error = locked[0].at("error").as_object();
    CHECK(error.at("code") == "locked");
    CHECK(error.at("fr").as_string().size() > 10);
    CHECK(error.at("en").as_string().size() > 10);
    REQUIRE(rig.init() == errc::ok);
    rig.put_text("Une lettre");
    const auto lines = lines_of(run_command(rig.service, "list", request("{}")));
    REQUIRE(lines.size() == 2);
    CHECK(lines[0].at("row").at("title") == "Une lettre");
    CHECK(lines[1].at("done").at("count") == 1);
  }

  TEST_CASE(
      "a file that was sent is imported under its name, and its bytes come back as they were") {
    test::MemberServer server;
    test::DaemonRig rig{server};
    REQUIRE(rig.init() == errc::ok);
    const std::string text = "Une note de la patiente, écrite à la main.\n";
    const auto lines =
        lines_of(run_import(rig.service, sent_file({{"name", "note.txt"}, {"lang", "fr"}}, text)));
    REQUIRE(lines.size() == 2);
    const auto& row = lines[0].at("row").as_object();
    CHECK(row.at("outcome") == "imported");
    CHECK(row.at("path") == "note.txt");
    CHECK(lines[1].at("done").at("summary").at("imported") == 1);
    auto shown =
        request(boost::json::serialize(object{{"id", row.at("id")}, {"content", "original"}}));
    const auto described = lines_of(run_command(rig.service, "show", shown));
    CHECK(described.at(0).at("bytes") == boost::json::value(to_base64(as_bytes(text))));
    CHECK(described.at(1).at("done").at("provenance").at("file_name") == "note.txt");
    shown.fields.set("Accept", "application/octet-stream");
    CHECK(as_text(run_command(rig.service, "show", shown).body) == text);
  }

  TEST_CASE("a file without a name, or with other arguments, is not taken in") {
    test::MemberServer server;
    test::DaemonRig rig{server};
    REQUIRE(rig.init() == errc::ok);
    auto broken = request("x");
    broken.fields.set("Coffret-Arguments", "!");
    for (const auto& asked :
         {request("x"), broken, sent_file({}, "x"), sent_file({{"name", ""}}, "x"),
          sent_file({{"name", std::string(2000, 'a')}}, "x"),
          sent_file({{"name", "a.txt"}, {"all", true}}, "x"),
          sent_file({{"name", "a.txt"}, {"secrets", object{{"passphrase", "x"}}}}, "x")})
      CHECK(lines_of(run_import(rig.service, asked)).at(0).contains("error"));
    CHECK(rig.number_in_status("documents") == 0);
  }

  TEST_CASE("the description names every command and each of its arguments, and no other") {
    const auto description = page_description();
    const auto& paths = description.at("paths").as_object();
    std::size_t commands = 0;
    for (const auto& [path, what] : paths) {
      const std::string_view text{path.data(), path.size()};
      constexpr std::string_view under = "/api/v1/commands/";
      if (!text.starts_with(under)) continue;
      ++commands;
      CAPTURE(text);
      const auto& schema = what.at_pointer("/post/requestBody/content/application~1json/schema");
      object all;
      for (const auto& [name, type] : schema.at("properties").as_object()) {
        const auto& kind = type.at("type");
        if (name == "secrets") {
          for (const auto& [secret, any] : type.at("properties").as_object())
            all["secrets"] = object{{secret, "x"}};
        } else if (kind == "string") {
          all[name] = "x";
        } else if (kind == "boolean") {
          all[name] = true;
        } else if (kind == "integer") {
          all[name] = 1;
        } else {
          all[name] = boost::json::array{"x"};
        }
      }
      CHECK(error_of(text.substr(under.size()), boost::json::serialize(all)) == errc::ok);
      CHECK(schema.at("additionalProperties") == false);
    }
    CHECK(commands == page_commands().size());
  }
}

}  // namespace
}  // namespace coffret::daemon
