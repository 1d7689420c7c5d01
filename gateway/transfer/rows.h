#pragma once

#include "base/address.h"
#include "base/sql.h"
#include "gateway/transfer/parcel.h"

/// What stands in the columns of the transfer service's tables. Throws Error{ours} for what nobody
/// of us wrote there.
namespace siegel::transfer::rows {

[[nodiscard]] FileId file_id(const sql::Rows& rows, std::size_t row);
[[nodiscard]] Address address(const std::string& text);
[[nodiscard]] Origin origin(const std::string& word);
[[nodiscard]] ParcelState state(const std::string& word);

/// As JSON, before it is sealed.
[[nodiscard]] std::string write(const Note& note);
[[nodiscard]] Note read_note(const std::string& json);

}  // namespace siegel::transfer::rows
