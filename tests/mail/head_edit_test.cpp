#include <string>

#include <gtest/gtest.h>

#include "base/ascii.h"
#include "gateway/mail/compose.h"
#include "tests/mail/outline.h"

namespace siegel::tests {
namespace {

using mail::HeadEdit;

constexpr auto received = "Received: a\nFrom: b@c.example\nSubject:  odd\n\tfolding \n\nbody\n";

auto named(std::string_view name) {
  return [name = std::string(name)](const mail::Field& field) {
    return ascii::equals_ignoring_case(field.name, name);
  };
}

std::string text(const Octets& octets) {
  return std::string(octets.join().view());
}

TEST(HeadEdit, NothingDoneChangesNothing) {
  const auto read = message(received);
  EXPECT_EQ(text(HeadEdit(read).message()), read.octets());
}

TEST(HeadEdit, KeptFieldsAreSlicesOfWhatWasReceived) {
  const auto read = message(received);
  const auto edited = HeadEdit(read).prepend("X-A: 1\r\n").message();
  EXPECT_EQ(edited.slices().at(1).view().data(), read.octets().data());
}

TEST(HeadEdit, LastPrependedComesFirst) {
  const auto read = message(received);
  EXPECT_TRUE(text(HeadEdit(read).prepend("X-A: 1\r\n").prepend("X-B: 2\r\n").message())
                  .starts_with("X-B: 2\r\nX-A: 1\r\nReceived: a\r\n"));
}

TEST(HeadEdit, DropsAndAppends) {
  const auto read = message(received);
  HeadEdit edit(read);
  edit.drop(named("received")).drop(named("subject")).append("X-Z: 9\r\n");
  EXPECT_EQ(text(edit.fields()), "From: b@c.example\r\nX-Z: 9\r\n");
  EXPECT_EQ(text(edit.message()), "From: b@c.example\r\nX-Z: 9\r\n\r\nbody\r\n");
}

TEST(HeadEdit, ReplacesAtTheFirstPlaceAndTakesAllOfThatName) {
  const auto read = message("A: 1\nSubject: x\nB: 2\nsubject: y\n\n");
  HeadEdit edit(read);
  edit.replace("Subject", "Subject: z\r\n").replace("New", "New: n\r\n");
  EXPECT_EQ(text(edit.message()), "A: 1\r\nSubject: z\r\nB: 2\r\nNew: n\r\n\r\n");
}

TEST(HeadEdit, TheLastReplacementOfANameCounts) {
  const auto read = message("A: 1\nSubject: x\n\n");
  HeadEdit edit(read);
  edit.replace("Subject", "Subject: y\r\n").replace("subject", "Subject: z\r\n");
  EXPECT_EQ(text(edit.message()), "A: 1\r\nSubject: z\r\n\r\n");
}

TEST(HeadEdit, MessageWithoutBodyGainsTheEmptyLine) {
  const auto unfinished = mail::Message::parse(Blob("Subject: x"));
  EXPECT_EQ(text(HeadEdit(unfinished).append("A: 1\r\n").message()), "Subject: x\r\nA: 1\r\n\r\n");
}

TEST(HeadEdit, MessageWithoutHeadGainsOne) {
  const auto headless = message("\nbody\n");
  EXPECT_EQ(text(HeadEdit(headless).prepend("A: 1\r\n").message()), "A: 1\r\n\r\nbody\r\n");
  EXPECT_EQ(text(HeadEdit(message("")).prepend("A: 1\r\n").message()), "A: 1\r\n\r\n");
}

TEST(HeadEdit, LinesThatAreNoFieldsStay) {
  const auto read = message("From x\nA: 1\n\nb\n");
  EXPECT_EQ(text(HeadEdit(read).message()), read.octets());
}

TEST(HeadEdit, WhatLiesBeyondTheHeadLimitStays) {
  const auto read = message("A: 1\nSubject: " + std::string(70'000, 'x') + "\nB: 2\n\nbody\n");
  EXPECT_EQ(text(HeadEdit(read).message()), read.octets());
}

}  // namespace
}  // namespace siegel::tests
