#include "gateway/transfer/rows.h"

#include <array>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/error.h"

namespace siegel::transfer {
namespace {

constexpr std::array origins{std::pair{Origin::staff, std::string_view("staff")},
                             std::pair{Origin::mail, std::string_view("mail")},
                             std::pair{Origin::citizen, std::string_view("citizen")}};
constexpr std::array states{std::pair{ParcelState::waiting, std::string_view("waiting")},
                            std::pair{ParcelState::ready, std::string_view("ready")},
                            std::pair{ParcelState::infected, std::string_view("infected")},
                            std::pair{ParcelState::recalled, std::string_view("recalled")},
                            std::pair{ParcelState::expired, std::string_view("expired")}};

template <typename Words, typename Value>
std::string_view word_of(const Words& words, Value value) {
  for (const auto& [known, word] : words)
    if (known == value) return word;
  return {};
}

Error damaged(const std::string& what) {
  return {
      Fault::ours, "the set-up is broken",
      "the transfer database holds " + what + " that cannot be read; restore it from the backup"};
}

template <typename Words>
auto value_of(const Words& words, const std::string& text) {
  for (const auto& [value, word] : words)
    if (word == text) return value;
  throw damaged("the word \"" + text + "\"");
}

}  // namespace

std::string_view name(Origin origin) {
  return word_of(origins, origin);
}

std::string_view name(ParcelState state) {
  return word_of(states, state);
}

namespace rows {

FileId file_id(const sql::Rows& rows, std::size_t row) {
  const auto id = FileId::parse(rows.text("file_id", row));
  if (!id) throw damaged("the id of a file");
  return *id;
}

Address address(const std::string& text) {
  const auto parsed = Address::parse(text);
  if (!parsed) throw damaged("an address");
  return *parsed;
}

Origin origin(const std::string& word) {
  return value_of(origins, word);
}

ParcelState state(const std::string& word) {
  return value_of(states, word);
}

std::string write(const Note& note) {
  return nlohmann::json{{"message", note.message},
                        {"sender", note.sender},
                        {"reply_to", note.reply_to},
                        {"reference", note.reference}}
      .dump();
}

Note read_note(const std::string& json) {
  const auto tree = nlohmann::json::parse(json, nullptr, false);
  if (!tree.is_object()) throw damaged("a note");
  return {tree.value("message", ""), tree.value("sender", ""), tree.value("reply_to", ""),
          tree.value("reference", "")};
}

}  // namespace rows
}  // namespace siegel::transfer
