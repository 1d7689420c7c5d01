#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gateway/mail/message.h"

namespace siegel::portal {

/// One part of a message that is fetched as a file.
struct AttachedFile {
  std::string name;          ///< as its sender called it: data, never a path
  std::uint64_t octets = 0;  ///< decoded
  /// Where its body lies within the message, in octets, and how it is encoded there.
  std::uint64_t begin = 0, length = 0;
  mail::TransferEncoding encoding = mail::TransferEncoding::bits7;
};

/// A message as a page shows it: nothing but text, and names of files. Everything is UTF-8 without
/// controls and invisible characters; what is not there is empty.
struct MessageView {
  std::string from, to, cc, subject;  ///< one line each
  std::string text;                   ///< lines end with \n
  bool is_cut = false;                ///< the text was longer; the original has all of it
  std::vector<AttachedFile> files;    ///< in their order; of HTML also the pictures within it
  std::string message_id;  ///< "<…@…>" of printable ASCII without blanks; empty if it is not so
};

/// HTML becomes its words (crypt/html_text.h); nothing is ever fetched, no markup is passed on.
/// Time and memory are linear in the message's size.
[[nodiscard]] MessageView view_of(const mail::Message& message);

}  // namespace siegel::portal
