#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "gateway/mail/envelope.h"
#include "gateway/policy/verdict.h"
#include "pki/keys.h"
#include "pki/openpgp_keys.h"

namespace siegel::policy {

enum class Action { relay, pickup, hold, refuse };
[[nodiscard]] std::string_view name(Action action) noexcept;

/// Why a route is refused, as far as the sender's mail server has to know.
enum class Refusal {
  by_rule,
  too_large,    ///< the header is longer than we read
  too_complex,  ///< nested deeper, or of more parts, than we read
};

/// What is done to a message on one route. It holds the very keys that were looked at when it was
/// decided.
struct Treatment {
  /// Attachments that together have more octets become a link, before anything else is done.
  std::optional<std::uint64_t> offload{};
  // outgoing; at most one of the two schemes is used, for signing and encryption alike
  std::optional<pki::SigningKey> sign;   ///< nothing: not signed by S/MIME
  bool replace_signature = false;        ///< drop the client's own signature first
  std::vector<pki::PeerKey> encrypt_to;  ///< empty: not encrypted; else one key per recipient
  std::optional<pki::Certificate> encrypt_to_self;  ///< the sender's own copy
  std::optional<pki::OpenPgpKey> sign_openpgp;
  std::vector<pki::OpenPgpPeer> encrypt_to_openpgp;
  std::optional<pki::OpenPgpKey> encrypt_to_self_openpgp;
  std::optional<pki::OpenPgpKey> autocrypt;  ///< the sender's key, told to everybody
  bool protect_headers = false;              ///< of what is signed or encrypted (RFC 9788)
  bool hide_subject = false;                 ///< of what is encrypted
  bool clean_controls = false;               ///< remove our control fields and subject tags
  // incoming
  bool annotate = false;  ///< strip forged marks, write our verdict
  bool open = false;      ///< deliver the decrypted content

  [[nodiscard]] bool signs() const { return sign || sign_openpgp; }
  [[nodiscard]] bool encrypts() const { return !encrypt_to.empty() || !encrypt_to_openpgp.empty(); }
};

/// One group of recipients that are treated alike.
struct Route {
  Action action = Action::relay;
  std::vector<mail::Recipient> recipients;
  Treatment treatment{};
  bool confidential = false;           ///< a rule demanded encryption: no report may quote its body
  std::string reason{};                ///< which rule, which line, why
  Refusal refusal = Refusal::by_rule;  ///< for refuse
  std::string advice_de{}, advice_en{};  ///< for refuse: what the sender can do
};

/// Every recipient of the envelope stands in exactly one route.
struct Decision {
  std::vector<Route> routes;
};

}  // namespace siegel::policy
