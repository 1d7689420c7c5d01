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

/// A bench, and the Bauamt's secret key to bring there: its agent is needed for that.
class GpgHang : public GpgCitizen {
 protected:
  [[nodiscard]] std::optional<pki::Secret> secret() const {
    return pki::Secret(bench_.secret_of(bauamt_));
  }
  [[nodiscard]] bool brings_the_secret_key() {
    stage_->lose_secret(bauamt_.fingerprint());
    return stage_->with_context(
        [&](auto* context) { return stage_->bring_secret(context, bauamt_.fingerprint()); });
  }
  [[nodiscard]] std::unique_ptr<pki::gpg::Bench> bench_with(std::chrono::seconds patience) const {
    return std::make_unique<pki::gpg::Bench>(
        pki::Gpg::Settings{.directory = folder_ / "g", .processes = 1},
        pki::Gpg::SecretSource{[this](const std::string&) { return secret(); }, {}}, patience);
  }
  /// The process of the agent, which no longer moves.
  int stop_agent() {
    const int agent = agent_of(stage_->home().path());
    if (agent > 0) ::kill(agent, SIGSTOP);
    return agent;
  }
  /// True if it goes; one that nobody has waited for has no command line.
  [[nodiscard]] static bool goes(int process) {
    const auto is_gone = [&] {
      std::ifstream file("/proc/" + std::to_string(process) + "/cmdline");
      return file.get() == std::ifstream::traits_type::eof();
    };
    for (int i = 0; i < 1000 && !is_gone(); ++i) std::this_thread::sleep_for(10ms);
    return is_gone();
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
  // With the patience of the gateway: a machine that is busy may start gpg and its agent slowly.
  std::unique_ptr<pki::gpg::Bench> stage_ = bench_with(pki::gpg::longest_operation);
};

TEST_F(GpgHang, AnAgentThatHangsIsEndedAndTheNextOneWorks) {
  ASSERT_TRUE(brings_the_secret_key());
  const int agent = stop_agent();
  ASSERT_GT(agent, 0);
  const Error error = complaint_of(
      [&] { pki::gpg::in_time(stage_->home(), 1s, [&] { return brings_the_secret_key(); }); });
  EXPECT_EQ(error.fault(), Fault::world);
  EXPECT_THAT(error.said(), HasSubstr("has not answered for a long time"));
  EXPECT_TRUE(goes(agent));
  EXPECT_TRUE(brings_the_secret_key());
}

TEST_F(GpgHang, AnAgentThatHangsEndsWithItsHome) {
  ASSERT_TRUE(brings_the_secret_key());
  const int agent = stop_agent();
  ASSERT_GT(agent, 0);
  stage_.reset();
  EXPECT_TRUE(goes(agent));
  EXPECT_TRUE(std::filesystem::is_empty(folder_ / "g"));
}

TEST_F(GpgHang, NobodyWaitsForHisTurnForEver) {
  stage_ = bench_with(1s);
  std::promise<void> started, released;
  std::thread busy([&] {
    const auto work = [&](auto*) {
      started.set_value();
      released.get_future().wait();
      return true;
    };
    EXPECT_THAT(complaint_of([&] { stage_->with_context(work); }).said(), HasSubstr("answered"));
  });
  started.get_future().wait();
  const auto wait = [&] { stage_->with_context([](auto*) { return true; }); };
  EXPECT_THAT(complaint_of(wait).said(), HasSubstr("`openpgp.processes`"));
  EXPECT_THAT(complaint_of([&] { stage_->empty(); }).said(), HasSubstr("`openpgp.processes`"));
  released.set_value();
  busy.join();
  EXPECT_NO_THROW(wait());
}

}  // namespace
}  // namespace siegel::tests
