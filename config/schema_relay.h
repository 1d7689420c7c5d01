#pragma once

#include "config/config.h"
#include "config/key.h"

/// The part of the schema that stands under `relay:`.
namespace siegel::config {

/// The member that a short text fills where a map could stand: `world: smtp://relay.example:25`.
inline NextHop& short_form(Delivery& delivery) {
  return delivery.to;
}

template <typename Visitor>
void schema(Visitor& visit, Listener& listener) {
  visit(Key{.name = "at",
            .about = "IP address and port. 0.0.0.0 or [::] means every address of this machine; "
                     "port 0 takes a free one.",
            .example = "0.0.0.0:25",
            .required = true},
        listener.at);
  visit(Key{.name = "side",
            .about = "inside: our own mail servers speak here, their mail may go anywhere. world: "
                     "everybody else, only mail to our domains is taken.",
            .example = "world",
            .required = true},
        listener.side);
  visit(Key{.name = "clients",
            .about = "Networks that may speak here. Required for inside, because it decides who "
                     "may send in our name; for world an empty list means everybody."},
        listener.clients);
}

template <typename Visitor>
void schema(Visitor& visit, Delivery& delivery) {
  visit(Key{.name = "to",
            .about = "smtp://HOST:PORT (port 25 if left out), or maildir:FOLDER, which puts each "
                     "message into a folder (demo and tests).",
            .required = true,
            .later = mail_exchangers},
        delivery.to);
  visit(Key{.name = "tls",
            .about = "none: never STARTTLS. opportunistic: STARTTLS where it is offered, with any "
                     "certificate. verified: only STARTTLS with a certificate that names the host "
                     "and chains to ca_file; else the mail waits."},
        delivery.tls);
  visit(Key{.name = "ca_file",
            .about = "Certificates (PEM) to which the next hop's certificate must chain; with tls: "
                     "verified, and only there.",
            .example = "/etc/siegel/next-hop-ca.pem"},
        delivery.ca_file);
}

template <typename Visitor>
void schema(Visitor& visit, TlsFiles& tls) {
  visit(Key{.name = "certificate",
            .about = "Our certificate and its intermediates (PEM).",
            .example = "/etc/siegel/tls.pem",
            .required = true},
        tls.certificate);
  visit(Key{.name = "key",
            .about = "Its private key (PEM, without a password).",
            .example = "/etc/siegel/tls.key",
            .required = true},
        tls.key);
}

template <typename Visitor>
void schema(Visitor& visit, Limits& limits) {
  visit(Key{.name = "message_size",
            .about = "The largest message that is taken (announced as SIZE). B, KB, MB and GB are "
                     "powers of 1024.",
            .least = 64U << 10U,  // RFC 5321 §4.5.3.1.7
            .most = 1U << 30U},
        limits.message_octets);
  visit(Key{.name = "recipients",
            .about = "Recipients of one message.",
            .least = 100,  // RFC 5321 §4.5.3.1.8
            .most = 50000},
        limits.recipients);
  visit(Key{.name = "sessions",
            .about = "SMTP sessions at the same time on each listener.",
            .least = 1,
            .most = 10000},
        limits.sessions);
  visit(Key{.name = "sessions_per_client",
            .about = "Of these, from one IP address.",
            .least = 1,
            .most = 10000},
        limits.sessions_per_client);
  visit(Key{.name = "received_fields",
            .about = "Received fields of a message; one with more runs in a loop and is refused.",
            .least = 10,
            .most = 1000},
        limits.received_fields);
  visit(Key{.name = "command_timeout",
            .about = "How long a session waits for the next command.",
            .least = 1,
            .most = 3600},
        limits.command_timeout);
  visit(Key{.name = "data_timeout",
            .about = "How long a session waits for the next octets of a message.",
            .least = 1,
            .most = 3600},
        limits.data_timeout);
}

template <typename Visitor>
void schema(Visitor& visit, Retry& retry) {
  visit(Key{.name = "after",
            .about = "Waits between the attempts to deliver a message; the last one repeats.",
            .least = 1,
            .most = 86400},
        retry.after);
  visit(Key{.name = "delay_notice",
            .about = "After this time the sender is told, once, that the message is late.",
            .least = 1,
            .most = 30ULL * 86400},
        retry.delay_notice);
  visit(Key{.name = "give_up",
            .about = "After this time the message goes back to its sender.",
            .least = 60,
            .most = 30ULL * 86400},
        retry.give_up);
  visit(Key{.name = "give_up_confidential",
            .about = "The same for a message that a rule demanded to be encrypted: its sender "
                     "should know sooner.",
            .least = 60,
            .most = 30ULL * 86400},
        retry.give_up_confidential);
  visit(Key{.name = "couriers", .about = "Threads that deliver.", .least = 1, .most = 64},
        retry.couriers);
}

template <typename Visitor>
void schema(Visitor& visit, RelaySettings& relay) {
  visit(Key{.name = "listen",
            .about = "Where mail comes in: one line for each address and port.",
            .example = "[{at: 0.0.0.0:25, side: world}]",
            .required = true},
        relay.listen);
  visit.section(Key{.name = "deliver",
                    .about = "Where mail goes. Instead of the keys below, either side may be given "
                             "its address alone, such as world: smtp://relay.example:25"},
                [&relay](auto& deliver) {
                  deliver(Key{.name = "inside",
                              .about = "Mail for our domains.",
                              .example = "smtp://mail.stadt.example:25",
                              .required = true,
                              .later = mail_exchangers},
                          relay.inside);
                  deliver(Key{.name = "world",
                              .about = "All other mail.",
                              .example = "smtp://relay.example:25",
                              .required = true,
                              .later = mail_exchangers},
                          relay.world);
                });
  visit(Key{.name = "tls", .about = "Offers STARTTLS on every listener."}, relay.tls);
  visit(Key{.name = "limits", .about = "What a session may ask for."}, relay.limits);
  visit(Key{.name = "retry", .about = "When the next hop does not take a message."}, relay.retry);
}

}  // namespace siegel::config
