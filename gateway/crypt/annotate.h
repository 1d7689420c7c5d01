#pragma once

#include <string>

#include "config/config.h"
#include "gateway/mail/compose.h"
#include "gateway/mail/message.h"
#include "gateway/policy/verdict.h"

/// The verdict as it is shown, and the removal of everything that pretends to be it (DESIGN §8,
///
namespace siegel::crypt {

/// `Authentication-Results` value without the field name (RFC 8601, RFC 7281).
[[nodiscard]] std::string authentication_results(const policy::Verdict& verdict,
                                                 const std::string& our_name);
/// `X-Siegel-Verdict` value.
[[nodiscard]] std::string verdict_value(const policy::Verdict& verdict);
/// The subject with our display tags; tags that came with it are removed first, and so are controls
/// that turn text around until it looks like one.
[[nodiscard]] std::string annotated_subject(const std::string& subject,
                                            const policy::Verdict& verdict,
                                            const config::Tags& tags);
/// Removes every look-alike of our display tags: decided after NFKC and without invisible
/// characters.
[[nodiscard]] std::string without_display_tags(const std::string& subject,
                                               const config::Tags& tags);

/// True for every field that only we may write: X-Siegel-*, and Authentication-Results with our
/// authserv-id (RFC 8601 §5).
[[nodiscard]] bool is_forged_mark(const mail::Field& field, const std::string& our_name);

/// Strips forged marks from the head and adds ours.
void annotate(mail::HeadEdit& head, const mail::Message& message, const policy::Verdict& verdict,
              const config::Config& config);

}  // namespace siegel::crypt
