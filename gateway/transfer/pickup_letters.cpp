#include "gateway/transfer/pickup_letters.h"

#include <fmt/format.h>

#include "base/local_date.h"

namespace siegel::transfer::letters {
namespace {

using Facts = std::vector<std::pair<std::string, std::string>>;

std::string manage(const House& house, const Parcel& parcel) {
  return house.url + "/transfers/" + parcel.id;
}

/// "1234 5678": two halves are easier to carry over than eight digits.
std::string in_halves(const std::string& code) {
  const std::size_t half = code.size() / 2;
  return code.substr(0, half) + ' ' + code.substr(half);
}

/// What a reader should know of the password, or of the code.
struct HowToOpen {
  std::string german, english;
};

HowToOpen how_to_open(const Proof& proof) {
  if (proof.code_way)
    return {fmt::format("Zum Lesen fordern Sie auf der Seite einen Code an. Er geht an {}.",
                        proof.code_way->masked()),
            fmt::format("To read it, ask for a code on the page. It is sent to {}.",
                        proof.code_way->masked())};
  return {
      "Zum Lesen brauchen Sie ein Passwort. Der Absender nennt es Ihnen, zum Beispiel am Telefon.",
      "To read it you need a password. The sender tells you, for example on the phone."};
}

}  // namespace

Wording message_for_you(const House& house, const Parcel& parcel, const std::string& secret,
                        const Proof& proof) {
  const std::string from = parcel.owner.str();
  const HowToOpen how = how_to_open(proof);
  const Letter german{
      .subject = fmt::format("Vertrauliche Nachricht von {}", house.name),
      .paragraphs = {fmt::format("{} ({}) hat Ihnen eine vertrauliche Nachricht geschrieben. Sie "
                                 "liegt verschlossen für Sie bereit; ein Konto brauchen Sie nicht.",
                                 from, house.name),
                     how.german},
      .facts = {{"Gültig bis", german_date(parcel.expires)}},
      .link_label = "Nachricht lesen und beantworten",
      .link = house.message_link(secret),
      .last = {"Der Link gilt nur für Sie. Geben Sie ihn nicht weiter."}};
  const Letter english{
      .subject = fmt::format("Confidential message from {}", house.name),
      .paragraphs = {fmt::format("{} ({}) has written you a confidential message. It waits for you "
                                 "under seal; you need no account.",
                                 from, house.name),
                     how.english},
      .facts = {{"Valid until", english_date(parcel.expires)}},
      .link_label = "Read and answer the message",
      .link = house.message_link(secret),
      .last = {"The link is for you alone. Do not pass it on."}};
  return bilingual(german, english);
}

namespace {

constexpr std::string_view refused_german(CodesRefused why) {
  switch (why) {
    case CodesRefused::several_recipients:
      return "X-Siegel-Code-To gilt nur, wenn genau ein Empfänger die Nachricht abholt.";
    case CodesRefused::several_fields:
      return "X-Siegel-Code-To steht mehrmals in der Nachricht.";
    case CodesRefused::no_way:
      return "In X-Siegel-Code-To steht weder eine E-Mail-Adresse noch eine Telefonnummer wie "
             "+49 89 1234567.";
    case CodesRefused::same_address:
      return "In X-Siegel-Code-To steht die Adresse des Empfängers selbst: ein Code dorthin würde "
             "nichts schützen.";
  }
  return {};
}

constexpr std::string_view refused_english(CodesRefused why) {
  switch (why) {
    case CodesRefused::several_recipients:
      return "X-Siegel-Code-To works only if exactly one recipient picks the message up.";
    case CodesRefused::several_fields:
      return "X-Siegel-Code-To stands in the message several times.";
    case CodesRefused::no_way:
      return "X-Siegel-Code-To holds neither a mail address nor a telephone number such as "
             "+49 89 1234567.";
    case CodesRefused::same_address:
      return "X-Siegel-Code-To holds the recipient's own address: a code sent there would protect "
             "nothing.";
  }
  return {};
}

Facts facts_of(const std::vector<Proof>& proofs, std::string_view code_goes_to) {
  Facts facts;
  for (const Proof& proof : proofs)
    facts.emplace_back(proof.recipient,
                       proof.code_way ? fmt::format("{} {}", code_goes_to, proof.code_way->masked())
                                      : proof.password);
  return facts;
}

}  // namespace

Wording tell_passwords(const House& house, const Parcel& parcel, const std::vector<Proof>& proofs,
                       std::optional<CodesRefused> refused) {
  const bool has_password = !proofs.front().password.empty();
  Letter german{
      .subject = has_password ? "Bitte Passwort weitergeben" : "Nachricht wartet auf Abholung",
      .paragraphs = {"Für Ihre Nachricht gibt es keinen Schlüssel des Empfängers. Sie liegt darum "
                     "verschlossen zur Abholung bereit; der Empfänger hat einen Link bekommen."},
      .facts = facts_of(proofs, "Code an"),
      .link_label = "Diese Sendung ansehen oder zurückziehen",
      .link = manage(house, parcel),
      .last = {"Sie bekommen eine E-Mail, wenn die Nachricht gelesen wurde. Antworten kommen in "
               "Ihr Postfach."}};
  Letter english{.subject = has_password ? "please pass on a password" : "message waits for pickup",
                 .paragraphs = {"There is no key of the recipient for your message. So it waits "
                                "under seal to be picked up; the recipient has got a link."},
                 .facts = facts_of(proofs, "code to"),
                 .link_label = "Look at this transfer, or recall it",
                 .link = manage(house, parcel),
                 .last = {"You get a mail when the message was read. Answers come into your "
                          "mailbox."}};
  if (has_password) {
    german.paragraphs.emplace_back(
        "Nennen Sie jedem Empfänger sein Passwort auf einem anderen Weg, am besten am Telefon. "
        "Senden Sie es nicht per E-Mail. Groß oder klein und Striche sind gleich.");
    english.paragraphs.emplace_back(
        "Tell each recipient his password in another way, best on the phone. Do not send it by "
        "mail. Capital or small letters and dashes do not matter.");
  }
  if (refused) {
    german.paragraphs.emplace_back(refused_german(*refused));
    english.paragraphs.emplace_back(refused_english(*refused));
  }
  german.facts.emplace_back("Gültig bis", german_date(parcel.expires));
  english.facts.emplace_back("Valid until", english_date(parcel.expires));
  return bilingual(german, english);
}

Wording message_read(const House& house, const Parcel& parcel, const std::string& recipient) {
  const Letter german{.subject = "Nachricht wurde gelesen",
                      .paragraphs = {fmt::format("{} hat Ihre Nachricht geöffnet.", recipient)},
                      .facts = {{"Gesendet", german_moment(parcel.created)}},
                      .link_label = "Diese Sendung ansehen",
                      .link = manage(house, parcel)};
  const Letter english{.subject = "message was read",
                       .paragraphs = {fmt::format("{} has opened your message.", recipient)},
                       .facts = {{"Sent", english_moment(parcel.created)}},
                       .link_label = "Look at this transfer",
                       .link = manage(house, parcel)};
  return bilingual(german, english);
}

Wording code(const House& house, const CodeWay& way, const std::string& code,
             std::chrono::minutes life) {
  const std::string halves = in_halves(code);
  if (way.is_telephone())
    return {"Code", fmt::format("{} Code: {} ({} min)\n", house.name, halves, life.count()), {}};
  const Letter german{
      .subject = "Ihr Code",
      .paragraphs = {fmt::format("Mit diesem Code lesen Sie eine Nachricht von {}. Er gilt {} "
                                 "Minuten und nur einmal. Geben Sie ihn nicht weiter.",
                                 house.name, life.count())},
      .facts = {{"Code", halves}},
      .last = {"Haben Sie keinen Code angefordert? Dann ist nichts weiter zu tun."}};
  const Letter english{
      .subject = "Your code",
      .paragraphs = {fmt::format("With this code you read a message from {}. It works for {} "
                                 "minutes, and once. Do not pass it on.",
                                 house.name, life.count())},
      .facts = {{"Code", halves}},
      .last = {"You have not asked for a code? Then there is nothing to do."}};
  return bilingual(german, english);
}

Wording answer(const House& house, const Parcel& answer) {
  const Note& note = answer.note;
  const Letter german{
      .paragraphs = {
          fmt::format("Antwort auf Ihre Nachricht an {0}. Geschrieben hat sie auf der "
                      "Abholseite, wer Link und Passwort (oder Code) hatte; unterschrieben "
                      "ist sie nicht. Ihre Antwort auf diese E-Mail geht an {0}.",
                      note.sender),
          house.scans ? "Anhänge sind auf Viren geprüft."
                      : "Anhänge sind nicht auf Viren geprüft."}};
  const Letter english{
      .paragraphs = {fmt::format("Answer to your message to {0}. It was written on the pickup page "
                                 "by whoever had link and password (or code); it bears no "
                                 "signature of theirs. A reply to this mail goes to {0}.",
                                 note.sender),
                     house.scans ? "Attachments were checked for viruses."
                                 : "Attachments were not checked for viruses."}};
  Wording words = bilingual(german, english, note.message);
  words.subject = note.subject;
  return words;
}

Wording answer_lost(const House& house, const Parcel& answer, const std::string& why) {
  const std::string& who = answer.note.sender;
  const Letter german{.subject = "Eine Antwort konnte nicht zugestellt werden",
                      .paragraphs = {fmt::format(
                          "{} hat auf der Abholseite geantwortet, aber die Antwort konnte "
                          "nicht in Ihr Postfach gelegt werden. Bitten Sie darum auf anderem Weg.",
                          who)},
                      .facts = {{"Grund", why}},
                      .link_label = house.name,
                      .link = house.url};
  const Letter english{
      .subject = "an answer could not be delivered",
      .paragraphs = {fmt::format("{} has answered on the pickup page, but the answer could not be "
                                 "put into your mailbox. Ask for it in another way.",
                                 who)},
      .facts = {{"Reason", why}},
      .link_label = house.name,
      .link = house.url};
  return bilingual(german, english);
}

}  // namespace siegel::transfer::letters
