#include "pki/tls_socket.h"

#include <ctime>

#include <Poco/Net/IPAddress.h>
#include <Poco/Net/SSLException.h>
#include <Poco/Net/SSLManager.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/utf8.h"

namespace siegel::pki {
namespace {

using Poco::Net::Context;

bool is_address(const std::string& host) {
  Poco::Net::IPAddress ignored;
  return Poco::Net::IPAddress::tryParse(host, ignored);
}

sigset_t broken_pipe() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  return set;
}

// The first thing that is wrong with the chain is the one to tell.
int note_distrust(int is_fine, X509_STORE_CTX* chain) {
  if (is_fine == 1) return 1;
  const auto* tls = static_cast<const SSL*>(
      X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* distrust = static_cast<std::string*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(tls)));
  if (distrust->empty()) *distrust = X509_verify_cert_error_string(X509_STORE_CTX_get_error(chain));
  return 0;
}

void use_client(SSL_CTX* context, const Identity& client) {
  checked(SSL_CTX_use_certificate(context, client.certificate.x509()), "SSL_CTX_use_certificate");
  checked(SSL_CTX_use_PrivateKey(context, client.key.get()), "SSL_CTX_use_PrivateKey");
  for (const Certificate& issuer : client.chain)
    checked(static_cast<int>(SSL_CTX_add1_chain_cert(context, issuer.x509())),
            "SSL_CTX_add1_chain_cert");
}

void believe(SSL_CTX* context, const std::string& host, const TlsRules& rules) {
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  for (const Certificate& anchor : rules.anchors)
    checked(X509_STORE_add_cert(store, anchor.x509()), "X509_STORE_add_cert");
  if (rules.system == SystemAnchors::believed)
    checked(SSL_CTX_set_default_verify_paths(context), "SSL_CTX_set_default_verify_paths");
  X509_VERIFY_PARAM* rule = SSL_CTX_get0_param(context);
  // An explicit anchor (RFC 7030 §3.3.1) is one, whoever has signed it.
  checked(X509_VERIFY_PARAM_set_flags(rule, X509_V_FLAG_PARTIAL_CHAIN), "set_flags");
  X509_VERIFY_PARAM_set_hostflags(
      rule, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  checked(is_address(host) ? X509_VERIFY_PARAM_set1_ip_asc(rule, host.c_str())
                           : X509_VERIFY_PARAM_set1_host(rule, host.data(), host.size()),
          "X509_VERIFY_PARAM_set1_host");
}

// Poco's own settings are replaced where they are laxer than ours; OpenSSL checks the host's name.
Context::Ptr make_context(const std::string& host, const TlsRules& rules) {
  // Never undone: the last context to go would unload the modules of OpenSSL's configuration.
  static const bool is_ready = (Poco::Net::initializeSSL(), true);
  static_cast<void>(is_ready);
  Context::Ptr context(
      new Context(Context::TLS_CLIENT_USE, std::string(), Context::VERIFY_STRICT, 8));
  context->enableExtendedCertificateVerification(false);
  SSL_CTX* tls = context->sslContext();
  checked(static_cast<int>(SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION)),
          "SSL_CTX_set_min_proto_version");
  checked(SSL_CTX_set_cipher_list(tls, "HIGH:!aNULL:!kRSA:!SHA1"), "SSL_CTX_set_cipher_list");
  SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, note_distrust);
  believe(tls, host, rules);
  if (rules.client) use_client(tls, *rules.client);
  return context;
}

}  // namespace

TlsSocket::TlsSocket(HurriedSocket* connected, const std::string& host, const TlsRules& rules)
    : SecureStreamSocketImpl(connected, make_context(host, rules)), to_check_(rules.to_check) {
  SSL_CTX_set_app_data(context()->sslContext(), &distrust_);
  setLazyHandshake(true);
  if (!is_address(host)) setPeerHostName(host);  // RFC 6066 §3: names only
  connectSSL();
}

void TlsSocket::shake_hands() {
  try {
    completeHandshake();
  } catch (const Poco::Net::SSLException& problem) {
    if (distrust_.empty()) throw;
    throw Error(Fault::world,
                "the server's certificate is not believed (" + printable(distrust_) + "); check " +
                    to_check_,
                problem.displayText());
  }
}

NoBrokenPipe::NoBrokenPipe() {
  const sigset_t pipe = broken_pipe();
  sigset_t pending;
  sigpending(&pending);
  was_pending_ = sigismember(&pending, SIGPIPE) == 1;
  pthread_sigmask(SIG_BLOCK, &pipe, &before_);
}

NoBrokenPipe::~NoBrokenPipe() {
  const sigset_t pipe = broken_pipe();
  const timespec at_once{};
  if (!was_pending_) sigtimedwait(&pipe, nullptr, &at_once);
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace siegel::pki
