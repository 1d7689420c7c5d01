#include "pki/csr.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pki/subject.h"
#include "tests/pki/openssl_command.h"
#include "tests/support/files.h"
#include "tests/support/temporary_directory.h"

namespace siegel::pki {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

CsrContent poststelle(Usage usage = Usage::both) {
  return {"C=DE, O=Amt, CN=GRP: Poststelle", {*Address::parse("post@amt.example")}, usage};
}

TEST(Csr, SaysWhatItAsksFor) {
  const auto key = PrivateKey::generate(KeyType::p256);
  const auto csr = parse_csr(make_csr(key, poststelle()));
  ASSERT_TRUE(csr);
  EXPECT_EQ(csr->key_id, key.key_id());
  EXPECT_EQ(csr->subject, "CN=GRP: Poststelle,O=Amt,C=DE");
  EXPECT_EQ(csr->name, poststelle().subject);
  EXPECT_THAT(csr->addresses, ElementsAre(*Address::parse("post@amt.example")));
  EXPECT_TRUE(csr->signs && csr->encrypts);
}

TEST(Csr, AsksForOnePurposeOnly) {
  const auto key = PrivateKey::generate(KeyType::p256);
  const auto signs = parse_csr(make_csr(key, poststelle(Usage::sign)));
  EXPECT_TRUE(signs->signs && !signs->encrypts);
  const auto encrypts = parse_csr(make_csr(key, poststelle(Usage::encrypt)));
  EXPECT_TRUE(!encrypts->signs && encrypts->encrypts);
}

TEST(Csr, OpensslReadsWhatStandardsDemand) {
  const tests::TemporaryDirectory folder;
  const auto file = folder.path() / "request.der";
  CsrContent content = poststelle(Usage::sign);
  content.non_repudiation = true;
  tests::write_file(file, make_csr(PrivateKey::generate(KeyType::rsa_3072), content));
  const auto ran = tests::openssl({"req", "-inform", "DER", "-in", file, "-verify", "-text"});
  EXPECT_EQ(ran.status, 0) << ran.output;
  for (const auto* text :
       {"verify OK", "C = DE, O = Amt, CN = GRP: Poststelle", "X509v3 Key Usage: critical",
        "Digital Signature, Non Repudiation", "E-mail Protection", "email:post@amt.example"})
    EXPECT_THAT(ran.output, HasSubstr(text));
}

TEST(Csr, WithoutProofOfPossessionIsNone) {
  std::string der = make_csr(PrivateKey::generate(KeyType::p256), poststelle());
  der.back() = static_cast<char>(der.back() ^ 1);
  EXPECT_FALSE(parse_csr(der));
  EXPECT_FALSE(parse_csr("no request"));
}

TEST(Subject, EscapedValuesAddNoPart) {
  const std::string name = "Amt, CN=Chef\\ \"+";
  const auto csr =
      parse_csr(make_csr(PrivateKey::generate(KeyType::p256),
                         {"O=Stadt, CN=" + escaped_subject_value(name), {}, Usage::sign}));
  ASSERT_TRUE(csr);
  EXPECT_EQ(csr->subject, R"(CN=Amt\, CN=Chef\\ \"\+,O=Stadt)");
}

TEST(Subject, WhatIsNoneIsRefusedWithTheReason) {
  for (const auto& [text, reason] : std::vector<std::pair<std::string, std::string>>{
           {"", "is empty"},
           {"Bauamt", "without \"=\""},
           {"XY=1", "unknown type XY"},
           {"CN=", "no value for CN"},
           {"C=Deutschland", "for C: Deutschland"},
           {"CN=a\\", "lone \\"},
           {"CN=" + std::string(1000, 'a'), "1,000 octets"}}) {
    try {
      static_cast<void>(parse_subject(text));
      ADD_FAILURE() << text << " was taken";
    } catch (const Error& error) {
      EXPECT_THAT(error.said(), HasSubstr(reason));
    }
  }
}

}  // namespace
}  // namespace siegel::pki
