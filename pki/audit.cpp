#include "pki/audit.h"

#include "pki/asn1.h"

namespace siegel::pki {
namespace {

// Lengths, so that moving a character from one field to the next gives another text.
std::string field(const std::string& text) {
  return std::to_string(text.size()) + ':' + text + ',';
}

}  // namespace

std::string chained(const TrustEvent& entry, const std::string& previous) {
  return sha256_hex(field(previous) + field(std::to_string(entry.id)) +
                    field(std::to_string(to_unix(entry.at))) + field(entry.actor) +
                    field(entry.action) + field(entry.subject) + field(entry.detail));
}

}  // namespace siegel::pki
