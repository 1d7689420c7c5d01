// neutralised() on any octets: nothing is left that a mail program would render, and doing it again
// changes nothing.

#include "gateway/crypt/neutralise.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using siegel::mail::Entity;

bool renders(const Entity& entity) {
  const std::string& subtype = entity.content_type.subtype;
  const bool is_rendered = subtype.find("html") != std::string::npos || subtype.ends_with("xml");
  return (is_rendered && entity.content_type.type != "multipart") ||
         std::ranges::any_of(entity.parts, renders);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace siegel;
  const auto message =
      mail::Message::parse(Blob(std::string(reinterpret_cast<const char*>(data), size)));
  const auto result = crypt::neutralised(message);
  if (renders(result.top())) std::abort();
  if (crypt::neutralised(result).octets() != result.octets()) std::abort();
  static_cast<void>(crypt::contradicts_charset(message.top()));
  return 0;
}
