// A gpg-agent that hangs, and a gpg that has too much to do: nobody waits for ever.

#include <csignal>
#include <fstream>
#include <future>

#include <gmock/gmock.h>

#include "base/error.h"
#include "pki/gpg_bench.h"
#include "tests/pki/gpg_citizen.h"

namespace siegel::tests {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

/// A bench with little patience, and the Bauamt's secret key to bring there: its agent is needed
/// for that.
class GpgHang : public GpgCitizen {
 protected:
  [[nodiscard]] std::optional<pki::Secret> secret() const {
    return pki::Secret(bench_.secret_of(bauamt_));
  }
  [[nodiscard]] bool brings_the_secret_key() {
    hurried_->lose_secret(bauamt_.fingerprint());
    return hurried_->with_context(
        [&](auto* context) { return hurried_->bring_secret(context, bauamt_.fingerprint()); });
  }
  [[nodiscard]] std::unique_ptr<pki::gpg::Bench> bench_with(std::chrono::seconds patience) const {
    return std::make_unique<pki::gpg::Bench>(
        pki::Gpg::Settings{.directory = folder_ / "g", .processes = 1},
        pki::Gpg::SecretSource{[this](const std::string&) { return secret(); }, {}}, patience);
  }
  /// The process of the agent, which no longer moves.
  int stop_agent() {
    const int agent = agent_of(hurried_->home().path());
    if (agent > 0) ::kill(agent, SIGSTOP);
    return agent;
  }
  /// True if it is gone; one that nobody has waited for has no command line.
  [[nodiscard]] static bool is_gone(int process) {
    std::ifstream file("/proc/" + std::to_string(process) + "/cmdline");
    return file.get() == std::ifstream::traits_type::eof();
  }
  template <typename Work>
  static Error complaint_of(Work&& work) {
    try {
      work();
    } catch (const Error& error) {
      return error;
    }
    return {Fault::peer, "none"};
  }

  const TemporaryDirectory folder_;
  // Patience enough to start gpg and its agent on a machine that is busy.
  std::unique_ptr<pki::gpg::Bench> hurried_ = bench_with(10s);
};

TEST_F(GpgHang, AnAgentThatHangsIsEndedAndTheNextOneWorks) {
  ASSERT_TRUE(brings_the_secret_key());
  const int agent = stop_agent();
  ASSERT_GT(agent, 0);
  const Error error = complaint_of([&] { static_cast<void>(brings_the_secret_key()); });
  EXPECT_EQ(error.fault(), Fault::world);
  EXPECT_THAT(error.said(), HasSubstr("has not answered for a long time"));
  EXPECT_TRUE(is_gone(agent));
  EXPECT_TRUE(brings_the_secret_key());
}

TEST_F(GpgHang, AnAgentThatHangsEndsWithItsHome) {
  ASSERT_TRUE(brings_the_secret_key());
  const int agent = stop_agent();
  ASSERT_GT(agent, 0);
  hurried_.reset();
  EXPECT_TRUE(is_gone(agent));
  EXPECT_TRUE(std::filesystem::is_empty(folder_ / "g"));
}

TEST_F(GpgHang, NobodyWaitsForHisTurnForEver) {
  hurried_ = bench_with(1s);
  std::promise<void> started, released;
  std::thread busy([&] {
    const auto work = [&](auto*) {
      started.set_value();
      released.get_future().wait();
      return true;
    };
    EXPECT_THAT(complaint_of([&] { hurried_->with_context(work); }).said(), HasSubstr("answered"));
  });
  started.get_future().wait();
  const auto wait = [&] { hurried_->with_context([](auto*) { return true; }); };
  EXPECT_THAT(complaint_of(wait).said(), HasSubstr("`openpgp.processes`"));
  EXPECT_THAT(complaint_of([&] { hurried_->empty(); }).said(), HasSubstr("`openpgp.processes`"));
  released.set_value();
  busy.join();
  EXPECT_NO_THROW(wait());
}

}  // namespace
}  // namespace siegel::tests
