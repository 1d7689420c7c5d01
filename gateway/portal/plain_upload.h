#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/portal/visitor.h"

namespace siegel::portal {

/// A form that came by multipart/form-data, from a browser without JavaScript: its fields, with an
/// `upload` for each file, which was stored on the way.
struct PlainUpload {
  Form form;
  bool too_large = false;  ///< a file, their sum or their number is above its limit
  bool too_often = false;  ///< this client has begun too many files lately; none was kept
};

/// Reads it, files into the store as they come, and no further than a limit. Nothing if the form is
/// broken or without this browser's token, which has to come before the files. Throws Error{peer}
/// if it breaks off.
[[nodiscard]] std::optional<PlainUpload> read_plain_upload(const Desk& desk, Request& request,
                                                           const Visitor& visitor,
                                                           const Address& owner);

}  // namespace siegel::portal
