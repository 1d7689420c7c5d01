#include "tests/smtp/dialogue.h"

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "tests/support/files.h"

namespace siegel::tests {
namespace {

constexpr std::string_view kinds[] = {"C:", "C!", "S:", "S!", "S*", "S/", "C/", "TLS", "!", "="};

void append_escaped(std::string& octets, std::string_view& rest) {
  const std::string_view names = "rnt0\\";
  const std::string values{'\r', '\n', '\t', '\0', '\\'};
  if (const auto known = names.find(rest.front()); known != std::string_view::npos) {
    octets += values[known];
    rest.remove_prefix(1);
    return;
  }
  const auto end = rest.find('}');
  if (rest.front() != '{' || end == std::string_view::npos || octets.empty())
    throw std::runtime_error("unknown escape in a dialogue");
  octets.append(std::stoul(std::string(rest.substr(1, end - 1))) - 1, octets.back());
  rest.remove_prefix(end + 1);
}

std::string unescaped(std::string_view text) {
  std::string octets;
  while (!text.empty()) {
    const char c = text.front();
    text.remove_prefix(1);
    if (c == '\\' && !text.empty())
      append_escaped(octets, text);
    else
      octets += c;
  }
  return octets;
}

DialogueStep step_of(const std::string& text, std::size_t number) {
  const std::string kind = text.substr(0, text.find(' '));
  if (std::find(std::begin(kinds), std::end(kinds), kind) == std::end(kinds))
    throw std::runtime_error("line " + std::to_string(number) + ": what is \"" + kind + "\"?");
  const bool alone = kind.size() == text.size();
  return {kind, alone ? "" : unescaped(text.substr(kind.size() + 1)), number};
}

}  // namespace

Dialogue Dialogue::read(const std::filesystem::path& file) {
  std::istringstream lines(read_file(file));
  Dialogue dialogue;
  std::string text;
  std::getline(lines, dialogue.title);
  if (!dialogue.title.starts_with("# RFC "))
    throw std::runtime_error(file.string() + ": the first line names the RFC section");
  for (std::size_t number = 2; std::getline(lines, text); ++number) {
    if (!text.empty() && text.front() != '#') dialogue.steps.push_back(step_of(text, number));
  }
  return dialogue;
}

std::vector<std::string> Dialogue::settings(const std::string& word) const {
  std::vector<std::string> values;
  for (const DialogueStep& step : steps) {
    if (step.kind == "!" && step.text.starts_with(word + ' '))
      values.push_back(step.text.substr(word.size() + 1));
  }
  return values;
}

std::vector<std::filesystem::path> dialogues_in(const std::string& folder) {
  std::vector<std::filesystem::path> files;
  const auto directory = std::filesystem::path(SIEGEL_TEST_DATA) / "smtp" / folder;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().extension() == ".smtp") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace siegel::tests
