#include "gateway/crypt/annotate_standing.h"

#include <algorithm>

namespace siegel::crypt {
namespace {

using policy::Form;
using policy::Layer;
using policy::Status;
using policy::Summary;

bool is_accepted(const Layer& layer) {
  if (layer.form != Form::signature || layer.status == Status::good) return true;
  // STANDARDS §2.1 (weak by policy), §5.4 (an anchor whose lists may be out of reach).
  return (layer.status == Status::weak && layer.accepted_weak) ||
         (layer.status == Status::unchecked_revocation && layer.soft_fail);
}

/// True if a signature is there that is wrong, and not only of a kind that we cannot check.
bool is_wrong(const Layer& layer) {
  return layer.form == Form::signature &&
         (layer.status == Status::malformed || layer.status == Status::bad);
}

}  // namespace

Standing standing_of(const policy::Verdict& verdict) {
  switch (verdict.summary()) {
    case Summary::none:
      return Standing::none;
    case Summary::good:
      return Standing::accepted;
    case Summary::weak:
    case Summary::unchecked:
      return std::ranges::all_of(verdict.layers, is_accepted) ? Standing::accepted
                                                              : Standing::doubtful;
    case Summary::untrusted:
    case Summary::partial:
      return Standing::doubtful;
    case Summary::malformed:
      // STANDARDS §1.1: what we cannot check (OpenPGP, EdDSA) is not shown as broken: it may be
      // right.
      return std::ranges::any_of(verdict.layers, is_wrong) ? Standing::rejected
                                                           : Standing::doubtful;
    case Summary::bad:
    case Summary::mismatch:
    case Summary::revoked:
    case Summary::expired:
      break;
  }
  return Standing::rejected;
}

const Layer* telling_layer(const policy::Verdict& verdict) {
  const Layer* telling = nullptr;
  policy::Verdict alone;
  alone.signer_is_author = verdict.signer_is_author;
  alone.covers_all = verdict.covers_all;
  for (const Layer& layer : verdict.layers) {
    if (layer.form != Form::signature) continue;
    if (telling == nullptr) telling = &layer;
    alone.layers = {layer};
    if (alone.summary() == verdict.summary()) return &layer;
  }
  return telling;
}

}  // namespace siegel::crypt
