#include "gateway/crypt/inspect.h"

#include "gateway/crypt/inspect_author.h"
#include "gateway/crypt/inspect_content.h"
#include "gateway/crypt/inspect_harvest.h"
#include "gateway/crypt/inspect_peel.h"

namespace siegel::crypt {

Inspection inspect(const mail::Message& message, const pki::Keys& keys,
                   const config::SmimeSettings& settings, const Receipt& receipt) {
  const auto trust = keys.trust();
  const Circumstances where{*trust, settings, receipt};
  Peeled peeled = Peeler(keys, *trust, settings, receipt.at).peel(message);
  bind_to_author(peeled, message.top(), settings);
  note_signing_time(peeled, where);

  Inspection seen;
  if (peeled.opened != nullptr) {
    seen.opened = mail::Message::parse(with_content(message, *peeled.opened).join());
  }
  seen.harvest = harvest(peeled, where);
  seen.unknown_root = unknown_root(peeled, *trust);
  seen.verdict = std::move(peeled.verdict);
  return seen;
}

}  // namespace siegel::crypt
