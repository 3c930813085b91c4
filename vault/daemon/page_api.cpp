// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/page_api.hpp"

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <cstring>

#include "coffret/document.hpp"
#include "coffret/encoding.hpp"
#include "coffret/json.hpp"
#include "vault/crypto/secret_io.hpp"
#include "vault/crypto/wiping.hpp"
#include "vault/daemon/import.hpp"

namespace coffret::daemon {
namespace {

constexpr std::string_view filter =
    "kind:text category:text since:text until:text author:text person:text";
constexpr std::string_view who_and_what =
    "to:text role:text organisation:text documents:texts category:text kind:text all:flag "
    "since:text evolving:flag person:text any_patient:flag for:text from:text openings:number "
    "passcode:flag delivery:text purpose:text allow:text qr:text seen:texts consent:text "
    "not_before:text expires_at:text";
constexpr std::string_view entry =
    "what:text text:text value:text unit:text dose:text lot:text reaction:text relation:text "
    "phone:text date:text until:text person:text";

constexpr std::array commands{
    PageCommand{"unlock", "", "passphrase", "open the vault"},
    PageCommand{"lock", "", "", "lock the vault; every token ends"},
    PageCommand{"status", "", "", "the vault's state"},
    PageCommand{"list", filter, "", "the time line"},
    PageCommand{"search", "words:texts kind:text category:text since:text until:text person:text",
                "", "documents in which all the words stand"},
    PageCommand{"show", "id:text content:text attachment:number", "",
                "a document: its description and, by content, its bytes (original, text, "
                "attachment) or none"},
    PageCommand{"history", "id:text", "", "the versions of a document"},
    PageCommand{"remove", "id:text", "", "put a document in the bin; undoable for 30 days"},
    PageCommand{"restore", "id:text", "", "take a document out of the bin"},
    PageCommand{"edit", "id:text title:text date:text kind:text note:text person:text", "",
                "amend what is said of a document; its bytes stay"},
    PageCommand{"person list", "", "", "the persons of this vault"},
    PageCommand{"results", "code:text since:text until:text person:text", "", "values over time"},
    PageCommand{"medicines", "person:text pharmacy:flag", "", "prescribed, dispensed, taken"},
    PageCommand{"allergies", "person:text", "", "allergies"},
    PageCommand{"vaccines", "person:text", "", "vaccines"},
    PageCommand{"summary", "person:text", "", "what matters, on one page"},
    PageCommand{"note add", entry, "", "write a note"},
    PageCommand{"allergy add", entry, "", "note an allergy"},
    PageCommand{"treatment add", entry, "", "note a medicine that is taken"},
    PageCommand{"vaccine add", entry, "", "note a vaccine"},
    PageCommand{"measure add", entry, "", "note a measure"},
    PageCommand{"contact add", entry, "", "note whom to call"},
    PageCommand{"server card", "", "", "who keeps the copy, and in which country"},
    PageCommand{"sync", "", "", "send and receive what changed, encrypted"},
    PageCommand{"device list", "", "", "the devices of this vault"},
    PageCommand{"caregiver list", "", "", "paired caregivers"},
    PageCommand{"grant preview", who_and_what, "", "what would be seen; shares nothing"},
    PageCommand{"grant create", who_and_what, "passcode",
                "share; secrets: the link, then the passcode; bytes: its QR code"},
    PageCommand{"grant list", "", "", "the grants and their state"},
    PageCommand{"grant show", "id:text", "", "one grant"},
    PageCommand{"grant extend", "id:text for:text openings:number", "", "change a grant's end"},
    PageCommand{"grant revoke", "id:text", "", "end a grant"},
    PageCommand{"emergency show", "", "", "the emergency cards, and who opened them and why"},
    PageCommand{"emergency remove", "person:text", "", "end the emergency card"},
    PageCommand{"emergency refuse", "", "", "who asks to open the emergency card shall not"},
    PageCommand{"access-log", "grant:text", "", "who opened what, and when"},
};

boost::json::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

const PageCommand* command_named(std::string_view name) {
  const auto found = std::find_if(commands.begin(), commands.end(),
                                  [&](const PageCommand& one) { return one.name == name; });
  return found == commands.end() ? nullptr : &*found;
}

// Calls take(name, type) for each argument of a command's list, until it returns true.
template <class Take>
bool any_argument(std::string_view list, Take take) {
  while (!list.empty()) {
    const auto end = std::min(list.find(' '), list.size());
    const auto one = list.substr(0, end);
    const auto colon = one.find(':');
    if (take(one.substr(0, colon), one.substr(colon + 1))) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

bool is_of_type(const boost::json::value& value, std::string_view type) {
  if (type == "text") return value.is_string();
  if (type == "flag") return value.is_bool();
  if (type == "number") return value.is_int64() || value.is_uint64();
  if (!value.is_array()) return false;
  const auto& list = value.get_array();
  return std::all_of(list.begin(), list.end(), [](const auto& one) { return one.is_string(); });
}

Result<SecretText> secret_of(const boost::json::string& text) {
  if (text.size() > SecretText::max_size) return errc::too_large;
  return SecretText::make([&](auto into) {
    std::memcpy(into.data(), text.data(), text.size());
    return text.size();
  });
}

Result<void> take_secrets(const PageCommand& command, const boost::json::value& given,
                          LocalRequest& request) {
  if (!given.is_object()) return errc::usage;
  for (const auto& [name, value] : given.get_object()) {
    if (command.secret.empty() || std::string_view{name.data(), name.size()} != command.secret ||
        !value.is_string())
      return errc::usage;
    COFFRET_TRY(auto secret, secret_of(value.get_string()));
    request.secrets.emplace(std::string{command.secret}, std::move(secret));
  }
  return {};
}

// Errors: usage (an argument that the command does not take, or of another type).
Result<void> take_arguments(const PageCommand& command, const boost::json::object& given,
                            LocalRequest& request) {
  for (const auto& member : given) {
    const std::string_view known{member.key().data(), member.key().size()};
    const auto& value = member.value();
    if (known == "secrets") {
      COFFRET_CHECK(take_secrets(command, value, request));
      continue;
    }
    const bool taken = (known == "lang" && value.is_string()) ||
                       any_argument(command.arguments, [&](auto argument, auto type) {
                         return argument == known && is_of_type(value, type);
                       });
    if (!taken) return errc::usage;
    request.arguments[member.key()] = value;
  }
  request.arguments["command"] = view(command.name);
  return {};
}

// Errors: usage (no file is named), malformed.
Result<LocalRequest> understand_import(const http::Request& request) {
  const auto* field = request.fields.find("Coffret-Arguments");
  if (field == nullptr) return errc::usage;
  COFFRET_TRY(const auto text, from_base64url(*field));
  COFFRET_TRY(const auto value, parse_json(as_text(text)));
  if (!value.is_object()) return errc::malformed;
  LocalRequest asked;
  COFFRET_CHECK(take_arguments(page_import, value.get_object(), asked));
  const auto* name = text_member(asked.arguments, "name");
  if (name == nullptr || name->empty() || name->size() > limits::short_text) return errc::usage;
  return asked;
}

boost::json::object error_json(errc error, const std::string& detail) {
  const auto& known = row(error);
  boost::json::object told{
      {"code", view(known.code)}, {"fr", view(known.french)}, {"en", view(known.english)}};
  if (!detail.empty()) told["detail"] = detail;
  return told;
}

http::Response of_bytes(Bytes body, std::string_view type) {
  http::Response response;
  response.fields.set("Content-Type", std::string{type});
  response.body = std::move(body);
  return response;
}

}  // namespace

std::span<const PageCommand> page_commands() noexcept {
  return commands;
}

Result<LocalRequest> understand(std::string_view name, ByteView body) {
  std::string spaced{name};
  // "access-log" has a hyphen of its own.
  const auto* command = command_named(spaced);
  if (command == nullptr) {
    std::replace(spaced.begin(), spaced.end(), '-', ' ');
    command = command_named(spaced);
  }
  if (command == nullptr) return errc::usage;
  COFFRET_TRY(const auto value,
              parse_json(as_text(body), JsonLimits{.bytes = max_page_request, .depth = 4}));
  if (!value.is_object()) return errc::malformed;
  LocalRequest request;
  COFFRET_CHECK(take_arguments(*command, value.get_object(), request));
  return request;
}

Result<void> PageAnswer::row(const boost::json::object& row) {
  const auto text = boost::json::serialize(boost::json::object{{"row", row}}) + "\n";
  if (lines_.size() + text.size() > max_page_answer) return errc::too_large;
  append(lines_, as_bytes(text));
  return {};
}

Result<void> PageAnswer::bytes(ByteView bytes) {
  if (bytes_.size() + bytes.size() > max_page_answer) return errc::too_large;
  append(bytes_, bytes);
  return {};
}

// A link and a passcode need no escaping in JSON.
Result<void> PageAnswer::secret(const SecretText& secret) {
  append(lines_, as_bytes(std::string_view{"{\"secret\":\""}));
  crypto::append_secret(lines_, secret);
  append(lines_, as_bytes(std::string_view{"\"}\n"}));
  return {};
}

http::Response PageAnswer::response(const Outcome& outcome, bool bytes_alone) {
  if (bytes_alone && outcome.error == errc::ok)
    return of_bytes(std::move(bytes_), "application/octet-stream");
  boost::json::object end;
  if (outcome.error != errc::ok) {
    end["error"] = error_json(outcome.error, outcome.detail);
  } else {
    if (!bytes_.empty()) append(lines_, as_bytes("{\"bytes\":\"" + to_base64(bytes_) + "\"}\n"));
    end["done"] = outcome.result;
  }
  append(lines_, as_bytes(boost::json::serialize(end) + "\n"));
  crypto::wipe(bytes_);
  return of_bytes(std::move(lines_), "application/x-ndjson");
}

http::Response run_command(Service& service, std::string_view name, const http::Request& request) {
  PageAnswer answer;
  auto understood = understand(name, request.body);
  if (understood.has_error()) return answer.response({{}, to_errc(understood.error()), {}}, false);
  const auto* accept = request.fields.find("Accept");
  const bool bytes_alone = accept != nullptr && *accept == "application/octet-stream";
  return answer.response(service.handle(*understood, answer), bytes_alone);
}

http::Response run_import(Service& service, const http::Request& request) {
  PageAnswer answer;
  auto asked = understand_import(request);
  if (asked.has_error()) return answer.response({{}, to_errc(asked.error()), {}}, false);
  Call call{service, *asked, answer, Language::french, {}, false};
  if (call.text("lang") == "en") call.language = Language::english;
  auto taken = import_bytes(call, call.text("name"), request.body);
  return answer.response(service.outcome(call, page_import.name, std::move(taken)), false);
}

}  // namespace coffret::daemon
