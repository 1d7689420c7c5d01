#include "pki/look_up.h"

#include <future>
#include <memory>
#include <thread>

#include <Poco/Net/DNS.h>
#include <Poco/Net/HostEntry.h>
#include <Poco/Net/NetException.h>

#include "base/error.h"
#include "base/utf8.h"

namespace siegel::pki {

std::vector<std::string> system_look_up(const std::string& host) {
  std::vector<std::string> found;
  try {
    const Poco::Net::HostEntry entry = Poco::Net::DNS::hostByName(host);
    for (const auto& address : entry.addresses()) found.push_back(address.toString());
  } catch (const Poco::Net::HostNotFoundException&) {
    return {};
  } catch (const Poco::Net::NoAddressFoundException&) {
    return {};
  } catch (const Poco::Exception&) {
    throw Error(Fault::world, "the host name " + printable(host) + " cannot be looked up");
  }
  return found;
}

std::vector<std::string> look_up_within(const LookUp& look_up, const std::string& host,
                                        std::chrono::milliseconds time) {
  auto task = std::make_shared<std::packaged_task<std::vector<std::string>()>>(
      [look_up, host] { return look_up(host); });
  auto found = task->get_future();
  std::thread([task] { (*task)(); }).detach();
  if (found.wait_for(time) == std::future_status::ready) return found.get();
  throw Error(Fault::world, "the host name " + printable(host) + " was not looked up in time");
}

}  // namespace siegel::pki
