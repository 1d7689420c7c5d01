#pragma once

#include <string>
#include <string_view>

namespace siegel::transfer {

/// What people write down or tell each other on the phone: 80 random bits as "K7QM-3F9A-W0XE-P2RT",
/// in Crockford's alphabet, which has no letter that looks like a digit.
[[nodiscard]] std::string new_spoken_code();

/// The same however it was written down: capital letters and digits alone. Blanks, dashes and case
/// do not matter, and O, I and L are read as 0 and 1.
[[nodiscard]] std::string bare_code(std::string_view code);

}  // namespace siegel::transfer
