// SPDX-License-Identifier: EUPL-1.2
//
// The first byte chooses a command of the page, the rest is the body of its request. Property: what
// is understood names that command, is understood again as the same when it is written again, and
// never names a path of the machine.
#include <boost/json/serialize.hpp>
#include <cstdlib>

#include "vault/daemon/page_api.hpp"

using namespace coffret;
using namespace coffret::daemon;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto commands = page_commands();
  const auto& command = commands[data[0] % commands.size()];
  const auto request = understand(command.name, ByteView{data + 1, size - 1});
  if (request.has_error()) return 0;
  auto arguments = request->arguments;
  if (arguments.at("command") != boost::json::string_view{command.name.data(), command.name.size()})
    std::abort();
  for (const char* never : {"paths", "paths_hex", "from", "out", "carry_from", "watch"})
    if (arguments.contains(never) && command.name.substr(0, 5) != "grant") std::abort();
  if (request->secrets.size() > 1) std::abort();
  arguments.erase("command");
  const auto again = understand(command.name, as_bytes(boost::json::serialize(arguments)));
  if (again.has_error() || again->arguments != request->arguments) std::abort();
  return 0;
}
