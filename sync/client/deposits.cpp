// SPDX-License-Identifier: EUPL-1.2
#include "sync/client/deposits.hpp"

#include "sync/client/parts.hpp"
#include "sync/client/request.hpp"

namespace coffret::client {
namespace {

using protocol::Endpoint;
using protocol::Target;

constexpr unsigned tries = 4;  // of an upload whose line breaks

Target at_place(Endpoint endpoint, const VaultId& vault, const DepositPlace& place) {
  return {.endpoint = endpoint, .vault = vault, .link = place.link, .deposit = place.deposit};
}

bool line_broke(const error_code& error) {
  return error == errc::server_unreachable || error == errc::timed_out;
}

}  // namespace

Result<void> put_box(Server& server, const Signer& device, const VaultId& vault, const LinkId& link,
                     const protocol::BoxTerms& terms) {
  const Target target{.endpoint = Endpoint::put_box, .vault = vault, .link = link};
  COFFRET_CHECK(server.ask(request_to(target, protocol::to_json(terms)), &device));
  return {};
}

Result<void> close_box(Server& server, const Signer& device, const VaultId& vault,
                       const LinkId& link) {
  const Target target{.endpoint = Endpoint::close_box, .vault = vault, .link = link};
  COFFRET_CHECK(server.ask(request_to(target), &device));
  return {};
}

Result<protocol::DepositList> waiting_deposits(Server& server, const Signer& device,
                                               const VaultId& vault) {
  const Target target{.endpoint = Endpoint::list_deposits, .vault = vault};
  return ask_json<protocol::DepositList>(server, request_to(target), &device);
}

Result<ReceivedDeposit> fetch_deposit(Server& server, const Signer& device, const VaultId& vault,
                                      const protocol::WaitingDeposit& waiting) {
  COFFRET_TRY(auto bytes,
              fetch_parts(server, device, at_place(Endpoint::fetch_deposit, vault, waiting.place),
                          max_deposit));
  if (bytes.size() != waiting.size) return errc::malformed;
  return ReceivedDeposit{std::move(bytes)};
}

Result<void> drop_deposit(Server& server, const Signer& device, const VaultId& vault,
                          const DepositPlace& place) {
  COFFRET_CHECK(server.ask(request_to(at_place(Endpoint::drop_deposit, vault, place)), &device));
  return {};
}

Result<protocol::BoxInfo> box_info(Server& server, const LinkId& link) {
  const Target target{.endpoint = Endpoint::box_info, .link = link};
  return ask_json<protocol::BoxInfo>(server, request_to(target), nullptr);
}

Result<void> send_deposit(Server& server, const DepositPlace& place, const SealedDeposit& deposit) {
  const auto status = at_place(Endpoint::deposit_status, {}, place);
  const auto part = at_place(Endpoint::upload_deposit, {}, place);
  for (unsigned left = tries;; --left) {
    const auto sent = upload_parts(server, nullptr, status, part, deposit.view(), {});
    if (sent.has_value() || left == 1 || !line_broke(sent.error())) return sent;
  }
}

}  // namespace coffret::client
