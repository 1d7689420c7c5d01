#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "gateway/mail/message.h"
#include "gateway/policy/tag_stripper.h"

/// What a Subject asks of us, and the same Subject without it. Both are found by one reading, so
/// that a wish that is taken out has been heard.
namespace siegel::policy {

struct SubjectReading {
  std::vector<std::string> tags;  ///< control tags as configured, lower case, no brackets
  /// Without our control tags and display tags; the very text that was read if there are none.
  std::string rest;
  bool has_tags = false;  ///< of either kind
};

/// Control tags stand at either end, before or behind reply prefixes ("AW:") and our display tags.
/// They are compared as TagStripper compares: in any case, with any brackets, whatever invisible
/// characters lie between.
[[nodiscard]] SubjectReading read_subject(std::string_view subject, const config::Tags& tags);
/// The same of a received field, whatever its character set (mail::guess_text).
[[nodiscard]] SubjectReading read_subject(const mail::Field& subject, const config::Tags& tags);

/// True if `tag` is one of `known`, compared alike.
[[nodiscard]] bool is_tag_of(const std::vector<std::string>& known, std::string_view tag);

/// What removes our display tags.
[[nodiscard]] TagStripper display_tags(const config::Tags& tags);

}  // namespace siegel::policy
