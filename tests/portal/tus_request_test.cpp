#include "gateway/portal/tus_request.h"

#include <gmock/gmock.h>

namespace siegel::tests {
namespace {

using namespace portal::tus;

TEST(TusCount, IsDecimalDigitsAndNothingElse) {
  EXPECT_EQ(parse_count("0"), 0U);
  EXPECT_EQ(parse_count("9223372036854775807"), 9223372036854775807U);
  for (const char* const wrong :
       {"", "-1", "+1", " 1", "1 ", "0x10", "1e3", "9223372036854775808", "99999999999999999999"})
    EXPECT_FALSE(parse_count(wrong)) << wrong;
}

TEST(TusMetadata, NamesTheFileAndItsType) {
  const auto found = parse_metadata("filename UGzDpG5lLnBkZg==,filetype YXBwbGljYXRpb24vcGRm,x");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->file_name, "Pläne.pdf");
  EXPECT_EQ(found->media_type, "application/pdf");
  EXPECT_EQ(parse_metadata("")->file_name, "");
  EXPECT_EQ(parse_metadata("name YQ==")->file_name, "a");
}

TEST(TusMetadata, Evil_NamesComeOutPrintable) {
  // "a\r\nb", and a right-to-left override
  EXPECT_EQ(parse_metadata("filename YQ0KYg==")->file_name, "a\\x0d\\x0ab");
  EXPECT_THAT(parse_metadata("filename 4oCuZ3BqLmV4ZQ==")->file_name,
              testing::HasSubstr("\\u{202e}"));
  EXPECT_EQ(parse_metadata("filetype dGV4dC9odG1sDQpYOiB5")->media_type, "");
}

TEST(TusMetadata, WhatIsNotWellFormedIsRefused) {
  for (const std::string wrong : {"filename not-base64!", "a YQ==,a YQ==", " ,",
                                  "filename YQ=", "filename Y\xC3\xA4==", "k\xC3\xA4y YQ=="})
    EXPECT_FALSE(parse_metadata(wrong)) << wrong;
  EXPECT_FALSE(parse_metadata("k " + std::string(metadata_limit, 'A')));
}

TEST(TusChecksum, HasTheLengthOfItsAlgorithm) {
  const auto found = parse_checksum("sha1 qUqP5cyxm6YcTAhz05Hph5gvu9M=");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->algorithm, "sha1");
  EXPECT_EQ(found->digest.size(), 20U);
  for (const char* const wrong : {"", "sha1", "sha1 ", "sha1 YQ==", "md5 1B2M2Y8AsgTpgAmY7PhCfg==",
                                  "sha256 qUqP5cyxm6YcTAhz05Hph5gvu9M="})
    EXPECT_FALSE(parse_checksum(wrong)) << wrong;
}

}  // namespace
}  // namespace siegel::tests
