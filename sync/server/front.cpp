// SPDX-License-Identifier: EUPL-1.2
#include "sync/server/front.hpp"

#include "sync/http/subscriber.hpp"
#include "sync/protocol/header_values.hpp"
#include "sync/protocol/paths.hpp"
#include "sync/protocol/status.hpp"

namespace coffret::server {
namespace {

http::Response refusal(errc error, const http::Request& request) {
  http::Response response;
  response.status = protocol::http_status(error);
  response.fields.set("Content-Type", "application/json");
  response.fields.set("Cache-Control", "no-store");
  response.fields.set("Retry-After", "1");
  if (protocol::is_reader_side(request.target))
    response.fields.set("Access-Control-Allow-Origin", "*");
  response.body = to_bytes(as_bytes(protocol::error_body(error)));
  return response;
}

std::uint64_t size_of(const http::Response& response) {
  std::uint64_t size = response.shared_body ? response.shared_body->size() : response.body.size();
  if (response.file) size = response.file->length;
  for (const auto& part : response.parts) {
    const auto* file = std::get_if<http::FileBody>(&part);
    size += file != nullptr ? file->length : std::get<Bytes>(part).size();
  }
  return size;
}

std::chrono::microseconds since(std::chrono::steady_clock::time_point begun) {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() -
                                                               begun);
}

}  // namespace

Front::Front(Service& service, Figures& figures, Journal& journal, FrontLimits limits,
             std::set<std::string> proxies)
    : service_(service),
      figures_(figures),
      journal_(journal),
      limits_(limits),
      proxies_(std::move(proxies)) {
  service_.on_head = [this](const VaultId& vault, const protocol::Head& head) {
    waiters_.moved(vault, head);
  };
  for (std::size_t i = 0; i < limits_.threads; ++i) threads_.emplace_back([this] { run(); });
}

Front::~Front() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  queued_.notify_all();
  for (auto& thread : threads_) thread.join();
  lane_.end();
  service_.on_head = nullptr;
  waiters_.close();
}

std::string Front::address_of(const http::Request& request) const {
  if (!proxies_.contains(request.peer)) return request.peer;
  const std::string* chain = request.fields.find("X-Forwarded-For");
  if (chain == nullptr) return request.peer;
  const auto caller = protocol::caller_of(
      *chain, [&](std::string_view address) { return proxies_.contains(std::string{address}); });
  return caller.empty() ? request.peer : std::string{caller};
}

bool Front::admit(const std::string& address) {
  if (stopping_ || queue_.size() >= limits_.queue) return false;
  auto& count = in_flight_[address];
  if (count >= limits_.per_address) return false;
  ++count;
  ++total_;
  return true;
}

void Front::handle(http::Request request, http::Respond respond) {
  std::string address = http::subscriber(address_of(request));
  bool stopping = false;
  {
    const std::lock_guard lock{mutex_};
    stopping = stopping_;
    if (admit(address)) {
      queue_.push_back({std::move(request), std::move(respond), std::move(address),
                        std::chrono::steady_clock::now()});
      queued_.notify_one();
      return;
    }
  }
  auto response = refusal(stopping ? errc::stopping : errc::rate_limited, request);
  figures_.answered("refused", response.status, std::chrono::microseconds{0});
  respond(std::move(response));
}

std::size_t Front::in_flight() const {
  const std::lock_guard lock{mutex_};
  return total_;
}

void Front::run() {
  std::unique_lock lock{mutex_};
  for (;;) {
    queued_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    Job job = std::move(queue_.front());
    queue_.pop_front();
    const std::string address = job.address;
    lock.unlock();
    answer(std::move(job));
    lock.lock();
    --total_;
    if (const auto it = in_flight_.find(address); --it->second == 0) in_flight_.erase(it);
  }
}

void Front::answer(Job job) {
  Answer answer = asked(job.request, Passcodes::put_off);
  if (answer.wait)
    park(std::move(job), std::move(answer));
  else if (answer.put_off)
    put_off(std::move(job), answer.route);
  else
    give(job, std::move(answer));
}

Answer Front::asked(const http::Request& request, Passcodes passcodes) {
  try {
    return service_.answer(request, passcodes);
  } catch (const std::exception&) {  // memory, mostly: it is told as a failure, the server stays
    return {refusal(errc::internal, request), "failed", errc::internal, {}};
  }
}

void Front::give(Job& job, Answer answer) {
  if (answer.response.status == 500) journal_.failure("request_failed", answer.error);
  const auto took = since(job.begun);
  figures_.answered(answer.route, answer.response.status, took);
  journal_.request(answer.route, job.request.method, answer.response.status, took,
                   job.request.body.size(), size_of(answer.response));
  job.respond(std::move(answer.response));
}

// The request leaves its thread. What was appended between the look at the head and here must not
// be slept through, so the head is looked at again.
void Front::park(Job job, Answer answer) {
  const Wait wait = *answer.wait;
  const auto held = std::make_shared<Job>(std::move(job));
  const auto still = std::make_shared<Answer>(std::move(answer));
  const auto wake = [this, held, still](const std::optional<protocol::Head>& head) {
    if (head) still->response = service_.head_answer(*head);
    give(*held, std::move(*still));
  };
  if (!waiters_.park(wait, held->address, wake)) {
    still->response = refusal(errc::rate_limited, held->request);
    still->error = errc::rate_limited;
    return give(*held, std::move(*still));
  }
  const auto account = service_.ports.records.account(wait.vault);
  if (account.has_value()) waiters_.moved(wait.vault, account->head);
}

// Nothing was counted yet, and nothing is of who is sent away.
void Front::put_off(Job job, std::string_view route) {
  const auto held = std::make_shared<Job>(std::move(job));
  const auto refuse = [this, held, route](errc error) {
    give(*held, {refusal(error, held->request), route, error, {}});
  };
  const auto judge = [this, held, refuse](bool now) {
    if (!now) return refuse(errc::stopping);
    give(*held, asked(held->request, Passcodes::judged));
  };
  if (!lane_.add(held->address, judge)) refuse(errc::rate_limited);
}

}  // namespace coffret::server
