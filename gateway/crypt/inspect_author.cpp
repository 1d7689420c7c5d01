#include "gateway/crypt/inspect_author.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/utf8.h"
#include "gateway/crypt/inspect_protected.h"
#include "gateway/mail/fields.h"

namespace siegel::crypt {
namespace {

using mail::Author;
using mail::Entity;
using policy::Layer;
using policy::Status;

/// What a signature is compared with.
struct Claim {
  const Entity& top;
  Author author;
  bool fold_local_part;
};

enum class Match { exact, folded, none };

Match match(const Address& author, const Address& signer, bool fold_local_part) {
  if (author == signer) return Match::exact;
  // STANDARDS §2.7.4: many authority certificates write the local part in capitals.
  return fold_local_part && author.equals_folded(signer) ? Match::folded : Match::none;
}

/// The certificate's address that matches best; the first one if none does.
std::pair<Match, std::optional<Address>> best_match(const Claim& claim,
                                                    const std::vector<Address>& signers) {
  std::pair<Match, std::optional<Address>> best{Match::none, std::nullopt};
  for (const Address& signer : signers) {
    if (!best.second) best.second = signer;
    if (!claim.author.address) continue;
    const Match found = match(*claim.author.address, signer, claim.fold_local_part);
    if (found < best.first) best = {found, signer};
  }
  return best;
}

std::string why_no_address(const CheckedSignature& signature) {
  const smime::Verified* const smime = signature.smime();
  if (smime == nullptr)
    return "no address of the signer's key, that is not revoked, is common to all signatures";
  const bool is_unclean = smime->signer && smime->signer->has_unclean_address();
  return is_unclean ? "the address in the signer's certificate is not a clean mail address"
                    : "the signer's certificate holds no mail address";
}

std::string why_no_match(const Claim& claim, const CheckedSignature& signature) {
  if (!claim.author.address) {
    return fmt::format("the author is not clear: {}", printable(claim.author.ambiguity));
  }
  if (signature.signer_addresses().empty()) return why_no_address(signature);
  return fmt::format("signed by {}, but the message says that it is from {}",
                     printable(signature.signer_addresses().front().str()),
                     printable(claim.author.address->str()));
}

/// RFC 8550 §3 lets the Sender sign; for us it is a remark, the author is who a reader sees.
void note_sender(policy::Verdict& verdict, const Claim& claim,
                 const std::vector<Address>& signers) {
  const auto sender = mail::sender(claim.top);
  if (!sender || !claim.author.address) return;
  const bool is_sender = std::ranges::any_of(signers, [&](const Address& signer) {
    return match(*sender, signer, claim.fold_local_part) != Match::none;
  });
  if (!is_sender) return;
  verdict.notes.push_back(fmt::format("signed by the sender {} on behalf of {}",
                                      printable(sender->str()),
                                      printable(claim.author.address->str())));
}

/// True if the layer's own reason says more than a comparison of addresses could.
bool says_more_than(const Layer& layer) {
  return layer.status == Status::bad || layer.status == Status::malformed ||
         layer.status == Status::unsupported;
}

/// True if nobody knows who signed: then it is not known to be somebody else either.
bool is_anonymous(const Layer& layer) {
  return layer.status == Status::no_certificate;
}

bool is_author_of(const Entity& entity, const Claim& claim) {
  const Author inner = mail::author(entity);
  return inner.address && claim.author.address && *inner.address == *claim.author.address;
}

/// True if the signed content names another author than the message (RFC 9788 §4.1).
bool contradicts_author(const Entity& content, const Claim& claim) {
  if (content.count("From") > 0 && !is_author_of(content, claim)) return true;
  const Entity& fields = protected_fields(content);
  return &fields != &content && !is_author_of(fields, claim);
}

void note_forwarded(policy::Verdict& verdict, const Entity& content, const Claim& claim) {
  const bool is_message = content.content_type.is("message", "rfc822") && !content.parts.empty();
  if (!is_message || is_author_of(content.parts.front(), claim)) return;
  verdict.notes.emplace_back("what is signed is a message of somebody else, passed on");
}

/// True if this signature is the author's.
bool bind(Peeled& peeled, const CheckedSignature& signature, const Claim& claim) {
  policy::Verdict& verdict = peeled.verdict;
  Layer& layer = verdict.layers[signature.layer];
  auto [found, signer] = best_match(claim, signature.signer_addresses());
  layer.signer = std::move(signer);
  if (signature.content != nullptr) {
    compare_protected_fields(peeled, *signature.content, claim.top);
    note_forwarded(verdict, *signature.content, claim);
  }
  if (found == Match::none) {
    if (!says_more_than(layer) && signature.names_signer()) {
      layer.reason = why_no_match(claim, signature);
    }
    note_sender(verdict, claim, signature.signer_addresses());
    return false;
  }
  if (signature.content != nullptr && contradicts_author(*signature.content, claim)) {
    if (!says_more_than(layer)) layer.reason = "the signed From differs from the one that is shown";
    return false;
  }
  if (found == Match::folded) {
    verdict.notes.emplace_back(signature.smime() != nullptr
                                   ? "the certificate writes the address with other capital letters"
                                   : "the key writes the address with other capital letters");
  }
  return true;
}

}  // namespace

void bind_to_author(Peeled& peeled, const Entity& top, const config::SmimeSettings& settings) {
  const Claim claim{top, mail::author(top), settings.fold_local_part};
  policy::Verdict& verdict = peeled.verdict;
  peeled.author = claim.author.address;
  if (claim.author.display_spoof) {
    verdict.notes.emplace_back("the display name shows another address than the author's");
  }
  const auto signatures = std::ranges::count(verdict.layers, policy::Form::signature, &Layer::form);
  // A signature layer that was refused before it was checked has no signer at all.
  bool is_authors = static_cast<std::size_t>(signatures) == peeled.signatures.size() &&
                    std::ranges::any_of(peeled.signatures, &CheckedSignature::names_signer);
  for (const CheckedSignature& signature : peeled.signatures) {
    const bool is_this = bind(peeled, signature, claim);
    is_authors = is_authors && (is_this || is_anonymous(verdict.layers[signature.layer]));
  }
  verdict.signer_is_author = is_authors;
}

}  // namespace siegel::crypt
