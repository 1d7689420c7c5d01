#include "gateway/crypt/header_names.h"

#include <algorithm>
#include <span>

#include "base/ascii.h"

namespace siegel::crypt {
namespace {

bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
  return std::ranges::any_of(
      names, [&](std::string_view known) { return ascii::equals_ignoring_case(name, known); });
}

}  // namespace

bool is_structural_field(std::string_view name) {
  return ascii::starts_ignoring_case(name, "Content-") ||
         ascii::equals_ignoring_case(name, "MIME-Version");
}

bool is_outside_field(std::string_view name) {
  static constexpr std::string_view names[]{"Received",
                                            "Return-Path",
                                            "Delivered-To",
                                            "X-Original-To",
                                            "X-Received",
                                            "Received-SPF",
                                            "DKIM-Signature",
                                            "DomainKey-Signature",
                                            "Authentication-Results",
                                            "Bcc",
                                            "Autocrypt",
                                            "Autocrypt-Gossip",
                                            "HP-Outer"};
  return is_one_of(name, names) || ascii::starts_ignoring_case(name, "Resent-") ||
         ascii::starts_ignoring_case(name, "ARC-");
}

bool is_user_facing_field(std::string_view name) {
  static constexpr std::string_view names[]{"From", "Sender", "Reply-To", "Followup-To",
                                            "To",   "Cc",     "Subject",  "Date"};
  return is_one_of(name, names);
}

bool is_address_field(std::string_view name) {
  return is_user_facing_field(name) && !ascii::equals_ignoring_case(name, "Subject") &&
         !ascii::equals_ignoring_case(name, "Date");
}

bool is_structured_field(std::string_view name) {
  static constexpr std::string_view names[]{"Date", "Message-ID", "In-Reply-To", "References"};
  return is_address_field(name) || is_one_of(name, names) ||
         ascii::starts_ignoring_case(name, "List-") ||
         ascii::equals_ignoring_case(name, "Disposition-Notification-To");
}

bool is_informational_field(std::string_view name) {
  static constexpr std::string_view names[]{"Subject", "Keywords", "Comments", "Thread-Topic"};
  return is_one_of(name, names);
}

bool is_field_name(std::string_view name) {
  return !name.empty() &&
         std::ranges::all_of(name, [](char c) { return c > ' ' && c < '\x7F' && c != ':'; });
}

}  // namespace siegel::crypt
