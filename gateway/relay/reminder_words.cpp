#include "gateway/relay/reminder_words.h"

#include <fmt/format.h>

namespace siegel::relay {
namespace {

using pki::enrol::Matter;
using pki::enrol::Occasion;
using pki::enrol::Purpose;
using pki::enrol::State;

/// What the state of a request wants of a person.
struct Advice {
  Words is, to_do;
  std::string command;
};

std::string show(const Matter& matter) {
  return fmt::format("siegel enrol show {}", matter.request->id);
}

Advice is_with_us(const Matter& matter) {
  return {{"Der Antrag ist in Arbeit.", "The request is under way."},
          {"Nachsehen, wo er steht.", "See where it stands."},
          show(matter)};
}

Advice is_with_authority(const Matter& matter) {
  const auto& request = *matter.request;
  switch (request.state) {
    case State::csr_ready:
      return {{"Der Antrag ist fertig und noch nicht bei der Registrierungsstelle.",
               "The request is ready and has not gone to the registration authority."},
              {"Exportieren und der Registrierungsstelle geben.",
               "Export it and give it to the registration authority."},
              fmt::format("siegel enrol export --profile {} --to FOLDER", request.wish.profile)};
    case State::exported:
      return {{"Der Antrag ist exportiert, und noch ist nichts zurückgekommen.",
               "The request was exported, and nothing has come back yet."},
              {"Bei der Registrierungsstelle nachfragen; einlesen, was sie schickt.",
               "Ask the registration authority; take what it sends."},
              "siegel enrol import FOLDER"};
    case State::pending_ra:
      return {{"Die Registrierungsstelle hat noch nicht entschieden.",
               "The registration authority has not decided yet."},
              {"Bei der Registrierungsstelle nachfragen.", "Ask the registration authority."},
              show(matter)};
    case State::revoke_requested:
      return {{"Die Sperrung ist verlangt und noch nicht bestätigt.",
               "The revocation was asked for and is not confirmed yet."},
              {"Bei der Zertifizierungsstelle nachfragen.", "Ask the authority."},
              show(matter)};
    default:
      return is_with_us(matter);
  }
}

Advice is_refused(const Matter& matter) {
  switch (matter.request->state) {
    case State::rejected:
      return {{"Die Zertifizierungsstelle hat den Antrag abgelehnt.",
               "The authority has rejected the request."},
              {"Grund ansehen, dann neu versuchen (siegel enrol retry).",
               "See why, then try again (siegel enrol retry)."},
              show(matter)};
    case State::failed:
      return {{"Die Zertifizierungsstelle war nicht zu erreichen; es wird nicht mehr versucht.",
               "The authority could not be reached; nothing more is tried."},
              {"Grund ansehen und beheben, dann neu versuchen (siegel enrol retry).",
               "See why and mend it, then try again (siegel enrol retry)."},
              show(matter)};
    case State::timed_out:
      return {{"Die Registrierungsstelle hat nicht rechtzeitig geantwortet.",
               "The registration authority has not answered in time."},
              {"Nachfragen, dann neu versuchen (siegel enrol retry).",
               "Ask it, then try again (siegel enrol retry)."},
              show(matter)};
    case State::mismatch:
      return {{"Das Zertifikat, das zurückkam, passt nicht zum Antrag.",
               "The certificate that came back does not fit the request."},
              {"Grund ansehen, ein richtiges verlangen und das falsche sperren lassen.",
               "See why, ask for a right one, and for the revocation of the wrong one."},
              show(matter)};
    default:
      return is_with_authority(matter);
  }
}

Advice advice_on(const Matter& matter) {
  const auto& request = *matter.request;
  switch (request.state) {
    case State::invalid:
      return {{"Der Name passt nicht zum CA-Profil.", "The name does not fit the CA profile."},
              {"Grund ansehen, dann neu versuchen (siegel enrol retry).",
               "See why, then try again (siegel enrol retry)."},
              show(matter)};
    case State::validated:
      return {{"Der Antrag ist noch nicht freigegeben.", "The request is not signed off yet."},
              {"Eine zweite Person muss ihn freigeben.", "A second person has to sign it off."},
              fmt::format("siegel enrol authorise --address {} --ticket NUMBER",
                          request.wish.mailbox.str())};
    case State::suspended:
      return {{"Das Zertifikat ist ausgesetzt.", "The certificate is suspended."},
              {"Klären, ob es wieder gelten soll.", "Find out whether it is to be good again."},
              show(matter)};
    default:
      return is_refused(matter);
  }
}

/// Nothing that is to replace it has been begun.
bool is_alone(const Matter& matter) {
  if (!matter.request) return true;
  const State state = matter.request->state;
  return pki::enrol::is_in_service(state) || state == State::expired ||
         state == State::decrypt_only || state == State::archived;
}

Words ends_words(const Matter& matter) {
  if (matter.days_left < 0)
    return {"Das Zertifikat ist abgelaufen, und kein neues ist in Betrieb.",
            "The certificate has ended, and no new one is in service."};
  if (matter.days_left == 0)
    return {"Das Zertifikat läuft heute ab, und kein neues ist in Betrieb.",
            "The certificate ends today, and no new one is in service."};
  if (matter.days_left == 1)
    return {"Das Zertifikat läuft in einem Tag ab, und kein neues ist in Betrieb.",
            "The certificate ends in one day, and no new one is in service."};
  return {fmt::format("Das Zertifikat läuft in {} Tagen ab, und kein neues ist in Betrieb.",
                      matter.days_left),
          fmt::format("The certificate ends in {} days, and no new one is in service.",
                      matter.days_left)};
}

Advice advice_without_successor(const Matter& matter) {
  if (!matter.request)
    return {{},
            {"Ein neues beantragen und einspielen.", "Apply for a new one and install it."},
            fmt::format("siegel cert import {} FILE", matter.mailbox.str())};
  const bool is_over = !pki::enrol::is_in_service(matter.request->state);
  if (is_over)
    return {{},
            {"Für das Postfach neu beginnen.", "Start anew for the mailbox."},
            "siegel enrol start --from FILE"};
  return {{},
          {"Einen Nachfolger beginnen.", "Begin a successor."},
          fmt::format("siegel cert renew --address {}", matter.mailbox.str())};
}

}  // namespace

Words purpose_words(Purpose purpose) {
  switch (purpose) {
    case Purpose::sign:
      return {"Signatur", "signing"};
    case Purpose::encrypt:
      return {"Verschlüsselung", "encryption"};
    case Purpose::both:
      break;
  }
  return {"Signatur und Verschlüsselung", "signing and encryption"};
}

Words what_is_the_matter(const Matter& matter) {
  if (matter.occasion != Occasion::ends) return advice_on(matter).is;
  Words words = ends_words(matter);
  if (is_alone(matter)) return words;
  const Words next = advice_on(matter).is;
  words.german += " " + next.german;
  words.english += " " + next.english;
  return words;
}

Words what_to_do(const Matter& matter) {
  const bool is_without = matter.occasion == Occasion::ends && is_alone(matter);
  return is_without ? advice_without_successor(matter).to_do : advice_on(matter).to_do;
}

std::string next_command(const Matter& matter) {
  const bool is_without = matter.occasion == Occasion::ends && is_alone(matter);
  return is_without ? advice_without_successor(matter).command : advice_on(matter).command;
}

}  // namespace siegel::relay
