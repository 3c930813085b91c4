// SPDX-License-Identifier: EUPL-1.2
//
// export_text.hpp: the readable side of an export: a page that needs nothing, tables for a
// spreadsheet, a list of digests, and a few words on all of them. Pure functions.
//
// Nothing of a document's words can act: the page has no script and fetches nothing, and no cell
// of a table begins as a formula does.
#ifndef COFFRET_VAULT_DAEMON_EXPORT_TEXT_HPP
#define COFFRET_VAULT_DAEMON_EXPORT_TEXT_HPP

#include <string>
#include <string_view>
#include <vector>

#include "vault/daemon/export_record.hpp"

namespace coffret::daemon {

std::string index_html(const ExportedRecord& record);
std::string read_me(const ExportedRecord& record);

// UTF-8 with a byte order mark, RFC 4180 but for the separator (a semicolon in French), every cell
// in quotes.
std::string documents_csv(const ExportedRecord& record);
std::string results_csv(const ExportedRecord& record);
std::string medicines_csv(const ExportedRecord& record);

// One line of a table; what a spreadsheet would compute gets an apostrophe in front.
std::string csv_line(const std::vector<std::string>& cells, Language language);

// Text as XML and HTML take it, in an element or in a quoted attribute.
std::string escaped(std::string_view text);
// A relative path as a URL reference (RFC 3986).
std::string path_reference(std::string_view path);

}  // namespace coffret::daemon

#endif  // COFFRET_VAULT_DAEMON_EXPORT_TEXT_HPP
