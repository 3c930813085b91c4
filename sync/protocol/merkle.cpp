// SPDX-License-Identifier: EUPL-1.2
#include "sync/protocol/merkle.hpp"

#include <bit>
#include <charconv>

#include "sync/protocol/hash.hpp"
#include "sync/protocol/signature.hpp"

namespace coffret::protocol {
namespace {

constexpr std::size_t key_id_size = 4;  // bytes

// The text that is signed: three lines, each ended (C2SP tlog-checkpoint).
std::string checkpoint_text(const Checkpoint& checkpoint) {
  return checkpoint.origin + "\n" + std::to_string(checkpoint.size) + "\n" +
         to_base64(checkpoint.root.bytes) + "\n";
}

// C2SP signed-note: the first 4 bytes of SHA-256(name ‖ LF ‖ 0x01 ‖ key); 1 is Ed25519.
Bytes key_id(std::string_view name, const SigningPublicKey& key) {
  Bytes hashed = to_bytes(as_bytes(name));
  hashed.push_back('\n');
  hashed.push_back(1);
  append(hashed, key.bytes);
  const Sha256 hash = sha256(hashed);
  return to_bytes(hash.view().first(key_id_size));
}

std::string note(const Checkpoint& checkpoint, const SigningPublicKey& key,
                 const Signature& signature) {
  Bytes blob = key_id(checkpoint.origin, key);
  append(blob, signature.bytes);
  return checkpoint_text(checkpoint) + "\n\u2014 " + checkpoint.origin + " " + to_base64(blob) +
         "\n";
}

// The next line, without its end.
Result<std::string_view> take_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  if (end == std::string_view::npos) return errc::malformed;
  const auto line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return line;
}

}  // namespace

Sha256 leaf_hash(ByteView leaf) {
  Bytes prefixed{0};
  append(prefixed, leaf);
  return sha256(prefixed);
}

Sha256 node_hash(const Sha256& left, const Sha256& right) {
  Bytes prefixed{1};
  append(prefixed, left.bytes);
  append(prefixed, right.bytes);
  return sha256(prefixed);
}

void CompactRange::append(const Sha256& leaf) {
  Sha256 carried = leaf;
  for (std::uint64_t bits = size; (bits & 1) != 0; bits >>= 1) {
    carried = node_hash(peaks.back(), carried);
    peaks.pop_back();
  }
  peaks.push_back(carried);
  ++size;
}

Sha256 CompactRange::root() const {
  if (peaks.empty()) return sha256({});
  Sha256 folded = peaks.back();
  for (std::size_t i = peaks.size() - 1; i-- > 0;) folded = node_hash(peaks[i], folded);
  return folded;
}

bool CompactRange::valid() const noexcept {
  return peaks.size() == static_cast<std::size_t>(std::popcount(size));
}

std::string checkpoint_origin(const Fingerprint& server, const VaultId& vault) {
  return "coffret/" + to_base64url(server.bytes) + "/" + vault.text();
}

std::string sign_checkpoint(const Checkpoint& checkpoint, const Signer& identity) {
  const std::string signed_text = checkpoint_text(checkpoint);
  const Signature signature = identity.sign(SignatureLabel::checkpoint, as_bytes(signed_text));
  return note(checkpoint, identity.public_key(), signature);
}

Result<Checkpoint> verify_checkpoint(std::string_view text, std::string_view origin,
                                     const SigningPublicKey& identity) {
  if (text.size() > max_checkpoint_size) return errc::malformed;
  std::string_view rest = text;
  COFFRET_TRY(const auto name, take_line(rest));
  COFFRET_TRY(const auto count, take_line(rest));
  COFFRET_TRY(const auto root, take_line(rest));
  const std::size_t before_signature = text.size() - rest.size();
  COFFRET_TRY(const auto empty, take_line(rest));
  COFFRET_TRY(const auto line, take_line(rest));

  Checkpoint checkpoint;
  checkpoint.origin = std::string{name};
  const auto read = std::from_chars(count.data(), count.data() + count.size(), checkpoint.size);
  if (read.ec != std::errc{} || !empty.empty()) return errc::malformed;
  COFFRET_TRY(const auto raw_root, from_base64(root));
  COFFRET_TRY(checkpoint.root, Sha256::from(raw_root));
  const auto space = line.rfind(' ');
  if (space == std::string_view::npos) return errc::malformed;
  COFFRET_TRY(const auto blob, from_base64(line.substr(space + 1)));
  if (blob.size() != key_id_size + Signature::size) return errc::malformed;
  COFFRET_TRY(const auto signature, Signature::from(ByteView{blob}.subspan(key_id_size)));

  if (name != origin || !verify(identity, SignatureLabel::checkpoint,
                                as_bytes(text.substr(0, before_signature)), signature))
    return errc::unauthenticated;
  // Written again it must be the same bytes: no second signature, no extension line, no other key.
  if (note(checkpoint, identity, signature) != text) return errc::malformed;
  return checkpoint;
}

}  // namespace coffret::protocol
