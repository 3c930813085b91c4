// SPDX-License-Identifier: EUPL-1.2
//
// reading.hpp: what the daemon and coffret-reader say to each other over one socket.
//
//   question := size:u32le  Request (wire::encode, `size` bytes)  file  converted  metadata
//   answer   := size:u32le  DocumentDescription, Unpacked, Rendered or Hidden (wire::encode)
//
// A reader answers question after question until the socket ends. Each side checks the size before
// it allocates. Integers are little-endian, sizes in bytes.
#ifndef COFFRET_READING_HPP
#define COFFRET_READING_HPP

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "coffret/bytes.hpp"
#include "coffret/document.hpp"
#include "coffret/error.hpp"

namespace coffret::reading {

inline constexpr std::size_t request_size = 4096;            // of an encoded Request
inline constexpr std::size_t page_size = limits::file_size;  // bytes and metadata in one Unpacked
inline constexpr std::size_t page_length = 256;              // members in one Unpacked
inline constexpr std::size_t member_name = 1024;             // bytes
inline constexpr std::size_t metadata_size = 1u << 20;       // bytes of one Member's metadata

// Exit statuses of a reader that could not begin.
inline constexpr int exit_unconfined = 70;    // the kernel lacks what confinement needs
inline constexpr int exit_no_converter = 71;  // the converter is not installed

enum class Question : std::uint8_t {
  describe = 1,  // answered by a DocumentDescription
  unpack = 2,    // answered by an Unpacked
  render = 3,    // answered by a Rendered
  hidden = 4,    // answered by a Hidden
};

struct Request {
  Question question = Question::describe;
  std::string file_name;  // last component; a hint, never a path to open
  std::uint32_t file_size = 0;
  std::uint32_t converted_size = 0;      // what a converter (PDF, OCR) made of the file; 0: nothing
  std::uint32_t first_member = 0;        // of unpack: where to go on
  Language language = Language::french;  // of render: our own words around the document's
  std::uint32_t metadata_size = 0;       // of describe: Member::metadata, handed back; 0: nothing

  template <class A>
  void serialize(A& a) {
    a(question, file_name, file_size, converted_size, first_member, language, metadata_size);
  }
};

inline bool within_limits(const Request& r) {
  return r.question >= Question::describe && r.question <= Question::hidden &&
         r.language <= Language::english && r.file_name.size() <= limits::short_text &&
         r.file_size <= limits::file_size && r.converted_size <= limits::file_size &&
         r.metadata_size <= reading::metadata_size;
}

// A file inside an archive.
struct Member {
  std::string name;         // path inside the archive, for display
  std::uint32_t error = 0;  // of refusal.hpp, packed: refused, and bytes is empty
  Bytes bytes;
  // What the archive says of the file (IHE XDM's METADATA.XML), or empty: to be handed back with
  // the question that describes it. wire::encode of a DocumentEntry, which only the reader reads.
  Bytes metadata{};

  template <class A>
  void serialize(A& a) {
    a(name, error, bytes, metadata);
  }
};

struct Unpacked {
  std::uint32_t error = 0;  // packed: the archive is refused as a whole
  std::vector<Member> members;
  std::uint32_t next = 0;  // first_member of the following page; 0: this was the last

  template <class A>
  void serialize(A& a) {
    a(error, members, next);
  }
};

inline bool within_limits(const Unpacked& u) {
  std::size_t total = 0;
  for (const auto& member : u.members) {
    if (member.name.size() > member_name || member.metadata.size() > metadata_size) return false;
    total += member.bytes.size() + member.metadata.size();
  }
  return u.members.size() <= page_length && total <= page_size;
}

// A document as a page that a browser can show without another program: one HTML document of
// allow-listed elements, no script, no style of the document's own, no address that is fetched.
struct Rendered {
  std::uint32_t error = 0;  // packed; unsupported: this format has no rendering
  std::string html;         // UTF-8

  template <class A>
  void serialize(A& a) {
    a(error, html);
  }
};

inline constexpr std::size_t html_size = 64u << 20;  // bytes

inline bool within_limits(const Rendered& r) {
  return r.html.size() <= html_size;
}

// What a picture or a PDF says that nobody sees who looks at it, and that travels with its bytes.
enum class HiddenKind : std::uint8_t {
  place = 1,            // where a picture was taken: "48.8566, 2.3522", or empty where unreadable
  serial = 2,           // of the camera or its lens
  camera_owner = 3,     // the name typed into the camera
  document_author = 4,  // of a PDF's properties
  producer = 5,         // the programs that made a PDF; their names may hold a person's
};

struct HiddenDetail {
  HiddenKind kind = HiddenKind::place;
  std::string value;  // one clean line

  template <class A>
  void serialize(A& a) {
    a(kind, value);
  }
  bool operator==(const HiddenDetail&) const = default;
};

struct Hidden {
  std::uint32_t error = 0;  // packed
  std::vector<HiddenDetail> details;

  template <class A>
  void serialize(A& a) {
    a(error, details);
  }
};

inline constexpr std::size_t hidden_details = 16;

inline bool within_limits(const Hidden& h) {
  if (h.details.size() > hidden_details) return false;
  for (const auto& detail : h.details)
    if (detail.kind < HiddenKind::place || detail.kind > HiddenKind::producer ||
        detail.value.size() > limits::short_text)
      return false;
  return true;
}

// Whether a file goes to the PDF converter; daemon and reader must agree. PDF's own readers accept
// a header anywhere in the first 1024 bytes (ISO 32000-1, annex H); text formats may quote one.
inline bool looks_like_pdf(ByteView file) {
  const std::string_view start = as_text(file).substr(0, 1024);
  return start.find("%PDF-") != std::string_view::npos && !start.starts_with('<') &&
         !start.starts_with('{') && !start.starts_with("\xEF\xBB\xBF");
}

}  // namespace coffret::reading

#endif  // COFFRET_READING_HPP
