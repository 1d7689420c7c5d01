#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "gateway/portal/fields.h"

namespace siegel::portal {

/// A body that is pulled piece by piece while it is sent; pieces of 64 KiB go at full speed. If
/// `next` throws, or gives more or less than `length`, the connection is cut, so that no client
/// takes a part for the whole.
struct Stream {
  /// The next piece, valid up to the next call; empty at the end.
  std::function<std::string_view()> next;
  /// In octets; without it the client gets chunks and cannot show its progress.
  std::optional<std::uint64_t> length;
};

/// What became of a response: whether the last octet went to the client's side.
enum class Sent { whole, cut };

/// One HTTP response. The security fields of security_fields.h are added when it is sent.
struct Response {
  int status = 200;
  Fields fields;
  std::variant<std::string, Stream> body;
  /// Called once when the response has gone or failed, also that to a HEAD; may be empty. Must not
  /// throw.
  std::function<void(Sent)> then;

  static Response text(int status, std::string_view content_type, std::string text) {
    Response response{status, {}, std::move(text), {}};
    response.fields.set("Content-Type", content_type);
    return response;
  }
  static Response html(int status, std::string page) {
    return text(status, "text/html; charset=utf-8", std::move(page));
  }
  static Response stream(int status, std::string_view content_type, Stream stream) {
    Response response{status, {}, std::move(stream), {}};
    response.fields.set("Content-Type", content_type);
    return response;
  }
  static Response empty(int status) { return Response{status, {}, {}, {}}; }
  /// 303: the browser fetches `location` by GET, whatever it did before (RFC 9110 §15.4.4).
  static Response see_other(std::string_view location) {
    Response response = empty(303);
    response.fields.set("Location", location);
    return response;
  }
};

}  // namespace siegel::portal
