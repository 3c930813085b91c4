// SPDX-License-Identifier: EUPL-1.2
//
// export_signature.hpp: who signed the list of an export that comes back.
//
// A list that this vault signed is one that a device of its own log signed, by the very key that
// the log knows. Of another vault the list leads to the root that it names: the words of that key
// are for a person to compare with those that the other vault shows when it exports.
//
// Threads: pure functions.
#ifndef COFFRET_VAULT_DAEMON_EXPORT_SIGNATURE_HPP
#define COFFRET_VAULT_DAEMON_EXPORT_SIGNATURE_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vault/store/views.hpp"

namespace coffret::daemon {

// How long a signature of a list of so many bytes may be: the list in base64url, and a head.
constexpr std::size_t max_export_signature(std::size_t list) noexcept {
  return list / 3 * 4 + 4096;  // bytes
}

enum class ExportSigner : std::uint8_t {
  nobody,          // there is no signature beside the list
  invalid,         // there is one, and not of this list by a key that leads to its root
  this_vault,      // a device that this vault has
  removed_device,  // one that this vault had: whoever has its keys today may have signed
  other_vault,
};
std::string_view name(ExportSigner signer) noexcept;

struct SignedExport {
  ExportSigner signer = ExportSigner::nobody;
  std::string vault;    // its identifier; empty where nothing is proved
  std::string words;    // eight, of the root key
  std::string made_at;  // as the list says
  std::string owner;    // as the list says
};

// The eight words of a vault's root key, as both sides show them.
std::string root_words(const SigningPublicKey& root);

// `list`: manifest.json; `signature`: manifest.jws, empty optional where there is none. `vault` and
// `devices`: of the vault that judges.
SignedExport judge_export(std::string_view list, const std::optional<std::string>& signature,
                          const VaultId& vault, const std::vector<store::DeviceView>& devices);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_EXPORT_SIGNATURE_HPP
