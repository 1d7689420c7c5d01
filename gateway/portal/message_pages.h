#pragma once

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "gateway/portal/message_view.h"
#include "gateway/portal/reading_places.h"
#include "gateway/portal/visitor.h"

namespace siegel::portal {

/// A message that is open, and where its pages are: "/v/…".
struct Reading {
  transfer::Ticket ticket;
  std::string url;
  MessageView view;
};

/// Opens sealed messages. One lies in memory as a whole while it is read, in clear and nowhere
/// else: only a few at one time. Thread-safe.
class MessageReader {
 public:
  explicit MessageReader(const Desk& desk) : desk_(desk) {}

  /// By the ticket in the request's path; nothing if it is wrong, over, or another browser's.
  /// Throws Error{world} if all places stay taken: come back soon (503 with Retry-After).
  [[nodiscard]] std::optional<Reading> read(const Visitor& visitor, const Request& request);

 private:
  [[nodiscard]] MessageView view(const transfer::Ticket& ticket);

  const Desk& desk_;
  ReadingPlaces places_;
};

/// What whoever came through the door of a message sees (pickup_pages.h), in this browser, for a
/// day: /v/{ticket} the message, /v/{ticket}/file/{number} what is attached, /v/{ticket}/original
/// all of it; POST to /v/{ticket}/answer answers (message_answer.cpp). Works without JavaScript.
/// REQUIRES: `desk` and `reader` live longer than the router.
void add_message_pages(Router& router, const Desk& desk, MessageReader& reader);

/// Nothing if it is wrong, over, or another browser's.
[[nodiscard]] std::optional<transfer::Ticket> message_ticket(const Desk& desk,
                                                             const Visitor& visitor,
                                                             const std::string& text);

/// An answer that was refused, to be mended.
struct Attempt {
  Form form{};
  nlohmann::json problems = nlohmann::json::object();
};
/// The page.
[[nodiscard]] Response show_message(const Desk& desk, const Visitor& visitor,
                                    const Reading& reading, const Attempt& attempt);
/// The limits of what an answer may enclose: it has to pass as a mail.
[[nodiscard]] config::TransferLimits answer_limits(const config::Config& config);
/// message_answer.cpp.
[[nodiscard]] Response answer_message(const Desk& desk, MessageReader& reader, Request& request);

}  // namespace siegel::portal
