#include "pki/enrol/manifest.h"

#include <gmock/gmock.h>

#include "tests/enrol/manifest_fixture.h"
#include "tests/support/files.h"
#include "tests/support/test_name.h"

namespace siegel::tests {
namespace {

using pki::KeyType;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const std::string heading = "address;display_name;owner\n";
const std::string owner = ";erika@stadt.example\n";

TEST(Manifest, TheSampleIsUnderstood) {
  const auto file = std::filesystem::path(SIEGEL_TEST_DATA) / "enrol" / "mailboxes.csv";
  const auto manifest = Office().csv(read_file(file));
  ASSERT_THAT(told(manifest), IsEmpty());
  ASSERT_THAT(manifest.rows, SizeIs(3));
  EXPECT_EQ(manifest.rows[0].subject, "C=DE, O=Stadt Muster, OU=Referat 3, CN=GRP: Bauamt");
  EXPECT_EQ(manifest.rows[1].subject,
            "C=DE, O=Stadt Muster, OU=Oeffentliche Ordnung, CN=GRP: Buergerbuero");
  EXPECT_EQ(manifest.rows[1].wish.key_type, KeyType::rsa_4096);
  EXPECT_EQ(manifest.rows[2].subject,
            "C=DE, O=Stadt Muster, OU=Referat 5, CN=GRP: Strassenverkehr\\; OEPNV");
  EXPECT_FALSE(manifest.rows[2].wish.encrypt);
  EXPECT_EQ(manifest.rows[2].wish.deputy->str(), "erika.beispiel@stadt.example");
}

TEST(Manifest, WhatARowLeavesOpenHasDefaults) {
  const auto manifest = Office().csv(heading + "bauamt@stadt.example;Bauamt" + owner);
  ASSERT_THAT(told(manifest), IsEmpty());
  const auto& row = manifest.rows.at(0);
  EXPECT_EQ(row.number, 2U);
  EXPECT_EQ(row.wish.profile, "amt-ca");
  EXPECT_EQ(row.wish.key_type, KeyType::rsa_3072);
  EXPECT_TRUE(row.wish.sign && row.wish.encrypt);
  EXPECT_FALSE(row.wish.deputy);
}

TEST(Manifest, HeadingsMayBeWrittenInManyWays) {
  for (const auto* text :
       {"Address;Display Name;OWNER\n", "Mailadresse;Anzeigename;Verantwortlich\n",
        "postfach;display-name;owner\n"})
    EXPECT_THAT(Office().csv(text + ("a@stadt.example;A" + owner)).rows, SizeIs(1)) << text;
}

TEST(Manifest, YamlSaysTheSame) {
  const auto manifest = Office().yaml(R"(mailboxes:
  - address: bauamt@stadt.example
    name: Bauamt
    owner: erika@stadt.example
    purposes: [sign, encrypt]
  - {adresse: x@stadt.example, name: B\u00FCro, owner: erika@stadt.example}
)");
  EXPECT_THAT(told(manifest),
              ElementsAre(HasSubstr("0 adresse: is the same column as \"address\"")));
  const auto list = Office().yaml(
      "- {address: b@stadt.example, name: \"B\\u00FCro\", owner: e@stadt.example, deputy: }\n"
      "- address: c@stadt.example\n  name: C\n  owner: e@stadt.example\n  zweck: sign\n");
  ASSERT_THAT(told(list), IsEmpty());
  EXPECT_EQ(list.rows.at(0).wish.display_name, "B\u00FCro");
  EXPECT_EQ(list.rows.at(1).number, 2U);
  EXPECT_FALSE(list.rows.at(1).wish.encrypt);
}

TEST(Manifest, YamlOfAnotherShapeIsTold) {
  EXPECT_THAT(told(Office().yaml("")), ElementsAre(HasSubstr("must hold a list")));
  EXPECT_THAT(told(Office().yaml("mailboxes: {a: b}")), ElementsAre(HasSubstr("must hold a list")));
  EXPECT_THAT(told(Office().yaml("[]")), ElementsAre(HasSubstr("the list is empty")));
  EXPECT_THAT(told(Office().yaml("- x\n- [")),
              ElementsAre(HasSubstr("2 : this is not right YAML")));
  EXPECT_THAT(told(Office().yaml("- x\n")), ElementsAre(HasSubstr("1 : is no mailbox")));
  EXPECT_THAT(told(Office().yaml("mailboxes: [x]\nboxes: 1")),
              ElementsAre(HasSubstr("2 : unknown key \"boxes\""), HasSubstr("1 : is no mailbox")));
  EXPECT_THAT(told(Office().yaml("- {address: [a], address: b}")).front(),
              HasSubstr("stands in line 1 already"));
  EXPECT_THAT(told(Office().yaml("- {address: [a], name: {}, owner: x}")),
              testing::IsSupersetOf({HasSubstr("1 address: must be one text"),
                                     HasSubstr("1 name: must be one text")}));
}

TEST(Manifest, BadInput_TooManyItemsInYaml) {
  std::string items;
  for (int i = 0; i < 20001; ++i) items += "- {}\n";
  EXPECT_THAT(told(Office().yaml(items)), ElementsAre(HasSubstr("more than 20,000 items")));
  EXPECT_THAT(told(Office().yaml(std::string((8U << 20U) + 1, ' '))),
              ElementsAre(HasSubstr("larger than 8 MiB")));
}

// --- columns -------------------------------------------------------------------------------------

TEST(Manifest, UnknownColumnsAreToldWithTheNearest) {
  EXPECT_THAT(told(Office().csv("address;display_name;owner;departement;colour\n"
                                "a@stadt.example;A;e@stadt.example;;\n")),
              ElementsAre("0 departement: unknown column; did you mean \"department\"?",
                          HasSubstr("0 colour: unknown column; known are address, display_name")));
}

TEST(Manifest, AMissingColumnIsToldOnceAndNotForEveryRow) {
  EXPECT_THAT(told(Office().csv("address;display_name\na@stadt.example;A\nb@stadt.example;B\n")),
              ElementsAre(HasSubstr("0 owner: the column is missing")));
}

TEST(Manifest, ColumnsThatStandTwiceAreTold) {
  EXPECT_THAT(told(Office().csv("address;name;display_name;owner\n1;2;3;4\n")),
              testing::Contains(HasSubstr("0 display_name: is the same column as \"name\"")));
}

TEST(Manifest, AFileWithoutAFirstLineOfColumnsIsTold) {
  EXPECT_THAT(told(Office().csv("bauamt@stadt.example;Bauamt;e@stadt.example\n1;2;3\n")),
              ElementsAre(HasSubstr("the first line must name the columns")));
}

TEST(Manifest, ACellUnderNoNameIsNotIgnored) {
  EXPECT_THAT(told(Office().csv("address;name;owner;;\na@stadt.example;A;e@stadt.example;;x\n")),
              ElementsAre(HasSubstr("2 : the cell \"x\" stands in a column without a name")));
  EXPECT_THAT(told(Office().csv("address;name;owner;;\na@stadt.example;A;e@stadt.example;;\n")),
              IsEmpty());
}

// --- rows ----------------------------------------------------------------------------------------

TEST(Manifest, AllProblemsAreToldAtOnceWithRowAndColumn) {
  const auto manifest = Office().csv(
      "address;display_name;owner;deputy;profile;key_type;purposes\n"
      "good@stadt.example;Gut;e@stadt.example;;;;\n"
      "Bauamt;;e@stadt;;amt-cb;rsa-3027;sing\n"
      "x@andere.example;X;;;;p-256;\n");
  EXPECT_THAT(manifest.rows, SizeIs(1));
  EXPECT_THAT(
      told(manifest),
      ElementsAre(HasSubstr("3 address: is \"Bauamt\", which is no mail address"),
                  HasSubstr("3 display_name: is empty"),
                  HasSubstr("3 profile: is \"amt-cb\", which is no CA profile; did you mean "
                            "\"amt-ca\"?"),
                  HasSubstr("3 purposes: holds \"sing\", which is no purpose; did you mean "
                            "\"sign\"?"),
                  HasSubstr("4 address: is \"x@andere.example\", whose domain is not ours"),
                  HasSubstr("4 owner: is empty; write a mail address"),
                  HasSubstr("4 key_type: is \"p-256\", which CA profile amt-ca does not "
                            "take; write rsa-3072 or rsa-4096")));
}

TEST(Manifest, TheNearestKeyTypeAndDomainAreNamed) {
  EXPECT_THAT(
      told(Office().csv("address;name;owner;key_type\n"
                        "a@stdt.example;A;e@stadt.example;rsa-3027\n")),
      ElementsAre(HasSubstr("2 address: is \"a@stdt.example\", whose domain is not ours; did "
                            "you mean \"stadt.example\"?"),
                  HasSubstr("2 key_type: is \"rsa-3027\", which CA profile amt-ca does not "
                            "take; did you mean \"rsa-3072\"?")));
}

TEST(Manifest, BadInput_DuplicateAddressesNameTheFirstRow) {
  EXPECT_THAT(told(Office().csv(heading + "a@stadt.example;A" + owner + "b@stadt.example;B" +
                                owner + "A@Stadt.example;C" + owner + "a@stadt.example;D" + owner)),
              ElementsAre(HasSubstr("4 address: is \"A@stadt.example\", which stands in row 2"),
                          HasSubstr("5 address: is \"a@stadt.example\", which stands in row 2")));
}

TEST(Manifest, BadInput_NamesThatBreakTheProfile) {
  Office office;
  office.profiles[0].naming.common_name = "GRP: [A-Za-z ]+";
  office.profiles[0].naming.length = 20;
  EXPECT_THAT(
      told(office.csv("address;name;owner;department\n"
                      "a@stadt.example;Bauamt 3;e@stadt.example;\n"
                      "b@stadt.example;Untere Naturschutzbeh\u00F6rde;e@stadt.example;\n"
                      "c@stadt.example;GRP: Amt;e@stadt.example;\n"
                      "d@stadt.example;Amt;e@stadt.example;Hoch- und Tiefbauamt S\u00FCd\n")),
      ElementsAre(HasSubstr("2 display_name: makes the CN \"GRP: Bauamt 3\", which does not"),
                  HasSubstr("3 display_name: makes the CN 31 characters long, 20 are"),
                  HasSubstr("4 display_name: begins with \"GRP:\""),
                  HasSubstr("5 department: makes the OU 25 characters long")));
}

TEST(Manifest, TwoMailboxesOfOneProfileDoNotGetTheSameName) {
  Office office;
  office.profiles.push_back(ca_profile("other"));
  EXPECT_THAT(
      told(office.csv("address;name;owner;profile\n"
                      "a@stadt.example;B\u00FCro;e@stadt.example;amt-ca\n"
                      "b@stadt.example;BUERO;e@stadt.example;amt-ca\n"
                      "c@stadt.example;Buero;e@stadt.example;other\n")),
      ElementsAre(HasSubstr("3 display_name: gives the certificate the same name as that of "
                            "row 2, \"C=DE, O=Stadt Muster, CN=GRP: BUERO\"")));
}

TEST(Manifest, OneOfSeveralProfilesMustBeNamed) {
  Office office;
  office.profiles.push_back(ca_profile("other"));
  EXPECT_THAT(told(office.csv(heading + "a@stadt.example;A" + owner)),
              ElementsAre(HasSubstr("2 profile: is empty, but there are several CA profiles; write "
                                    "amt-ca or other")));
  office.profiles.clear();
  EXPECT_THAT(told(office.csv(heading + "a@stadt.example;A" + owner)),
              ElementsAre(HasSubstr("0 profile: no CA profile is known")));
}

TEST(Manifest, PurposesAreDividedInManyWays) {
  for (const auto* text : {"sign encrypt", "sign+encrypt", "Sign/Encrypt", "sign, encrypt", "both",
                           "signieren + verschluesseln", ""}) {
    const auto manifest = Office().csv(
        "address;name;owner;zweck\na@stadt.example;A;e@stadt.example;" + std::string(text) + "\n");
    ASSERT_THAT(told(manifest), IsEmpty()) << text;
    EXPECT_TRUE(manifest.rows[0].wish.sign && manifest.rows[0].wish.encrypt) << text;
  }
}

TEST(Manifest, AJointCertificateHasBothPurposes) {
  Office office;
  office.profiles[0].keys.certificates = config::Certificates::joint;
  EXPECT_THAT(
      told(office.csv("address;name;owner;purposes\na@stadt.example;A;e@stadt.example;sign\n")),
      ElementsAre(HasSubstr("2 purposes: names one purpose, but CA profile amt-ca makes one "
                            "certificate for both")));
}

TEST(Manifest, BadInput_PurposesWithoutAWord) {
  EXPECT_THAT(told(Office().csv("address;name;owner;purposes\n"
                                "a@stadt.example;A;e@stadt.example;+\n")),
              ElementsAre(HasSubstr("2 purposes: names no purpose; write sign, encrypt or both")));
}

TEST(Manifest, TheDeputyIsSomebodyElse) {
  EXPECT_THAT(told(Office().csv("address;name;owner;deputy\n"
                                "a@stadt.example;A;e@stadt.example;E@stadt.example\n")),
              ElementsAre(HasSubstr("2 deputy: is the owner; write somebody else")));
}

TEST(Manifest, R46_WhatIsToldIsFitForATerminal) {
  const auto lines = told(Office().csv("address;name;owner;\x1B[2J\n\x1B[31m;A\nB;\xE2\x80\xAE\n"));
  ASSERT_FALSE(lines.empty());
  for (const auto& line : lines) EXPECT_EQ(line.find('\x1B'), std::string::npos) << line;
}

// --- the profiles that we ship -------------------------------------------------------------------

class ShippedProfile : public testing::TestWithParam<std::string> {};

TEST_P(ShippedProfile, NamesASampleMailbox) {
  Office office;
  office.config.enrolment.profiles = {std::filesystem::path(SIEGEL_SOURCE) / "config" / "profiles" /
                                      (GetParam() + ".yaml")};
  office.profiles = config::load_profiles(office.config);
  const auto manifest = office.csv(heading + "bauamt@stadt.example;B\u00FCrgerb\u00FCro" + owner);
  ASSERT_THAT(told(manifest), IsEmpty());
  EXPECT_EQ(manifest.rows.at(0).subject, GetParam() == "local"
                                             ? "C=DE, CN=GRP: B\u00FCrgerb\u00FCro"
                                             : "C=DE, CN=GRP: Buergerbuero");
}

INSTANTIATE_TEST_SUITE_P(Manifest, ShippedProfile, testing::Values("bayern-pki", "v-pki", "local"),
                         test_name<std::string>);

}  // namespace
}  // namespace siegel::tests
