#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The template of a certificate's subject in a CA profile: "C=DE, O={organisation}, CN=GRP:
/// {name}". RFC 4514 syntax and escapes, but most significant part first, blanks behind the commas
/// allowed, and no parts joined by "+".
namespace siegel::config {

/// What a {word} stands for.
enum class Placeholder {
  name,          ///< display name of the mailbox
  department,    ///< of the mailbox
  address,       ///< of the mailbox
  organisation,  ///< of the profile
  locality,      ///< of the profile
};

/// A piece of a part's value: fixed text, or what a placeholder stands for.
struct TemplatePiece {
  std::string text;  ///< without escapes
  std::optional<Placeholder> placeholder{};
};

struct TemplatePart {
  std::string type;  ///< "CN", as OpenSSL spells it
  std::vector<TemplatePiece> pieces;

  [[nodiscard]] bool holds(Placeholder placeholder) const;
};

struct SubjectTemplate {
  std::vector<TemplatePart> parts;
  std::vector<std::string> problems;  ///< each says what to write instead; empty: fit for use
};

[[nodiscard]] SubjectTemplate parse_subject_template(std::string_view text);

}  // namespace siegel::config
