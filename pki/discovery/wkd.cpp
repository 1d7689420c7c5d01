#include "pki/discovery/wkd.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include <Poco/Net/NetException.h>

#include "base/error.h"
#include "base/utf8.h"
#include "config/network.h"
#include "pki/fetch_http.h"
#include "pki/forbidden_addresses.h"

namespace siegel::pki::discovery {
namespace {

constexpr std::size_t addresses_limit = 4;

Error world(const std::string& what) {
  return {Fault::world, what};
}

/// One key, out of an answer that says 200.
Finds as_finds(HttpAnswer answer) {
  Finds finds;
  if (answer.elsewhere) {
    finds.trouble = "its server redirects, which is not followed";
  } else if (!answer.is_absent && !answer.octets.empty()) {
    finds.openpgp.push_back(std::move(answer.octets));
  }
  return finds;
}

HttpAnswer ask_first_that_answers(const HttpVisit& visit, HttpQuestion question,
                                  const std::vector<std::string>& addresses) {
  for (std::size_t i = 0; i + 1 < addresses.size(); ++i) {
    question.address = Poco::Net::SocketAddress(addresses[i], question.place.port);
    try {
      return visit.share(addresses.size() - i).ask(question);
    } catch (const Error&) {  // the next one may answer; if none does, the last is told
    }
  }
  question.address = Poco::Net::SocketAddress(addresses.back(), question.place.port);
  return visit.ask(question);
}

}  // namespace

bool WebKeys::serves(const Address& address) const {
  return settings_.enabled && is_among(settings_.domains, address);
}

std::string WebKeys::asked(const Address& address) const {
  return "wkd of " + address.domain();
}

Finds WebKeys::ask(const Address& address, std::chrono::milliseconds patience) const {
  const HttpVisit visit("the key of " + address.str(),
                        {.octets = find_octets_limit, .time = patience, .redirections = 0});
  const TlsRules believed = rules();
  const auto question_at = [&](const WebKeyLocation& location) {
    HttpQuestion question{{location.host, web_.port, location.target}, {}, {}, {}, {}};
    question.tls = &believed;
    question.asks_proxy = settings_.proxy.has_value();
    question.may_be_absent = true;
    return question;
  };
  for (const WebKeyLocation& each : {advanced_location(address), direct_location(address)}) {
    const bool is_last = each.host == address.domain();
    if (settings_.proxy) {
      HttpQuestion question = question_at(each);
      question.address = {settings_.proxy->host, settings_.proxy->port};
      try {
        return as_finds(visit.ask(question));
      } catch (const Error&) {  // a proxy does not tell whether the host exists
        if (is_last) throw;
      }
      continue;
    }
    const auto found = addresses(each.host, visit.left());
    if (!found.empty()) return as_finds(ask_first_that_answers(visit, question_at(each), found));
  }
  return {};
}

TlsRules WebKeys::rules() const {
  TlsRules rules{{}, {}, "discovery.wkd in siegel.yaml, if this server is yours"};
  if (!settings_.ca_file) {
    rules.system = SystemAnchors::believed;
    return rules;
  }
  std::ifstream in(*settings_.ca_file, std::ios::binary);
  const std::string pem{std::istreambuf_iterator<char>(in), {}};
  rules.anchors = certificates_from_pem(pem);
  if (rules.anchors.empty()) {
    throw Error(Fault::ours, "the file " + printable(settings_.ca_file->string()) +
                                 " holds no certificate that can be read; correct "
                                 "discovery.wkd.ca_file in siegel.yaml");
  }
  return rules;
}

std::vector<std::string> WebKeys::addresses(const std::string& host,
                                            std::chrono::milliseconds time) const {
  auto found = look_up_within(web_.look_up, host, time);
  found.resize(std::min(found.size(), addresses_limit));
  for (const std::string& address : found) check_address(host, address);
  return found;
}

/// one address that is forbidden spoils all; no honest answer mixes them.
void WebKeys::check_address(const std::string& host, const std::string& address) const {
  if (std::ranges::find(web_.permitted, address) != web_.permitted.end()) return;
  const auto parsed = config::IpAddress::parse(address);
  if (parsed && !is_forbidden(*parsed) && !is_private(*parsed)) return;
  throw world(
      "the host " + host + " leads to " + printable(address) +
      ", which is in no public network; if it is right, ask it through discovery.wkd.proxy");
}

}  // namespace siegel::pki::discovery
