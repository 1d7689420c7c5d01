#pragma once

#include <string>
#include <vector>

#include "base/blob.h"
#include "gateway/mail/envelope.h"
#include "pki/enrol/reminder.h"

namespace siegel::relay {

/// One digest for one person.
struct Reminder {
  std::string our_name;  ///< of the gateway
  Address from, to;
  Time now;
  std::vector<pki::enrol::Matter> matters;  ///< at least one
};

/// Plain text, German and English: each matter with its mailbox, what is to be done, by when, since
/// when it waits and the next command. Auto-Submitted: auto-generated (RFC 3834 §5), so that no
/// machine answers.
[[nodiscard]] Blob write_reminder(const Reminder& reminder);

/// As if the mailbox had sent it from inside, so that the rules sign it: not the null reverse-path,
/// which is for reports and never signed. What cannot be delivered comes back to the mailbox, and
/// nothing answers that.
[[nodiscard]] mail::Envelope envelope_of(const Reminder& reminder);

}  // namespace siegel::relay
