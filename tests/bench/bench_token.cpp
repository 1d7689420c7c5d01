// Signatures a second by keys in SoftHSM beside keys in memory. Figures are printed, nothing is
// judged.

#include <chrono>
#include <thread>
#include <vector>

#include <fmt/core.h>

#include "gateway/crypt/smime.h"
#include "pki/token.h"
#include "tests/crypt/smime_world.h"
#include "tests/support/soft_token.h"

namespace siegel::bench {
namespace {

using Watch = std::chrono::steady_clock;

double signatures_a_second(const pki::PrivateKey& key, std::size_t threads) {
  constexpr std::size_t each = 100;
  const tests::Party party = tests::world().person("anna@stadt.example", key);
  const auto start = Watch::now();
  {
    std::vector<std::jthread> workers;
    for (std::size_t i = 0; i < threads; ++i) {
      workers.emplace_back([&party] {
        for (std::size_t n = 0; n < each; ++n)
          static_cast<void>(crypt::smime::sign_detached(tests::octets(tests::mail_entity),
                                                        party.signer(), tests::noon()));
      });
    }
  }
  const std::chrono::duration<double> taken = Watch::now() - start;
  return static_cast<double>(each * threads) / taken.count();
}

void print_all() {
  fmt::print("\n| signatures a second | threads | in the token | in memory |\n|---|---|---|---|\n");
  pki::Token& token = pki::Token::of(tests::soft_hsm().settings());
  for (const auto type :
       {pki::KeyType::rsa_3072, pki::KeyType::p256, pki::KeyType::brainpool_p256r1}) {
    const auto hidden = token.generate(type, "bench");
    for (const std::size_t threads : {1U, 8U}) {
      fmt::print("| {} | {} | {:.0f} | {:.0f} |\n", pki::name(type), threads,
                 signatures_a_second(hidden, threads),
                 signatures_a_second(tests::shared_key(type), threads));
    }
  }
}

}  // namespace
}  // namespace siegel::bench

int main() {
  siegel::bench::print_all();
}
