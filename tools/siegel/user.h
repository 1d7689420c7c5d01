#pragma once

#include <filesystem>
#include <string>

namespace siegel::tools {

/// Who gives the command, for the record and for four eyes: the user who has logged in, which stays
/// through sudo and su and which only root can change (proc(5), /proc/PID/loginuid); where the
/// kernel keeps none, the user that the process belongs to. No variable of the environment is
/// believed.
/// @param login  the kernel's file
[[nodiscard]] std::string user_name(const std::filesystem::path& login = "/proc/self/loginuid");

/// What sudo says about who is behind the process, for people: " (by sudo of anna)", or empty.
/// Anybody could have said it.
[[nodiscard]] std::string sudo_note();

}  // namespace siegel::tools
