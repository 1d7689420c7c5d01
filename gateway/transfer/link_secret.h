#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "pki/seal.h"
#include "pki/secret.h"

namespace siegel::transfer {

/// What makes a URL of ours worth something: 256 random bits, which stand in the URL and nowhere
/// else. Whoever has it may do what the link is for (fetch, go on with an upload, sign in); the
/// database knows only lookup(), from which it does not follow. Not copied. Thread-safe once made.
class LinkSecret {
 public:
  static LinkSecret make();
  /// The 43 characters that text() makes (RFC 4648 §5, no padding); nothing else, in no other form.
  static std::optional<LinkSecret> parse(std::string_view text);

  [[nodiscard]] std::string text() const;
  /// 64 hexadecimal digits, the key of its row. `kind` ("link", "upload" …) keeps the secrets of
  /// one kind from being used as those of another.
  [[nodiscard]] std::string lookup(std::string_view kind) const;
  /// Seals what only this secret is to open. `salt` is empty, or what a password gives
  /// (password.h): then the secret alone does not open it either.
  [[nodiscard]] pki::Seal seal(std::string_view kind, std::string_view salt = {}) const;

 private:
  explicit LinkSecret(std::string octets) : octets_(std::move(octets)) {}

  pki::Secret octets_;
};

}  // namespace siegel::transfer
