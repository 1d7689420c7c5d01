#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/time.h"
#include "config/config.h"
#include "gateway/crypt/inspect_wrapping.h"
#include "gateway/crypt/smime.h"
#include "gateway/mail/message.h"
#include "gateway/policy/verdict.h"
#include "pki/keys.h"

namespace siegel::crypt {

/// One signature that was checked.
struct CheckedSignature {
  std::size_t layer = 0;  ///< its place in Peeled::verdict.layers
  smime::Verified verified;
  const mail::Entity* content = nullptr;  ///< what it covers; nullptr if that could not be read
};

/// What lies under the layers of a message. The verdict holds the layers, what was encrypted, and
/// covers_all; who the author is has not been looked at yet.
struct Peeled {
  policy::Verdict verdict;
  std::vector<CheckedSignature> signatures;
  std::optional<Address> author;  ///< set by bind_to_author
  /// What a reader is shown and no signature vouches for, in words; empty if there is nothing.
  std::string gap;
  /// The decrypted entity; set only if every encryption layer was opened.
  const mail::Message* opened = nullptr;
  /// Owns what came out of opaque and encrypted layers; entities point into it.
  std::deque<mail::Message> unwrapped;

  /// Takes covers_all away. The first reason is kept as the gap, others become remarks.
  void leave_uncovered(std::string why);
};

/// Peels a message (STANDARDS §2.6): the unbroken chain of crypto layers from the top, at most
/// four, at most one of them decrypted. Parts deeper in the tree are never decrypted.
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
  bool refuse_openpgp(policy::Form form);
  void refuse_deeper();
  void scan_payload();
  void check_errant(const Errant& errant);
  bool pass_over_compressed();
  void finish();

  /// Goes on to `entity`, one step further down, and remembers if it can be read in two ways.
  void enter(const mail::Entity& entity);
  const mail::Entity& own(std::string content);
  void add_signature(smime::Verified verified, const mail::Entity* content, std::string part);
  bool refuse(policy::Form form, policy::Status status, std::string reason);
  void note(std::string remark);

  const pki::Keys& keys_;
  const pki::Trust& trust_;
  const config::SmimeSettings& settings_;
  Time at_;

  Peeled result_;
  const mail::Entity* node_ = nullptr;
  std::string path_;  // of node_, as IMAP numbers parts; empty on top
  std::optional<mail::Defect> ambiguity_;
  const mail::Message* decrypted_ = nullptr;
};

/// True if decrypted octets begin like a MIME entity: a head of clean fields. Garbage that a wrong
/// key or an altered ciphertext leaves does not.
[[nodiscard]] bool is_well_formed(const mail::Message& entity);

/// `text` with every line ended by CRLF: what other systems encrypt is not always in canonical form
/// (RFC 8551 §3.1.1), and bare line ends must never reach a next hop.
[[nodiscard]] std::string with_crlf(std::string text);

}  // namespace siegel::crypt
