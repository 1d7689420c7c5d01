#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace siegel::pki::enrol {

/// A word of a name that could be taken for something of the network.
struct NetworkName {
  std::string word;
  std::string_view kind;  ///< "a mail address", "an IP address" or "a host name"
};

/// The first such word of `text`, if there is one: a group's name must not be mistaken for a
/// server's.
[[nodiscard]] std::optional<NetworkName> network_name_in(std::string_view text);

}  // namespace siegel::pki::enrol
