#pragma once

#include <string>
#include <string_view>

#include "pki/seal.h"

namespace siegel::transfer {

/// What a citizen gets who has uploaded something, to be written down: 80 random bits as
/// "K7QM-3F9A-W0XE-P2RT", in Crockford's alphabet, which has no letter that looks like a digit.
[[nodiscard]] std::string new_receipt_code();

/// The key of its row. Case, blanks and dashes do not matter, and O, I and L are read as 0 and 1.
[[nodiscard]] std::string receipt_lookup(const pki::Seal& seal, std::string_view code);

}  // namespace siegel::transfer
