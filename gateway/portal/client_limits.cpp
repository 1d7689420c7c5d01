#include "gateway/portal/client_limits.h"

#include <algorithm>

#include "gateway/portal/client.h"

namespace siegel::portal {

Time& ClientLimits::bucket(Buckets& buckets, std::string_view what, const std::string& ip,
                           Time now) const {
  auto& entries = buckets.full_again;
  const std::string key = std::string(what) + ' ' + network_of(ip);
  const auto known = entries.find(key);
  if (known != entries.end()) return known->second;
  // Once a second at most: a flood must not make us sweep at each request.
  const bool may_sweep = std::chrono::abs(now - buckets.swept) >= std::chrono::seconds(1);
  if (entries.size() >= most_entries_ && may_sweep) {
    std::erase_if(entries, [&](const auto& entry) { return entry.second <= now; });
    buckets.swept = now;
  }
  const bool is_full = entries.size() >= most_entries_;
  return entries.try_emplace(is_full ? std::string(what) + " others" : key, now).first->second;
}

std::optional<std::chrono::seconds> ClientLimits::take(std::string_view what, const std::string& ip,
                                                       const Rate& rate) {
  using std::chrono::milliseconds;
  const Time now = clock_.now();
  const milliseconds period = rate.period;
  const milliseconds each = period / std::max<std::int64_t>(1, rate.count);
  return buckets_.with([&](Buckets& buckets) -> std::optional<std::chrono::seconds> {
    Time& full_again = bucket(buckets, what, ip, now);
    // A clock that was set back must not lock anybody out.
    full_again = std::clamp(full_again, now, now + period);
    const milliseconds used = full_again - now;
    if (rate.count > 0 && used + each <= period) {
      full_again += each;
      return std::nullopt;
    }
    const milliseconds wait = rate.count > 0 ? used + each - period : period;
    return std::max(std::chrono::seconds(1), std::chrono::ceil<std::chrono::seconds>(wait));
  });
}

bool ClientLimits::enter(const std::string& ip, std::uint32_t of_client, std::uint32_t in_total) {
  const std::string network = network_of(ip);
  return present_.with([&](Present& present) {
    const auto known = present.of_client.find(network);
    const std::uint32_t own = known == present.of_client.end() ? 0 : known->second;
    if (present.total >= in_total || own >= of_client) return false;
    ++present.total;
    ++present.of_client[network];
    return true;
  });
}

void ClientLimits::leave(const std::string& ip) {
  const std::string network = network_of(ip);
  present_.with([&](Present& present) {
    --present.total;
    if (--present.of_client[network] == 0) present.of_client.erase(network);
  });
}

std::uint32_t ClientLimits::connections() const {
  return present_.with([](const Present& present) { return present.total; });
}

}  // namespace siegel::portal
