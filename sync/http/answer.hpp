// SPDX-License-Identifier: EUPL-1.2
//
// answer.hpp: the place where a handler leaves its response, from any thread, once
// (connection.cpp's; nobody else includes it).
//
// The first response counts. When the last copy of a Respond is dropped unused, the answer is 500:
// a forgotten request must not hold its connection for ever.
#ifndef COFFRET_SYNC_HTTP_ANSWER_HPP
#define COFFRET_SYNC_HTTP_ANSWER_HPP

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "sync/http/listener.hpp"

namespace coffret::http {

class Answer {
 public:
  // `wake` is called, from any thread, when a response comes after wait() said there is none; never
  // after forget().
  explicit Answer(std::function<void()> wake) : wake_(std::move(wake)) {}

  void give(Response response) {
    const std::lock_guard lock{mutex_};
    if (given_) return;
    given_ = true;
    response_ = std::move(response);
    if (waited_for_ && wake_) wake_();
  }
  // Whether there is a response; if not, its coming will wake.
  bool wait() {
    const std::lock_guard lock{mutex_};
    waited_for_ = !given_;
    return given_;
  }
  // The response, if it came. From now on nobody is woken, and a late one is dropped.
  std::optional<Response> forget() {
    const std::lock_guard lock{mutex_};
    given_ = true;
    wake_ = nullptr;
    return std::exchange(response_, std::nullopt);
  }

  static Respond responder(const std::shared_ptr<Answer>& answer) {
    struct Ticket {
      explicit Ticket(std::shared_ptr<Answer> to) : answer(std::move(to)) {}
      Ticket(const Ticket&) = delete;
      Ticket& operator=(const Ticket&) = delete;
      ~Ticket() {
        Response unanswered;
        unanswered.status = 500;
        answer->give(std::move(unanswered));
      }
      std::shared_ptr<Answer> answer;
    };
    return [ticket = std::make_shared<Ticket>(answer)](Response response) {
      ticket->answer->give(std::move(response));
    };
  }

 private:
  std::mutex mutex_;
  std::function<void()> wake_;
  std::optional<Response> response_;
  bool given_ = false;
  bool waited_for_ = false;
};

}  // namespace coffret::http

#endif  // COFFRET_SYNC_HTTP_ANSWER_HPP
