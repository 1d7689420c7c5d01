// curl and openssl as peers: TLS, ranges, resumed downloads, forms.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "gateway/portal/content_disposition.h"
#include "gateway/portal/multipart.h"
#include "gateway/portal/range.h"
#include "tests/portal/portal_fixture.h"
#include "tests/support/files.h"

namespace siegel::tests {
namespace {

using namespace std::chrono_literals;
using portal::Request;
using portal::Response;
using testing::HasSubstr;
using testing::Not;

constexpr std::uint64_t size = 3000000;
constexpr int curl_could_not_connect_tls = 35;

Response file(const Request& request) {
  const auto choice =
      portal::choose_range({request.field("Range"), request.field("If-Range")}, size, "\"e\"");
  const bool part = choice.kind == portal::RangeChoice::Kind::part;
  portal::Stream stream = counting_stream(part ? choice.range.last + 1 : size);
  // counting_stream begins at 0: what stands before the range is thrown away.
  if (part) {
    std::string all;
    for (auto piece = stream.next(); !piece.empty(); piece = stream.next()) all += piece;
    all.erase(0, choice.range.first);
    Response response = Response::text(206, "application/octet-stream", all);
    response.fields.set("Content-Range", portal::content_range(choice.range, size));
    return response;
  }
  Response response = Response::stream(200, "application/octet-stream", std::move(stream));
  response.fields.set("ETag", "\"e\"");
  response.fields.set("Accept-Ranges", "bytes");
  response.fields.set("Content-Disposition", portal::attachment_disposition("../B\u00E4r.txt"));
  return response;
}

// "name:octets " of each part.
Response parts(Request& request) {
  const auto boundary = portal::form_data_boundary(request.field("Content-Type").value_or(""));
  if (!boundary) return Response::empty(415);
  portal::Multipart form([&](std::span<char> octets) { return request.body.read(octets); },
                         *boundary);
  std::string said;
  std::string buffer(10000, '\0');
  while (const auto head = form.next()) {
    std::size_t octets = 0;
    while (const std::size_t got = form.read(buffer)) octets += got;
    said += head->name + '/' + head->file_name.value_or("-") + ':' + std::to_string(octets) + ' ';
  }
  return Response::text(200, "text/plain", said);
}

class CurlTest : public PortalFixture {
 protected:
  CurlTest() {
    use_tls();
    serve("GET", "/hello", saying("hello"));
    serve("GET", "/file", file);
    serve("POST", "/form", parts);
    serve("PUT", "/length", [](Request& request) {
      std::string buffer(65536, '\0');
      std::uint64_t octets = 0;
      while (const std::size_t got = request.body.read(buffer)) octets += got;
      return Response::text(200, "text/plain", std::to_string(octets));
    });
  }
  std::string path(const std::string& name) { return (directory() / name).string(); }
};

TEST_F(CurlTest, SpeaksTls12And13) {
  EXPECT_EQ(curl("--tls-max 1.2", "/hello").output, "hello");
  EXPECT_EQ(curl("--tlsv1.3", "/hello").output, "hello");
  EXPECT_THAT(curl("--include", "/hello").output,
              HasSubstr("Strict-Transport-Security: max-age=63072000"));
}

TEST_F(CurlTest, RefusesTls11AndWeakCiphers) {
  // Security level 0, so that it is the server who refuses.
  const std::string old = "--tls-max 1.1 --tlsv1.0 --ciphers 'ALL:@SECLEVEL=0'";
  EXPECT_EQ(curl(old, "/hello").exit_code, curl_could_not_connect_tls);
  const std::string cbc = "--tls-max 1.2 --ciphers ECDHE-ECDSA-AES128-SHA";
  EXPECT_EQ(curl(cbc, "/hello").exit_code, curl_could_not_connect_tls);
}

TEST_F(CurlTest, PlainHttpToTheTlsPortIsNotAnswered) {
  EXPECT_THAT(client().send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n").hear_all(),
              Not(HasSubstr("HTTP/1.1")));
  EXPECT_EQ(curl("", "/hello").output, "hello");
}

TEST_F(CurlTest, ProtocolIsAgreedByAlpn) {
  const std::string ask =
      "timeout 20 openssl s_client -connect 127.0.0.1:" + std::to_string(server().port()) +
      " </dev/null 2>&1 -alpn ";
  EXPECT_THAT(run(ask + "h2,http/1.1").output, HasSubstr("ALPN protocol: http/1.1"));
  EXPECT_THAT(run(ask + "imap").output, HasSubstr("no application protocol"));
}

TEST_F(CurlTest, SessionsAreNotResumed) {
  const std::string said =
      run("timeout 20 openssl s_client -tls1_2 -reconnect -connect 127.0.0.1:" +
          std::to_string(server().port()) + " </dev/null 2>&1")
          .output;
  EXPECT_THAT(said, HasSubstr("New, TLSv1.2"));
  EXPECT_THAT(said, Not(HasSubstr("Reused, TLSv1.2")));
}

TEST_F(CurlTest, OneConnectionServesManyRequests) {
  const std::string hello = " https://localhost:" + std::to_string(server().port()) + "/hello ";
  const Said said = curl("--write-out '|%{num_connects}' " + hello + hello, "/hello");
  EXPECT_EQ(said.output, "hello|1hello|0hello|0");
}

TEST_F(CurlTest, DownloadsAreResumed) {
  EXPECT_EQ(curl("--range 5-14", "/file").output, "5678901234");
  EXPECT_EQ(curl("--output " + path("whole"), "/file").exit_code, 0);
  const std::string whole = read_file(path("whole"));
  ASSERT_EQ(whole.size(), size);
  write_file(path("part"), whole.substr(0, 1234567));
  EXPECT_EQ(curl("--continue-at - --output " + path("part"), "/file").exit_code, 0);
  EXPECT_EQ(read_file(path("part")), whole);
}

TEST_F(CurlTest, FileNamesAreHarmless) {
  EXPECT_EQ(curl("--remote-name --remote-header-name --output-dir " + directory().path().string(),
                 "/file")
                .exit_code,
            0);
  EXPECT_TRUE(std::filesystem::exists(directory() / "_B_r.txt"));
}

TEST_F(CurlTest, UploadsAndFormsArrive) {
  write_file(path("up"), std::string(2000000, 'x'));
  EXPECT_EQ(curl("--upload-file " + path("up"), "/length").output, "2000000");
  EXPECT_EQ(
      curl("--header 'Transfer-Encoding: chunked' --upload-file " + path("up"), "/length").output,
      "2000000");
  EXPECT_EQ(curl("--form a=b --form 'f=@" + path("up") + ";filename=../x'", "/form").output,
            "a/-:1 f/../x:2000000 ");
}

TEST_F(CurlTest, ACertificateIsReplacedWhileConnectionsGoOn) {
  EXPECT_EQ(curl("", "/hello").output, "hello");
  TestCertificates::make(directory().path(), "localhost");  // another CA under the same name
  EXPECT_NE(curl("", "/hello").exit_code, 0);
  server().reload_certificate();
  EXPECT_EQ(curl("", "/hello").output, "hello");
  write_file(path("server.key"), "broken");
  EXPECT_THROW(server().reload_certificate(), Error);
  EXPECT_EQ(curl("", "/hello").output, "hello");
}

}  // namespace
}  // namespace siegel::tests
