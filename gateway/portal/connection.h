#pragma once

#include <memory>
#include <variant>

#include <Poco/Net/StreamSocket.h>

#include "gateway/portal/body_reader.h"
#include "gateway/portal/channel.h"
#include "gateway/portal/incoming.h"
#include "gateway/portal/request_head.h"
#include "gateway/portal/response_writer.h"
#include "gateway/portal/server.h"

namespace siegel::portal {

/// What all connections of a server share.
struct Shared {
  const Current<config::Config>& config;
  Service service;
  const Clock& clock;
  Log log;
  smtp::StopSignal stop;
};

/// One client's connection: requests and responses, one after the other, until one side ends it
/// (RFC 9112 §9.3). Pipelined requests wait their turn in the buffer.
class Connection {
 public:
  /// @param peer the other end of the socket, be it the client or a proxy
  Connection(const Poco::Net::StreamSocket& socket, Client peer, const Shared& shared);

  void converse();

 private:
  /// The next head, or why it is none, or nobody is there who would want an answer.
  struct Gone {};
  using Arrival = std::variant<Gone, RequestHead, Problem>;

  [[nodiscard]] Arrival receive_head();
  [[nodiscard]] Arrival take_head(std::size_t octets);
  [[nodiscard]] std::optional<Arrival> read_on(const HeadEnd& end);
  [[nodiscard]] bool await_request();
  [[nodiscard]] bool serve(RequestHead head);
  void refuse(const Problem& problem);
  /// True if the connection may go on.
  [[nodiscard]] bool send(Response& response, const Manner& manner, const Request& request);
  void note(const Request& request, const Response& response, const ResponseWriter& writer) const;

  const Shared& shared_;
  Client peer_;
  Channel channel_;
  Incoming incoming_;
  bool is_first_ = true;
};

}  // namespace siegel::portal
