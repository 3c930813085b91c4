// SPDX-License-Identifier: EUPL-1.2
//
// page.hpp: the patient's page on loopback: its files, the way in, and the commands behind it.
//
// Only an exact Host of this listener is answered, and nothing that another site makes a browser
// ask, but the one navigation by which `coffret open` comes in: to "/", which shows nothing by
// itself (attacks 82 to 91). Every refusal is the same 403, which names nobody. There is no cookie
// and no CORS: the API wants a bearer token (page_tokens.hpp) in a header, and JSON.
//
// Flow: open() writes a 0600 file that sends a browser to "/#code=…" -> the page changes the code
// for a token -> commands. The file goes once the code was used or is too old.
// Ownership: borrows the service. Threads: answer() is called from the listener's threads and does
// not block: commands run on threads of the page's own, at most max_page_calls at once; the
// destructor waits for them. tick() belongs to one thread.
#ifndef COFFRET_VAULT_DAEMON_PAGE_HPP
#define COFFRET_VAULT_DAEMON_PAGE_HPP

#include <atomic>
#include <boost/json/object.hpp>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>

#include "sync/http/listener.hpp"
#include "vault/daemon/page_tokens.hpp"
#include "vault/daemon/service.hpp"

namespace coffret::daemon {

inline constexpr std::size_t max_page_calls = 8;

struct PageConfig {
  std::string redirect_file;  // where `coffret open` finds its way in
  Seconds idle{0};            // how long a token lives without use; zero: until the vault is locked
  // Starts the listener of a page that is served only once it is asked for, and says its port.
  std::function<Result<std::uint16_t>()> listen{};
};

class Page {
 public:
  Page(Service& service, PageConfig config);
  Page(const Page&) = delete;
  Page& operator=(const Page&) = delete;
  ~Page();

  // The port is known once it listens; before, there is no page.
  void listens_on(std::uint16_t port) noexcept { port_ = port; }

  void answer(http::Request request, const http::Respond& respond);

  // What `coffret open` answers: {file, page, seconds}. Errors: unsupported (no page is served);
  // those of the disk.
  Result<boost::json::object> open();

  // Takes back what is over: tokens of a vault that was locked, the file of a code that is too old.
  void tick();

 private:
  struct Running {
    std::thread thread;
    std::atomic<bool> over{false};
  };

  http::Response answer_now(const http::Request& request);
  http::Response session(const http::Request& request);
  bool holds_token(const http::Request& request, bool use);
  void run(http::Request request, const http::Respond& respond);
  http::Response run_now(const http::Request& request);
  void take_back_file();

  Service& service_;
  const PageConfig config_;
  PageTokens tokens_;
  std::atomic<std::uint16_t> port_{0};
  std::atomic<bool> file_there_{false};
  std::mutex opening_;  // one open() at a time
  std::mutex mutex_;    // guards running_
  std::list<Running> running_;
};

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_PAGE_HPP
