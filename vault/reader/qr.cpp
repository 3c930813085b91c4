// SPDX-License-Identifier: EUPL-1.2
#include "vault/reader/qr.hpp"

#define ZX_USE_UTF8 1  // the library's own word for its interface to come
#include <ZXing/DecodeHints.h>
#include <ZXing/ReadBarcode.h>

#include <algorithm>
#include <exception>

#include "vault/reader/hcert.hpp"

namespace coffret::reader {

std::vector<std::string> read_qr_codes(const GreyPicture& picture) {
  ZXing::DecodeHints hints;
  hints.setFormats(ZXing::BarcodeFormat::QRCode);
  hints.setMaxNumberOfSymbols(qr_limits::codes);
  const ZXing::ImageView view{picture.pixels.data(), static_cast<int>(picture.width),
                              static_cast<int>(picture.height), ZXing::ImageFormat::Lum};
  std::vector<std::string> codes;
  for (const auto& found : ZXing::ReadBarcodes(view, hints)) {
    const auto& bytes = found.bytes();
    if (!found.isValid() || found.sequenceSize() >= 0 || bytes.size() > qr_limits::code) continue;
    codes.emplace_back(bytes.begin(), bytes.end());
  }
  std::sort(codes.begin(), codes.end());
  codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
  if (codes.size() > qr_limits::codes) codes.resize(qr_limits::codes);
  return codes;
}

std::string certificates_on(ByteView picture) {
  std::string all;
  // Memory, or whatever a library of another house throws: the picture is kept and tells nothing.
  try {
    const auto grey = decode_grey(picture);
    if (grey.has_error()) return {};
    for (const auto& code : read_qr_codes(*grey))
      if (!code.empty() && find_hcert(code) == code) all += code + '\n';
  } catch (const std::exception&) {
    return {};
  }
  return all;
}

}  // namespace coffret::reader
