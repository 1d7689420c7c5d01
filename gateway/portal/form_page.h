#pragma once

#include <optional>
#include <string_view>

#include "gateway/portal/visitor.h"

/// What all pages with forms have in common.
namespace siegel::portal {

/// The form that came, if it is one of ours: urlencoded, within the limits, and with this browser's
/// token (`csrf`).
[[nodiscard]] std::optional<Form> read_form(Request& request, const Visitor& visitor);

/// A form that needs no token, because it changes nothing and whoever sends it must know a secret
/// of its own. Empty if it cannot be read.
[[nodiscard]] Form read_free_form(Request& request);

/// The page `notice`; `flag` is the one that says why: "gone", "busy".
[[nodiscard]] Response notice(const Visitor& visitor, int status, std::string_view flag);
/// A form without this browser's token, or of somebody whose session is over: sign in again.
[[nodiscard]] Response stale(const Visitor& visitor);
/// For a link of any kind that is wrong, has expired or was recalled: always the same.
[[nodiscard]] Response gone(const Visitor& visitor);

/// What was entered under that name in one line: printable, without blanks around it, shortened to
/// `limit` characters; what is no text is nothing.
[[nodiscard]] std::string entered_line(const Form& form, std::string_view name, std::size_t limit);
/// The same of several lines, which end with \n; controls and invisible characters are gone.
[[nodiscard]] std::string entered_text(const Form& form, std::string_view name, std::size_t limit);
/// "14".
[[nodiscard]] std::string days_of(std::chrono::seconds time);
/// Days as people enter them; nothing if it is no number from 1 to `most`.
[[nodiscard]] std::optional<std::chrono::seconds> days_in(const Form& form,
                                                          std::chrono::seconds most);

}  // namespace siegel::portal
