#include "gateway/crypt/html_text.h"

#include <gtest/gtest.h>

namespace siegel::tests {
namespace {

std::string text_of_html(const std::string& html) {
  return crypt::html_text(html).value_or("(not read)");
}

TEST(HtmlText, BlocksStandOnLinesOfTheirOwn) {
  EXPECT_EQ(text_of_html("<html><head><title>x</title></head><body><p>Guten   Tag,\r\n Frau "
                         "<b>Hu</b>ber</p><div>eins<br>zwei</div></body></html>"),
            "Guten Tag, Frau Huber\r\neins\r\nzwei\r\n");
}

TEST(HtmlText, ListsTablesAndPreformattedTextStayReadable) {
  EXPECT_EQ(text_of_html("<ul><li>eins<li><p>zwei</p></ul>"), "- eins\r\n- zwei\r\n");
  EXPECT_EQ(text_of_html("<table><tr><td>Az.</td><td>12</td></tr><tr><td>3</table>"),
            "Az. 12\r\n3\r\n");
  EXPECT_EQ(text_of_html("<pre>a\n  b</pre>c"), "a\r\n  b\r\nc\r\n");
}

TEST(HtmlText, TargetsOfLinksStandBehindTheirWords) {
  EXPECT_EQ(text_of_html("siehe <a href=\"https://stadt.example/x?a=1&amp;b=2\">hier</a>."),
            "siehe hier <https://stadt.example/x?a=1&b=2>.\r\n");
  EXPECT_EQ(text_of_html("<a href='https://a.example/'>https://a.example/</a> <a href=#top>y</a>"),
            "https://a.example/ y\r\n");
}

TEST(HtmlText, R02_ATargetThatHasSwallowedTextIsNotShown) {
  EXPECT_EQ(text_of_html("<a href=\"http://evil.example/Sehr geehrte Frau\">hier</a>"), "hier\r\n");
}

TEST(HtmlText, R02_NothingThatRunsOrFetchesIsLeft) {
  EXPECT_EQ(text_of_html("a<script>alert('<p>x')</script><style>p {color: url(//e.ex)}</style>"
                         "<img src=//e.ex/1 alt=Wappen><!-- b -->d"),
            "a [Wappen]d\r\n");
}

TEST(HtmlText, EntitiesUmlautsAndNulsAreText) {
  EXPECT_EQ(text_of_html("Gr&uuml;&szlig;e aus M\u00FCnchen &#8364;"), "Grüße aus München €\r\n");
  EXPECT_EQ(text_of_html(std::string("a\0b", 3)), "a b\r\n");
  EXPECT_EQ(text_of_html(""), "");
}

TEST(HtmlText, WhatHtmlSaysOfItsCharacterSetIsNotObeyed) {
  EXPECT_EQ(text_of_html("<meta charset=iso-8859-1><p>Grüße"), "Grüße\r\n");
}

std::string many(const std::string& piece, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += piece;
  return text;
}

TEST(HtmlText, WhatIsBuiltToExhaustTheParserIsNotRead) {
  EXPECT_FALSE(crypt::html_text(many("<b>", 300)));
  EXPECT_FALSE(crypt::html_text("<b " + many("a=1 ", 600) + ">"));
  EXPECT_FALSE(crypt::html_text(many("x", 5 << 20)));
  EXPECT_TRUE(crypt::html_text(many("<b>x</b>", 10'000)));
}

// Each is cheap for us and costly for a parser that looks back. What is asked is an end: the test
// runner's own limit would stop a time that grows with the square.
TEST(HtmlText, FormsThatAreBuiltToExhaustTheParserComeToAnEnd) {
  for (const std::string& html :
       {many("<p>", 1'000'000), many("</i>", 1'000'000), many("<", 4'000'000),
        many("<b></i></u>", 255) + many("</p></u></i>", 200'000), many("<!--", 1'000'000),
        many("&", 4'000'000), many("<a href=x>", 400'000), many("<html a=1 b=2>", 250'000),
        many("<b " + many("a ", 500) + ">", 4'000), many("<script>", 400'000),
        many("<!doctype x>", 300'000), many("<table><tr>", 120) + many("<td>", 900'000)}) {
    const auto text = crypt::html_text(html);
    EXPECT_LE(text.value_or("").size(), 2 * html.size()) << html.substr(0, 40);
  }
}

}  // namespace
}  // namespace siegel::tests
