// SPDX-License-Identifier: EUPL-1.2
//
// Devices of the person: told, compared, taken away; and the keys that this one keeps.
#include <boost/json/array.hpp>
#include <memory>
#include <optional>

#include "coffret/time.hpp"
#include "sync/client/account.hpp"
#include "sync/client/log.hpp"
#include "vault/crypto/pairing.hpp"
#include "vault/crypto/recovery.hpp"
#include "vault/daemon/commands.hpp"
#include "vault/daemon/new_passphrase.hpp"
#include "vault/daemon/pairing_desk.hpp"
#include "vault/daemon/recovery_input.hpp"
#include "vault/daemon/signers.hpp"

namespace coffret::daemon {
namespace {

constexpr std::size_t shortest_prefix = 4;   // characters of an identifier
constexpr std::uint64_t max_keyslot = 4096;  // bytes

// The sentence for what was done here and is not yet done there.
void tell_pending(Call& call) {
  call.detail = call.language == Language::french
                    ? "C'est noté ici ; « coffret sync » l'enverra dès que le serveur répondra."
                    : "It is noted here; \"coffret sync\" sends it as soon as the server answers.";
}

Result<store::DeviceView> named_device(Call& call) {
  const std::string wanted = call.text("id");
  return call.with([&](store::Vault& vault) -> Result<store::DeviceView> {
    std::optional<store::DeviceView> found;
    for (const auto& device : vault.devices()) {
      const bool meant =
          (wanted.size() >= shortest_prefix && device.id.text().starts_with(wanted)) ||
          (!device.removed && device.name == wanted);
      if (!meant) continue;
      if (found) return errc::ambiguous_name;
      found = device;
    }
    if (!found) return errc::not_found;
    return std::move(*found);
  });
}

std::size_t words_in(std::string_view spoken) {
  std::size_t count = 0;
  bool in_word = false;
  for (const char c : spoken) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (letter && !in_word) ++count;
    in_word = letter;
  }
  return count;
}

}  // namespace

Result<Object> device_list(Call& call) {
  return call.with([&](store::Vault& vault) -> Result<Object> {
    std::uint64_t count = 0;
    for (const auto& device : vault.devices()) {
      COFFRET_TRY(const auto certificate, protocol::decode_certificate(device.certificate.body));
      Object row{{"id", device.id.text()},
                 {"name", device.name},
                 {"this", device.id == vault.device()},
                 {"since", to_rfc3339(from_unix(certificate.enrolled_at))},
                 {"seq", device.since},
                 {"by", nullptr},
                 {"removed", device.removed.has_value()}};
      if (certificate.issuer == protocol::Issuer::device)
        row["by"] = certificate.issuer_device.text();
      COFFRET_CHECK(call.answer.row(row));
      ++count;
    }
    return Object{{"count", count}, {"epoch", vault.epoch()}};
  });
}

Result<Object> device_remove(Call& call) {
  COFFRET_TRY(const auto device, named_device(call));
  COFFRET_TRY(const auto own,
              call.with([](store::Vault& vault) -> Result<DeviceId> { return vault.device(); }));
  if (device.id == own) return errc::own_device;
  Object result{{"id", device.id.text()}, {"name", device.name}, {"sent", false}};
  COFFRET_TRY(const bool joined, is_joined(call));
  // On top of what the others wrote, where they can be heard; else it is put there later.
  if (joined)
    if (const auto before = sync(call); before.has_error()) call.detail.clear();
  COFFRET_CHECK(call.with([&](store::Vault& vault) { return vault.remove_device(device.id); }));
  const auto sent = send_and_read_back(call);
  if (sent.has_error()) {
    if (to_errc(sent.error()) == errc::server_unreachable) tell_pending(call);
    return sent.error();
  }
  result["sent"] = *sent;
  return result;
}

// The words stand for the whole log up to there, and so for every key in it.
Result<Object> device_compare(Call& call) {
  COFFRET_TRY(const auto at, call.number("at"));
  return call.with([&](store::Vault& vault) -> Result<Object> {
    COFFRET_TRY(const auto status, vault.status());
    const auto newest = vault.server() ? status.server_head.seq : status.head.seq;
    COFFRET_TRY(const auto head, vault.head_at(at == 0 ? newest : at));
    Bytes what = to_bytes(as_bytes("coffret.compare1"));
    append(what, vault.id().view());
    append(what, vault.root_key().view());
    append_le(what, head.seq);
    append(what, head.hash.view());
    const std::string words = crypto::eight_words(what);
    const std::string other = call.text("with");
    if (call.request.arguments.contains("with") && !crypto::are_check_words(other))
      return errc::unknown_word;
    // Fewer would differ, and say nothing of another history.
    if (!other.empty() && words_in(other) != words_in(words)) {
      call.detail = call.language == Language::french ? "Il faut les huit mots de l'autre appareil."
                                                      : "All eight words of the other device are "
                                                        "needed.";
      return errc::usage;
    }
    if (!other.empty() && !same_spoken(words, other)) {
      call.detail = call.language == Language::french
                        ? "Ces mots-ci vont jusqu'à l'entrée " + std::to_string(head.seq) +
                              ". Si l'autre appareil dit un autre numéro, redemandez les mots des "
                              "deux côtés avec --at et le plus petit des deux."
                        : "The words here go up to entry " + std::to_string(head.seq) +
                              ". If the other device tells another number, ask for the words on "
                              "both sides with --at and the smaller one.";
      return errc::words_differ;
    }
    Object result{{"words", words}, {"at", head.seq}, {"same", nullptr}};
    if (!other.empty()) result["same"] = true;
    return result;
  });
}

Result<Object> recovery_compare(Call& call) {
  COFFRET_TRY(const auto input, recovery_input(call));
  const auto root = crypto::make_signer(crypto::root_seed(input.seed))->public_key();
  return call.with([&](store::Vault& vault) -> Result<Object> {
    const bool named = input.facts && !input.facts->vault.is_zero();
    if (root != vault.root_key()) {
      bool known = named && input.facts->vault == vault.id();
      for (const auto& device : vault.devices()) known = known || device.root == root;
      return known ? errc::recovery_replaced : errc::wrong_recovery_key;
    }
    COFFRET_TRY(const auto status, vault.status());
    Object result{{"vault", vault.id().text()},
                  {"owner", status.owner},
                  {"server", nullptr},
                  {"fingerprint", nullptr}};
    if (const auto server = vault.server()) {
      result["server"] = server->url;
      result["fingerprint"] = to_base64url(server->fingerprint.view());
    }
    return result;
  });
}

Result<Object> recovery_renew(Call& call) {
  COFFRET_TRY(const bool joined, is_joined(call));
  // Nothing is changed before the server answers: there is always one sheet that opens.
  if (joined) COFFRET_CHECK(sync(call));
  auto& environment = call.service.environment();
  const auto seed = crypto::make_key<crypto::RecoverySeed>(environment.random);
  const auto date = to_rfc3339(environment.clock.now());
  COFFRET_TRY(
      const auto facts, call.with([&](store::Vault& vault) -> Result<crypto::RecoveryFacts> {
        COFFRET_TRY(const auto status, vault.status());
        const auto server = vault.server();
        const auto& head = server ? status.server_head : status.head;
        return crypto::RecoveryFacts{
            .vault = vault.id(),
            .server_url = server ? server->url : std::string{},
            .server_fingerprint = server ? std::optional{server->fingerprint} : std::nullopt,
            .seq = head.seq,
            .head = head.hash,
            .date = date};
      }));
  // Shown first: whatever stops what follows, the sheet before is good until the new one is.
  COFFRET_CHECK(call.answer.secret(crypto::recovery_file(seed, facts)));
  COFFRET_CHECK(call.with([&](store::Vault& vault) { return vault.replace_recovery(seed); }));
  const auto sent = send_and_read_back(call);
  if (sent.has_error()) {
    call.detail =
        call.language == Language::french
            ? "Gardez les deux fiches : la nouvelle vaudra, et l'ancienne ne vaudra plus, "
              "quand « coffret sync » aura réussi."
            : "Keep both sheets: the new one is good, and the old one no more, once "
              "\"coffret sync\" has succeeded.";
    return sent.error();
  }
  Object result{{"vault", facts.vault.text()},
                {"recovery_key_check", crypto::check_words(seed)},
                {"date", date},
                {"seq", facts.seq},
                {"head", facts.head.text()},
                {"server", nullptr}};
  if (!facts.server_url.empty()) result["server"] = facts.server_url;
  return result;
}

namespace {

// The certificate of the new self goes to the server signed by the old one, whose keys the session
// no longer holds: the keyslot gives them once more.
Result<store::Vault::Enrol> enrolment(Call& call, const SecretText& passphrase) {
  const auto& config = call.service.config();
  COFFRET_TRY(const bool joined, is_joined(call));
  COFFRET_TRY(const auto file,
              call.service.environment().disk.read(config.directory + "/keyslot", max_keyslot));
  COFFRET_TRY(const auto slot, crypto::open_keyslot(file, passphrase, config.cost));
  if (!joined)
    return store::Vault::Enrol{[](const protocol::SignedCertificate&) { return Result<void>{}; }};
  COFFRET_TRY(auto server, pinned_server(call));
  auto signer = std::shared_ptr<const Signer>{crypto::make_signer(slot.secrets.signing_seed)};
  auto shared = std::make_shared<client::Server>(std::move(server));
  return store::Vault::Enrol{
      [shared, signer, vault = slot.owner.vault](const protocol::SignedCertificate& certificate) {
        return client::enrol_device(*shared, *signer, vault, certificate);
      }};
}

Result<Object> rekey(Call& call, const SecretText& current, const SecretText& fresh) {
  auto& session = call.service.session();
  const auto& config = call.service.config();
  const std::lock_guard one_at_a_time{call.service.opening()};
  COFFRET_TRY(const auto enrol, enrolment(call, current));
  COFFRET_TRY(const bool joined, is_joined(call));
  if (joined) COFFRET_CHECK(sync(call));
  COFFRET_TRY(const auto name, call.with([](store::Vault& vault) -> Result<std::string> {
    const auto ours = vault.device(vault.device());
    return ours ? ours->name : std::string{};
  }));
  session.lock();
  const store::VaultConfig place{
      .directory = config.directory, .owner = {}, .device_name = name, .cost = config.cost};
  auto renewed = store::Vault::rekey(place, current, fresh, call.service.environment(), enrol);
  if (renewed.has_error()) {
    // What was there is there still; only a rename could have changed that, and then the new
    // passphrase opens it.
    auto again =
        store::Vault::open(config.directory, current, config.cost, call.service.environment());
    if (again.has_value()) session.adopt(std::move(*again));
    return renewed.error();
  }
  session.adopt(std::move(*renewed));
  const auto sent = send_and_read_back(call);
  if (sent.has_error()) {
    tell_pending(call);
    return sent.error();
  }
  return Object{{"compromised", true}, {"sent", *sent}};
}

}  // namespace

Result<Object> passphrase_change(Call& call) {
  const auto* current = call.secret("passphrase");
  const auto* fresh = call.secret("new_passphrase");
  if (current == nullptr) return errc::usage;
  COFFRET_CHECK(judge_new_passphrase(call, fresh));
  if (call.service.session().locked()) return errc::locked;
  if (call.flag("compromised")) return rekey(call, *current, *fresh);
  COFFRET_CHECK(call.with([&](store::Vault& vault) {
    return vault.change_passphrase(*current, *fresh, call.service.config().cost);
  }));
  return Object{{"compromised", false}, {"sent", false}};
}

}  // namespace coffret::daemon
