// SPDX-License-Identifier: EUPL-1.2
//
// secret_io.hpp: how a secret enters and leaves this process through a file descriptor, without
// passing through ordinary memory; and what is done about the traces of what passed all the same.
//
// Units: bytes, at most SecretText::max_size. Ownership: `fd` stays the caller's.
// Errors: too_large; io; server_unreachable (the other side hung up before the end).
// Threads: a descriptor belongs to one thread at a time.
#ifndef COFFRET_VAULT_CRYPTO_SECRET_IO_HPP
#define COFFRET_VAULT_CRYPTO_SECRET_IO_HPP

#include "coffret/error.hpp"
#include "coffret/secret.hpp"

namespace coffret::crypto {

// Exactly `size` bytes.
Result<SecretText> read_secret(int fd, std::size_t size);

// Everything up to the end of the file, without one trailing line break (\n or \r\n).
Result<SecretText> read_secret_to_end(int fd);

// One line of a terminal or pipe, without its line break.
Result<SecretText> read_secret_line(int fd);

Result<void> write_secret(int fd, const SecretText& secret);

// For the one place where a secret leaves through ordinary memory: the body of an answer to the
// page, whose holder it is told to. The caller wipes what it keeps of it.
void append_secret(Bytes& into, const SecretText& secret);

// Takes over a secret that a caller's C string holds (argv) and wipes it there.
SecretText take_secret(char* text);

// Equal length and bytes, in constant time for equal lengths.
bool same(const SecretText& a, const SecretText& b) noexcept;

// Overwrites what returned functions left on this thread's stack: short texts live there, and
// stacks of ended threads are kept for the next ones.
void wipe_stack() noexcept;

}  // namespace coffret::crypto

#endif  // COFFRET_VAULT_CRYPTO_SECRET_IO_HPP
