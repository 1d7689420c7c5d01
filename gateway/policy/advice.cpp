#include "gateway/policy/advice.h"

#include <fmt/format.h>

namespace siegel::policy {

Advice advise_no_key(const config::Config& config, const Address& recipient) {
  const bool has_openpgp = config.openpgp.has_value();
  const char* const missing_de = has_openpgp
                                     ? "weder ein gueltiges Zertifikat noch ein OpenPGP-Schluessel"
                                     : "kein gueltiges Zertifikat";
  const char* const missing_en =
      has_openpgp ? "neither a valid certificate nor an OpenPGP key" : "no valid certificate";
  return {fmt::format(
              "Die Nachricht muss verschluesselt werden, aber fuer {} ist {} bekannt. Sie wurde an "
              "niemanden gesendet. Bitten Sie den Empfaenger um eine signierte E-Mail und senden "
              "Sie dann erneut, oder fragen Sie {}.",
              recipient.str(), missing_de, config.postmaster),
          fmt::format(
              "The message has to be encrypted, but {} is known for {}. It was sent to nobody. Ask "
              "the recipient for a signed e-mail and send again, or ask {}.",
              missing_en, recipient.str(), config.postmaster)};
}

Advice advise_no_signer(const config::Config& config, const std::string& why) {
  return {
      fmt::format("Die Nachricht muss signiert werden, aber das Postfach hat kein gueltiges "
                  "Signaturzertifikat ({}). Bitte wenden Sie sich an {}.",
                  why, config.postmaster),
      fmt::format("The message has to be signed, but the mailbox has no valid signing certificate "
                  "({}). Please ask {}.",
                  why, config.postmaster)};
}

Advice advise_refused_in(const config::Config& config) {
  return {fmt::format(
              "Die Nachricht entspricht nicht den Annahmeregeln dieser Behoerde. Bitte wenden Sie "
              "sich an {}.",
              config.postmaster),
          fmt::format("The message does not meet the rules of this authority. Please ask {}.",
                      config.postmaster)};
}

Advice advise_limit(const config::Config& config, Refusal refusal) {
  if (refusal == Refusal::too_large) {
    return {
        fmt::format(
            "Der Kopf der Nachricht (Empfaenger, Betreff und weitere Felder) ist zu lang. "
            "Bitte senden Sie sie an weniger Empfaenger auf einmal oder wenden Sie sich an {}.",
            config.postmaster),
        fmt::format("The header of the message (recipients, subject and other fields) is too long. "
                    "Please send it to fewer recipients at a time, or ask {}.",
                    config.postmaster)};
  }
  return {
      fmt::format("Die Nachricht besteht aus zu vielen oder zu tief verschachtelten Teilen. Bitte "
                  "senden Sie weniger Anhaenge auf einmal, weitergeleitete Nachrichten als Datei "
                  "(ZIP oder PDF), oder wenden Sie sich an {}.",
                  config.postmaster),
      fmt::format("The message has too many parts, or they are nested too deep. Please send fewer "
                  "attachments at a time, forwarded messages as a file (ZIP or PDF), or ask {}.",
                  config.postmaster)};
}

Advice advise_unauthenticated(const config::Config& config) {
  return {fmt::format(
              "Die Nachricht ist ohne Integritaetsschutz verschluesselt (CBC). Bitte verwenden Sie "
              "AES-GCM oder wenden Sie sich an {}.",
              config.postmaster),
          fmt::format(
              "The message is encrypted without integrity protection (CBC). Please use AES-GCM or "
              "ask {}.",
              config.postmaster)};
}

}  // namespace siegel::policy
