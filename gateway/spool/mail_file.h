#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/blob.h"

/// The file in which a message is committed: the first state and the octets of each of its items.
/// It is written once and never changed. Grammar: docs/FORMATS.md, "Spool".
namespace siegel::spool {

/// One item as it was committed.
struct MailPart {
  std::string state;  ///< text of write_state
  Octets message;
};

/// The whole file. Items that were given the very same octets share them.
[[nodiscard]] Octets write_mail_file(const std::vector<MailPart>& parts);

/// The items of a file; the messages are views into it. Nothing if the file was cut or damaged: its
/// head is checked by a sum, and its length must be what the head says. At most 10,000 items.
[[nodiscard]] std::optional<std::vector<MailPart>> read_mail_file(const Blob& file);

}  // namespace siegel::spool
