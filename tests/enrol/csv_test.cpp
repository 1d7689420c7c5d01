#include <gmock/gmock.h>

#include "tests/enrol/manifest_fixture.h"
#include "tests/support/files.h"

namespace siegel::tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct Read {
  pki::enrol::Table table;
  std::vector<std::string> problems;
};

Read read(const std::string& octets) {
  std::vector<pki::enrol::ManifestProblem> problems;
  Read result{pki::enrol::read_csv(octets, problems), {}};
  for (const auto& problem : problems)
    result.problems.push_back(std::to_string(problem.row) + ": " + problem.text);
  return result;
}

/// The table of a text without problems.
pki::enrol::Table table(const std::string& octets) {
  auto result = read(octets);
  EXPECT_THAT(result.problems, IsEmpty());
  return std::move(result.table);
}

/// "line: cell|cell" of each row.
std::vector<std::string> rows(const pki::enrol::Table& table) {
  std::vector<std::string> lines;
  for (const auto& row : table.rows) {
    std::string line = std::to_string(row.number) + ':';
    for (const auto& cell : row.cells) line += (line.ends_with(':') ? " " : "|") + cell;
    lines.push_back(line);
  }
  return lines;
}

TEST(Csv, CommaSemicolonAndTab) {
  for (const auto* text : {"A,B\n1,x y\n", "A;B\n1;x y\n", "A\tB\n1\tx y\n"}) {
    EXPECT_THAT(table(text).columns, ElementsAre("a", "b")) << text;
    EXPECT_THAT(rows(table(text)), ElementsAre("2: 1|x y")) << text;
  }
}

TEST(Csv, BadInput_SemicolonsOfAGermanSpreadsheetAreTaken) {
  EXPECT_THAT(rows(table("a;b;c\n1,5;2;\n")), ElementsAre("2: 1,5|2|"));
  EXPECT_THAT(rows(table("sep=;\r\na,x;b\r\n1;2\r\n")), ElementsAre("3: 1|2"));
}

TEST(Csv, BadInput_Utf8WithByteOrderMark) {
  EXPECT_THAT(table("\xEF\xBB\xBF"
                    "address;b\n1;\xC3\xBC\n")
                  .columns,
              ElementsAre("address", "b"));
  EXPECT_THAT(rows(table("\xEF\xBB\xBF"
                         "a;b\n1;\xC3\xBC\n")),
              ElementsAre("2: 1|\u00FC"));
}

TEST(Csv, BadInput_Windows1252AsExcelWritesIt) {
  EXPECT_THAT(rows(table("Name;Ort\r\nB\xFCrgerb\xFCro;\x84M\xFCnchen\x93 \x96 5 \x80\r\n")),
              ElementsAre("2: B\u00FCrgerb\u00FCro|\u201EM\u00FCnchen\u201C \u2013 5 \u20AC"));
}

TEST(Csv, BadInput_WhatIsNeitherEncodingIsNotGuessedAt) {
  const auto is_told = ElementsAre(HasSubstr("save it as \"CSV UTF-8\""));
  EXPECT_THAT(read("a;b\nB\xC3\xBCro;B\xFCro\n").problems, is_told) << "half of each";
  EXPECT_THAT(read("\xEF\xBB\xBF"
                   "a;b\nB\xFCro;1\n")
                  .problems,
              is_told)
      << "says it is UTF-8";
  EXPECT_THAT(read(std::string("\xFF\xFE"
                               "a\0;\0b\0",
                               8))
                  .problems,
              is_told)
      << "UTF-16";
  EXPECT_THAT(read(std::string("a\0;\0b\0", 6)).problems, is_told) << "UTF-16 without a mark";
  EXPECT_THAT(read("a;b\n\x81;1\n").problems, is_told);
  EXPECT_THAT(read(std::string("PK\x03\x04\xFF\0\0", 7)).problems, is_told) << "a ZIP, as XLSX is";
}

TEST(Csv, EveryLineEndIsOneLine) {
  EXPECT_THAT(rows(table("a;b\r\n1;2\r\n\r\n3;4")), ElementsAre("2: 1|2", "4: 3|4"));
  EXPECT_THAT(rows(table("\n\na;b\r1;2\r3;4\r")), ElementsAre("4: 1|2", "5: 3|4"));
}

TEST(Csv, ARowIsWhereItBeginsThoughCellsHoldLineBreaks) {
  EXPECT_THAT(rows(table("a;b\r\n\"x\r\n\r\ny\";2\r\n3;4\r\n")),
              ElementsAre("2: x\n\ny|2", "5: 3|4"));
}

TEST(Csv, QuotesBelongToTheCellOnlyWhenDoubled) {
  EXPECT_THAT(rows(table("a;b\n\"Amt \"\"Nord\"\"; Ost\" ;  2 \n")),
              ElementsAre("2: Amt \"Nord\"; Ost|2"));
}

TEST(Csv, BadInput_BrokenQuotesAreToldAndTheOtherRowsAreRead) {
  const auto result = read("a;b\n1;2\nAmt \"Nord\";2\n\"Amt\"x;3\n\"offen;4\n5;6\n");
  EXPECT_THAT(rows(result.table), ElementsAre("2: 1|2", "6: 5|6"));
  EXPECT_THAT(result.problems,
              ElementsAre(HasSubstr("3: the quotation marks do not fit"), HasSubstr("4: the quot"),
                          HasSubstr("5: the quotation marks do not fit together; put them")));
}

TEST(Csv, BadInput_ALoneQuoteDoesNotSwallowTheFile) {
  std::string text = "a;b\n\"offen;1\n";
  for (int i = 0; i < 100; ++i) text += "x;y\n";
  const auto result = read(text + "\"zu\";2\n");
  EXPECT_THAT(result.problems, SizeIs(1));
  EXPECT_THAT(result.table.rows, SizeIs(101));
}

TEST(Csv, ALoneQuoteInTheFirstLineIsTheEnd) {
  EXPECT_THAT(read("a\";b\n1;2\n").problems, ElementsAre(HasSubstr("0: the first line")));
}

TEST(Csv, EmptyCellsAtTheEndOfARowMayBeThereOrNot) {
  EXPECT_THAT(rows(table("a;b;c\n1\n2;3\n4;5;6;;;\n;;\n  \n")),
              ElementsAre("2: 1||", "3: 2|3|", "4: 4|5|6"));
  EXPECT_THAT(read("a;b\n1;2;3\n").problems, ElementsAre(HasSubstr("2: has more cells than")));
}

TEST(Csv, BadInput_TooManyOctetsRowsOrColumns) {
  EXPECT_THAT(read(std::string((8U << 20U) + 1, 'x')).problems, ElementsAre(HasSubstr("8 MiB")));
  std::string many = "a;b\n";
  for (int i = 0; i < 20000; ++i) many += "1;2\n";
  EXPECT_THAT(table(many).rows, SizeIs(20000));
  const auto more = read(many + "1;2\n1;2\n");
  EXPECT_THAT(more.problems, ElementsAre(HasSubstr("0: the file has more than 20,000 rows")));
  EXPECT_THAT(more.table.columns, IsEmpty());
  EXPECT_THAT(read("a" + std::string(63, ';') + "b;c\n1\n").problems,
              ElementsAre(HasSubstr("64 columns")));
}

TEST(Csv, AFileOfLoneQuotesEnds) {
  std::string quotes;
  for (int i = 0; i < 100000; ++i) quotes += "\"\"\"\n";
  EXPECT_THAT(read("a;b\n" + quotes).problems.back(), HasSubstr("more than 20,000 rows"));
}

TEST(Csv, AnEmptyFileIsTold) {
  for (const auto* text : {"", "\n\n", "\xEF\xBB\xBF", "sep=;", ";;;\n"})
    EXPECT_THAT(read(text).problems, ElementsAre(HasSubstr("the file is empty"))) << text;
  EXPECT_THAT(read("a;b\n").problems, ElementsAre(HasSubstr("the file names no mailbox")));
}

}  // namespace
}  // namespace siegel::tests
