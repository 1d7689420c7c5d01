#pragma once

#include "config/config.h"
#include "config/key.h"

/// The part of the schema that stands under `transfer:`.
namespace siegel::config {

template <typename Visitor>
void schema(Visitor& visit, UploadAddress& address) {
  visit(Key{.name = "mailbox",
            .about = "One of our addresses; it is told of what was uploaded.",
            .example = "bauamt@stadt.example",
            .required = true},
        address.mailbox);
  visit(Key{.name = "name",
            .about = "What the page calls it.",
            .example = "Bauamt",
            .required = true,
            .form = &display_text},
        address.name);
}

template <typename Visitor>
void schema(Visitor& visit, Look& look) {
  visit(Key{.name = "name",
            .about = "The authority's name, on every page. Default: the name of the gateway.",
            .example = "Stadt Beispiel",
            .form = &display_text},
        look.name);
  visit(Key{.name = "logo",
            .about = "SVG or PNG, shown 48 pixels high.",
            .example = "/etc/siegel/logo.svg"},
        look.logo);
  visit(Key{.name = "colour",
            .about = "Of buttons and links, as #rrggbb. White text on it must be readable "
                     "(contrast 4.5 to 1).",
            .form = &colour},
        look.colour);
  visit(Key{.name = "imprint",
            .about = "Every page links to it.",
            .example = "https://www.stadt.example/impressum",
            .form = &web_address},
        look.imprint);
  visit(Key{.name = "privacy",
            .about = "Every page links to it.",
            .example = "https://www.stadt.example/datenschutz",
            .form = &web_address},
        look.privacy);
  visit(Key{.name = "contact",
            .about = "Whom the statement on accessibility names. Default: the postmaster.",
            .example = "barrierefrei@stadt.example",
            .form = &mail_address},
        look.contact);
}

template <typename Visitor>
void schema(Visitor& visit, Lives& lives) {
  visit(
      Key{.name = "standard", .about = "What is proposed.", .least = 3600, .most = 364ULL * 86400},
      lives.standard);
  visit(Key{.name = "longest",
            .about = "What may be chosen; more than the standard, or nobody would ever shorten it.",
            .least = 7200,
            .most = 365ULL * 86400},
        lives.longest);
  visit(Key{.name = "traces",
            .about = "How long after the end of a transfer its sender can see who fetched it.",
            .most = 365ULL * 86400},
        lives.traces);
  visit(
      Key{.name = "quarantine",
          .about = "How long files that the virus scanner has stopped are kept under lock; `siegel "
                   "transfer release` lets them out.",
          .most = 90ULL * 86400},
      lives.quarantine);
  visit(Key{.name = "unfinished",
            .about = "How long an upload waits to be gone on with.",
            .least = 600,
            .most = 30ULL * 86400},
        lives.unfinished);
}

/// What one client may do in a time, and all of them at once.
template <typename Visitor>
void schema_of_rates(Visitor& visit, TransferLimits& limits) {
  visit(Key{.name = "connections",
            .about = "At the same time; each has a thread.",
            .least = 10,
            .most = 20000},
        limits.connections);
  visit(Key{.name = "connections_per_client",
            .about = "Of these, from one IPv4 address or one IPv6 network (/64).",
            .least = 4,
            .most = 20000},
        limits.connections_per_client);
  visit(Key{.name = "requests_per_minute",
            .about = "From one client, counted in the same way.",
            .least = 30,
            .most = 1000000},
        limits.requests_per_minute);
  visit(Key{.name = "new_uploads_per_hour",
            .about = "Files that one client may begin.",
            .least = 10,
            .most = 1000000},
        limits.new_uploads_per_hour);
  visit(Key{.name = "sign_ins_per_hour",
            .about = "Links to sign in that are sent to one address.",
            .least = 2,
            .most = 10000},
        limits.sign_ins_per_hour);
  visit(Key{.name = "sign_ins_per_client",
            .about = "Links to sign in that one client may ask for in an hour; a whole town hall "
                     "may look like one.",
            .least = 10,
            .most = 1000000},
        limits.sign_ins_per_client);
}

template <typename Visitor>
void schema(Visitor& visit, TransferLimits& limits) {
  visit(Key{.name = "file", .about = "The largest file.", .least = 1024}, limits.file);
  visit(Key{.name = "transfer", .about = "All files of one transfer.", .least = 1024},
        limits.transfer);
  visit(Key{.name = "sender",
            .about = "All that is kept for one of our addresses at one time.",
            .least = 1024},
        limits.sender);
  visit(Key{.name = "strangers",
            .about = "What citizens may have begun to upload to one mailbox and not finished yet; "
                     "it takes nothing away from the mailbox itself.",
            .least = 1024},
        limits.strangers);
  visit(Key{.name = "total", .about = "All that is kept at one time.", .least = 1024},
        limits.total);
  visit(Key{.name = "reserve", .about = "Room on the disk that is never filled."}, limits.reserve);
  visit(Key{.name = "files", .about = "Files of one transfer.", .least = 1, .most = 10000},
        limits.files);
  visit(Key{.name = "recipients", .about = "Of one transfer.", .least = 1, .most = 1000},
        limits.recipients);
  visit(Key{.name = "downloads",
            .about = "How often one recipient may fetch a file.",
            .least = 1,
            .most = 100000},
        limits.downloads);
  visit(Key{.name = "wrong_passwords",
            .about = "After so many a link is locked, and its sender told.",
            .least = 3,
            .most = 100},
        limits.wrong_passwords);
  visit(Key{.name = "lock", .about = "For how long.", .least = 60, .most = 86400}, limits.lock);
  schema_of_rates(visit, limits);
}

template <typename Visitor>
void schema(Visitor& visit, OidcSettings& oidc) {
  visit(Key{.name = "issuer",
            .about = "Its address, as its discovery document has it.",
            .example = "https://login.stadt.example/realms/stadt",
            .required = true,
            .form = &web_address},
        oidc.issuer);
  visit(Key{.name = "client_id",
            .about = "How it knows us.",
            .example = "siegel",
            .required = true,
            .form = &display_text},
        oidc.client_id);
  visit(Key{.name = "client_secret",
            .about = "File whose first line is the secret; only its owner may read it.",
            .example = "/etc/siegel/oidc.secret",
            .required = true},
        oidc.client_secret);
  visit(Key{.name = "ca_file",
            .about = "Certificates (PEM) to which its own must chain; else those of the system.",
            .example = "/etc/siegel/login-ca.pem"},
        oidc.ca_file);
}

/// The virus scanner.
template <typename Visitor>
void schema_of_scanner(Visitor& visit, TransferSettings& transfer) {
  visit(Key{.name = "clamd",
            .about = "The virus scanner's socket: unix:/run/clamav/clamd.ctl or "
                     "tcp:127.0.0.1:3310. Without it nothing is scanned.",
            .example = "unix:/run/clamav/clamd.ctl",
            .form = &scanner_socket},
        transfer.clamd);
  visit(Key{.name = "unscannable",
            .about =
                "A file that is larger than the scanner takes: refuse, or deliver unscanned. Raise "
                "StreamMaxLength, MaxScanSize and MaxFileSize in clamd.conf (Debian: 25M, at "
                "most 2000M) before you use it."},
        transfer.unscannable);
}

template <typename Visitor>
void schema(Visitor& visit, TransferSettings& transfer) {
  visit(Key{.name = "url",
            .about = "What browsers call us; it stands in every link. No path.",
            .example = "https://dateien.stadt.example",
            .required = true,
            .form = &web_origin},
        transfer.url);
  visit(Key{.name = "listen",
            .about = "IP addresses and ports where browsers come in.",
            .required = true},
        transfer.listen);
  visit(Key{.name = "tls",
            .about = "HTTPS. Without it, plain HTTP behind a reverse proxy: then only addresses of "
                     "this machine itself (127.0.0.1, [::1]) may be listened on."},
        transfer.tls);
  visit(
      Key{
          .name = "proxies",
          .about = "Reverse proxies whose X-Forwarded-For is believed, such as [127.0.0.1].",
      },
      transfer.proxies);
  visit(Key{.name = "directory",
            .about = "Vault and tables live here; the group that siegel-relay and siegel-transfer "
                     "share may write to it."},
        transfer.directory);
  visit(Key{.name = "key",
            .about = "File with the key that seals names, messages and what waits for its mail, as "
                     "64 hexadecimal digits. Files themselves are sealed by their links."},
        transfer.key);
  visit(Key{.name = "relay",
            .about = "Where notices go: siegel-relay's listener of the side inside, which signs "
                     "them.",
            .required = true},
        transfer.relay);
  schema_of_scanner(visit, transfer);
  visit(Key{.name = "sender",
            .about = "An address of ours: links to sign in come from it. Default: the postmaster.",
            .example = "dateien@stadt.example"},
        transfer.sender);
  visit(Key{.name = "sms_domain",
            .about = "Where mail to a telephone number goes that becomes a text message, with the "
                     "number before the @: for codes that open a mail that is picked up. Without "
                     "it codes go by mail only.",
            .example = "sms.stadt.example",
            .form = &domain_name},
        transfer.sms_domain);
  visit(Key{.name = "lives", .about = "How long things are kept."}, transfer.lives);
  visit(Key{.name = "limits", .about = "What one may ask for. Sizes are those of the files."},
        transfer.limits);
  visit(Key{.name = "look", .about = "What the pages look like."}, transfer.look);
  visit(Key{.name = "upload_addresses",
            .about = "Mailboxes that anybody may send files to, each by a page of its own."},
        transfer.upload_addresses);
  visit(
      Key{.name = "oidc", .about = "Sign-in of staff by OpenID Connect, beside the link by mail."},
      transfer.oidc);
}

}  // namespace siegel::config
