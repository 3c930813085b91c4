// SPDX-License-Identifier: EUPL-1.2
//
// answers.hpp: what the daemon answered, for a program (JSON) or for a person (sentences).
#ifndef COFFRET_TOOLS_COFFRET_ANSWERS_HPP
#define COFFRET_TOOLS_COFFRET_ANSWERS_HPP

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "coffret/error.hpp"
#include "coffret/secret.hpp"
#include "tools/coffret/invocation.hpp"

namespace coffret::cli {

// One line of a list, on standard output.
void print_row(const Invocation& invocation, const boost::json::object& row);

// How far a long act is, on standard error: a bar on a terminal, nothing elsewhere.
void print_progress(const Invocation& invocation, const boost::json::object& progress);

// The result of a command that went well. `secrets` are what came beside it, in order: the link and
// the passcode of `grant create`. They are written to standard output, and nowhere else.
void print_result(const Invocation& invocation, const boost::json::object& result,
                  const std::vector<SecretText>& secrets);

// The error's sentence (standard error), or its JSON (standard output); `sentence`, where there is
// one, says more than the table's. Returns the exit status.
int print_error(const Invocation& invocation, errc error, const std::string& detail = {},
                std::string_view sentence = {});

}  // namespace coffret::cli

#endif  // COFFRET_TOOLS_COFFRET_ANSWERS_HPP
