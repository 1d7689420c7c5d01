#include "gateway/smtp/listening.h"

#include <Poco/Exception.h>
#include <Poco/Net/SocketAddress.h>

#include "base/error.h"

namespace siegel::smtp {

using Poco::Net::ServerSocket;
using Poco::Net::SocketAddress;

ServerSocket listening_socket(const config::SocketAddress& at, int backlog,
                              const std::string& setting) {
  try {
    const SocketAddress address(at.host, at.port);
    ServerSocket socket;
    if (address.family() == SocketAddress::IPv6)
      socket.bind6(address, true, false, true);
    else
      socket.bind(address, true, false);
    socket.listen(backlog);
    socket.setBlocking(false);
    return socket;
  } catch (const Poco::Exception& failed) {
    throw Error(Fault::ours,
                "cannot listen on " + at.host + ":" + std::to_string(at.port) + "; see " + setting +
                    " and who else uses the port",
                failed.displayText());
  }
}

}  // namespace siegel::smtp
