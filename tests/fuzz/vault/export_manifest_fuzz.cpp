// SPDX-License-Identifier: EUPL-1.2
//
// Input: the list of an export. Property: no file that it names stands outside the folder, and no
// text of it is longer than an entry may hold, and no line of it holds a control character; and
// what is no signature of it proves nobody's.
#include <cstdlib>
#include <filesystem>

#include "coffret/reading.hpp"
#include "vault/daemon/export_manifest.hpp"
#include "vault/daemon/export_signature.hpp"

using namespace coffret;
using namespace coffret::daemon;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = as_text({data, size});
  const auto judged = judge_export(text, std::string{text}, {}, {});
  if (judged.signer != ExportSigner::invalid || !judged.vault.empty()) std::abort();
  if (judge_export(text, std::nullopt, {}, {}).signer != ExportSigner::nobody) std::abort();
  if (judged.owner.size() > limits::short_text || judged.made_at.size() > limits::short_text)
    std::abort();
  const auto list = read_export_manifest(text);
  if (list.has_error()) return 0;
  for (const auto& document : *list) {
    const auto path = (std::filesystem::path{"/folder"} / document.file).lexically_normal();
    if (!path.string().starts_with("/folder/") || path == "/folder/") std::abort();
    if (document.original_name.size() > limits::short_text ||
        document.date.size() > limits::short_text || document.person.size() > limits::short_text ||
        document.entry.size() > reading::metadata_size)
      std::abort();
    for (const auto& line : {document.person, document.source, document.original_name,
                             document.title.value_or(std::string{})})
      for (const char c : line)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) std::abort();
  }
  return 0;
}
