#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <sys/types.h>

#include "pki/certificate.h"
#include "tests/support/temporary_directory.h"

/// Real servers that publish keys, each a process of its own on the loopback.
namespace siegel::tests {

/// A program that runs until its owner goes.
class Program {
 public:
  /// What it prints goes to `output`.
  Program(const std::vector<std::string>& words, const std::filesystem::path& output);
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program();

 private:
  pid_t process_;
};

/// Runs it to its end; throws with what it printed unless it succeeds.
std::string run(const std::vector<std::string>& words);
/// A port of 127.0.0.1 that was free a moment ago.
std::uint16_t free_port();
/// Until somebody listens there.
void wait_for_port(std::uint16_t port, const std::filesystem::path& output);

/// A value of an LDIF file (RFC 2849): "name:: base64".
std::string ldif_value(const std::string& name, const std::string& octets);

/// slapd with the entry o=Bund,c=DE, and what a test adds before it starts.
class Slapd {
 public:
  static constexpr auto base = "o=Bund,c=DE";
  static constexpr auto administrator = "cn=admin,o=Bund,c=DE";
  static constexpr auto password = "geheim";

  Slapd();
  /// An inetOrgPerson with this address and these values ("userCertificate;binary:: …").
  void add_person(const std::string& address, const std::vector<std::string>& values);
  void add(const std::string& ldif) { entries_ += ldif; }
  void start();

  [[nodiscard]] std::string url() const;      ///< ldap://
  [[nodiscard]] std::string tls_url() const;  ///< ldaps://
  [[nodiscard]] std::filesystem::path ca_file() const { return folder_ / "ca.pem"; }
  [[nodiscard]] const TemporaryDirectory& folder() const { return folder_; }

 private:
  TemporaryDirectory folder_;
  std::string entries_;
  int persons_ = 0;
  std::uint16_t port_ = free_port(), tls_port_ = free_port();
  std::unique_ptr<Program> program_;
};

/// nsd with zones that a test writes.
class Nsd {
 public:
  /// Signed; `records` without the zone's own. `change` is done to the signed text.
  void add_signed(const std::string& zone, const std::string& records,
                  std::string (*change)(std::string) = nullptr);
  void add_unsigned(const std::string& zone, const std::string& records);
  void start();

  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// The public keys of the signed zones.
  [[nodiscard]] std::filesystem::path trust_anchor() const { return folder_ / "anchors"; }

 private:
  void add(const std::string& zone, const std::string& text);

  TemporaryDirectory folder_;
  std::string zones_, anchors_;
  std::uint16_t port_ = free_port();
  std::unique_ptr<Program> program_;
};

/// An HTTPS server and a proxy before it (tests/pki/discovery/web_server.py).
class WebServer {
 public:
  /// Its certificate is for `host`.
  explicit WebServer(const std::string& host);
  /// `path` begins with a slash.
  void put(const std::string& path, const std::string& octets);

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::uint16_t proxy_port() const { return proxy_port_; }
  [[nodiscard]] std::filesystem::path ca_file() const { return folder_ / "ca.pem"; }
  /// One line for each request, of the server and of the proxy.
  [[nodiscard]] std::string log() const;

 private:
  TemporaryDirectory folder_;
  std::uint16_t port_ = free_port(), proxy_port_ = free_port();
  std::unique_ptr<Program> program_;
};

}  // namespace siegel::tests
