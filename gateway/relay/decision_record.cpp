#include "gateway/relay/decision_record.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/utf8.h"
#include "gateway/mail/fields.h"
#include "gateway/policy/clear_reason.h"

namespace siegel::relay {
namespace {

constexpr std::size_t reason_limit = 2000, word_limit = 320;
/// A message has no more layers than are looked at, but what is looked at may change.
constexpr std::size_t layer_limit = 8;

std::string kept(std::string_view text) {
  return printable(text, word_limit);
}

RecordedLayer record_of(const policy::Layer& layer) {
  return {std::string(name(layer.scheme)), std::string(name(layer.form)),
          std::string(name(layer.status)), layer.signer ? kept(layer.signer->str()) : std::string(),
          printable(layer.reason, reason_limit)};
}

/// True if a key of this address, or of its whole domain, is meant for `recipient`.
bool serves(const Address& key, const Address& recipient) {
  return key == recipient || (key.local() == "*" && key.domain() == recipient.domain());
}

/// The fingerprint of the key by which `recipient` can read it; empty if there is none.
std::string key_for(const policy::Treatment& treatment, const Address& recipient) {
  for (const pki::PeerKey& key : treatment.encrypt_to) {
    if (serves(key.address, recipient)) return key.certificate.fingerprint();
  }
  for (const pki::OpenPgpPeer& peer : treatment.encrypt_to_openpgp) {
    if (serves(peer.address, recipient)) return peer.key.fingerprint();
  }
  return {};
}

void add_keys(RecordedRoute& record, const policy::Treatment& treatment) {
  if (treatment.sign) {
    record.signed_by = name(policy::Scheme::smime);
    record.signing_key = treatment.sign->certificate.fingerprint();
  } else if (treatment.sign_openpgp) {
    record.signed_by = name(policy::Scheme::openpgp);
    record.signing_key = treatment.sign_openpgp->fingerprint();
  }
  if (!treatment.encrypt_to.empty()) {
    record.encrypted_by = name(policy::Scheme::smime);
  } else if (!treatment.encrypt_to_openpgp.empty()) {
    record.encrypted_by = name(policy::Scheme::openpgp);
  }
}

RecordedRoute record_of(const policy::Route& route, const policy::ClearReasons& reasons) {
  RecordedRoute record;
  record.action = name(route.action);
  record.reason = printable(route.reason, reason_limit);
  record.hides_subject = route.treatment.hide_subject;
  add_keys(record, route.treatment);
  for (const mail::Recipient& recipient : route.recipients) {
    const Address& address = recipient.address;
    RecordedRecipient kept_of{kept(address.str()), key_for(route.treatment, address), {}};
    if (record.encrypted_by.empty()) kept_of.clear = name(reasons.for_recipient(address));
    record.recipients.push_back(std::move(kept_of));
  }
  return record;
}

std::string message_id_of(const mail::Entity& top) {
  const mail::Field* field = top.field("Message-ID");
  return field == nullptr ? std::string() : bare_message_id(field->body);
}

}  // namespace

std::string bare_message_id(std::string_view text) {
  std::string id;
  for (const char c : text) {
    if (!ascii::is_blank(c) && c != '\r' && c != '\n' && c != '<' && c != '>') id += c;
  }
  return kept(id);
}

RecordedDecision record_of(const Decided& decided) {
  RecordedDecision record;
  const mail::Envelope& envelope = decided.envelope;
  const policy::Verdict& verdict = decided.verdict;
  record.id = envelope.id;
  record.message_id = message_id_of(decided.top);
  record.at = envelope.received;
  record.side = envelope.side == config::Side::inside ? "inside" : "world";
  if (envelope.reverse_path) record.sender = kept(envelope.reverse_path->str());
  record.verdict = name(verdict.summary());
  record.is_encrypted = verdict.encrypted;
  record.is_decrypted = verdict.decrypted;
  for (std::size_t i = 0; i < std::min(verdict.layers.size(), layer_limit); ++i)
    record.layers.push_back(record_of(verdict.layers[i]));
  const policy::ClearReasons reasons({decided.config, envelope, decided.top, verdict});
  for (const policy::Route& route : decided.decision.routes)
    record.routes.push_back(record_of(route, reasons));
  return record;
}

}  // namespace siegel::relay
