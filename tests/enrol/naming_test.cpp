#include "pki/enrol/naming.h"

#include <gmock/gmock.h>

namespace siegel::tests {
namespace {

using config::CaProfile;
using pki::enrol::transliterated;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

pki::enrol::Wish mailbox(const std::string& name, const std::string& department = {}) {
  const auto address = Address::parse("bauamt@stadt.example").value();
  return {address, name, department, address, {}, "ca"};
}

CaProfile profile(const std::string& subject) {
  CaProfile made;
  made.name = "ca";
  made.naming.subject = subject;
  made.naming.organisation = "Stadt Muster";
  return made;
}

std::string subject(const pki::enrol::Wish& wish, const CaProfile& by) {
  const auto naming = pki::enrol::name_by_profile(wish, by);
  EXPECT_THAT(naming.problems, IsEmpty());
  return naming.subject;
}

/// The problems of a name by a plain profile that `change` has altered.
template <typename Change>
std::vector<std::string> problems(const std::string& name, const Change& change) {
  CaProfile by = profile("C=DE, CN=GRP: {name}");
  change(by.naming);
  return pki::enrol::name_by_profile(mailbox(name), by).problems;
}
std::vector<std::string> problems(const std::string& name) {
  return problems(name, [](const auto&) {});
}

TEST(Transliteration, UmlautsAreWrittenOut) {
  EXPECT_EQ(transliterated("Stra\u00DFe"), "Strasse");
  EXPECT_EQ(transliterated("B\u00FCrgerb\u00FCro \u00E4\u00F6"), "Buergerbuero aeoe");
  EXPECT_EQ(transliterated("\u00D6ffentlich \u00C4mter"), "Oeffentlich Aemter");
}

TEST(Transliteration, AWordInCapitalsStaysInCapitals) {
  EXPECT_EQ(transliterated("\u00D6PNV"), "OEPNV");
  EXPECT_EQ(transliterated("BR\u00DCCKEN\u00C4MTER"), "BRUECKENAEMTER");
  EXPECT_EQ(transliterated("MEN\u00DC 2"), "MENUE 2");
  EXPECT_EQ(transliterated("STRA\u1E9EE"), "STRASSE");
  EXPECT_EQ(transliterated("\u00DC"), "Ue");
}

TEST(Transliteration, OtherCharactersStay) {
  EXPECT_EQ(transliterated("Caf\u00E9 \u20AC\U0001F512"), "Caf\u00E9 \u20AC\U0001F512");
  EXPECT_EQ(transliterated("\xFC"), "\xFC");
}

TEST(Naming, TheTemplateIsFilled) {
  const auto by = profile("C=DE, O={organisation}, OU={department}, CN=GRP: {name}");
  EXPECT_EQ(subject(mailbox("Bauamt", "Referat 3"), by),
            "C=DE, O=Stadt Muster, OU=Referat 3, CN=GRP: Bauamt");
  EXPECT_EQ(subject(mailbox("B\u00FCrgerb\u00FCro"), profile("CN=GRP: {name}")),
            "CN=GRP: Buergerbuero");
}

TEST(Naming, PartsWhoseWordsAreEmptyAreLeftOut) {
  const auto by = profile("C=DE, L={locality}, OU=Referat {department}, CN={name}");
  EXPECT_EQ(subject(mailbox("Bauamt"), by), "C=DE, CN=Bauamt");
  EXPECT_EQ(subject(mailbox("Bauamt", "3"), by), "C=DE, OU=Referat 3, CN=Bauamt");
}

TEST(Naming, ADisplayNameNeverAddsAPart) {
  const auto by = profile("C=DE, CN=GRP: {name}");
  EXPECT_EQ(subject(mailbox("Bauamt, O=Bund"), by), "C=DE, CN=GRP: Bauamt\\, O=Bund");
  EXPECT_EQ(subject(mailbox("A+OU=B;\"C\"<D>\\"), by),
            "C=DE, CN=GRP: A\\+OU=B\\;\\\"C\\\"\\<D\\>\\\\");
  EXPECT_EQ(subject(mailbox("{address}"), by), "C=DE, CN=GRP: {address}");
  EXPECT_EQ(subject(mailbox("#1"), profile("CN={name}")), "CN=\\#1");
}

TEST(Naming, ComposedAndDecomposedUmlautsAreOneName) {
  CaProfile by = profile("CN={name}");
  EXPECT_EQ(subject(mailbox("Bu\u0308ro"), by), "CN=Buero");
  by.naming.transliterate = false;
  EXPECT_EQ(subject(mailbox("Bu\u0308ro"), by), "CN=B\u00FCro");
}

TEST(Naming, AnAddressInTheNameIsNotTransliterated) {
  auto wish = mailbox("B\u00FCro");
  wish.mailbox = Address::parse("b\u00FCro@stadt.example").value();
  EXPECT_EQ(subject(wish, profile("CN={name}, emailAddress={address}")),
            "CN=Buero, emailAddress=b\u00FCro@stadt.example");
}

TEST(Naming, AnEmptyNameIsNone) {
  EXPECT_THAT(problems(" "), ElementsAre(HasSubstr("display_name is empty; write what")));
}

TEST(Naming, LengthIsCountedInCharacters) {
  const std::string sixty = "60 " + std::string(56, 'a');
  const auto by_characters = [](config::NamingRules& rules) { rules.transliterate = false; };
  EXPECT_THAT(problems(sixty + "\u00FC\u00FC"), ElementsAre(HasSubstr("68 characters long")));
  EXPECT_THAT(problems(sixty.substr(3) + "\u00FC\u00FC", by_characters), IsEmpty());
  EXPECT_THAT(
      problems(std::string(60, 'a'), by_characters),
      ElementsAre("display_name makes the CN 65 characters long, 64 are allowed; shorten it "
                  "by 1"));
}

TEST(Naming, ForbiddenTextsAreFoundInAnyCaseAndSpelling) {
  const auto forbids = [](config::NamingRules& rules) { rules.forbidden = {"Beh\u00F6rde"}; };
  for (const auto* name : {"BEH\u00D6RDE", "behoerde", "Landesbeho\u0308rde"})
    EXPECT_THAT(problems(name, forbids), ElementsAre(HasSubstr("which the profile forbids")))
        << name;
  EXPECT_THAT(problems("Bauamt", forbids), IsEmpty());
}

TEST(Naming, TheCommonNameMustMatchTheProfilesExpression) {
  const auto demands = [](config::NamingRules& rules) { rules.common_name = "GRP: [A-Za-z ]+"; };
  EXPECT_THAT(problems("Bauamt", demands), IsEmpty());
  EXPECT_THAT(problems("Bauamt 2", demands),
              ElementsAre(HasSubstr("does not fit \"common_name\"")));
}

TEST(Naming, PrintableStringIsDemandedAfterTransliteration) {
  const auto demands = [](config::NamingRules& rules) { rules.printable_only = true; };
  EXPECT_THAT(problems("B\u00FCro (1), Haus 2/3", demands), IsEmpty());
  EXPECT_THAT(problems("Caf\u00E9", demands),
              ElementsAre(HasSubstr("brings \"\u00E9\" into the CN")));
  EXPECT_THAT(problems("Bau & Boden", demands), ElementsAre(HasSubstr("brings \"&\"")));
  EXPECT_THAT(problems("Caf\u00E9"), IsEmpty());
}

TEST(Naming, R46_WhatCannotBeSeenIsNoPartOfAName) {
  for (const auto* name :
       {"Bau\u200Bamt", "Bau\u202Eamt", "Bau\u00A0amt", "Bau\u00ADamt", "Bau\namt", "Bau\x1B[2Jamt",
        "Bau\x7F"
        "amt",
        "Bau\u0085amt", "Bau\uE000"})
    EXPECT_THAT(problems(name), ElementsAre(HasSubstr("take it out"))) << name;
  const auto naming = pki::enrol::name_by_profile(mailbox("A\n\x1B"), profile("CN={name}"));
  EXPECT_EQ(naming.subject, "CN=A\\0A\\1B");
}

TEST(Naming, WhatIsNotUtf8IsTold) {
  EXPECT_THAT(problems("B\xFCro"),
              ElementsAre("display_name is not UTF-8; save the file as UTF-8"));
}

TEST(Naming, AGroupIsNotNamedLikeAServer) {
  EXPECT_THAT(problems("bauamt@stadt.example"), ElementsAre(HasSubstr("like a mail address")));
  EXPECT_THAT(problems("Server (192.0.2.1)"), ElementsAre(HasSubstr("like an IP address")));
  EXPECT_THAT(problems("Server 2001:db8::1"), ElementsAre(HasSubstr("like an IP address")));
  EXPECT_THAT(problems("www.stadt.example"), ElementsAre(HasSubstr("like a host name")));
  EXPECT_THAT(problems("https://STADT.DE/amt"), ElementsAre(HasSubstr("like a host name")));
  for (const auto* name : {"St.Martin", "Abt. 3.2", "z.B. Bauamt", "Amt f. Natur", "Nr.12", "..."})
    EXPECT_THAT(problems(name), IsEmpty()) << name;
  const auto allows = [](config::NamingRules& rules) { rules.network_names = true; };
  EXPECT_THAT(problems("www.stadt.example", allows), IsEmpty());
}

TEST(Naming, WhatTheProfileAddsIsNotWrittenTwice) {
  EXPECT_THAT(problems("GRP: Bauamt"), ElementsAre(HasSubstr("begins with \"GRP:\", which the "
                                                             "profile adds by itself")));
  EXPECT_THAT(problems("grp:Bauamt"), ElementsAre(HasSubstr("leave it out")));
  EXPECT_THAT(problems("GRPX"), IsEmpty());
}

TEST(Naming, TheColumnThatIsToBeMendedIsNamed) {
  auto by = profile("C=DE, O={organisation}, OU={department}, CN={name}");
  by.naming.length = 10;
  const auto naming = pki::enrol::name_by_profile(mailbox("Bauamt", "Hoch- und Tiefbau"), by);
  EXPECT_THAT(naming.problems, ElementsAre(HasSubstr("profile makes the O 12 characters"),
                                           HasSubstr("department makes the OU 17 characters")));
}

}  // namespace
}  // namespace siegel::tests
