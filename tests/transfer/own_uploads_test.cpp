#include "gateway/transfer/own_uploads.h"

#include "base/error.h"
#include "tests/transfer/service_fixture.h"

namespace siegel::tests {
namespace {

using transfer::OwnUploads;
using transfer::Refusal;

class OwnUploadsTest : public ServiceTest {
 protected:
  static OwnUploads::Source source(const std::string& octets) {
    return [rest = std::string_view(octets)](std::span<char> room) mutable {
      const std::size_t taken = rest.copy(room.data(), room.size());
      rest.remove_prefix(taken);
      return taken;
    };
  }
  transfer::UploadWish file(std::uint64_t octets) {
    return {address(bauamt), "Plan.pdf", "application/pdf", octets};
  }
};

TEST_F(OwnUploadsTest, WhatWasPutCanBeSent) {
  const std::string octets(200000, 'p');
  Sent sent;
  {
    OwnUploads uploads(uploads_, store_);
    EXPECT_FALSE(uploads.put(file(octets.size()), source(octets), settings_));
    sent = send(wish(uploads.secrets()));
  }
  EXPECT_EQ(fetch(sent.links.front().secret), octets) << "the parcel has it now";
}

TEST_F(OwnUploadsTest, WhatWasNotSentGoesAgain) {
  {
    OwnUploads uploads(uploads_, store_);
    EXPECT_FALSE(uploads.put(file(8), source("the plan"), settings_));
    EXPECT_EQ(files_in_store(), 1U);
  }
  EXPECT_EQ(files_in_store(), 0U);
}

TEST_F(OwnUploadsTest, ASourceThatEndsTooEarlyIsAnError) {
  OwnUploads uploads(uploads_, store_);
  EXPECT_THROW(static_cast<void>(uploads.put(file(9), source("the plan"), settings_)), Error);
}

TEST_F(OwnUploadsTest, LimitsHoldForOurselvesToo) {
  settings_.limits.file = 7;
  OwnUploads uploads(uploads_, store_);
  EXPECT_EQ(uploads.put(file(8), source("the plan"), settings_), Refusal::file_too_large);
}

// --- what strangers promise

TEST_F(OwnUploadsTest, Evil_PromisesOfStrangersTakeNothingFromUs) {
  settings_.limits.sender = settings_.limits.strangers = 1000;
  auto promise = file(1000);
  promise.is_stranger = true;
  EXPECT_TRUE(std::holds_alternative<transfer::LinkSecret>(uploads_.begin(promise, settings_)));
  EXPECT_EQ(std::get<Refusal>(uploads_.begin(promise, settings_)), Refusal::owner_full);
  EXPECT_TRUE(std::holds_alternative<transfer::LinkSecret>(uploads_.begin(file(1000), settings_)));
}

}  // namespace
}  // namespace siegel::tests
