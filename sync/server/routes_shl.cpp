// SPDX-License-Identifier: EUPL-1.2
//
// SMART Health Links (HL7 IG 1.0.0, PROTOCOL.md §8).
#include <sodium.h>

#include <algorithm>
#include <string>

#include "sync/http/body_file.hpp"
#include "sync/protocol/link_messages.hpp"
#include "sync/protocol/signature.hpp"
#include "sync/server/opening.hpp"
#include "sync/server/routes.hpp"

namespace coffret::server {
namespace {

Result<Published> find_shl(const Call& call, bool direct) {
  Records& records = call.service.ports.records;
  const auto link = records.link_of(call.target.shl);
  if (link.has_error())
    return link.error() == errc::not_found ? errc::link_not_active : to_errc(link.error());
  COFFRET_TRY(auto row, records.grant(*link));
  COFFRET_TRY(Published grant, published(std::move(row)));
  if (grant.policy.delivery != Delivery::shl || grant.policy.shl_direct != direct)
    return errc::link_not_active;
  return grant;
}

// Characters of all the files that one manifest carries in itself: what is longer is fetched from
// where it is, without being held in memory.
constexpr std::uint64_t max_embedded = 512 * 1024;

// What an opening of an SHL carries through its steps.
struct Asking {
  const Call& call;
  const LinkId& link;
  std::string_view recipient;
  bool counted = true;
  std::uint64_t longest = 0;  // characters of a file that the reader would have in the manifest

  Attempt attempt() const {
    return {to_unix(call.service.ports.clock.now()), std::string{recipient}, false, counted, {}};
  }
};

// One step of the judgement inside the records' transaction; `give` adds locations on delivery.
template <class Judge>
Result<Opening> step(const Asking& asking, Judge judge) {
  Opening opening;
  COFFRET_CHECK(asking.call.service.ports.records.change(
      asking.link, [&](GrantRow& row, Timestamp last) -> Result<GrantChange> {
        COFFRET_TRY(const auto policy, protocol::decode_policy(row.policy.body));
        GrantChange change;
        COFFRET_TRY(opening, judge(row, policy, last, asking.attempt(), change));
        return change;
      }));
  return opening;
}

// A file of a delivered opening: under a name that works once, or inside the manifest.
struct Handed {
  protocol::PolicyFile file;
  std::optional<protocol::ShlFileToken> token;
};

std::vector<Handed> hand_out(const Asking& asking, const GrantRow& row,
                             const protocol::Policy& policy, std::int64_t now,
                             GrantChange& change) {
  std::vector<Handed> all;
  std::int64_t until = std::min(now + location_time, policy.expires_at);
  if (row.ends_at != 0) until = std::min(until, row.ends_at);
  std::uint64_t room = max_embedded;
  for (const auto& file : policy.files) {
    auto& handed = all.emplace_back(Handed{file, {}});
    if (file.size <= asking.longest && file.size <= room) {
      room -= file.size;
      continue;
    }
    handed.token = asking.call.service.ports.random.make<protocol::ShlFileToken>();
    change.locations.push_back({protocol::sha256(handed.token->bytes), row.link, file.id, until});
  }
  return all;
}

struct Delivered {
  Opening opening;
  std::vector<Handed> files;
  bool long_term = false;
};

// The verifier that the passcode given was compared with, and what came out.
struct Compared {
  Bytes verifier;
  bool right = false;
};

Result<Delivered> judge_manifest(const Asking& asking, const std::optional<Compared>& passcode) {
  Delivered delivered;
  COFFRET_TRY(delivered.opening,
              step(asking,
                   [&](GrantRow& row, const protocol::Policy& policy, Timestamp last,
                       const Attempt& attempt, GrantChange& change) -> Result<Opening> {
                     // A new version may have come with another passcode meanwhile.
                     const bool right =
                         passcode && passcode->right && passcode->verifier == policy.passcode;
                     auto opening = passcode
                                        ? judge_reserved(row, policy, last, attempt, right, change)
                                        : judge_opening(row, policy, last, attempt, change);
                     delivered.long_term = policy.shl_long_term;
                     if (opening.has_value() && opening->verdict == Opening::Verdict::delivered)
                       delivered.files = hand_out(asking, row, policy, attempt.now, change);
                     return opening;
                   }));
  return delivered;
}

// Whether `passcode` is the one whose PHC text is `verifier`.
bool verify(ByteView verifier, std::string_view passcode) {
  if (verifier.size() >= crypto_pwhash_STRBYTES) return false;
  const std::string text = to_text(verifier);  // libsodium wants the terminating zero
  return ::crypto_pwhash_str_verify(text.c_str(), passcode.data(), passcode.size()) == 0;
}

// One try at a time of a link: reserved, judged, told.
Result<Delivered> judge_with_passcode(const Asking& asking, const Published& grant,
                                      std::string_view passcode) {
  Service& service = asking.call.service;
  const auto one_at_a_time = service.passcodes.hold(asking.link);
  COFFRET_TRY(const Opening reserved, step(asking, reserve_try));
  if (reserved.verdict != Opening::Verdict::delivered) return Delivered{reserved, {}, false};
  return judge_manifest(asking,
                        Compared{grant.policy.passcode, verify(grant.policy.passcode, passcode)});
}

// The compact JWE itself. Errors: link_not_active (destroyed meanwhile), damaged.
Result<std::string> embedded(const Asking& asking, const protocol::PolicyFile& file) {
  auto content = asking.call.service.ports.objects.content(BlobKey::parcel(asking.link, file.id), 0,
                                                           file.size);
  if (content.has_error())
    return content.error() == errc::not_found ? errc::link_not_active : to_errc(content.error());
  Bytes bytes;
  if (const auto* place = std::get_if<http::FileBody>(&*content)) {
    COFFRET_TRY(auto open, http::OpenFile::open(*place));
    bytes.resize(static_cast<std::size_t>(file.size));
    for (MutableByteView rest{bytes}; !rest.empty();) {
      const std::size_t got = open.read(rest);
      if (got == 0) return errc::link_not_active;
      rest = rest.subspan(got);
    }
  } else {
    bytes = std::move(std::get<Bytes>(*content));
  }
  // Its owner sent any bytes at all; in our JSON only what a compact JWE is made of may stand.
  const bool compact = std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
  if (!compact) return errc::damaged;
  return to_text(bytes);
}

Reply manifest_of(const Asking& asking, const Delivered& delivered) {
  protocol::ShlManifest manifest;
  for (const auto& handed : delivered.files) {
    auto& file = manifest.files.emplace_back();
    file.content_type = handed.file.content_type;
    file.status = delivered.long_term ? "can-change" : "finalized";
    if (file.content_type == "application/fhir+json") file.fhir_version = "4.0.1";
    if (handed.token) {
      protocol::Target location;
      location.endpoint = protocol::Endpoint::shl_file;
      location.shl = asking.call.target.shl;
      location.token = *handed.token;
      file.location = asking.call.service.config.public_url + protocol::format_target(location);
    } else {
      COFFRET_TRY(file.embedded, embedded(asking, handed.file));
    }
  }
  return json_answer(200, protocol::to_json(manifest));
}

}  // namespace

Reply shl_manifest(const Call& call) {
  COFFRET_TRY(const Published grant, find_shl(call, false));
  COFFRET_TRY(const auto asked,
              protocol::from_json<protocol::ShlManifestRequest>(call.request.body));
  const Asking asking{call, grant.row.link, asked.recipient, true,
                      asked.embedded_length_max.value_or(0)};
  const bool live = state_of(grant.row, grant.policy, to_unix(call.now)) == GrantState::live;
  if (live && !grant.policy.passcode.empty() && (!asked.passcode || asked.passcode->empty()))
    return passcode_answer(protocol::max_wrong_passcodes - grant.row.wrong_passcodes);
  // Cheap checks come first; only what they left waits for its turn.
  if (live && !grant.policy.passcode.empty() && call.passcodes == Passcodes::put_off) {
    call.put_off = true;
    return empty_answer(503);
  }
  COFFRET_TRY(const Delivered delivered, live && !grant.policy.passcode.empty()
                                             ? judge_with_passcode(asking, grant, *asked.passcode)
                                             : judge_manifest(asking, std::nullopt));
  switch (delivered.opening.verdict) {
    case Opening::Verdict::delivered:
      return manifest_of(asking, delivered);
    case Opening::Verdict::wrong_passcode:
    case Opening::Verdict::passcode_missing:
      return passcode_answer(delivered.opening.attempts_left);
    case Opening::Verdict::refused:  // no SHL asks for a signature
    case Opening::Verdict::waiting:  // or has a delay
    case Opening::Verdict::not_active:
      break;
  }
  return errc::link_not_active;
}

Reply shl_direct(const Call& call) {
  COFFRET_TRY(const Published grant, find_shl(call, true));
  if (!call.target.recipient || call.target.recipient->empty()) return errc::malformed;
  // The standard makes this GET the opening: it is written down, and not counted.
  const Asking asking{call, grant.row.link, *call.target.recipient, false};
  COFFRET_TRY(const Opening opening, step(asking, judge_opening));
  if (opening.verdict != Opening::Verdict::delivered) return errc::link_not_active;
  const auto& file = grant.policy.files.front();
  return blob_answer(call.service.ports.objects, BlobKey::parcel(grant.row.link, file.id),
                     "application/jose", 0, file.size);
}

Reply shl_file(const Call& call) {
  const Ports& ports = call.service.ports;
  COFFRET_TRY(const Published grant, find_shl(call, false));
  const auto now = to_unix(call.now);
  COFFRET_TRY(const Timestamp last, ports.records.last_time());
  if (call.now < last) return errc::clock_refused;
  if (!still_serves(grant.row, grant.policy, now)) return errc::link_not_active;
  const auto location =
      ports.records.take_location(protocol::sha256(call.target.token.bytes), call.now);
  if (location.has_error())
    return location.error() == errc::not_found ? errc::link_not_active : to_errc(location.error());
  for (const auto& file : grant.policy.files)
    if (location->link == grant.row.link && file.id == location->file)
      return blob_answer(ports.objects, BlobKey::parcel(grant.row.link, file.id),
                         "application/jose", 0, file.size);
  return errc::link_not_active;
}

}  // namespace coffret::server
