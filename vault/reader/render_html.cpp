// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/render_html.hpp"

#include <array>

#include "coffret/encoding.hpp"
#include "vault/reader/clean.hpp"

namespace coffret::reader {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

// By their first bytes, whatever they call themselves. SVG is a document that can act: none.
std::string_view image_type(ByteView file) {
  const std::string_view start = as_text(file).substr(0, 8);
  if (start.starts_with("\x89PNG\r\n\x1A\n")) return "image/png";
  if (start.starts_with("\xFF\xD8\xFF")) return "image/jpeg";
  return start.starts_with("GIF87a") || start.starts_with("GIF89a") ? "image/gif"
                                                                    : std::string_view{};
}

}  // namespace

void Html::put_escaped(std::string_view words) {
  for (const char c : words) {
    switch (c) {
      case '&':
        out_ += "&amp;";
        break;
      case '<':
        out_ += "&lt;";
        break;
      case '>':
        out_ += "&gt;";
        break;
      case '"':
        out_ += "&quot;";
        break;
      default:
        out_.push_back(c);
    }
  }
}

void Html::put_tag(std::string_view tag, Attributes attributes, std::string_view end) {
  out_.append("<").append(tag);
  for (const auto& [name, value] : attributes) {
    if (value.empty() && name != "alt") continue;
    out_.append(" ").append(name).append("=\"");
    put_escaped(value);
    out_.append("\"");
  }
  out_ += end;
  full_ = full_ || ++elements_ >= page_limits::elements ||
          out_.size() - image_markup_ >= page_limits::markup;
}

void Html::open(std::string_view tag, Attributes attributes) {
  put_tag(tag, attributes, ">");
  open_.push_back(tag);
}

void Html::close() {
  if (open_.empty()) return;
  out_.append("</").append(open_.back()).append(">");
  open_.pop_back();
}

void Html::empty(std::string_view tag, Attributes attributes) {
  put_tag(tag, attributes, "/>");
}

void Html::text(std::string_view words) {
  if (words.empty() || full_) return;
  const std::string clean = clean_text(words.substr(0, page_limits::markup));
  if (clean.empty() || (is_space(words.front()) && !is_space(clean.front()))) out_.push_back(' ');
  put_escaped(clean);
  if (is_space(words.back()) && !clean.empty()) out_.push_back(' ');
  full_ = out_.size() - image_markup_ >= page_limits::markup;
}

void Html::element(std::string_view tag, std::string_view words, Attributes attributes) {
  open(tag, attributes);
  text(words);
  close();
}

bool Html::image(ByteView file, std::string_view alternative) {
  const std::string_view type = image_type(file);
  if (type.empty() || file.size() > page_limits::one_image ||
      image_bytes_ + file.size() > page_limits::all_images)
    return false;
  image_bytes_ += file.size();
  const std::size_t before = out_.size();
  std::string address = "data:";
  address.append(type).append(";base64,").append(to_base64(file));
  empty("img", {{"src", address}, {"alt", clean_line(alternative)}});
  image_markup_ += out_.size() - before;
  return true;
}

void Html::notice(std::string_view words) {
  open("p", {{"class", "note"}});
  put_escaped(words);
  close();
}

void Html::style(std::string_view sheet) {
  out_.append("<style>").append(sheet).append("</style>");
}

std::string_view Html::inside() const {
  return open_.empty() ? std::string_view{} : open_.back();
}

std::string Html::take() && {
  while (!open_.empty()) close();
  return std::move(out_);
}

std::string shown_date(std::string_view iso, Language language) {
  std::string day{iso.substr(0, iso.find('T'))};
  if (language == Language::french && day.size() == 10)
    day = day.substr(8, 2) + "/" + day.substr(5, 2) + "/" + day.substr(0, 4);
  else if (language == Language::french && day.size() == 7)
    day = day.substr(5, 2) + "/" + day.substr(0, 4);
  const auto clock = iso.find('T');
  if (clock == std::string_view::npos || iso.size() < clock + 6) return day;
  const std::string_view time = iso.substr(clock + 1, 5);
  // Midnight to the second is how systems write a day without a time.
  if (time == "00:00") return day;
  return day.append(" ").append(time);
}

}  // namespace coffret::reader
