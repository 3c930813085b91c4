// SPDX-License-Identifier: EUPL-1.2
#include "vault/store/parameters.hpp"

#include <boost/json/serialize.hpp>

#include "coffret/json.hpp"

namespace coffret::store {

std::string format_parameters(const StoreParameters& parameters) {
  const boost::json::object cipher{{"library", "SQLCipher 4"},
                                   {"key", "raw"},
                                   {"page_size", parameters.page_bytes},
                                   {"hmac", parameters.mac}};
  const boost::json::object store{{"format", parameters.format}, {"cipher", cipher}};
  return boost::json::serialize(store) + "\n";
}

Result<StoreParameters> parse_parameters(std::string_view json) {
  const auto value = parse_json(json, {.bytes = 4096, .depth = 4});
  if (value.has_error() || !value->is_object()) return errc::damaged;
  const auto& store = value->get_object();
  const auto* format = store.if_contains("format");
  if (format == nullptr || !format->is_int64()) return errc::damaged;
  if (format->get_int64() < oldest_store_format || format->get_int64() > gap_store_format)
    return errc::other_version;

  const auto* cipher = store.if_contains("cipher");
  if (cipher == nullptr || !cipher->is_object()) return errc::damaged;
  const auto* page = cipher->get_object().if_contains("page_size");
  const auto* mac = text_member(cipher->get_object(), "hmac");
  if (page == nullptr || !page->is_int64() || mac == nullptr) return errc::damaged;

  StoreParameters parameters{.format = format->get_int64(),
                             .page_bytes = page->get_int64(),
                             .mac = std::string{mac->data(), mac->size()}};
  if (parameters != StoreParameters{.format = parameters.format}) return errc::other_version;
  return parameters;
}

}  // namespace coffret::store
