#include "tests/crypt/command.h"

#include <array>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include "tests/support/files.h"
#include "tests/support/temporary_directory.h"

extern char** environ;  // POSIX, environ(7)

namespace siegel::tests {

Answer run(const std::vector<std::string>& words) {
  const TemporaryDirectory folder;
  const std::string out = (folder / "out").string();
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, out.c_str(), O_WRONLY | O_CREAT, 0600);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  pid_t child = 0;
  const int failed =
      posix_spawnp(&child, arguments.front(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return {-1, "cannot start " + words.front()};
  int status = 0;
  waitpid(child, &status, 0);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_file(out)};
}

}  // namespace siegel::tests
