#include <sys/stat.h>

#include "tests/enrol/import_fixture.h"

namespace siegel::tests {
namespace {

namespace fs = std::filesystem;
using namespace pki::enrol;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

TEST_F(ImportTest, PemDerAndP7bAreTaken) {
  put("a.pem", issued(exported("a")).pem());
  put("b.cer", issued(exported("b")).der());
  const auto leaf = file_of("c.pem", issued(exported("c")).pem());
  const auto chain = file_of("ca.pem", authority().certificate().pem());
  put("c.p7b",
      made({"crl2pkcs7", "-nocrl", "-certfile", leaf, "-certfile", chain, "-outform", "DER"}));
  const Report report = import();
  EXPECT_THAT(told(report), IsEmpty());
  EXPECT_THAT(report.moved, SizeIs(3));
  EXPECT_THAT(desk_.ledger.list({.states = {State::checked}}), SizeIs(3));
}

TEST_F(ImportTest, FoldersAtAllLevelsAreRead) {
  fs::create_directories(inbox() / "x" / "y");
  put("x/y/a.pem", issued(exported("a")).pem());
  EXPECT_THAT(import().moved, SizeIs(1));
}

TEST_F(ImportTest, BadInput_Pkcs12WithAWrongPassword) {
  const Request request = exported();
  const auto key = desk_.store.own_key(request.key_id);
  put("a.p12", pki::make_pkcs12(*key, issued(request), {}, "geheim"));
  put("b.pem", issued(exported("kasse")).pem());
  EXPECT_THAT(told(import("falsch")), ElementsAre(HasSubstr("password does not open")));
  EXPECT_EQ(state_of("bauamt"), State::exported);
  EXPECT_EQ(state_of("kasse"), State::checked) << "the rest goes on";
  EXPECT_THAT(told(import("geheim")), IsEmpty());
  EXPECT_EQ(state_of("bauamt"), State::checked);
}

TEST_F(ImportTest, BadInput_Pkcs12OfTheOldKindWithRc2IsOpened) {
  const Request request = exported();
  const auto leaf = file_of("leaf.pem", issued(request).pem());
  put("a.p12",
      made({"pkcs12", "-export", "-legacy", "-nokeys", "-in", leaf, "-passout", "pass:geheim"}));
  EXPECT_THAT(told(import("geheim")), IsEmpty());
  EXPECT_EQ(state_of("bauamt"), State::checked);
}

TEST_F(ImportTest, TheSameFileTwiceChangesNothing) {
  put("a.pem", issued(exported()).pem());
  import();
  const auto entries = desk_.store.check_audit().entries;
  const Report again = import();
  EXPECT_THAT(again.moved, IsEmpty());
  EXPECT_THAT(told(again), IsEmpty());
  EXPECT_EQ(desk_.store.check_audit().entries, entries);
}

TEST_F(ImportTest, WhatWasInterruptedIsCheckedByTheNextImport) {
  put("a.pem", issued(exported()).pem());
  power_fails_at(State::checked);
  EXPECT_THROW(import(), Error);
  power_is_back();
  EXPECT_EQ(state_of("bauamt"), State::issued);
  EXPECT_THAT(import().moved, SizeIs(1));
  EXPECT_EQ(state_of("bauamt"), State::checked);
}

TEST_F(ImportTest, BadInput_OneBadFileStopsNobody) {
  put("1-junk.txt", "see you on Monday");
  put("2-half.pem", issued(exported("a")).pem().substr(0, 300));
  put("3-empty.pem", "");
  put("4-good.pem", issued(exported("b")).pem());
  const Report report = import();
  EXPECT_THAT(told(report), ElementsAre(HasSubstr("1-junk.txt"), HasSubstr("2-half.pem"),
                                        HasSubstr("3-empty.pem")));
  EXPECT_EQ(state_of("a"), State::exported);
  EXPECT_EQ(state_of("b"), State::checked);
}

TEST_F(ImportTest, BadInput_ACertificateForANeverSeenKeyIsTold) {
  exported();
  put("a.pem", mailbox().pem());
  EXPECT_THAT(told(import()), ElementsAre(HasSubstr("a key that no request has")));
}

TEST_F(ImportTest, BadInput_AnAuthoritysCertificateForAKeyOfOursIsTold) {
  const Request request = exported();
  Forgery forgery = false_bauamt();
  forgery.extensions = {{"basicConstraints", "critical,CA:TRUE"},
                        {"keyUsage", "critical,keyCertSign,digitalSignature"}};
  const auto key = desk_.store.own_key(request.key_id);
  put("a.pem", forge(forgery, *key, authority()).pem());
  EXPECT_THAT(told(import()), ElementsAre(HasSubstr("a.pem")));
  EXPECT_NE(state_of("bauamt"), State::checked);
}

TEST_F(ImportTest, BadInput_ASecondCertificateForTheSameRequestIsTold) {
  const Request request = exported();
  put("1.pem", issued(request).pem());
  put("2.pem", issued(request).pem());
  EXPECT_THAT(told(import()), ElementsAre(AllOf(HasSubstr("2.pem"), HasSubstr("expects none"))));
  EXPECT_EQ(state_of("bauamt"), State::checked);
}

TEST_F(ImportTest, BadInput_AWrongCertificateIsAMismatchAndTold) {
  const Request request = exported();
  pki::Issue as = as_asked(request);
  as.addresses = {"kasse@stadt.example"};
  put("a.pem", issued(request, as).pem());
  EXPECT_THAT(told(import()), ElementsAre(HasSubstr("and not for bauamt@stadt.example")));
  EXPECT_EQ(state_of("bauamt"), State::mismatch);
}

TEST_F(ImportTest, AfterAMismatchTheRightCertificateIsTaken) {
  const Request request = exported();
  pki::Issue as = as_asked(request);
  as.addresses = {"kasse@stadt.example"};
  put("1.pem", issued(request, as).pem());
  EXPECT_THAT(told(import()), ElementsAre(HasSubstr("does not fit")));
  EXPECT_THAT(told(import()), ElementsAre(HasSubstr("does not fit")));
  fs::remove(inbox() / "1.pem");
  put("2.pem", issued(request).pem());
  EXPECT_THAT(told(import()), IsEmpty());
  EXPECT_EQ(state_of("bauamt"), State::checked);
}

TEST_F(ImportTest, ACertificateWhoseProfileIsGoneStopsNoneOfTheOthers) {
  put("1.pem", issued(exported("a")).pem());
  put("2.pem", issued(exported("b")).pem());
  desk_.database.write([](Database::Session& session) {
    session << "UPDATE enrol_request SET profile = 'gone' WHERE mailbox = 'a@stadt.example'",
        Poco::Data::Keywords::now;
  });
  EXPECT_THAT(told(import()), ElementsAre(HasSubstr("there is no CA profile gone")));
  EXPECT_EQ(state_of("b"), State::checked);
}

TEST_F(ImportTest, AnAuthorityThatComesLaterHealsTheMismatch) {
  const auto below = authority().subordinate("CA 2", pki::KeyType::p256, noon - 10 * day);
  desk_.store.keep_crl(fresh_list(below), "test");
  const auto key = pki::parse_csr(exported().csr);
  put("1.pem", below.issue(as_asked(only("bauamt")), key->public_key.get()).pem());
  EXPECT_THAT(told(import()), ElementsAre(HasSubstr("has no good path")));
  fs::remove(inbox() / "1.pem");
  put("ca.pem", below.certificate().pem());
  EXPECT_THAT(import().moved, SizeIs(1));
  EXPECT_EQ(state_of("bauamt"), State::checked);
}

TEST_F(ImportTest, BadInput_LinksAndDevicesInAFolderAreNotFollowed) {
  const auto outside = file_of("outside.pem", issued(exported()).pem());
  fs::create_symlink(outside, inbox() / "link.pem");
  fs::create_directory_symlink(desk_.folder.path(), inbox() / "folder");
  ASSERT_EQ(::mkfifo((inbox() / "fifo").c_str(), 0600), 0);
  fs::create_symlink("/dev/zero", inbox() / "zero");
  EXPECT_THAT(import().moved, IsEmpty());
  EXPECT_EQ(state_of("bauamt"), State::exported);
}

TEST_F(ImportTest, BadInput_LinksAndMissingFilesThatWereNamedAreTold) {
  fs::create_symlink("/dev/zero", inbox() / "zero");
  const Report report = import_files(office(), {inbox() / "zero", inbox() / "missing"}, "");
  EXPECT_THAT(told(report), ElementsAre(HasSubstr("zero: "), HasSubstr("missing: ")));
}

TEST_F(ImportTest, BadInput_AFileThatMayNotBeReadStopsNobody) {
  put("a.pem", issued(exported("a")).pem());
  fs::permissions(inbox() / "a.pem", fs::perms::none);
  fs::create_directory(inbox() / "b");
  fs::permissions(inbox() / "b", fs::perms::none);
  put("c.pem", issued(exported("c")).pem());
  const Report report = import();
  fs::permissions(inbox() / "b", fs::perms::owner_all);
  EXPECT_EQ(state_of("c"), State::checked);
}

TEST_F(ImportTest, BadInput_TooManyLargeFilesAreNotToldOneByOne) {
  for (int i = 0; i < 10'010; ++i) {
    const auto name = inbox() / std::to_string(i);
    write_file(name, "");
    fs::resize_file(name, std::uintmax_t{17} << 20U);  // a hole that costs nothing
  }
  EXPECT_THAT(read_all().second, SizeIs(10'001));
}

// --- archives

TEST_F(ImportTest, AZipIsUnpacked) {
  put("a.zip", zip({{"folder/", ""},
                    {"folder/a.pem", issued(exported("a")).pem()},
                    {"b.cer", issued(exported("b")).der()}}));
  const Report report = import();
  EXPECT_THAT(told(report), IsEmpty());
  EXPECT_THAT(report.moved, SizeIs(2));
}

TEST_F(ImportTest, BadInput_AZipInAZipIsNotOpened) {
  const auto inner = zip({{"a.pem", issued(exported()).pem()}});
  put("a.zip", zip({{"inner.zip", inner}}));
  EXPECT_THAT(told(import()), ElementsAre(HasSubstr("a.zip: inner.zip")));
  EXPECT_EQ(state_of("bauamt"), State::exported);
}

TEST_F(ImportTest, BadInput_AHalfZipIsTold) {
  const auto whole = zip({{"a.pem", issued(exported()).pem()}});
  put("a.zip", whole.substr(0, whole.size() / 2));
  EXPECT_THAT(told(import()), ElementsAre(HasSubstr("damaged ZIP")));
}

TEST_F(ImportTest, BadInput_AZipBombIsNotUnpacked) {
  const std::string zeros(17U << 20U, '\0');
  put("bomb.zip", zip({{"zeros", zeros}, {"good.pem", issued(exported()).pem()}}));
  EXPECT_THAT(told(import()), ElementsAre(HasSubstr("larger than 16 MiB")));
  EXPECT_EQ(state_of("bauamt"), State::checked);
}

TEST_F(ImportTest, BadInput_AZipOfManyLargeMembersEndsAtTheLimit) {
  const std::string zeros(15U << 20U, '\0');
  Members members;
  for (int i = 0; i < 20; ++i) members.emplace_back("zeros" + std::to_string(i), zeros);
  put("bomb.zip", zip(members));
  const auto [files, troubles] = read_all();
  EXPECT_EQ(files, 17U);
  EXPECT_THAT(troubles, ElementsAre(HasSubstr("more than 10,000 files or 256 MiB")));
}

TEST_F(ImportTest, BadInput_AZipOfTooManyMembersEndsAtTheLimit) {
  Members members;
  for (int i = 0; i < 10'100; ++i) members.emplace_back(std::to_string(i), "");
  put("many.zip", zip(members));
  const auto [files, troubles] = read_all();
  EXPECT_EQ(files, 9'999U);  // the archive is one too
  EXPECT_THAT(troubles, ElementsAre(HasSubstr("more than 10,000")));
}

TEST_F(ImportTest, BadInput_AMemberWhoseHeaderLiesIsTold) {
  auto octets = zip({{"a.pem", issued(exported("a")).pem() + std::string(4000, '\n')}});
  // PKWARE APPNOTE §4.3.12: the directory's uncompressed size is at 24.
  const auto entry = octets.rfind("PK\x01\x02");
  octets[entry + 24] = '\x10';
  octets[entry + 25] = '\0';
  put("lies.zip", octets);
  put("z.pem", issued(exported("z")).pem());
  EXPECT_THAT(told(import()), ElementsAre(HasSubstr("lies.zip")));
  EXPECT_EQ(state_of("a"), State::exported);
  EXPECT_EQ(state_of("z"), State::checked);
}

TEST_F(ImportTest, BadInput_ControlCharactersInMembersNamesAreNotShown) {
  auto octets = zip({{"EVIL.pem", "junk"}});
  for (auto at = octets.find("EVIL"); at != std::string::npos; at = octets.find("EVIL"))
    octets.replace(at, 4, "\x1B[J\n");
  put("a.zip", octets);
  const auto lines = told(import());
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_THAT(lines[0], AllOf(Not(HasSubstr("\x1B")), Not(HasSubstr("\n"))));
}

}  // namespace
}  // namespace siegel::tests
