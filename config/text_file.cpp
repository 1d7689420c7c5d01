#include "config/text_file.h"

#include <cerrno>
#include <fstream>
#include <system_error>

#include "base/error.h"
#include "config/read_tree.h"

namespace siegel::config {

std::string read_text_file(const std::filesystem::path& file) {
  constexpr std::size_t limit = TreeLimits{}.octets;
  std::ifstream in(file, std::ios::binary);
  std::string text(limit + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad() || !in.eof()) {
    const int number = errno;
    if (in) return text;  // longer than the limit, which read_tree() will say
    throw Error(Fault::ours, "the configuration cannot be read; check the path and its permissions",
                file.string() + ": " + std::generic_category().message(number));
  }
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

}  // namespace siegel::config
