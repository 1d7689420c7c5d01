#include "gateway/relay/relay.h"

#include <exception>
#include <thread>
#include <utility>

#include "base/error.h"
#include "base/rounds.h"
#include "config/load.h"
#include "pki/seal.h"

namespace siegel::relay {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds stop_grace{10};
constexpr std::chrono::seconds enrolment_grace{1};  // and for the search for keys
constexpr std::chrono::seconds recorder_grace{2};
constexpr std::chrono::seconds first_lists_patience{5};

std::string_view name(config::Side side) {
  return side == config::Side::inside ? "inside" : "world";
}

/// What a running daemon cannot change, in one comparable text.
std::string fixed_settings(const config::Config& config) {
  std::string text = config.storage.directory.string() + '\n' +
                     config.storage.key_encryption_key.string() + '\n' +
                     std::to_string(config.relay.retry.couriers);
  for (const config::Listener& listener : config.relay.listen) {
    text += '\n' + listener.at.host + ' ' + std::to_string(listener.at.port) + ' ';
    text += name(listener.side);
    for (const config::Network& network : listener.clients) text += ' ' + network.text;
  }
  if (const auto& openpgp = config.openpgp) {
    text += "\nopenpgp " + openpgp->directory.string() + ' ' + std::to_string(openpgp->processes) +
            ' ' + std::to_string(openpgp->plaintext_octets);
  }
  return text;
}

}  // namespace

Relay::Relay(const std::shared_ptr<const config::Config>& config, const Log& log)
    : log_(log),
      config_(config),
      database_(config->storage.database_url()),
      keys_(database_, pki::Seal::from_file(config->storage.key_encryption_key), config, clock_),
      spool_(disk_, config->storage.spool()),
      vault_(config_, clock_),
      offload_(config_, vault_, log_),
      pickup_(config_, keys_, vault_, log_),
      recorder_(config_, clock_, log_),
      intake_(config_, keys_, spool_, {offload_, pickup_}, log_),
      seeker_(config_, keys_, clock_, log_),
      courier_(config_, spool_, clock_, log_),
      housekeeper_(config_, keys_, spool_, clock_, log_),
      enrolment_(config_, keys_, database_, intake_, clock_, log_) {
  keys_.act_for(actor);
  try {
    // Whether gpg can work is said at the start, not to the first sender.
    if (const auto* openpgp = keys_.openpgp()) static_cast<void>(openpgp->gpg());
  } catch (const Error& error) {
    // Mail that needs no OpenPGP goes on; what needs it waits at its sender.
    log_.alarm("openpgp_closed", {{"what", error.said()}, {"why", error.detail()}});
  }
  intake_.find_keys_by(seeker_);
  intake_.have_decisions_kept_by(recorder_);
  try {
    offload_.open();
  } catch (const Error& error) {
    // Mail without large attachments goes on; what has some waits at its sender.
    log_.alarm("offload_closed", {{"what", error.said()}, {"why", error.detail()}});
  }
  try {
    pickup_.open();
  } catch (const Error& error) {
    log_.alarm("pickup_closed", {{"what", error.said()}, {"why", error.detail()}});
  }
  attempt(log_, "transfer_failed", "trials", [this] { vault_.end_trials(spool_); });
  const smtp::Accept accept = [this](const mail::Envelope& envelope, Blob octets) {
    return intake_.accept(envelope, std::move(octets));
  };
  for (const config::Listener& listener : config->relay.listen) {
    servers_.push_back(std::make_unique<smtp::Server>(listener, config_, accept, clock_, log_));
  }
}

Relay::~Relay() {
  static_cast<void>(stop());
}

void Relay::start() {
  recorder_.start();
  courier_.start();
  housekeeper_.start(first_lists_patience);
  enrolment_.start();
  seeker_.start();
  const auto config = config_.load();
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    servers_[i]->start();
    const config::Listener& listener = config->relay.listen[i];
    log_.info(
        "listening",
        {{"side", name(listener.side)}, {"host", listener.at.host}, {"port", servers_[i]->port()}});
  }
}

void Relay::reload() {
  const auto old = config_.load();
  try {
    const auto fresh = config::load(old->file);
    if (fixed_settings(*fresh) != fixed_settings(*old)) {
      log_.warning("reload_incomplete",
                   {{"what",
                     "relay.listen, relay.retry.couriers, storage or openpgp (the section, its "
                     "directory, processes or plaintext_octets) has changed: restart to use it"}});
    }
    keys_.use(fresh);
    config_.store(fresh);
    housekeeper_.wake();
    enrolment_.wake();
    seeker_.start();
    log_.info("reloaded", {{"file", fresh->file.string()}});
  } catch (const std::exception& error) {
    log_.alarm("reload_refused",
               {{"what", "the old configuration stays in force"}, {"why", error.what()}});
  }
}

bool Relay::stop() {
  {
    std::vector<std::jthread> stopping;  // all listeners at once: the grace is for all together
    for (const auto& server : servers_)
      stopping.emplace_back([&server] { server->stop(stop_grace); });
  }
  servers_.clear();
  const bool couriers_ended = courier_.stop(stop_grace);
  const bool housekeeper_ended = housekeeper_.stop(couriers_ended ? stop_grace : 0s);
  // It waits for authorities, not for mail, and what it leaves off goes on at the next start.
  const bool enrolment_ended = enrolment_.stop(enrolment_grace);
  const bool seeker_ended = seeker_.stop(enrolment_grace);
  const bool recorder_ended = recorder_.stop(recorder_grace);
  return couriers_ended && housekeeper_ended && enrolment_ended && seeker_ended && recorder_ended;
}

std::vector<std::uint16_t> Relay::ports() const {
  std::vector<std::uint16_t> bound;
  for (const auto& server : servers_) bound.push_back(server->port());
  return bound;
}

}  // namespace siegel::relay
