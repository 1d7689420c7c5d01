// OpenPGP operations a second through Gpg beside the gpg command line, started once for each
// operation, in the same run. Figures are printed, nothing is judged.

#include <chrono>
#include <functional>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <fmt/core.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/pki/gpg_workbench.h"
#include "tests/support/files.h"

namespace siegel::bench {
namespace {

using Watch = std::chrono::steady_clock;

/// A program, its standard input and output files.
void run(std::vector<std::string> words, const std::string& in) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, in.c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = -1;
  posix_spawnp(&child, pointers[0], &actions, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  int status = -1;
  if (child < 0 || ::waitpid(child, &status, 0) != child || status != 0)
    throw std::runtime_error("gpg has failed");
}

/// How often `work` is done in a second by so many threads.
double rate(std::size_t threads, const std::function<void()>& work) {
  constexpr std::size_t each = 60;
  work();  // agent and keys are there
  const auto start = Watch::now();
  {
    std::vector<std::jthread> workers;
    for (std::size_t i = 0; i < threads; ++i) {
      workers.emplace_back([&] {
        for (std::size_t n = 0; n < each; ++n) work();
      });
    }
  }
  const std::chrono::duration<double> taken = Watch::now() - start;
  return static_cast<double>(each * threads) / taken.count();
}

/// The same key in ours and in a home of the command line.
class Stage {
 public:
  explicit Stage(pki::Gpg::Kind kind) : key_(bench_.own("bauamt@stadt.example", kind)) {
    std::filesystem::create_directory(folder_ / "home");
    std::filesystem::permissions(folder_ / "home", std::filesystem::perms::owner_all);
    tests::write_file((folder_ / "home") / "gpg-agent.conf", "auto-expand-secmem\n");
    file("secret", bench_.secret_of(key_));
    file("text", text_);
    const auto now =
        std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
    message_ = bench_->encrypt(Octets(Blob(text_)), std::span(&key_, 1), now);
    signature_ = bench_->sign(Octets(Blob(text_)), key_).armoured;
    file("message", message_);
    file("signature", signature_);
    command({"--import"}, "secret");
  }
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;
  ~Stage() { run({"gpgconf", "--homedir", folder_ / "home", "--kill", "all"}, "/dev/null"); }

  struct Pair {
    const char* name;
    std::function<void()> ours, peer;
  };
  std::vector<Pair> pairs() {
    const auto now =
        std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
    return {{"sign", [this] { static_cast<void>(bench_->sign(Octets(Blob(text_)), key_)); },
             [this] {
               command({"--armor", "--detach-sign"}, "text");
             }},
            {"verify",
             [this] { static_cast<void>(bench_->verify(signature_, text_, std::span(&key_, 1))); },
             [this] {
               command({"--verify", folder_ / "signature", "-"}, "text");
             }},
            {"encrypt",
             [this, now] {
               static_cast<void>(bench_->encrypt(Octets(Blob(text_)), std::span(&key_, 1), now));
             },
             [this] {
               command({"--armor", "-r", key_.fingerprint(), "--encrypt"}, "text");
             }},
            {"decrypt", [this] { static_cast<void>(bench_->decrypt(message_, {})); },
             [this] { command({"--decrypt"}, "message"); }}};
  }

 private:
  void file(const std::string& name, const std::string& octets) const {
    tests::write_secret(folder_ / name, octets);
  }
  void command(const std::vector<std::string>& arguments, const std::string& in) const {
    std::vector<std::string> words{"gpg",      "--homedir",     folder_ / "home", "--batch",
                                   "--no-tty", "--trust-model", "always"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    run(words, folder_ / in);
  }

  tests::TemporaryDirectory folder_;
  tests::GpgWorkbench bench_;
  std::string text_ = std::string(4096, 'x');
  pki::OpenPgpKey key_;
  std::string message_, signature_;
};

void print_all() {
  fmt::print(
      "\n| operations a second, 4 KB | threads | Gpg | gpg command | ratio "
      "|\n|---|---|---|---|---|\n");
  for (const auto& [kind, name] : {std::pair(pki::Gpg::Kind::curve25519, "curve25519"),
                                   std::pair(pki::Gpg::Kind::rsa4096, "rsa4096")}) {
    Stage stage(kind);
    for (const Stage::Pair& pair : stage.pairs()) {
      for (const std::size_t threads : {1U, 4U, 8U}) {
        const double ours = rate(threads, pair.ours);
        const double peer = rate(threads, pair.peer);
        fmt::print("| {}, {} | {} | {:.0f} | {:.0f} | {:.2f} |\n", pair.name, name, threads, ours,
                   peer, ours / peer);
      }
    }
  }
}

}  // namespace
}  // namespace siegel::bench

int main() {
  siegel::bench::print_all();
}
