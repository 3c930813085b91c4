// SPDX-License-Identifier: EUPL-1.2
//
// Protected links, the reader's side (PROTOCOL.md §7). To a stranger, unknown, expired and revoked
// are one answer.
#include <cstdlib>

#include "sync/protocol/caregiver.hpp"
#include "sync/protocol/header_values.hpp"
#include "sync/protocol/link_messages.hpp"
#include "sync/protocol/signature.hpp"
#include "sync/server/opening.hpp"
#include "sync/server/routes.hpp"

namespace coffret::server {
namespace {

Result<Published> find_link(const Call& call) {
  auto row = call.service.ports.records.grant(call.target.link);
  if (row.has_error())
    return row.error() == errc::not_found ? errc::link_not_active : to_errc(row.error());
  COFFRET_TRY(Published grant, published(std::move(*row)));
  if (grant.policy.delivery == Delivery::shl) return errc::link_not_active;
  return grant;
}

// Whether the statement is the granted key's word, now and here, and was never said before.
// Errors: denied (it is not), replayed, clock_refused (made before a restoration).
Result<protocol::SignedStatement> judge_statement(const Call& call, const protocol::Policy& policy,
                                                  const std::string& statement,
                                                  protocol::OpeningAct act) {
  const Ports& ports = call.service.ports;
  const auto said = protocol::read_statement(statement);
  if (said.has_error() ||
      !protocol::is_statement_of(*said, act, policy.reader, ports.identity.fingerprint(),
                                 policy.link, call.now))
    return errc::denied;
  // It may have been used then: its nonce is forgotten.
  if (said->statement.time <= ports.restored_at) return errc::clock_refused;
  COFFRET_CHECK(ports.records.use_nonce({said->key, said->statement.nonce, call.now},
                                        call.now + 2 * protocol::signature_window));
  return *said;
}

// The reader whose token this is, while their time lasts and the grant still serves; perhaps it is
// not theirs to read yet. Errors: link_not_active, clock_refused.
Result<Reader> known_reader(const Call& call, const Published& grant, std::string_view token) {
  if (token.empty() || token.size() > protocol::max_reader_token) return errc::link_not_active;
  Records& records = call.service.ports.records;
  auto reader = records.reader(protocol::sha256(as_bytes(token)));
  if (reader.has_error())
    return reader.error() == errc::not_found ? errc::link_not_active : to_errc(reader.error());
  const std::int64_t now = to_unix(call.now);
  if (reader->link != grant.row.link || reader->version != grant.policy.version ||
      now >= reader->until || !still_serves(grant.row, grant.policy, now))
    return errc::link_not_active;
  COFFRET_TRY(const Timestamp last, records.last_time());
  if (call.now < last) return errc::clock_refused;
  return reader;
}

// One who may read now.
Result<Reader> good_reader(const Call& call, const Published& grant, std::string_view token) {
  COFFRET_TRY(const auto reader, known_reader(call, grant, token));
  if (to_unix(call.now) < readable_from(reader, grant.policy)) return errc::link_not_active;
  return reader;
}

Reply wait_answer(const Call& call, const std::string& token, std::int64_t opens_at) {
  return json_answer(202,
                     protocol::to_json(protocol::WaitAnswer{token, opens_at, to_unix(call.now)}));
}

std::string_view bearer(const http::Request& request) {
  const std::string* field = request.fields.find("Authorization");
  return field == nullptr ? std::string_view{} : protocol::bearer_token(*field);
}

Reply deliver(const Call& call, const Published& grant, std::string token, std::int64_t until) {
  protocol::OpenAnswer answer;
  if (grant.policy.delivery == Delivery::link) {
    const auto half = call.service.ports.halves.get(grant.row.link, grant.policy.version);
    if (half.has_error())  // destroyed by a revocation that came in between
      return half.error() == errc::not_found ? errc::link_not_active : to_errc(half.error());
    answer.server_half = *half;
  }
  answer.version = grant.policy.version;
  for (const auto& file : grant.policy.files) answer.files.push_back({file.id, file.size});
  answer.reader = std::move(token);
  answer.reader_until = until;
  answer.server_time = to_unix(call.now);
  return json_answer(200, protocol::to_json(answer));
}

// A statement that was good when the request came, and is still within its window when the line is
// written: the line's reader judges it by the line's time.
bool still_holds(const protocol::SignedStatement& said, std::int64_t now) {
  return std::abs(said.statement.time - now) <= protocol::signature_window.count();
}

Result<Opening> judge(GrantRow& row, const protocol::Policy& judged, Timestamp last,
                      const Attempt& attempt,
                      const std::optional<protocol::SignedStatement>& signature,
                      GrantChange& change) {
  if (judged.delivery == Delivery::key && !(signature && still_holds(*signature, attempt.now)))
    return refuse_opening(row, judged, last, attempt, change);
  return judge_opening(row, judged, last, attempt, change);
}

Reply open_counted(const Call& call, const Published& grant, const protocol::OpenRequest& asked) {
  const Ports& ports = call.service.ports;
  std::optional<protocol::SignedStatement> signature;  // empty: denied
  if (grant.policy.delivery == Delivery::key) {
    const auto said =
        judge_statement(call, grant.policy, asked.statement, protocol::OpeningAct::open);
    if (said.has_error() && said.error() != errc::denied) return said.error();
    if (said.has_value()) signature = *said;
  }
  const std::string token = to_base64url(ports.random.make<Sha256>().bytes);
  Opening opening;
  std::optional<protocol::Policy> policy;  // the one that was judged: it may be newer than ours
  auto row = ports.records.change(
      call.target.link, [&](GrantRow& r, Timestamp last) -> Result<GrantChange> {
        COFFRET_TRY(const auto judged, protocol::decode_policy(r.policy.body));
        // Whose signature was judged above.
        if (judged.reader != grant.policy.reader) return errc::conflict;
        const bool by_key = judged.delivery == Delivery::key;
        const std::string recipient = by_key ? std::string{} : asked.recipient;
        const Attempt attempt{to_unix(ports.clock.now()),
                              recipient,
                              !recipient.empty(),
                              true,
                              asked.passcode_proof,
                              by_key ? asked.statement : std::string{},
                              protocol::asks_reason(judged) ? asked.reason : std::string{}};
        GrantChange change;
        COFFRET_TRY(opening, judge(r, judged, last, attempt, signature, change));
        if (opening.verdict == Opening::Verdict::delivered ||
            opening.verdict == Opening::Verdict::waiting)
          change.readers.push_back({protocol::sha256(as_bytes(token)), r.link, judged.version,
                                    opening.until, recipient});
        policy = judged;
        return change;
      });
  if (row.has_error()) return row.error();
  switch (opening.verdict) {
    case Opening::Verdict::delivered:
      return deliver(call, {std::move(*row), std::move(*policy)}, token, opening.until);
    case Opening::Verdict::waiting:
      return wait_answer(call, token, opening.until - reader_time);
    case Opening::Verdict::wrong_passcode:
    case Opening::Verdict::passcode_missing:
      return passcode_answer(opening.attempts_left);
    case Opening::Verdict::refused:
      return errc::denied;
    case Opening::Verdict::not_active:
      break;
  }
  if (has_ended(*row, *policy, to_unix(call.now))) COFFRET_CHECK(call.service.destroy(row->link));
  return errc::link_not_active;
}

}  // namespace

Reply link_info(const Call& call) {
  COFFRET_TRY(const Published grant, find_link(call));
  const bool live = state_of(grant.row, grant.policy, to_unix(call.now)) == GrantState::live;
  // Whoever opened a moment ago may still come back, though nobody new may open.
  if (!live) COFFRET_CHECK(good_reader(call, grant, bearer(call.request)));
  return json_answer(200, protocol::to_json(protocol::LinkInfo{
                              grant.policy.delivery, !grant.policy.passcode.empty(),
                              grant.policy.expires_at, protocol::asks_reason(grant.policy)}));
}

Reply open_link(const Call& call) {
  COFFRET_TRY(const auto asked, protocol::from_json<protocol::OpenRequest>(call.request.body));
  COFFRET_TRY(const Published grant, find_link(call));
  if (!asked.reader.empty()) {
    const auto reader = known_reader(call, grant, asked.reader);
    if (reader.has_value()) {
      const auto opens_at = readable_from(*reader, grant.policy);
      if (to_unix(call.now) < opens_at) return wait_answer(call, asked.reader, opens_at);
      return deliver(call, grant, asked.reader, reader->until);
    }
    if (reader.error() != errc::link_not_active) return reader.error();
  }
  return open_counted(call, grant, asked);
}

Reply link_file(const Call& call) {
  COFFRET_TRY(const Published grant, find_link(call));
  COFFRET_CHECK(good_reader(call, grant, bearer(call.request)));
  for (const auto& file : grant.policy.files)
    if (file.id == call.target.file)
      return blob_answer(call.service.ports.objects, BlobKey::parcel(grant.row.link, file.id),
                         "application/jose", 0, file.size);
  return errc::link_not_active;
}

Reply prove_read(const Call& call) {
  COFFRET_TRY(const auto asked, protocol::from_json<protocol::ReadProof>(call.request.body));
  COFFRET_TRY(const Published grant, find_link(call));
  COFFRET_TRY(const Reader reader, good_reader(call, grant, bearer(call.request)));
  if (protocol::sha256(asked.proof.bytes) != grant.policy.proof_hash) return errc::denied;
  const bool by_key = grant.policy.delivery == Delivery::key;
  std::optional<protocol::SignedStatement> said;
  if (by_key) {
    COFFRET_TRY(said,
                judge_statement(call, grant.policy, asked.statement, protocol::OpeningAct::read));
    if (said->statement.version != grant.policy.version || said->statement.proof != asked.proof)
      return errc::denied;
  }
  const auto told = call.service.ports.records.change(
      call.target.link, [&](GrantRow& row, Timestamp last) -> Result<GrantChange> {
        GrantChange change;
        change.time = std::max(to_unix(call.now), to_unix(last));
        if (said && !still_holds(*said, change.time)) return errc::denied;
        change.proved = reader.token_hash;
        tell_read(row, grant.policy,
                  {change.time, reader.recipient, !reader.recipient.empty(), true, std::nullopt,
                   by_key ? asked.statement : std::string{}},
                  change);
        return change;
      });
  // A second proof by the same reader says nothing new.
  if (told.has_error() && told.error() != errc::conflict) return told.error();
  return empty_answer(204);
}

}  // namespace coffret::server
