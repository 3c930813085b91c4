// SPDX-License-Identifier: EUPL-1.2
//
// render_html.hpp: the page that a document becomes. Every element and attribute in it is named
// here or by its callers as a literal; whatever comes from the document is text, and escaped. The
// result is one HTML5 document that is also well-formed XML after its first line, holds no script,
// no link and no address but data: images that were looked at, and needs nothing else.
#ifndef COFFRET_VAULT_READER_RENDER_HTML_HPP
#define COFFRET_VAULT_READER_RENDER_HTML_HPP

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "coffret/document.hpp"
#include "coffret/error.hpp"

namespace coffret::reader {

// Bounds of one page; what lies beyond is left out and said at its end.
namespace page_limits {
inline constexpr std::size_t markup = 24u << 20;      // bytes, images not counted
inline constexpr std::size_t one_image = 8u << 20;    // bytes of an image file
inline constexpr std::size_t all_images = 24u << 20;  // bytes of image files; base64 adds a third
inline constexpr std::size_t elements = 200'000;
inline constexpr int depth = 40;  // of a narrative; deeper, its text only
}  // namespace page_limits

using Attributes = std::initializer_list<std::pair<std::string_view, std::string_view>>;

class Html {
 public:
  // Elements close in the order they were opened. `tag` must outlive the page: a literal.
  void open(std::string_view tag, Attributes attributes = {});
  void close();
  void empty(std::string_view tag, Attributes attributes = {});  // br, hr, img, meta
  // Words of the document: escaped, without control characters and such as turn the direction of
  // writing. White space at the ends stays one space.
  void text(std::string_view words);
  void element(std::string_view tag, std::string_view words, Attributes attributes = {});
  // An image in the page, if these bytes are a PNG, JPEG or GIF within the bounds; false if not.
  bool image(ByteView file, std::string_view alternative);

  // Our own words, also in a page that is full; our style sheet, as it stands.
  void notice(std::string_view words);
  void style(std::string_view sheet);

  std::string_view inside() const;  // the innermost open element
  bool full() const noexcept { return full_; }
  std::string take() &&;  // closes what is open

 private:
  void put_escaped(std::string_view words);
  void put_tag(std::string_view tag, Attributes attributes, std::string_view end);

  std::string out_;
  std::vector<std::string_view> open_;
  std::size_t elements_ = 0;
  std::size_t image_bytes_ = 0;  // of files
  std::size_t image_markup_ = 0;
  bool full_ = false;
};

// What we say around the document's words.
struct PageWords {
  std::string_view patient, born, date, author, kind, attachments, outside, cut, empty, not_shown,
      result, value, range, status, when, note;
};
const PageWords& page_words(Language language);

// The page's frame: head, style, header with the entry's title, patient, date and authors.
void begin_page(Html& page, const DocumentEntry& entry, Language language);
// The attachments by name, and whether something was left out.
void end_page(Html& page, const DocumentEntry& entry, Language language);

// "12/03/2020 11:17"; English keeps ISO's order.
std::string shown_date(std::string_view iso, Language language);

}  // namespace coffret::reader

#endif  // COFFRET_VAULT_READER_RENDER_HTML_HPP
