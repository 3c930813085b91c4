// SPDX-License-Identifier: EUPL-1.2
//
// receiving.hpp: objects on their way down: fetched packed over several connections, judged and
// opened beside the vault, and kept in it many at a time (this room's own).
//
// An object that the server lost is left out; one that it altered keeps nothing else from arriving,
// but is the fault in the end.
// Errors: those of client::download and store::Vault::store_bodies; stopping, sync_paused.
// Threads: run() from one; lanes of its own until it returns. Ownership: borrows all it is given.
#ifndef COFFRET_VAULT_DAEMON_RECEIVING_HPP
#define COFFRET_VAULT_DAEMON_RECEIVING_HPP

#include <mutex>
#include <vector>

#include "sync/client/packs.hpp"
#include "vault/daemon/line.hpp"

namespace coffret::daemon {

class Receiving {
 public:
  Receiving(Call& call, Line& line, client::Server& server, const Signer& signer,
            const VaultId& vault);

  Result<void> run(std::vector<client::WantedObject> wanted);
  // The first object that was not what it has to be, and what is wrong with it.
  Result<void> fault() const { return fault_; }
  const ObjectId& faulty() const noexcept { return faulty_; }

 private:
  using Group = std::vector<client::WantedObject>;

  void lane(client::Server& server);
  Group next_group(const client::Server& server);
  void put_back(const Group& group, std::size_t from);
  // Returns how many of the group, from the first on, are settled.
  Result<std::size_t> fetch(client::Server& server, const Group& group);
  Result<ReceivedObject> download(client::Server& server, const client::WantedObject& wanted);
  Result<void> fetch_alone(client::Server& server, const client::WantedObject& wanted);
  Result<void> keep(std::vector<client::FetchedObject> fetched);
  void blame(const ObjectId& object, errc error);

  Call& call_;
  Line& line_;
  client::Server& server_;
  const Signer& signer_;
  const VaultId vault_;
  std::mutex large_;                           // held for a large object's time in memory
  std::mutex mutex_;                           // guards what follows
  std::vector<client::WantedObject> waiting_;  // the next one last
  Result<void> outcome_;
  Result<void> fault_;
  ObjectId faulty_;
};

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_RECEIVING_HPP
