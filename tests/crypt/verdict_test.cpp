#include "gateway/policy/verdict.h"

#include <array>
#include <set>

#include <gtest/gtest.h>

#include "gateway/policy/decision.h"

namespace siegel::policy {
namespace {

Layer signature(Status status) {
  Layer layer;
  layer.status = status;
  return layer;
}

Verdict verdict_of(std::vector<Layer> layers, bool is_author = true, bool covers_all = true) {
  Verdict verdict;
  verdict.layers = std::move(layers);
  verdict.signer_is_author = is_author;
  verdict.covers_all = covers_all;
  return verdict;
}

constexpr std::array<Status, 12> statuses{
    Status::good,           Status::bad,         Status::unknown_signer,
    Status::no_certificate, Status::untrusted,   Status::expired,
    Status::revoked,        Status::weak,        Status::unchecked_revocation,
    Status::no_key,         Status::unsupported, Status::malformed};

TEST(Verdict, NothingSignedIsNone) {
  EXPECT_EQ(verdict_of({}).summary(), Summary::none);
  Layer encryption = signature(Status::good);
  encryption.form = Form::encryption;
  EXPECT_EQ(verdict_of({encryption}).summary(), Summary::none);
}

TEST(Verdict, GoodIsGivenForNothingLess) {
  for (const Status first : statuses) {
    for (const Status second : statuses) {
      for (const bool is_author : {false, true}) {
        for (const bool covers_all : {false, true}) {
          const bool is_good =
              first == Status::good && second == Status::good && is_author && covers_all;
          const auto verdict =
              verdict_of({signature(first), signature(second)}, is_author, covers_all);
          EXPECT_EQ(verdict.summary() == Summary::good, is_good);
        }
      }
    }
  }
}

TEST(Verdict, TheWorstIsSaid) {
  EXPECT_EQ(verdict_of({signature(Status::bad)}, false, false).summary(), Summary::bad);
  EXPECT_EQ(verdict_of({signature(Status::malformed), signature(Status::bad)}).summary(),
            Summary::malformed);
  EXPECT_EQ(verdict_of({signature(Status::revoked)}, false).summary(), Summary::mismatch);
  EXPECT_EQ(verdict_of({signature(Status::revoked)}, true, false).summary(), Summary::partial);
  EXPECT_EQ(verdict_of({signature(Status::good)}, false, false).summary(), Summary::mismatch);
  EXPECT_EQ(verdict_of({signature(Status::expired), signature(Status::revoked)}).summary(),
            Summary::revoked);
  EXPECT_EQ(
      verdict_of({signature(Status::weak), signature(Status::unchecked_revocation)}).summary(),
      Summary::weak);
}

TEST(Verdict, WhoeverSignedUnknownIsUntrustedAndNobodyElse) {
  EXPECT_EQ(verdict_of({signature(Status::no_certificate)}, false).summary(), Summary::untrusted);
  EXPECT_EQ(
      verdict_of({signature(Status::no_certificate), signature(Status::good)}, false).summary(),
      Summary::mismatch);
}

TEST(Verdict, WhatCannotBeCheckedIsMalformed) {
  EXPECT_EQ(verdict_of({signature(Status::unsupported)}).summary(), Summary::malformed);
}

TEST(Verdict, EveryValueHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (const Status status : statuses) names.insert(name(status));
  EXPECT_EQ(names.size(), statuses.size());
  std::set<std::string_view> words;
  for (int i = 0; i <= static_cast<int>(Summary::none); ++i)
    words.insert(name(static_cast<Summary>(i)));
  EXPECT_EQ(words.size(), 11U);
  EXPECT_EQ(name(Action::pickup), "pickup");
}

}  // namespace
}  // namespace siegel::policy
