#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include <sys/types.h>

#include "base/guarded.h"
#include "pki/private_file.h"

namespace siegel::pki::gpg {

/// A GNUPGHOME of our own (STANDARDS §4.2) with a name of its own below a directory: mode 0700,
/// locked by its owner while it lives, gone with it. The agent that gpg starts for it ends with it.
/// Thread-safe.
class Home {
 public:
  /// `more` are further lines of gpg.conf. Throws Error{world} if it cannot be made.
  explicit Home(const std::filesystem::path& directory, std::string more = {});
  Home(const Home&) = delete;
  Home& operator=(const Home&) = delete;
  ~Home();

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// Makes what is missing, the directory above included; true if anything was.
  bool restore() const;
  /// Ends the agent and forgets all keys.
  void empty() const;

  /// Which agent there is: it changes whenever another one takes its place.
  struct Agent {
    ino_t socket = 0;
    std::int64_t since = 0;  ///< nanoseconds
    bool operator==(const Agent&) const = default;
  };
  [[nodiscard]] Agent agent() const;
  /// True if it greets who comes.
  [[nodiscard]] bool agent_answers() const;
  /// Asks the agent, while it answers, for its process: gpg-agent is not dumpable, so that /proc
  /// does not show it where processes are hidden (systemd: ProtectProc=invisible).
  void meet_agent() const;
  /// Ends by force whatever works in this home: gpg, and an agent that was met or can be seen.
  void kill() const;

  /// Removes the homes below `directory` whose owners have died, with their agents.
  static void sweep(const std::filesystem::path& directory);
  /// The longest directory in which gpg-agent can make its sockets.
  static constexpr std::size_t longest_directory = 80;

 private:
  struct Met {
    Agent agent{};
    pid_t process = 0;
  };

  std::filesystem::path directory_, path_;
  std::string configuration_;
  mutable std::mutex restoring_;
  mutable std::unique_ptr<Descriptor> lock_;
  mutable Guarded<Met> met_;
};

}  // namespace siegel::pki::gpg
