#pragma once

#include "base/address.h"
#include "base/sql.h"
#include "gateway/transfer/parcel.h"
#include "pki/seal.h"

/// What stands in the columns of the transfer service's tables. Throws Error{ours} for what nobody
/// of us wrote there.
namespace siegel::transfer::rows {

[[nodiscard]] FileId file_id(const std::string& text);
[[nodiscard]] FileId file_id(const sql::Rows& rows, std::size_t row);
[[nodiscard]] Address address(const std::string& text);
/// One of our addresses as it stands in the tables: whoever signs in as Anna@ sees what anna@ sent.
[[nodiscard]] std::string owner_text(const Address& owner);
[[nodiscard]] Origin origin(const std::string& word);
[[nodiscard]] ParcelState state(const std::string& word);

/// As JSON, before it is sealed.
[[nodiscard]] std::string write(const Note& note);
[[nodiscard]] Note read_note(const std::string& json);

/// Those of the parcel `id`, in order of their positions.
[[nodiscard]] std::vector<ParcelFile> read_files(sql::Session& session, const pki::Seal& seal,
                                                 const std::string& id);
/// REQUIRES: row `i` of `rows` holds all columns of the table parcel.
[[nodiscard]] Parcel read_parcel(sql::Session& session, const pki::Seal& seal,
                                 const sql::Rows& rows, std::size_t i);
void put_event(sql::Session& session, const std::string& id, const ParcelEvent& event);

}  // namespace siegel::transfer::rows
