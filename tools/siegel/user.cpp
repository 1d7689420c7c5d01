#include "tools/siegel/user.h"

#include <array>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <limits>

#include <pwd.h>
#include <unistd.h>

#include "base/utf8.h"

namespace siegel::tools {
namespace {

/// AUDIT_UID_UNSET of linux/audit.h: nobody has logged in, or the kernel does not say who.
constexpr std::uint32_t no_login = std::numeric_limits<std::uint32_t>::max();

uid_t login_or_own_uid(const std::filesystem::path& login) {
  std::ifstream in(login);
  std::uint32_t uid = no_login;
  return in >> uid && uid != no_login ? uid : ::getuid();
}

}  // namespace

std::string user_name(const std::filesystem::path& login) {
  const uid_t uid = login_or_own_uid(login);
  std::array<char, 4096> room{};
  passwd entry{};
  passwd* found = nullptr;
  ::getpwuid_r(uid, &entry, room.data(), room.size(), &found);
  return found == nullptr ? "uid " + std::to_string(uid) : printable(found->pw_name);
}

std::string sudo_note() {
  const char* behind = std::getenv("SUDO_USER");
  return behind == nullptr ? std::string() : " (by sudo of " + printable(behind, 64) + ")";
}

}  // namespace siegel::tools
