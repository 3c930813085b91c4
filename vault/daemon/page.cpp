// SPDX-License-Identifier: EUPL-1.2
#include "vault/daemon/page.hpp"

#include <string>
#include <string_view>

namespace coffret::daemon {
namespace {

constexpr std::string_view html = R"html(<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Coffret</title>
<link rel="stylesheet" href="/page.css">
</head>
<body>
<main>
<h1>Coffret</h1>
<p>Votre coffre est sur cette machine, chiffré. Cette page n'en montre rien et ne demande jamais de
phrase secrète&nbsp;: dans cette version, le coffre se conduit depuis un terminal.</p>
<pre><code>coffret init
coffret import DOSSIER
coffret search glycémie
coffret grant create --to "Dr Alice Martin" --for 7d --document ID
coffret access-log</code></pre>
<p><code>coffret --help</code> dit tout le reste.</p>
<section lang="en">
<h2>In English</h2>
<p>Your vault is on this machine, encrypted. This page shows nothing of it and never asks for a
passphrase: in this version the vault is driven from a terminal. <code>coffret --help</code> tells
how.</p>
</section>
</main>
</body>
</html>
)html";

constexpr std::string_view css = R"css(:root { color-scheme: light dark; }
body { margin: 0; font: 1.125rem/1.6 system-ui, sans-serif; }
main { max-width: 40rem; margin: 0 auto; padding: 2rem 1rem; }
h1 { font-size: 2rem; font-weight: 600; }
h2 { font-size: 1.25rem; margin-top: 2.5rem; }
pre { padding: 1rem; overflow-x: auto; border: 1px solid; border-radius: 0.25rem; }
)css";

bool our_host(const http::Request& request, std::uint16_t port) {
  const auto* host = request.fields.find("Host");
  if (host == nullptr) return false;
  const std::string suffix = ":" + std::to_string(port);
  return *host == "127.0.0.1" + suffix || *host == "[::1]" + suffix ||
         *host == "localhost" + suffix;
}

// Browsers say where a request comes from; a program that is none says nothing.
bool own_navigation(const http::Request& request) {
  const auto* site = request.fields.find("Sec-Fetch-Site");
  return request.fields.find("Origin") == nullptr &&
         (site == nullptr || *site == "none" || *site == "same-origin");
}

http::Response plain(unsigned status, std::string_view type, std::string_view body) {
  http::Response response;
  response.status = status;
  response.body = to_bytes(as_bytes(body));
  response.fields.set("Content-Type", std::string{type});
  response.fields.set("Cache-Control", "no-store");
  response.fields.set("Content-Security-Policy",
                      "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
                      "frame-ancestors 'none'; require-trusted-types-for 'script'");
  response.fields.set("X-Content-Type-Options", "nosniff");
  response.fields.set("Referrer-Policy", "no-referrer");
  response.fields.set("Cross-Origin-Opener-Policy", "same-origin");
  response.fields.set("Cross-Origin-Resource-Policy", "same-origin");
  response.fields.set("Cross-Origin-Embedder-Policy", "require-corp");
  response.fields.set("Permissions-Policy", "camera=(), microphone=(), geolocation=()");
  return response;
}

}  // namespace

http::Response answer_page(const http::Request& request, std::uint16_t port) {
  if (!our_host(request, port) || !own_navigation(request))
    return plain(403, "text/plain; charset=utf-8", "403\n");
  if (request.method != "GET") return plain(405, "text/plain; charset=utf-8", "405\n");
  if (request.path() == "/") return plain(200, "text/html; charset=utf-8", html);
  if (request.path() == "/page.css") return plain(200, "text/css; charset=utf-8", css);
  return plain(404, "text/plain; charset=utf-8", "404\n");
}

}  // namespace coffret::daemon
