#include "gateway/crypt/inspect_opened.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/utf8.h"

namespace siegel::crypt {

using mail::Defect;
using mail::Entity;

void make_undecryptable(policy::Layer& layer) {
  layer.status = policy::Status::bad;
  layer.reason = "the message could not be decrypted: it was damaged or altered";
  layer.algorithm.clear();
}

bool is_well_formed(const mail::Message& entity) {
  const Entity& top = entity.top();
  const auto is_readable = [](char c) {
    return !ascii::is_control(c) || c == '\t' || c == '\r' || c == '\n';
  };
  const auto is_tolerable = [](Defect defect) {
    return defect == Defect::line_too_long || defect == Defect::missing_close_delimiter ||
           defect == Defect::base64_junk || defect == Defect::duplicate_field;
  };
  // An entity may have no fields at all (RFC 2045 §5.2); then it begins with the empty line.
  return (!top.fields.empty() || top.head == "\r\n") &&
         std::ranges::all_of(top.head, is_readable) && is_utf8(top.head) &&
         std::ranges::all_of(top.defects, is_tolerable);
}

std::string with_crlf(std::string text) {
  std::string result;
  std::size_t copied = 0;
  for (std::size_t at = text.find_first_of("\r\n"); at != std::string::npos;
       at = text.find_first_of("\r\n", at)) {
    if (text[at] == '\r' && at + 1 < text.size() && text[at + 1] == '\n') {
      at += 2;
      continue;
    }
    result.append(text, copied, at - copied).append("\r\n");
    copied = ++at;
  }
  if (copied == 0) return text;
  return result.append(text, copied);
}

}  // namespace siegel::crypt
