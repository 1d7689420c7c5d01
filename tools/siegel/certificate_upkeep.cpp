#include "tools/siegel/certificate_upkeep.h"

#include <iostream>

#include "base/error.h"
#include "config/values.h"
#include "pki/enrol/renewal.h"
#include "pki/enrol/revoke.h"
#include "pki/enrol/term.h"
#include "tools/siegel/enrol_filter.h"

namespace siegel::tools {
namespace {

namespace enrol = pki::enrol;

constexpr int forecast_months = 36;
constexpr std::chrono::years longest_outlook{100};

struct Arguments {
  std::string expiring, address, profile, reason, confirmed, issuer, before;
  std::int64_t id = 0;
};

std::chrono::seconds time_argument(const std::string& text) {
  using Form = config::Form<std::chrono::seconds>;
  const auto time = Form::read(text, {});
  if (!time || *time > longest_outlook)
    throw WrongUsage(
        Error(Fault::peer, printable(text) + " is not " + Form::expected() + "; write 90d"));
  return *time;
}

Time future_date_argument(const std::string& text, Time now) {
  const auto date = parse_rfc3339(text);
  if (!date || *date <= now)
    throw WrongUsage(Error(
        Fault::peer, printable(text) + " is not a date in the future; write it as 2027-03-31"));
  return *date;
}

/// Which requests are meant; somebody has to be.
enrol::Filter whom(const Arguments& arguments) {
  if (arguments.address.empty() && arguments.profile.empty() && arguments.id == 0)
    throw WrongUsage(
        Error(Fault::peer, "name whose certificates are meant: --address, --id or --profile"));
  enrol::Filter filter{.profile = arguments.profile, .id = arguments.id};
  if (!arguments.address.empty()) filter.mailbox = address_argument(arguments.address);
  return filter;
}

Json state_of(const enrol::Term& term) {
  if (!term.request) return nullptr;
  return std::string(name(term.request->state));
}

void list(Context& context, const Arguments& arguments) {
  const OpenOffice office(context);
  const bool is_alarm = !arguments.expiring.empty();
  const auto found =
      is_alarm ? enrol::ending(*office, time_argument(arguments.expiring)) : enrol::terms(*office);
  Table table({"mailbox", "signs_now", "has_key", "not_after", "subject", "issuer", "serial",
               "fingerprint", "use", "days_left", "state"});
  for (const enrol::Term& term : found) {
    const pki::Certificate& certificate = term.own.certificate;
    table.add({term.own.mailbox.str(), term.own.signs_now, term.own.has_key,
               rfc3339(certificate.not_after()), certificate.subject(), certificate.issuer(),
               certificate.serial(), certificate.fingerprint(), use_name(term.own.use),
               term.days_left, state_of(term)});
  }
  table.print(std::cout, context.json);
  if (is_alarm && !found.empty()) context.exit_code = exit_no;
}

void forecast(Context& context, const Arguments& /*arguments*/) {
  const OpenOffice office(context);
  Table table({"month", "certificates"});
  for (const auto& [month, count] : enrol::forecast(*office, forecast_months))
    table.add({month, count});
  table.print(std::cout, context.json);
}

enrol::RevocationReason reason_argument(const std::string& word) {
  const auto reason = enrol::parse_reason(word);
  if (reason) return *reason;
  std::string known;
  for (const auto each : enrol::final_reasons())
    known += (known.empty() ? "" : ", ") + std::string(name(each));
  throw WrongUsage(
      Error(Fault::peer, printable(word) + " is not a reason to revoke; known are " + known));
}

void revoke(Context& context, const Arguments& arguments) {
  const auto filter = whom(arguments);
  if (!arguments.confirmed.empty()) {
    const OpenOffice office(context);
    return tell(context, enrol::confirm_revocation(*office, filter,
                                                   "ticket " + printable(arguments.confirmed)));
  }
  const auto reason = reason_argument(arguments.reason);
  const OpenOffice office(context);
  tell(context, enrol::revoke(*office, enrol::connect_by_profile(office.clock()), filter, reason));
}

void renew(Context& context, const Arguments& arguments) {
  const auto filter = whom(arguments);
  const OpenOffice office(context);
  tell(context, enrol::renew(*office, filter, "renewal was asked for"));
}

void reissue(Context& context, const Arguments& arguments) {
  const OpenOffice office(context);
  const Time before = future_date_argument(arguments.before, office.clock().now());
  tell(context, enrol::reissue(*office, arguments.issuer, before));
}

using Verb = void (*)(Context&, const Arguments&);

CLI::App* add_verb(CLI::App& cert, Context& context, std::pair<const char*, const char*> words,
                   std::pair<std::shared_ptr<Arguments>, Verb> work) {
  CLI::App* command = cert.add_subcommand(words.first, words.second);
  command->callback([&context, work] { work.second(context, *work.first); });
  return command;
}

void add_whom(CLI::App& command, Arguments& arguments) {
  command.add_option("--address", arguments.address, "of this mailbox");
  command.add_option("--id", arguments.id, "of this request");
  command.add_option("--profile", arguments.profile, "of this CA profile");
}

}  // namespace

void add_certificate_upkeep(CLI::App& cert, Context& context) {
  const auto arguments = std::make_shared<Arguments>();
  add_verb(cert, context, {"list", "all certificates of our mailboxes"}, {arguments, list})
      ->add_option("--expiring", arguments->expiring,
                   "only those that end within this time (90d) and that nothing replaces");
  add_verb(cert, context, {"forecast", "how many certificates end in each month"},
           {arguments, forecast});
  CLI::App* command =
      add_verb(cert, context, {"revoke", "stop signing at once, and have certificates revoked"},
               {arguments, revoke});
  add_whom(*command, *arguments);
  CLI::Option_group* how = command->add_option_group("how");
  how->add_option("--reason", arguments->reason, "keyCompromise, superseded, …");
  how->add_option("--confirmed", arguments->confirmed,
                  "its authority has revoked it by hand: number of the ticket");
  how->require_option(1);
  add_whom(*add_verb(cert, context, {"renew", "begin successors now"}, {arguments, renew}),
           *arguments);
  command = add_verb(cert, context, {"reissue", "replace all certificates of one authority"},
                     {arguments, reissue});
  command->add_option("--issuer", arguments->issuer, "part of its name, or its fingerprint")
      ->required();
  command->add_option("--before", arguments->before, "date by which all must be replaced")
      ->required();
}

}  // namespace siegel::tools
