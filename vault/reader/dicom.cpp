// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/dicom.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>

#include "vault/reader/charset.hpp"
#include "vault/reader/clean.hpp"
#include "vault/reader/iso_time.hpp"
#include "vault/reader/parts.hpp"

namespace coffret::reader {
namespace {

constexpr std::uint32_t undefined = 0xFFFFFFFF;
constexpr std::uint32_t item = 0xFFFEE000, item_end = 0xFFFEE00D, sequence_end = 0xFFFEE0DD;

// PS3.6: what is taken, all at the top level.
constexpr std::uint32_t transfer_syntax = 0x00020010, character_set = 0x00080005,
                        sop_class = 0x00080016, sop_instance = 0x00080018, study_date = 0x00080020,
                        content_date = 0x00080023, modality = 0x00080060, institution = 0x00080080,
                        referring_physician = 0x00080090, study_description = 0x00081030,
                        series_description = 0x0008103E, performing_physician = 0x00081050,
                        patient_name = 0x00100010, patient_id = 0x00100020, birth_date = 0x00100030,
                        sex = 0x00100040, body_part = 0x00180015, study_instance = 0x0020000D,
                        last_wanted = 0x0020000D;
constexpr std::array<std::uint32_t, 18> wanted = {
    transfer_syntax,     character_set,        sop_class,  sop_instance,
    study_date,          content_date,         modality,   institution,
    referring_physician, patient_name,         patient_id, study_description,
    series_description,  performing_physician, birth_date, sex,
    body_part,           study_instance};

using Values = std::map<std::uint32_t, std::string>;

// One pass over a data set. Every step moves forward and stays inside the bytes, or ends it.
class Walk {
 public:
  Walk(ByteView bytes, bool is_explicit, bool big)
      : bytes_(bytes), explicit_(is_explicit), big_(big) {}

  // Takes wanted elements from `at` on; stops before an element that `past` says no to.
  template <class Stop>
  void take(std::size_t at, Values& values, const Stop& stop) {
    at_ = at;
    while (const auto head = next()) {
      if (stop(head->tag)) {
        at_ = head->start;
        return;
      }
      if (head->length == undefined) {
        if (!pass_sequence(0)) return;
        continue;
      }
      if (head->length > bytes_.size() - at_) return;
      if (std::find(wanted.begin(), wanted.end(), head->tag) != wanted.end())
        values.emplace(head->tag,
                       std::string{as_text(bytes_).substr(
                           at_, std::min<std::size_t>(head->length, dicom_limits::value))});
      at_ += head->length;
    }
  }
  std::size_t position() const { return at_; }

 private:
  struct Head {
    std::size_t start;
    std::uint32_t tag, length;
  };

  std::uint32_t number(std::size_t at, std::size_t size) const {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i)
      value = (value << 8) | bytes_[at + (big_ ? i : size - 1 - i)];
    return value;
  }

  // Past the header of the next element; null at the end, on nonsense, or at the bound.
  std::optional<Head> next() {
    if (++elements_ > dicom_limits::elements || bytes_.size() - at_ < 8) return std::nullopt;
    Head head{at_, (number(at_, 2) << 16) | number(at_ + 2, 2), 0};
    const std::string_view vr = as_text(bytes_).substr(at_ + 4, 2);
    const bool delimits = (head.tag >> 16) == 0xFFFE;  // these have no VR
    if (!explicit_ || delimits) {
      head.length = number(at_ + 4, 4);
      at_ += 8;
      return head;
    }
    constexpr std::array<std::string_view, 13> longer = {"OB", "OD", "OF", "OL", "OV", "OW", "SQ",
                                                         "SV", "UC", "UN", "UR", "UT", "UV"};
    if (std::find(longer.begin(), longer.end(), vr) == longer.end()) {
      head.length = number(at_ + 6, 2);
      at_ += 8;
      return head;
    }
    if (bytes_.size() - at_ < 12) return std::nullopt;
    head.length = number(at_ + 8, 4);
    at_ += 12;
    return head;
  }

  bool pass_bytes(std::uint32_t length) {
    if (length > bytes_.size() - at_) return false;
    at_ += length;
    return true;
  }

  // Items up to the end of a sequence of undefined length.
  bool pass_sequence(int depth) {
    if (depth >= dicom_limits::depth) return false;
    while (const auto head = next()) {
      if (head->tag == sequence_end) return true;
      if (head->tag != item) return false;
      if (head->length == undefined ? !pass_item(depth) : !pass_bytes(head->length)) return false;
    }
    return false;
  }

  // Elements up to the end of an item of undefined length.
  bool pass_item(int depth) {
    while (const auto head = next()) {
      if (head->tag == item_end) return true;
      if (head->length == undefined ? !pass_sequence(depth + 1) : !pass_bytes(head->length))
        return false;
    }
    return false;
  }

  ByteView bytes_;
  bool explicit_, big_;
  std::size_t at_ = 0;
  std::size_t elements_ = 0;
};

// PS3.3 C.12.1.1.2: the first value is the one without code extensions.
std::string_view iconv_name(std::string_view charset) {
  struct Pair {
    std::string_view dicom, iconv;
  };
  constexpr std::array<Pair, 10> known = {{{"ISO_IR 100", "ISO-8859-1"},
                                           {"ISO_IR 101", "ISO-8859-2"},
                                           {"ISO_IR 109", "ISO-8859-3"},
                                           {"ISO_IR 110", "ISO-8859-4"},
                                           {"ISO_IR 144", "ISO-8859-5"},
                                           {"ISO_IR 126", "ISO-8859-7"},
                                           {"ISO_IR 148", "ISO-8859-9"},
                                           {"ISO_IR 127", "ISO-8859-6"},
                                           {"ISO_IR 138", "ISO-8859-8"},
                                           {"ISO_IR 192", "UTF-8"}}};
  for (const auto& pair : known)
    if (charset == pair.dicom) return pair.iconv;
  return {};
}

class Header {
 public:
  explicit Header(Values values) : values_(std::move(values)) {
    charset_ = iconv_name(plain(character_set));
  }

  // Values are padded to an even length; several are separated by backslashes.
  std::string plain(std::uint32_t tag) const {
    const auto at = values_.find(tag);
    if (at == values_.end()) return {};
    std::string_view text = at->second;
    text = text.substr(0, text.find('\\'));
    while (text.ends_with('\0') || text.ends_with(' ')) text.remove_suffix(1);
    return clean_line(text);
  }

  std::string text(std::uint32_t tag) const {
    const auto at = values_.find(tag);
    if (at == values_.end()) return {};
    std::string_view raw = at->second;
    while (raw.ends_with('\0') || raw.ends_with(' ')) raw.remove_suffix(1);
    auto decoded = charset_.empty() ? std::nullopt : to_utf8(charset_, raw);
    if (!decoded) decoded = decode_text(as_bytes(raw));
    return clean_line(decoded.value_or(""));
  }

  // PN: "family^given^middle^prefix^suffix", in up to three scripts.
  std::string name_part(std::uint32_t tag, std::size_t n) const {
    std::string all = text(tag);
    all = all.substr(0, all.find('='));
    std::string_view rest = all;
    for (; n > 0; --n) {
      const auto caret = rest.find('^');
      if (caret == std::string_view::npos) return {};
      rest.remove_prefix(caret + 1);
    }
    return clean_line(rest.substr(0, rest.find('^')));
  }

  std::string person(std::uint32_t tag) const {
    return clean_line(name_part(tag, 1) + " " + name_part(tag, 0));
  }

 private:
  Values values_;
  std::string_view charset_;
};

Values read_values(ByteView file) {
  constexpr std::size_t after_preamble = 132;  // with "DICM"
  const std::size_t start = is_bare_dicom(file) ? 0 : after_preamble;
  Values values;
  Walk meta{file, true, false};
  meta.take(start, values, [](std::uint32_t tag) { return (tag >> 16) != 0x0002; });
  std::string_view syntax = values[transfer_syntax];
  while (syntax.ends_with('\0') || syntax.ends_with(' ')) syntax.remove_suffix(1);
  if (syntax == "1.2.840.10008.1.2.1.99") return values;  // deflated
  Walk data{file, syntax != "1.2.840.10008.1.2", syntax == "1.2.840.10008.1.2.2"};
  data.take(meta.position(), values, [](std::uint32_t tag) { return tag > last_wanted; });
  return values;
}

}  // namespace

// The length of the file meta information, which every file begins with behind the preamble.
bool is_bare_dicom(ByteView file) {
  using namespace std::string_view_literals;
  const auto text = as_text(file);
  constexpr std::size_t behind_length = 12;
  return text.starts_with("\x02\0\0\0UL\x04\0"sv) && text.size() > behind_length &&
         text.substr(behind_length, 2) == "\x02\0"sv;
}

void describe_dicom(ByteView file, DocumentDescription& into) {
  const Header header{read_values(file)};
  DocumentEntry& e = into.entry;
  e.title = header.text(study_description);
  if (e.title.empty()) e.title = header.text(series_description);
  e.date = from_hl7(header.plain(study_date));
  if (e.date.empty()) e.date = from_hl7(header.plain(content_date));
  if (const std::string uid = header.plain(sop_class); !uid.empty())
    e.type = {uid, std::string{dicom_uid_registry}, header.plain(modality)};
  e.category = "imaging";
  e.unique_id = {header.plain(sop_instance), ""};
  Author author;
  author.name = header.person(performing_physician);
  author.organisation = header.text(institution);
  if (!author.name.empty() || !author.organisation.empty()) e.authors.push_back(std::move(author));
  e.patient.family = header.name_part(patient_name, 0);
  if (!e.patient.family.empty()) e.patient.families.push_back(e.patient.family);
  e.patient.given = header.name_part(patient_name, 1);
  e.patient.birth_date = from_hl7(header.plain(birth_date));
  e.patient.gender = header.plain(sex);
  if (std::string id = header.text(patient_id); !id.empty())
    e.patient.ids.push_back({std::move(id), ""});
  for (const std::string& line :
       {header.text(study_description), header.text(series_description), header.plain(modality),
        header.text(body_part), header.text(institution), header.person(referring_physician),
        // Not a set: the pictures of one study stand beside each other, none is another's version.
        header.plain(study_instance)})
    add_text(into, line);
}

}  // namespace coffret::reader
