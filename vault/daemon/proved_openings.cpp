// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/proved_openings.hpp"

#include "sync/protocol/policy.hpp"
#include "sync/protocol/signature.hpp"

namespace coffret::daemon {

OpeningProof ProvedOpenings::judge(const protocol::AccessLine& line,
                                   const store::GrantView& grant) {
  const bool used =
      line.outcome == OpeningOutcome::delivered || line.outcome == OpeningOutcome::read;
  const bool by_key = grant.decision.delivery == Delivery::key;
  // Nobody signs the opening of a link, and nothing else of a grant to a key.
  if (!used || !by_key)
    return used && !line.statement.empty() ? OpeningProof::forged : OpeningProof::claimed;
  return holds(line, grant) ? OpeningProof::proved : OpeningProof::forged;
}

bool ProvedOpenings::holds(const protocol::AccessLine& line, const store::GrantView& grant) {
  const auto decided = wire::decode<protocol::SignedPolicy>(grant.decision.policy);
  if (decided.has_error()) return false;
  const auto policy = protocol::decode_policy(decided->body);
  const auto said = protocol::read_statement(line.statement);
  if (policy.has_error() || said.has_error()) return false;
  const bool read = line.outcome == OpeningOutcome::read;
  const auto act = read ? protocol::OpeningAct::read : protocol::OpeningAct::open;
  if (!protocol::is_statement_of(*said, act, policy->reader, server_, grant.decision.link,
                                 from_unix(line.time)))
    return false;
  if (read && (said->statement.version != line.version ||
               protocol::sha256(said->statement.proof.bytes) != policy->proof_hash))
    return false;
  // The server may show a statement twice; the caregiver makes each once.
  return used_.emplace(said->key, act, said->statement.time, said->statement.nonce).second;
}

}  // namespace coffret::daemon
