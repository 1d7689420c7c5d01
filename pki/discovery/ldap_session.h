#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <ldap.h>

#include "base/error.h"
#include "config/discovery.h"
#include "pki/discovery/watchdog.h"
#include "pki/secret.h"
#include "pki/tls_socket.h"

namespace siegel::pki::discovery {

/// One connection to an LDAP server (RFC 4511), with all its steps within one time. For one thread.
class LdapSession {
 public:
  /// The values of an entry that may hold certificates.
  struct Entry {
    std::vector<std::string> certificates;        ///< userCertificate
    std::vector<std::string> smime_certificates;  ///< userSMIMECertificate
  };

  /// Connects at the first operation, by TLS where the settings say so. Throws Error{ours} if the
  /// settings cannot be used.
  LdapSession(const config::DirectoryServer& server, std::chrono::milliseconds patience);
  LdapSession(const LdapSession&) = delete;
  LdapSession& operator=(const LdapSession&) = delete;
  ~LdapSession() = default;

  // Both throw Error{world} with what is wrong, for an operator.

  void bind(const std::string& name, const Secret& password);
  /// The first five entries below `base`.
  void search(const std::string& base, const std::string& filter,
              const std::function<void(const Entry&)>& take);
  /// What was passed over in the search; else empty.
  [[nodiscard]] const std::string& trouble() const noexcept { return trouble_; }

 private:
  struct Unbind {
    void operator()(LDAP* session) const { ldap_unbind_ext_s(session, nullptr, nullptr); }
  };

  static int connected(LDAP* session, Sockbuf* buffer, LDAPURLDesc* server, sockaddr* address,
                       ldap_conncb* callback);
  static void disconnected(LDAP* session, Sockbuf* buffer, ldap_conncb* callback);

  void set(int option, const void* value);
  void set_tls(const config::DirectoryServer& server);
  void start_tls();
  [[nodiscard]] timeval left() const;
  [[nodiscard]] Error failure(int code) const;
  [[nodiscard]] Error failure(const std::string& why) const;
  void check(int code) const;
  void take_entries(int request, const std::function<void(const Entry&)>& take);
  void finish(LDAPMessage* message);
  [[nodiscard]] std::vector<std::string> values(LDAPMessage* entry, const char* name) const;

  std::string url_;
  std::chrono::milliseconds patience_;
  std::chrono::steady_clock::time_point deadline_;
  bool starts_tls_;
  NoBrokenPipe quiet_;
  Watchdog watchdog_;
  ldap_conncb callback_;
  std::unique_ptr<LDAP, Unbind> session_;  // before the watchdog goes
  std::string trouble_;
};

}  // namespace siegel::pki::discovery
