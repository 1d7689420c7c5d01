#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace siegel::transfer {

/// Names one sealed file in the store: 128 random bits as 32 hexadecimal digits, made by us. What a
/// client calls its file is data and never comes near a path (CVE-2026-2743).
class FileId {
 public:
  static FileId make();
  static std::optional<FileId> parse(std::string_view text);

  [[nodiscard]] const std::string& str() const noexcept { return text_; }
  bool operator==(const FileId&) const = default;

 private:
  explicit FileId(std::string text) : text_(std::move(text)) {}

  std::string text_;
};

}  // namespace siegel::transfer
