#include "gateway/portal/in_words.h"

#include "base/local_date.h"
#include "gateway/transfer/letters.h"

namespace siegel::portal {

std::string date_in_words(Time time, Language language) {
  return language == Language::german ? german_date(time) : english_date(time);
}

std::string moment_in_words(Time time, Language language) {
  return language == Language::german ? german_moment(time) : english_moment(time);
}

std::string size_in_words(std::uint64_t octets, Language language) {
  return transfer::letters::size_in_words(octets, language == Language::german ? ',' : '.');
}

}  // namespace siegel::portal
