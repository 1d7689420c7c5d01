#include "pki/discovery/ldap_session.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include <lber.h>

#include "base/utf8.h"

namespace siegel::pki::discovery {
namespace {

using Clock = std::chrono::steady_clock;
using Message = std::unique_ptr<LDAPMessage, decltype(&ldap_msgfree)>;

constexpr int entries_limit = 5;
constexpr ber_len_t answer_limit = 1U << 20U;  // of one protocol message
constexpr auto system_anchors = "/etc/ssl/certs/ca-certificates.crt";

timeval as_timeval(std::chrono::microseconds time) {
  return {static_cast<time_t>(time.count() / 1'000'000),
          static_cast<suseconds_t>(time.count() % 1'000'000)};
}

}  // namespace

LdapSession::LdapSession(const config::DirectoryServer& server, std::chrono::milliseconds patience)
    : url_(server.url),
      patience_(patience),
      deadline_(Clock::now() + patience),
      starts_tls_(server.start_tls),
      watchdog_(deadline_),
      callback_{&connected, &disconnected, this} {
  LDAP* session = nullptr;
  if (ldap_initialize(&session, url_.c_str()) != LDAP_SUCCESS) {
    throw Error(Fault::ours, "the directory " + printable(url_) +
                                 " cannot be asked; correct its url in siegel.yaml");
  }
  session_.reset(session);
  // Whatever ldap.conf or the environment say, our own settings are in force.
  constexpr int version = LDAP_VERSION3;
  const timeval time = left();
  set(LDAP_OPT_PROTOCOL_VERSION, &version);
  set(LDAP_OPT_REFERRALS, LDAP_OPT_OFF);
  set(LDAP_OPT_NETWORK_TIMEOUT, &time);
  set(LDAP_OPT_TIMEOUT, &time);
  set(LDAP_OPT_CONNECT_CB, &callback_);
  set_tls(server);
}

void LdapSession::set(int option, const void* value) {
  if (ldap_set_option(session_.get(), option, value) == LDAP_OPT_SUCCESS) return;
  throw Error(Fault::ours,
              "the directory " + printable(url_) + " cannot be asked; check its settings",
              "libldap refuses option " + std::to_string(option));
}

void LdapSession::set_tls(const config::DirectoryServer& server) {
  const std::string anchors = server.ca_file ? server.ca_file->string() : system_anchors;
  constexpr int demand = LDAP_OPT_X_TLS_DEMAND;
  constexpr int least = LDAP_OPT_X_TLS_PROTOCOL_TLS1_2;
  constexpr int client = 0;
  if (!server.start_tls && !url_.starts_with("ldaps:")) return;
  if (!std::filesystem::exists(anchors)) {
    throw Error(Fault::ours, "the file " + printable(anchors) +
                                 " is missing; correct ca_file of the directory in siegel.yaml, "
                                 "or install ca-certificates");
  }
  set(LDAP_OPT_X_TLS_REQUIRE_CERT, &demand);
  set(LDAP_OPT_X_TLS_PROTOCOL_MIN, &least);
  set(LDAP_OPT_X_TLS_CACERTFILE, anchors.c_str());
  set(LDAP_OPT_X_TLS_NEWCTX, &client);
}

// Called when the connection stands, before any TLS.
int LdapSession::connected(LDAP* /*session*/, Sockbuf* buffer, LDAPURLDesc* /*server*/,
                           sockaddr* /*address*/, ldap_conncb* callback) {
  auto* self = static_cast<LdapSession*>(callback->lc_arg);
  ber_len_t limit = answer_limit;
  ber_socket_t socket = -1;
  ber_sockbuf_ctrl(buffer, LBER_SB_OPT_SET_MAX_INCOMING, &limit);
  ber_sockbuf_ctrl(buffer, LBER_SB_OPT_GET_FD, &socket);
  return self->watchdog_.watch(socket) ? LDAP_SUCCESS : LDAP_TIMEOUT;
}

void LdapSession::disconnected(LDAP* /*session*/, Sockbuf* /*buffer*/, ldap_conncb* /*callback*/) {}

timeval LdapSession::left() const {
  const auto rest = std::chrono::duration_cast<std::chrono::microseconds>(deadline_ - Clock::now());
  // Nothing at all would mean for ever.
  return as_timeval(std::max(rest, std::chrono::microseconds(1000)));
}

Error LdapSession::failure(const std::string& why) const {
  return {Fault::world, "the directory " + printable(url_) + " cannot be asked: " + why};
}

Error LdapSession::failure(int code) const {
  if (watchdog_.has_bitten() || code == LDAP_TIMEOUT || Clock::now() >= deadline_)
    return failure("no complete answer within " + std::to_string(patience_.count()) + " ms");
  char* said = nullptr;
  ldap_get_option(session_.get(), LDAP_OPT_DIAGNOSTIC_MESSAGE, &said);
  const std::unique_ptr<char, decltype(&ldap_memfree)> owner(said, [](void* text) {
    if (text != nullptr) ldap_memfree(text);
  });
  std::string why = ldap_err2string(code);
  if (said != nullptr && *said != '\0') why += " (" + printable(said, 200) + ')';
  return failure(why);
}

void LdapSession::check(int code) const {
  if (code != LDAP_SUCCESS) throw failure(code);
}

void LdapSession::start_tls() {
  if (!starts_tls_) return;
  starts_tls_ = false;
  check(ldap_start_tls_s(session_.get(), nullptr, nullptr));
}

void LdapSession::bind(const std::string& name, const Secret& password) {
  start_tls();
  std::string text(password.octets());
  const Cleansing cleansing(text);
  berval credentials{text.size(), text.data()};
  check(ldap_sasl_bind_s(session_.get(), name.c_str(), LDAP_SASL_SIMPLE, &credentials, nullptr,
                         nullptr, nullptr));
}

void LdapSession::search(const std::string& base, const std::string& filter,
                         const std::function<void(const Entry&)>& take) {
  start_tls();
  // RFC 2798 §2.8 wants ;binary for both; OpenLDAP's own schema does not know the second with it.
  std::array<std::string, 3> names{"userCertificate;binary", "userSMIMECertificate;binary",
                                   "userSMIMECertificate"};
  std::array<char*, 4> attributes{names[0].data(), names[1].data(), names[2].data(), nullptr};
  timeval time = left();
  int request = 0;
  check(ldap_search_ext(session_.get(), base.c_str(), LDAP_SCOPE_SUBTREE, filter.c_str(),
                        attributes.data(), 0, nullptr, nullptr, &time, entries_limit, &request));
  take_entries(request, take);
}

void LdapSession::take_entries(int request, const std::function<void(const Entry&)>& take) {
  for (int entries = 0;;) {
    timeval time = left();
    LDAPMessage* raw = nullptr;
    const int kind = ldap_result(session_.get(), request, LDAP_MSG_ONE, &time, &raw);
    const Message message(raw, &ldap_msgfree);
    if (kind == 0) throw failure(LDAP_TIMEOUT);
    if (kind < 0) {
      int code = LDAP_OTHER;
      ldap_get_option(session_.get(), LDAP_OPT_RESULT_CODE, &code);
      throw failure(code);
    }
    if (kind == LDAP_RES_SEARCH_RESULT) return finish(raw);
    if (kind != LDAP_RES_SEARCH_ENTRY) continue;  // a reference to elsewhere: not followed
    if (++entries > entries_limit) {
      trouble_ = "it gives more than five entries for one address; the others were passed over";
      ldap_abandon_ext(session_.get(), request, nullptr, nullptr);
      return;
    }
    take({values(raw, "userCertificate"), values(raw, "userSMIMECertificate")});
  }
}

void LdapSession::finish(LDAPMessage* message) {
  int code = LDAP_OTHER;
  check(ldap_parse_result(session_.get(), message, &code, nullptr, nullptr, nullptr, nullptr, 0));
  if (code == LDAP_REFERRAL) {
    trouble_ = "it refers to another server, which is not asked; configure that one";
  } else if (code == LDAP_SIZELIMIT_EXCEEDED) {
    trouble_ = "it has more than five entries for one address; the others were passed over";
  } else if (code == LDAP_NO_SUCH_OBJECT) {
    throw failure(
        "the entry where the search begins is not there; correct its base in "
        "siegel.yaml");
  } else {
    check(code);
  }
}

/// RFC 4522 §4: a server writes ";binary" where we did; some do not.
std::vector<std::string> LdapSession::values(LDAPMessage* entry, const char* name) const {
  std::vector<std::string> found;
  for (const std::string& each : {std::string(name) + ";binary", std::string(name)}) {
    berval** all = ldap_get_values_len(session_.get(), entry, each.c_str());
    if (all == nullptr) continue;
    const std::unique_ptr<berval*, decltype(&ldap_value_free_len)> owner(all, &ldap_value_free_len);
    for (berval** one = all; *one != nullptr; ++one)
      found.emplace_back((*one)->bv_val, (*one)->bv_len);
  }
  return found;
}

}  // namespace siegel::pki::discovery
