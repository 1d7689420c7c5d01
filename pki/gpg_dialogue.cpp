#include "pki/gpg_dialogue.h"

#include <map>
#include <vector>

namespace siegel::pki::gpg {
namespace {

/// The answers to each question, by gpg's name for it (doc/DETAILS), in their order.
struct Dialogue {
  std::map<std::string, std::vector<std::string>> answers;
  std::map<std::string, std::size_t> asked;
};

gpgme_error_t answer(void* hook, const char* keyword, const char* question, int fd) {
  auto& dialogue = *static_cast<Dialogue*>(hook);
  const std::string_view kind = keyword;
  if (fd < 0 || (kind != "GET_LINE" && kind != "GET_BOOL")) return 0;
  const auto known = dialogue.answers.find(question);
  if (known == dialogue.answers.end()) return gpgme_error(GPG_ERR_UNEXPECTED);
  const std::size_t turn = dialogue.asked[question]++;
  if (turn >= known->second.size()) return gpgme_error(GPG_ERR_UNEXPECTED);
  const std::string line = known->second[turn] + '\n';
  return gpgme_io_writen(fd, line.data(), line.size()) == 0 ? 0 : gpgme_error_from_syserror();
}

}  // namespace

void revoke(gpgme_ctx_t context, gpgme_key_t key, const std::string& reason) {
  Dialogue dialogue{{{"keyedit.prompt", {"revkey", "save"}},
                     {"keyedit.revoke.subkey.okay", {"y"}},
                     {"keyedit.revoke.okay", {"y"}},
                     {"ask_revocation_reason.code", {"0"}},
                     {"ask_revocation_reason.text", {reason, ""}},
                     {"ask_revocation_reason.okay", {"y"}}},
                    {}};
  Sink said;
  demand(gpgme_op_interact(context, key, 0, answer, &dialogue, said.data()), "revoke");
}

}  // namespace siegel::pki::gpg
