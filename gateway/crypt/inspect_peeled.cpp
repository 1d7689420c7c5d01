#include "gateway/crypt/inspect_peel.h"

namespace siegel::crypt {

const smime::Verified* CheckedSignature::smime() const {
  return std::get_if<smime::Verified>(&verified);
}

const openpgp::Verified* CheckedSignature::openpgp() const {
  return std::get_if<openpgp::Verified>(&verified);
}

const std::vector<Address>& CheckedSignature::signer_addresses() const {
  return std::visit(
      [](const auto& each) -> const std::vector<Address>& { return each.signer_addresses; },
      verified);
}

bool CheckedSignature::names_signer() const {
  return std::visit([](const auto& each) { return each.signer.has_value(); }, verified);
}

bool CheckedSignature::is_authentic() const {
  return std::visit([](const auto& each) { return each.is_authentic; }, verified);
}

std::optional<Time> CheckedSignature::signing_time() const {
  return std::visit([](const auto& each) { return each.signing_time; }, verified);
}

void Peeled::leave_uncovered(std::string why) {
  verdict.covers_all = false;
  if (gap.empty()) {
    gap = std::move(why);
  } else {
    verdict.notes.push_back(std::move(why));
  }
}

}  // namespace siegel::crypt
