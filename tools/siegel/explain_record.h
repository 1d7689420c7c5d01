#pragma once

#include <string>

#include "tools/siegel/command.h"

namespace siegel::tools {

/// What is asked of mail that has passed: `siegel explain --id ID`, `--recipient ADDRESS`.
struct Question {
  std::string id;         ///< our id, that of an item in the queue, or a Message-ID
  std::string recipient;  ///< or whom it was for …
  std::string since = "7d";

  [[nodiscard]] bool is_asked() const { return !id.empty() || !recipient.empty(); }
};

/// Adds the options; each excludes `mail`, the message that is explained otherwise.
void add_question(CLI::App& command, Question& question, CLI::Option& mail);

/// Says why mail was treated as it was, from the decisions that the relay has kept. Why it was not
/// encrypted comes first, because that is what people ask. Throws Error{peer} if nothing is known.
void answer(const Context& context, const Question& question);

}  // namespace siegel::tools
