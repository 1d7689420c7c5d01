#include <filesystem>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "base/blob.h"
#include "base/utf8.h"
#include "gateway/mail/fields.h"
#include "tests/mail/outline.h"
#include "tests/support/files.h"
#include "tests/support/test_name.h"

// tests/data/mail/x.eml is parsed and told in words; x.expect holds those words. A new case is two
// files.
namespace siegel::tests {
namespace {

std::set<std::string> cases() {
  std::set<std::string> names;
  for (const auto& file : std::filesystem::directory_iterator(SIEGEL_TEST_DATA "/mail")) {
    if (file.path().extension() == ".eml") names.insert(file.path().stem().string());
  }
  return names;
}

std::string told(const mail::Message& message) {
  const auto author = mail::author(message.top());
  std::string text = outline(message.top());
  text +=
      "author: " + (author.address ? author.address->str() : "none, " + author.ambiguity) + '\n';
  if (!author.display_name.empty()) text += "name: " + printable(author.display_name) + '\n';
  if (author.display_spoof) text += "display-spoof\n";
  text += "subject: " + printable(mail::subject(message.top())) + '\n';
  return text;
}

class MailTable : public testing::TestWithParam<std::string> {};

TEST_P(MailTable, R49_IsToldAsExpected) {
  const std::filesystem::path stem = SIEGEL_TEST_DATA "/mail/" + GetParam();
  const auto message = mail::Message::parse(Blob::from_file(stem.string() + ".eml"));
  EXPECT_EQ(told(message), read_file(stem.string() + ".expect"));
}

INSTANTIATE_TEST_SUITE_P(Files, MailTable, testing::ValuesIn(cases()), test_name<std::string>);

}  // namespace
}  // namespace siegel::tests
