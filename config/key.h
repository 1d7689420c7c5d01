#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The words in which schema.h describes siegel.yaml.
namespace siegel::config {

/// What a text must look like.
struct TextForm {
  std::string_view expected;
  /// The text as it is kept, or nothing if it is not right.
  std::optional<std::string> (*read)(std::string_view text, const std::filesystem::path& folder);
  std::vector<std::string_view> choices = {};
};

/// A word that a later version will know, and what to write until then.
struct Later {
  std::string_view word;
  std::string_view instead;
};

struct Key {
  std::string_view name;
  std::string_view about;         ///< one paragraph for the annotated file
  std::string_view example = {};  ///< shown, commented out, where there is no default
  bool required = false;
  /// For counts, sizes (octets) and durations (seconds), each item of a list alike.
  std::uint64_t least = 0;
  std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  const TextForm* form = nullptr;  ///< of a member that is a std::string
  Later later = {};
};

extern const TextForm host_name;
extern const TextForm domain_name;
extern const TextForm mail_address;
extern const TextForm subject_tag;
extern const TextForm verdict_word;
extern const TextForm list_source;
extern const TextForm token_label;
extern const TextForm directory_url;
extern const TextForm distinguished_name;
extern const TextForm web_origin;
extern const TextForm web_address;
extern const TextForm colour;
extern const TextForm scanner_socket;
extern const TextForm display_text;

inline constexpr Later mail_exchangers{
    "mx",
    "this version cannot look up mail exchangers (MX) yet; name a smart host instead, such as "
    "smtp://relay.example:25"};

}  // namespace siegel::config
