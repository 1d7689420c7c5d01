#include "gateway/crypt/inspect_peel.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/ascii.h"
#include "gateway/crypt/inspect_ambiguity.h"
#include "gateway/crypt/inspect_opened.h"
#include "gateway/crypt/neutralise.h"
#include "gateway/mail/fields.h"

namespace siegel::crypt {
namespace {

using mail::Defect;
using mail::Entity;
using policy::Form;
using policy::Layer;
using policy::Scheme;
using policy::Status;

constexpr std::size_t layer_limit = 4;
/// A detached signature holds certificates and a few numbers; a megabyte of it is an attack.
constexpr std::size_t signature_octets_limit = std::size_t{1} << 20U;

bool is_claimed_only(const Layer& layer) {
  return layer.status != Status::bad && layer.status != Status::malformed;
}

/// True if it was found out what octets the signature covers.
bool was_examined(const Layer& layer) {
  return layer.status != Status::malformed && layer.status != Status::unsupported;
}

bool bears_signature(const policy::Verdict& verdict) {
  return std::ranges::any_of(verdict.layers,
                             [](const Layer& layer) { return layer.form == Form::signature; });
}

bool is_certificates_only(const Entity& entity) {
  return ascii::lower(entity.content_type.parameter("smime-type")) == "certs-only" ||
         ascii::lower(entity.file_name).ends_with(".p7c");
}

bool claims_encryption(const Entity& entity) {
  return ascii::lower(entity.content_type.parameter("smime-type")).ends_with("enveloped-data");
}

Form form_of(const Entity& entity) {
  const bool is_encryption =
      wrapping_of(entity) == Wrapping::openpgp_encrypted || claims_encryption(entity);
  return is_encryption ? Form::encryption : Form::signature;
}

}  // namespace

Peeler::Peeler(const pki::Keys& keys, const pki::Trust& trust,
               const config::SmimeSettings& settings, Time at)
    : keys_(keys), trust_(trust), settings_(settings), at_(at) {}

Peeled Peeler::peel(const mail::Message& message) {
  author_ = mail::author(message.top()).address;
  top_ = &message.top();
  node_ = top_;
  ambiguity_ = ambiguity_of_top(message.top());
  while (result_.verdict.layers.size() < layer_limit && peel_layer()) {
  }
  if (result_.verdict.layers.size() >= layer_limit) refuse_deeper();
  scan_payload();
  finish();
  return std::move(result_);
}

/// Peels one layer off node_; false if there is none, or none that can be peeled.
bool Peeler::peel_layer() {
  const Wrapping wrapping = wrapping_of(*node_);
  switch (wrapping) {
    case Wrapping::none:
      return false;
    case Wrapping::smime_detached:
      return peel_detached();
    case Wrapping::smime_cms:
    case Wrapping::smime_file:
      return peel_cms(wrapping);
    case Wrapping::openpgp_signed:
      return peel_openpgp_signed();
    case Wrapping::openpgp_encrypted:
      break;
  }
  return peel_openpgp_encrypted();
}

bool Peeler::peel_detached() {
  if (auto fault = fault_of_detached(*node_)) {
    return refuse(Form::signature, Status::malformed, *std::move(fault));
  }
  const Entity& multipart = *node_;
  const Entity& covered = multipart.parts.front();
  const std::string cms = multipart.parts.back().decoded_body();
  if (cms.size() > signature_octets_limit) {
    return refuse(Form::signature, Status::malformed, "the signature is too large to be one");
  }
  if (!is_alone_in_multipart(multipart)) {
    result_.leave_uncovered("there is text before or after the signed part that is not signed");
  }
  const std::string part = child_path(path_, 2);
  path_ = child_path(path_, 1);
  enter(multipart.parts.back());
  enter(covered);
  add_signature(smime::verify_detached(cms, covered.octets, trust_, settings_, at_), &covered,
                part);
  return true;
}

bool Peeler::peel_cms(Wrapping wrapping) {
  const std::string cms = node_->decoded_body();
  switch (smime::content_kind(cms)) {
    case smime::ContentKind::signed_data:
      return peel_opaque(cms);
    case smime::ContentKind::enveloped:
      return peel_encryption(cms, false);
    case smime::ContentKind::auth_enveloped:
      return peel_encryption(cms, true);
    case smime::ContentKind::compressed:
      return pass_over_compressed();
    case smime::ContentKind::other:
      return refuse(form_of(*node_), Status::malformed, "this form of S/MIME is not supported");
    case smime::ContentKind::none:
      break;
  }
  if (wrapping == Wrapping::smime_file) return false;  // only the name said so
  return refuse(form_of(*node_), Status::malformed, "the S/MIME part cannot be read");
}

bool Peeler::peel_opaque(std::string_view cms) {
  // RFC 8551 §3.7: certs-only carries certificates and signs nothing.
  if (is_certificates_only(*node_)) {
    note("the message carries certificates only; it is not signed");
    return false;
  }
  smime::Verified verified = smime::verify_opaque(cms, trust_, settings_, at_);
  const std::string part = path_.empty() ? "1" : path_;
  if (verified.content.empty()) {
    add_signature(std::move(verified), nullptr, part);
    return false;
  }
  const Entity& content = own(std::move(verified.content));
  enter(content);
  add_signature(std::move(verified), &content, part);
  return true;
}

bool Peeler::peel_encryption(std::string_view cms, bool is_authenticated) {
  if (has_opened(Scheme::smime)) {
    return refuse(Form::encryption, Status::malformed,
                  "only one encryption of a message is opened");
  }
  smime::Decrypted decrypted = smime::decrypt(cms, keys_);
  Layer& layer = decrypted.layer;
  layer.form = Form::encryption;
  layer.authenticated = is_authenticated;
  if (!is_authenticated && !settings_.accept_unauthenticated && layer.status != Status::no_key) {
    // said whether or not it could have been decrypted, so that nobody learns which.
    layer.status = Status::weak;
    layer.reason =
        "encryption without integrity (CBC) is not accepted here; the message was not opened";
    result_.verdict.layers.push_back(std::move(layer));
    return false;
  }
  if (layer.status != Status::good) {
    if (layer.status == Status::bad) make_undecryptable(layer);
    result_.verdict.layers.push_back(std::move(layer));
    return false;
  }
  const Entity& content = own(with_crlf(std::move(decrypted.content)));
  const bool is_entity = is_well_formed(result_.unwrapped.back()) &&
                         (is_authenticated || !contradicts_charset(content));
  if (!is_entity) make_undecryptable(layer);
  result_.verdict.layers.push_back(std::move(layer));
  if (!is_entity) return false;
  decrypted_ = &result_.unwrapped.back();
  enter(content);
  return true;
}

/// RFC 8551 §3.6: compression is no protection. It is never undone here, so that what lies
/// under it is unknown.
bool Peeler::pass_over_compressed() {
  if (claims_encryption(*node_))
    return refuse(Form::encryption, Status::malformed, "this form of S/MIME is not supported");
  constexpr std::string_view remark = "the content is compressed (S/MIME) and was not looked at";
  if (bears_signature(result_.verdict)) {
    result_.leave_uncovered(std::string(remark));
  } else {
    note(std::string(remark));
  }
  return false;
}

bool Peeler::has_opened(Scheme scheme) const {
  return std::ranges::any_of(result_.verdict.layers, [&](const Layer& layer) {
    return layer.scheme == scheme && layer.form == Form::encryption && layer.status == Status::good;
  });
}

/// What lies under the fourth layer is not looked at, and that is said.
void Peeler::refuse_deeper() {
  const Wrapping wrapping = wrapping_of(*node_);
  if (wrapping == Wrapping::none || wrapping == Wrapping::smime_file) return;
  refuse(form_of(*node_), Status::malformed, "the message is wrapped more often than is looked at");
}

void Peeler::scan_payload() {
  if (wrapping_of(*node_) != Wrapping::none) return;  // not a payload: the layer was refused
  result_.payload = node_;
  const Errant errant = find_errant(*node_, path_);
  if (errant.has_encrypted) note("an encrypted part inside the message was left closed");
  if (errant.has_signed_attachment) {
    note("an attached message is signed; that says nothing about this one");
  }
  if (errant.has_inline_signature) {
    note("there is an inline OpenPGP signature; it does not count for the message");
  }
  if (errant.has_inline_encryption) {
    note("there is a text that is encrypted inline by OpenPGP; it was left closed");
  }
  if (bears_signature(result_.verdict)) {
    if (errant.has_reference)
      result_.leave_uncovered(
          "a part of the message only refers to content that is kept elsewhere");
    if (const auto defect = ambiguity_below(*node_))
      result_.leave_uncovered(fmt::format(
          "a part of the message can be read in more than one way: {}", in_words(*defect)));
  }
  if (errant.signature != nullptr && !is_unset_openpgp(*errant.signature)) check_errant(errant);
}

/// only a part of the message is signed (a list's footer, or an attack). What the
/// signature is worth is said, what it covers is not the message.
void Peeler::check_errant(const Errant& errant) {
  if (bears_signature(result_.verdict)) {
    note("a part of the message bears a signature of its own");
    return;
  }
  result_.leave_uncovered("only a part of the message is signed");
  node_ = errant.signature;
  path_ = errant.path;
  enter(*node_);
  if (wrapping_of(*node_) == Wrapping::smime_detached) {
    peel_detached();
    return;
  }
  if (wrapping_of(*node_) == Wrapping::openpgp_signed) {
    peel_openpgp_signed();
    return;
  }
  const std::string cms = node_->decoded_body();
  if (smime::content_kind(cms) == smime::ContentKind::signed_data) peel_opaque(cms);
}

void Peeler::finish() {
  policy::Verdict& verdict = result_.verdict;
  bool is_inside_signature = false;
  std::string sealed;
  for (const Layer& layer : verdict.layers) {
    if (layer.form == Form::signature) {
      is_inside_signature = is_inside_signature || was_examined(layer);
      continue;
    }
    const bool is_open = layer.status == Status::good;
    verdict.decrypted = is_open && (verdict.decrypted || !verdict.encrypted);
    verdict.encrypted = true;
    if (!is_inside_signature) continue;
    // RFC 8551 §3.7: who signs a sealed text need not know what it says, and anybody can put a
    // signature around somebody else's. Only one inside the seal covers what a reader is shown.
    is_inside_signature = false;
    sealed = is_open ? "the outer signature covers the sealed text, not what it says"
                     : "the signature is around an encryption that was not opened";
  }
  verdict.covers_all = is_inside_signature && result_.gap.empty();
  if (!sealed.empty() && is_inside_signature) {
    note(std::move(sealed));
  } else if (!sealed.empty()) {
    result_.leave_uncovered(std::move(sealed));
  }
  if (verdict.decrypted) result_.opened = decrypted_;
}

void Peeler::enter(const Entity& entity) {
  node_ = &entity;
  if (!ambiguity_) ambiguity_ = ambiguity_of(entity);
}

const Entity& Peeler::own(std::string content) {
  return result_.unwrapped.emplace_back(mail::Message::parse(Blob(std::move(content)))).top();
}

void Peeler::add_signature(smime::Verified verified, const Entity* content, std::string part) {
  const Layer layer = verified.layer;
  result_.signatures.push_back({result_.verdict.layers.size(), std::move(verified), content});
  add_layer(layer, std::move(part));
}

void Peeler::add_signature(openpgp::Verified verified, const Entity* content, std::string part) {
  const Layer layer = verified.layer;
  result_.signatures.push_back({result_.verdict.layers.size(), std::move(verified), content});
  add_layer(layer, std::move(part));
}

void Peeler::add_layer(Layer layer, std::string part) {
  layer.form = Form::signature;
  layer.part = std::move(part);
  // what can be read in two ways is not vouched for, however right the signature is.
  if (ambiguity_ && is_claimed_only(layer)) {
    layer.status = Status::malformed;
    layer.reason =
        fmt::format("the message can be read in more than one way: {}", in_words(*ambiguity_));
  }
  result_.verdict.layers.push_back(std::move(layer));
}

bool Peeler::refuse(Form form, Status status, std::string reason) {
  Layer layer;
  layer.form = form;
  layer.status = status;
  layer.reason = std::move(reason);
  layer.authenticated = form == Form::signature;
  result_.verdict.layers.push_back(std::move(layer));
  return false;
}

void Peeler::note(std::string remark) {
  result_.verdict.notes.push_back(std::move(remark));
}

}  // namespace siegel::crypt
