#pragma once

#include <string>

#include <Poco/Net/ServerSocket.h>

#include "config/places.h"

namespace siegel::smtp {

/// A socket that listens there and does not block. IPv6 listeners are IPv6 only, so that 0.0.0.0
/// and [::] can stand side by side; no SO_REUSEPORT: two daemons on one port would be a fault that
/// nobody sees. Throws Error{ours} that names `setting`.
[[nodiscard]] Poco::Net::ServerSocket listening_socket(const config::SocketAddress& at, int backlog,
                                                       const std::string& setting);

}  // namespace siegel::smtp
