// SPDX-License-Identifier: EUPL-1.2
//
// Coroutines here follow style.md rule 8 (g++ 12.2): one co_await a statement, awaited results and
// arguments named.
#include "sync/http/connection.hpp"

#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "sync/http/answer.hpp"
#include "sync/http/body_file.hpp"
#include "sync/http/head.hpp"

namespace coffret::http {
namespace {

namespace asio = boost::asio;
using SteadyClock = std::chrono::steady_clock;
using Strand = asio::strand<asio::io_context::executor_type>;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Strand>;
using TlsStream = asio::ssl::stream<Socket>;
using Timer = asio::basic_waitable_timer<SteadyClock, asio::wait_traits<SteadyClock>, Strand>;
template <class T>
using Task = asio::awaitable<T, Strand>;
constexpr auto token = asio::as_tuple(asio::use_awaitable_t<Strand>{});

constexpr std::size_t write_step = 64 * 1024;   // bytes offered to the stream at once
constexpr std::size_t joined_body = 32 * 1024;  // a body up to this goes out with its head
constexpr std::size_t drained = 1024 * 1024;    // bytes read and dropped before a refusal's close
constexpr std::chrono::seconds farewell{1};     // for close_notify and draining
constexpr std::string_view continue_head = "HTTP/1.1 100 Continue\r\n\r\n";

enum class Read { complete, closed, timed_out, bad, too_long };

unsigned status_of(Read outcome) noexcept {
  switch (outcome) {
    case Read::timed_out:
      return 408;
    case Read::too_long:
      return 431;
    case Read::complete:
    case Read::closed:
    case Read::bad:
      break;
  }
  return 400;
}

template <class Stream>
class Session final : public Connection, public std::enable_shared_from_this<Session<Stream>> {
 public:
  static constexpr bool secure = std::is_same_v<Stream, TlsStream>;

  template <class... More>
  Session(Socket socket, std::string peer, const ConnectionContext& context, More... more)
      : context_(context),
        peer_(std::move(peer)),
        strand_(socket.get_executor()),
        stream_(std::move(socket), more...),
        woken_(strand_),
        in_(context.limits.head + 4096) {}

  void begin() override;
  void judge_deadline(SteadyClock::time_point now) override;
  void close_if_idle() override;
  void abort() override;

 private:
  Task<void> run();
  Task<bool> shake_hands();
  Task<bool> serve_one();
  Task<Read> read_head();
  Task<Read> read_body(std::size_t length, Bytes& body);
  Task<bool> send(Response& response, bool to_head, bool keep_alive);
  Task<bool> send_file(OpenFile& file);
  Task<bool> write(ByteView bytes);
  Task<void> refuse(unsigned status);
  Task<void> close();

  void allow(std::chrono::steady_clock::duration time);
  void keep_pace(std::chrono::seconds slack, SteadyClock::time_point start, std::uint64_t moved);
  void hand_over(Request request, const std::shared_ptr<Answer>& answer);
  ByteView held() const noexcept { return {in_.data(), held_}; }
  void drop(std::size_t size);
  Socket& socket() {
    if constexpr (secure)
      return stream_.next_layer();
    else
      return stream_;
  }

  const ConnectionContext& context_;
  const std::string peer_;
  Strand strand_;
  Stream stream_;
  Timer woken_;  // never expires; cancelled when an answer comes
  Bytes in_;
  std::size_t held_ = 0;       // bytes of in_ that were read and not used yet
  std::size_t head_size_ = 0;  // of the head that read_head completed
  Bytes out_;
  std::atomic<SteadyClock::time_point> deadline_{SteadyClock::time_point::max()};
  bool first_ = true;     // no request was served yet
  bool idle_ = false;     // waiting for the first byte of a request
  bool shaken_ = false;   // TLS is up
  bool overdue_ = false;  // the last operation was ended by its deadline
  bool aborted_ = false;
  bool refused_ = false;  // closed with bytes unread
};

template <class Stream>
void Session<Stream>::begin() {
  allow(context_.limits.head_time);
  auto self = this->shared_from_this();
  asio::co_spawn(strand_, run(), [self](const std::exception_ptr&) {
    // Whatever ended it (memory, at worst), the connection is over and its place free.
    error_code ignored;
    self->socket().close(ignored);
    self->context_.gone(self.get());
  });
}

template <class Stream>
void Session<Stream>::judge_deadline(SteadyClock::time_point now) {
  if (now < deadline_.load(std::memory_order_relaxed)) return;
  asio::post(strand_, [self = this->shared_from_this(), now] {
    if (now < self->deadline_.load(std::memory_order_relaxed)) return;
    self->overdue_ = true;
    error_code ignored;
    self->socket().cancel(ignored);
  });
}

template <class Stream>
void Session<Stream>::close_if_idle() {
  asio::post(strand_, [self = this->shared_from_this()] {
    error_code ignored;
    if (self->idle_) self->socket().cancel(ignored);
  });
}

template <class Stream>
void Session<Stream>::abort() {
  asio::post(strand_, [self = this->shared_from_this()] {
    self->aborted_ = true;
    error_code ignored;
    self->socket().close(ignored);
    self->woken_.cancel();
  });
}

template <class Stream>
void Session<Stream>::allow(SteadyClock::duration time) {
  overdue_ = false;
  deadline_.store(SteadyClock::now() + time, std::memory_order_relaxed);
}

// Time for `slack` without a byte, and for as much more as what was moved is worth at the slowest
// pace: a peer that drips bytes runs out of it.
template <class Stream>
void Session<Stream>::keep_pace(std::chrono::seconds slack, SteadyClock::time_point start,
                                std::uint64_t moved) {
  const auto now = SteadyClock::now();
  const std::chrono::milliseconds earned{moved * 1000 / slowest_pace};
  overdue_ = false;
  deadline_.store(std::min(now + slack, start + slack + earned), std::memory_order_relaxed);
}

template <class Stream>
void Session<Stream>::drop(std::size_t size) {
  std::copy(in_.begin() + static_cast<std::ptrdiff_t>(size),
            in_.begin() + static_cast<std::ptrdiff_t>(held_), in_.begin());
  held_ -= size;
}

template <class Stream>
Task<void> Session<Stream>::run() {
  bool more = co_await shake_hands();
  while (more) more = co_await serve_one();
  co_await close();
}

template <class Stream>
Task<bool> Session<Stream>::shake_hands() {
  if constexpr (secure) {
    const auto result = co_await stream_.async_handshake(asio::ssl::stream_base::server, token);
    shaken_ = !std::get<0>(result);
    co_return shaken_;
  } else {
    co_return true;
  }
}

template <class Stream>
Task<Read> Session<Stream>::read_head() {
  std::size_t scanned = 0;
  for (;;) {
    const auto scan = scan_head(held(), scanned);
    if (scan.state == HeadState::bad) co_return Read::bad;
    head_size_ = scan.size;
    scanned = held_;
    if (scan.size > context_.limits.head) co_return Read::too_long;
    if (scan.state == HeadState::complete) co_return Read::complete;
    if (held_ > context_.limits.head) co_return Read::too_long;
    if (held_ == 0 && context_.stopping) co_return Read::closed;
    if (!first_ && held_ == 0) allow(context_.limits.idle);
    idle_ = held_ == 0;
    const asio::mutable_buffer space{in_.data() + held_, in_.size() - held_};
    const auto result = co_await stream_.async_read_some(space, token);
    idle_ = false;
    if (std::get<0>(result)) {
      if (overdue_ && held_ > 0) co_return Read::timed_out;
      co_return Read::closed;
    }
    if (!first_ && held_ == 0) allow(context_.limits.head_time);
    held_ += std::get<1>(result);
  }
}

// The buffer grows with what arrives: a declared length reserves nothing.
template <class Stream>
Task<Read> Session<Stream>::read_body(std::size_t length, Bytes& body) {
  std::size_t filled = std::min(length, held_);
  body.assign(in_.begin(), in_.begin() + static_cast<std::ptrdiff_t>(filled));
  drop(filled);
  const auto start = SteadyClock::now();
  while (filled < length) {
    if (filled == body.size())
      body.resize(std::min(length, std::max<std::size_t>(write_step, 2 * filled)));
    keep_pace(context_.limits.body_time, start, filled);
    const asio::mutable_buffer space{body.data() + filled, body.size() - filled};
    const auto result = co_await stream_.async_read_some(space, token);
    if (std::get<0>(result)) {
      if (overdue_) co_return Read::timed_out;
      co_return Read::closed;
    }
    filled += std::get<1>(result);
  }
  co_return Read::complete;
}

template <class Stream>
void Session<Stream>::hand_over(Request request, const std::shared_ptr<Answer>& answer) {
  request.peer = peer_;
  auto respond = Answer::responder(answer);
  try {
    context_.handler(std::move(request), std::move(respond));
  } catch (const std::exception&) {
    // The responder was dropped on the way: that is the 500.
  }
}

template <class Stream>
Task<bool> Session<Stream>::serve_one() {
  const Read got = co_await read_head();
  if (got == Read::closed) co_return false;
  RequestHead head;
  if (got == Read::complete)
    head = parse_request_head(held().first(head_size_));
  else
    head.refusal = status_of(got);
  if (head.refusal == 0 && head.content_length > context_.limits.body) head.refusal = 413;
  if (head.refusal != 0) {
    co_await refuse(head.refusal);
    co_return false;
  }
  drop(head_size_);
  if (head.expects_continue && held_ < head.content_length) {
    const bool told = co_await write(as_bytes(continue_head));
    if (!told) co_return false;
  }
  const auto length = static_cast<std::size_t>(head.content_length);
  const Read body = co_await read_body(length, head.request.body);
  if (body == Read::timed_out) co_await refuse(408);
  if (body != Read::complete) co_return false;

  first_ = false;
  deadline_.store(SteadyClock::time_point::max(), std::memory_order_relaxed);
  const bool to_head = head.request.method == "HEAD";
  // The answer may come late, from a thread that outlives this connection.
  const auto wake = [weak = this->weak_from_this()] {
    if (const auto self = weak.lock()) asio::post(self->strand_, [self] { self->woken_.cancel(); });
  };
  const auto answer = std::make_shared<Answer>(wake);
  hand_over(std::move(head.request), answer);
  while (!aborted_ && !answer->wait()) {
    woken_.expires_at(SteadyClock::time_point::max());
    const auto woken = co_await woken_.async_wait(token);
    (void)woken;
  }
  auto response = answer->forget();
  if (!response) co_return false;
  const bool keep_alive = head.keep_alive && !context_.stopping && !asks_to_close(response->fields);
  const bool sent = co_await send(*response, to_head, keep_alive);
  co_return sent&& keep_alive;
}

template <class Stream>
Task<void> Session<Stream>::refuse(unsigned status) {
  refused_ = true;
  Response response;
  response.status = status;
  const bool sent = co_await send(response, false, false);
  (void)sent;
}

template <class Stream>
Task<bool> Session<Stream>::send(Response& response, bool to_head, bool keep_alive) {
  std::optional<OpenFile> file;
  if (response.file) {
    if (auto opened = OpenFile::open(*response.file); opened.has_value())
      file.emplace(std::move(*opened));
    else
      response = Response{500, {}, {}, nullptr, std::nullopt};
  }
  const ByteView body = response.shared_body ? ByteView{*response.shared_body} : response.body;
  const std::uint64_t length = file ? file->left() : body.size();
  std::string head = format_response_head(response, length, keep_alive);
  if (head.empty()) co_return false;  // a handler that would split the head gets nothing through
  out_.assign(head.begin(), head.end());
  const bool bodiless = to_head || !has_body(response.status);
  const bool joined = !bodiless && !file && body.size() <= joined_body;
  if (joined) append(out_, body);
  const bool began = co_await write(out_);
  if (!began || bodiless || joined) co_return began;
  bool sent = false;
  if (file)
    sent = co_await send_file(*file);
  else
    sent = co_await write(body);
  co_return sent;
}

template <class Stream>
Task<bool> Session<Stream>::send_file(OpenFile& file) {
  while (file.left() > 0) {
    out_.resize(write_step);
    const std::size_t got = file.read(out_);
    if (got == 0) co_return false;
    const ByteView part = ByteView{out_}.first(got);
    const bool sent = co_await write(part);
    if (!sent) co_return false;
  }
  co_return true;
}

template <class Stream>
Task<bool> Session<Stream>::write(ByteView bytes) {
  const auto start = SteadyClock::now();
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    keep_pace(context_.limits.write_time, start, sent);
    const asio::const_buffer part{bytes.data() + sent, std::min(write_step, bytes.size() - sent)};
    const auto result = co_await stream_.async_write_some(part, token);
    if (std::get<0>(result)) co_return false;
    sent += std::get<1>(result);
  }
  co_return true;
}

// close_notify tells an orderly end from a cut. After a refusal what the peer still sends is read
// and dropped for a moment, or the reset that it provokes would erase the refusal on its way.
template <class Stream>
Task<void> Session<Stream>::close() {
  allow(farewell);
  if constexpr (secure) {
    if (shaken_ && !aborted_) {
      const auto told = co_await stream_.async_shutdown(token);
      (void)told;
    }
  }
  error_code ec;
  if (refused_ && !aborted_) socket().shutdown(asio::socket_base::shutdown_send, ec);
  std::size_t dropped = 0;
  while (refused_ && !aborted_ && !ec && !overdue_ && dropped < drained) {
    const asio::mutable_buffer space{in_.data(), in_.size()};
    const auto result = co_await socket().async_read_some(space, token);
    ec = std::get<0>(result);
    dropped += std::get<1>(result);
  }
  socket().close(ec);
}

}  // namespace

std::shared_ptr<Connection> make_connection(asio::io_context& io, const Accepted& accepted,
                                            const ConnectionContext& context) {
  const auto protocol = accepted.v6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4();
  Socket socket{asio::make_strand(io), protocol, accepted.fd};
  if (accepted.tls == nullptr)
    return std::make_shared<Session<Socket>>(std::move(socket), accepted.peer, context);
  return std::make_shared<Session<TlsStream>>(std::move(socket), accepted.peer, context,
                                              accepted.tls);
}

}  // namespace coffret::http
