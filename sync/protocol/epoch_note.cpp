// SPDX-License-Identifier: EUPL-1.2
#include "sync/protocol/epoch_note.hpp"

#include "sync/protocol/signature.hpp"

namespace coffret::protocol {

SignedEpochNote sign_epoch_note(const EpochNote& note, const Signer& identity) {
  SignedEpochNote out{wire::encode(note), {}};
  out.signature = identity.sign(SignatureLabel::epoch_note, out.body);
  return out;
}

Result<EpochNote> verify_epoch_note(ByteView record, const Fingerprint& server,
                                    const VaultId& vault, const SigningPublicKey& identity) {
  if (record.size() > max_epoch_note) return errc::too_large;
  COFFRET_TRY(const auto whole, wire::decode<SignedEpochNote>(record));
  if (!verify(identity, SignatureLabel::epoch_note, whole.body, whole.signature))
    return errc::unauthenticated;
  if (whole.body.empty()) return errc::malformed;
  if (whole.body[0] != epoch_note_format) return errc::other_version;
  COFFRET_TRY(auto note, wire::decode<EpochNote>(whole.body));
  if (note.server != server || note.vault != vault) return errc::unauthenticated;
  const bool empty = note.head.seq == 0;
  if (note.epoch == 0 || note.backup_at < 0 || note.restored_at < note.backup_at ||
      empty != note.head.hash.is_zero())
    return errc::malformed;
  return note;
}

Result<Confirmation> decode_confirmation(ByteView bytes) {
  if (bytes.size() > max_epoch_note) return errc::too_large;
  COFFRET_TRY(auto confirmation, wire::decode<Confirmation>(bytes));
  if (confirmation.epoch == 0) return errc::malformed;
  return confirmation;
}

}  // namespace coffret::protocol
