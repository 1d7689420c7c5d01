#include "base/error.h"

#include <system_error>
#include <utility>

namespace siegel {

Error::Error(Fault fault, std::string said, std::string detail)
    : fault_(fault),
      said_(std::move(said)),
      detail_(std::move(detail)),
      what_(detail_.empty() ? said_ : said_ + ": " + detail_) {}

Error system_error(std::string_view what_failed, int error_number) {
  return {Fault::world, "a local resource is not available, please try again later",
          std::string(what_failed) + ": " + std::generic_category().message(error_number)};
}

}  // namespace siegel
