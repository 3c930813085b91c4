// SPDX-License-Identifier: EUPL-1.2
//
// record_parts.hpp: what record_facts.cpp and record_series.cpp ask of a fact. Pure functions.
#ifndef COFFRET_VAULT_DAEMON_RECORD_PARTS_HPP
#define COFFRET_VAULT_DAEMON_RECORD_PARTS_HPP

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "coffret/fact.hpp"
#include "vault/store/views.hpp"

namespace coffret::daemon {

std::optional<double> number_in(std::string_view text);  // the whole of it, finite

bool is_among(std::string_view status, std::initializer_list<std::string_view> list);
// Not taken, or not any more.
bool is_stopped(const Fact& fact);
// Never came to be, so that it says nothing of what came before.
bool is_void(const Fact& fact);
// The day of the statement.
const std::string& told_on(const store::FactView& view);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_RECORD_PARTS_HPP
