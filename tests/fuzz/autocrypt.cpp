// A header from anybody: what its field Autocrypt says, and when it was written.

#include "gateway/crypt/autocrypt.h"

#include <cstdint>
#include <cstdlib>
#include <string>

#include "gateway/mail/date.h"
#include "gateway/mail/fields.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace siegel;
  const auto message =
      mail::Message::parse(Blob(std::string(reinterpret_cast<const char*>(data), size)));
  static_cast<void>(mail::date(message.top()));
  const auto said = crypt::autocrypt::read(message.top());
  if (!said) return 0;
  if (said->key.empty() || said->key.size() > (std::size_t{64} << 10U)) std::abort();
  const auto author = mail::author(message.top()).address;
  if (!author) std::abort();
  // What we write of it is what we read again.
  const pki::OpenPgpKey key{.octets = said->key, .subkeys = {}, .user_ids = {}};
  const auto again = mail::Message::parse(Blob(
      "From: " + author->str() + "\r\n" + crypt::autocrypt::make_field(*author, key) + "\r\n"));
  const auto heard = crypt::autocrypt::read(again.top());
  if (!author->is_international() && (!heard || heard->key != said->key)) std::abort();
  return 0;
}
