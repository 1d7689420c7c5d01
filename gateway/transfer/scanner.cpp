#include "gateway/transfer/scanner.h"

#include <array>

#include <Poco/Exception.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/Timespan.h>

#include "base/utf8.h"

namespace siegel::transfer {
namespace {

constexpr std::string_view by_path = "unix:", by_port = "tcp:";
constexpr int connect_seconds = 10, io_seconds = 120;
constexpr std::size_t answer_limit = 4096;

Poco::Net::StreamSocket connect(const std::string& socket) {
  using Poco::Net::SocketAddress;
  const auto address =
      socket.starts_with(by_path)
          ? SocketAddress(SocketAddress::Family::UNIX_LOCAL, socket.substr(by_path.size()))
          : SocketAddress(socket.substr(by_port.size()));
  Poco::Net::StreamSocket made;
  made.connect(address, Poco::Timespan(connect_seconds, 0));
  made.setSendTimeout(Poco::Timespan(io_seconds, 0));
  made.setReceiveTimeout(Poco::Timespan(io_seconds, 0));
  return made;
}

void send_all(Poco::Net::StreamSocket& socket, std::string_view octets) {
  while (!octets.empty()) {
    const int sent = socket.sendBytes(octets.data(), static_cast<int>(octets.size()));
    if (sent <= 0) throw Poco::IOException("clamd takes no more");
    octets.remove_prefix(static_cast<std::size_t>(sent));
  }
}

/// A length of four octets, the most significant first, before each piece.
std::string length_of(std::size_t size) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8)
    text += static_cast<char>((size >> static_cast<unsigned>(shift)) & 0xffU);
  return text;
}

/// One answer ends with a NUL, because the command began with `z`.
std::string receive_answer(Poco::Net::StreamSocket& socket) {
  std::string answer;
  std::array<char, 512> part{};
  while (answer.size() < answer_limit && answer.find('\0') == std::string::npos) {
    const int got = socket.receiveBytes(part.data(), static_cast<int>(part.size()));
    if (got <= 0) break;
    answer.append(part.data(), static_cast<std::size_t>(got));
  }
  return answer.substr(0, answer.find('\0'));
}

void send_stream(Poco::Net::StreamSocket& socket, const Pieces& pieces) {
  send_all(socket, std::string_view("zINSTREAM\0", 10));
  for (auto piece = pieces(); !piece.empty(); piece = pieces()) {
    send_all(socket, length_of(piece.size()));
    send_all(socket, piece);
  }
  send_all(socket, length_of(0));
}

std::string converse(Poco::Net::StreamSocket& socket, const Pieces& pieces) {
  try {
    send_stream(socket, pieces);
  } catch (const Poco::Exception&) {
    // A stream that is too large for it clamd answers, and hangs up.
    std::string answer = receive_answer(socket);
    if (answer.empty()) throw;
    return answer;
  }
  return receive_answer(socket);
}

ScanResult understand(const std::string& answer) {
  constexpr std::string_view prefix = "stream: ", found = " FOUND";
  if (answer == "stream: OK") return Clean{};
  if (answer.starts_with(prefix) && answer.ends_with(found))
    return Infected{printable(std::string_view(answer).substr(
        prefix.size(), answer.size() - prefix.size() - found.size()))};
  if (answer.find("size limit exceeded") != std::string::npos) return TooLarge{};
  return ScannerAway{answer.empty() ? "clamd hung up" : "clamd answers: " + printable(answer)};
}

}  // namespace

ScanResult Scanner::scan(const Pieces& pieces) const {
  try {
    auto socket = connect(socket_);
    return understand(converse(socket, pieces));
  } catch (const Poco::Exception& problem) {
    return ScannerAway{"clamd at " + socket_ + ": " + problem.displayText()};
  }
}

}  // namespace siegel::transfer
