// Attachments are taken out of any message: what is left has none of those that went, and reading
// it again finds the same parts.

#include "gateway/mail/detach.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

/// A line end of one octet only: where a part ends there, its neighbour may be read otherwise once
/// it has gone.
bool has_bare_line_end(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\n' && (at == 0 || text[at - 1] != '\r')) return true;
    if (text[at] == '\r' && (at + 1 == text.size() || text[at + 1] != '\n')) return true;
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace siegel;
  const auto message =
      mail::Message::parse(Blob(std::string(reinterpret_cast<const char*>(data), size)));
  const auto gone = mail::attachments(message);
  if (gone.empty()) return 0;
  const auto left =
      mail::Message::parse(mail::detached(message, gone, {"notice\n", "<p>notice</p>"}).join());
  // A defect may go with the part that bore it, and what stood beside it is an attachment then.
  const bool is_sound = !left.top().is_defective() && !has_bare_line_end(message.blob().view());
  if (is_sound && mail::attachments(left).size() >= gone.size()) std::abort();
  return 0;
}
