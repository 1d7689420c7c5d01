#pragma once

#include <cstdint>
#include <string>

#include "base/log.h"
#include "base/time.h"
#include "gateway/portal/channel.h"
#include "gateway/portal/request_head.h"
#include "gateway/portal/response.h"

namespace siegel::portal {

/// What of a request decides how its response is written.
struct Manner {
  enum class Content { with_body, head_only };
  enum class After { keep_alive, close };

  Version version = Version::http_1_1;
  Content content = Content::with_body;  ///< `head_only` for HEAD (RFC 9110 §9.3.2)
  After after = After::close;
};

/// Puts a response on the wire (RFC 9112 §4, §6). Content-Length, Transfer-Encoding, Connection and
/// Date are written here and nowhere else; a handler that sets one of them is not listened to.
class ResponseWriter {
 public:
  ResponseWriter(Channel& channel, const Manner& manner, Time now)
      : channel_(channel), manner_(manner), now_(now) {}

  /// `cut`: the client has not got all, and must be told so by cutting the connection. What a
  /// stream throws ends here; failure() says it.
  [[nodiscard]] Sent write(Response& response);
  /// Octets of the body that were sent.
  [[nodiscard]] std::uint64_t octets() const noexcept { return octets_; }
  /// Why our side could not give all of the body; empty if it could.
  [[nodiscard]] const std::string& failure() const noexcept { return failure_; }

 private:
  [[nodiscard]] std::string head(const Response& response) const;
  [[nodiscard]] std::string framing(const Response& response) const;
  [[nodiscard]] bool write_text(std::string head, const std::string& text);
  [[nodiscard]] bool write_stream(const Stream& stream);
  [[nodiscard]] bool write_chunks(const Stream& stream);
  [[nodiscard]] bool write_plain(const Stream& stream);
  [[nodiscard]] bool send(std::string_view octets);

  Channel& channel_;
  Manner manner_;
  Time now_;
  std::uint64_t octets_ = 0;
  std::string failure_;
};

}  // namespace siegel::portal
