#include "tests/enrol/est_server.h"

#include <iterator>

#include <Poco/Net/HTTPBasicCredentials.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServerRequestImpl.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <openssl/pkcs7.h>
#include <openssl/ssl.h>

#include "base/ascii.h"
#include "base/clock.h"
#include "pki/asn1.h"
#include "pki/pem.h"
#include "tests/enrol/requests.h"
#include "tests/pki/forge.h"

namespace siegel::tests {
namespace {

namespace net = Poco::Net;
using pki::checked;
using Response = net::HTTPServerResponse;

constexpr const char* root = "/.well-known/est/";

void use_identity(SSL_CTX* context, const pki::LocalCa& ca, const std::string& host) {
  const auto key = pki::PrivateKey::generate(pki::KeyType::p256);
  const bool is_address = host.find_first_not_of("0123456789.") == std::string::npos;
  Forgery server;
  server.common_name = "EST";
  server.extensions = {{"keyUsage", "critical,digitalSignature"},
                       {"extendedKeyUsage", "serverAuth"},
                       {"subjectAltName", (is_address ? "IP:" : "DNS:") + host}};
  server.not_before = SystemClock().now() - std::chrono::hours(1);
  server.not_after = SystemClock().now() + std::chrono::hours(24);
  checked(SSL_CTX_use_certificate(context, forge(server, key, ca).x509()), "certificate");
  checked(SSL_CTX_use_PrivateKey(context, key.get()), "key");
}

net::Context::Ptr tls_context(const EstServer::Settings& settings) {
  static const bool is_ready = (net::initializeSSL(), true);
  static_cast<void>(is_ready);
  net::Context::Ptr context(new net::Context(
      net::Context::TLS_SERVER_USE, settings.clients.string(), net::Context::VERIFY_RELAXED, 9));
  SSL_CTX* tls = context->sslContext();
  // OpenSSL's own judgement of clients, purpose included; without a certificate they may come too.
  SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, nullptr);
  if (settings.newest_tls != 0) {
    SSL_CTX_set_max_proto_version(tls, settings.newest_tls);
    SSL_CTX_set_cipher_list(tls, "ALL:@SECLEVEL=0");
  }
  use_identity(tls, settings.ca, settings.host);
  return context;
}

void say(Response& response, Response::HTTPStatus status, const std::string& text) {
  response.setStatusAndReason(status);
  response.setContentType("text/plain; charset=utf-8");
  response.sendBuffer(text.data(), text.size());
}

void send_certificates(Response& response, const std::vector<pki::Certificate>& certificates) {
  response.setContentType("application/pkcs7-mime; smime-type=certs-only");
  response.set("Content-Transfer-Encoding", "base64");
  const std::string body = certs_only(certificates);
  response.sendBuffer(body.data(), body.size());
}

std::string body_of(net::HTTPServerRequest& request) {
  return {std::istreambuf_iterator<char>(request.stream()), std::istreambuf_iterator<char>()};
}

std::string client_of(net::HTTPServerRequest& request) {
  const net::SecureStreamSocket socket(dynamic_cast<net::HTTPServerRequestImpl&>(request).socket());
  if (!socket.havePeerCertificate()) return {};
  return pki::Certificate::share(const_cast<X509*>(socket.peerCertificate().certificate()))
      .subject();
}

// The request is base64 (RFC 7030 §4.2.1): a PEM block without its frame.
std::string decoded(const std::string& body) {
  const std::string pem = "-----BEGIN CERTIFICATE REQUEST-----\n" + std::string(ascii::trim(body)) +
                          "\n-----END CERTIFICATE REQUEST-----\n";
  const auto block = pki::PemReader(pem).next();
  return block ? block->octets : std::string();
}

}  // namespace

class EstServer::Handler final : public net::HTTPRequestHandler {
 public:
  explicit Handler(EstServer& server) : server_(server) {}
  void handleRequest(net::HTTPServerRequest& request, Response& response) override {
    try {
      server_.serve(request, response);
    } catch (const Poco::Exception&) {  // the client has hung up, as some tests want it to
    }
  }

 private:
  EstServer& server_;
};

class EstServer::Factory final : public net::HTTPRequestHandlerFactory {
 public:
  explicit Factory(EstServer& server) : server_(server) {}
  net::HTTPRequestHandler* createRequestHandler(const net::HTTPServerRequest&) override {
    return new Handler(server_);
  }

 private:
  EstServer& server_;
};

EstServer::EstServer(Settings settings)
    : settings_(std::move(settings)),
      socket_(net::SocketAddress("127.0.0.1", settings_.port), 64, tls_context(settings_)),
      server_(new Factory(*this), threads_, socket_, new net::HTTPServerParams) {
  server_.start();
}

std::string EstServer::url() const {
  return "https://" + settings_.host + ':' + std::to_string(port()) + "/.well-known/est";
}

void EstServer::answer(Page page) {
  page_.with([&](auto& current) { current = std::move(page); });
}

std::vector<std::string> EstServer::seen() const {
  return seen_.with([](const auto& lines) { return lines; });
}

void EstServer::serve(net::HTTPServerRequest& request, Response& response) {
  const std::string client = client_of(request);
  const std::string& uri = request.getURI();
  const std::string operation = uri.starts_with(root) ? uri.substr(std::string(root).size()) : uri;
  seen_.with([&](auto& lines) {
    lines.push_back(operation + " by " + (client.empty() ? "nobody" : client));
  });
  if (const Page page = page_.with([](const auto& current) { return current; }))
    return page(request, response);
  if (operation == "cacerts") return send_certificates(response, {settings_.ca.certificate()});
  if (operation != "simpleenroll" && operation != "simplereenroll")
    return say(response, Response::HTTP_NOT_FOUND, "no such operation");
  if (!lets_in(request, client)) {
    response.set("WWW-Authenticate", "Basic realm=\"est\"");
    return say(response, Response::HTTP_UNAUTHORIZED, "who are you?");
  }
  enrol(request, response);
}

void EstServer::enrol(net::HTTPServerRequest& request, Response& response) {
  const std::string csr = decoded(body_of(request));
  const auto certificate = issue_for(settings_.ca, csr);
  if (!certificate || request.getContentType() != "application/pkcs10")
    return say(response, Response::HTTP_BAD_REQUEST, "this is no PKCS#10 request");
  if (must_wait(csr)) {
    response.set("Retry-After", std::to_string(settings_.wait.count()));
    return say(response, Response::HTTP_ACCEPTED, "a person looks at it");
  }
  send_certificates(response, {*certificate});
}

bool EstServer::lets_in(net::HTTPServerRequest& request, const std::string& client) const {
  if (!client.empty()) return true;
  if (settings_.user.empty() || !request.hasCredentials()) return false;
  const net::HTTPBasicCredentials given(request);
  return given.getUsername() == settings_.user && given.getPassword() == settings_.password;
}

bool EstServer::must_wait(const std::string& csr) {
  const Time now = SystemClock().now();
  const Time first =
      first_seen_.with([&](auto& all) { return all.try_emplace(csr, now).first->second; });
  return !is_approved_ && now < first + settings_.wait;
}

std::string certs_only(const std::vector<pki::Certificate>& certificates) {
  const Handle<PKCS7, PKCS7_free> bundle(PKCS7_new());
  checked(PKCS7_set_type(bundle.get(), NID_pkcs7_signed), "PKCS7_set_type");
  checked(PKCS7_content_new(bundle.get(), NID_pkcs7_data), "PKCS7_content_new");
  for (const auto& certificate : certificates)
    checked(PKCS7_add_certificate(bundle.get(), certificate.x509()), "PKCS7_add_certificate");
  const std::string der = pki::to_der(bundle.get(), i2d_PKCS7);
  const Handle<EVP_ENCODE_CTX, EVP_ENCODE_CTX_free> encoder(EVP_ENCODE_CTX_new());
  EVP_EncodeInit(encoder.get());
  std::string text(der.size() * 2 + 100, '\0');
  auto* out = reinterpret_cast<unsigned char*>(text.data());
  int begin = 0;
  int end = 0;
  EVP_EncodeUpdate(encoder.get(), out, &begin, reinterpret_cast<const unsigned char*>(der.data()),
                   static_cast<int>(der.size()));
  EVP_EncodeFinal(encoder.get(), out + begin, &end);
  text.resize(static_cast<std::size_t>(begin + end));
  return text;
}

}  // namespace siegel::tests
