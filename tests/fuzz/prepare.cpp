// prepare() on any octets: the result is safe for every hop or says that it is not, and preparing
// it again changes nothing.

#include "gateway/mail/prepare.h"

#include <cstdint>
#include <cstdlib>
#include <string>

#include "gateway/mail/message.h"
#include "gateway/mail/survey.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace siegel;
  const auto message =
      mail::Message::parse(Blob(std::string(reinterpret_cast<const char*>(data), size)));
  const auto prepared = mail::prepare(message);
  if (prepared.must_be_opaque) return 0;
  const Blob octets = prepared.entity.join();
  if (!mail::survey(octets.view()).is_safe()) std::abort();
  const auto again = mail::prepare(mail::Message::parse(octets));
  if (again.entity.join().view() != octets.view()) std::abort();
  return 0;
}
