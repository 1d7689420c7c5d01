#include "gateway/crypt/inspect.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/error.h"
#include "gateway/crypt/inspect_author.h"
#include "gateway/crypt/inspect_content.h"
#include "gateway/crypt/inspect_harvest.h"
#include "gateway/crypt/inspect_harvest_openpgp.h"
#include "gateway/crypt/inspect_peel.h"
#include "gateway/crypt/inspect_protected.h"

namespace siegel::crypt {

namespace {

/// Where the verdict is `partial`, its reason is what is not covered; else that is a remark.
void explain_gap(Peeled& peeled) {
  policy::Verdict& verdict = peeled.verdict;
  if (peeled.gap.empty()) return;
  if (verdict.summary() != policy::Summary::partial) {
    verdict.notes.push_back(peeled.gap);
    return;
  }
  for (policy::Layer& layer : verdict.layers) {
    if (layer.form != policy::Form::signature) continue;
    const bool is_good = layer.status == policy::Status::good;
    layer.reason = is_good ? peeled.gap : peeled.gap + "; " + layer.reason;
  }
}

/// The message as it reads when its decrypted layers are taken off.
mail::Message opened(const mail::Message& message, const Peeled& peeled) {
  mail::HeadEdit head(message);
  if (peeled.payload != nullptr) reveal_protected_fields(head, *peeled.payload, message.top());
  return mail::Message::parse(with_content(message, std::move(head), *peeled.opened).join());
}

/// Keys that came along are a hint for replies, not the mail: that goes on without gpg.
template <typename Harvest>
void take_hint(Inspection& seen, const Harvest& harvest) {
  try {
    OpenPgpHarvest found = harvest();
    seen.harvest_openpgp = std::move(found.keys);
    seen.harvest_trouble = std::move(found.trouble);
  } catch (const Error& error) {
    seen.harvest_trouble = error.what();
  }
}

}  // namespace

Inspection inspect(const mail::Message& message, const pki::Keys& keys,
                   const config::SmimeSettings& settings, const Receipt& receipt) {
  const auto trust = keys.trust();
  const Circumstances where{*trust, settings, receipt};
  Peeled peeled = Peeler(keys, *trust, settings, receipt.at).peel(message);
  bind_to_author(peeled, message.top(), settings);
  explain_gap(peeled);
  note_signing_time(peeled, where);

  Inspection seen;
  if (peeled.opened != nullptr) seen.opened = opened(message, peeled);
  seen.harvest = harvest(peeled, where);
  seen.unknown_root = unknown_root(peeled, *trust);
  for (const CheckedSignature& signature : peeled.signatures) {
    const smime::Verified* const smime = signature.smime();
    if (smime != nullptr) std::ranges::copy(smime->wanted, std::back_inserter(seen.wanted));
  }
  if (const auto* const openpgp = keys.openpgp())
    take_hint(seen, [&] { return harvest_openpgp(peeled, message.top(), *openpgp, where); });
  seen.verdict = std::move(peeled.verdict);
  return seen;
}

}  // namespace siegel::crypt
