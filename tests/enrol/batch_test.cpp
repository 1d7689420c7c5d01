#include "pki/enrol/batch.h"

#include "pki/asn1.h"
#include "pki/enrol/cancel.h"
#include "pki/enrol/returned_files.h"
#include "tests/enrol/office_fixture.h"
#include "tests/support/files.h"

namespace siegel::tests {
namespace {

namespace fs = std::filesystem;
using namespace pki::enrol;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class BatchTest : public OfficeTest {
 protected:
  Exported export_all() { return export_batch(office(), "amt", desk_.folder / "out"); }
  /// All files below `place`, with their content.
  static std::map<std::string, std::string> content(const fs::path& place) {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(place))
      if (entry.is_regular_file())
        files[fs::relative(entry.path(), place).string()] = read_file(entry.path());
    return files;
  }
};

TEST_F(BatchTest, AFolderHoldsEverythingThatARegistrationAuthorityNeeds) {
  ready({"bauamt", "kasse"});
  const Exported exported = export_all();
  EXPECT_EQ(exported.batch, "2026-0001");
  EXPECT_EQ(exported.place.filename(), "batch-2026-0001");
  EXPECT_THAT(exported.report.moved, SizeIs(2));
  const auto files = content(exported.place);
  EXPECT_THAT(files, SizeIs(5));
  EXPECT_EQ(files.at("csr/" + std::to_string(only("kasse").id) + ".p10"), only("kasse").csr);
  EXPECT_THAT(files.at("manifest.csv"), HasSubstr("\"kasse@stadt.example\",\"Kasse\""));
  EXPECT_THAT(files.at("cover.html"), HasSubstr(pki::sha256_hex(files.at("manifest.csv"))));
  EXPECT_EQ(state_of("kasse"), State::exported);
}

TEST_F(BatchTest, TheSumsAreThoseOfTheFiles) {
  ready({"bauamt", "kasse"});
  auto files = content(export_all().place);
  const std::string sums = files.at("SHA256SUMS");
  files.erase("SHA256SUMS");
  for (const auto& [name, octets] : files)
    EXPECT_THAT(sums, HasSubstr(pki::sha256_hex(octets) + "  " + name + '\n'));
  EXPECT_EQ(std::count(sums.begin(), sums.end(), '\n'), 4);
}

TEST_F(BatchTest, BadInput_FormulasAndQuotesStayText) {
  Wish evil = wish("bauamt@stadt.example");
  evil.display_name = R"(=HYPERLINK("http://x"))";
  evil.department = "@SUM(1)";
  profile_.naming.subject = "CN=GRP: {address}";
  profile_.naming.network_names = true;
  start(office(), manifest_of({evil}), "");
  make_keys(office());
  const auto manifest = content(export_all().place).at("manifest.csv");
  EXPECT_THAT(manifest, HasSubstr(R"~(,"'=HYPERLINK(""http://x"")","'@SUM(1)",)~"));
}

TEST_F(BatchTest, BadInput_AFormulaBehindTheSemicolonOfAGermanSpreadsheetStaysText) {
  Wish evil = wish("bauamt@stadt.example");
  evil.display_name = "Bauamt; =cmd|' /C calc'!A0;-1";
  profile_.naming.subject = "CN=GRP: {address}";
  profile_.naming.network_names = true;
  start(office(), manifest_of({evil}), "");
  make_keys(office());
  const auto manifest = content(export_all().place).at("manifest.csv");
  EXPECT_THAT(manifest, HasSubstr(R"("Bauamt; '=cmd|' /C calc'!A0;'-1")"));
}

TEST_F(BatchTest, BadInput_ANameLikeAFileStaysInItsRow) {
  Wish odd = wish("bauamt@stadt.example");
  odd.display_name = "Bauamt.p10";
  start(office(), manifest_of({odd}), "");
  make_keys(office());
  const auto manifest = content(export_all().place).at("manifest.csv");
  EXPECT_EQ(std::count(manifest.begin(), manifest.end(), '\n'), 2);
}

TEST_F(BatchTest, BadInput_MarkupInANameStaysText) {
  Wish evil = wish("bauamt@stadt.example");
  evil.display_name = "<script>alert(1)</script>";
  start(office(), manifest_of({evil}), "");
  make_keys(office());
  const auto sheet = content(export_all().place).at("cover.html");
  EXPECT_THAT(sheet, AllOf(HasSubstr("&lt;script"), Not(HasSubstr("<script>"))));
}

TEST_F(BatchTest, NothingToExportIsNoBatch) {
  EXPECT_EQ(export_all().batch, "");
  EXPECT_FALSE(fs::exists(desk_.folder / "out"));
}

TEST_F(BatchTest, AnInterruptedExportIsWrittenAgainTheSame) {
  ready({"a", "b", "c"});
  const Request first = only("a");
  ASSERT_EQ(desk_.ledger.assign_batch("amt"), "2026-0001");
  desk_.ledger.advance(*desk_.ledger.find(first.id), State::exported, by_anna);
  ready({"d"});
  const Exported exported = export_all();
  EXPECT_EQ(exported.batch, "2026-0001");
  EXPECT_THAT(exported.report.moved, SizeIs(2));
  EXPECT_THAT(content(exported.place), SizeIs(6));
  EXPECT_EQ(export_all().batch, "2026-0002");
  EXPECT_EQ(export_all().batch, "");
}

TEST_F(BatchTest, BadInput_WhatSomebodyHasPutIntoTheFolderIsNeverRemoved) {
  ready({"bauamt"});
  const auto place = export_all().place;
  const auto once_more = [&] { export_again(office(), "2026-0001", place.parent_path()); };
  once_more();
  write_file(place / "signed.pdf", "x");
  EXPECT_THROW(once_more(), Error);
  fs::remove(place / "signed.pdf");
  write_file(place / "csr" / "4711.p10", "another installation's");
  EXPECT_THROW(once_more(), Error);
  EXPECT_TRUE(fs::exists(place / "csr" / "4711.p10"));
}

TEST_F(BatchTest, BadInput_AnArchiveOfAnotherInstallationIsNotOverwritten) {
  ready({"bauamt"});
  fs::create_directories(desk_.folder / "out");
  write_file(desk_.folder / "out" / "batch-2026-0001.zip", "theirs");
  EXPECT_THROW(export_batch(office(), "amt", desk_.folder / "out", BatchForm::zip), Error);
  EXPECT_EQ(read_file(desk_.folder / "out" / "batch-2026-0001.zip"), "theirs");
}

TEST_F(BatchTest, WhatIsCancelledIsNotWrittenAgain) {
  ready({"bauamt", "kasse"});
  export_all();
  cancel(office(), {.mailbox = Address::parse("kasse@stadt.example")}, "moved away");
  const auto again = export_again(office(), "2026-0001", desk_.folder / "again");
  EXPECT_THAT(content(*again).at("manifest.csv"), Not(HasSubstr("kasse")));
}

TEST_F(BatchTest, AFolderLeftUnfinishedIsRemoved) {
  ready({"bauamt"});
  fs::create_directories(desk_.folder / "out" / "batch-2026-0001.new-0815" / "csr");
  const auto place = export_all().place;
  EXPECT_EQ(std::distance(fs::directory_iterator(place.parent_path()), {}), 1);
}

TEST_F(BatchTest, ABatchCanBeWrittenAgain) {
  ready({"bauamt", "kasse"});
  const auto before = content(export_all().place);
  const auto again = export_again(office(), "2026-0001", desk_.folder / "again");
  ASSERT_TRUE(again);
  EXPECT_EQ(content(*again), before);
}

TEST_F(BatchTest, AnArchiveHoldsTheSameFilesForDebiansUnzipAndOurselves) {
  ready({"bauamt", "kasse"});
  const Exported exported = export_batch(office(), "amt", desk_.folder / "out", BatchForm::zip);
  EXPECT_EQ(exported.place.filename(), "batch-2026-0001.zip");
  EXPECT_EQ(state_of("kasse"), State::exported);
  EXPECT_EQ(std::system(("unzip -tqq " + exported.place.string()).c_str()), 0);
  std::map<std::string, std::string> unpacked;
  const auto take = [&](const ReturnedFile& file) {
    unpacked[file.name.substr(file.name.rfind("batch-2026-0001/") + 16)] = file.octets;
  };
  EXPECT_THAT(read_returned({exported.place}, take), IsEmpty());
  const auto folder = export_again(office(), "2026-0001", desk_.folder / "again");
  EXPECT_EQ(unpacked, content(*folder));
}

TEST_F(BatchTest, AnArchiveIsWrittenAgainTheSameWithNothingBesideIt) {
  ready({"bauamt", "kasse"});
  const auto place = export_batch(office(), "amt", desk_.folder / "out", BatchForm::zip).place;
  const std::string before = read_file(place);
  write_file(place.string() + ".new-0815", "half");
  export_again(office(), "2026-0001", desk_.folder / "out", BatchForm::zip);
  EXPECT_EQ(read_file(place), before);
  EXPECT_EQ(std::distance(fs::directory_iterator(place.parent_path()), {}), 1);
}

TEST_F(BatchTest, BadInput_ABatchThatNeverWasIsNotWritten) {
  ready({"bauamt"});
  EXPECT_FALSE(export_again(office(), "2026-0009", desk_.folder / "again"));
  EXPECT_FALSE(export_again(office(), "", desk_.folder / "again"));
}

TEST_F(BatchTest, BadInput_AProfileThatNeedsNoFilesIsRefused) {
  profile_.connector = config::Connector::local;
  EXPECT_THROW(export_all(), Error);
}

TEST_F(BatchTest, BadInput_AFolderThatCannotBeWrittenIsTold) {
  ready({"bauamt"});
  write_file(desk_.folder / "out", "a file");
  EXPECT_THROW(export_all(), Error);
  EXPECT_EQ(state_of("bauamt"), State::csr_ready);
}

}  // namespace
}  // namespace siegel::tests
