// SPDX-License-Identifier: EUPL-1.2
#include "vault/paper/qr_code.hpp"

#include <qrencode.h>

#include <memory>

namespace coffret::paper {
namespace {

struct FreeCode {
  void operator()(QRcode* code) const noexcept {
    const auto width = static_cast<std::size_t>(code->width);
    crypto::wipe({code->data, width * width});
    ::QRcode_free(code);
  }
};

}  // namespace

Result<QrCode> qr_code(ByteView content) {
  const std::unique_ptr<QRcode, FreeCode> code{
      ::QRcode_encodeData(static_cast<int>(content.size()), content.data(), 0, QR_ECLEVEL_M)};
  if (!code) return errc::too_large;
  QrCode modules;
  modules.width = static_cast<unsigned>(code->width);
  const auto count = static_cast<std::size_t>(modules.width) * modules.width;
  modules.dark.reserve(count);
  for (std::size_t i = 0; i < count; ++i)
    modules.dark.push_back(static_cast<std::uint8_t>(code->data[i] & 1U));
  return modules;
}

}  // namespace coffret::paper
