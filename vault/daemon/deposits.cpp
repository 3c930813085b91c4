// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/deposits.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <set>

#include "coffret/time.hpp"
#include "sync/client/deposits.hpp"
#include "vault/daemon/syncer.hpp"

namespace coffret::daemon {
namespace {

using store::DepositLinkView;
using Links = std::map<LinkId, DepositLinkView>;

constexpr std::size_t shortest_deposit_id = 4;  // characters

std::string deposits_folder(const Call& call) {
  return call.service.config().directory + "/deposits";
}

std::string deposit_name(const DepositPlace& place) {
  return place.link.text() + "." + place.deposit.text();
}

std::string deposit_file(const Call& call, const DepositPlace& place) {
  return deposits_folder(call) + "/" + deposit_name(place);
}

// Errors: malformed (another file: one half-written, for instance).
Result<DepositPlace> place_in_name(std::string_view name) {
  const auto dot = name.find('.');
  if (dot == std::string_view::npos) return errc::malformed;
  DepositPlace place;
  COFFRET_TRY(place.link, LinkId::parse(name.substr(0, dot)));
  COFFRET_TRY(place.deposit, DepositId::parse(name.substr(dot + 1)));
  return place;
}

Result<std::vector<DepositPlace>> places_here(const Call& call) {
  std::vector<DepositPlace> places;
  const auto names = call.service.environment().disk.list(deposits_folder(call));
  if (names.has_error())
    return names.error() == errc::not_found ? Result<std::vector<DepositPlace>>{places}
                                            : Result<std::vector<DepositPlace>>{names.error()};
  for (const auto& name : *names)
    if (const auto place = place_in_name(name); place.has_value()) places.push_back(*place);
  std::sort(places.begin(), places.end());
  return places;
}

Result<Links> links_of(Call& call) {
  return call.with([](store::Vault& vault) -> Result<Links> {
    Links links;
    for (auto& link : vault.deposit_links()) links.emplace(link.made.link, link);
    return links;
  });
}

Result<std::optional<store::SettledDeposit>> decided(Call& call, const DepositPlace& place) {
  return call.with([&](store::Vault& vault) -> Result<std::optional<store::SettledDeposit>> {
    return vault.settled(place);
  });
}

Result<crypto::DepositKey> key_of(Call& call, const DepositLinkView& link) {
  return call.with([&](store::Vault& vault) {
    return vault.unwrap<crypto::DepositKey>(link.epoch, crypto::WrapPurpose::deposit,
                                            link.made.link.view(), store::deposit_key_version,
                                            link.made.wrapped_key);
  });
}

Result<ReceivedDeposit> read_held(Call& call, const HeldDeposit& held) {
  COFFRET_TRY(auto bytes,
              call.service.environment().disk.read(deposit_file(call, held.place), max_deposit));
  return ReceivedDeposit{std::move(bytes)};
}

// Whatever is wrong with it, to the person it is one thing: it cannot be read.
errc unreadable(const error_code& error) {
  const errc why = to_errc(error);
  return why == errc::other_version || why == errc::locked || why == errc::io ||
                 why == errc::not_found
             ? why
             : errc::damaged;
}

bool line_is_down(const error_code& error) {
  const errc why = to_errc(error);
  return why == errc::server_unreachable || why == errc::timed_out || why == errc::stopping;
}

class Exchange {
 public:
  Exchange(Call& call, client::Server& server, Links links)
      : call_(call), server_(server), links_(std::move(links)) {}

  Result<void> run() {
    COFFRET_TRY(signer_, device_signer(call_));
    COFFRET_TRY(const auto ends, call_.with([](store::Vault& vault) -> Result<store::LogEnds> {
      return vault.ends();
    }));
    acknowledged_ = ends.server.seq;
    COFFRET_TRY(vault_,
                call_.with([](store::Vault& vault) -> Result<VaultId> { return vault.id(); }));
    const auto listed = client::waiting_deposits(server_, *signer_, vault_);
    if (listed.has_error())  // a server of before, to which the vault moved, knows no deposits
      return listed.error() == errc::not_found ? Result<void>{} : Result<void>{listed.error()};
    const auto& list = *listed;
    for (const auto& link : list.held) COFFRET_CHECK(open_again(link));
    COFFRET_TRY(const auto here, places_here(call_));
    for (const auto& place : here) {
      const auto size = call_.service.environment().disk.size(deposit_file(call_, place));
      taken_[place.link].add(size.has_value() ? *size : 0);
    }
    for (const auto& waiting : list.deposits) {
      const bool known = std::binary_search(here.begin(), here.end(), waiting.place);
      const auto done = take(waiting, known);
      if (done.has_error() && (line_is_down(done.error()) || done.error() == errc::locked ||
                               done.error() == errc::disk_full))
        return done;
    }
    return {};
  }

 private:
  struct Taken {
    std::uint32_t deposits = 0;
    std::uint64_t bytes = 0;  // sealed
    void add(std::uint64_t size) {
      ++deposits;
      bytes += size;
    }
  };

  // The server was put back to a backup: what the log says of a link holds again.
  Result<void> open_again(const LinkId& id) {
    const auto found = links_.find(id);
    if (found == links_.end() || found->second.closed_at) return {};
    const auto& made = found->second.made;
    const auto put = client::put_box(server_, *signer_, vault_, id,
                                     {made.key, made.expires_at, made.deposits, made.bytes});
    return put.has_error() && line_is_down(put.error()) ? put : Result<void>{};
  }

  Result<void> take(const protocol::WaitingDeposit& waiting, bool here) {
    const auto link = links_.find(waiting.place.link);
    if (link == links_.end()) return {};  // nobody asked for it
    COFFRET_TRY(const auto settled, decided(call_, waiting.place));
    // Not before the server holds the entry that says what became of it.
    if (settled)
      return settled->seq <= acknowledged_
                 ? client::drop_deposit(server_, *signer_, vault_, waiting.place)
                 : Result<void>{};
    if (waiting.size > link->second.made.bytes) return {};
    if (here && !worth_asking_again({waiting.place, link->second, waiting.size})) return {};
    // A server that invents deposits fills no disk: what lies here is within what the link may
    // take.
    const auto& made = link->second.made;
    auto& taken = taken_[waiting.place.link];
    if (!here && (taken.deposits >= made.deposits || taken.bytes > made.bytes ||
                  waiting.size > made.bytes - taken.bytes))
      return {};
    COFFRET_TRY(const auto deposit, client::fetch_deposit(server_, *signer_, vault_, waiting));
    auto& disk = call_.service.environment().disk;
    COFFRET_CHECK(disk.make_directory(deposits_folder(call_)));
    COFFRET_CHECK(disk.replace(deposit_file(call_, waiting.place), deposit.bytes));
    if (!here) taken.add(waiting.size);
    return {};
  }

  // What cannot be read may have been spoilt on its way: it is asked for again, once in a run,
  // since it may as well have been sent so. Judged once: what waits is no work for every sync.
  bool worth_asking_again(const HeldDeposit& held) {
    static std::mutex guard;
    static std::set<std::string> judged;  // files, of this process
    const auto file = deposit_file(call_, held.place);
    const std::lock_guard lock{guard};
    if (judged.contains(file)) return false;
    const auto letter = letter_of(call_, held);
    const bool damaged = letter.has_error() && letter.error() == errc::damaged;
    // Whatever else keeps it from being read says nothing of its bytes.
    if (damaged || letter.has_value()) judged.insert(file);
    return damaged;
  }

  Call& call_;
  client::Server& server_;
  const Links links_;
  const Signer* signer_ = nullptr;
  VaultId vault_;
  std::uint64_t acknowledged_ = 0;
  std::map<LinkId, Taken> taken_;
};

// What another device decided about lies here for nothing.
Result<void> remove_decided(Call& call) {
  COFFRET_TRY(const auto here, places_here(call));
  for (const auto& place : here) {
    COFFRET_TRY(const auto settled, decided(call, place));
    if (settled) COFFRET_CHECK(call.service.environment().disk.remove(deposit_file(call, place)));
  }
  return {};
}

}  // namespace

Result<std::vector<HeldDeposit>> held_deposits(Call& call) {
  COFFRET_TRY(const auto links, links_of(call));
  COFFRET_TRY(const auto here, places_here(call));
  std::vector<HeldDeposit> held;
  for (const auto& place : here) {
    const auto link = links.find(place.link);
    if (link == links.end()) continue;
    COFFRET_TRY(const auto settled, decided(call, place));
    if (settled) continue;
    const auto size = call.service.environment().disk.size(deposit_file(call, place));
    if (size.has_error() && size.error() == errc::not_found) continue;
    if (size.has_error()) return size.error();
    held.push_back({place, link->second, *size});
  }
  return held;
}

Result<HeldDeposit> find_deposit(Call& call, const std::string& id) {
  if (id.size() < shortest_deposit_id) return errc::not_found;
  COFFRET_TRY(const auto held, held_deposits(call));
  std::optional<HeldDeposit> found;
  for (const auto& one : held) {
    if (!one.place.deposit.text().starts_with(id)) continue;
    if (found) return errc::not_found;
    found = one;
  }
  if (!found) return errc::not_found;
  return std::move(*found);
}

Result<crypto::Letter> letter_of(Call& call, const HeldDeposit& held) {
  COFFRET_TRY(const auto key, key_of(call, held.link));
  COFFRET_TRY(const auto deposit, read_held(call, held));
  auto letter = crypto::open_letter(key, held.place, deposit.bytes);
  if (letter.has_error()) return unreadable(letter.error());
  return letter;
}

Result<crypto::OpenedDeposit> open_held(Call& call, const HeldDeposit& held) {
  COFFRET_TRY(const auto key, key_of(call, held.link));
  COFFRET_TRY(const auto deposit, read_held(call, held));
  auto opened = crypto::open_deposit(key, held.place, deposit);
  if (opened.has_value()) return opened;
  const errc why = unreadable(opened.error());
  // The letter is good and a file is not: spoilt on its way, perhaps. The next sync fetches it
  // anew.
  if (why == errc::damaged && crypto::open_letter(key, held.place, deposit.bytes).has_value())
    COFFRET_CHECK(call.service.environment().disk.remove(deposit_file(call, held.place)));
  return why;
}

Result<void> exchange_deposits(Call& call, client::Server& server) {
  COFFRET_CHECK(remove_decided(call));
  COFFRET_TRY(auto links, links_of(call));
  const auto now = to_unix(server.server_now());
  const bool any = std::any_of(links.begin(), links.end(), [&](const auto& one) {
    const auto end = std::min(one.second.made.expires_at,
                              one.second.closed_at.value_or(one.second.made.expires_at));
    return now < end + protocol::box_grace;
  });
  return any ? Exchange{call, server, std::move(links)}.run() : Result<void>{};
}

Result<void> settle_doubles(Call& call) {
  return call.with([](store::Vault& vault) -> Result<void> {
    for (const auto& document : vault.accepted_twice()) COFFRET_CHECK(vault.remove(document));
    return {};
  });
}

Result<void> settle(Call& call, const HeldDeposit& held, bool accepted,
                    std::vector<DocumentId> documents) {
  // What an archive brings beyond that is kept; it is only not looked for a second time.
  if (documents.size() > store::max_accepted) documents.resize(store::max_accepted);
  const store::DepositSettled settled{.link = held.place.link,
                                      .deposit = held.place.deposit,
                                      .accepted = accepted,
                                      .documents = std::move(documents),
                                      .at = to_unix(call.service.environment().clock.now())};
  auto operation = store::make_operation(settled);
  operation.ignorable = true;
  COFFRET_CHECK(call.with([&](store::Vault& vault) { return vault.append(operation); }));
  return call.service.environment().disk.remove(deposit_file(call, held.place));
}

}  // namespace coffret::daemon
