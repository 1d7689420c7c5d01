// Message::parse on any octets: no crash, and every view lies where it must.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "gateway/mail/message.h"

namespace {

using siegel::mail::Entity;

void demand(bool holds) {
  if (!holds) std::abort();
}

bool lies_within(std::string_view inner, std::string_view outer) {
  return inner.empty() || (inner.data() >= outer.data() &&
                           inner.data() + inner.size() <= outer.data() + outer.size());
}

void check(const Entity& entity, std::string_view outer) {
  demand(lies_within(entity.octets, outer));
  demand(entity.head.size() + entity.body.size() == entity.octets.size());
  demand(lies_within(entity.preamble, entity.body) && lies_within(entity.epilogue, entity.body));
  for (const auto& field : entity.fields)
    demand(lies_within(field.octets, entity.head) && lies_within(field.name, field.octets) &&
           lies_within(field.body, field.octets));
  demand(entity.decoded_body().size() <= entity.body.size());
  const char* end = entity.body.data();
  for (const Entity& part : entity.parts) {
    demand(part.octets.data() >= end);  // in order, and none over another
    end = part.octets.data() + part.octets.size();
    check(part, entity.body);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto message = siegel::mail::Message::parse(
      siegel::Blob(std::string(reinterpret_cast<const char*>(data), size)));
  check(message.top(), message.octets());
  return 0;
}
