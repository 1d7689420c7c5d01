#include "pki/enrol/http.h"
#include "tests/enrol/cmp_fixture.h"
#include "tests/enrol/est_server.h"

namespace siegel::tests {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// --- over https

class CmpOverTls : public CmpTest {
 protected:
  using Request = Poco::Net::HTTPServerRequest;
  using Response = Poco::Net::HTTPServerResponse;

  /// A TLS server with a certificate of ca() that hands on to OpenSSL's.
  void serve_by_tls(const Words& more = {}) {
    serve(more);
    const auto inside = pki::enrol::parse_url(settings_.url, pki::enrol::Scheme::http, "cmp.url");
    front_ = std::make_unique<EstServer>(
        EstServer::Settings{.ca = ca(), .clients = {}, .user = {}, .password = {}});
    front_->answer([inside](Request& request, Response& response) {
      const std::string message{std::istreambuf_iterator<char>(request.stream()), {}};
      const auto answer =
          pki::enrol::ask(inside, {request.getURI(), request.getContentType(), message, {}});
      response.setContentType(answer.type);
      response.sendBuffer(answer.body.data(), answer.body.size());
    });
    settings_.url = "https://127.0.0.1:" + std::to_string(front_->port()) + "/pkix/";
    settings_.tls_authority = folder_ / "ca.pem";
  }

  std::unique_ptr<EstServer> front_;
};

TEST_F(CmpOverTls, ACertificateIsIssuedAndConfirmed) {
  serve_by_tls();
  expect_issued(client().submit(wish()));
  EXPECT_THAT(server_->log(), HasSubstr("received CERTCONF"));
}

TEST_F(CmpOverTls, WaitsAndSurvivesARestart) {
  serve_by_tls({"-poll_count", "2", "-check_after", "1"});
  const auto transaction = transaction_of(client().submit(wish()));
  expect_issued(client().poll(wish(), transaction));
}

TEST_F(CmpOverTls, AServerOfSomebodyElseIsSentNothing) {
  serve_by_tls();
  const auto other = pki::LocalCa::make("Andere", "CA 7", pki::KeyType::p256, now());
  write_file(folder_ / "other.pem", other.certificate().pem());
  settings_.tls_authority = folder_ / "other.pem";
  EXPECT_THAT(reason_of(client().submit(wish())),
              AllOf(StartsWith("unreachable: the server's certificate is not believed"),
                    HasSubstr("the certificates in cmp.tls_authority")));
  EXPECT_THAT(server_->log(), Not(HasSubstr("received P10CR")));
}

}  // namespace
}  // namespace siegel::tests
