#pragma once

#include <string>

#include "pki/enrol/reminder.h"

/// What a reminder says to people, in both languages.
namespace siegel::relay {

struct Words {
  std::string german, english;
};

/// "Signatur", "signing"
[[nodiscard]] Words purpose_words(pki::enrol::Purpose purpose);
/// What is the matter, as a sentence.
[[nodiscard]] Words what_is_the_matter(const pki::enrol::Matter& matter);
/// What is to be done about it, as a sentence.
[[nodiscard]] Words what_to_do(const pki::enrol::Matter& matter);
/// The command of the next step.
[[nodiscard]] std::string next_command(const pki::enrol::Matter& matter);

}  // namespace siegel::relay
