// What a page shows of a message: its words and the names of its files, and nothing that acts.

#include "gateway/portal/message_view.h"

#include <gmock/gmock.h>

namespace siegel::tests {
namespace {

using portal::AttachedFile;
using portal::MessageView;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string with_crlf(std::string_view text) {
  std::string proper;
  for (const char c : text) proper += c == '\n' ? "\r\n" : std::string(1, c);
  return proper;
}

MessageView view_of(std::string_view text) {
  return portal::view_of(mail::Message::parse(Blob(with_crlf(text))));
}

std::vector<std::string> names(const MessageView& view) {
  std::vector<std::string> found;
  for (const AttachedFile& file : view.files) found.push_back(file.name);
  return found;
}

TEST(MessageView, ShowsWhoWroteWhatToWhom) {
  const MessageView view = view_of(
      "From: =?utf-8?Q?Bau=C3=A4mt?= <bauamt@stadt.example>\nTo: anna@buerger.example\n"
      "Cc: bert@buerger.example\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\n"
      "Message-ID: <1@stadt.example>\n\nGuten Tag\n\nIhr Amt\n");
  EXPECT_EQ(view.from, "Bauämt <bauamt@stadt.example>");
  EXPECT_EQ(view.to, "anna@buerger.example");
  EXPECT_EQ(view.cc, "bert@buerger.example");
  EXPECT_EQ(view.subject, "Grüße");
  EXPECT_EQ(view.text, "Guten Tag\n\nIhr Amt\n");
  EXPECT_EQ(view.message_id, "<1@stadt.example>");
  EXPECT_THAT(view.files, IsEmpty());
}

TEST(MessageView, OfSeveralFormsItShowsThePlainOne) {
  const MessageView view = view_of(
      "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: "
      "text/html\n\n<p>reich\n"
      "--b\nContent-Type: text/plain\n\nschlicht\n--b\nContent-Type: text/calendar\n\nBEGIN\n"
      "--b--\n");
  EXPECT_EQ(view.text, "schlicht");
  EXPECT_THAT(names(view), ElementsAre("message.txt"));
}

TEST(MessageView, OfHtmlItShowsTheWordsAndFetchesNothing) {
  const MessageView view = view_of(
      "Content-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html; "
      "charset=iso-8859-1\nContent-Transfer-Encoding: "
      "quoted-printable\n\n<h1>Gr=FC=DFe</h1><script>"
      "evil()</script><img src=3D\"https://spy.example/p.gif\" alt=3DBild><a "
      "href=3D\"https://www.stadt.example/\">hier</a>\n--b\nContent-Type: image/png; name=p.png\n\n"
      "x\n--b--\n");
  EXPECT_THAT(view.text, HasSubstr("Grüße"));
  EXPECT_THAT(view.text, HasSubstr("hier"));
  EXPECT_THAT(view.text, Not(HasSubstr("spy.example")));
  EXPECT_THAT(view.text, Not(HasSubstr("evil")));
  EXPECT_THAT(names(view), ElementsAre("p.png"));
}

TEST(MessageView, WhatIsAttachedIsAFileWhateverItIs) {
  const std::string octets = with_crlf(
      "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nText\n--b\nContent-Type: text/plain\n"
      "Content-Disposition: attachment; filename=\"../a.txt\"\n\nDatei\n--b\nContent-Type: "
      "message/rfc822\n\nSubject: innen\n\nx\n--b\nContent-Type: application/pdf\n"
      "Content-Transfer-Encoding: base64\n\nQUJD\n--b--\n");
  const MessageView view = portal::view_of(mail::Message::parse(Blob(std::string(octets))));
  EXPECT_EQ(view.text, "Text");
  EXPECT_THAT(names(view), ElementsAre("../a.txt", "message.eml", "file.pdf"));
  EXPECT_EQ(octets.substr(view.files[0].begin, view.files[0].length), "Datei");
  EXPECT_EQ(octets.substr(view.files[1].begin, view.files[1].length), "Subject: innen\r\n\r\nx");
  EXPECT_EQ(view.files[2].octets, 3U);
}

TEST(MessageView, R45_WhatIsNoMessageIdReachesNoHeaderOfOurs) {
  for (const char* const wrong : {"<a b>", "a@b.example", "<a@b\x01>", "<>", "<\xC3\xBC@b>"})
    EXPECT_EQ(view_of("Message-ID: " + std::string(wrong) + "\n\nx\n").message_id, "") << wrong;
  EXPECT_EQ(view_of("Message-ID: <" + std::string(300, 'x') + ">\n\nx\n").message_id, "");
}

TEST(MessageView, WhatCannotBeSeenIsNotShown) {
  const MessageView view = view_of(
      "Subject: a\xE2\x80\xAE"
      "b\x1B[2J\nContent-Type: text/plain; charset=utf-8\n\n1\xE2\x80\x8B"
      "2\x07 3\xFF\n");
  EXPECT_EQ(view.subject, "ab [2J");
  EXPECT_THAT(view.text, Not(HasSubstr("\x07")));
  EXPECT_THAT(view.text, HasSubstr("12 3"));
}

TEST(MessageView, ALongTextIsCutAndAVeryLongOneIsAFile) {
  const std::string head = "Content-Type: text/plain\n\n";
  const MessageView cut = view_of(head + std::string(600'000, 'x'));
  EXPECT_TRUE(cut.is_cut);
  EXPECT_EQ(cut.text.size(), std::size_t{512} << 10U);
  const MessageView file = view_of(head + std::string(5'000'000, 'x'));
  EXPECT_EQ(file.text, "");
  EXPECT_THAT(names(file), ElementsAre("message.txt"));
}

TEST(MessageView, NothingIsAMessageToo) {
  const MessageView view = view_of("");
  EXPECT_EQ(view.text, "");
  EXPECT_EQ(view.subject, "");
}

}  // namespace
}  // namespace siegel::tests
