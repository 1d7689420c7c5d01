#include "gateway/policy/clear_reason.h"

#include "gateway/mail/fields.h"
#include "gateway/policy/demand.h"

namespace siegel::policy {

std::string_view name(ClearReason reason) noexcept {
  switch (reason) {
    case ClearReason::incoming:
      return "incoming";
    case ClearReason::already:
      return "already-encrypted";
    case ClearReason::by_rule:
      return "by-rule";
    case ClearReason::report:
      return "report";
    case ClearReason::fragment:
      return "fragment";
    case ClearReason::no_sender:
      return "no-sender";
    case ClearReason::invitation:
      return "invitation";
    case ClearReason::no_key:
      break;
  }
  return "no-key";
}

ClearReasons::ClearReasons(const Judged& judged)
    : judged_(judged),
      kind_(kind_of(judged.top)),
      intent_(read_intent(judged.top, judged.config.tags)),
      from_(mail::author(judged.top).address) {
  is_author_clear_ = from_.has_value();
  if (!from_) from_ = judged.envelope.reverse_path;
}

ClearReason ClearReasons::for_recipient(const Address& recipient) const {
  if (judged_.envelope.side == config::Side::world) return ClearReason::incoming;
  if (judged_.verdict.encrypted || kind_.is_encrypted) return ClearReason::already;
  const Demand demand =
      demand_for(judged_.config.rules, intent_, {from_, recipient, is_author_clear_});
  if (demand.encrypt == config::EncryptDemand::never) return ClearReason::by_rule;
  if (demand.encrypt == config::EncryptDemand::required) return ClearReason::no_key;
  if (kind_.is_report) return ClearReason::report;
  if (kind_.is_fragment) return ClearReason::fragment;
  if (!judged_.envelope.reverse_path) return ClearReason::no_sender;
  if (kind_.is_invitation && !demand.invitations) return ClearReason::invitation;
  return ClearReason::no_key;
}

}  // namespace siegel::policy
