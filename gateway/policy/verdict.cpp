#include "gateway/policy/verdict.h"

#include <algorithm>
#include <array>

namespace siegel::policy {
namespace {

/// What one signature layer contributes to the summary, taken by itself.
Summary of(Status status) noexcept {
  switch (status) {
    case Status::good:
      return Summary::good;
    case Status::bad:
      return Summary::bad;
    case Status::no_certificate:
    case Status::unknown_signer:
    case Status::untrusted:
      return Summary::untrusted;
    case Status::expired:
      return Summary::expired;
    case Status::revoked:
      return Summary::revoked;
    case Status::unchecked_revocation:
      return Summary::unchecked;
    case Status::weak:
      return Summary::weak;
    case Status::no_key:
    case Status::unsupported:
    case Status::malformed:
      break;
  }
  return Summary::malformed;
}

/// Worst first. What takes the ground from under all other findings comes first: octets that cannot
/// be read, a signature that does not fit them; then what the signature says nothing about (another
/// author, only a part); then how far the signer is to be believed; last what is good but for one
/// mark.
constexpr std::array<Summary, 10> worst_first{
    Summary::malformed, Summary::bad,       Summary::mismatch, Summary::partial,   Summary::revoked,
    Summary::expired,   Summary::untrusted, Summary::weak,     Summary::unchecked, Summary::good};

Summary worse(Summary a, Summary b) noexcept {
  return *std::ranges::find_if(worst_first, [&](Summary each) { return each == a || each == b; });
}

/// True if some signature brings its signer, so that there is somebody to compare the author with.
bool names_a_signer(const Verdict& verdict) {
  return std::ranges::any_of(verdict.layers, [](const Layer& layer) {
    return layer.form == Form::signature && layer.status != Status::no_certificate;
  });
}

}  // namespace

std::string_view name(Scheme scheme) noexcept {
  return scheme == Scheme::smime ? "smime" : "openpgp";
}

std::string_view name(Form form) noexcept {
  return form == Form::signature ? "signature" : "encryption";
}

std::string_view name(Status status) noexcept {
  switch (status) {
    case Status::good:
      return "good";
    case Status::bad:
      return "bad";
    case Status::no_certificate:
      return "no_certificate";
    case Status::unknown_signer:
      return "unknown_signer";
    case Status::untrusted:
      return "untrusted";
    case Status::expired:
      return "expired";
    case Status::revoked:
      return "revoked";
    case Status::unchecked_revocation:
      return "unchecked_revocation";
    case Status::weak:
      return "weak";
    case Status::no_key:
      return "no_key";
    case Status::unsupported:
      return "unsupported";
    case Status::malformed:
      break;
  }
  return "malformed";
}

std::string_view name(Summary summary) noexcept {
  switch (summary) {
    case Summary::good:
      return "good";
    case Summary::bad:
      return "bad";
    case Summary::untrusted:
      return "untrusted";
    case Summary::expired:
      return "expired";
    case Summary::revoked:
      return "revoked";
    case Summary::unchecked:
      return "unchecked";
    case Summary::weak:
      return "weak";
    case Summary::partial:
      return "partial";
    case Summary::mismatch:
      return "mismatch";
    case Summary::malformed:
      return "malformed";
    case Summary::none:
      break;
  }
  return "none";
}

Summary Verdict::summary() const {
  Summary result = Summary::none;
  for (const Layer& layer : layers) {
    if (layer.form != Form::signature) continue;
    const Summary alone = of(layer.status);
    result = result == Summary::none ? alone : worse(result, alone);
  }
  if (result == Summary::none) return result;
  if (!signer_is_author && names_a_signer(*this)) result = worse(result, Summary::mismatch);
  if (!covers_all) result = worse(result, Summary::partial);
  return result;
}

}  // namespace siegel::policy
