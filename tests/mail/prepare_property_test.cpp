#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gateway/mail/message.h"
#include "gateway/mail/prepare.h"
#include "gateway/mail/recode.h"
#include "gateway/mail/survey.h"
#include "gateway/mail/transfer_encoding.h"
#include "tests/mail/generator.h"

// What must hold for every message, tried with many (STANDARDS §2.3, R-C1).
namespace siegel::tests {
namespace {

constexpr int messages = 2000;

struct Case {
  std::string received;
  mail::Message message;
  mail::Prepared prepared;
  std::string octets;  // of the prepared entity
};

void for_each_case(const std::function<void(const Case&)>& check) {
  MessageGenerator generator(20261121);
  for (int i = 0; i < messages && !testing::Test::HasFailure(); ++i) {
    SCOPED_TRACE(i);
    const std::string received = generator.next();
    Case one{received, mail::Message::parse(Blob(received)), {}, {}};
    one.prepared = mail::prepare(one.message);
    one.octets = one.prepared.entity.join().view();
    check(one);
  }
}

/// What a leaf says, line ends told alike. Bare ones are repaired before an encoding is undone,
/// because blanks in front of them then count as trailing.
std::string content(const mail::Entity& leaf) {
  if (leaf.encoding == mail::TransferEncoding::quoted_printable) {
    const std::string body = mail::with_proper_line_ends(leaf.body);
    return mail::with_proper_line_ends(mail::decode_quoted_printable(body));
  }
  return mail::with_proper_line_ends(leaf.decoded_body());
}

/// The content of every leaf, in order.
void collect_contents(const mail::Entity& entity, std::vector<std::string>& contents) {
  if (entity.parts.empty() && entity.content_type.type != "multipart")
    contents.push_back(content(entity));
  for (const auto& part : entity.parts) collect_contents(part, contents);
}

std::vector<std::string> contents(const mail::Message& message) {
  std::vector<std::string> all;
  collect_contents(message.top(), all);
  return all;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

TEST(PrepareProperty, RC1_PreparedIsSafeForEveryHop) {
  int clear = 0;
  for_each_case([&](const Case& one) {
    if (one.prepared.must_be_opaque) return;
    ++clear;
    EXPECT_TRUE(mail::survey(one.octets).is_safe()) << one.received << "\n=>\n" << one.octets;
  });
  EXPECT_GT(clear, messages * 8 / 10);  // else the property would say little
}

TEST(PrepareProperty, RC1_ContentOfEveryLeafStaysTheSame) {
  for_each_case([](const Case& one) {
    const auto after = mail::Message::parse(Blob(one.octets));
    EXPECT_EQ(contents(one.message), contents(after)) << one.received << "\n=>\n" << one.octets;
  });
}

TEST(PrepareProperty, PreparingAgainChangesNothing) {
  for_each_case([](const Case& one) {
    const auto again = mail::prepare(mail::Message::parse(Blob(one.octets)));
    EXPECT_EQ(again.entity.join().view(), one.octets) << one.received;
    EXPECT_EQ(again.must_be_opaque, one.prepared.must_be_opaque);
  });
}

TEST(PrepareProperty, RC1_SurvivesDotStuffing) {
  for_each_case([](const Case& one) {
    const std::string sent = replaced("\r\n" + one.octets, "\r\n.", "\r\n..");
    EXPECT_EQ(replaced(sent, "\r\n..", "\r\n.").substr(2), one.octets);
  });
}

TEST(PrepareProperty, RC1_SurvivesAnMboxWithUnixLineEnds) {
  for_each_case([](const Case& one) {
    if (one.prepared.must_be_opaque) return;
    // An mbox escapes "From " lines; nothing that we sign may need it.
    const std::string stored = replaced(replaced(one.octets, "\r\n", "\n"), "\nFrom ", "\n>From ");
    EXPECT_EQ(replaced(stored, "\n", "\r\n"), one.octets);
  });
}

}  // namespace
}  // namespace siegel::tests
