// SPDX-License-Identifier: EUPL-1.2
//
// confinement.hpp: how this process gives up what it will not need, before it meets a stranger's
// first byte. Linux only; all of it is irrevocable.
//
// Errors: unsupported (the kernel lacks a part: nothing foreign may then be read).
#ifndef COFFRET_TOOLS_COFFRET_READER_CONFINEMENT_HPP
#define COFFRET_TOOLS_COFFRET_READER_CONFINEMENT_HPP

#include <cstdint>

#include "coffret/error.hpp"

namespace coffret {

// What a reader may use at most, whatever its mode; and the one that decodes a picture.
namespace confinement {
inline constexpr std::uint64_t memory = 1536u << 20;  // bytes of address space
inline constexpr std::uint64_t cpu_seconds = 60;      // for all files of one process
inline constexpr std::uint64_t descriptors = 16;
inline constexpr std::uint64_t picture_memory = 96u << 20;  // bytes that it writes to
inline constexpr std::uint64_t picture_cpu_seconds = 4;
}  // namespace confinement

// Closes every descriptor but standard input, output and error; no core file; the limits above.
Result<void> give_up_descriptors_and_limits();

// Less memory and time, for a process that decodes one picture.
Result<void> limit_to_a_picture();

// Parse mode: a list of the few system calls that a pure computation with a pipe needs. Opening
// answers EPERM, because libraries ask and cope; anything else ends the process.
Result<void> confine_to_computation();

// Confine mode: reading and executing below the named system paths only, no network, no signals to
// others, no tracing, no new processes. What exec can reach is below the same paths.
Result<void> confine_to_system_files();

}  // namespace coffret

#endif  // COFFRET_TOOLS_COFFRET_READER_CONFINEMENT_HPP
