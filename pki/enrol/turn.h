#pragma once

#include <chrono>
#include <filesystem>
#include <optional>

namespace siegel::pki::enrol {

/// The right to do what two processes must not do at the same time, because the ledger notices it
/// only afterwards: make keys for the same requests, send the same request to an authority. The
/// relay and the CLI take it; one has it until the Turn is destroyed or its process ends.
class Turn {
 public:
  /// The turn of what is in this folder, such as an installation (storage.directory); nothing if
  /// somebody else has had it for all of `patience`. Leaves no file behind. Throws Error{world} if
  /// the folder cannot be opened.
  [[nodiscard]] static std::optional<Turn> take(const std::filesystem::path& folder,
                                                std::chrono::milliseconds patience);
  Turn(Turn&& other) noexcept;
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  Turn& operator=(Turn&&) = delete;
  ~Turn();

 private:
  explicit Turn(int number) : number_(number) {}

  int number_;  // of the open folder, or -1
};

}  // namespace siegel::pki::enrol
