#include "gateway/portal/response_writer.h"

#include <algorithm>
#include <array>
#include <exception>

#include <fmt/format.h>

#include "base/ascii.h"
#include "gateway/portal/problem.h"

namespace siegel::portal {
namespace {

constexpr std::size_t small_body = std::size_t{32} * 1024;  // goes together with its head

constexpr std::array<std::string_view, 4> own_fields{"Connection", "Content-Length", "Date",
                                                     "Transfer-Encoding"};

bool is_own_field(std::string_view name) {
  return std::ranges::any_of(own_fields,
                             [&](auto own) { return ascii::equals_ignoring_case(own, name); });
}

// RFC 9110 §6.4.1: these never have a body, not even an empty one.
bool is_bodiless(int status) {
  return status < 200 || status == 204 || status == 304;
}

// RFC 9110 §5.6.7: IMF-fixdate
std::string http_date(Time time) {
  std::string date = rfc5322_date(time);
  return date.replace(date.rfind(' ') + 1, std::string::npos, "GMT");
}

}  // namespace

Sent ResponseWriter::write(Response& response) {
  const auto* const text = std::get_if<std::string>(&response.body);
  const bool bodiless =
      manner_.content == Manner::Content::head_only || is_bodiless(response.status);
  bool whole = false;
  if (bodiless)
    whole = send(head(response));
  else if (text != nullptr)
    whole = write_text(head(response), *text);
  else
    whole = send(head(response)) && write_stream(std::get<Stream>(response.body));
  return whole ? Sent::whole : Sent::cut;
}

bool ResponseWriter::send(std::string_view octets) {
  return channel_.write(octets) == Channel::State::ready;
}

std::string ResponseWriter::head(const Response& response) const {
  std::string text =
      fmt::format("HTTP/1.1 {} {}\r\n", response.status, reason_phrase(response.status));
  for (const auto& [name, value] : response.fields.all()) {
    if (!is_own_field(name)) text += fmt::format("{}: {}\r\n", name, value);
  }
  text += "Date: " + http_date(now_) + "\r\n" + framing(response);
  if (manner_.after == Manner::After::close) text += "Connection: close\r\n";
  return text + "\r\n";
}

std::string ResponseWriter::framing(const Response& response) const {
  if (is_bodiless(response.status)) return {};
  const auto* const text = std::get_if<std::string>(&response.body);
  if (text != nullptr) return fmt::format("Content-Length: {}\r\n", text->size());
  const auto length = std::get<Stream>(response.body).length;
  if (length) return fmt::format("Content-Length: {}\r\n", *length);
  // RFC 9112 §6.1: no chunks for 1.0; there the end of the connection ends the body.
  return manner_.version == Version::http_1_1 ? "Transfer-Encoding: chunked\r\n" : "";
}

bool ResponseWriter::write_text(std::string head, const std::string& text) {
  octets_ = text.size();
  if (text.size() > small_body) return send(head) && send(text);
  return send(head += text);
}

bool ResponseWriter::write_stream(const Stream& stream) {
  try {
    const bool chunked = !stream.length && manner_.version == Version::http_1_1;
    return chunked ? write_chunks(stream) : write_plain(stream);
  } catch (const std::exception& failed) {
    failure_ = failed.what();
    return false;
  }
}

bool ResponseWriter::write_plain(const Stream& stream) {
  for (std::string_view piece = stream.next(); !piece.empty(); piece = stream.next()) {
    // Not one octet more than was announced: the client would take it for the next response.
    if (stream.length && piece.size() > *stream.length - octets_) {
      failure_ = "the stream is longer than it said";
      return false;
    }
    if (!send(piece)) return false;
    octets_ += piece.size();
  }
  if (!stream.length || octets_ == *stream.length) return true;
  failure_ = "the stream is shorter than it said";
  return false;
}

// RFC 9112 §7.1
bool ResponseWriter::write_chunks(const Stream& stream) {
  std::string before;
  for (std::string_view piece = stream.next(); !piece.empty(); piece = stream.next()) {
    before += fmt::format("{:x}\r\n", piece.size());
    if (!send(before) || !send(piece)) return false;
    octets_ += piece.size();
    before = "\r\n";
  }
  return send(before + "0\r\n\r\n");
}

}  // namespace siegel::portal
