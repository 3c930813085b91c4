// SPDX-License-Identifier: EUPL-1.2
#include <algorithm>
#include <iterator>
#include <new>
#include <optional>

#include "coffret/ascii.hpp"
#include "coffret/wire.hpp"
#include "vault/reader/archive.hpp"
#include "vault/reader/because.hpp"
#include "vault/reader/clean.hpp"
#include "vault/reader/hidden.hpp"
#include "vault/reader/reader.hpp"
#include "vault/reader/render_document.hpp"
#include "vault/reader/sha1.hpp"

namespace coffret::reader {
namespace {

reading::Member refused(const std::string& name, errc why) {
  return {clean_line(name), packed(why, noted_cause()), {}, {}};
}

reading::Member unpack_member(std::size_t i, const std::string& name, const ReadMember& read,
                              const XdmIndex& index) {
  auto bytes = read();
  if (bytes.has_error()) return refused(name, to_errc(bytes.error()));
  const std::string sha1 = index.records.empty() ? std::string{} : sha1_hex(*bytes);
  const XdmRecord* record = index.find(i, sha1);
  if (record == nullptr) return {clean_line(name), 0, std::move(*bytes), {}};
  if (!record->sha1.empty() && record->sha1 != sha1)
    return refused(name, because(Cause::metadata_hash));
  DocumentEntry entry = record->entry;
  if (!record->size.empty() && record->size != std::to_string(bytes->size()))
    entry.discrepancies.push_back({"size", record->size, std::to_string(bytes->size())});
  return {clean_line(name), 0, std::move(*bytes), wire::encode(entry)};
}

bool is_zip_name(const std::string& name) {
  constexpr std::string_view end = ".zip";
  return name.size() > end.size() && std::equal(end.begin(), end.end(), name.end() - 4,
                                                [](char a, char b) { return a == ascii_lower(b); });
}

// The archives one level down: which members they may be, and how much each may unpack to so that
// all together keep the bounds of the outer one.
struct Nested {
  std::vector<std::size_t> members;
  std::uint64_t room = 0;  // bytes each

  bool contains(std::size_t i) const {
    return std::find(members.begin(), members.end(), i) != members.end();
  }
};

Nested find_nested(ByteView file, const std::vector<ArchiveMember>& members, bool xdm) {
  Nested nested;
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < members.size(); ++i) {
    total += members[i].size;
    if (is_zip_name(members[i].name) && !is_packaging(members[i], xdm) &&
        members[i].size <= archive_limits::nested_size &&
        nested.members.size() < archive_limits::nested)
      nested.members.push_back(i);
  }
  const std::uint64_t most =
      std::min(archive_limits::total, archive_limits::slack + archive_limits::ratio * file.size());
  if (!nested.members.empty() && most > total)
    nested.room =
        std::min<std::uint64_t>((most - total) / nested.members.size(), reading::page_size);
  return nested;
}

// The documents of an XDM archive that is a member of another, all on one page. Null: it is none,
// and stays the member that it is.
std::optional<std::vector<reading::Member>> unpack_nested(const reading::Member& outer,
                                                          std::uint64_t room) {
  const auto members = list_archive(outer.bytes, room);
  if (members.has_error() || !is_xdm(*members)) return std::nullopt;
  std::vector<reading::Member> found;
  const auto index = read_xdm_index(outer.bytes, *members);
  if (index.has_error()) return std::vector{refused(outer.name, to_errc(index.error()))};
  const auto documents = static_cast<std::size_t>(
      std::count_if(members->begin(), members->end(),
                    [](const ArchiveMember& member) { return !is_packaging(member, true); }));
  if (documents > reading::page_length)
    return std::vector{refused(outer.name, because(Cause::archive_members))};
  const auto visited = visit_archive(outer.bytes, [&](std::size_t i, const ReadMember& read) {
    if (i >= members->size()) return false;
    if (!is_packaging((*members)[i], true))
      found.push_back(unpack_member(i, outer.name + "!/" + (*members)[i].name, read, *index));
    return true;
  });
  if (visited.has_error()) return std::vector{refused(outer.name, to_errc(visited.error()))};
  return found;
}

std::size_t size_of(const std::vector<reading::Member>& members) {
  std::size_t bytes = 0;
  for (const auto& member : members) bytes += member.bytes.size() + member.metadata.size();
  return bytes;
}

}  // namespace

Result<reading::Unpacked> unpack(ByteView file, std::uint32_t first) {
  if (file.size() > limits::file_size) return because(Cause::file_size);
  COFFRET_TRY(const auto members, list_archive(file));
  const bool xdm = is_xdm(members);
  XdmIndex index;
  if (xdm) {
    COFFRET_TRY(index, read_xdm_index(file, members));
  }
  const Nested nested = find_nested(file, members, xdm);
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
    std::vector<reading::Member> found;
    found.push_back(unpack_member(i, members[i].name, read, index));
    if (nested.contains(i))
      if (auto inner = unpack_nested(found.front(), nested.room)) found = std::move(*inner);
    // What does not fit beside the others waits for a page of its own.
    if (!page.members.empty() && (page.members.size() + found.size() > reading::page_length ||
                                  bytes + size_of(found) > reading::page_size)) {
      page.next = static_cast<std::uint32_t>(i);
      return false;
    }
    if (size_of(found) > reading::page_size)
      found = {refused(members[i].name, because(Cause::file_size))};
    bytes += size_of(found);
    std::move(found.begin(), found.end(), std::back_inserter(page.members));
    return true;
  }));
  return page;
}

namespace {

// A question that could not be answered, and why.
Bytes refusal(reading::Question question, errc why) {
  const auto code = packed(why, noted_cause());
  switch (question) {
    case reading::Question::unpack:
      return wire::encode(reading::Unpacked{code, {}, 0});
    case reading::Question::render:
      return wire::encode(reading::Rendered{code, {}});
    case reading::Question::hidden:
      return wire::encode(reading::Hidden{code, {}});
    case reading::Question::describe:
      break;
  }
  return wire::encode(DocumentDescription{code, {}, {}, {}, {}, {}});
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
  if (request.question == reading::Question::hidden)
    return wire::encode(reading::Hidden{0, hidden_details(file, as_text(converted))});
  auto description = describe(file, request.file_name, converted, metadata);
  if (description) return wire::encode(*description);
  return refusal(request.question, to_errc(description.error()));
}

}  // namespace

Bytes answer(const reading::Request& request, ByteView file, ByteView converted,
             ByteView metadata) {
  (void)noted_cause();  // of the question before
  // A file may cost more memory than the process is allowed: that is a bound like the others.
  try {
    return answer_within_memory(request, file, converted, metadata);
  } catch (const std::bad_alloc&) {
    return refusal(request.question, because(Cause::memory));
  }
}

}  // namespace coffret::reader
