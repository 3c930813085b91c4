// SPDX-License-Identifier: EUPL-1.2
//
// Coroutines here follow style.md rule 8 (g++ 12.2): one co_await a statement, awaited results and
// arguments named.
#include "sync/http/connection.hpp"

#include <unistd.h>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include "sync/http/answer.hpp"
#include "sync/http/body_file.hpp"
#include "sync/http/head.hpp"
#include "sync/http/request_reader.hpp"
#include "sync/http/stream.hpp"

namespace coffret::http {
namespace {

using Timer = asio::basic_waitable_timer<SteadyClock, asio::wait_traits<SteadyClock>, Strand>;

constexpr std::size_t joined_body = 32 * 1024;  // a body up to this goes out with its head
constexpr std::string_view continue_head = "HTTP/1.1 100 Continue\r\n\r\n";

unsigned status_of(Read outcome) noexcept {
  switch (outcome) {
    case Read::timed_out:
      return 408;
    case Read::too_long:
      return 431;
    case Read::no_room:
      return 503;
    case Read::complete:
    case Read::closed:
    case Read::bad:
      break;
  }
  return 400;
}

std::uint64_t size_of(const std::vector<BodyPart>& parts) noexcept {
  std::uint64_t size = 0;
  for (const auto& part : parts) {
    const auto* file = std::get_if<FileBody>(&part);
    size += file != nullptr ? file->length : std::get<Bytes>(part).size();
  }
  return size;
}

class Session final : public Connection, public std::enable_shared_from_this<Session> {
 public:
  Session(const Strand& strand, std::unique_ptr<Stream> stream, std::string peer,
          std::string subscriber, const ConnectionContext& context)
      : context_(context),
        peer_(std::move(peer)),
        share_(context.bodies, std::move(subscriber)),
        strand_(strand),
        stream_(std::move(stream)),
        reader_(*stream_, context.limits),
        woken_(strand_) {}

  void begin() override;
  void judge_deadline(SteadyClock::time_point now) override;
  void close_if_idle() override;
  void abort() override;

 private:
  Task<void> run();
  Task<bool> serve_one();
  Task<std::optional<Response>> answer_of(Request& request);
  Task<bool> send(Response& response, bool to_head, bool keep_alive);
  Task<bool> send_file(OpenFile& file);
  Task<bool> send_part(const BodyPart& part);
  Task<void> refuse(unsigned status);
  Task<bool> write(ByteView bytes) { return stream_->write(bytes, context_.limits.write_time); }
  RequestHead judge_head(Read got) const;
  void hand_over(Request request, const std::shared_ptr<Answer>& answer);

  const ConnectionContext& context_;
  const std::string peer_;
  BodyShare share_;
  Strand strand_;
  std::unique_ptr<Stream> stream_;
  RequestReader reader_;
  Timer woken_;  // never expires; cancelled when an answer comes
  Bytes out_;
  bool first_ = true;  // no request was served yet
  bool aborted_ = false;
  bool refused_ = false;  // closed with bytes unread
};

void Session::begin() {
  stream_->allow(context_.limits.head_time);
  auto self = shared_from_this();
  asio::co_spawn(strand_, run(), [self](const std::exception_ptr&) {
    // Whatever ended it (memory, at worst), the connection is over and its place free.
    self->stream_->abort();
    self->context_.gone(self.get());
  });
}

void Session::judge_deadline(SteadyClock::time_point now) {
  if (!stream_->is_late(now)) return;
  asio::post(strand_, [self = shared_from_this(), now] { self->stream_->end_if_late(now); });
}

void Session::close_if_idle() {
  asio::post(strand_, [self = shared_from_this()] {
    if (self->reader_.idle()) self->stream_->cancel();
  });
}

void Session::abort() {
  asio::post(strand_, [self = shared_from_this()] {
    self->aborted_ = true;
    self->stream_->abort();
    self->woken_.cancel();
  });
}

Task<void> Session::run() {
  bool more = co_await stream_->shake_hands();
  while (more) more = co_await serve_one();
  co_await stream_->close(refused_, reader_.scratch());
}

void Session::hand_over(Request request, const std::shared_ptr<Answer>& answer) {
  request.peer = peer_;
  auto respond = Answer::responder(answer);
  try {
    context_.handler(std::move(request), std::move(respond));
  } catch (const std::exception&) {
    // The responder was dropped on the way: that is the 500.
  }
}

// Takes the request over. Nothing when the connection was aborted meanwhile.
Task<std::optional<Response>> Session::answer_of(Request& request) {
  // The answer may come late, from a thread that outlives this connection.
  const auto wake = [weak = weak_from_this()] {
    if (const auto self = weak.lock()) asio::post(self->strand_, [self] { self->woken_.cancel(); });
  };
  const auto answer = std::make_shared<Answer>(wake);
  hand_over(std::move(request), answer);
  while (!aborted_ && !answer->wait()) {
    woken_.expires_at(SteadyClock::time_point::max());
    const auto woken = co_await woken_.async_wait(as_result);
    (void)woken;
  }
  co_return answer->forget();
}

RequestHead Session::judge_head(Read got) const {
  RequestHead head;
  if (got == Read::complete)
    head = parse_request_head(reader_.head());
  else
    head.refusal = status_of(got);
  if (head.refusal == 0 && head.content_length > context_.limits.body) head.refusal = 413;
  return head;
}

Task<bool> Session::serve_one() {
  const Read got = co_await reader_.read_head(first_, context_.stopping);
  if (got == Read::closed) co_return false;
  RequestHead head = judge_head(got);
  if (head.refusal != 0) {
    co_await refuse(head.refusal);
    co_return false;
  }
  reader_.drop_head();
  if (head.expects_continue && !reader_.holds(head.content_length)) {
    const bool told = co_await write(as_bytes(continue_head));
    if (!told) co_return false;
  }
  const auto length = static_cast<std::size_t>(head.content_length);
  const Read body = co_await reader_.read_body(length, head.request.body, share_);
  if (body == Read::timed_out || body == Read::no_room) {
    // The part that came makes room before the refusal is on its way.
    head.request.body = Bytes{};
    share_.release();
    co_await refuse(status_of(body));
  }
  if (body != Read::complete) co_return false;

  first_ = false;
  stream_->allow_for_ever();
  const bool to_head = head.request.method == "HEAD";
  auto response = co_await answer_of(head.request);
  share_.release();
  if (!response) co_return false;
  const bool keep_alive = head.keep_alive && !context_.stopping && !asks_to_close(response->fields);
  const bool sent = co_await send(*response, to_head, keep_alive);
  co_return sent&& keep_alive;
}

Task<void> Session::refuse(unsigned status) {
  refused_ = true;
  Response response;
  response.status = status;
  if (status == 503) response.fields.set("Retry-After", "1");
  const bool sent = co_await send(response, false, false);
  (void)sent;
}

Task<bool> Session::send(Response& response, bool to_head, bool keep_alive) {
  std::optional<OpenFile> file;
  if (response.file) {
    if (auto opened = OpenFile::open(*response.file); opened.has_value())
      file.emplace(std::move(*opened));
    else
      response = Response{500, {}, {}, nullptr, std::nullopt, {}};
  }
  const ByteView body = response.shared_body ? ByteView{*response.shared_body} : response.body;
  const std::uint64_t length = (file ? file->left() : body.size()) + size_of(response.parts);
  std::string head = format_response_head(response, length, keep_alive);
  if (head.empty()) co_return false;  // a handler that would split the head gets nothing through
  out_.assign(head.begin(), head.end());
  const bool bodiless = to_head || !has_body(response.status);
  const bool joined = !bodiless && !file && body.size() <= joined_body;
  if (joined) append(out_, body);
  bool sent = co_await write(out_);
  if (!sent || bodiless) co_return sent;
  if (file)
    sent = co_await send_file(*file);
  else if (!joined)
    sent = co_await write(body);
  for (std::size_t i = 0; sent && i < response.parts.size(); ++i)
    sent = co_await send_part(response.parts[i]);
  co_return sent;
}

// A file that is gone cuts the connection: its length was promised.
Task<bool> Session::send_part(const BodyPart& part) {
  bool sent = false;
  if (const auto* bytes = std::get_if<Bytes>(&part)) {
    sent = co_await write(*bytes);
  } else if (auto opened = OpenFile::open(std::get<FileBody>(part)); opened.has_value()) {
    sent = co_await send_file(*opened);
  }
  co_return sent;
}

Task<bool> Session::send_file(OpenFile& file) {
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

}  // namespace

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

std::shared_ptr<Connection> make_connection(asio::io_context& io, Accepted accepted,
                                            const ConnectionContext& context) {
  const auto protocol = accepted.v6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4();
  const Strand strand = asio::make_strand(io);
  Socket socket{strand, protocol, accepted.fd.get()};
  (void)accepted.fd.release();
  auto stream = make_stream(std::move(socket), std::move(accepted.tls));
  return std::make_shared<Session>(strand, std::move(stream), std::move(accepted.peer),
                                   std::move(accepted.subscriber), context);
}

}  // namespace coffret::http
