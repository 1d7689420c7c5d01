#include "gateway/relay/notice.h"

#include <algorithm>

#include "base/ascii.h"
#include "gateway/mail/report.h"
#include "gateway/smtp/envelope_id.h"

namespace siegel::relay {
namespace {

mail::Report report_of(const config::Config& config, const Settlement& settlement,
                       std::size_t octets, Time now) {
  const spool::Item& item = settlement.item;
  const mail::Envelope& envelope = item.consignment.envelope;
  mail::Report report{.our_name = config.name,
                      .from = "MAILER-DAEMON@" + config.name,
                      .to = envelope.reverse_path.value(),
                      .now = now,
                      .arrived = item.arrived,
                      .envid = envelope.envid,
                      .id = envelope.id,
                      .returned = returned(settlement, octets),
                      .will_retry_until = {},
                      .recipients = settlement.reports};
  if (settlement.fate == Settlement::Fate::retry)
    report.will_retry_until = deadline(item, config.relay.retry);
  return report;
}

bool has_8bit(const Octets& octets) {
  return std::ranges::any_of(octets.slices(), [](const Blob& slice) {
    return std::ranges::any_of(slice.view(), ascii::is_8bit);
  });
}

}  // namespace

Notice make_notice(const config::Config& config, const Settlement& settlement, const Blob& message,
                   Time now) {
  const mail::Report report = report_of(config, settlement, message.size(), now);
  Notice notice;
  notice.octets = mail::make_report(report, message);

  mail::Envelope& envelope = notice.consignment.envelope;
  envelope.id = smtp::new_envelope_id(now);
  envelope.side = config::Side::inside;
  envelope.received = now;
  // RFC 3464 §2: the reverse-path of a report is null; RFC 3461 §4.1: and nobody asks for more.
  envelope.reverse_path.reset();
  envelope.recipients.push_back(
      {report.to, {.never = true, .success = false, .failure = false, .delay = false}, {}});
  envelope.body_8bit = has_8bit(notice.octets);
  envelope.smtputf8 = report.to.is_international();

  notice.consignment.towards =
      config.is_ours(report.to) ? config::Side::inside : config::Side::world;
  notice.consignment.reason = "report on " + settlement.item.id;
  return notice;
}

}  // namespace siegel::relay
