#include "gateway/portal/tls.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/error.h"
#include "pki/openssl.h"

namespace siegel::portal {
namespace {

// TR-02102-2 §3.3.1 and §3.4.4: forward secrecy and GCM. 128 bit first, which is as recommended as
// 256 and leaves phones and servers more of their time.
constexpr const char* suites_1_2 =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384";
constexpr const char* suites_1_3 = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384";
constexpr const char* curves = "P-256:P-384:P-521";

// One system call fetches several records of an upload.
constexpr std::size_t read_buffer = std::size_t{64} * 1024;

void demand(int result, const std::string& what) {
  if (result != 1)
    throw Error(Fault::ours, "TLS cannot be set up, an operator has to look",
                what + ": " + pki::drain_openssl_errors());
}

// A key with a passphrase is refused: nobody is there to type it.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*unused*/) {
  return -1;
}

// RFC 7301 §3.2. Whoever offers only other protocols is not a browser that lost its way (ALPACA).
int choose_protocol(SSL* /*connection*/, const unsigned char** chosen, unsigned char* length,
                    const unsigned char* offered, unsigned int offered_length, void* /*unused*/) {
  static constexpr std::string_view ours = "\x08http/1.1";
  unsigned char* found = nullptr;
  const int result =
      SSL_select_next_proto(&found, length, reinterpret_cast<const unsigned char*>(ours.data()),
                            static_cast<unsigned>(ours.size()), offered, offered_length);
  if (result != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

void set_protocol(SSL_CTX* context) {
  demand(static_cast<int>(SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION)), "TLS 1.2");
  demand(SSL_CTX_set_cipher_list(context, suites_1_2), "suites of TLS 1.2");
  demand(SSL_CTX_set_ciphersuites(context, suites_1_3), "suites of TLS 1.3");
  demand(static_cast<int>(SSL_CTX_set1_groups_list(context, curves)), "curves");
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
}

void set_buffers(SSL_CTX* context) {
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_default_read_buffer_len(context, read_buffer);
}

void set_certificate(SSL_CTX* context, const config::TlsFiles& files) {
  SSL_CTX_set_default_passwd_cb(context, no_passphrase);
  demand(SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()),
         "certificate " + files.certificate.string());
  demand(SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM),
         "private key " + files.key.string());
  demand(SSL_CTX_check_private_key(context), "certificate and private key");
}

}  // namespace

struct TlsContext::Held {
  Poco::Net::Context::Ptr context;
};

TlsContext::TlsContext(const config::TlsFiles& files) : held_(std::make_unique<Held>()) {
  Poco::Net::Context::Params nothing_yet;
  nothing_yet.verificationMode = Poco::Net::Context::VERIFY_NONE;  // browsers bring no certificate
  nothing_yet.cipherList = suites_1_2;
  try {
    held_->context = new Poco::Net::Context(Poco::Net::Context::TLS_SERVER_USE, nothing_yet);
  } catch (const Poco::Exception& failed) {
    throw Error(Fault::ours, "TLS cannot be set up, an operator has to look", failed.displayText());
  }
  ERR_clear_error();
  SSL_CTX* const context = held_->context->sslContext();
  set_protocol(context);
  set_buffers(context);
  set_certificate(context, files);
}

TlsContext::~TlsContext() = default;

Poco::Net::StreamSocket TlsContext::wrap(Poco::Net::StreamSocket& socket) const {
  return Poco::Net::SecureStreamSocket::attach(socket, held_->context);
}

}  // namespace siegel::portal
