// Every page in every state that tests/browser looks at, rendered as the daemon does it.

#include "gateway/portal/pages.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/support/files.h"

namespace siegel::tests {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using portal::Language;
using testing::HasSubstr;
using testing::Not;

fs::path fixtures() {
  return fs::path(SIEGEL_SOURCE) / "tests" / "browser" / "fixtures";
}

/// "download.password": a page and its state.
std::vector<std::string> variants() {
  std::vector<std::string> found;
  for (const auto& entry : fs::directory_iterator(fixtures()))
    if (entry.path().stem() != "base") found.push_back(entry.path().stem().string());
  std::ranges::sort(found);
  return found;
}

json data_of(const std::string& variant) {
  json data = json::parse(read_file(fixtures() / "base.json"));
  data.update(json::parse(read_file(fixtures() / (variant + ".json"))));
  return data;
}

const portal::Pages& pages() {
  static const portal::Pages all;
  return all;
}

std::string render(const std::string& variant, Language language, const json& data) {
  return pages().render(variant.substr(0, variant.find('.')), language, data);
}

class PagesTest : public testing::TestWithParam<std::string> {};

TEST_P(PagesTest, IsWholeInBothLanguages) {
  const json data = data_of(GetParam());
  for (const Language language : {Language::german, Language::english}) {
    const std::string page = render(GetParam(), language, data);
    EXPECT_THAT(page, testing::StartsWith("<!doctype html>"));
    EXPECT_THAT(page, HasSubstr("</html>\n"));
    EXPECT_THAT(page, HasSubstr("lang=\"" + std::string(code(language)) + '"'));
    EXPECT_THAT(page, Not(HasSubstr("{{"))) << "a tag was not read";
  }
}

/// Puts markup into every text, however deep it lies.
void poison(json& value) {
  if (value.is_string()) value = "<script>\"'&" + value.get<std::string>();
  if (value.is_structured())
    for (auto& each : value) poison(each);
}

TEST_P(PagesTest, Evil_NothingThatSomebodyWroteIsMarkup) {
  json data = data_of(GetParam());
  poison(data);
  const std::string page = render(GetParam(), Language::german, data);
  EXPECT_THAT(page, Not(HasSubstr("<script>")));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;&quot;"));
}

INSTANTIATE_TEST_SUITE_P(Fixtures, PagesTest, testing::ValuesIn(variants()), [](const auto& one) {
  std::string name = one.param;
  std::ranges::replace(name, '.', '_');
  return name;
});

TEST(LanguageTest, IsTheOneThatTheBrowserLikesBest) {
  EXPECT_EQ(portal::preferred_language("en-GB,en;q=0.8,de;q=0.3"), Language::english);
  EXPECT_EQ(portal::preferred_language("en;q=0.2, de-DE;q=0.9"), Language::german);
  EXPECT_EQ(portal::preferred_language("fr-FR"), Language::german);
  EXPECT_EQ(portal::preferred_language("fr, en;q=0.1"), Language::english);
  EXPECT_EQ(portal::preferred_language(""), Language::german);
  EXPECT_EQ(portal::preferred_language("de;q=0, en"), Language::english);
}

}  // namespace
}  // namespace siegel::tests
