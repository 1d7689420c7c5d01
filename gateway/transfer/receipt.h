#pragma once

#include <string>
#include <string_view>

#include "pki/seal.h"

namespace siegel::transfer {

/// A citizen who has uploaded something gets a spoken code (spoken_code.h): this is the key of its
/// row, however he writes the code.
[[nodiscard]] std::string receipt_lookup(const pki::Seal& seal, std::string_view code);

}  // namespace siegel::transfer
