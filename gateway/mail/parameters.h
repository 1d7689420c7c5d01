#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Grammar of the structured MIME fields (RFC 2045 §5.1, RFC 2183 §2), read strictly:
///
///   value     := word *( ";" [ attribute "=" ( token / quoted-string ) ] )
///   word      := token [ "/" token ]
///
/// with comments and blanks allowed between any two of them.
namespace siegel::mail {

struct ParameterList {
  std::string word;  ///< lower case: "text/plain", "attachment"
  /// Lower-case names as written (`filename*0*`), values unquoted but not decoded.
  std::vector<std::pair<std::string, std::string>> parameters;
  bool is_well_formed = true;  ///< false: what was read before the fault is given
  bool has_duplicates = false;

  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
};

[[nodiscard]] ParameterList read_parameters(std::string_view body);

using Parameters = std::vector<std::pair<std::string, std::string>>;

/// GMime's parameters, where it has undone RFC 2231; encoded words in a quoted string, which no
/// standard allows and many programs write, are undone by us.
[[nodiscard]] Parameters decoded_parameters(const ParameterList& ours, Parameters theirs);

}  // namespace siegel::mail
