#include "gateway/portal/transfer_service.h"

#include "base/error.h"
#include "config/load.h"
#include "gateway/portal/download_pages.h"
#include "gateway/portal/message_pages.h"
#include "gateway/portal/oidc_pages.h"
#include "gateway/portal/pickup_pages.h"
#include "gateway/portal/plain_pages.h"
#include "gateway/portal/sign_in_pages.h"
#include "gateway/portal/staff_pages.h"
#include "gateway/portal/upload_pages.h"
#include "gateway/smtp/client.h"

namespace siegel::portal {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds stop_grace{10};
constexpr std::chrono::milliseconds round_pause{1s};

std::shared_ptr<const config::Config> with_transfer(std::shared_ptr<const config::Config> config) {
  if (!config->transfer)
    throw Error(Fault::ours,
                "the configuration has no section \"transfer\"; write one, or do not "
                "start siegel-transfer");
  if (config->transfer->oidc) Issuer::check(*config->transfer->oidc);
  return config;
}

}  // namespace

TransferService::TransferService(std::shared_ptr<const config::Config> config, const Log& log)
    : log_(log),
      config_(with_transfer(std::move(config))),
      storage_(*config_.load()->transfer, clock_),
      limits_(clock_),
      desk_{config_,          clock_,           log_,
            pages_,           limits_,          storage_.files,
            storage_.uploads, storage_.parcels, storage_.links,
            storage_.pickups, storage_.outbox,  storage_.access},
      messages_(desk_),
      issuer_(clock_),
      tus_({config_, storage_.files, storage_.uploads, limits_, log_},
           [this](const Request& request) { return upload_owner(desk_, request); }),
      dispatcher_(config_,
                  {storage_.database, storage_.files, storage_.uploads, storage_.parcels,
                   storage_.links, storage_.outbox, storage_.access},
                  smtp::deliver, clock_, log_),
      scans_([this] {
        dispatcher_.scan_round();
        return round_pause;
      }),
      mails_([this] {
        dispatcher_.mail_round();
        return round_pause;
      }) {
  server_ = std::make_unique<Server>(config_, make_service(), clock_, log_);
}

TransferService::~TransferService() {
  stop();
}

Service TransferService::make_service() {
  Service service{.routes = {},
                  .error_page =
                      [this](const Problem& problem, const Request& request) {
                        return problem_page(desk_, problem, request);
                      },
                  .is_healthy = [this] { return is_healthy(); },
                  .limits = limits_,
                  .patience = {}};
  add_plain_pages(service.routes, desk_);
  add_oidc_pages(service.routes, desk_, issuer_);
  add_sign_in_pages(service.routes, desk_);
  add_sending_pages(service.routes, desk_);
  add_managing_pages(service.routes, desk_);
  add_inviting_pages(service.routes, desk_);
  add_download_pages(service.routes, desk_);
  add_pickup_pages(service.routes, desk_);
  add_message_pages(service.routes, desk_, messages_);
  add_upload_pages(service.routes, desk_);
  tus_.add_routes(service.routes);
  return service;
}

/// Its tables answer, and there is room.
bool TransferService::is_healthy() const {
  static_cast<void>(storage_.outbox.due(1));
  return storage_.files.free_octets() > config_.load()->transfer->limits.reserve;
}

void TransferService::start() {
  scans_.start();
  mails_.start();
  server_->start();
  const auto config = config_.load();
  for (std::size_t i = 0; i < config->transfer->listen.size(); ++i)
    log_.info("listening",
              {{"host", config->transfer->listen[i].host}, {"port", server_->port(i)}});
}

void TransferService::reload() {
  try {
    config_.store(with_transfer(config::load(config_.load()->file)));
    server_->reload_certificate();
    log_.info("reloaded", {});
  } catch (const std::exception& error) {
    log_.alarm("reload_refused",
               {{"what", "the old configuration stays in force"}, {"why", error.what()}});
  }
}

void TransferService::stop() {
  server_->stop(stop_grace);
  static_cast<void>(mails_.stop(stop_grace));
  static_cast<void>(scans_.stop(stop_grace));
}

}  // namespace siegel::portal
