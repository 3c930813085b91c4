// SPDX-License-Identifier: EUPL-1.2
//
// Runs a fuzz target over the files of the given folders, with any compiler. A folder that is
// missing or empty is a failure: a corpus that is not there proves nothing.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
  std::size_t replayed = 0;
  for (int i = 1; i < argc; ++i) {
    std::error_code ec;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[i], ec)) {
      if (!entry.is_regular_file()) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      const std::vector<char> b{std::istreambuf_iterator<char>(in), {}};
      LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(b.data()), b.size());
      ++replayed;
    }
  }
  (void)std::printf("%zu inputs replayed\n", replayed);
  return replayed == 0 ? 1 : 0;
}
