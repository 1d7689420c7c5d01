#pragma once

#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "tests/pki/gpg_command.h"
#include "tests/pki/gpg_workbench.h"

namespace siegel::tests {

using Sealed = pki::OpenPgpDecrypted::Outcome;
using Mark = pki::OpenPgpSignature::Outcome;

/// Anna has gpg on her command line; the Bauamt has ours.
class GpgCitizen : public testing::Test {
 protected:
  static constexpr auto text = "Guten Tag\r\n";

  [[nodiscard]] pki::OpenPgpKey read(const std::string& octets) const {
    auto result = bench_->read(octets, {});
    if (result.keys.size() != 1) throw std::runtime_error("not read: " + result.trouble);
    return std::move(result.keys.front());
  }
  [[nodiscard]] pki::OpenPgpKey anna() const { return read(anna_.exported(anna_id_)); }
  /// Anna's signature over `text`.
  [[nodiscard]] std::string signature(const std::vector<std::string>& options = {}) const {
    std::vector<std::string> words{"--armor", "-u", anna_id_};
    words.insert(words.end(), options.begin(), options.end());
    words.push_back("--detach-sign");
    return anna_(words, text);
  }
  [[nodiscard]] std::vector<pki::OpenPgpSignature> verified(
      const std::string& signature_text) const {
    const pki::OpenPgpKey key = anna();
    return bench_->verify(signature_text, text, std::span(&key, 1));
  }
  /// From Anna to the Bauamt.
  [[nodiscard]] std::string encrypted(const std::string& content,
                                      const std::vector<std::string>& options = {}) const {
    std::vector<std::string> words{"-r", bauamt_.fingerprint()};
    words.insert(words.end(), options.begin(), options.end());
    words.push_back("--encrypt");
    return anna_(words, content);
  }
  void SetUp() override { anna_({"--import"}, bauamt_.octets); }

  static Time now() {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now());
  }

  GpgWorkbench bench_;
  GpgCommand anna_;
  std::string anna_id_ = anna_.make("Anna <anna@buerger.example>");
  pki::OpenPgpKey bauamt_ = bench_.own("bauamt@stadt.example");
};

}  // namespace siegel::tests
