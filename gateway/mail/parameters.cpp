#include "gateway/mail/parameters.h"

#include <algorithm>

#include "base/ascii.h"
#include "gateway/mail/fields.h"
#include "gateway/mail/tokens.h"

namespace siegel::mail {
namespace {

std::optional<std::string> take_value(Tokens& tokens) {
  if (tokens.front() == '"') return tokens.take_quoted_string();
  const auto token = tokens.take_while(is_token_character);
  if (token.empty()) return std::nullopt;
  return std::string(token);
}

bool take_word(Tokens& tokens, ParameterList& list) {
  list.word = ascii::lower(tokens.take_while(is_token_character));
  if (list.word.empty() || !tokens.skip_blanks_and_comments()) return false;
  if (!tokens.take('/')) return true;
  if (!tokens.skip_blanks_and_comments()) return false;
  const auto second = ascii::lower(tokens.take_while(is_token_character));
  list.word += '/' + second;
  return !second.empty() && tokens.skip_blanks_and_comments();
}

bool take_parameter(Tokens& tokens, ParameterList& list) {
  if (!tokens.take(';') || !tokens.skip_blanks_and_comments()) return false;
  // Not in the grammar of RFC 2045 §5.1, but common and read alike by all: a semicolon too many.
  if (tokens.at_end() || tokens.front() == ';') return true;
  const auto name = ascii::lower(tokens.take_while(is_token_character));
  if (name.empty() || !tokens.skip_blanks_and_comments() || !tokens.take('=')) return false;
  if (!tokens.skip_blanks_and_comments()) return false;
  auto value = take_value(tokens);
  if (!value) return false;
  if (list.find(name)) list.has_duplicates = true;
  list.parameters.emplace_back(name, std::move(*value));
  return tokens.skip_blanks_and_comments();
}

}  // namespace

std::optional<std::string_view> ParameterList::find(std::string_view name) const {
  const auto found = std::ranges::find(parameters, name, [](const auto& p) { return p.first; });
  if (found == parameters.end()) return std::nullopt;
  return found->second;
}

ParameterList read_parameters(std::string_view body) {
  ParameterList list;
  Tokens tokens(body);
  list.is_well_formed = tokens.skip_blanks_and_comments() && take_word(tokens, list);
  while (list.is_well_formed && !tokens.at_end()) {
    list.is_well_formed = take_parameter(tokens, list);
  }
  return list;
}

Parameters decoded_parameters(const ParameterList& ours, Parameters theirs) {
  for (auto& [name, value] : theirs) {
    const auto raw = ours.find(name);
    if (raw && raw->find("=?") != std::string_view::npos) value = decode_text(*raw);
  }
  return theirs;
}

}  // namespace siegel::mail
