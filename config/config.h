#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "config/discovery.h"
#include "config/openpgp.h"
#include "config/places.h"
#include "config/transfer.h"

/// siegel.yaml as plain structs. Every setting lives here once; config/schema.h says how it is
/// written and explained, config/load.h how it is read. A Config is immutable once loaded; share it
/// by Current<Config>.
namespace siegel::config {

/// The two sides of the relay: our mail servers, and everybody else.
enum class Side { inside, world };

struct Listener {
  SocketAddress at;
  Side side = Side::world;
  std::vector<Network>
      clients;  ///< who may speak here; required for `inside`, empty = anybody for `world`
};

struct Limits {
  std::uint64_t message_octets = 50U << 20U;
  std::uint32_t recipients = 1000;  ///< per message (RFC 5321 §4.5.3.1.8 wants at least 100)
  std::uint32_t sessions = 200;     ///< at the same time, per listener
  std::uint32_t sessions_per_client = 50;
  std::uint32_t received_fields = 100;        ///< more means a loop (RFC 5321 §6.3)
  std::chrono::seconds command_timeout{300};  ///< RFC 5321 §4.5.3.2.7
  std::chrono::seconds data_timeout{180};     ///< RFC 5321 §4.5.3.2.5
};

struct Retry {
  /// Waits between attempts; the last one repeats.
  std::vector<std::chrono::seconds> after{std::chrono::minutes(1),  std::chrono::minutes(5),
                                          std::chrono::minutes(10), std::chrono::minutes(15),
                                          std::chrono::minutes(30), std::chrono::hours(1),
                                          std::chrono::hours(2),    std::chrono::hours(4)};
  std::chrono::seconds delay_notice{std::chrono::hours(2)};
  std::chrono::seconds give_up{std::chrono::hours(120)};
  std::chrono::seconds give_up_confidential{
      std::chrono::hours(48)};  ///< mail that had to be encrypted
  std::uint32_t couriers = 4;   ///< threads that carry on
};

struct RelaySettings {
  std::vector<Listener> listen;
  Delivery inside;
  Delivery world;
  std::optional<TlsFiles> tls;  ///< offers STARTTLS
  Limits limits;
  Retry retry;
};

struct Storage {
  std::filesystem::path directory = "/var/lib/siegel";  ///< database and spool live here
  std::filesystem::path key_encryption_key = "/etc/siegel/kek";
  [[nodiscard]] std::string database_url() const {
    return "sqlite:" + (directory / "siegel.db").string();
  }
  [[nodiscard]] std::filesystem::path spool() const { return directory / "spool"; }
};

/// Where private keys may live that are never to leave it (PKCS#11).
struct TokenSettings {
  std::filesystem::path module;      ///< the library that speaks PKCS#11 for it
  std::filesystem::path pin;         ///< a file; its first line is the PIN
  std::optional<std::string> label;  ///< which token, if the library has several
};

// --- what is demanded of mail
// -------------------------------------------------------------------------

enum class SignDemand { always, if_possible, never };
enum class EncryptDemand { required, if_possible, never };
enum class WithoutKey { refuse, hold, pickup };
/// Which kind of key is used where a recipient has both: what was last used between the two, or one
/// of them first; `smime_only` and `openpgp_only` never use the other.
enum class SchemeChoice { last_used, smime, openpgp, smime_only, openpgp_only };

/// The places a message can ask from: matched before the first rule's treatment is taken.
enum class Trigger { encrypt, plain, sign };

/// One line of `rules.outgoing`. All given conditions must hold; the first rule that matches a
/// recipient decides. What a rule leaves open, the built-in last rule fills (sign: if-possible,
/// encrypt: if-possible).
struct OutgoingRule {
  // conditions
  std::optional<AddressPattern> from{};
  std::optional<AddressPattern> to{};
  /// The message asks for it: by subject tag, Sensitivity or X-Siegel field.
  std::optional<Trigger> trigger{};
  std::optional<std::string> subject_tag{};  ///< only messages with this tag
  // treatment
  std::optional<SignDemand> sign{};
  std::optional<EncryptDemand> encrypt{};
  std::optional<WithoutKey> without_key{};
  std::optional<SchemeChoice> scheme{};
  bool replace_signature = false;          ///< drop a client's own signature and sign anew
  bool hide_subject = false;               ///< of encrypted mail: "[...]" outside (RFC 9788 §3)
  std::optional<std::uint64_t> offload{};  ///< attachments above so many octets go by link
  bool invitations = false;  ///< sign and encrypt text/calendar too (Outlook shows it as text)
  std::uint32_t line = 0;    ///< in siegel.yaml, for `siegel explain`
};

enum class IncomingAction { accept, hold, refuse };

/// One line of `rules.incoming`; first match wins, the built-in last rule accepts.
struct IncomingRule {
  std::optional<AddressPattern> from{};
  std::optional<AddressPattern> to{};
  std::optional<std::string> verdict{};  ///< a summary word, such as `bad`
  IncomingAction action = IncomingAction::accept;
  std::optional<std::uint64_t> offload{};  ///< as in OutgoingRule
  std::uint32_t line = 0;
};

struct Rules {
  std::vector<OutgoingRule> outgoing;
  std::vector<IncomingRule> incoming;
};

/// Subject tags, without brackets.
struct Tags {
  std::vector<std::string> encrypt{"vertraulich", "encrypt", "verschlüsseln"};
  std::vector<std::string> plain{"plain", "unverschlüsselt"};
  std::vector<std::string> sign{"sign", "signieren"};
  // displays of our verdict on incoming mail
  bool annotate_subject = true;
  std::string good = "signiert";
  std::string bad = "Signatur ungültig";
  std::string decrypted = "entschlüsselt";
};

enum class RevocationMode { hard_fail, soft_fail };

struct RevocationSettings {
  std::vector<std::string> lists;  ///< CRLs: file paths or http:// URLs
  /// Whom OCSP requests and lists may go to whose URL stands in a certificate; empty = nobody.
  std::vector<HostPattern> hosts;
  RevocationMode mode = RevocationMode::hard_fail;
  std::chrono::seconds refresh{std::chrono::hours(1)};
  std::chrono::seconds grace{
      std::chrono::hours(24)};  ///< how long a CRL past its nextUpdate still counts
};

struct SmimeSettings {
  bool strict_x509 = false;            ///< X509_V_FLAG_X509_STRICT: some old authority CAs fail it
  bool synchronised_clock = false;     ///< R-64: nothing is trusted while NTP's state is unknown
  bool fold_local_part = true;         ///< Bauamt@ signs for bauamt@ (`match-folded`)
  bool any_extended_key_usage = true;  ///< RFC 8550 §4.4.4: anyExtendedKeyUsage allows e-mail
  bool weak_is_good = true;  ///< RSA 2048–2999, SHA-224: `weak` counts as good with a note
  bool accept_unauthenticated = true;  ///< deliver mail decrypted from CBC, marked (R-02, R-03)
  std::chrono::seconds stale_after{
      std::chrono::hours(24 * 30)};  ///< signing time older: flagged, no harvest
};

struct Harvest {
  bool enabled = true;
  std::uint32_t certificates_per_address = 5;
  std::uint32_t new_per_domain_and_hour = 50;
};

/// How our own mailboxes come to their certificates.
struct EnrolmentSettings {
  std::vector<std::filesystem::path> profiles;  ///< of CAs: files, or folders of *.yaml
  std::optional<Address> sender;                ///< ours; mail about certificates comes from it
  std::optional<Address> escalate_to;           ///< the PKI team; told when it gets urgent
  bool rounds = true;                           ///< the relay does what needs nobody by itself
};

struct Config {
  std::filesystem::path file;        ///< where it was read from
  std::string name;                  ///< our host name: EHLO, Received, authserv-id
  std::vector<std::string> domains;  ///< ours, as A-labels
  std::string postmaster;            ///< whom refusals name; default postmaster@<first domain>
  RelaySettings relay;
  Storage storage;
  std::optional<TokenSettings> token;
  Rules rules;
  Tags tags;
  RevocationSettings revocation;
  SmimeSettings smime;
  Harvest harvest;
  EnrolmentSettings enrolment;
  std::optional<OpenPgpSettings> openpgp;
  DiscoverySettings discovery;
  std::optional<TransferSettings> transfer;
  /// Signed and encrypted mail carries copies of its fields inside (RFC 9788).
  bool protect_headers = true;
  /// How long it is kept why each mail was treated as it was; no content. Zero: not at all.
  std::chrono::seconds keep_decisions{std::chrono::hours(24 * 30)};
  bool log_subjects = false;

  [[nodiscard]] bool is_ours(const Address& address) const;
};

}  // namespace siegel::config
