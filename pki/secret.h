#pragma once

#include <string>
#include <string_view>

namespace siegel::pki {

/// Octets that are cleansed when they go. Not copied, never printed.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string octets);
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  [[nodiscard]] std::string_view octets() const noexcept { return octets_; }
  /// For what takes nothing else.
  [[nodiscard]] const std::string& text() const noexcept { return octets_; }

  /// Keeps only the first `size` octets.
  void cut(std::size_t size);

 private:
  std::string octets_;
};

/// Cleanses a text that stands elsewhere, however the scope is left.
class Cleansing {
 public:
  explicit Cleansing(std::string& text) : text_(text) {}
  Cleansing(const Cleansing&) = delete;
  Cleansing& operator=(const Cleansing&) = delete;
  ~Cleansing();

 private:
  std::string& text_;
};

/// True if both are the same octets, in a time that does not tell where they differ. Their lengths
/// are no secret.
[[nodiscard]] bool are_same(std::string_view a, std::string_view b) noexcept;

}  // namespace siegel::pki
