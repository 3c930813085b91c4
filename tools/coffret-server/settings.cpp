// SPDX-License-Identifier: EUPL-1.2
#include "tools/coffret-server/settings.hpp"

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <algorithm>
#include <charconv>

namespace coffret::server_program {
namespace {

constexpr std::size_t max_file = 64 * 1024;  // bytes

Result<std::string> text_of(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  const auto* array = node.as_array();
  if (array == nullptr) return errc::malformed;
  std::string joined;
  for (const auto& element : *array) {
    const auto* text = element.as_string();
    if (text == nullptr) return errc::malformed;
    joined += (joined.empty() ? "" : ",") + text->get();
  }
  return joined;
}

Result<std::size_t> count_of(const Settings& settings, std::string_view key) {
  const std::string text = settings.get(key);
  std::size_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size() || value == 0)
    return errc::malformed;
  return value;
}

std::set<std::string> split(std::string_view list) {
  std::set<std::string> parts;
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    std::string_view part = list.substr(0, comma);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    if (!part.empty()) parts.emplace(part);
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return parts;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

}  // namespace

const std::vector<Key>& keys() {
  static const std::vector<Key> all = {
      {"name", "NAME", "Coffret", "nom de l'association, sur sa carte",
       "the association's name, on its card"},
      {"country", "COUNTRY", "FR", "code ISO du pays dont le droit s'applique à la copie",
       "ISO code of the country whose law the copy lies under"},
      {"law", "TEXT", "", "ce droit en quelques mots, sur la carte",
       "that law in words, on the card"},
      {"host", "TEXT", "", "qui tient la machine, sur la carte",
       "who runs the machine, on the card"},
      {"contact", "TEXT", "", "à qui les membres s'adressent, sur la carte",
       "whom members ask, on the card"},
      {"public_url", "URL", "",
       "https://nom[:port] par où les membres arrivent ; vide : l'adresse d'écoute",
       "https://host[:port] as members reach it; empty: the listen address"},
      {"listen", "ADDRESS", "127.0.0.1:8443",
       "adresse et port pour les membres ; port 0 : un port libre",
       "address and port for members; port 0: any free one"},
      {"admin", "ADDRESS", "127.0.0.1:0", "adresse locale de /healthz, /readyz et /metrics",
       "loopback address of /healthz, /readyz and /metrics"},
      {"certificate", "FILE", "",
       "fichier PEM de la chaîne de certificats ; vide : le certificat auto-signé",
       "PEM file of a certificate chain; empty: the self-signed one"},
      {"key", "FILE", "", "fichier PEM de sa clé privée", "PEM file of its private key"},
      {"behind_proxy", "ADDRESS", "",
       "adresses des mandataires inverses : HTTP clair sur la machine, leurs en-têtes crus",
       "addresses of reverse proxies: clear HTTP on loopback, their headers believed"},
      {"requests_per_address", "N", "20", "requêtes simultanées d'une même adresse",
       "requests in flight from one address"},
      {"connections", "N", "1000", "connexions en tout", "connections in all"},
      {"connections_per_address", "N", "128", "connexions d'une même adresse",
       "connections from one address"},
      {"storage_threads", "N", "32", "fils d'exécution qui attendent le disque",
       "threads that wait for the disk"},
  };
  return all;
}

Result<void> Settings::read_file(const std::string& path, const Disk& disk, std::string& where) {
  where = path;
  COFFRET_TRY(const Bytes content, disk.read(path, max_file));
  const auto parsed = toml::parse(as_text(content));
  if (!parsed) return errc::malformed;
  for (const auto& [key, node] : parsed.table()) {
    const std::string_view name = key.str();  // clang 14 captures no structured binding
    const auto known = std::find_if(keys().begin(), keys().end(),
                                    [&](const Key& one) { return one.name == name; });
    where = path + ": " + std::string{name};
    if (known == keys().end()) return errc::malformed;
    COFFRET_TRY(std::string value, text_of(node));
    values_.try_emplace(std::string{known->name}, std::move(value));
  }
  return {};
}

std::string Settings::get(std::string_view key) const {
  if (const auto it = values_.find(std::string{key}); it != values_.end()) return it->second;
  for (const auto& known : keys())
    if (known.name == key) return std::string{known.standard};
  return {};
}

std::string Settings::text(const speech::Words& words) const {
  std::string out{words("# coffret-server. Chaque clé est aussi une option de la commande.\n",
                        "# coffret-server. Each key is also a flag.\n")};
  for (const auto& key : keys()) {
    out.append("\n# ").append(words(key.french, key.english)) += "\n";
    if (!has(key.name)) out += "# ";
    out += std::string{key.name} + " = " + quoted(get(key.name)) + "\n";
  }
  return out;
}

Result<std::uint64_t> parse_size(std::string_view text) {
  struct {
    std::string_view unit;
    unsigned shift;
  } const units[] = {{"KiB", 10}, {"MiB", 20}, {"GiB", 30}, {"TiB", 40}, {"", 0}};
  std::uint64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc{}) return errc::malformed;
  const std::string_view unit = text.substr(static_cast<std::size_t>(read.ptr - text.data()));
  for (const auto& known : units)
    if (unit == known.unit && value < (std::uint64_t{1} << (62 - known.shift)))
      return value << known.shift;
  return errc::malformed;
}

std::optional<http::TlsFiles> tls_files(const Settings& settings) {
  if (settings.get("certificate").empty()) return std::nullopt;
  return http::TlsFiles{settings.get("certificate"), settings.get("key")};
}

Result<server::RunningConfig> running_config(const Settings& settings,
                                             const std::string& directory) {
  server::RunningConfig config;
  config.directory = directory;
  COFFRET_TRY(config.listen, server::parse_endpoint(settings.get("listen")));
  COFFRET_TRY(config.admin, server::parse_endpoint(settings.get("admin")));
  config.tls = tls_files(settings);
  config.proxies = split(settings.get("behind_proxy"));
  config.public_url = settings.get("public_url");
  COFFRET_TRY(config.limits.per_address, count_of(settings, "requests_per_address"));
  COFFRET_TRY(config.limits.threads, count_of(settings, "storage_threads"));
  COFFRET_TRY(config.connections, count_of(settings, "connections"));
  COFFRET_TRY(config.connections_per_address, count_of(settings, "connections_per_address"));
  return config;
}

}  // namespace coffret::server_program
