// RFC 7578: forms with files, from pages without JavaScript.

#include "gateway/portal/multipart.h"

#include <algorithm>
#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace siegel::tests {
namespace {

using portal::Multipart;

// Gives at most `step` octets at a time.
Multipart::Source dripping(std::string text, std::size_t step) {
  return [text = std::move(text), at = std::size_t{0}, step](std::span<char> octets) mutable {
    const std::size_t count = std::min({step, octets.size(), text.size() - at});
    std::memcpy(octets.data(), text.data() + at, count);
    at += count;
    return count;
  };
}

// "name=text" or "name(file name)=text", divided by "|".
std::string parts_of(const std::string& body, std::size_t step = 1000000,
                     const portal::MultipartLimits& limits = {}) {
  Multipart form(dripping(body, step), "B", limits);
  std::string all;
  while (const auto head = form.next()) {
    all += (all.empty() ? "" : "|") + head->name;
    if (head->file_name) all += '(' + *head->file_name + ')';
    all += '=' + form.text(1000).value_or("(too long)");
  }
  return all;
}

std::string part(const std::string& disposition, const std::string& text) {
  return "--B\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n" + text + "\r\n";
}

const std::string two = part("name=\"a\"", "1\r\n--b\r\n-") +
                        part("name=f; filename=\"x \\\"y\\\".pdf\"", "") + "--B--\r\n";

TEST(Multipart, PartsAreReadHoweverTheyDrip) {
  for (const std::size_t step : {1U, 2U, 3U, 7U, 1000U})
    EXPECT_EQ(parts_of(two, step), "a=1\r\n--b\r\n-|f(x \"y\".pdf)=");
}

TEST(Multipart, WhatStandsAroundIsPassedOver) {
  EXPECT_EQ(parts_of("preamble\r\n" + part("name=a", "1") + "--B--\r\nepilogue"), "a=1");
  EXPECT_EQ(parts_of("--B--"), "");
}

TEST(Multipart, UnreadPartsArePassedOver) {
  Multipart form(dripping(two, 5), "B");
  EXPECT_EQ(form.next()->name, "a");
  EXPECT_EQ(form.next()->name, "f");
  EXPECT_FALSE(form.next());
  EXPECT_FALSE(form.next());
}

TEST(Multipart, CVE_2026_2743_FileNamesStayData) {
  EXPECT_EQ(parts_of(part("name=f; filename=\"../../etc/passwd\"", "x") + "--B--"),
            "f(../../etc/passwd)=x");
  EXPECT_EQ(parts_of(part("name=f; filename=\"C:\\dir\\a.txt\"", "x") + "--B--"),
            "f(C:\\dir\\a.txt)=x");
}

TEST(Multipart, BrokenFormsAreRefused) {
  for (const std::string& body :
       {std::string(), std::string("--B"), part("name=a", "1"), std::string("--Bx\r\n"),
        std::string("--B\r\n\r\ntext\r\n--B--"), part("nome=a", "1") + "--B--",
        part("name=a; name=b", "1") + "--B--", part("name=\"a", "1") + "--B--",
        part("name=\"\xFF\"", "1") + "--B--", part("name=\"a\tb\"", "1") + "--B--",
        part("name=a\r\nContent-Disposition: form-data; name=b", "1") + "--B--",
        std::string("--B\r\nContent-Disposition: inline; name=a\r\n\r\n\r\n--B--"),
        std::string("--B\r\nno field\r\n\r\n\r\n--B--"),
        std::string("--B\r\nX : y\r\n\r\n\r\n--B--")})
    EXPECT_THROW(parts_of(body), Error) << body;
}

TEST(Multipart, LimitsHold) {
  EXPECT_EQ(parts_of(two, 1000, {2, 100}).substr(0, 2), "a=");
  EXPECT_THROW(parts_of(two, 1000, {1, 100}), Error);
  EXPECT_THROW(parts_of(two, 1000, {2, 20}), Error);
  EXPECT_THROW(parts_of("--B\r\nX: " + std::string(100000, 'x'), 1000), Error);
  EXPECT_THROW(parts_of("--B" + std::string(100000, ' '), 1000), Error);
}

TEST(Multipart, BoundaryIsFound) {
  using portal::form_data_boundary;
  EXPECT_EQ(form_data_boundary("multipart/form-data; boundary=abc"), "abc");
  EXPECT_EQ(form_data_boundary("Multipart/Form-Data;charset=utf-8;BOUNDARY=\"a b\""), "a b");
  EXPECT_FALSE(form_data_boundary("multipart/mixed; boundary=abc"));
  EXPECT_FALSE(form_data_boundary("multipart/form-data"));
  EXPECT_FALSE(form_data_boundary("multipart/form-data; boundary="));
  EXPECT_FALSE(form_data_boundary("multipart/form-data; boundary=" + std::string(71, 'x')));
}

}  // namespace
}  // namespace siegel::tests
