#include "gateway/smtp/tls.h"

#include <array>
#include <limits>
#include <utility>

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include "base/error.h"

namespace siegel::smtp {
namespace {

/// Empties OpenSSL's error queue of this thread into one line.
std::string drain_errors() {
  std::string text;
  while (const unsigned long code = ERR_get_error()) {
    std::array<char, 256> line{};
    ERR_error_string_n(code, line.data(), line.size());
    if (!text.empty()) text += "; ";
    text += line.data();
  }
  return text;
}

Error broken_set_up(const std::string& what) {
  return {Fault::ours, "TLS cannot be set up, an operator has to look",
          what + ": " + drain_errors()};
}

std::shared_ptr<SSL_CTX> new_context(const SSL_METHOD* method) {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(method), SSL_CTX_free);
  if (!context) throw broken_set_up("SSL_CTX_new");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);  // TR-02102-2: 1.2 and 1.3
  SSL_CTX_set_options(context.get(),
                      SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
  // Each connection stands for itself: no secrets are kept for a later one.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context.get(), 0);
  return context;
}

bool is_ip_address(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> ignored{};
  return inet_pton(AF_INET, host.c_str(), ignored.data()) == 1 ||
         inet_pton(AF_INET6, host.c_str(), ignored.data()) == 1;
}

}  // namespace

TlsSettings TlsSettings::server(const config::TlsFiles& files) {
  auto context = new_context(TLS_server_method());
  SSL_CTX_set_options(context.get(), SSL_OP_CIPHER_SERVER_PREFERENCE);
  if (SSL_CTX_use_certificate_chain_file(context.get(), files.certificate.c_str()) != 1)
    throw broken_set_up("certificate " + files.certificate.string());
  if (SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM) != 1)
    throw broken_set_up("private key " + files.key.string());
  if (SSL_CTX_check_private_key(context.get()) != 1)
    throw broken_set_up("certificate and private key do not belong together");
  return TlsSettings(std::move(context));
}

TlsSettings TlsSettings::opportunistic_client() {
  auto context = new_context(TLS_client_method());
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  return TlsSettings(std::move(context));
}

TlsSettings TlsSettings::verifying_client(const std::filesystem::path& ca_file) {
  auto context = new_context(TLS_client_method());
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  if (SSL_CTX_load_verify_locations(context.get(), ca_file.c_str(), nullptr) != 1)
    throw broken_set_up("CA file " + ca_file.string());
  return TlsSettings(std::move(context));
}

void Tls::Free::operator()(ssl_st* connection) const noexcept {
  SSL_free(connection);
}

Tls::Tls(ssl_st* connection) : connection_(connection) {
  BIO* const incoming = BIO_new(BIO_s_mem());
  BIO* const outgoing = BIO_new(BIO_s_mem());
  if (!connection_ || incoming == nullptr || outgoing == nullptr) {
    BIO_free(incoming);
    BIO_free(outgoing);
    throw broken_set_up("SSL_new");
  }
  SSL_set_bio(connection_.get(), incoming, outgoing);
}

Tls::Tls(Tls&&) noexcept = default;
Tls& Tls::operator=(Tls&&) noexcept = default;
Tls::~Tls() = default;

Tls Tls::accepting(const TlsSettings& settings) {
  Tls tls(SSL_new(settings.get()));
  SSL_set_accept_state(tls.connection_.get());
  return tls;
}

Tls Tls::connecting(const TlsSettings& settings, const std::string& host) {
  Tls tls(SSL_new(settings.get()));
  SSL* const connection = tls.connection_.get();
  SSL_set_connect_state(connection);
  const bool is_ip = is_ip_address(host);
  // RFC 6066 §3: an address is no server name.
  const bool prepared =
      is_ip ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), host.c_str()) == 1
            : SSL_set1_host(connection, host.c_str()) == 1 &&
                  SSL_set_tlsext_host_name(connection, host.c_str()) == 1;
  if (!prepared) throw broken_set_up("host name " + host);
  return tls;
}

void Tls::put_received(std::string_view ciphertext) {
  const int size = static_cast<int>(ciphertext.size());
  if (BIO_write(SSL_get_rbio(connection_.get()), ciphertext.data(), size) != size)
    throw Error(Fault::world, "out of memory", "BIO_write");
}

std::string Tls::take_to_send() {
  BIO* const outgoing = SSL_get_wbio(connection_.get());
  std::string ciphertext(BIO_ctrl_pending(outgoing), '\0');
  if (ciphertext.empty()) return ciphertext;
  const int got = BIO_read(outgoing, ciphertext.data(), static_cast<int>(ciphertext.size()));
  ciphertext.resize(got < 0 ? 0U : static_cast<std::size_t>(got));
  return ciphertext;
}

Tls::Progress Tls::progress(int result) {
  if (result > 0) return Progress::done;
  switch (SSL_get_error(connection_.get(), result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return Progress::wants_more;
    case SSL_ERROR_ZERO_RETURN:
      return Progress::closed;
    default:
      break;
  }
  const long verified = SSL_get_verify_result(connection_.get());
  failure_ = verified == X509_V_OK ? std::string{} : X509_verify_cert_error_string(verified);
  const std::string errors = drain_errors();
  if (!failure_.empty() && !errors.empty()) failure_ += " (" + errors + ')';
  if (failure_.empty()) failure_ = errors.empty() ? "the peer broke off" : errors;
  return Progress::failed;
}

Tls::Progress Tls::handshake() {
  ERR_clear_error();  // SSL_get_error reads the thread's queue
  return progress(SSL_do_handshake(connection_.get()));
}

Tls::Progress Tls::read(std::string& text) {
  std::array<char, 16384> buffer{};
  while (true) {
    ERR_clear_error();
    const int got = SSL_read(connection_.get(), buffer.data(), static_cast<int>(buffer.size()));
    if (got <= 0) return progress(got);
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

Tls::Progress Tls::write(std::string_view text) {
  ERR_clear_error();
  std::size_t written = 0;  // a memory BIO takes all at once
  if (text.empty()) return Progress::done;
  return progress(SSL_write_ex(connection_.get(), text.data(), text.size(), &written));
}

void Tls::close() {
  ERR_clear_error();
  static_cast<void>(SSL_shutdown(connection_.get()));
}

std::string Tls::failure() const {
  return failure_;
}

}  // namespace siegel::smtp
