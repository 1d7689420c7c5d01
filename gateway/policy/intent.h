#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "gateway/mail/message.h"

namespace siegel::policy {

/// What kind of message it is, as far as rules care (STANDARDS §2.4).
struct Kind {
  bool is_signed = false;     ///< S/MIME or OpenPGP signed at the top
  bool is_encrypted = false;  ///< S/MIME or OpenPGP encrypted at the top
  bool is_report = false;     ///< multipart/report: DSN, MDN, feedback
  bool is_invitation =
      false;  ///< text/calendar with method= at the top or in multipart/alternative (iMIP)
  bool is_fragment = false;        ///< message/partial or message/external-body
  bool is_auto_submitted = false;  ///< Auto-Submitted other than `no`
  bool is_list_post = false;
};
[[nodiscard]] Kind kind_of(const mail::Entity& top);

/// What the message itself asks for, whatever the way it was said.
struct Intent {
  bool encrypt = false, plain = false, sign = false;
  std::vector<std::string> tags;  ///< subject tags found, as configured, lower case, no brackets
  std::vector<std::string> encrypt_tags{};  ///< those of them that ask for encryption
};

/// Subject tags (subject.h); `Sensitivity: Company-Confidential`;
/// `X-Siegel-Encrypt|Plain|Sign: yes`; of fields that stand twice, each counts. Honoured from
/// inside only: call it for outgoing mail.
[[nodiscard]] Intent read_intent(const mail::Entity& top, const config::Tags& tags);

/// The control fields that never leave (`X-Siegel-*`).
[[nodiscard]] bool is_own_field(std::string_view field_name);

}  // namespace siegel::policy
