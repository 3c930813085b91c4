// SPDX-License-Identifier: EUPL-1.2
//
// `device invite`, `device confirm` and `device join`: the conversation of pairing.hpp over the
// server's rendezvous.
#include <boost/json/array.hpp>
#include <chrono>
#include <thread>

#include "coffret/time.hpp"
#include "sync/client/log.hpp"
#include "sync/client/pairing.hpp"
#include "vault/daemon/commands.hpp"
#include "vault/daemon/history_reading.hpp"
#include "vault/daemon/last_sync.hpp"
#include "vault/daemon/new_passphrase.hpp"
#include "vault/daemon/pairing.hpp"
#include "vault/daemon/server_log.hpp"
#include "vault/daemon/signers.hpp"
#include "vault/grants/grants.hpp"

namespace coffret::daemon {
namespace {

using namespace std::chrono_literals;
using protocol::PairingStep;
using SteadyTime = std::chrono::steady_clock::time_point;

constexpr auto pause = 200ms;                            // between two looks
constexpr auto patience = protocol::pairing_time + 10s;  // the server's time ends it first
constexpr unsigned patient_tries = 3;                    // of the last message, after the first

// Another message than ours is there already: the code has served.
Result<void> post(client::Server& server, Conversation& talk, PairingStep step, ByteView record) {
  const auto sent = client::put_pairing(server, talk.id(), step, talk.say(step, record));
  if (sent.has_error() && sent.error() == errc::conflict) return errc::pairing_expired;
  return sent;
}

// Waits for the other side. The listener is asked now and then whether it is still there.
Result<Bytes> await(Call& call, client::Server& server, Conversation& talk, PairingStep step,
                    const std::function<bool()>& stop) {
  const SteadyTime deadline = std::chrono::steady_clock::now() + patience;
  for (unsigned looks = 0; std::chrono::steady_clock::now() < deadline; ++looks) {
    if (stop()) return errc::stopping;
    if (looks % 10 == 9) COFFRET_CHECK(call.answer.progress(Object{{"waiting", true}}));
    COFFRET_TRY(const auto message, client::get_pairing(server, talk.id(), step));
    if (message) return talk.hear(step, *message);
    std::this_thread::sleep_for(pause);
  }
  return errc::pairing_expired;
}

// The answer of whoever looks at both screens.
Result<bool> await_answer(Call& call, const std::function<bool()>& stop) {
  const SteadyTime deadline = std::chrono::steady_clock::now() + patience;
  for (unsigned looks = 0; std::chrono::steady_clock::now() < deadline; ++looks) {
    if (stop()) return errc::stopping;
    if (looks % 10 == 9) COFFRET_CHECK(call.answer.progress(Object{{"waiting", true}}));
    if (const auto same = call.service.pairing().answer(pause)) return *same;
  }
  return errc::pairing_expired;
}

Result<PairingState> state_of(Call& call, const client::Server& server) {
  return call.with([&](store::Vault& vault) -> Result<PairingState> {
    COFFRET_TRY(const auto status, vault.status());
    const auto ours = vault.device(vault.device());
    if (!ours) return errc::damaged;
    return PairingState{.vault = vault.id(),
                        .root = vault.root_key(),
                        .device = ours->id,
                        .signing_key = ours->signing_key,
                        .agreement_key = ours->agreement_key,
                        .server = server.identity().fingerprint,
                        .head = status.server_head};
  });
}

// Said last, and to nobody else if it is not heard: a lost answer is no reason to take it back.
Result<void> post_result(client::Server& server, Conversation& talk, const PairingResult& result) {
  const auto message = talk.say(PairingStep::result, wire::encode(result));
  auto sent = client::put_pairing(server, talk.id(), PairingStep::result, message);
  for (unsigned again = 0; again < patient_tries && sent.has_error() &&
                           (sent.error() == errc::server_unreachable ||
                            sent.error() == errc::timed_out || sent.error() == errc::server_error);
       ++again) {
    std::this_thread::sleep_for(pause);
    sent = client::put_pairing(server, talk.id(), PairingStep::result, message);
  }
  if (sent.has_error() && sent.error() == errc::conflict) return errc::pairing_expired;
  return sent;
}

// A device that was written into the log and never hears of it would be one that nobody holds: it
// goes again, at once, or with the next sync where the server cannot be reached.
void take_out(Call& call, const DeviceId& device) {
  const auto removed = call.with([&](store::Vault& vault) -> Result<void> {
    const auto known = vault.device(device);
    return known && !known->removed ? vault.remove_device(device) : Result<void>{};
  });
  if (removed.has_value()) (void)send_and_read_back(call);
}

// Enrolled in the log and at the server; then what the new device is told.
Result<PairingResult> let_in(Call& call, const PairingHello& hello) {
  COFFRET_CHECK(call.with([&](store::Vault& vault) {
    return vault.add_device(
        {vault.certify(hello.device, hello.signing_key, hello.agreement_key), hello.name});
  }));
  COFFRET_TRY([[maybe_unused]] const bool sent, send_and_read_back(call));
  return call.with([&](store::Vault& vault) -> Result<PairingResult> {
    COFFRET_TRY(const auto status, vault.status());
    COFFRET_TRY(auto envelope, vault.seal_epoch_to(hello.agreement_key));
    return PairingResult{.admitted = true,
                         .head = status.server_head,
                         .epoch = vault.epoch(),
                         .envelope = std::move(envelope)};
  });
}

Object words_row(const Conversation& talk, std::string_view name) {
  return {{"words", talk.words()}, {"device", boost::json::string_view{name.data(), name.size()}}};
}

Result<void> show_code(Call& call, const SecretText& code) {
  COFFRET_CHECK(call.answer.secret(code));
  if (const auto format = call.text("qr"); !format.empty()) {
    COFFRET_TRY(const auto picture, grants::qr_picture(code, format == "svg"));
    COFFRET_CHECK(call.answer.bytes(picture));
  }
  return {};
}

}  // namespace

Result<Object> device_invite(Call& call) {
  COFFRET_TRY(const auto turn, call.service.pairing().take_turn());
  COFFRET_TRY([[maybe_unused]] const auto synced, sync(call));
  COFFRET_TRY(const auto hold, call.service.session().hold());
  COFFRET_TRY(auto server, pinned_server(call));
  COFFRET_TRY(const auto* signer, device_signer(call));
  COFFRET_TRY(const auto state, state_of(call, server));
  auto secret = crypto::make_key<crypto::PairingSecret>(call.service.environment().random);
  const crypto::PairingCode code{server.identity().url, server.identity().fingerprint,
                                 crypto::duplicate(secret)};
  Conversation talk{std::move(secret)};
  COFFRET_CHECK(client::open_pairing(server, *signer, state.vault, talk.id()));
  COFFRET_CHECK(show_code(call, crypto::pairing_code(code)));

  const auto stop = [&] { return hold.asked_to_stop(); };
  const auto heard = await(call, server, talk, PairingStep::hello, stop);
  const auto introduced =
      heard.has_value() ? decode_hello(*heard) : Result<PairingHello>{heard.error()};
  if (introduced.has_error()) {
    // Whoever waits on the other side learns at once that nothing comes of it.
    (void)post(server, talk, PairingStep::state, {});
    return introduced.error();
  }
  const auto& hello = *introduced;
  COFFRET_CHECK(post(server, talk, PairingStep::state, wire::encode(state)));
  call.service.pairing().ask(talk.words());
  COFFRET_CHECK(call.answer.row(words_row(talk, hello.name)));
  const auto same = await_answer(call, stop);
  auto result = same.has_value() && *same ? let_in(call, hello)
                                          : Result<PairingResult>{errc::pairing_refused};
  if (result.has_error()) {
    (void)post(server, talk, PairingStep::result, wire::encode(PairingResult{}));
    if (same.has_value() && *same) take_out(call, hello.device);
    return same.has_error() ? same.error() : result.error();
  }
  if (const auto told = post_result(server, talk, *result); told.has_error()) {
    take_out(call, hello.device);
    return told.error();
  }
  return Object{{"id", hello.device.text()}, {"name", hello.name}};
}

Result<Object> device_confirm(Call& call) {
  auto& desk = call.service.pairing();
  // A slip is not yet an answer: it can be given once.
  if (call.request.arguments.contains("words") && !crypto::are_check_words(call.text("words")))
    return errc::unknown_word;
  if (call.flag("no"))
    COFFRET_CHECK(desk.say_other());
  else
    COFFRET_CHECK(desk.say_same(call.text("words")));
  return Object{{"same", !call.flag("no")}};
}

Result<Object> device_join(Call& call) {
  const auto* typed = call.secret("code");
  const auto* passphrase = call.secret("passphrase");
  if (typed == nullptr) return errc::usage;
  COFFRET_CHECK(judge_new_passphrase(call, passphrase));
  const std::lock_guard opening{call.service.opening()};
  if (!call.service.session().locked()) return errc::already_initialised;
  COFFRET_TRY(const auto name, device_name(call));
  const auto& config = call.service.config();
  auto& environment = call.service.environment();
  COFFRET_TRY(auto code, crypto::parse_pairing_code(*typed));
  client::ServerIdentity identity;
  identity.url = code.url;
  identity.fingerprint = code.server;
  client::Server server{call.service.network(), identity};
  COFFRET_TRY([[maybe_unused]] const auto card, server.contact());

  auto secrets = crypto::make_local_secrets(environment.random);
  crypto::KeyslotOwner owner{{}, environment.random.make<DeviceId>()};
  const PairingHello hello{.device = owner.device,
                           .signing_key = crypto::public_key(secrets.signing_seed),
                           .agreement_key = crypto::public_key(secrets.agreement_key),
                           .name = name};
  Conversation talk{std::move(code.secret)};
  COFFRET_CHECK(post(server, talk, PairingStep::hello, wire::encode(hello)));
  const auto stop = [&] { return call.service.stop_asked(); };
  COFFRET_TRY(const auto heard, await(call, server, talk, PairingStep::state, stop));
  COFFRET_TRY(const auto state, decode_state(heard));
  if (state.server != code.server) return errc::unpinned;
  COFFRET_CHECK(call.answer.row(words_row(talk, name)));
  COFFRET_TRY(const auto answered, await(call, server, talk, PairingStep::result, stop));
  COFFRET_TRY(const auto result, decode_result(answered));

  owner.vault = state.vault;
  secrets.epoch = result.epoch;
  COFFRET_TRY(secrets.vault_key,
              crypto::Sealer::open_envelope(secrets.agreement_key, {state.vault, result.epoch},
                                            result.envelope));
  const auto signer = crypto::make_signer(secrets.signing_seed);
  COFFRET_TRY(const auto start,
              start_of_log(call, server, *signer, {state.vault, secrets}, result.head));
  const store::VaultConfig place{
      .directory = config.directory, .owner = {}, .device_name = name, .cost = config.cost};
  COFFRET_TRY(auto vault, store::Vault::join(place, owner, secrets, {state.root, result.head},
                                             start, *passphrase, environment));
  call.service.session().adopt(std::move(vault));
  const std::lock_guard one_at_a_time{call.service.syncing()};
  COFFRET_TRY(auto hold, call.service.session().hold());
  COFFRET_CHECK(exchange_all(call, hold, server));
  COFFRET_TRY(const auto status, call.with([](store::Vault& one) { return one.status(); }));
  COFFRET_TRY(auto history,
              call.with([](store::Vault& one) -> Result<Object> { return told_history(one); }));
  return Object{{"vault", status.vault.text()},
                {"device", status.device.text()},
                {"documents", status.documents},
                {"missing", status.missing},
                {"history", std::move(history)}};
}

}  // namespace coffret::daemon
