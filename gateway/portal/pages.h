#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace siegel::portal {

enum class Language { german, english };

/// The language that a browser wants: by Accept-Language (RFC 9110 §12.5.4), of the two that we
/// have; German if it says nothing of them.
[[nodiscard]] Language preferred_language(std::string_view accept_language);
/// "de", "en"; nothing else is one.
[[nodiscard]] std::string_view code(Language language);

/// The pages: templates (mustache) and words, which are part of the program. What each takes stands
/// in pages/README.md. Everything is escaped. Thread-safe once made.
class Pages {
 public:
  /// Throws Error{ours} if a template is not well-formed.
  Pages();
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;
  ~Pages();

  /// REQUIRES: `page` is the name of a template without its ending, `data` an object of texts,
  /// flags and lists of such objects.
  [[nodiscard]] std::string render(std::string_view page, Language language,
                                   const nlohmann::json& data) const;

 private:
  class Words;
  std::map<Language, std::unique_ptr<const Words>> words_;
};

}  // namespace siegel::portal
