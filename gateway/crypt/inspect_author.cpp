#include "gateway/crypt/inspect_author.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/utf8.h"
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

std::string why_no_match(const Claim& claim, const smime::Verified& verified) {
  if (!claim.author.address) {
    return fmt::format("the author is not clear: {}", printable(claim.author.ambiguity));
  }
  if (verified.signer_addresses.empty()) {
    const bool is_unclean = verified.signer && verified.signer->has_unclean_address();
    return is_unclean ? "the address in the signer's certificate is not a clean mail address"
                      : "the signer's certificate holds no mail address";
  }
  return fmt::format("signed by {}, but the message says that it is from {}",
                     printable(verified.signer_addresses.front().str()),
                     printable(claim.author.address->str()));
}

/// RFC 8550 §3 lets the Sender sign; for us it is a remark, the author is who a reader sees.
void note_sender(policy::Verdict& verdict, const Claim& claim, const smime::Verified& verified) {
  const auto sender = mail::sender(claim.top);
  if (!sender || !claim.author.address) return;
  const bool is_sender = std::ranges::any_of(verified.signer_addresses, [&](const Address& signer) {
    return match(*sender, signer, claim.fold_local_part) != Match::none;
  });
  if (!is_sender) return;
  verdict.notes.push_back(fmt::format("signed by the sender {} on behalf of {}",
                                      printable(sender->str()),
                                      printable(claim.author.address->str())));
}

/// True if the layer's own reason says more than a comparison of addresses could.
bool says_more_than(const Layer& layer) {
  return layer.status == Status::bad || layer.status == Status::malformed;
}

bool is_author_of(const Entity& entity, const Claim& claim) {
  const Author inner = mail::author(entity);
  return inner.address && claim.author.address && *inner.address == *claim.author.address;
}

/// RFC 8551 §3.1: a header is protected by wrapping the whole message, `forwarded=no`; a client may
/// show the inner one. Without the parameter it is a message that was passed on.
const Entity* wrapped_message(const Entity& content) {
  const bool is_message = content.content_type.is("message", "rfc822") && !content.parts.empty();
  return is_message ? &content.parts.front() : nullptr;
}

/// True if the signed content names another author than the message (RFC 9788 §4.1).
bool contradicts_author(const Entity& content, const Claim& claim) {
  if (content.count("From") > 0 && !is_author_of(content, claim)) return true;
  const Entity* wrapped = wrapped_message(content);
  return wrapped != nullptr && content.content_type.parameter("forwarded") == "no" &&
         !is_author_of(*wrapped, claim);
}

void note_forwarded(policy::Verdict& verdict, const Entity& content, const Claim& claim) {
  const Entity* wrapped = wrapped_message(content);
  if (wrapped == nullptr || is_author_of(*wrapped, claim)) return;
  verdict.notes.emplace_back("what is signed is a message of somebody else, passed on");
}

std::string shown_value(const Entity& entity, std::string_view name) {
  const mail::Field* field = entity.field(name);
  if (field == nullptr) return {};
  return mail::decode_text(ascii::trim(field->body));
}

/// RFC 9788: protected copies of header fields that differ from the fields that a reader sees.
void note_protected_fields(policy::Verdict& verdict, const Entity& content, const Entity& top) {
  static constexpr std::array<std::string_view, 4> compared{"Subject", "To", "Cc", "Date"};
  for (const std::string_view name : compared) {
    if (content.count(name) == 0 || shown_value(content, name) == shown_value(top, name)) continue;
    verdict.notes.push_back(fmt::format("the signed {} differs from the one that is shown", name));
  }
}

/// True if this signature is the author's.
bool bind(policy::Verdict& verdict, const CheckedSignature& signature, const Claim& claim) {
  Layer& layer = verdict.layers[signature.layer];
  auto [found, signer] = best_match(claim, signature.verified.signer_addresses);
  layer.signer = std::move(signer);
  if (signature.content != nullptr) {
    note_protected_fields(verdict, *signature.content, claim.top);
    note_forwarded(verdict, *signature.content, claim);
  }
  if (found == Match::none) {
    if (!says_more_than(layer) && signature.verified.signer) {
      layer.reason = why_no_match(claim, signature.verified);
    }
    note_sender(verdict, claim, signature.verified);
    return false;
  }
  if (signature.content != nullptr && contradicts_author(*signature.content, claim)) {
    if (!says_more_than(layer)) layer.reason = "the signed From differs from the one that is shown";
    return false;
  }
  if (found == Match::folded) {
    verdict.notes.emplace_back("the certificate writes the address with other capital letters");
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
  bool is_authors = !peeled.signatures.empty() &&
                    static_cast<std::size_t>(signatures) == peeled.signatures.size();
  for (const CheckedSignature& signature : peeled.signatures) {
    is_authors = bind(verdict, signature, claim) && is_authors;
  }
  verdict.signer_is_author = is_authors;
}

}  // namespace siegel::crypt
