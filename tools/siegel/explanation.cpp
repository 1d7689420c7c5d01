#include "tools/siegel/explanation.h"

#include <algorithm>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "base/utf8.h"
#include "gateway/crypt/annotate.h"
#include "gateway/mail/fields.h"

namespace siegel::tools {
namespace {

Json layer_json(const policy::Layer& layer) {
  return {{"scheme", name(layer.scheme)},
          {"form", name(layer.form)},
          {"status", name(layer.status)},
          {"signer", layer.signer ? Json(layer.signer->str()) : Json(nullptr)},
          {"algorithm", layer.algorithm},
          {"reason", layer.reason}};
}

Json verdict_json(const policy::Verdict& verdict) {
  Json layers = Json::array();
  for (const policy::Layer& layer : verdict.layers) layers.push_back(layer_json(layer));
  return {{"summary", name(verdict.summary())},
          {"layers", std::move(layers)},
          {"signer_is_author", verdict.signer_is_author},
          {"covers_all", verdict.covers_all},
          {"encrypted", verdict.encrypted},
          {"decrypted", verdict.decrypted},
          {"notes", verdict.notes}};
}

/// A key as both schemes have it: whose, which, and how it came to us.
struct UsedKey {
  std::string scheme, address, fingerprint, provenance;
};

std::vector<UsedKey> keys_of(const policy::Treatment& treatment) {
  std::vector<UsedKey> keys;
  for (const pki::PeerKey& key : treatment.encrypt_to)
    keys.push_back({std::string(name(policy::Scheme::smime)), key.address.str(),
                    key.certificate.fingerprint(), std::string(name(key.provenance))});
  for (const pki::OpenPgpPeer& peer : treatment.encrypt_to_openpgp)
    keys.push_back({std::string(name(policy::Scheme::openpgp)), peer.address.str(),
                    peer.key.fingerprint(), std::string(name(peer.provenance))});
  return keys;
}

/// What the mailbox signs with; nothing if it does not.
std::optional<UsedKey> signer_of(const policy::Treatment& treatment) {
  if (treatment.sign)
    return UsedKey{std::string(name(policy::Scheme::smime)), treatment.sign->mailbox.str(),
                   treatment.sign->certificate.fingerprint(), "own"};
  if (!treatment.sign_openpgp) return std::nullopt;
  const auto& ids = treatment.sign_openpgp->user_ids;
  const bool has_address = !ids.empty() && ids.front().address;
  return UsedKey{std::string(name(policy::Scheme::openpgp)),
                 has_address ? ids.front().address->str() : std::string(),
                 treatment.sign_openpgp->fingerprint(), "own"};
}

Json key_json(const UsedKey& key) {
  return {{"scheme", key.scheme},
          {"address", key.address},
          {"fingerprint", key.fingerprint},
          {"provenance", key.provenance}};
}

Json treatment_json(const policy::Treatment& treatment) {
  Json encrypt_to = Json::array(), keys = Json::array();
  for (const UsedKey& key : keys_of(treatment)) {
    encrypt_to.push_back(key.address);
    keys.push_back(key_json(key));
  }
  const auto signer = signer_of(treatment);
  return {{"sign", signer ? Json(signer->address) : Json(nullptr)},
          {"signer", signer ? key_json(*signer) : Json(nullptr)},
          {"encrypt_to", std::move(encrypt_to)},
          {"keys", std::move(keys)},
          {"autocrypt", treatment.autocrypt.has_value()},
          {"protect_headers", treatment.protect_headers},
          {"hide_subject", treatment.hide_subject},
          {"offload", treatment.offload ? Json(*treatment.offload) : Json(nullptr)},
          {"annotate", treatment.annotate},
          {"open", treatment.open}};
}

Json route_json(const policy::Route& route) {
  Json recipients = Json::array();
  for (const mail::Recipient& each : route.recipients) recipients.push_back(each.address.str());
  Json json{{"action", name(route.action)},
            {"recipients", std::move(recipients)},
            {"treatment", treatment_json(route.treatment)},
            {"reason", route.reason}};
  if (!route.advice_en.empty()) json["advice"] = {{"de", route.advice_de}, {"en", route.advice_en}};
  return json;
}

bool is_incoming(const policy::Decision& decision) {
  return std::ranges::any_of(decision.routes,
                             [](const policy::Route& route) { return route.treatment.annotate; });
}

/// Field names and values as they would be written; empty for outgoing mail, which is not
/// annotated.
Json annotations_json(const Explanation& it) {
  if (!is_incoming(it.decision)) return Json::object();
  const policy::Verdict& verdict = it.seen.verdict;
  return {{"Authentication-Results", crypt::authentication_results(verdict, it.config.name)},
          {"X-Siegel-Verdict", crypt::verdict_value(verdict)},
          {"Subject",
           crypt::annotated_subject(mail::subject(it.message.top()), verdict, it.config.tags)}};
}

void print_layer(std::ostream& out, const policy::Layer& layer) {
  out << "  " << name(layer.scheme) << ' ' << name(layer.form) << ": " << name(layer.status);
  if (layer.signer) out << ", " << layer.signer->str();
  if (!layer.algorithm.empty()) out << ", " << layer.algorithm;
  out << "\n    " << printable(layer.reason, 400) << '\n';
}

void print_verdict(std::ostream& out, const policy::Verdict& verdict) {
  out << "verdict: " << name(verdict.summary()) << '\n';
  for (const policy::Layer& layer : verdict.layers) print_layer(out, layer);
  out << "  signer is the author: " << (verdict.signer_is_author ? "yes" : "no")
      << "; covers everything: " << (verdict.covers_all ? "yes" : "no")
      << "; encrypted: " << (verdict.encrypted ? "yes" : "no")
      << "; decrypted: " << (verdict.decrypted ? "yes" : "no") << '\n';
  for (const std::string& note : verdict.notes) out << "  note: " << printable(note, 400) << '\n';
}

void print_key(std::ostream& out, std::string_view what, const UsedKey& key) {
  out << "  " << what << ' ' << key.address << " (" << key.scheme << ", " << key.provenance << ", "
      << key.fingerprint << ")\n";
}

void print_route(std::ostream& out, const policy::Route& route) {
  out << name(route.action) << " to";
  for (const mail::Recipient& each : route.recipients) out << ' ' << each.address.str();
  out << "\n  " << printable(route.reason, 600) << '\n';
  if (const auto signer = signer_of(route.treatment)) print_key(out, "signed as", *signer);
  for (const UsedKey& key : keys_of(route.treatment)) print_key(out, "encrypted to", key);
  if (!route.advice_de.empty()) out << "  " << route.advice_de << "\n  " << route.advice_en << '\n';
}

}  // namespace

Json to_json(const Explanation& explanation) {
  Json routes = Json::array();
  for (const policy::Route& route : explanation.decision.routes)
    routes.push_back(route_json(route));
  return {{"verdict", verdict_json(explanation.seen.verdict)},
          {"keys_left_out", explanation.seen.harvest_trouble},
          {"decision", {{"routes", std::move(routes)}}},
          {"annotations", annotations_json(explanation)}};
}

void print(std::ostream& out, const Explanation& explanation) {
  print_verdict(out, explanation.seen.verdict);
  if (const std::string& trouble = explanation.seen.harvest_trouble; !trouble.empty())
    out << "keys that came along were left out: " << printable(trouble, 600) << '\n';
  out << "decision:\n";
  for (const policy::Route& route : explanation.decision.routes) print_route(out, route);
  const Json annotations = annotations_json(explanation);
  if (!annotations.empty()) out << "annotations:\n";
  for (const auto& [field, value] : annotations.items()) {
    out << "  " << field << ": " << printable(value.get<std::string>(), 1000) << '\n';
  }
}

}  // namespace siegel::tools
