// A subject as it stands in the field: decoded, and no tag of ours may be left in it.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "gateway/crypt/annotate.h"
#include "gateway/mail/compose.h"
#include "gateway/mail/fields.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace siegel;
  const config::Tags tags;
  const std::string subject =
      mail::decode_text(std::string_view(reinterpret_cast<const char*>(data), size));
  const std::string stripped = crypt::without_display_tags(subject, tags);
  if (crypt::without_display_tags(stripped, tags) != stripped) std::abort();
  if (stripped.find("[signiert]") != std::string::npos) std::abort();
  // What we write is what we read again.
  const auto message = mail::Message::parse(Blob(mail::make_field("Subject", stripped) + "\r\n"));
  const std::string again = mail::subject(message.top());
  if (crypt::without_display_tags(again, tags) != again) std::abort();
  return 0;
}
