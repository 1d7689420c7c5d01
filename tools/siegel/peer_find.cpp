#include "tools/siegel/peer_find.h"

#include <iostream>

#include "base/error.h"
#include "pki/discovery/learning.h"
#include "pki/discovery/places.h"
#include "pki/openpgp_keys.h"

namespace siegel::tools {
namespace {

using pki::discovery::Answer;

struct Question {
  std::string address;
  bool learn = false;
};

/// What a place gave.
struct Given {
  std::vector<std::string> fingerprints{};
  std::string note{};  ///< what was passed over
};

Given look_into(const pki::KeyStore& store, const Answer& answer) {
  Given given{.note = answer.trouble};
  for (const pki::Certificate& certificate : answer.finds.certificates)
    given.fingerprints.push_back(certificate.fingerprint());
  if (store.openpgp() == nullptr) return given;
  for (const std::string& octets : answer.finds.openpgp) {
    const pki::Gpg::Read read = store.openpgp()->gpg().read(octets, {});
    for (const pki::OpenPgpKey& key : read.keys) given.fingerprints.push_back(key.fingerprint());
    if (!read.trouble.empty()) given.note += (given.note.empty() ? "" : "; ") + read.trouble;
  }
  return given;
}

std::vector<std::string> results(const std::vector<pki::discovery::Lesson>& lessons) {
  std::vector<std::string> texts;
  for (const auto& [fingerprint, learned, trouble] : lessons) texts.emplace_back(name(learned));
  return texts;
}

/// Every place is asked, so that the operator sees what each of them says.
void find(Context& context, const Question& question) {
  const auto config = context.config();
  const Address address = address_argument(question.address);
  const SystemClock clock;
  OpenStore store(context);
  pki::discovery::Finder finder(pki::discovery::places(config->discovery),
                                pki::discovery::terms(config->discovery), clock);
  if (!finder.is_worth_asking(address)) {
    throw Error(Fault::peer, "nobody is asked for keys of " + address.domain() +
                                 "; configure places under `discovery:` in siegel.yaml");
  }
  Table table({"asked", "came", "outcome", "keys", "learned", "note"});
  bool is_found = false;
  finder.find(address, [&](const Answer& answer) {
    is_found = is_found || answer.outcome == Answer::Outcome::found;
    std::vector<std::string> learned;
    if (question.learn) learned = results(learn(*store, address, answer, clock.now()));
    const Given given = look_into(*store, answer);
    table.add({answer.asked, std::string(name(answer.provenance)),
               std::string(name(answer.outcome)), given.fingerprints, learned, given.note});
    return false;
  });
  table.print(std::cout, context.json);
  if (!is_found) context.exit_code = exit_no;
}

}  // namespace

void add_peer_find(CLI::App& peer, Context& context) {
  auto question = std::make_shared<Question>();
  CLI::App* finds = peer.add_subcommand("find", "ask the configured directories for keys, now");
  finds->add_option("address", question->address, "local@domain")->required();
  finds->add_flag("--learn", question->learn, "keep what passes all checks, as the relay does");
  finds->callback([&context, question] { find(context, *question); });
}

}  // namespace siegel::tools
