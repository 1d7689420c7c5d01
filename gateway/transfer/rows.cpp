#include "gateway/transfer/rows.h"

#include <array>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/ascii.h"
#include "base/error.h"
#include "gateway/transfer/identities.h"

namespace siegel::transfer {
namespace {

constexpr std::array origins{std::pair{Origin::staff, std::string_view("staff")},
                             std::pair{Origin::mail, std::string_view("mail")},
                             std::pair{Origin::received, std::string_view("received")},
                             std::pair{Origin::citizen, std::string_view("citizen")},
                             std::pair{Origin::pickup, std::string_view("pickup")},
                             std::pair{Origin::answer, std::string_view("answer")}};
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

FileId file_id(const std::string& text) {
  const auto id = FileId::parse(text);
  if (!id) throw damaged("the id of a file");
  return *id;
}

FileId file_id(const sql::Rows& rows, std::size_t row) {
  return file_id(rows.text("file_id", row));
}

Address address(const std::string& text) {
  const auto parsed = Address::parse(text);
  if (!parsed) throw damaged("an address");
  return *parsed;
}

std::string owner_text(const Address& owner) {
  return ascii::lower(owner.str());
}

Origin origin(const std::string& word) {
  return value_of(origins, word);
}

ParcelState state(const std::string& word) {
  return value_of(states, word);
}

std::string write(const Note& note) {
  return nlohmann::json{{"message", note.message},   {"sender", note.sender},
                        {"reply_to", note.reply_to}, {"reference", note.reference},
                        {"subject", note.subject},   {"answers_to", note.answers_to}}
      .dump();
}

Note read_note(const std::string& json) {
  const auto tree = nlohmann::json::parse(json, nullptr, false);
  if (!tree.is_object()) throw damaged("a note");
  return {tree.value("message", ""),   tree.value("sender", ""),  tree.value("reply_to", ""),
          tree.value("reference", ""), tree.value("subject", ""), tree.value("answers_to", "")};
}

std::vector<ParcelFile> read_files(sql::Session& session, const pki::Seal& seal,
                                   const std::string& id) {
  const auto rows = sql::select(session,
                                "SELECT * FROM parcel_file WHERE tenant = 'default' AND parcel = ? "
                                "ORDER BY position",
                                id);
  std::vector<ParcelFile> files;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const FileId file = file_id(rows, i);
    files.push_back({static_cast<std::uint32_t>(rows.number("position", i)), file,
                     seal.open(rows.text("sealed_name", i), identity::file_name(id, file)),
                     rows.text("media_type", i),
                     static_cast<std::uint64_t>(rows.number("octets", i))});
  }
  return files;
}

Parcel read_parcel(sql::Session& session, const pki::Seal& seal, const sql::Rows& rows,
                   std::size_t i) {
  const std::string id = rows.text("id", i);
  const std::string note = rows.text("sealed_note", i);
  return {.id = id,
          .origin = origin(rows.text("origin", i)),
          .owner = address(rows.text("owner", i)),
          .state = state(rows.text("state", i)),
          .note = note.empty() ? Note{} : read_note(seal.open(note, identity::note(id))),
          .files = read_files(session, seal, id),
          .octets = static_cast<std::uint64_t>(rows.number("octets", i)),
          .created = rows.moment("created", i),
          .expires = rows.moment("expires", i)};
}

void put_event(sql::Session& session, const std::string& id, const ParcelEvent& event) {
  sql::run(session,
           "INSERT INTO parcel_event (tenant, parcel, at, what, recipient, position) VALUES "
           "('default', ?, ?, ?, ?, ?)",
           id, to_unix(event.at), event.what, event.recipient,
           event.position ? static_cast<std::int64_t>(*event.position) : std::int64_t{-1});
}

}  // namespace rows
}  // namespace siegel::transfer

namespace siegel::transfer {

bool is_same_owner(const Address& a, const Address& b) {
  return rows::owner_text(a) == rows::owner_text(b);
}

}  // namespace siegel::transfer
