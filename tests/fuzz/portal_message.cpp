// Any message becomes a page's text, harmless, and files that lie within it and are decoded in
// pieces as they are as a whole.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/utf8.h"
#include "gateway/mail/body_decoder.h"
#include "gateway/portal/message_view.h"

namespace {

using namespace siegel;

void demand(bool holds) {
  if (!holds) std::abort();
}

void demand_shown(std::string_view text, bool may_have_lines) {
  while (!text.empty()) {
    const auto point = first_code_point(text);
    demand(point.has_value() && !is_invisible(point->value));
    demand(point->value >= 0x20 || point->value == '\t' ||
           (may_have_lines && point->value == '\n'));
    demand(point->value < 0x7f || point->value >= 0xa0);
    text.remove_prefix(point->octets);
  }
}

std::uint64_t decoded_length(std::string_view octets, const portal::AttachedFile& file) {
  mail::BodyDecoder decoder(file.encoding);
  std::string_view body = octets.substr(file.begin, file.length);
  std::uint64_t length = 0;
  constexpr std::size_t piece = 7;
  for (; !body.empty(); body.remove_prefix(std::min(piece, body.size())))
    length += decoder.take(body.substr(0, piece)).size();
  return length + decoder.finish().size();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string octets(reinterpret_cast<const char*>(data), size);
  const portal::MessageView view = portal::view_of(mail::Message::parse(Blob(octets)));
  for (const auto* line : {&view.from, &view.to, &view.cc, &view.subject, &view.message_id})
    demand_shown(*line, false);
  demand_shown(view.text, true);
  demand(view.message_id.find_first_of(" \t") == std::string::npos);
  for (const portal::AttachedFile& file : view.files) {
    demand(!file.name.empty());
    demand_shown(file.name, false);
    demand(file.begin <= size && file.length <= size - file.begin);
    demand(decoded_length(octets, file) == file.octets);
  }
  return 0;
}
