// SPDX-License-Identifier: EUPL-1.2
//
// cards.hpp: emergency cards, from the consent to the paper, and what happens when one was used
// (vault/grants/card.hpp, vault/DESIGN.md §21).
//
// A record has one card: a new one retires the one before. Whoever opens it says who they are and
// why; every device that looks writes it to the vault's log, from the verified access log, so that
// all of them tell it. When the reader's time is over the card is sealed anew under another link
// and key: the paper is dead, and the person is told to print it again.
//
// Threads: any; the vault is touched by one at a time.
#ifndef COFFRET_VAULT_DAEMON_CARDS_HPP
#define COFFRET_VAULT_DAEMON_CARDS_HPP

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "vault/daemon/commands.hpp"
#include "vault/daemon/grant_parts.hpp"
#include "vault/grants/scope.hpp"

namespace coffret::daemon {

// "emergency card": with documents makes one, without any prints the one there is again. The link
// is handed over as a secret; the result says all else that stands on the paper.
Result<Object> emergency_card(Call& call);
Result<Object> emergency_preview(Call& call);  // what `emergency card` would make; makes nothing
Result<Object> emergency_show(Call& call);
Result<Object> emergency_remove(Call& call);
// Who asks to open a card shall not: its link ends at once, and it is sealed anew.
Result<Object> emergency_refuse(Call& call);
Result<Object> emergency_look(Call& call);  // of this daemon to itself, each minute

// What a card may hold: a few documents of one person, none that is barred. What may not be on it
// is named in call.detail. Errors: usage; denied (masked, sensitive, not read yet).
Result<void> check_card(Call& call, const std::vector<store::DocumentView>& documents);

// What a person agrees to with a card. `person` as in consent_text.
std::string card_consent(const grants::GrantRequest& request, std::string_view person,
                         Language language);

// Whether a card was opened since, or is due to be sealed anew: then a sync has to look at them.
Result<bool> cards_call(Call& call, const Sender& to);

// Asks how often the cards that stand were opened; writes to the vault's log by whom and why; seals
// anew what was used. True: something is pending. Errors: those of read_access_log, prepare and
// publish; an opening that was noted stays noted.
Result<bool> look_at_cards(Call& call, const Sender& to);

// What the person has to know: cards that were opened and are not sealed anew yet, and cards that
// no paper was made of: {id, print, openings: [{time, who, why, opens_at?}]}.
boost::json::array card_news(const store::Vault& vault, std::int64_t now);

// `delay`: of the card, in seconds.
Object card_opening_json(const store::CardNoted& noted, std::uint32_t delay);

// Looks each minute while it lives, where a card stands and the vault is open.
class CardThread {
 public:
  explicit CardThread(Service& service);
  ~CardThread();
  CardThread(const CardThread&) = delete;
  CardThread& operator=(const CardThread&) = delete;

 private:
  void run();
  bool stands() const;

  Service& service_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_CARDS_HPP
