#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "config/config.h"

struct ssl_st;
struct ssl_ctx_st;

namespace siegel::smtp {

/// What a TLS endpoint is set up with. TLS 1.2 and 1.3 only, no compression, no renegotiation
/// (TR-02102-2). Immutable once made; safe to share between threads.
class TlsSettings {
 public:
  /// Our certificate for STARTTLS. Throws Error{ours} if the files do not fit.
  static TlsSettings server(const config::TlsFiles& files);
  /// Any certificate: protects from listeners, not from impostors (RFC 7435).
  static TlsSettings opportunistic_client();
  /// The peer must bring a certificate that chains to `ca_file`. The system's CAs are never
  /// consulted. Throws Error{ours} if the file holds no certificate.
  static TlsSettings verifying_client(const std::filesystem::path& ca_file);

  [[nodiscard]] ssl_ctx_st* get() const noexcept { return context_.get(); }

 private:
  explicit TlsSettings(std::shared_ptr<ssl_ctx_st> context) : context_(std::move(context)) {}

  std::shared_ptr<ssl_ctx_st> context_;
};

/// One TLS connection without its socket: ciphertext goes in and out as octets. The Channel moves
/// them, so that all waiting, with its limits, stays in one place.
class Tls {
 public:
  enum class Progress { done, wants_more, closed, failed };

  static Tls accepting(const TlsSettings& settings);
  /// `host` is asked for (SNI) and, with verifying settings, must be named by the certificate.
  static Tls connecting(const TlsSettings& settings, const std::string& host);
  Tls(Tls&&) noexcept;
  Tls& operator=(Tls&&) noexcept;
  Tls(const Tls&) = delete;
  Tls& operator=(const Tls&) = delete;
  ~Tls();

  /// Ciphertext from the peer.
  void put_received(std::string_view ciphertext);
  /// Ciphertext for the peer; empty if there is none.
  [[nodiscard]] std::string take_to_send();

  [[nodiscard]] Progress handshake();
  /// Appends what could be deciphered to `text`.
  [[nodiscard]] Progress read(std::string& text);
  [[nodiscard]] Progress write(std::string_view text);
  /// Says goodbye (close_notify).
  void close();
  /// Why the handshake failed, for people.
  [[nodiscard]] std::string failure() const;

 private:
  explicit Tls(ssl_st* connection);
  [[nodiscard]] Progress progress(int result);

  struct Free {
    void operator()(ssl_st* connection) const noexcept;
  };
  std::unique_ptr<ssl_st, Free> connection_;
  std::string failure_;
};

}  // namespace siegel::smtp
