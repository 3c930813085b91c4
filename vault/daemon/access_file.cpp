// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/access_file.hpp"

namespace coffret::daemon {

std::string access_file(const client::AccessNews& news, const client::ServerIdentity& server,
                        const VaultId& vault) {
  std::string text = "coffret-access-log 1\nserver " + to_base64url(server.fingerprint.bytes) +
                     "\nkey " + to_base64url(server.key.bytes) + "\nvault " + vault.text() +
                     "\nlines " + std::to_string(news.lines.size()) + "\n";
  for (const auto& line : news.lines) text += to_base64(wire::encode(line)) + "\n";
  return text + "checkpoint\n" + news.checkpoint;
}

}  // namespace coffret::daemon
