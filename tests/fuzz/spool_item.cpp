// The spool's two formats, given any octets: no crash, and what was accepted can be written and
// read again as the same. The sums are made right, or a fuzzer would never get past them.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "gateway/spool/fingerprint.h"
#include "gateway/spool/mail_file.h"
#include "gateway/spool/spool.h"

namespace {

using namespace siegel;

std::string with_right_sum(std::string_view text) {
  return std::string(text) + "sum " + spool::fingerprint_text(text) + "\n";
}

void read_as_state(std::string_view text) {
  const auto item = spool::read_state(text);
  if (!item) return;
  const std::string written = spool::write_state(*item);
  const auto again = spool::read_state(written);
  if (!again || spool::write_state(*again) != written) std::abort();
}

void read_as_mail_file(const Blob& file) {
  const auto parts = spool::read_mail_file(file);
  if (!parts) return;
  std::size_t octets = 0;
  for (const spool::MailPart& part : *parts) {
    octets += part.message.join().view().size();
    read_as_state(part.state);
  }
  if (octets > parts->size() * file.size()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  read_as_state(text);
  read_as_state(with_right_sum(text));
  read_as_mail_file(Blob(text));
  // An empty line stands for the sum of a message file's head.
  const std::size_t gap = text.find("\n\n");
  if (gap != std::string::npos)
    read_as_mail_file(Blob(with_right_sum(text.substr(0, gap + 1)) + text.substr(gap + 2)));
  return 0;
}
