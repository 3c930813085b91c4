// SPDX-License-Identifier: EUPL-1.2
//
// sending.hpp: sealed objects on their way up: read in short touches of the vault, sealed and sent
// beside it, packed, over several connections (this room's own).
//
// Flow: add() the objects of some entries → finish() them before the entries are appended; more may
// be added meanwhile, so that the lanes never wait for an append.
// Errors: those of client::upload and store::Vault::unsealed; stopping, sync_paused.
// Threads: add and finish from one; lanes of its own, which the destructor ends and joins.
// Ownership: borrows all it is given.
#ifndef COFFRET_VAULT_DAEMON_SENDING_HPP
#define COFFRET_VAULT_DAEMON_SENDING_HPP

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "sync/client/packs.hpp"
#include "vault/daemon/line.hpp"

namespace coffret::daemon {

class Sending {
 public:
  Sending(Call& call, Line& line, client::Server& server, const Signer& signer,
          const VaultId& vault);
  ~Sending();
  Sending(const Sending&) = delete;
  Sending& operator=(const Sending&) = delete;

  // `batch` names them towards finish(); each is used once.
  void add(std::uint64_t batch, const std::vector<ObjectId>& objects);
  // Returns when all of the batch is durable on the server.
  Result<void> finish(std::uint64_t batch);

 private:
  struct Due {
    ObjectId object;
    std::uint64_t batch = 0;
  };
  using Group = std::vector<Due>;

  void start_lanes();
  void run(client::Server& server);
  // Moves one group over this connection; false: there is none.
  Result<bool> move(client::Server& server);
  Result<void> send(client::Server& server, std::vector<store::Unsealed> bodies);
  Result<void> send_alone(client::Server& server, const SealedObject& sealed);
  Group next_group();
  bool over();
  // Whether the first of the group travels alone, for its size.
  Result<bool> is_large(const Group& group);
  void put_back(const Group& group, std::size_t from);
  void done(const Group& group, std::size_t count);

  Call& call_;
  Line& line_;
  client::Server& server_;
  const Signer& signer_;
  const VaultId vault_;
  std::mutex large_;  // held for a large object's time in memory
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<Due> waiting_;
  std::map<std::uint64_t, std::size_t> left_;  // objects of each batch
  Result<void> outcome_;                       // the first error ends all
  bool ending_ = false;
  std::vector<std::thread> lanes_;
};

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_SENDING_HPP
