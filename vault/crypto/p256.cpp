// SPDX-License-Identifier: EUPL-1.2
#include "vault/crypto/p256.hpp"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include <memory>
#include <new>

namespace coffret::crypto {
namespace {

struct FreeGroup {
  void operator()(EC_GROUP* group) const noexcept { ::EC_GROUP_free(group); }
};
struct FreePoint {
  void operator()(EC_POINT* point) const noexcept { ::EC_POINT_clear_free(point); }
};
struct FreeNumber {
  void operator()(BIGNUM* number) const noexcept { ::BN_clear_free(number); }
};
using Group = std::unique_ptr<EC_GROUP, FreeGroup>;
using Point = std::unique_ptr<EC_POINT, FreePoint>;
using Number = std::unique_ptr<BIGNUM, FreeNumber>;

template <class T>
T there(T made) {
  if (!made) throw std::bad_alloc{};
  return made;
}

Group curve() {
  return there(Group{::EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1)});
}

Number number_of(std::span<const std::uint8_t, 32> bytes) {
  Number number = there(Number{::BN_secure_new()});
  ::BN_set_flags(number.get(), BN_FLG_CONSTTIME);
  if (::BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), number.get()) == nullptr)
    throw std::bad_alloc{};
  return number;
}

}  // namespace

bool is_p256_scalar(std::span<const std::uint8_t, 32> scalar) {
  const Group group = curve();
  const Number number = number_of(scalar);
  return ::BN_is_zero(number.get()) == 0 &&
         ::BN_ucmp(number.get(), ::EC_GROUP_get0_order(group.get())) < 0;
}

DepositPublicKey public_key(const DepositKey& key) {
  const Group group = curve();
  const Number scalar = number_of(key.expose());
  const Point point = there(Point{::EC_POINT_new(group.get())});
  DepositPublicKey made;
  if (::EC_POINT_mul(group.get(), point.get(), scalar.get(), nullptr, nullptr, nullptr) != 1 ||
      ::EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED,
                           made.bytes.data(), made.bytes.size(), nullptr) != made.bytes.size())
    throw std::bad_alloc{};
  return made;
}

bool p256_agree(std::span<std::uint8_t, 32> out, const DepositKey& key,
                const DepositPublicKey& other) {
  const Group group = curve();
  const Point theirs = there(Point{::EC_POINT_new(group.get())});
  // The uncompressed form alone; OpenSSL judges that the point lies on the curve. The group has no
  // point of small order but the one at infinity, which this form cannot write.
  if (other.bytes[0] != 4 || ::EC_POINT_oct2point(group.get(), theirs.get(), other.bytes.data(),
                                                  other.bytes.size(), nullptr) != 1)
    return false;
  const Number scalar = number_of(key.expose());
  const Point shared = there(Point{::EC_POINT_new(group.get())});
  const Number x = there(Number{::BN_secure_new()});
  if (::EC_POINT_mul(group.get(), shared.get(), nullptr, theirs.get(), scalar.get(), nullptr) != 1)
    throw std::bad_alloc{};
  if (::EC_POINT_is_at_infinity(group.get(), shared.get()) == 1) return false;
  if (::EC_POINT_get_affine_coordinates(group.get(), shared.get(), x.get(), nullptr, nullptr) !=
          1 ||
      ::BN_bn2binpad(x.get(), out.data(), static_cast<int>(out.size())) !=
          static_cast<int>(out.size()))
    throw std::bad_alloc{};
  return true;
}

}  // namespace coffret::crypto
