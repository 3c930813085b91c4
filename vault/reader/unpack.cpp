// SPDX-License-Identifier: EUPL-1.2
#include <new>

#include "coffret/wire.hpp"
#include "vault/reader/archive.hpp"
#include "vault/reader/clean.hpp"
#include "vault/reader/reader.hpp"
#include "vault/reader/render_document.hpp"
#include "vault/reader/sha1.hpp"

namespace coffret::reader {
namespace {

reading::Member refused(const std::string& name, errc why) {
  return {clean_line(name), static_cast<std::uint32_t>(why), {}, {}};
}

reading::Member unpack_member(std::size_t i, const std::string& name, const ReadMember& read,
                              const XdmIndex& index) {
  auto bytes = read();
  if (bytes.has_error()) return refused(name, to_errc(bytes.error()));
  const std::string sha1 = index.records.empty() ? std::string{} : sha1_hex(*bytes);
  const XdmRecord* record = index.find(i, sha1);
  if (record == nullptr) return {clean_line(name), 0, std::move(*bytes), {}};
  if (!record->sha1.empty() && record->sha1 != sha1) return refused(name, errc::unauthenticated);
  DocumentEntry entry = record->entry;
  if (!record->size.empty() && record->size != std::to_string(bytes->size()))
    entry.discrepancies.push_back({"size", record->size, std::to_string(bytes->size())});
  return {clean_line(name), 0, std::move(*bytes), wire::encode(entry)};
}

}  // namespace

Result<reading::Unpacked> unpack(ByteView file, std::uint32_t first) {
  if (file.size() > limits::file_size) return errc::too_large;
  COFFRET_TRY(const auto members, list_archive(file));
  const bool xdm = is_xdm(members);
  XdmIndex index;
  if (xdm) {
    COFFRET_TRY(index, read_xdm_index(file, members));
  }
  reading::Unpacked page;
  std::size_t bytes = 0;
  // Pages count members of the archive, packaging included, so that each begins where the last
  // ended without reading the ones before.
  COFFRET_CHECK(visit_archive(file, [&](std::size_t i, const ReadMember& read) {
    if (i >= members.size()) return false;
    if (i < first || is_packaging(members[i], xdm)) return true;
    const std::size_t size = static_cast<std::size_t>(members[i].size);
    const bool oversized = members[i].size > limits::file_size;  // becomes an error of its own
    if (page.members.size() == reading::page_length ||
        (!oversized && bytes + size > reading::page_size)) {
      page.next = static_cast<std::uint32_t>(i);
      return false;
    }
    page.members.push_back(unpack_member(i, members[i].name, read, index));
    bytes += page.members.back().bytes.size() + page.members.back().metadata.size();
    return true;
  }));
  return page;
}

namespace {

// A question that could not be answered, and why.
Bytes refusal(reading::Question question, errc why) {
  const auto code = static_cast<std::uint32_t>(why);
  switch (question) {
    case reading::Question::unpack:
      return wire::encode(reading::Unpacked{code, {}, 0});
    case reading::Question::render:
      return wire::encode(reading::Rendered{code, {}});
    case reading::Question::describe:
      break;
  }
  return wire::encode(DocumentDescription{code, {}, {}, {}, {}});
}

Bytes answer_within_memory(const reading::Request& request, ByteView file, ByteView converted,
                           ByteView metadata) {
  if (request.question == reading::Question::unpack) {
    auto unpacked = unpack(file, request.first_member);
    if (unpacked) return wire::encode(*unpacked);
    return refusal(request.question, to_errc(unpacked.error()));
  }
  if (request.question == reading::Question::render) {
    auto html = render(file, request.file_name, converted, request.language);
    if (html) return wire::encode(reading::Rendered{0, std::move(*html)});
    return refusal(request.question, to_errc(html.error()));
  }
  auto description = describe(file, request.file_name, converted, metadata);
  if (description) return wire::encode(*description);
  return refusal(request.question, to_errc(description.error()));
}

}  // namespace

Bytes answer(const reading::Request& request, ByteView file, ByteView converted,
             ByteView metadata) {
  // A file may cost more memory than the process is allowed: that is a bound like the others.
  try {
    return answer_within_memory(request, file, converted, metadata);
  } catch (const std::bad_alloc&) {
    return refusal(request.question, errc::too_large);
  }
}

}  // namespace coffret::reader
