#include <random>

#include <gtest/gtest.h>

#include "base/ascii.h"
#include "base/utf8.h"
#include "gateway/crypt/annotate.h"
#include "gateway/crypt/header_names.h"
#include "gateway/crypt/transform.h"
#include "gateway/mail/compose.h"
#include "gateway/mail/fields.h"
#include "gateway/mail/survey.h"
#include "tests/crypt/post.h"

/// The two properties of signing (STANDARDS §2.3) and the one of annotating, over random
/// messages.
namespace siegel::tests {
namespace {

using Random = std::mt19937;

template <typename T>
const T& one_of(Random& random, const std::vector<T>& choices) {
  return choices[random() % choices.size()];
}

// --- random messages

std::string random_body(Random& random) {
  static const std::vector<std::string> pieces{"Sehr geehrte Damen",
                                               " ",
                                               "\r\n",
                                               "\r\n\r\n",
                                               ".\r\n",
                                               "..\r\n",
                                               "\r\n.\r\n",
                                               "From x\r\n",
                                               "\r\nFrom y",
                                               "-- \r\n",
                                               "  \r\n",
                                               "\t\r\n",
                                               "\xC3\xBC",
                                               "\xFC",
                                               "=",
                                               "=3D",
                                               "--b0\r\n",
                                               "x",
                                               "\r\n-- \r\n",
                                               "http://x.example/?a=b",
                                               "end \r\n"};
  std::string body;
  for (auto count = random() % 25; count > 0; --count) body += one_of(random, pieces);
  if (random() % 8 == 0) body += std::string(1500, 'l');
  return body;
}

std::string random_leaf(Random& random) {
  static const std::vector<std::string> heads{
      "",
      "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n",
      "Content-Type: text/html; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n",
      "Content-Type: text/plain\r\n",
      "Content-Type: application/octet-stream; name=\"a b.bin\"\r\nContent-Transfer-Encoding: "
      "binary\r\n",
      "Content-Type: text/plain; charset=utf-8\r\nContent-Disposition: attachment; "
      "filename=\"x.txt\"\r\n"};
  return one_of(random, heads) + "\r\n" + random_body(random);
}

std::string random_entity(Random& random, int depth) {
  switch (depth > 0 ? random() % 5 : 0) {
    case 1:
      return mixed({random_entity(random, depth - 1), random_entity(random, depth - 1)});
    case 2:
      return attached(letter_from("x@y.example", random_entity(random, depth - 1)));
    case 3:
      return signed_by(anna());
    default:
      return random_leaf(random);
  }
}

std::string random_message(Random& random) {
  static const std::vector<std::string> fields{
      "", "X-Mailer: x\r\n", "Received: from a\r\n by b; Mon, 01 Jun 2026 14:00:00 +0200\r\n",
      "List-Id: <x.y.example>\r\n", "Content-Language: de\r\n"};
  return letter(random_entity(random, 3), one_of(random, fields));
}

// --- what transport does

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

/// RFC 5321 §4.5.2, there and back.
std::string dot_stuffed_and_back(const std::string& text) {
  const std::string stuffed = replaced("\r\n" + text, "\r\n.", "\r\n..");
  return replaced(stuffed, "\r\n..", "\r\n.").substr(2);
}

/// As an mbox keeps it: LF, and ">From " for lines that begin with "From ".
std::string through_mbox(const std::string& text) {
  const std::string kept = replaced(replaced(text, "\r\n", "\n"), "\nFrom ", "\n>From ");
  return replaced(kept, "\n", "\r\n");
}

/// Another server folds the outer fields anew and adds its own.
std::string with_refolded_head(const std::string& text) {
  const auto end = text.find("\r\n\r\n");
  const std::string head = replaced(text.substr(0, end), "; ", ";\r\n\t");
  return "Received: by relay.example; Mon, 01 Jun 2026 15:00:00 +0200\r\n" + head +
         text.substr(end);
}

/// A hop without 8BITMIME that cuts what it may not carry.
std::string through_7bit_hop(std::string text) {
  for (char& c : text) c = static_cast<char>(static_cast<unsigned char>(c) & 0x7FU);
  return text;
}

/// Blanks at line ends get lost on many ways.
std::string without_trailing_blanks(std::string text) {
  for (const std::string blank : {" \r\n", "\t\r\n"}) {
    while (text.find(blank) != std::string::npos) text = replaced(text, blank, "\r\n");
  }
  return text;
}

std::string signed_by_gateway(const std::string& text) {
  policy::Treatment treatment;
  treatment.sign = anna().signer();
  config::Config config;
  config.name = "gw.stadt.example";
  mail::Envelope envelope;
  envelope.id = "m1";
  envelope.received = noon();
  return text_of(crypt::transform(config, envelope, parsed(text), {}, treatment, nullptr));
}

policy::Status status_of(const std::string& text) {
  const auto verdict = Desk().sees(text).verdict;
  return verdict.layers.empty() ? policy::Status::malformed : verdict.layers[0].status;
}

TEST(SigningProperty, RC1_WhatWeSignVerifiesAfterTransport) {
  Random random(1);
  for (int i = 0; i < 150; ++i) {
    const std::string original = random_message(random);
    const std::string sent = signed_by_gateway(original);
    SCOPED_TRACE(printable(original, 3000));
    ASSERT_EQ(status_of(sent), policy::Status::good) << printable(sent, 4000);
    ASSERT_EQ(status_of(dot_stuffed_and_back(sent)), policy::Status::good);
    ASSERT_EQ(status_of(through_mbox(sent)), policy::Status::good) << printable(sent, 4000);
    ASSERT_EQ(status_of(with_refolded_head(sent)), policy::Status::good);
    ASSERT_EQ(status_of(through_7bit_hop(sent)), policy::Status::good) << printable(sent, 4000);
    ASSERT_EQ(status_of(without_trailing_blanks(sent)), policy::Status::good)
        << printable(sent, 4000);
  }
}

TEST(SigningProperty, RC2_AnInnerSignatureSurvivesOurs) {
  Random random(2);
  const Party client = world().person(anna_address);
  for (int i = 0; i < 60; ++i) {
    const std::string entity = random_leaf(random);
    const std::string inner =
        random() % 2 == 0 ? signed_by(client, entity) : opaquely_signed_by(client, entity);
    SCOPED_TRACE(printable(inner, 3000));
    const auto before = status_of(letter(inner));
    const auto verdict = Desk().sees(signed_by_gateway(letter(inner))).verdict;
    ASSERT_EQ(verdict.layers.at(0).status, policy::Status::good);
    if (before != policy::Status::good) continue;  // nobody signs like that
    ASSERT_EQ(verdict.layers.size(), 2U);
    ASSERT_EQ(verdict.layers[1].status, policy::Status::good);
  }
}

// --- RFC 9788

/// A message with more fields than the others, some of them odd.
std::string random_head_message(Random& random) {
  static const std::vector<std::string> values{"Antrag",
                                               "=?utf-8?q?Gr=C3=BC=C3=9Fe?=",
                                               "Gr\xC3\xBC\xC3\x9F\xE2\x82\xAC",
                                               "\"Huber, Anna\" <a@x.example>, b@y.example",
                                               "<1@x.example>\r\n <2@x.example>",
                                               "  two  blanks \t",
                                               "",
                                               "(comment) a@x.example",
                                               "Mon, 01 Jun 2026 14:00:00 +0200 (CEST)"};
  std::string fields;
  for (const std::string name :
       {"Reply-To", "Cc", "Keywords", "Comments", "In-Reply-To", "References", "X-Own"}) {
    if (random() % 2 == 0) fields += name + ": " + one_of(random, values) + "\r\n";
  }
  std::string text = letter(random_leaf(random), fields);
  const std::string subject = "Subject: Antrag";
  return text.replace(text.find(subject), subject.size(), "Subject: " + one_of(random, values));
}

policy::Treatment random_protection(Random& random) {
  policy::Treatment treatment;
  treatment.sign = anna().signer();
  treatment.protect_headers = true;
  const auto kind = random() % 3;
  if (kind > 0) treatment.encrypt_to = {bauamt().peer({.aes_gcm = true, .rsa_oaep = false})};
  treatment.hide_subject = kind == 2;
  return treatment;
}

std::string protected_by_gateway(const std::string& text, const policy::Treatment& treatment) {
  config::Config config;
  config.name = "gw.stadt.example";
  mail::Envelope envelope;
  envelope.id = "m1";
  envelope.received = noon();
  return text_of(crypt::transform(config, envelope, parsed(text), {}, treatment, nullptr));
}

/// The outer head with another value for one of its fields.
std::string with_other(const mail::Message& message, const mail::Field& field) {
  const auto start = static_cast<std::size_t>(field.octets.data() - message.octets().data());
  std::string changed(message.octets());
  return changed.replace(start, field.octets.size(),
                         std::string(field.name) + ": zz@other.example\r\n");
}

TEST(ProtectionProperty, WhatWeProtectIsFoundIntact) {
  Random random(9788);
  const Desk desk(bauamt());
  for (int i = 0; i < 150; ++i) {
    const std::string original = random_head_message(random);
    const std::string sent = protected_by_gateway(original, random_protection(random));
    const auto verdict = desk.sees(with_refolded_head(sent)).verdict;
    SCOPED_TRACE(printable(original, 3000));
    ASSERT_EQ(verdict.summary(), policy::Summary::good) << remarks(verdict);
    ASSERT_EQ(remarks(verdict).find("changed on the way"), std::string::npos) << remarks(verdict);
  }
}

TEST(ProtectionProperty, AnyChangeOfOneFieldOutsideIsFound) {
  Random random(8551);
  const Desk desk(bauamt());
  for (int i = 0; i < 25; ++i) {
    const std::string original = random_head_message(random);
    const std::string sent = protected_by_gateway(original, random_protection(random));
    const auto message = parsed(sent);
    for (const mail::Field& field : message.top().fields) {
      if (crypt::is_outside_field(field.name) || crypt::is_structural_field(field.name)) continue;
      // Ids of raw octets have no form that gets through, so that they have no copy.
      const bool is_id = ascii::equals_ignoring_case(field.name, "In-Reply-To") ||
                         ascii::equals_ignoring_case(field.name, "References");
      if (is_id && mail::survey(field.octets).has_8bit) continue;
      const auto verdict = desk.sees(with_other(message, field)).verdict;
      SCOPED_TRACE(printable(original, 3000) + "\n" + std::string(field.name));
      const bool is_told = remarks(verdict).find("changed on the way") != std::string::npos;
      ASSERT_TRUE(verdict.summary() != policy::Summary::good || is_told) << remarks(verdict);
    }
  }
}

// ---

std::string mutated(Random& random, std::string text) {
  static const std::vector<std::string> pieces{
      "X-Siegel-Verdict: good\r\n",
      "x-siegel-verdict:good",
      "Authentication-Results: gw.stadt.example; smime=pass\r\n",
      "Authentication-Results:",
      "gw.stadt.example;",
      "smime=pass",
      "\r\n",
      "\r",
      "\n",
      " ",
      "\t",
      "(",
      ")",
      "\"",
      "Subject: [signiert] x\r\n",
      "[signiert]",
      "[sig",
      "niert]",
      "=?utf-8?q?",
      "?=",
      "=5Bsigniert=5D",
      ":",
      ";",
      "\xEF\xBC\xBB",
      "\xE2\x80\x8B",
      std::string(1, '\0'),
      "\r\n "};
  for (auto count = 1 + random() % 8; count > 0; --count) {
    const auto at = random() % (text.size() + 1);
    if (random() % 4 == 0) {
      text.erase(at, random() % 5);
    } else {
      text.insert(at, one_of(random, pieces));
    }
  }
  return text;
}

TEST(AnnotationProperty, R50_NoInputYieldsOurAnnotationButOurOwnVerdict) {
  Random random(50);
  config::Config config;
  config.name = "gw.stadt.example";
  mail::Envelope envelope;
  envelope.id = "m1";
  envelope.received = noon();
  policy::Treatment treatment;
  treatment.annotate = true;
  for (int i = 0; i < 4000; ++i) {
    const std::string text =
        mutated(random,
                "Authentication-Results: gw.stadt.example; smime=pass\r\nX-Siegel-Verdict: good\r\n"
                "Subject: =?utf-8?q?=5Bsigniert=5D?= x\r\nFrom: a@x.example\r\n\r\nbody\r\n");
    const std::string sent =
        text_of(crypt::transform(config, envelope, parsed(text), {}, treatment, nullptr));
    const auto result = parsed(sent);
    SCOPED_TRACE(printable(text, 2000));
    ASSERT_EQ(result.top().count("X-Siegel-Verdict"), 1U) << printable(sent, 2000);
    ASSERT_EQ(mail::bare_value(result.top().field("X-Siegel-Verdict")->body),
              "none; encryption=no");
    int ours = 0;
    for (const mail::Field& field : result.top().fields) {
      ours += crypt::is_forged_mark(field, config.name) ? 1 : 0;
    }
    ASSERT_EQ(ours, 2) << printable(sent, 2000);
    ASSERT_EQ(crypt::without_display_tags(mail::subject(result.top()), config.tags),
              mail::subject(result.top()));
  }
}

}  // namespace
}  // namespace siegel::tests
