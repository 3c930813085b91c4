// SPDX-License-Identifier: EUPL-1.2
//
// `inbox link`, `links`, `close`: links through which others send documents (vault/DESIGN.md §19).
#include "vault/daemon/deposit_links.hpp"

#include <algorithm>
#include <mutex>
#include <optional>

#include "coffret/time.hpp"
#include "sync/client/deposits.hpp"
#include "sync/protocol/url.hpp"
#include "vault/crypto/deposit.hpp"
#include "vault/crypto/wiping.hpp"
#include "vault/daemon/commands.hpp"
#include "vault/daemon/grant_parts.hpp"
#include "vault/daemon/replies.hpp"
#include "vault/daemon/syncer.hpp"

namespace coffret::daemon {
namespace {

using store::DepositLinkMade;
using store::DepositLinkView;

constexpr std::uint64_t megabyte = 1'000'000;  // bytes
constexpr std::size_t shortest_link_id = 4;    // characters

std::string_view state_of_link(const DepositLinkView& link, std::int64_t now) {
  if (link.closed_at) return "closed";
  return now >= link.made.expires_at ? "expired" : "live";
}

Object link_json(const DepositLinkView& link, std::int64_t now) {
  const auto& made = link.made;
  return {{"id", made.link.text()},
          {"from", made.from},
          {"state", text_view(state_of_link(link, now))},
          {"created_at", to_rfc3339(from_unix(made.created_at))},
          {"expires_at", to_rfc3339(from_unix(made.expires_at))},
          {"deposits", made.deposits},
          {"bytes", made.bytes}};
}

Result<std::vector<DepositLinkView>> all_links(Call& call) {
  return call.with([](store::Vault& vault) -> Result<std::vector<DepositLinkView>> {
    return vault.deposit_links();
  });
}

Result<DepositLinkView> find_link(Call& call, const std::string& id) {
  if (id.size() < shortest_link_id) return errc::not_found;
  COFFRET_TRY(const auto links, all_links(call));
  std::optional<DepositLinkView> found;
  for (const auto& one : links) {
    if (!one.made.link.text().starts_with(id)) continue;
    if (found) return errc::not_found;
    found = one;
  }
  if (!found) return errc::not_found;
  return std::move(*found);
}

// What the link is to be, but for its key. Errors: usage, too_large, denied.
Result<DepositLinkMade> asked_link(Call& call, std::int64_t now) {
  DepositLinkMade made;
  made.from = call.text("from");
  if (made.from.empty())
    return refused(call, errc::usage, "Dites de qui vous attendez des documents : --from \"NOM\".",
                   "Say from whom you expect documents: --from \"NAME\".");
  if (made.from.size() > limits::short_text) return errc::too_large;
  if (call.text("for").empty())
    return refused(call, errc::usage, "Dites combien de temps : --for 7d, par exemple.",
                   "Say for how long: --for 7d, for example.");
  COFFRET_TRY(const auto duration, parse_duration(call.text("for")));
  if (duration.count() <= 0 || duration.count() > protocol::max_box_validity)
    return refused(call, errc::denied, "Un lien de dépôt dure au plus un an.",
                   "A deposit link lasts at most a year.");
  COFFRET_TRY(const auto deposits, call.number("deposits"));
  COFFRET_TRY(const auto megabytes, call.number("megabytes"));
  made.deposits = deposits == 0 ? usual_deposits : deposits;
  made.bytes = megabytes == 0 ? usual_deposit_bytes : megabytes * megabyte;
  if (made.deposits > max_link_deposits || made.bytes > max_link_bytes)
    return refused(call, errc::too_large, "Un lien prend au plus 200 dépôts et 2147 Mo en tout.",
                   "A link takes at most 200 deposits and 2147 MB in all.");
  made.created_at = now;
  made.expires_at = now + duration.count();
  return made;
}

Result<void> append_ignorable(Call& call, store::Operation operation) {
  operation.ignorable = true;
  COFFRET_CHECK(call.with([&](store::Vault& vault) { return vault.append(operation); }));
  return {};
}

// The entry with the private key is at the server before anybody can seal to it: this device may be
// gone tomorrow. A link whose box could not be made was shown to nobody, and is closed again.
Result<void> make_known(Call& call, Session::Hold& hold, client::Server& server,
                        const Signer& signer, DepositLinkMade& made,
                        const crypto::DepositKey& key) {
  // Wrapped and written in one act: no epoch begins between the two.
  COFFRET_TRY(const auto vault, call.with([&](store::Vault& open) -> Result<VaultId> {
    made.wrapped_key =
        open.wrap(crypto::WrapPurpose::deposit, made.link.view(), store::deposit_key_version, key);
    auto operation = store::make_operation(made);
    operation.ignorable = true;
    COFFRET_CHECK(open.append(operation));
    return open.id();
  }));
  auto known = [&]() -> Result<void> {
    COFFRET_CHECK(Syncer(call, hold, server).push());
    return client::put_box(server, signer, vault, made.link,
                           {made.key, made.expires_at, made.deposits, made.bytes});
  }();
  if (known.has_error())
    COFFRET_CHECK(append_ignorable(
        call, store::make_operation(store::DepositLinkClosed{made.link, made.created_at})));
  return known;
}

}  // namespace

Result<DepositLinkMade> open_deposit_link(Call& call, Session::Hold& hold, client::Server& server,
                                          const Signer& signer, DepositLinkMade made) {
  const auto key = crypto::make_deposit_key(call.service.environment().random);
  made.key = crypto::public_key(key);
  COFFRET_CHECK(make_known(call, hold, server, signer, made, key));
  return made;
}

Result<void> close_deposit_link(Call& call, client::Server& server, const Signer& signer,
                                const LinkId& link, std::int64_t now) {
  COFFRET_TRY(const auto vault,
              call.with([](store::Vault& open) -> Result<VaultId> { return open.id(); }));
  const auto closed = client::close_box(server, signer, vault, link);
  // A server of before, to which the vault moved, has none.
  if (closed.has_error() && closed.error() != errc::not_found) return closed;
  return append_ignorable(call, store::make_operation(store::DepositLinkClosed{link, now}));
}

Result<Object> inbox_link(Call& call) {
  COFFRET_TRY(auto hold, call.service.session().hold());
  const std::lock_guard one_at_a_time{call.service.syncing()};
  COFFRET_TRY(auto server, pinned_server(call));
  COFFRET_TRY([[maybe_unused]] const auto card, server.contact());
  COFFRET_TRY(const auto url, protocol::parse_server_url(server.identity().url));
  if (!url.tls) return errc::unsupported;  // a browser has no WebCrypto behind a clear-text address
  COFFRET_TRY(const auto* signer, device_signer(call));
  COFFRET_TRY(auto made, asked_link(call, to_unix(server.server_now())));
  made.link = call.service.environment().random.make<LinkId>();
  COFFRET_TRY(made, open_deposit_link(call, hold, server, *signer, std::move(made)));
  crypto::DepositLink link{server.identity().url, made.link, crypto::key_hash(made.key), {}};
  std::copy_n(server.identity().fingerprint.bytes.begin(), link.server.size(), link.server.begin());
  const auto text = crypto::format_deposit_link(link);
  COFFRET_CHECK(call.answer.secret(text));
  if (const auto format = call.text("qr"); !format.empty()) {
    COFFRET_TRY(auto picture, grants::qr_picture(text, format == "svg"));
    const auto sent = call.answer.bytes(picture);
    crypto::wipe(picture);
    COFFRET_CHECK(sent);
  }
  return link_json({.made = made, .epoch = 1, .closed_at = {}}, made.created_at);
}

Result<Object> inbox_links(Call& call) {
  COFFRET_TRY(const auto links, all_links(call));
  const auto now = to_unix(call.service.environment().clock.now());
  COFFRET_TRY(const auto answered, answered_grants(call));
  for (const auto& link : links) {
    auto json = link_json(link, now);
    tell_answered(answered, link.made.link, json);
    COFFRET_CHECK(call.answer.row(json));
  }
  return Object{{"count", links.size()}};
}

Result<Object> inbox_close(Call& call) {
  COFFRET_TRY(auto hold, call.service.session().hold());
  COFFRET_TRY(auto link, find_link(call, call.text("id")));
  const auto now = to_unix(call.service.environment().clock.now());
  if (!link.closed_at) {
    COFFRET_TRY(auto server, pinned_server(call, Unsettled::allow));
    COFFRET_TRY(const auto* signer, device_signer(call));
    COFFRET_CHECK(close_deposit_link(call, server, *signer, link.made.link, now));
    link.closed_at = now;
  }
  return link_json(link, now);
}

}  // namespace coffret::daemon
