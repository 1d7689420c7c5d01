#include "gateway/transfer/letters.h"

#include <array>

#include <fmt/format.h>

#include "base/html.h"
#include "base/local_date.h"

namespace siegel::transfer::letters {
namespace {

constexpr char german_mark = ',', english_mark = '.';
/// A mail names so many files; the page names all.
constexpr std::size_t files_named = 20;

using Facts = std::vector<std::pair<std::string, std::string>>;

std::string list_of(const std::vector<ParcelFile>& files, char mark, std::string_view and_more) {
  std::string text;
  std::size_t named = 0;
  for (const ParcelFile& file : files) {
    if (named++ == files_named) return text + fmt::format(fmt::runtime(and_more), files.size());
    text += (text.empty() ? "" : "; ") +
            fmt::format("{} ({})", file.name, size_in_words(file.octets, mark));
  }
  return text;
}

Facts german_facts(const Parcel& parcel) {
  return {{"Dateien", list_of(parcel.files, german_mark, " und weitere, zusammen {}")},
          {"Gültig bis", german_date(parcel.expires)}};
}

Facts english_facts(const Parcel& parcel) {
  return {{"Files", list_of(parcel.files, english_mark, " and more, {} in all")},
          {"Valid until", english_date(parcel.expires)}};
}

std::string manage(const House& house, const Parcel& parcel) {
  return house.url + "/transfers/" + parcel.id;
}

/// Who a citizen says he is; not checked by anybody, and the words say so.
Facts citizen(const Note& note, bool is_german) {
  Facts facts;
  const auto add = [&](const char* german, const char* english, const std::string& value) {
    if (!value.empty()) facts.emplace_back(is_german ? german : english, value);
  };
  add("Name (eigene Angabe)", "Name (as stated)", note.sender);
  add("E-Mail (eigene Angabe)", "Mail address (as stated)", note.reply_to);
  add("Aktenzeichen", "Reference", note.reference);
  return facts;
}

Facts both(Facts first, const Facts& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

std::string one_of(const std::vector<std::string>& people) {
  std::string text;
  for (const std::string& person : people) text += (text.empty() ? "" : ", ") + person;
  return text;
}

}  // namespace

House house_of(const config::TransferSettings& settings) {
  return {settings.look.name, settings.url, settings.clamd.has_value()};
}

std::string size_in_words(std::uint64_t octets, char decimal_mark) {
  constexpr std::array units{"B", "KB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  std::uint64_t tenths = octets * 10;
  while (tenths >= 10240 && unit + 1 < units.size()) {
    tenths = (tenths + 512) / 1024;
    ++unit;
  }
  if (unit == 0 || tenths % 10 == 0) return fmt::format("{} {}", tenths / 10, units[unit]);
  return fmt::format("{}{}{} {}", tenths / 10, decimal_mark, tenths % 10, units[unit]);
}

Wording files_for_you(const House& house, const Parcel& parcel, const std::string& secret,
                      bool has_password) {
  const std::string from = parcel.owner.str();
  Letter german{
      .subject = fmt::format("Dateien für Sie von {}", house.name),
      .paragraphs = {fmt::format("{} ({}) stellt Ihnen Dateien bereit.", from, house.name)},
      .facts = german_facts(parcel),
      .quoted = parcel.note.message,
      .link_label = "Dateien abholen",
      .link = house.link(secret),
      .last = {"Der Link gilt nur für Sie. Geben Sie ihn nicht weiter."}};
  Letter english{.subject = fmt::format("Files for you from {}", house.name),
                 .paragraphs = {fmt::format("{} ({}) has files for you.", from, house.name)},
                 .facts = english_facts(parcel),
                 .quoted = parcel.note.message,
                 .link_label = "Fetch the files",
                 .link = house.link(secret),
                 .last = {"The link is for you alone. Do not pass it on."}};
  if (has_password) {
    german.last.emplace_back("Sie brauchen dazu das Passwort, das Ihnen der Absender nennt.");
    english.last.emplace_back("You need the password that the sender tells you.");
  }
  return bilingual(german, english);
}

mail::Insertion attachments_by_link(const House& house, const Parcel& parcel,
                                    const std::string& secret) {
  const std::string link = house.link(secret);
  const std::array words{
      fmt::format("Anhänge, die für eine E-Mail zu groß sind. Bis zum {} liegen sie hier:",
                  german_date(parcel.expires)),
      fmt::format("Attachments that are too large for mail. Until {} they are here:",
                  english_date(parcel.expires))};
  const std::string files = list_of(parcel.files, german_mark, " und weitere, zusammen {}");
  return {
      fmt::format("{}\n{}\n\n{}\n\n{}\n\n----\n\n", words[0], words[1], link, files),
      ascii_html(fmt::format("<div><p><span lang=\"de\">{}</span><br>\n<span lang=\"en\">{}</span>"
                             "</p>\n<p><a href=\"{}\">{}</a></p>\n<p>{}</p></div>\n<hr>\n",
                             escaped_html(words[0]), escaped_html(words[1]), escaped_html(link),
                             escaped_html(link), escaped_html(files)))};
}

Wording files_arrived(const House& house, const Parcel& parcel, const std::string& secret) {
  const Letter german{
      .subject = fmt::format("{} Datei(en) hochgeladen", parcel.files.size()),
      .paragraphs = {fmt::format("Für {} wurden Dateien hochgeladen.", parcel.owner.str()),
                     house.scans ? "Sie sind auf Viren geprüft; wer sie geschickt hat, ist nicht "
                                   "geprüft."
                                 : "Weder die Dateien noch ihr Absender sind geprüft."},
      .facts = both(citizen(parcel.note, true), german_facts(parcel)),
      .quoted = parcel.note.message,
      .link_label = "Dateien abholen",
      .link = house.link(secret),
      .last = {"Wer den Link hat, kann die Dateien abholen."}};
  const Letter english{
      .subject = fmt::format("{} file(s) uploaded", parcel.files.size()),
      .paragraphs = {fmt::format("Files were uploaded for {}.", parcel.owner.str()),
                     house.scans ? "They were checked for viruses; who sent them was not checked."
                                 : "Neither the files nor their sender were checked."},
      .facts = both(citizen(parcel.note, false), english_facts(parcel)),
      .quoted = parcel.note.message,
      .link_label = "Fetch the files",
      .link = house.link(secret),
      .last = {"Whoever has the link can fetch the files."}};
  return bilingual(german, english);
}

Wording fetched(const House& house, const Parcel& parcel, const std::string& recipient,
                const std::vector<ParcelFile>& files) {
  const std::string german_who = recipient.empty() ? "Jemand mit dem Link" : recipient;
  const std::string english_who = recipient.empty() ? "Somebody who has the link" : recipient;
  const Letter german{
      .subject = "Dateien wurden abgeholt",
      .paragraphs = {fmt::format("{} hat Dateien abgeholt.", german_who)},
      .facts = {{"Dateien", list_of(files, german_mark, " und weitere, zusammen {}")}},
      .link_label = "Diese Sendung ansehen",
      .link = manage(house, parcel)};
  const Letter english{.subject = "files were fetched",
                       .paragraphs = {fmt::format("{} has fetched files.", english_who)},
                       .facts = {{"Files", list_of(files, english_mark, " and more, {} in all")}},
                       .link_label = "Look at this transfer",
                       .link = manage(house, parcel)};
  return bilingual(german, english);
}

Wording undeliverable(const House& house, const Parcel& parcel, const std::string& recipient,
                      const std::string& why) {
  const Letter german{
      .subject = "Ein Link konnte nicht zugestellt werden",
      .paragraphs = {fmt::format("{} hat keinen Link zu Ihren Dateien bekommen. Prüfen Sie die "
                                 "Adresse, und senden Sie die Dateien noch einmal.",
                                 recipient)},
      .facts = {{"Antwort des Servers", why}},
      .link_label = "Diese Sendung ansehen",
      .link = manage(house, parcel)};
  const Letter english{
      .subject = "a link could not be delivered",
      .paragraphs = {fmt::format("{} has got no link to your files. Check the address, and send "
                                 "the files again.",
                                 recipient)},
      .facts = {{"The server's answer", why}},
      .link_label = "Look at this transfer",
      .link = manage(house, parcel)};
  return bilingual(german, english);
}

namespace {

/// What the scanner has stopped: `what` happened, and what to do about it.
struct Stopped {
  std::string label, subject, what, sender_next, owner_next;
};

Letter stopped(const House& house, const Parcel& parcel, const Stopped& words, Facts facts) {
  const bool is_sender = is_sent_by_owner(parcel.origin);
  return {.subject = words.subject,
          .paragraphs = {words.what, is_sender ? words.sender_next : words.owner_next},
          .facts = std::move(facts),
          .link_label = words.label,
          .link = manage(house, parcel)};
}

}  // namespace

Wording infected(const House& house, const Parcel& parcel, const std::string& file,
                 const std::string& virus) {
  const Letter german = stopped(
      house, parcel,
      {"Diese Sendung ansehen", "Nicht zugestellt: Virus gefunden",
       "In einer Sendung wurde ein Virus gefunden. Niemand kann sie abholen; sie liegt unter "
       "Verschluss und wird bald gelöscht.",
       "Sprechen Sie mit Ihrer IT, bevor Sie die Datei noch einmal öffnen.",
       "Jemand hat sie Ihnen geschickt. Bitten Sie um eine neue Sendung ohne diese Datei."},
      both(citizen(parcel.note, true), {{"Datei", file}, {"Virus", virus}}));
  const Letter english = stopped(
      house, parcel,
      {"Look at this transfer", "not delivered: virus found",
       "A virus was found in a transfer. Nobody can fetch it; it is locked away and will be "
       "erased soon.",
       "Talk to your IT before you open the file again.",
       "Somebody sent it to you. Ask for a new transfer without this file."},
      both(citizen(parcel.note, false), {{"File", file}, {"Virus", virus}}));
  return bilingual(german, english);
}

Wording unscannable(const House& house, const Parcel& parcel, const std::string& file) {
  const Letter german = stopped(
      house, parcel,
      {"Diese Sendung ansehen", "Nicht zugestellt: nicht auf Viren prüfbar",
       "Eine Datei ist größer, als der Virenscanner annimmt. Ungeprüft wird nichts zugestellt: "
       "Niemand kann die Sendung abholen; sie liegt unter Verschluss und wird bald gelöscht.",
       "Teilen Sie die Datei auf und senden Sie die Teile, oder fragen Sie Ihre IT.",
       "Jemand hat sie Ihnen geschickt. Fragen Sie Ihre IT, oder bitten Sie um kleinere Dateien."},
      both(citizen(parcel.note, true), {{"Datei", file}}));
  const Letter english = stopped(
      house, parcel,
      {"Look at this transfer", "not delivered: cannot be checked for viruses",
       "A file is larger than the virus scanner takes. Nothing is delivered unchecked: nobody can "
       "fetch the transfer; it is locked away and will be erased soon.",
       "Divide the file and send its parts, or ask your IT.",
       "Somebody sent it to you. Ask your IT, or ask for smaller files."},
      both(citizen(parcel.note, false), {{"File", file}}));
  return bilingual(german, english);
}

Wording delayed(const House& house, const Parcel& parcel) {
  const Letter german{
      .subject = "Dateien warten auf die Virenprüfung",
      .paragraphs =
          {"Der Virenscanner ist zurzeit nicht erreichbar. Die Dateien sind angekommen und "
           "warten; vor der Prüfung bekommt niemand einen Link. Sie müssen nichts tun. "
           "Wenn es eilt, fragen Sie Ihre IT."},
      .facts = german_facts(parcel),
      .link_label = "Diese Sendung ansehen",
      .link = manage(house, parcel)};
  const Letter english{
      .subject = "files wait for the virus scanner",
      .paragraphs = {"The virus scanner cannot be reached at present. The files have arrived and "
                     "wait; nobody gets a link before they are checked. You need not do anything. "
                     "If it is urgent, ask your IT."},
      .facts = english_facts(parcel),
      .link_label = "Look at this transfer",
      .link = manage(house, parcel)};
  return bilingual(german, english);
}

Wording ends_soon(const House& house, const Parcel& parcel,
                  const std::vector<std::string>& waiting_for) {
  const Letter german{
      .subject = "Bald gelöscht, noch nicht abgeholt",
      .paragraphs = {"Diese Sendung wird bald gelöscht. Noch nichts abgeholt hat: " +
                     one_of(waiting_for)},
      .facts = german_facts(parcel),
      .link_label = "Frist verlängern",
      .link = manage(house, parcel)};
  const Letter english{
      .subject = "erased soon, not fetched yet",
      .paragraphs = {"This transfer will be erased soon. Nothing was fetched by: " +
                     one_of(waiting_for)},
      .facts = english_facts(parcel),
      .link_label = "Extend its time",
      .link = manage(house, parcel)};
  return bilingual(german, english);
}

Wording locked(const House& house, const Parcel& parcel, const std::string& recipient, Time until) {
  const Letter german{
      .subject = "Link gesperrt: zu viele falsche Passwörter",
      .paragraphs = {fmt::format("Der Link für {} ist nach zu vielen falschen Passwörtern für "
                                 "einige Zeit gesperrt. Kennt der Empfänger das Passwort? Wenn "
                                 "Ihnen das seltsam vorkommt, ziehen Sie den Link zurück.",
                                 recipient)},
      .facts = {{"Gesperrt bis", german_moment(until)}},
      .link_label = "Diese Sendung ansehen",
      .link = manage(house, parcel)};
  const Letter english{
      .subject = "link locked: too many wrong passwords",
      .paragraphs = {fmt::format("The link for {} is locked for some time after too many wrong "
                                 "passwords. Does the recipient know the password? If this seems "
                                 "odd to you, recall the link.",
                                 recipient)},
      .facts = {{"Locked until", english_moment(until)}},
      .link_label = "Look at this transfer",
      .link = manage(house, parcel)};
  return bilingual(german, english);
}

Wording sign_in(const House& house, const std::string& secret) {
  const Letter german{
      .subject = "Anmeldung",
      .paragraphs = {"Sie wollen sich anmelden. Öffnen Sie diesen Link in demselben Browser, in "
                     "dem Sie ihn angefordert haben. Er gilt 15 Minuten und nur einmal."},
      .link_label = "Anmelden",
      .link = house.url + "/sign-in/" + secret,
      .last = {"Waren Sie das nicht? Dann ist nichts weiter zu tun."}};
  const Letter english{
      .subject = "Sign-in",
      .paragraphs = {"You want to sign in. Open this link in the browser in which you asked for "
                     "it. It works for 15 minutes, and once."},
      .link_label = "Sign in",
      .link = house.url + "/sign-in/" + secret,
      .last = {"It was not you? Then there is nothing to do."}};
  return bilingual(german, english);
}

Wording invitation(const House& house, const std::string& from, const std::string& message,
                   const std::string& secret, Time expires) {
  const Letter german{
      .subject = fmt::format("{} bittet Sie um Dateien", house.name),
      .paragraphs = {fmt::format("{} ({}) bittet Sie, Dateien hochzuladen. Ein Konto brauchen Sie "
                                 "dazu nicht.",
                                 from, house.name)},
      .facts = {{"Gültig bis", german_date(expires)}},
      .quoted = message,
      .link_label = "Dateien hochladen",
      .link = house.url + "/i/" + secret,
      .last = {"Der Link gilt einmal."}};
  const Letter english{
      .subject = fmt::format("{} asks you for files", house.name),
      .paragraphs = {fmt::format("{} ({}) asks you to upload files. You need no account for that.",
                                 from, house.name)},
      .facts = {{"Valid until", english_date(expires)}},
      .quoted = message,
      .link_label = "Upload files",
      .link = house.url + "/i/" + secret,
      .last = {"The link works once."}};
  return bilingual(german, english);
}

}  // namespace siegel::transfer::letters
