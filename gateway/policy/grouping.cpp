#include "gateway/policy/grouping.h"

#include <algorithm>

#include "base/ascii.h"

namespace siegel::policy {
namespace {

std::string named_fields(const mail::Entity& top) {
  std::string named;
  for (const mail::Field& field : top.fields) {
    if (ascii::equals_ignoring_case(field.name, "To") ||
        ascii::equals_ignoring_case(field.name, "Cc")) {
      named += ascii::lower(field.body) + '\n';
    }
  }
  return named;
}

/// True if the address stands in `named` as a word of its own. An address that is written in a way
/// this does not recognise counts as hidden, which costs a message more and gives nobody away.
bool names(std::string_view named, const Address& address) {
  const std::string wanted = ascii::lower(address.str());
  const auto is_part_of_word = [](char c) {
    return ascii::is_alpha(c) || ascii::is_digit(c) || ascii::is_8bit(c) || c == '.' || c == '-' ||
           c == '_';
  };
  for (auto at = named.find(wanted); at != std::string_view::npos;
       at = named.find(wanted, at + 1)) {
    const std::size_t end = at + wanted.size();
    const bool starts = at == 0 || !is_part_of_word(named[at - 1]);
    if (starts && (end == named.size() || !is_part_of_word(named[end]))) return true;
  }
  return false;
}

bool is_alike(const Treatment& a, const Treatment& b) {
  return a.sign.has_value() == b.sign.has_value() &&
         a.sign_openpgp.has_value() == b.sign_openpgp.has_value() &&
         a.encrypt_to.empty() == b.encrypt_to.empty() &&
         a.encrypt_to_openpgp.empty() == b.encrypt_to_openpgp.empty() &&
         a.hide_subject == b.hide_subject && a.offload == b.offload;
}

bool is_alike(const Route& a, const Route& b) {
  return a.action == b.action && a.confidential == b.confidential && a.reason == b.reason &&
         is_alike(a.treatment, b.treatment) && a.advice_en == b.advice_en;
}

/// Two recipients of a domain may have one key between them.
template <typename Peer, typename Same>
void add_each_once(std::vector<Peer>& into, std::vector<Peer> from, Same same) {
  for (Peer& each : from) {
    const bool is_known =
        std::ranges::any_of(into, [&](const Peer& known) { return same(known, each); });
    if (!is_known) into.push_back(std::move(each));
  }
}

void merge(Route& into, Route from) {
  std::ranges::move(from.recipients, std::back_inserter(into.recipients));
  add_each_once(into.treatment.encrypt_to, std::move(from.treatment.encrypt_to),
                [](const pki::PeerKey& a, const pki::PeerKey& b) {
                  return a.address == b.address && a.certificate == b.certificate;
                });
  add_each_once(into.treatment.encrypt_to_openpgp, std::move(from.treatment.encrypt_to_openpgp),
                [](const pki::OpenPgpPeer& a, const pki::OpenPgpPeer& b) {
                  return a.address == b.address && a.key == b.key;
                });
}

bool must_stay_alone(std::string_view named, const Route& route) {
  return route.treatment.encrypts() && !names(named, route.recipients.front().address);
}

/// A route in the making: what is said of single recipients comes behind what they share.
struct Group {
  Route route;
  std::string remarks;
  bool is_closed = false;
};

Group* find_alike(std::vector<Group>& groups, const Route& route) {
  const auto found = std::ranges::find_if(
      groups, [&](const Group& group) { return !group.is_closed && is_alike(group.route, route); });
  return found == groups.end() ? nullptr : &*found;
}

}  // namespace

Decision grouped(std::vector<Plan> plans, const mail::Entity& top) {
  const std::string named = named_fields(top);
  std::vector<Group> groups;
  for (Plan& plan : plans) {
    const bool is_alone = must_stay_alone(named, plan.route);
    Group* group = is_alone ? nullptr : find_alike(groups, plan.route);
    if (group == nullptr) {
      group = &groups.emplace_back(Group{std::move(plan.route), {}, is_alone});
    } else {
      merge(group->route, std::move(plan.route));
    }
    if (!plan.remark.empty()) group->remarks += "; " + plan.remark;
  }
  Decision decision;
  for (Group& group : groups) {
    group.route.reason += group.remarks;
    decision.routes.push_back(std::move(group.route));
  }
  return decision;
}

}  // namespace siegel::policy
