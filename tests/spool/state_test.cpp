// The state's text form and the head of a message file.

#include <random>

#include <gmock/gmock.h>

#include "gateway/spool/fingerprint.h"
#include "gateway/spool/mail_file.h"
#include "tests/spool/fixture.h"

namespace siegel::tests {
namespace {

using spool::Item;
using spool::read_state;
using spool::write_state;

/// Items with everything that a hostile peer or an odd day may put into them.
class Dice {
 public:
  explicit Dice(std::uint32_t seed) : dice_(seed) {}

  Item item() {
    Item item;
    item.id = "a" + std::to_string(number(1000)) + "." + std::to_string(1 + number(9));
    item.consignment.towards = side();
    item.consignment.confidential = flip();
    item.consignment.held = flip();
    item.consignment.reason = text();
    item.consignment.envelope = envelope();
    item.arrived = time();
    item.attempts = static_cast<std::uint32_t>(number(4'000'000'000U));
    item.next_attempt = time();
    item.held = flip();
    item.delay_told = flip();
    item.last_answer = text();
    return item;
  }

 private:
  std::uint64_t number(std::uint64_t below) { return dice_() % below; }
  bool flip() { return number(2) == 0; }
  config::Side side() { return flip() ? config::Side::inside : config::Side::world; }
  Time time() { return Time(std::chrono::milliseconds(number(4'000'000'000'000U))); }
  std::string text() {
    std::string octets(number(20), '\0');
    for (char& octet : octets) octet = static_cast<char>(number(256));
    return octets;
  }
  Address address() {
    static const std::vector<std::string> all{"a@b.example", "jörg+x@stadt.example", "o'k=1@x-y.de",
                                              "A.b@xn--mnchen-3ya.example"};
    return Address::parse(all[number(all.size())]).value();
  }
  mail::Envelope envelope() {
    mail::Envelope envelope;
    envelope.id = "e" + std::to_string(number(1000));
    envelope.side = side();
    envelope.client_ip = text();
    envelope.client_helo = text();
    envelope.tls = flip();
    envelope.received = time();
    if (flip()) envelope.reverse_path = address();
    for (std::uint64_t left = 1 + number(4); left > 0; --left)
      envelope.recipients.push_back({address(), {flip(), flip(), flip(), flip()}, text()});
    envelope.body_8bit = flip();
    envelope.smtputf8 = flip();
    envelope.envid = text();
    envelope.return_headers_only = flip();
    return envelope;
  }

  std::mt19937_64 dice_;
};

Item item_to_bert() {
  Item item;
  item.id = "a1.1";
  item.consignment = consignment("a1", {"b@c.example"});
  return item;
}

TEST(SpoolState, ReadingWhatWasWrittenGivesTheSame) {
  Dice dice(7);
  for (int i = 0; i < 2000; ++i) {
    const Item item = dice.item();
    const auto read = read_state(write_state(item));
    ASSERT_TRUE(read);
    EXPECT_EQ(write_state(*read), write_state(item));
    EXPECT_EQ(read->last_answer, item.last_answer);
    EXPECT_EQ(read->arrived, item.arrived);
    EXPECT_EQ(read->consignment.envelope.reverse_path, item.consignment.envelope.reverse_path);
    EXPECT_EQ(read->consignment.envelope.recipients.size(),
              item.consignment.envelope.recipients.size());
  }
}

TEST(SpoolState, TheNullReversePathStaysNull) {
  Item item = item_to_bert();
  item.consignment.envelope.reverse_path.reset();
  const auto read = read_state(write_state(item));
  ASSERT_TRUE(read);
  EXPECT_FALSE(read->consignment.envelope.reverse_path);
}

TEST(SpoolState, EveryCutAndEveryFlippedOctetIsNoticed) {
  const std::string text = write_state(Dice(1).item());
  for (std::size_t size = 0; size < text.size(); ++size)
    EXPECT_FALSE(read_state(std::string_view(text).substr(0, size))) << size;
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::string damaged = text;
    damaged[at] = static_cast<char>(damaged[at] ^ 4);
    EXPECT_FALSE(read_state(damaged)) << at;
  }
  EXPECT_FALSE(read_state(text + "\n"));
}

TEST(SpoolState, LimitsHold) {
  Item item = item_to_bert();
  item.consignment.envelope.recipients.resize(spool::most_recipients, recipient("b@c.example"));
  EXPECT_TRUE(read_state(write_state(item)));
  item.consignment.envelope.recipients.push_back(recipient("b@c.example"));
  EXPECT_FALSE(read_state(write_state(item)));
  item.consignment.envelope.recipients.resize(1, recipient("b@c.example"));
  item.last_answer.assign(spool::most_state_octets, 'x');
  EXPECT_FALSE(read_state(write_state(item)));
  item.consignment.envelope.recipients.clear();
  item.last_answer.clear();
  EXPECT_FALSE(read_state(write_state(item)));
}

/// The head of a message file with a right sum, whatever it says.
Blob mail_file_saying(const std::string& items, const std::string& rest) {
  const Blob valid = spool::write_mail_file({{"", octets("")}}).join();
  const std::string version(valid.view().substr(0, valid.view().find('\n') + 1));
  const std::string head = version + items;
  return Blob(head + "sum " + spool::fingerprint_text(head) + "\n" + rest);
}

TEST(MailFile, LiesInAHeadAreNotBelieved) {
  EXPECT_TRUE(spool::read_mail_file(mail_file_saying("item 2 2 3\n", "stabc")));
  for (const char* const items :
       {"", "item 2 2 4\n", "item 2 2 2\n", "item 9 2 3\n", "item 2 9 3\n", "item 2 2\n",
        "item 2 2 3 4\n", "item 2 2 -3\n", "item 2 2 18446744073709551615\n",
        "item 2 18446744073709551615 3\n", "item 18446744073709551615 2 3\n", "item 2  2 3\n",
        "thing 2 2 3\n", "item 2 2 3\n\n"})
    EXPECT_FALSE(spool::read_mail_file(mail_file_saying(items, "stabc"))) << items;
}

TEST(MailFile, TooManyItemsAreRefused) {
  std::string items;
  for (int i = 0; i < 10'001; ++i) items += "item 0 0 0\n";
  EXPECT_FALSE(spool::read_mail_file(mail_file_saying(items, "")));
}

}  // namespace
}  // namespace siegel::tests
