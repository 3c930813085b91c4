// SPDX-License-Identifier: EUPL-1.2
#include "vault/backup/manifest.hpp"

#include <boost/json/serialize.hpp>

#include "coffret/json.hpp"
#include "coffret/time.hpp"
#include "sync/protocol/signature.hpp"

namespace coffret::backup {
namespace {

using boost::json::array;
using boost::json::object;

constexpr std::string_view type = "coffret-backup+jwt";
constexpr std::uint64_t version = 1;
constexpr std::uint64_t most = (std::uint64_t{1} << 53) - 1;  // that every JSON reader counts to

object head_json(const protocol::Head& head) {
  return {{"seq", head.seq}, {"hash", head.hash.text()}};
}

// Reads members and remembers whether one of them was wrong.
class Members {
 public:
  explicit Members(const object& from) : from_(from) {}

  std::uint64_t number(std::string_view name, std::uint64_t limit = most) {
    const auto* member = from_.if_contains({name.data(), name.size()});
    return member == nullptr ? wrong() : counted(*member, limit);
  }
  std::uint64_t counted(const boost::json::value& value, std::uint64_t limit) {
    boost::system::error_code ec;
    const auto read = value.to_number<std::uint64_t>(ec);
    return ec || read > limit || value.is_double() ? wrong() : read;
  }
  template <class Id>
  void id(std::string_view name, Id& into) {
    const auto* text = text_member(from_, name);
    id(text, into);
  }
  template <class Id>
  void id(const boost::json::string* text, Id& into) {
    if (text == nullptr) {
      wrong();
      return;
    }
    const auto parsed = Id::parse({text->data(), text->size()});
    if (parsed.has_error())
      wrong();
    else
      into = *parsed;
  }
  void head(std::string_view name, protocol::Head& into) {
    const auto* member = from_.if_contains({name.data(), name.size()});
    if (member == nullptr || !member->is_object()) {
      wrong();
      return;
    }
    Members inner{member->get_object()};
    into.seq = inner.number("seq");
    inner.id("hash", into.hash);
    good_ = good_ && inner.good();
  }
  // Calls take(first as a text or null, size) for each pair of a list.
  template <class Take>
  void pairs(std::string_view name, const Take& take) {
    const auto* member = from_.if_contains({name.data(), name.size()});
    if (member == nullptr || !member->is_array()) {
      wrong();
      return;
    }
    for (const auto& item : member->get_array()) {
      if (!item.is_array() || item.get_array().size() != 2) {
        wrong();
        return;
      }
      take(item.get_array()[0].if_string(), counted(item.get_array()[1], max_size));
    }
  }
  std::uint64_t wrong() {
    good_ = false;
    return 0;
  }
  bool good() const noexcept { return good_; }

 private:
  const object& from_;
  bool good_ = true;
};

Result<Manifest> parse(std::string_view json) {
  COFFRET_TRY(const auto value, parse_json(json, {.bytes = max_manifest, .depth = 4}));
  if (!value.is_object()) return errc::malformed;
  Members members{value.get_object()};
  const auto stated = members.number("coffret_backup");
  if (!members.good()) return errc::malformed;
  if (stated != version) return errc::other_version;
  Manifest m;
  members.id("vault", m.vault);
  members.id("set", m.set);
  m.number = static_cast<std::uint32_t>(members.number("number", max_number));
  members.id("previous", m.previous);
  if (const auto* text = text_member(value.get_object(), "made_at"); text != nullptr)
    m.made_at.assign(text->data(), text->size());
  members.id("device", m.device);
  members.id("recovery", m.recovery);
  members.head("after", m.after);
  members.head("head", m.head);
  members.head("acknowledged", m.acknowledged);
  m.documents = members.number("documents");
  m.missing = members.number("missing");
  m.read_me = members.number("read_me", max_manifest);
  members.pairs("pages", [&](const auto* text, std::uint64_t size) {
    m.pages.push_back({size, {}});
    members.id(text, m.pages.back().sha256);
  });
  members.pairs("objects", [&](const auto* text, std::uint64_t size) {
    m.objects.push_back({{}, size});
    members.id(text, m.objects.back().object);
  });
  if (!members.good() || from_rfc3339(m.made_at).has_error() || m.number == 0 || m.head.seq == 0 ||
      m.after.seq > m.head.seq || m.acknowledged.seq > m.head.seq ||
      (m.full() ? m.after != protocol::Head{} : m.number == 1))
    return errc::malformed;
  return m;
}

}  // namespace

std::string sign_manifest(const Manifest& m, const Signer& signer) {
  array pages;
  for (const auto& page : m.pages) pages.push_back(array{page.sha256.text(), page.size});
  array objects;
  for (const auto& held : m.objects) objects.push_back(array{held.object.text(), held.size});
  const object json{{"coffret_backup", version},
                    {"vault", m.vault.text()},
                    {"set", m.set.text()},
                    {"number", m.number},
                    {"previous", m.previous.text()},
                    {"made_at", m.made_at},
                    {"device", m.device.text()},
                    {"recovery", m.recovery.text()},
                    {"after", head_json(m.after)},
                    {"head", head_json(m.head)},
                    {"acknowledged", head_json(m.acknowledged)},
                    {"documents", m.documents},
                    {"missing", m.missing},
                    {"read_me", m.read_me},
                    {"pages", std::move(pages)},
                    {"objects", std::move(objects)}};
  return protocol::sign_jws(type, boost::json::serialize(json), signer);
}

Result<SignedManifest> read_manifest(std::string_view signed_text) {
  COFFRET_TRY(const auto verified, protocol::verify_jws(signed_text, type, max_manifest));
  COFFRET_TRY(auto manifest, parse(verified.payload));
  return SignedManifest{std::move(manifest), verified.key, protocol::sha256(as_bytes(signed_text))};
}

}  // namespace coffret::backup
