#include "gateway/portal/link_lock.h"

#include <chrono>

#include "gateway/transfer/letters.h"

namespace siegel::portal {

void tell_of_lock(const Desk& desk, const transfer::Visit& visit) {
  const auto config = desk.config.load();
  const Time now = desk.clock.now();
  desk.parcels.note_event(visit.parcel.id, {now, "locked", visit.recipient, {}});
  const auto house = transfer::letters::house_of(*config->transfer);
  desk.outbox.put({visit.parcel.owner, house.name, visit.parcel.owner,
                   transfer::letters::locked(house, visit.parcel, visit.recipient,
                                             now + config->transfer->limits.lock)});
}

std::string minutes_until(Time when, Time now) {
  return std::to_string(std::chrono::ceil<std::chrono::minutes>(when - now).count());
}

}  // namespace siegel::portal
