#pragma once

#include <filesystem>
#include <string>
#include <vector>

/// Dialogues as files (tests/data/smtp). The first line names the RFC section; then one step a
/// line:
///
///   ! word value    the set-up: see the test that runs the file
///   C: text         the client sends (or must send) the line, CRLF is added
///   C! text         the client sends just these octets
///   S: text         the server must send (or sends) a line that starts like this
///   S! text         the server sends just these octets
///   S* 250          the server must send a whole reply, of any number of lines, with this code
///   S/ or C/        that side closes the connection
///   TLS             both sides start TLS
///   = text          what must be true by now: see the test that runs the file
///
/// `\r \n \t \0 \\` stand for octets; `\{n}` repeats the octet before it n times.
namespace siegel::tests {

struct DialogueStep {
  std::string kind;  // "C:", "C!", "S:", "S!", "S*", "S/", "C/", "TLS", "!", "="
  std::string text;
  std::size_t line = 0;
};

struct Dialogue {
  std::string title;
  std::vector<DialogueStep> steps;

  static Dialogue read(const std::filesystem::path& file);
  /// The values of all `! word value` lines.
  [[nodiscard]] std::vector<std::string> settings(const std::string& word) const;
};

/// The files of a folder below tests/data/smtp, for INSTANTIATE_TEST_SUITE_P.
std::vector<std::filesystem::path> dialogues_in(const std::string& folder);

}  // namespace siegel::tests
