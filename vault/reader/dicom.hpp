// SPDX-License-Identifier: EUPL-1.2
//
// dicom.hpp: the header of a DICOM file (PS3.10): patient, study, series, modality, where and when.
// Explicit VR little and big endian, implicit VR little endian; a deflated data set is not read.
// Reading stops at the pixels.
#ifndef COFFRET_VAULT_READER_DICOM_HPP
#define COFFRET_VAULT_READER_DICOM_HPP

#include "coffret/bytes.hpp"
#include "coffret/document.hpp"

namespace coffret::reader {

namespace dicom_limits {
inline constexpr std::size_t elements = 65'536;  // read or passed over
inline constexpr int depth = 16;                 // sequences inside sequences
inline constexpr std::size_t value = 4096;       // bytes of one value that is taken
}  // namespace dicom_limits

inline constexpr std::string_view dicom_uid_registry = "1.2.840.10008.2.6.1";

// A file without preamble and "DICM", as some programs save a data set: its file meta information
// is the first thing in it.
bool is_bare_dicom(ByteView file);

// Precondition: "DICM" at 128, or is_bare_dicom. What breaks off or is odd ends the reading: the
// entry has what came before.
void describe_dicom(ByteView file, DocumentDescription& into);

}  // namespace coffret::reader

#endif  // COFFRET_VAULT_READER_DICOM_HPP
