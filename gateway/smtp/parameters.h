#pragma once

#include <string_view>
#include <variant>
#include <vector>

#include "gateway/smtp/reply.h"

/// The common part of MAIL and RCPT: a path and what follows it (RFC 5321 §4.1.2).
///
///   argument  = keyword ":" *SP path *(SP parameter)
///   path      = "<" [ mailbox ] ">"
///   parameter = esmtp-keyword [ "=" esmtp-value ]
namespace siegel::smtp {

struct Parameter {
  std::string_view keyword;
  std::string_view value;  ///< empty if there is no "="
};

struct PathArgument {
  std::string_view path;  ///< between the angle brackets
  std::vector<Parameter> parameters;
};

/// Views into `argument`. `keyword` is FROM or TO, compared ignoring case.
[[nodiscard]] std::variant<PathArgument, Reply> parse_path_argument(std::string_view argument,
                                                                    std::string_view keyword);

}  // namespace siegel::smtp
