// A link to a whole message: each recipient's own password, or a code by a second way.

#include "gateway/transfer/pickups.h"

#include <list>

#include "gateway/transfer/spoken_code.h"
#include "tests/transfer/service_fixture.h"

namespace siegel::tests {
namespace {

using namespace std::chrono_literals;
using transfer::CodeWay;
using transfer::LinkSecret;
using transfer::Pickups;
using Checked = Pickups::Checked;

constexpr auto bert = "bert@citizen.example";

class PickupsTest : public ServiceTest {
 protected:
  transfer::ParcelWish message_for(std::vector<std::string> recipients) {
    uploads_of_it_.push_back(uploaded("message.eml", "Subject: x\r\n\r\nthe message\r\n"));
    auto one = wish({&uploads_of_it_.back()}, std::move(recipients));
    one.origin = transfer::Origin::pickup;
    one.is_examined = true;
    return one;
  }
  Sent with_codes(const std::string& way = "anna@web.example") {
    auto one = message_for({anna});
    one.code_to = way;
    return post(one);
  }
  std::string code_for(const LinkSecret& secret) {
    const auto code = pickups_.make_code(links_.visit(secret).value(), secret);
    return code ? code->text() : std::string();
  }
  Checked check(const LinkSecret& secret, const std::string& code) {
    return pickups_.check(links_.visit(secret).value(), secret, code);
  }
  static std::string another_than(const std::string& code) {
    return (code.front() == '9' ? '0' : '9') + code.substr(1);
  }

  std::list<LinkSecret> uploads_of_it_;
  Pickups pickups_{database_, seal_, clock_};
};

// --- passwords

TEST_F(PickupsTest, EachRecipientHasAPasswordOfHisOwn) {
  auto one = message_for({anna, bert});
  for (const char* const password : {"K7QM3F9AW0XEP2RT", "0000111122223333"})
    one.passwords.emplace_back(std::string(password));
  const Sent sent = post(one);
  const auto opens = [&](std::size_t i, const std::string& password) {
    return std::holds_alternative<pki::Secret>(unlock(sent.links.at(i).secret, password));
  };
  EXPECT_TRUE(opens(0, "K7QM3F9AW0XEP2RT"));
  EXPECT_TRUE(opens(1, "0000111122223333"));
  EXPECT_FALSE(opens(0, "0000111122223333"));
  EXPECT_FALSE(opens(1, ""));
  EXPECT_EQ(files_in_store(), 1U) << "the message lies there once";
}

TEST(SpokenCode, IsTheSameHoweverItIsWrittenDown) {
  EXPECT_EQ(transfer::bare_code(" k7qm 3f9a-woxe.p2rt\n"), "K7QM3F9AW0XEP2RT");
  EXPECT_EQ(transfer::bare_code("I1L-oO0"), "111000");
  EXPECT_EQ(transfer::bare_code(std::string(1000, 'A')).size(), 64U);
  EXPECT_NE(transfer::new_spoken_code(), transfer::new_spoken_code());
  EXPECT_EQ(transfer::bare_code(transfer::new_spoken_code()).size(), 16U);
}

// --- tickets

TEST_F(PickupsTest, ATicketWorksInTheBrowserThatItWasMadeForOnly) {
  const Sent sent = post(message_for({anna}));
  const LinkSecret &link = sent.links.front().secret, browser = LinkSecret::make();
  const LinkSecret ticket =
      links_.issue_for(*links_.visit(link), std::get<pki::Secret>(unlock(link)), browser);
  EXPECT_TRUE(links_.find_for(ticket, browser));
  EXPECT_FALSE(links_.find_for(ticket, LinkSecret::make()));
  EXPECT_FALSE(links_.find(ticket)) << "it fetches no files";
  parcels_.recall(sent.id, anna);
  EXPECT_FALSE(links_.find_for(ticket, browser));
}

// --- codes

TEST_F(PickupsTest, ACodeIsRightOnce) {
  const Sent sent = with_codes();
  const LinkSecret& link = sent.links.front().secret;
  EXPECT_TRUE(links_.visit(link)->needs_code);
  EXPECT_FALSE(links_.visit(link)->needs_password);
  EXPECT_EQ(check(link, ""), Checked::over) << "there is none yet";
  const std::string code = code_for(link);
  ASSERT_EQ(code.size(), 8U);
  EXPECT_EQ(check(link, another_than(code)), Checked::wrong);
  EXPECT_EQ(check(link, code.substr(0, 4) + " - " + code.substr(4)), Checked::right);
  EXPECT_EQ(check(link, code), Checked::over);
}

TEST_F(PickupsTest, ACodeEndsWithItsTimeAndWithTheNextOne) {
  const LinkSecret link = std::move(with_codes().links.front().secret);
  const std::string first = code_for(link), second = code_for(link);
  EXPECT_EQ(check(link, first), first == second ? Checked::right : Checked::wrong);
  EXPECT_EQ(check(link, second), Checked::right);
  const std::string third = code_for(link);
  clock_.advance(Pickups::code_life);
  EXPECT_EQ(check(link, third), Checked::over);
}

TEST_F(PickupsTest, FiveWrongCodesEndTheCodeAndFiveCodesTheHour) {
  const LinkSecret link = std::move(with_codes().links.front().secret);
  const std::string code = code_for(link);
  for (int i = 1; i < Pickups::wrong_codes; ++i)
    EXPECT_EQ(check(link, another_than(code)), Checked::wrong);
  EXPECT_EQ(check(link, another_than(code)), Checked::over);
  EXPECT_EQ(check(link, code), Checked::over);
  for (int i = 1; i < Pickups::codes_in_period; ++i) EXPECT_NE(code_for(link), "");
  EXPECT_EQ(code_for(link), "");
  clock_.advance(Pickups::code_period);
  EXPECT_NE(code_for(link), "");
}

TEST_F(PickupsTest, ACodeIsNothingWithoutItsLink) {
  const Sent one = with_codes(), other = with_codes();
  const std::string code = code_for(one.links.front().secret);
  static_cast<void>(code_for(other.links.front().secret));
  EXPECT_NE(check(other.links.front().secret, code), Checked::right);
}

TEST_F(PickupsTest, R07_NeitherMessageNorCodeNorWayStandsInTheTable) {
  const Sent sent = with_codes();
  const std::string code = code_for(sent.links.front().secret);
  const std::string octets =
      read_file(folder_ / "transfer.db") + read_file(folder_ / "transfer.db-wal");
  EXPECT_EQ(octets.find(code), std::string::npos);
  EXPECT_EQ(octets.find("anna@web.example"), std::string::npos);
  EXPECT_EQ(octets.find("the message"), std::string::npos);
}

TEST_F(PickupsTest, AnswersAreCounted) {
  const Sent sent = post(message_for({anna}));
  const std::string link = links_.visit(sent.links.front().secret)->lookup;
  for (int i = 0; i < Pickups::most_answers; ++i) EXPECT_TRUE(pickups_.take_answer(link));
  EXPECT_FALSE(pickups_.take_answer(link));
  EXPECT_FALSE(pickups_.take_answer("no link"));
}

TEST_F(PickupsTest, NothingOfItIsLeftBehind) {
  const Sent sent = with_codes();
  parcels_.forget(sent.id);
  std::int64_t left = -1;
  database_.read([&](Database::Session& session) {
    left = sql::select(session, "SELECT COUNT(*) AS n FROM pickup").number("n");
  });
  EXPECT_EQ(left, 0);
  EXPECT_EQ(files_in_store(), 0U);
}

// --- ways

TEST(CodeWay, IsAnAddressOrATelephone) {
  EXPECT_EQ(CodeWay::parse(" anna@web.example ")->text(), "anna@web.example");
  EXPECT_EQ(CodeWay::parse("+49 (171) 123-45.67")->text(), "+491711234567");
  for (const char* const wrong :
       {"", "+", "+123456", "+1234567890123456", "+49 171 abc", "0171 1234567", "anna", "a@b@c",
        "+4917112345\r\nBcc: x@y.example", "+49171123456@web.example"})
    EXPECT_FALSE(CodeWay::parse(wrong)) << wrong;
}

TEST(CodeWay, IsShownToItsOwnerOnly) {
  EXPECT_EQ(CodeWay::parse("anna@web.example")->masked(), "a•••@web.example");
  EXPECT_EQ(CodeWay::parse("+491711234567")->masked(), "+49•••67");
}

TEST(CodeWay, ATelephoneIsANameInTheDomainForTextMessages) {
  const auto telephone = CodeWay::parse("+491711234567").value();
  EXPECT_EQ(telephone.address("sms.stadt.example"), address("+491711234567@sms.stadt.example"));
  EXPECT_FALSE(telephone.address(""));
  EXPECT_EQ(CodeWay::parse("anna@web.example")->address(""), address("anna@web.example"));
}

}  // namespace
}  // namespace siegel::tests
