#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "config/places.h"

/// The part of the configuration that stands under `transfer:`, the service for large files.
namespace siegel::config {

/// One of our mailboxes that anybody may send files to, by its page.
struct UploadAddress {
  std::optional<Address> mailbox;  ///< never empty once it is loaded
  std::string name;                ///< what the page calls it: "Bauamt"
};

/// What the pages look like.
struct Look {
  std::string name;                           ///< the authority's, on every page
  std::optional<std::filesystem::path> logo;  ///< SVG or PNG
  std::string colour = "#1d4f91";             ///< of buttons and links; dark enough to be read
  std::string imprint, privacy;               ///< URLs that every page links to
  std::string contact;                        ///< whom the statement on accessibility names
};

/// How long transfers live.
struct Lives {
  std::chrono::seconds standard{std::chrono::hours(24 * 14)};
  std::chrono::seconds longest{std::chrono::hours(24 * 90)};
  std::chrono::seconds traces{std::chrono::hours(24 * 30)};     ///< who, when, what: after the end
  std::chrono::seconds quarantine{std::chrono::hours(24 * 7)};  ///< what the scanner has stopped
  std::chrono::seconds unfinished{std::chrono::hours(24)};  ///< an upload that nobody goes on with
};

/// Sizes are octets of the files themselves.
struct TransferLimits {
  std::uint64_t file = std::uint64_t{10} << 30U;
  std::uint64_t transfer = std::uint64_t{20} << 30U;
  std::uint64_t sender = std::uint64_t{100} << 30U;  ///< kept at one time for one of our addresses
  std::uint64_t strangers = std::uint64_t{40} << 30U;  ///< unfinished, to one of our mailboxes
  std::uint64_t total = std::uint64_t{500} << 30U;     ///< kept at one time
  std::uint64_t reserve = std::uint64_t{1} << 30U;     ///< of the disk, never filled
  std::uint32_t files = 500;
  std::uint32_t recipients = 50;
  std::uint32_t downloads = 100;       ///< of one link
  std::uint32_t wrong_passwords = 10;  ///< then the link is locked
  std::chrono::seconds lock{std::chrono::minutes(30)};
  std::uint32_t connections = 3000;
  std::uint32_t connections_per_client = 100;
  std::uint32_t requests_per_minute = 600;   ///< of one client
  std::uint32_t new_uploads_per_hour = 600;  ///< of one client
  std::uint32_t sign_ins_per_hour = 10;      ///< mails to one address
  std::uint32_t sign_ins_per_client = 600;   ///< asked for in an hour; a town hall may be one
};

/// What becomes of a file that the virus scanner does not take, because it is too large for it or
/// encrypted.
enum class Unscannable { refuse, deliver };

/// OpenID Connect: the authority's own sign-in, beside the link by mail.
struct OidcSettings {
  std::string issuer;  ///< https URL, as in its discovery document
  std::string client_id;
  std::filesystem::path client_secret;  ///< a file
  std::optional<std::filesystem::path> ca_file;
};

struct TransferSettings {
  std::string url;  ///< what the world calls us: "https://dateien.stadt.example"; no path
  std::vector<SocketAddress> listen;
  std::optional<TlsFiles> tls;   ///< without it only loopback may be listened on
  std::vector<Network> proxies;  ///< whose X-Forwarded-For is believed
  std::filesystem::path directory = "/var/lib/siegel-transfer";
  std::filesystem::path key = "/etc/siegel/transfer-kek";  ///< seals names and what waits
  Delivery relay;                                          ///< siegel-relay's side inside
  std::optional<std::string> clamd;  ///< "unix:/run/clamav/clamd.ctl", "tcp:127.0.0.1:3310"
  Unscannable unscannable = Unscannable::refuse;
  std::optional<Address> sender;  ///< of mail that belongs to no mailbox, such as sign-in links
  /// Mail to NUMBER@sms_domain becomes a text message; empty: none can be sent.
  std::string sms_domain;
  Lives lives;
  TransferLimits limits;
  Look look;
  std::vector<UploadAddress> upload_addresses;
  std::optional<OidcSettings> oidc;
};

}  // namespace siegel::config
