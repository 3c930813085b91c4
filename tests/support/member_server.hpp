// SPDX-License-Identifier: EUPL-1.2
//
// member_server.hpp: what a vault sees of its server, in memory and without a network: it keeps
// whatever it is given, in order, and does what the test tells it to.
//
// Signatures are not judged here: that is the real server's, and tested there.
// Ownership: transports borrow the MemberServer.
#ifndef COFFRET_TESTS_SUPPORT_MEMBER_SERVER_HPP
#define COFFRET_TESTS_SUPPORT_MEMBER_SERVER_HPP

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "sync/client/server.hpp"
#include "sync/protocol/access_log.hpp"
#include "sync/protocol/card.hpp"
#include "sync/protocol/changes.hpp"
#include "sync/protocol/deposit.hpp"
#include "sync/protocol/entry.hpp"
#include "sync/protocol/epoch_note.hpp"
#include "sync/protocol/header_values.hpp"
#include "sync/protocol/merkle.hpp"
#include "sync/protocol/messages.hpp"
#include "sync/protocol/pack.hpp"
#include "sync/protocol/paths.hpp"
#include "sync/protocol/policy.hpp"
#include "sync/protocol/signature.hpp"
#include "sync/protocol/status.hpp"
#include "sync/protocol/version.hpp"
#include "tests/support/keys.hpp"
#include "tests/support/test_signer.hpp"

namespace coffret::test {

class MemberServer {
 public:
  using Endpoint = protocol::Endpoint;

  bool reachable = true;
  // Asked before each request: an error here is the answer.
  std::function<errc(const protocol::Target&)> refuse;
  // Asked before each request: true, and the line is gone under it.
  std::function<bool(std::string_view target)> lose;
  std::size_t page_size = 1000;      // entries
  std::uint64_t quota = 1u << 30;    // bytes
  std::uint64_t version = 3;         // of the protocol; 1: a server of before packs
  std::function<void()> on_wait;     // called while a request waits for the log to grow
  std::uint64_t claimed = 0;         // entries that it says it has, when more than it has
  std::optional<std::int64_t> time;  // what its clock says with every answer

  std::vector<Endpoint> asked;  // the card's left out
  std::vector<protocol::SignedEntry> log;
  std::map<ObjectId, Bytes> objects;
  std::map<LinkId, Bytes> policies;
  protocol::GrantStatus counted{GrantState::live, 0, 0};  // what it tells of every grant
  std::set<LinkId> revoked;
  std::map<LinkId, protocol::BoxTerms> boxes;  // that are open
  std::map<DepositPlace, Bytes> deposits;      // that are whole
  std::vector<protocol::AccessLine> lines;
  // Every entry that was ever sent, taken or not, by its signer and number.
  std::map<std::pair<DeviceId, std::uint64_t>, std::set<EntryHash>> signed_entries;
  VaultId vault;
  std::optional<protocol::AccountRequest> opened;
  unsigned enrolled = 0;
  // What the association says of a backup it put the server back to, and what it then hears.
  std::optional<protocol::EpochNote> note;
  bool forged_note = false;  // signed by somebody else
  std::map<LinkId, protocol::Confirmation> confirmed;
  protocol::OperatorCard card = first_card();
  const std::string url = "https://coffret.example";
  TestSigner identity{std::uint8_t{77}};

  // A rendezvous of two devices; `relay` may change what is left there.
  std::map<protocol::PairingStep, Bytes> pairing;
  std::function<void(protocol::PairingStep, Bytes&)> relay;
  std::set<DeviceId> removed;            // whom appends took out
  std::vector<DeviceId> added;           // whom they brought in
  std::optional<SigningPublicKey> root;  // that an append brought
  std::vector<DeviceId> planted;         // whom it has beside the log
  std::vector<DeviceId> withdrawn;       // whom it was told to accept no more

  Fingerprint fingerprint() const { return protocol::fingerprint(identity.public_key()); }
  std::string invite() const { return protocol::format_invite({url, fingerprint(), {}}); }
  client::Connect connect() {
    return [this](const http::ClientConfig& config) -> Result<std::unique_ptr<http::Transport>> {
      return std::unique_ptr<http::Transport>{std::make_unique<Connection>(*this, config)};
    };
  }
  std::uint64_t used() const {  // bytes of objects
    std::uint64_t bytes = 0;
    for (const auto& [id, object] : objects) bytes += object.size();
    return bytes;
  }
  protocol::Head head() const {
    if (log.empty()) return {};
    return {.seq = log.size(), .hash = protocol::entry_hash(log.back().body)};
  }
  // Puts it back to a backup that held the first `entries` of the log, and the objects they put.
  void restore(std::size_t entries) {
    log.resize(entries);
    std::set<ObjectId> kept;
    for (const auto& one : log)
      if (const auto entry = protocol::decode_entry(one.body); entry.has_value())
        kept.insert(entry->puts.begin(), entry->puts.end());
    std::erase_if(objects, [&](const auto& object) { return !kept.contains(object.first); });
    let_in_.clear();  // whoever it was comes again with the entry that says so
    const std::uint64_t epoch = note ? note->epoch + 1 : 1;
    note = protocol::EpochNote{};
    note->server = fingerprint();
    note->vault = vault;
    note->epoch = epoch;
    note->backup_at = 1'800'000'000;
    note->restored_at = 1'800'000'100;
    note->head = head();
  }
  // Where `endpoint` was asked first and last; asked.size() when it was not.
  std::size_t first(Endpoint endpoint) const {
    return static_cast<std::size_t>(std::find(asked.begin(), asked.end(), endpoint) -
                                    asked.begin());
  }
  bool was_asked(Endpoint endpoint) const { return first(endpoint) != asked.size(); }

 private:
  // A sync comes over several connections; `refuse` may make another, and come back on its own
  // thread. Guards all but what only tests set. A copy of a server has a lock of its own. No mutex:
  // in a hook one device waits for the server and the server for the next device's, an order of
  // locks that could stop two threads, which hooks are not.
  class Lock {
   public:
    Lock() = default;
    Lock(const Lock&) {}
    Lock& operator=(const Lock&) { return *this; }
    void lock() {
      const auto self = std::this_thread::get_id();
      for (std::thread::id nobody; owner_ != self && !owner_.compare_exchange_weak(nobody, self);
           nobody = {})
        std::this_thread::yield();
      ++depth_;
    }
    void unlock() {
      if (--depth_ == 0) owner_ = std::thread::id{};
    }

   private:
    std::atomic<std::thread::id> owner_{};
    unsigned depth_ = 0;
  };
  Lock mutex_;
  std::vector<DeviceId> let_in_;  // by another device's word, for good

  static protocol::OperatorCard first_card() {
    protocol::OperatorCard card;
    card.name = "Association Exemple";
    card.country = "FR";
    card.law = "droit français";
    card.host = "Paris";
    card.contact = "contact@coffret.example";
    card.spki = {counting_id<Sha256>(9)};
    card.issued_at = 1'800'000'000;
    return card;
  }

  class Connection final : public http::Transport {
   public:
    Connection(MemberServer& server, http::ClientConfig config)
        : server_(server), config_(std::move(config)) {}
    Result<http::Response> exchange(const http::Request& request) override {
      const std::lock_guard one_at_a_time{server_.mutex_};
      if (!server_.reachable || config_.url != server_.url) return errc::server_unreachable;
      const auto& pins = config_.spki;
      if (!config_.first_contact && std::find(pins.begin(), pins.end(), peer_spki()) == pins.end())
        return errc::unpinned;
      if (server_.lose && server_.lose(request.target)) return errc::server_unreachable;
      auto answer = server_.answer(request);
      if (answer.has_value() && server_.version >= 2)
        answer->fields.set(protocol::version_field, "1-" + std::to_string(server_.version));
      if (answer.has_value() && server_.time)
        answer->fields.set("Coffret-Time", std::to_string(*server_.time));
      if (answer.has_value()) return answer;
      const errc error = to_errc(answer.error());
      auto refusal = said(protocol::http_status(error), protocol::error_body(error));
      if (server_.version >= 2)
        refusal.fields.set(protocol::version_field, "1-" + std::to_string(server_.version));
      return refusal;
    }
    Sha256 peer_spki() const override { return server_.card.spki.front(); }

   private:
    MemberServer& server_;
    http::ClientConfig config_;
  };

  static http::Response said(unsigned status, Bytes body = {}) {
    http::Response response;
    response.status = status;
    response.body = std::move(body);
    return response;
  }
  static http::Response said(unsigned status, const std::string& body) {
    return said(status, to_bytes(as_bytes(body)));
  }

  Result<http::Response> answer(const http::Request& request) {
    COFFRET_TRY(const auto target, protocol::parse_target(request.method, request.target));
    if (target.endpoint == Endpoint::card) return said(200, protocol::sign_card(card, identity));
    asked.push_back(target.endpoint);
    if (refuse)
      if (const errc refused = refuse(target); refused != errc::ok) return refused;
    switch (target.endpoint) {
      case Endpoint::open_account:
      case Endpoint::vault_by_root:
      case Endpoint::vault_status:
      case Endpoint::enrol_device:
        return about_account(target.endpoint, request.body);
      case Endpoint::remove_device:
        withdrawn.push_back(target.device);
        std::erase(planted, target.device);
        return said(204);
      case Endpoint::read_log: {
        auto read = said(200, wire::encode(page(target.after, target.limit)));
        if (note) read.fields.set("Coffret-Epoch", std::to_string(note->epoch));
        return read;
      }
      case Endpoint::epoch_note: {
        if (!note) return errc::not_found;
        const TestSigner other{std::uint8_t{78}};
        return said(200,
                    wire::encode(protocol::sign_epoch_note(*note, forged_note ? other : identity)));
      }
      case Endpoint::confirm_grant: {
        COFFRET_TRY(const auto word, protocol::decode_confirmation(request.body));
        if (!policies.contains(target.link)) return errc::not_found;
        confirmed[target.link] = word;
        return said(200, wire::encode(protocol::Applied{
                             identity.sign(SignatureLabel::applied, policies[target.link])}));
      }
      case Endpoint::append_log:
        return append(request.body);
      case Endpoint::wait_log:
        if (on_wait) on_wait();
        return said(200, protocol::to_json(protocol::HeadAnswer{head()}));
      case Endpoint::append_changes:
        return append_changes(request.body);
      case Endpoint::open_pairing:
        pairing.clear();
        return said(201);
      case Endpoint::put_pairing:
        return put_pairing(target.step, request.body);
      case Endpoint::get_pairing:
        if (!pairing.contains(target.step)) return errc::not_found;
        return said(200, pairing[target.step]);
      case Endpoint::publish_grant:
      case Endpoint::grant_status:
      case Endpoint::revoke_grant:
        return about_grant(target, request.body);
      case Endpoint::access_log:
        return said(200, wire::encode(access_page(target.vault)));
      default:
        return about_bytes(target, request);
    }
  }

  Result<http::Response> about_account(Endpoint endpoint, ByteView body) {
    if (endpoint == Endpoint::open_account) {
      COFFRET_TRY(const auto ask, protocol::from_json<protocol::AccountRequest>(body));
      COFFRET_TRY(const auto first,
                  wire::decode<protocol::DeviceCertificate>(ask.certificate.body));
      vault = first.vault;
      opened = ask;
      return said(201, protocol::to_json(
                           protocol::AccountAnswer{protocol::account_id(ask.root_key), 1u << 30}));
    }
    if (endpoint == Endpoint::vault_by_root)
      return said(200, protocol::to_json(protocol::VaultAnswer{vault}));
    if (endpoint == Endpoint::vault_status)
      return said(200,
                  protocol::to_json(protocol::VaultStatus{head(), quota, used(), 0, roster()}));
    ++enrolled;
    return said(201);
  }

  std::vector<DeviceId> roster() const {
    auto all = planted;
    for (const auto& id : let_in_)
      if (!removed.contains(id)) all.push_back(id);
    return all;
  }

  protocol::EntryPage page(std::uint64_t after, std::size_t limit) const {
    protocol::EntryPage page{head(), {}};
    page.head.seq = std::max(page.head.seq, claimed);
    const std::size_t end = std::min<std::size_t>(log.size(), after + std::min(limit, page_size));
    for (std::size_t i = after; i < end; ++i) page.entries.push_back(log[i]);
    return page;
  }

  Result<http::Response> append(ByteView body) {
    COFFRET_TRY(const auto asks, protocol::decode_append(body));
    for (const auto& one : asks.entries) {
      COFFRET_TRY(const auto entry, protocol::decode_entry(one.body));
      signed_entries[{entry.device, entry.seq}].insert(protocol::entry_hash(one.body));
    }
    if (asks.expected != head().hash) return errc::conflict;
    for (const auto& signed_entry : asks.entries) {
      COFFRET_TRY(const auto entry, protocol::decode_entry(signed_entry.body));
      for (const auto& put : entry.puts)
        if (!objects.contains(put)) return errc::incomplete_upload;
    }
    log.insert(log.end(), asks.entries.begin(), asks.entries.end());
    return said(200, protocol::to_json(protocol::HeadAnswer{head()}));
  }

  Result<http::Response> append_changes(ByteView body) {
    COFFRET_TRY(const auto asks, protocol::decode_changes(body));
    auto answer = append(wire::encode(asks.append));
    if (answer.has_error()) return answer;
    for (const auto& certificate : asks.added) {
      const auto stated = protocol::decode_certificate(certificate.body);
      added.push_back(stated->device);
      if (stated->issuer == protocol::Issuer::device) let_in_.push_back(stated->device);
    }
    removed.insert(asks.removed.begin(), asks.removed.end());
    if (asks.root) root = asks.root->root;
    return answer;
  }

  Result<http::Response> put_pairing(protocol::PairingStep step, Bytes message) {
    if (pairing.contains(step)) return errc::conflict;
    if (relay) relay(step, message);
    pairing[step] = std::move(message);
    return said(204);
  }

  Result<http::Response> about_grant(const protocol::Target& target, ByteView body) {
    if (target.endpoint == Endpoint::publish_grant) {
      COFFRET_TRY(const auto publication, protocol::decode_publication(body));
      policies[target.link] = publication.policy.body;
      return said(200, wire::encode(protocol::Applied{
                           identity.sign(SignatureLabel::applied, publication.policy.body)}));
    }
    if (target.endpoint == Endpoint::grant_status) {
      if (!policies.contains(target.link)) return errc::not_found;
      return said(200, protocol::to_json(counted));
    }
    revoked.insert(target.link);
    return said(200, wire::encode(protocol::sign_acknowledgement(
                         target.link, from_unix(1'800'000'000), identity)));
  }

  // All lines on one page, and the checkpoint that covers them.
  protocol::AccessPage access_page(const VaultId& of) {
    protocol::AccessPage page;
    protocol::CompactRange range;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      lines[i].index = i;
      page.lines.push_back(wire::encode(lines[i]));
      range.append(protocol::leaf_hash(page.lines.back()));
    }
    page.size = range.size;
    page.checkpoint = protocol::sign_checkpoint(
        {protocol::checkpoint_origin(fingerprint(), of), range.size, range.root()}, identity);
    return page;
  }

  Result<http::Response> about_bytes(const protocol::Target& target, const http::Request& request) {
    switch (target.endpoint) {
      case Endpoint::missing_objects: {
        COFFRET_TRY(const auto ask, protocol::from_json<protocol::ObjectsRequest>(request.body));
        protocol::MissingAnswer lacking;
        for (const auto& id : ask.objects)
          if (!objects.contains(id)) lacking.missing.push_back(id);
        return said(200, protocol::to_json(lacking));
      }
      case Endpoint::pack_objects: {
        COFFRET_TRY(const auto packed, protocol::read_pack(request.body, protocol::PackKind::up));
        protocol::MissingAnswer left;
        for (const auto& one : packed) {
          if (used() + one.bytes.size() > quota)
            left.missing.push_back(one.object);
          else
            objects[one.object] = to_bytes(one.bytes);
        }
        return said(200, protocol::to_json(left));
      }
      case Endpoint::fetch_objects: {
        COFFRET_TRY(const auto ask, protocol::from_json<protocol::ObjectsRequest>(request.body));
        return said(200, pack_of(ask.objects));
      }
      case Endpoint::object_status:
      case Endpoint::parcel_status:
        return errc::not_found;
      case Endpoint::upload_object:
      case Endpoint::upload_parcel:
        return upload(target, request);
      case Endpoint::fetch_object: {
        const auto found = objects.find(target.object);
        if (found == objects.end()) return errc::not_found;
        return said(200, found->second);
      }
      default:
        return about_boxes(target, request);
    }
  }

  Result<http::Response> about_boxes(const protocol::Target& target, const http::Request& request) {
    const DepositPlace place{target.link, target.deposit};
    switch (target.endpoint) {
      case Endpoint::put_box: {
        COFFRET_TRY(const auto terms, protocol::from_json<protocol::BoxTerms>(request.body));
        boxes[target.link] = terms;
        return said(204);
      }
      case Endpoint::close_box:
        boxes.erase(target.link);
        return said(204);
      case Endpoint::list_deposits: {
        protocol::DepositList list;
        for (const auto& [at, bytes] : deposits) list.deposits.push_back({at, bytes.size()});
        return said(200, protocol::to_json(list));
      }
      case Endpoint::fetch_deposit:
        if (!deposits.contains(place)) return errc::not_found;
        return said(200, deposits[place]);
      case Endpoint::drop_deposit:
        deposits.erase(place);
        return said(204);
      default:
        return errc::not_found;
    }
  }

  Bytes pack_of(const std::vector<ObjectId>& asked_for) const {
    std::vector<protocol::PackItem> items;
    Bytes bytes;
    for (const auto& id : asked_for) {
      const auto found = objects.find(id);
      const auto size = found == objects.end() ? 0 : found->second.size();
      if (found != objects.end()) coffret::append(bytes, found->second);
      items.push_back({id, static_cast<std::uint32_t>(size)});
    }
    Bytes pack = protocol::pack_head(items);
    coffret::append(pack, bytes);
    return pack;
  }

  Result<http::Response> upload(const protocol::Target& target, const http::Request& request) {
    const auto* told = request.fields.find("Upload-Offset");
    COFFRET_TRY(const auto offset, protocol::parse_decimal(told == nullptr ? "0" : *told));
    if (target.endpoint == Endpoint::upload_object) {
      if (offset == 0 && used() + request.body.size() > quota) return errc::over_quota;
      auto& object = objects[target.object];
      if (offset > object.size()) return errc::conflict;
      object.resize(static_cast<std::size_t>(offset));
      coffret::append(object, request.body);
    }
    auto response = said(204);
    response.fields.set("Upload-Offset", std::to_string(offset + request.body.size()));
    return response;
  }
};

}  // namespace coffret::test

#endif  // COFFRET_TESTS_SUPPORT_MEMBER_SERVER_HPP
