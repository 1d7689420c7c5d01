#include "pki/provenance.h"

namespace siegel::pki {
namespace {

constexpr std::string_view everybody = "*";

}  // namespace

std::string_view name(Provenance provenance) noexcept {
  switch (provenance) {
    case Provenance::admin:
      return "admin";
    case Provenance::directory:
      return "directory";
    case Provenance::harvested:
      return "harvested";
    case Provenance::foreign_directory:
      return "foreign-directory";
    case Provenance::dns:
      return "dns";
    case Provenance::autocrypt:
      return "autocrypt";
  }
  return "autocrypt";
}

std::string_view name(Learned learned) noexcept {
  switch (learned) {
    case Learned::added:
      return "added";
    case Learned::refreshed:
      return "refreshed";
    case Learned::unchanged:
      return "unchanged";
    case Learned::pending:
      return "pending";
    case Learned::ignored:
      return "ignored";
  }
  return "ignored";
}

std::optional<Address> domain_wide(const Address& address) {
  return Address::parse(std::string(everybody) + '@' + address.domain());
}

bool is_domain_wide(const Address& address) {
  return address.local() == everybody;
}

}  // namespace siegel::pki
