// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/reader_words.hpp"

#include "sync/protocol/text.hpp"
#include "vault/crypto/parcel.hpp"

namespace coffret::daemon {
namespace {

using KeyOf = crypto::ContentKey (*)(const crypto::LinkSecret&, const LinkId&);

std::string unsealed(Call& call, const store::GrantView& grant, const std::string& compact,
                     KeyOf key_of) {
  if (compact.empty()) return {};
  const auto& decision = grant.decision;
  const auto opened = call.with([&](store::Vault& vault) -> Result<crypto::OpenedJwe> {
    COFFRET_TRY(const auto secret, vault.unwrap<crypto::LinkSecret>(
                                       grant.epoch, crypto::WrapPurpose::link, decision.link.view(),
                                       1, decision.wrapped_link_secret));
    const ReceivedParcelFile jwe{to_bytes(as_bytes(compact))};
    return crypto::open_jwe(key_of(secret, decision.link), jwe, protocol::max_recipient);
  });
  if (opened.has_error() || !protocol::is_plain_text(as_text(opened->content))) return {};
  return to_text(opened->content);
}

}  // namespace

ReaderWords reader_words(Call& call, const protocol::AccessLine& line,
                         const store::GrantView& grant) {
  ReaderWords words;
  words.who = line.recipient_sealed ? unsealed(call, grant, line.recipient, crypto::recipient_key)
                                    : line.recipient;
  words.why = unsealed(call, grant, line.reason, crypto::reason_key);
  return words;
}

}  // namespace coffret::daemon
