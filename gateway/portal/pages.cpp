#include "gateway/portal/pages.h"

#include <algorithm>

#include <kainjow/mustache.hpp>
#include <nlohmann/json.hpp>

#include "base/ascii.h"
#include "base/error.h"
#include "gateway/portal/embedded.h"

namespace siegel::portal {
namespace {

namespace mustache = kainjow::mustache;

constexpr std::string_view ending = ".mustache";

/// Partials of one page are read anew each time they are met: each text is kept by itself.
mustache::data partial(std::string_view text) {
  return mustache::data(mustache::partial([text = std::string(text)] { return text; }));
}

mustache::data converted(const nlohmann::json& value) {
  if (value.is_boolean()) return mustache::data(value.get<bool>());
  if (value.is_array()) {
    mustache::data list(mustache::data::type::list);
    for (const auto& item : value) list.push_back(converted(item));
    return list;
  }
  if (value.is_object()) {
    mustache::data object(mustache::data::type::object);
    for (const auto& [key, member] : value.items()) object.set(key, converted(member));
    return object;
  }
  return mustache::data(value.get<std::string>());
}

std::string_view file(const std::string& name) {
  const auto found = embedded_pages().find(name);
  if (found != embedded_pages().end()) return found->second;
  throw Error(Fault::ours, "the program is broken", "it has no page " + name);
}

void check(const mustache::mustache& page, std::string_view name) {
  if (!page.is_valid())
    throw Error(Fault::ours, "the program is broken",
                "page " + std::string(name) + ": " + page.error_message());
}

/// RFC 9110 §12.4.2: "de;q=0.8" in thousandths; 1000 without a weight that can be read.
int weight_of(std::string_view range) {
  const auto at = range.find("q=");
  if (at == std::string_view::npos) return 1000;
  const std::string_view digits = range.substr(at + 2);
  int weight = 0, scale = 1000;
  for (const char c : digits) {
    if (c == '.' && scale == 100) continue;
    if (!ascii::is_digit(c) || scale == 0) break;
    weight += (c - '0') * scale;
    scale /= 10;
  }
  return std::min(weight, 1000);
}

}  // namespace

/// The words of a language, and beside them the templates that others take in.
class Pages::Words {
 public:
  explicit Words(std::string_view json) : data_(converted(nlohmann::json::parse(json))) {
    for (const auto& [name, text] : embedded_pages())
      if (name.ends_with(ending))
        data_.set(std::string(name.substr(0, name.size() - ending.size())), partial(text));
  }
  [[nodiscard]] const mustache::data& data() const { return data_; }

 private:
  mustache::data data_;
};

Pages::Pages() {
  for (const Language language : {Language::german, Language::english})
    words_[language] = std::make_unique<const Words>(file(std::string(code(language)) + ".json"));
  for (const auto& [name, text] : embedded_pages())
    if (name.ends_with(ending)) check(mustache::mustache(std::string(text)), name);
}

Pages::~Pages() = default;

std::string Pages::render(std::string_view page, Language language,
                          const nlohmann::json& data) const {
  // A mustache keeps the state of its rendering: one for each.
  mustache::mustache parsed{std::string(file(std::string(page) + std::string(ending)))};
  const mustache::data own = converted(data);
  mustache::context<std::string> context(&words_.at(language)->data());
  context.push(&own);
  return parsed.render(context);
}

std::string_view code(Language language) {
  return language == Language::german ? "de" : "en";
}

Language preferred_language(std::string_view accept_language) {
  Language best = Language::german;
  int most = 0;
  while (!accept_language.empty()) {
    const auto comma = accept_language.find(',');
    const std::string_view range = ascii::trim(accept_language.substr(0, comma));
    const std::string tag = ascii::lower(range.substr(0, 2));
    const int weight = tag == "de" || tag == "en" ? weight_of(range) : 0;
    if (weight > most) {
      most = weight;
      best = tag == "de" ? Language::german : Language::english;
    }
    if (comma == std::string_view::npos) break;
    accept_language.remove_prefix(comma + 1);
  }
  return best;
}

}  // namespace siegel::portal
