// The layers of OpenPGP (RFC 3156).

#include "base/ascii.h"
#include "gateway/crypt/inspect_opened.h"
#include "gateway/crypt/inspect_peel.h"

namespace siegel::crypt {

using mail::Entity;
using policy::Form;
using policy::Layer;
using policy::Scheme;
using policy::Status;

namespace {

/// A detached signature holds a few hundred octets; RFC 4880 §5.2.3 lets it carry notations.
constexpr std::size_t signature_octets_limit = std::size_t{64} << 10U;

}  // namespace

bool Peeler::peel_openpgp_signed() {
  const pki::OpenPgpKeys* const keys = keys_.openpgp();
  if (keys == nullptr) return refuse_openpgp_unset(Form::signature);
  if (auto fault = fault_of_detached(*node_))
    return refuse_openpgp(Form::signature, Status::malformed, *std::move(fault));
  const Entity& multipart = *node_;
  const Entity& covered = multipart.parts.front();
  const std::string signature = multipart.parts.back().decoded_body();
  if (signature.size() > signature_octets_limit)
    return refuse_openpgp(Form::signature, Status::malformed,
                          "the signature is too large to be one");
  if (!is_alone_in_multipart(multipart))
    result_.leave_uncovered("there is text before or after the signed part that is not signed");
  const std::string part = child_path(path_, 2);
  path_ = child_path(path_, 1);
  enter(multipart.parts.back());
  enter(covered);
  add_attached_keys(result_.brought, covered, *keys);
  const auto candidates = openpgp_candidates();
  const auto signatures =
      keys->gpg().verify(signature, covered.octets, openpgp::keys_of(candidates));
  const Address* const author = author_ ? &*author_ : nullptr;
  add_signature(openpgp::judge(signatures, candidates, author, settings_), &covered, part);
  return true;
}

bool Peeler::peel_openpgp_encrypted() {
  if (!is_openpgp_sealed(*node_))
    return refuse_openpgp(Form::encryption, Status::malformed,
                          "the message claims to be encrypted by OpenPGP and is not");
  const pki::OpenPgpKeys* const keys = keys_.openpgp();
  if (keys == nullptr) return refuse_openpgp_unset(Form::encryption);
  if (has_opened(Scheme::openpgp))
    return refuse_openpgp(Form::encryption, Status::malformed,
                          "only one encryption of a message is opened");
  const auto candidates = openpgp_candidates();
  const std::string sealed = node_->parts.back().decoded_body();
  return open_openpgp(keys->gpg().decrypt(sealed, openpgp::keys_of(candidates)), candidates);
}

/// RFC 3156 §6.2: the signature may be within the encryption; then it is a layer of its own, and
/// covers all that came out.
bool Peeler::open_openpgp(pki::OpenPgpDecrypted decrypted,
                          const std::vector<openpgp::Candidate>& candidates) {
  Layer layer = openpgp::layer_of(decrypted);
  if (layer.status != Status::good) {
    if (layer.status == Status::bad) make_undecryptable(layer);
    result_.verdict.layers.push_back(std::move(layer));
    return false;
  }
  const Entity& content = own(with_crlf(std::move(decrypted.content)));
  const bool is_entity = is_well_formed(result_.unwrapped.back());
  if (!is_entity) make_undecryptable(layer);
  result_.verdict.layers.push_back(std::move(layer));
  if (!is_entity) return false;
  decrypted_ = &result_.unwrapped.back();
  enter(content);
  if (!decrypted.signatures.empty()) {
    const Address* const author = author_ ? &*author_ : nullptr;
    add_signature(openpgp::judge(decrypted.signatures, candidates, author, settings_), &content,
                  path_.empty() ? "1" : path_);
  }
  return true;
}

/// Only here is the field Autocrypt looked at: mail that is not OpenPGP's does not depend on gpg.
std::vector<openpgp::Candidate> Peeler::openpgp_candidates() {
  if (!result_.has_read_autocrypt) add_autocrypt_key(result_.brought, *top_, *keys_.openpgp());
  result_.has_read_autocrypt = true;
  std::vector<pki::OpenPgpKey> brought;
  for (const BroughtKey& each : result_.brought.keys) brought.push_back(each.key);
  return openpgp::candidates_for(author_, *keys_.openpgp(), at_, std::move(brought));
}

/// Without OpenPGP, a signature that we cannot check must never look like none or like a good one.
bool Peeler::refuse_openpgp_unset(Form form) {
  const Status status = form == Form::signature ? Status::unsupported : Status::no_key;
  return refuse_openpgp(form, status, "OpenPGP is not set up here; the message was left as it is");
}

bool Peeler::refuse_openpgp(Form form, Status status, std::string reason) {
  refuse(form, status, std::move(reason));
  result_.verdict.layers.back().scheme = Scheme::openpgp;
  return false;
}

/// A signed part that nobody here can check says nothing, also not that only a part is signed.
bool Peeler::is_unset_openpgp(const Entity& entity) const {
  return keys_.openpgp() == nullptr && wrapping_of(entity) == Wrapping::openpgp_signed;
}

}  // namespace siegel::crypt
