#pragma once

#include <deque>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/address.h"
#include "base/time.h"
#include "config/config.h"
#include "gateway/crypt/brought_keys.h"
#include "gateway/crypt/inspect_wrapping.h"
#include "gateway/crypt/openpgp.h"
#include "gateway/crypt/smime.h"
#include "gateway/mail/message.h"
#include "gateway/policy/verdict.h"
#include "pki/keys.h"

namespace siegel::crypt {

/// One signature that was checked.
struct CheckedSignature {
  std::size_t layer = 0;  ///< its place in Peeled::verdict.layers
  std::variant<smime::Verified, openpgp::Verified> verified;
  const mail::Entity* content = nullptr;  ///< what it covers; nullptr if that could not be read

  /// Of one scheme; nullptr if the signature is of the other.
  [[nodiscard]] const smime::Verified* smime() const;
  [[nodiscard]] const openpgp::Verified* openpgp() const;
  // what both schemes have
  [[nodiscard]] const std::vector<Address>& signer_addresses() const;
  [[nodiscard]] bool names_signer() const;
  [[nodiscard]] bool is_authentic() const;
  [[nodiscard]] std::optional<Time> signing_time() const;
};

/// What lies under the layers of a message. The verdict holds the layers, what was encrypted, and
/// covers_all; who the author is has not been looked at yet.
struct Peeled {
  policy::Verdict verdict;
  std::vector<CheckedSignature> signatures;
  std::optional<Address> author;  ///< set by bind_to_author
  /// What a reader is shown and no signature vouches for, in words; empty if there is nothing.
  std::string gap;
  /// OpenPGP keys that came along, as far as they were looked at; nobody believes them yet.
  BroughtKeys brought;
  bool has_read_autocrypt = false;  ///< the key of that field was looked at too
  /// The decrypted entity; set only if every encryption layer was opened.
  const mail::Message* opened = nullptr;
  /// What lies under all layers (RFC 9787: the cryptographic payload); nullptr if a layer stayed
  /// closed.
  const mail::Entity* payload = nullptr;
  /// Owns what came out of opaque and encrypted layers; entities point into it.
  std::deque<mail::Message> unwrapped;

  /// Takes covers_all away. The first reason is kept as the gap, others become remarks.
  void leave_uncovered(std::string why);
};

/// Peels a message (STANDARDS §2.6): the unbroken chain of crypto layers from the top, at most
/// four, at most one of each scheme decrypted. Parts deeper in the tree are never decrypted.
class Peeler {
 public:
  Peeler(const pki::Keys& keys, const pki::Trust& trust, const config::SmimeSettings& settings,
         Time at);

  [[nodiscard]] Peeled peel(const mail::Message& message);

 private:
  bool peel_layer();
  bool peel_detached();
  bool peel_cms(Wrapping wrapping);
  bool peel_opaque(std::string_view cms);
  bool peel_encryption(std::string_view cms, bool is_authenticated);
  bool peel_openpgp_signed();
  bool peel_openpgp_encrypted();
  bool open_openpgp(pki::OpenPgpDecrypted decrypted,
                    const std::vector<openpgp::Candidate>& candidates);
  [[nodiscard]] std::vector<openpgp::Candidate> openpgp_candidates();
  bool refuse_openpgp(policy::Form form, policy::Status status, std::string reason);
  bool refuse_openpgp_unset(policy::Form form);
  [[nodiscard]] bool is_unset_openpgp(const mail::Entity& entity) const;
  [[nodiscard]] bool has_opened(policy::Scheme scheme) const;
  void refuse_deeper();
  void scan_payload();
  void check_errant(const Errant& errant);
  bool pass_over_compressed();
  void finish();

  /// Goes on to `entity`, one step further down, and remembers if it can be read in two ways.
  void enter(const mail::Entity& entity);
  const mail::Entity& own(std::string content);
  void add_signature(smime::Verified verified, const mail::Entity* content, std::string part);
  void add_signature(openpgp::Verified verified, const mail::Entity* content, std::string part);
  void add_layer(policy::Layer layer, std::string part);
  bool refuse(policy::Form form, policy::Status status, std::string reason);
  void note(std::string remark);

  const pki::Keys& keys_;
  const pki::Trust& trust_;
  const config::SmimeSettings& settings_;
  Time at_;

  Peeled result_;
  std::optional<Address> author_;
  const mail::Entity* top_ = nullptr;
  const mail::Entity* node_ = nullptr;
  std::string path_;  // of node_, as IMAP numbers parts; empty on top
  std::optional<mail::Defect> ambiguity_;
  const mail::Message* decrypted_ = nullptr;
};

}  // namespace siegel::crypt
