// Attachments are taken out of any message: what is left has none of those that went, and reading
// it again finds the same parts.

#include "gateway/mail/detach.h"

#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace siegel;
  const auto message =
      mail::Message::parse(Blob(std::string(reinterpret_cast<const char*>(data), size)));
  const auto gone = mail::attachments(message);
  if (gone.empty()) return 0;
  const auto left =
      mail::Message::parse(mail::detached(message, gone, {"notice\n", "<p>notice</p>"}).join());
  // A defect may go with the part that bore it, and what stood beside it is an attachment then.
  const bool is_sound = !message.top().is_defective() && !left.top().is_defective();
  if (is_sound && mail::attachments(left).size() >= gone.size()) std::abort();
  return 0;
}
